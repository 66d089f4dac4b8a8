"""`tags.yaml`: what tags are called and look like, as code.

A list of mappings, or a mapping from slug to mapping:

    - name: News
      description: What happened.
    - name: "#series-rust"

    news: {name: News, accent_color: "#ff8800"}

The slug is the identity (Ghost's names may change); without it the slug follows from the name by Ghost's algorithm.
Tags used in documents need not be listed here; a tag listed here exists even if no document uses it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from ghostsync.core.fields import TAG_FIELDS, FieldSpec, Removal
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.frontmatter import BOM
from ghostsync.core.raw import Entry, Fault, Listing, Raw, Scalar, Table, describe_raw, is_empty
from ghostsync.core.slugs import tag_slug
from ghostsync.core.syntax_yaml import read_yaml_value
from ghostsync.core.values import parse_value
from ghostsync.errors import Problem
from ghostsync.model import DocPath, FieldName, FieldValue, Slug, Tag

_NAME = FieldName("name")
_SLUG = FieldName("slug")
_PATHS = {path: spec for spec in TAG_FIELDS.values() for path in spec.paths}
_PREFIXES = {path[:1] for path in _PATHS if len(path) > 1}


def parse_tags(data: bytes, path: DocPath = TAGS_FILE) -> tuple[tuple[Tag, ...], tuple[Problem, ...]]:
    """Return the valid tags of `tags.yaml` and everything wrong with the rest."""
    try:
        source = data.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        return (), (Problem(path=path, line=line, message="this is not UTF-8", hint="save the file as UTF-8"),)
    root = read_yaml_value(source, 1)
    if isinstance(root, tuple):
        return (), tuple(fault.at(path) for fault in root)
    tags: dict[Slug, Tag] = {}
    faults: list[Fault] = []
    for slug_key, raw, line in _entries(root, faults):
        tag = _parse_tag(slug_key, raw, line, faults)
        if tag is None:
            continue
        if tag.slug in tags:
            first = tags[tag.slug].line
            faults.append(
                Fault(line=line, message=f"the tag `{tag.slug}` is already on line {first}", hint="keep one of the two")
            )
            continue
        tags[tag.slug] = tag
    return tuple(tags.values()), tuple(sorted({fault.at(path) for fault in faults}, key=lambda one: one.line or 0))


def _entries(root: Raw, faults: list[Fault]) -> Iterator[tuple[str | None, Raw, int]]:
    match root:
        case Listing(items=items):
            yield from ((None, item, item.line) for item in items)
        case Table(entries=entries):
            yield from ((entry.key, entry.value, entry.line) for entry in entries)
        case Scalar() if is_empty(root):
            return
        case _:
            faults.append(
                Fault(line=root.line, message="`tags.yaml` is a list of tags", hint="write `- name: News` for each tag")
            )


def _parse_tag(slug_key: str | None, raw: Raw, line: int, faults: list[Fault]) -> Tag | None:
    if slug_key is None and isinstance(raw, Scalar) and not is_empty(raw):
        raw = Table((), raw.line) if not raw.text.strip() else _named(raw)
    if slug_key is not None and is_empty(raw):
        raw = Table((), line)
    if not isinstance(raw, Table):
        hint = (
            'a name that begins with `#` needs quotes: "#internal"'
            if is_empty(raw)
            else "write `- name: News` for each tag"
        )
        faults.append(Fault(line=line, message=f"a tag is a mapping, not {describe_raw(raw)}", hint=hint))
        return None
    values: dict[FieldName, FieldValue] = {}
    before = len(faults)
    for spec, value in _fields(raw, faults):
        if value is not None or spec.removal is Removal.RESETS:
            values[spec.name] = value
    if len(faults) > before:
        return None
    name = values.pop(_NAME, None) or slug_key
    slug = values.pop(_SLUG, None) or slug_key
    if not isinstance(name, str) or not name.strip():
        faults.append(Fault(line=line, message="a tag without a name", hint="write `name: News`"))
        return None
    if name.startswith(","):
        faults.append(
            Fault(line=line, message=f"Ghost takes no tag that begins with a comma: `{name}`", hint="remove the comma")
        )
        return None
    own = tag_slug(slug if isinstance(slug, str) and slug else name)
    if name.startswith("#") and values.get(FieldName("visibility")) == "public":
        faults.append(
            Fault(
                line=line,
                message=f"`{name}` begins with # and so is internal, not public",
                hint="remove `visibility`, or the `#`",
            )
        )
        return None
    return Tag(slug=own, name=name.strip(), fields=values, line=line)


def _named(scalar: Scalar) -> Table:
    return Table((Entry("name", scalar, scalar.line),), scalar.line)


def _fields(table: Table, faults: list[Fault]) -> Iterator[tuple[FieldSpec, FieldValue]]:
    for entry in table.entries:
        if (entry.key,) in _PREFIXES and isinstance(entry.value, Table):
            leaves: list[tuple[tuple[str, ...], Raw, int]] = [
                ((entry.key, inner.key), inner.value, inner.line) for inner in entry.value.entries
            ]
        else:
            leaves = [((entry.key,), entry.value, entry.line)]
        for path, raw, line in leaves:
            spec = _PATHS.get(path)
            if spec is None:
                known = ", ".join(name for name in TAG_FIELDS)
                faults.append(
                    Fault(line=line, message=f"unknown key `{'.'.join(path)}` of a tag", hint=f"known keys: {known}")
                )
                continue
            value = parse_value(spec, raw)
            if isinstance(value, Fault):
                faults.append(value)
            else:
                yield spec, value


def tag_digest(tag: Tag) -> str:
    """Return a digest of everything that a tag says, to be compared before it is overwritten."""
    facts = [tag.slug, tag.name, sorted((name, str(value)) for name, value in tag.fields.items())]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
