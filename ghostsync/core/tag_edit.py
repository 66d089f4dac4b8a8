"""`tags.yaml`, edited: pull brings what Ghost says about a tag into the file and touches nothing else.

Both forms are kept (a list of mappings, a mapping from slug to mapping), and so are comments, order and quotes. A tag
that stands there as a bare name gets a mapping when there is more to say than its name. Every edit is read back, and
refused unless the file then says exactly what was wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ghostsync.core.edit_yaml import Step, drop_yaml, put_yaml, rewrite_yaml
from ghostsync.core.edit_yaml_lists import CannotEdit
from ghostsync.core.fields import TAG_FIELDS
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.frontmatter import BOM, newline_of
from ghostsync.core.raw import ScalarKind
from ghostsync.core.slugs import tag_slug
from ghostsync.core.syntax_yaml import compose_yaml
from ghostsync.core.tags import parse_tags
from ghostsync.core.yaml_scalars import Quotes, write_literal, write_scalar
from ghostsync.errors import ContentError, Problem
from ghostsync.model import FieldName, FieldValue, Slug, Tag

_NAME = FieldName("name")


def edit_tags(source: str, edits: Mapping[Slug, Mapping[FieldName, FieldValue]], added: Sequence[Tag] = ()) -> str:
    """Return the text of `tags.yaml` with fields changed (None takes a key away) and tags added at its end.

    `edits` may change `name` as well. Raises ContentError when a change cannot be made safely.
    """
    before, problems = parse_tags(source.encode("utf-8", "surrogatepass"))
    if problems:
        raise ContentError(f"{TAGS_FILE} cannot be read", problems=problems)
    text = source
    try:
        for slug, fields in edits.items():
            for name, value in fields.items():
                text = _edit(text, slug, name, value)
        for tag in added:
            text = _add(text, tag)
    except CannotEdit as wrong:
        raise _refused(str(wrong)) from None
    _prove(text, _expected(before, edits, added))
    return text


def _edit(text: str, slug: Slug, name: FieldName, value: FieldValue) -> str:
    bom = BOM if text.startswith(BOM) else ""
    content = text.removeprefix(BOM)
    place = _place(content, slug)
    path = _key_path(content, place, name)
    if value is None:
        return bom + (drop_yaml(content, path) if _has(content, path) else content)
    kind = ScalarKind.FLAG if isinstance(value, bool) else ScalarKind.TEXT
    given = value if isinstance(value, str | bool) else ""
    newline = newline_of(content)
    try:
        edited = put_yaml(content, path, given, kind=kind, newline=newline, after=_last_key(content, path[:-1]))
    except CannotEdit:
        edited = rewrite_yaml(content, path, given)
    return bom + edited


def _place(content: str, slug: Slug) -> tuple[Step, ...]:
    """Return where the tag stands: an index of the list, or a key of the mapping."""
    root = compose_yaml(content)
    if isinstance(root, SequenceNode):
        for index, item in enumerate(root.value):
            tags, _ = parse_tags(_alone(content, item.start_mark.index, item.end_mark.index, item.start_mark.column))
            if any(tag.slug == slug for tag in tags):
                if not isinstance(item, MappingNode):
                    raise CannotEdit(f"the tag `{slug}` is written as a bare name")
                return (index,)
    if isinstance(root, MappingNode):
        for key, value in root.value:
            if isinstance(key, ScalarNode) and _slug_of_entry(key.value, value) == slug:
                if not isinstance(value, MappingNode):
                    raise CannotEdit(f"the tag `{slug}` has no mapping yet")
                return (key.value,)
    raise CannotEdit(f"the tag `{slug}` was not found")


def _slug_of_entry(key: str, value: object) -> Slug:
    if isinstance(value, MappingNode):
        for name, inner in value.value:
            if isinstance(name, ScalarNode) and name.value == "slug" and isinstance(inner, ScalarNode) and inner.value:
                return tag_slug(inner.value)
    return tag_slug(key)


def _alone(content: str, start: int, end: int, column: int) -> bytes:
    return f"- {content[start:end]}".replace("\n" + " " * column, "\n  ").encode("utf-8", "surrogatepass")


def _key_path(content: str, place: tuple[Step, ...], name: FieldName) -> tuple[Step, ...]:
    """Return the key that says this field, as the author spells it; else where a new one goes."""
    spec = TAG_FIELDS[name]
    for spelling in spec.paths:
        if _has(content, (*place, *spelling)):
            return (*place, *spelling)
    for spelling in spec.spellings:
        if len(spelling) > 1 and isinstance(_node(content, (*place, spelling[0])), MappingNode):
            return (*place, *spelling)
    return (*place, name)


def _has(content: str, path: tuple[Step, ...]) -> bool:
    return _node(content, path) is not None


def _node(content: str, path: tuple[Step, ...]) -> object:
    node: object = compose_yaml(content)
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str):
            node = next((v for k, v in node.value if isinstance(k, ScalarNode) and k.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node


def _last_key(content: str, place: tuple[Step, ...]) -> str | None:
    node = _node(content, place)
    keys = [k.value for k, _ in node.value if isinstance(k, ScalarNode)] if isinstance(node, MappingNode) else []
    return keys[-1] if keys else None


# ---------------------------------------------------------------------------------------------- new tags


def render_tags(tags: Sequence[Tag]) -> str:
    """Return a whole new `tags.yaml`."""
    return "\n".join("".join(f"{line}\n" for line in _item(tag, "- ", "  ", "\n")) for tag in tags)


def _add(text: str, tag: Tag) -> str:
    newline = newline_of(text)
    content = text.removeprefix(BOM)
    root = compose_yaml(content)
    if root is not None and (not isinstance(root, SequenceNode | MappingNode) or root.flow_style):
        raise CannotEdit("it is written in a form to which nothing can be added")
    if text and not text.endswith(("\n", "\r")):
        text += newline
    if isinstance(root, MappingNode):
        key = write_scalar(tag.slug, Quotes.PLAIN, flow=False)
        lines = [f"{key}:", *(f"  {line}" for line in _item(replace(tag, slug=tag_slug(tag.name)), "", "", newline))]
        return text + "".join(f"{line}{newline}" for line in lines)
    indent = " " * root.start_mark.column if isinstance(root, SequenceNode) else ""
    return text + "".join(f"{indent}{line}{newline}" for line in _item(tag, "- ", "  ", newline))


def _item(tag: Tag, first: str, rest: str, newline: str) -> list[str]:
    written: dict[str, FieldValue] = {"name": tag.name}
    if tag.slug != tag_slug(tag.name):
        written["slug"] = tag.slug
    written |= {name: tag.fields[name] for name in TAG_FIELDS if tag.fields.get(name) is not None}
    lines: list[str] = []
    for name, value in written.items():
        prefix = first if not lines else rest
        indent = len(rest) + 2
        if isinstance(value, bool):
            lines.append(f"{prefix}{name}: {'true' if value else 'false'}")
        else:
            text = str(value)
            scalar = write_literal(text, indent, newline) or write_scalar(text, Quotes.PLAIN, flow=False)
            lines.append(f"{prefix}{name}: {scalar}")
    return lines


# ---------------------------------------------------------------------------------------------- proof


def _expected(
    before: Sequence[Tag], edits: Mapping[Slug, Mapping[FieldName, FieldValue]], added: Sequence[Tag]
) -> dict[Slug, tuple[str, dict[FieldName, FieldValue]]]:
    said: dict[Slug, tuple[str, dict[FieldName, FieldValue]]] = {
        tag.slug: (tag.name, {k: v for k, v in tag.fields.items() if v is not None}) for tag in before
    }
    for slug, fields in edits.items():
        name, values = said[slug]
        values = {**values, **{k: v for k, v in fields.items() if k != _NAME}}
        said[slug] = (str(fields.get(_NAME, name)), {k: v for k, v in values.items() if v is not None})
    for tag in added:
        said[tag.slug] = (tag.name, {k: v for k, v in tag.fields.items() if v is not None})
    return said


def _prove(text: str, wanted: Mapping[Slug, tuple[str, Mapping[FieldName, FieldValue]]]) -> None:
    after, problems = parse_tags(text.encode("utf-8", "surrogatepass"))
    if problems:
        raise _refused(f"the result could not be read: {problems[0].message}")
    said = {tag.slug: (tag.name, {k: v for k, v in tag.fields.items() if v is not None}) for tag in after}
    if said != dict(wanted):
        differ = sorted(slug for slug in said.keys() | wanted.keys() if said.get(slug) != wanted.get(slug))
        raise _refused(f"it would not say what it should about {', '.join(differ)}")


def _refused(what: str) -> ContentError:
    message = f"{TAGS_FILE} cannot be edited safely: {what}"
    return ContentError(message, hint="change it by hand", problems=(Problem(path=TAGS_FILE, message=message),))
