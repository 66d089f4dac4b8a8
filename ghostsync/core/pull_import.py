"""A document for a post that has none here: the author's own text again, or a new one.

Where the post still is what its record says, the record's source is the document, byte for byte. Otherwise a document
is composed: front matter of everything that is not as Ghost would have it anyway, and the body as Markdown. Whatever is
composed is read back as the configuration reads it, and must say what Ghost says: defaults of the configuration, file
names that look like dates, titles that YAML would take for numbers all show here, and are answered by writing the value
down explicitly.
"""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.core.arrivals import Arrival
from ghostsync.core.base import SENDING
from ghostsync.core.documents import parse_document
from ghostsync.core.editing import new_front_matter
from ghostsync.core.fields import FIELDS
from ghostsync.core.layout import PullLayout
from ghostsync.core.slugs import tag_slug
from ghostsync.errors import ContentError, Problem
from ghostsync.model import DocPath, Document, FieldName, FieldValue, Kind, Post

_TITLE = FieldName("title")
_SLUG = FieldName("slug")
_STATUS = FieldName("status")
_DATE = FieldName("published_at")
_TAGS = FieldName("tags")
_AUTHORS = FieldName("authors")
_VISIBILITY = FieldName("visibility")
_TIERS = FieldName("tiers")

_ALWAYS = frozenset({_TITLE, _STATUS})


def compose(post: Post, path: DocPath, arrival: Arrival, layout: PullLayout) -> str:
    """Return a whole new document. Raises ContentError where no text at this path would say what Ghost says."""
    if arrival.body is None:
        message = f"the body of the {post.kind} `{post.slug}` cannot be read"
        raise ContentError(message, problems=(Problem(path=path, message=message),))
    body = arrival.body
    fields = _worth_writing(post, arrival.fields)
    if fields.get(_AUTHORS) == (layout.sole_author,):
        del fields[_AUTHORS]
    with_kind = False
    wrong: tuple[str, ...] = ()
    for _ in range(3):
        text = _text(fields, post.kind, body, with_kind=with_kind)
        parsed = parse_document(path, text.encode("utf-8", "surrogatepass"), layout.settings)
        if parsed.document is None:
            wrong = tuple(problem.message for problem in parsed.problems)
            break
        missing = _differences(parsed.document, post, arrival.fields)
        if parsed.document.kind is not post.kind:
            with_kind = True
        elif not missing:
            return text
        wrong = tuple(f"it would not say what Ghost says about {name}" for name in missing)
        fields |= {name: _value(name, post, arrival.fields) for name in missing}
    message = f"the {post.kind} `{post.slug}` cannot be written as a document: {'; '.join(wrong) or 'its kind is lost'}"
    raise ContentError(message, problems=(Problem(path=path, message=message),))


def _text(fields: Mapping[FieldName, FieldValue], kind: Kind, body: str, *, with_kind: bool) -> str:
    front = new_front_matter(fields, kind)
    if with_kind:
        front = front.replace("---\n", f"---\ntype: {kind}\n", 1)
    return f"{front}\n{body}" if body else front


def _worth_writing(post: Post, fields: Mapping[FieldName, FieldValue]) -> dict[FieldName, FieldValue]:
    """Return the fields that Ghost would not choose by itself."""
    worth: dict[FieldName, FieldValue] = {}
    for name, spec in FIELDS.items():
        if name in SENDING or name == _SLUG or post.kind not in spec.kinds or name not in fields:
            continue
        value = fields[name]
        if name in _ALWAYS or value not in (None, (), spec.default):
            worth[name] = value
    if worth.get(_VISIBILITY) != "tiers":
        worth.pop(_TIERS, None)
    return worth


def _value(name: FieldName, post: Post, fields: Mapping[FieldName, FieldValue]) -> FieldValue:
    if name == _TAGS:
        return post.fields.get(_TAGS, ())  # names that a list cannot say exactly are said by their slugs
    return post.slug if name == _SLUG else fields.get(name, FIELDS[name].default)


def _differences(document: Document, post: Post, fields: Mapping[FieldName, FieldValue]) -> tuple[FieldName, ...]:
    """Return what the document says otherwise than Ghost; what it does not say is Ghost's to choose."""
    differ: list[FieldName] = []
    for name, said in document.fields.items():
        if name in SENDING or name == _SLUG:
            continue
        if not _same(name, said, _value(name, post, fields), post):
            differ.append(name)
    if document.slug != post.slug:
        differ.append(_SLUG)
    return tuple(differ)


def _same(name: FieldName, said: FieldValue, held: FieldValue, post: Post) -> bool:
    if name == _TAGS and isinstance(said, tuple):
        slugs = {name: slug for slug, name in post.tag_names.items()}
        return tuple(slugs.get(tag, tag_slug(tag)) for tag in said) == post.fields.get(_TAGS)
    if name == _TITLE:
        return str(said) == str(held or "").strip()
    return (said or None) == (held or None)
