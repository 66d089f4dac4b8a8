"""Telling, without compiling anything, that nothing moved between a document and its post.

Base says what the text was, what each link and picture in it was sent as, and which values the document managed. Where
the text is the same, the files and the addresses that it refers to are the same, and the post still equals base, there
is nothing to compare. This is what a run over ten thousand unchanged documents costs, so it looks at faces only.

It may only err to one side: a pair that it does not call settled is compared in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ghostsync.core.answers import Leads
from ghostsync.core.base import STATUS, Base, comparable_fields
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.references import InTree, SiteRelative
from ghostsync.core.slugs import tag_slugs
from ghostsync.model import Asset, DocPath, Face, FieldName, FieldValue, PostFace, Slug

_TAGS = FieldName("tags")
_AUTHORS = FieldName("authors")
_TIERS = FieldName("tiers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What it takes to see where a document's words lead now."""

    site_url: str
    now: str
    tag_slugs: Mapping[str, Slug]
    authors: Mapping[str, Slug]
    leads: Leads
    """What the words of documents lead to."""
    asset: Callable[[DocPath], Asset | None]
    """The file at a path, measured; None where there is none that can be used."""
    address: Callable[[DocPath], str | None]
    """The public address of the document at a path; None where it is not published, or about to move."""


def is_settled(face: Face, post: PostFace, base: Base, look: Lookups) -> bool:
    """Whether the document is the one that base was made of, and says today what it said then.

    The post must equal base already (`equals_base`).
    """
    if face.digest != base.source_digest or face.path != base.path or face.kind is not post.kind:
        return False
    if "scheduled" in (face.fields.get(STATUS), post.fields.get(STATUS)):
        return False  # time alone may move it
    for path, upload in base.images.items():
        asset = look.asset(DocPath(path))
        if asset is None or asset.sha256 != upload.sha256:
            return False
    for reference, address in base.links.items():
        now = _address_of(reference, face.path, base, look)
        # Where nothing here answers any more, what it was sent as stays.
        if now != address and not (now == reference and address.startswith(look.site_url)):
            return False
    mine = _resolved(face, base, look)
    if mine is None:
        return False
    return comparable_fields(mine, site_url=look.site_url, now=look.now) == comparable_fields(
        base.fields, site_url=look.site_url, now=look.now
    )


def _address_of(reference: str, path: DocPath, base: Base, look: Lookups) -> str | None:
    """Return what a reference would be sent as; None where that takes more than base and the lookups."""
    match look.leads.of_reference(reference, path):
        case SiteRelative(url=url):
            return url
        case InTree() as place:
            upload = base.images.get(place.path)
            there = look.address(place.path) if upload is None else upload.url
            return None if there is None else there + place.tail
        case _:
            return None


def _resolved(face: Face, base: Base, look: Lookups) -> dict[FieldName, FieldValue] | None:
    """Return the document's values as they would be sent; None where that takes more than base and the lookups."""
    found = dict(face.fields)
    for name, value in face.fields.items():
        if FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
            place = look.leads.of_name(value, face.path)
            if isinstance(place, InTree):
                upload = base.images.get(place.path)
                if upload is None:
                    return None
                found[name] = upload.url + place.tail
        elif name == _TAGS and isinstance(value, tuple):
            found[name] = tag_slugs(value, look.tag_slugs)
        elif name == _AUTHORS and isinstance(value, tuple):
            slugs = [look.authors.get(author) or look.authors.get(author.lower()) for author in value]
            if None in slugs:
                return None
            found[name] = tuple(dict.fromkeys(slug for slug in slugs if slug is not None))
        elif name == _TIERS and isinstance(value, tuple):
            found[name] = tuple(sorted(value))
    return found
