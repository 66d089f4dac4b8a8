"""From a document to what would be sent: references resolved, names resolved, sizes filled in.

Two steps, with the disk between them. `draft_document` (`ghostsync.core.draft`) compiles and tells which files and
documents are referred to; the session then measures those files; `prepare_document` puts addresses in their place. A
file that the site does not serve yet stands as a placeholder, so that the whole plan is known before the first byte is
sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ghostsync.core.addresses import Permalinks, Target, predict_address
from ghostsync.core.answers import BY_TEXT, Leads
from ghostsync.core.changes import placeholder
from ghostsync.core.compare import Prepared
from ghostsync.core.digest import body_digest
from ghostsync.core.draft import Draft, line_of_text
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.measure import measured
from ghostsync.core.near_paths import hint_for_nothing
from ghostsync.core.references import InTree, SiteRelative, classify
from ghostsync.core.slugs import tag_slugs
from ghostsync.errors import Problem
from ghostsync.lexical import rewrite_references
from ghostsync.model import (
    Asset,
    Bucket,
    Digest,
    DocPath,
    Document,
    FieldName,
    FieldValue,
    Slug,
    Upload,
)

_TAGS = FieldName("tags")
_AUTHORS = FieldName("authors")
_TIERS = FieldName("tiers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything about the site and the tree that a document needs to be sent."""

    site_url: str
    now: str
    permalinks: Permalinks
    targets: Mapping[DocPath, Target]
    """Every document, by path."""
    assets: Mapping[DocPath, Asset]
    uploads: Mapping[tuple[Bucket, Digest], str]
    """What the site already serves for us."""
    tag_slugs: Mapping[str, Slug]
    """Name → slug, of `tags.yaml` and of the site."""
    authors: Mapping[str, Slug] | None
    """Slug or lower-case email address → slug; None where no document names an author."""
    tiers: frozenset[Slug] | None
    """Paid tiers; None where no document names one."""
    newsletters: frozenset[Slug] | None = None
    near: Callable[[str], DocPath | None] = lambda _: None
    """Which file was probably meant by a path that leads to nothing."""
    leads: Leads = BY_TEXT
    """What the words of documents lead to."""
    sent: Mapping[DocPath, Mapping[str, str]] = field(default_factory=dict)
    """Document → the references that the record of its post keeps, with what they were sent as."""
    served: Mapping[DocPath, str] = field(default_factory=dict)
    """Files that came down from the site, are unchanged, and so are known at the very address they came from."""


def prepare_document(draft: Draft, around: Surroundings) -> Prepared | tuple[Problem, ...]:
    """Return the document as it would be sent, or what keeps it from being sent."""
    document = draft.document
    found = _Followed(document, around, list(draft.problems))
    # A file or document that answers to such an address one day shows by this that the address then meant the site.
    on_site = _still_there(draft, around)
    found.links |= on_site
    addresses: dict[str, str] = dict(draft.as_is) | on_site
    by_reference: dict[str, Asset] = {}
    for value, target in draft.inside.items():
        if target.path in around.targets:
            address = found.address_of_document(value, target)
        else:
            address = found.address_of_file(value, target, line_of_text(document, value))
            if target.path in found.assets:
                by_reference[value] = found.assets[DocPath(target.path)]
        if address is not None:
            addresses[value] = address
            if classify(value, document.path) != target:
                found.links[value] = address  # the text alone does not say which file it is
    pictures: dict[str, str] = dict(draft.as_is) | on_site
    for value, target in draft.pictures.items():
        address = found.address_of_file(value, target, _field_line(document, value))
        if address is not None:
            pictures[value] = address
            if isinstance(classify(value, document.path), SiteRelative):
                found.links[value] = address
    fields = _resolve_fields(document, around, pictures, found.problems)
    if found.problems:
        return tuple(found.problems)
    lexical = rewrite_references(measured(draft.lexical, by_reference), addresses)
    return Prepared(
        document=document,
        fields=fields,
        lexical=lexical,
        body=body_digest(lexical, site_url=around.site_url),
        assets=found.assets,
        known=found.known,
        links=found.links,
        source_body=document.body,
    )


def _still_there(draft: Draft, around: Surroundings) -> dict[str, str]:
    """Return address from the site's root → what it is sent as, where nothing here answers to it.

    What it was sent as before stays: the document that answered may be missing in this clone alone, or have left its
    post in Ghost, and the link works. Only on the site itself, since editors can write a record.
    """
    sent = around.sent.get(draft.document.path, {})
    return {
        value: sent[value] if sent.get(value, value).startswith(around.site_url) else value for value in draft.on_site
    }


@dataclass(slots=True)
class _Followed:
    """What a document refers to, followed one by one; what leads to nothing is a problem, and has no address."""

    document: Document
    around: Surroundings
    problems: list[Problem]
    links: dict[str, str] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    known: dict[str, Upload] = field(default_factory=dict)

    def address_of_document(self, value: str, target: InTree) -> str | None:
        around, line = self.around, line_of_text(self.document, value)
        other = around.targets[target.path]
        address = predict_address(other, around.permalinks, site_url=around.site_url, now=around.now)
        if address is None:
            message = f"the address of `{target.path}` is not known before it is published"
            hint = f"publish `{target.path}` first, or link to its address"
            self.problems.append(Problem(path=self.document.path, line=line, message=message, hint=hint))
            return None
        self.links[value] = address + target.tail
        return self.links[value]

    def address_of_file(self, value: str, target: InTree, line: int | None) -> str | None:
        asset = self.around.assets.get(target.path)
        if asset is None:
            message = f"`{value}` leads to nothing: there is no file `{target.path}`"
            hint = hint_for_nothing(value, self.around.near(target.path))
            self.problems.append(Problem(path=self.document.path, line=line, message=message, hint=hint))
            return None
        self.assets[asset.path] = asset
        url = self.around.served.get(asset.path) or self.around.uploads.get((asset.bucket, asset.sha256))
        if url is not None:
            self.known[asset.path] = Upload(sha256=asset.sha256, url=url)
        return (url or placeholder(asset.sha256)) + target.tail


def _field_line(document: Document, value: str) -> int | None:
    return next((document.line_of(name) for name, given in document.fields.items() if given == value), None)


def _resolve_fields(
    document: Document, around: Surroundings, pictures: Mapping[str, str], problems: list[Problem]
) -> dict[FieldName, FieldValue]:
    resolved: dict[FieldName, FieldValue] = {}
    for name, value in document.fields.items():
        if FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
            resolved[name] = pictures.get(value, value)
        elif name == _TAGS and isinstance(value, tuple):
            resolved[name] = tag_slugs(value, around.tag_slugs)
        elif name == _AUTHORS and isinstance(value, tuple):
            resolved[name] = _resolve_authors(document, value, around, problems)
        elif name == _TIERS and isinstance(value, tuple):
            _check_tiers(document, value, around, problems)
            resolved[name] = tuple(sorted(value))
        else:
            resolved[name] = value
    return resolved


def _resolve_authors(
    document: Document, names: tuple[str, ...], around: Surroundings, problems: list[Problem]
) -> tuple[str, ...]:
    """Ghost replaces an unknown author by the site's owner without a word; here it is a problem."""
    known = around.authors or {}
    found = []
    for name in names:
        slug = known.get(name) or known.get(name.lower())
        if slug is None:
            slugs = sorted(set(known.values()))
            problems.append(
                Problem(
                    path=document.path,
                    line=document.line_of(_AUTHORS),
                    message=f"there is no author `{name}` on {around.site_url}",
                    hint=f"the site's authors are: {', '.join(slugs)}" if slugs else None,
                )
            )
        else:
            found.append(slug)
    return tuple(dict.fromkeys(found))


def _check_tiers(document: Document, names: tuple[str, ...], around: Surroundings, problems: list[Problem]) -> None:
    """Ghost drops an unknown tier without a word, and then nobody can read the post; here it is a problem."""
    known = around.tiers or frozenset()
    problems.extend(
        Problem(
            path=document.path,
            line=document.line_of(_TIERS),
            message=f"there is no paid tier `{name}` on {around.site_url}",
            hint=f"the site's paid tiers are: {', '.join(sorted(known))}; all members, free ones too, are "
            "`visibility: members`",
        )
        for name in names
        if name not in known
    )
