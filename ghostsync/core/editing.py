"""Front matter, edited: pull brings a field from Ghost into a file and touches nothing else.

The author's own way of saying it is kept: the key that was used (`description:` under Hugo's preset, `draft: true`
instead of a status, `title` under `og:`), the quotes, the kind of list, the line breaks, comments, the order of keys.
A title that is the text's leading `# heading` is changed there.

Every edit is proved before it is handed out: the result is read again, and unless exactly the wanted fields have
changed, all other keys say what they said, and the body is the same, `ContentError` is raised and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import Enum, auto
from typing import Final

from ghostsync.core.aliases import AliasTable, KeyPath, Reading, Special
from ghostsync.core.dates import render_date, render_date_like
from ghostsync.core.documents import find_heading, heading_text
from ghostsync.core.edit_choices import ORDER, as_text, effective, names_of, neighbour, rest_of
from ghostsync.core.edit_json import drop_json, put_json
from ghostsync.core.edit_toml import drop_toml, put_toml
from ghostsync.core.edit_yaml import EditValue, drop_yaml, put_yaml, rewrite_yaml
from ghostsync.core.edit_yaml_lists import CannotEdit
from ghostsync.core.fields import FIELDS, FieldSpec, ValueKind, fields_of
from ghostsync.core.frontmatter import BOM, FrontMatter, newline_of, parse_front_matter
from ghostsync.core.keys import Written, draft_value, find_written, read_fields
from ghostsync.core.raw import Listing, Scalar, ScalarKind, Table
from ghostsync.core.syntax_yaml import read_yaml
from ghostsync.core.yaml_scalars import Quotes, write_literal, write_scalar
from ghostsync.errors import ContentError, Problem
from ghostsync.model import DocPath, FieldName, FieldValue, Kind, Syntax


class Removed(Enum):
    """Stands for a key that goes."""

    REMOVED = auto()


REMOVED: Final = Removed.REMOVED

Change = FieldValue | Removed

_TITLE, _STATUS = FieldName("title"), FieldName("status")
# Where a new key is written otherwise than the field is called.
_FRIENDLY: Mapping[FieldName, str] = {FieldName("published_at"): "date"}
_SCALAR_KINDS = {ValueKind.DATE: ScalarKind.DATE, ValueKind.FLAG: ScalarKind.FLAG}


def edit_front_matter(
    source: str,
    changes: Mapping[FieldName, Change],
    *,
    aliases: AliasTable | None = None,
    zone: tzinfo = UTC,
    path: DocPath = DocPath("document"),  # noqa: B008 (a plain string)
) -> str:
    """Return the file's text with the fields changed and every other byte as it was.

    Tags in `changes` are names as they are to be written. None writes an explicit "empty"; `REMOVED` takes the key
    away. Changes that are already so in the file change nothing. `aliases` and `zone` are the configuration's.

    Raises ContentError when the file cannot be read or a change cannot be made safely.
    """
    editor = _Editor(source, aliases or AliasTable.build(), zone)
    front = parse_front_matter(source)
    if not isinstance(front, FrontMatter):
        raise ContentError(f"{path} cannot be read", problems=tuple(fault.at(path) for fault in front))
    before = read_fields(front.table, editor.aliases, zone)
    wanted = {
        name: _settled(FIELDS[name], changes[name])
        for name in sorted(changes, key=ORDER.__getitem__)
        if _differs(before.values, name, _settled(FIELDS[name], changes[name]))
    }
    try:
        for name, value in wanted.items():
            editor.apply(FIELDS[name], value)
        editor.prove(front, before.values, wanted)
    except CannotEdit as wrong:
        problem = Problem(
            path=path,
            line=next((before.lines[name] for name in wanted if name in before.lines), None),
            message=f"the front matter cannot be edited safely: {wrong}",
            hint=f"change by hand: {', '.join(wanted)}",
        )
        raise ContentError(f"{path}: {problem.message}", hint=problem.hint, problems=(problem,)) from None
    return editor.source


def new_front_matter(fields: Mapping[FieldName, FieldValue], kind: Kind, newline: str = "\n") -> str:
    """Return YAML front matter for a new file, keys in the table's order, with the `---` lines."""
    lines = ["---"]
    lines.extend(
        _new_yaml_line(spec, _settled(spec, fields[spec.name]), newline)
        for spec in fields_of(kind)
        if spec.name in fields
    )
    return newline.join((*lines, "---", ""))


def _new_yaml_line(spec: FieldSpec, value: Change, newline: str) -> str:
    key = _FRIENDLY.get(spec.name, spec.name)
    match _editable(spec, value):
        case bool() as flag:
            return f"{key}: {'true' if flag else 'false'}"
        case tuple() as names:
            return f"{key}: [{', '.join(write_scalar(name, Quotes.PLAIN, flow=True) for name in names)}]"
        case str() as text:
            kind = _SCALAR_KINDS.get(spec.value, ScalarKind.TEXT)
            scalar = write_scalar(text, Quotes.PLAIN, flow=False, kind=kind)
            return f"{key}: {write_literal(text, 2, newline) or scalar}"


def _settled(spec: FieldSpec, value: Change) -> Change:
    """Return the change in the form in which the file will say it: an empty text is None, a title is trimmed."""
    if isinstance(value, str) and spec.name == _TITLE:
        value = value.strip()
    return None if value == "" else value


def _differs(values: Mapping[FieldName, FieldValue], name: FieldName, value: Change) -> bool:
    if value is REMOVED:
        return name in values
    return name not in values or values[name] != value


def _editable(spec: FieldSpec, value: Change) -> EditValue:
    """Return what is written for a value; an explicit "empty" is an empty text, list or the default flag."""
    match value:
        case None:
            return () if spec.is_list else (bool(spec.default) if spec.value is ValueKind.FLAG else "")
        case str() if spec.value is ValueKind.DATE:
            return render_date(value)
        case bool() | str() | tuple():
            return value
        case _:
            raise CannotEdit(f"`{spec.name}` has no value")


@dataclass(slots=True)
class _Editor:
    """The file's text while it is edited, one change after the other."""

    source: str
    aliases: AliasTable
    zone: tzinfo

    def apply(self, spec: FieldSpec, value: Change) -> None:
        """Make one change."""
        front, written = self._look()
        places = written.get(spec.name, [])
        if spec.name == _STATUS and (written.get(Special.DRAFT) or written.get(Special.NOT_DRAFT)):
            self._apply_status(written, value)
        elif value is REMOVED:
            self._drop_all(places)
        elif not places and spec.name == _TITLE and self._edit_heading(front, value):
            return
        elif spec.is_list and len(places) > 1 and isinstance(value, tuple):
            self._apply_joined(spec, places, value)
        else:
            self._put(spec, effective(places), _editable(spec, value))
            if len(places) > 1 and not self._says(spec.name, value):
                self._drop_all([place for place in places if place is not effective(places)])

    def prove(
        self, front: FrontMatter, before: Mapping[FieldName, FieldValue], wanted: Mapping[FieldName, Change]
    ) -> None:
        """Read the result and raise CannotEdit unless it says what it should and nothing else."""
        after = parse_front_matter(self.source)
        if not isinstance(after, FrontMatter):
            raise CannotEdit("the result cannot be read")
        expected = dict(before)
        for name, value in wanted.items():
            if value is REMOVED:
                expected.pop(name, None)
            elif name != _TITLE or _TITLE in before or self._heading(after) != value:
                expected[name] = value
        read = read_fields(after.table, self.aliases, self.zone)
        said = {name: value for name, value in expected.items() if value is not None}
        found = {name: value for name, value in read.values.items() if value is not None}
        if said != found:
            wrong = sorted(name for name in said.keys() | found.keys() if said.get(name) != found.get(name))
            raise CannotEdit(f"it would not say what it should about {', '.join(wrong)}")
        touched = {path[0] for found in (front, after) for path in self._paths_of(found, wanted)}
        if rest_of(front.table, touched) != rest_of(after.table, touched):
            raise CannotEdit("other keys would change")

    def _look(self) -> tuple[FrontMatter, dict[FieldName | Special, list[Written]]]:
        front = parse_front_matter(self.source)
        if not isinstance(front, FrontMatter):
            raise CannotEdit("it would no longer be readable")
        written, _ = find_written(front.table, self.aliases)
        return front, written

    def _says(self, name: FieldName, value: Change) -> bool:
        front, _ = self._look()
        return not _differs(read_fields(front.table, self.aliases, self.zone).values, name, value)

    def _apply_status(self, written: Mapping[FieldName | Special, list[Written]], value: Change) -> None:
        flags = [*written.get(Special.DRAFT, []), *written.get(Special.NOT_DRAFT, [])]
        places = written.get(_STATUS, [])
        if value is REMOVED or value not in ("draft", "published"):
            # A flag cannot say `scheduled`.
            if value is not REMOVED and not places:
                self._put(FIELDS[_STATUS], None, _editable(FIELDS[_STATUS], value))
            elif value is not REMOVED:
                self._put(FIELDS[_STATUS], places[0], _editable(FIELDS[_STATUS], value))
            else:
                self._drop_all(places)
            self._drop_all([flag for flag in flags if value is REMOVED or draft_value(flag) is not False])
            return
        if places:
            self._put(FIELDS[_STATUS], places[0], str(value))
        for flag in flags:
            is_draft = value == "draft"
            self._write(flag.path, is_draft if flag.target.means is Special.DRAFT else not is_draft, ScalarKind.FLAG)

    def _apply_joined(self, spec: FieldSpec, places: list[Written], value: tuple[str, ...]) -> None:
        """Spread a list over the keys that make it up; where that cannot give the order, use the first alone."""
        wanted = {name.casefold() for name in value}
        parts = [[name for name in names_of(place) if name.casefold() in wanted] for place in places]
        known = {name.casefold() for part in parts for name in part}
        parts[0].extend(name for name in value if name.casefold() not in known)
        joined = dict.fromkeys(name for part in parts for name in part)
        if tuple(joined) == value and all(parts):
            for place, part in zip(places, parts, strict=True):
                if tuple(part) != names_of(place):
                    self._put(spec, place, tuple(part))
            return
        self._drop_all(places[1:])
        self._put(spec, places[0], value)

    def _put(self, spec: FieldSpec, place: Written | None, value: EditValue) -> None:
        kind = _SCALAR_KINDS.get(spec.value, ScalarKind.TEXT)
        if place is None:
            self._write(self._new_path(spec), value, kind, spec)
            return
        match value, place.raw:
            case str(), Scalar(text=old) if spec.value is ValueKind.DATE:
                value = render_date_like(value, old, self.zone)
            case tuple(), Scalar(kind=how, text=old) if how is not ScalarKind.EMPTY:
                value = as_text(value, old, place.target.reading)
            case str(), Listing() if place.target.reading is Reading.FIRST:
                value = (value, *names_of(place)[1:])
            case _:
                pass
        self._write(place.path, value, kind, spec)

    def _new_path(self, spec: FieldSpec) -> KeyPath:
        """Return where a new key goes: into a mapping that the author began (`og:`), else flat."""
        front, _ = self._look()
        for spelling in spec.spellings:
            if len(spelling) > 1 and isinstance(front.table.get(spelling[0]), Table):
                return spelling
        return (_FRIENDLY.get(spec.name, spec.name),)

    def _write(self, path: KeyPath, value: EditValue, kind: ScalarKind, spec: FieldSpec | None = None) -> None:
        front, written = self._look()
        newline = newline_of(self.source)
        if front.syntax is Syntax.NONE:
            self._begin_front_matter(path, value, kind, newline)
            return
        after = neighbour(front.table, written, spec, path)
        content = self._content(front)
        match front.syntax:
            case Syntax.YAML:
                edited = _or_rewrite(
                    lambda: put_yaml(content, path, value, kind=kind, newline=newline, after=after),
                    content,
                    path,
                    value,
                )
            case Syntax.TOML:
                edited = put_toml(content, path, value, kind=kind, newline=newline)
            case Syntax.JSON:
                edited = put_json(content, path, value, newline=newline, after=after)
        self._replace_content(front, edited)

    def _drop_all(self, places: list[Written]) -> None:
        for place in places:
            front, _ = self._look()
            content = self._content(front)
            match front.syntax:
                case Syntax.YAML:
                    edited = _or_rewrite(
                        lambda text=content, path=place.path: drop_yaml(text, path),  # type: ignore[misc]
                        content,
                        place.path,
                        None,
                    )
                case Syntax.TOML:
                    edited = drop_toml(content, place.path, newline=newline_of(self.source))
                case Syntax.JSON:
                    edited = drop_json(content, place.path)
                case Syntax.NONE:
                    continue
            self._replace_content(front, edited)

    def _content(self, front: FrontMatter) -> str:
        return self.source[front.content_start : front.content_end]

    def _replace_content(self, front: FrontMatter, content: str) -> None:
        self.source = self.source[: front.content_start] + content + self.source[front.content_end :]

    def _begin_front_matter(self, path: KeyPath, value: EditValue, kind: ScalarKind, newline: str) -> None:
        bom = BOM if self.source.startswith(BOM) else ""
        body = self.source.removeprefix(BOM)
        content = put_yaml("", path, value, kind=kind, newline=newline, after=None)
        gap = "" if not body or body[0] in "\r\n" else newline
        self.source = f"{bom}---{newline}{content}---{newline}{gap}{body}"

    def _heading(self, front: FrontMatter) -> str | None:
        found = find_heading(self.source, front.body_start)
        return heading_text(found[1]) if found is not None else None

    def _edit_heading(self, front: FrontMatter, value: Change) -> bool:
        """Change the leading `# heading` that is the title; False where there is none, or it cannot say the title."""
        found = find_heading(self.source, front.body_start)
        if found is None or not isinstance(value, str) or "\n" in value:
            return False
        raw = re.sub(r"([\\`*_\[\]<>#{}])", r"\\\1", value)
        for text in (value, raw):
            if heading_text(text) == value and not text.endswith("#"):
                self.source = self.source[: found.start(1)] + text + self.source[found.end(1) :]
                again = find_heading(self.source, front.body_start)
                return again is not None and heading_text(again[1]) == value
        return False

    def _paths_of(self, front: FrontMatter, wanted: Mapping[FieldName, Change]) -> Iterator[KeyPath]:
        written, _ = find_written(front.table, self.aliases)
        for name in wanted:
            yield from (place.path for place in written.get(name, ()))
        if _STATUS in wanted:
            for special in (Special.DRAFT, Special.NOT_DRAFT):
                yield from (place.path for place in written.get(special, ()))


def _or_rewrite(edit: Callable[[], str], content: str, path: KeyPath, value: EditValue | None) -> str:
    try:
        edited = edit()
    except CannotEdit:
        return rewrite_yaml(content, path, value)
    # What an anchor named is gone with it: then everything is written anew.
    return edited if isinstance(read_yaml(edited, 1), Table) else rewrite_yaml(content, path, value)
