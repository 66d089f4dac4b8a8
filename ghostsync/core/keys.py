"""From the keys of front matter to fields: which key means what, and what happens when several mean the same.

Everything wrong is collected; nothing stops at the first fault. The places of the keys are kept, because pull edits
the very key that the author used.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import lru_cache

from ghostsync.core.aliases import AliasTable, KeyPath, Reading, Special, Target, presets_that_know
from ghostsync.core.counted import listed
from ghostsync.core.fields import FIELDS, FieldSpec, Removal
from ghostsync.core.raw import Fault, Listing, Raw, Scalar, ScalarKind, Table, describe_raw, is_empty
from ghostsync.core.values import parse_flag, parse_value
from ghostsync.model import FieldName, FieldValue, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One key that means a field: where it stands and what it says."""

    path: KeyPath
    raw: Raw
    line: int
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsRead:
    """What front matter says: valid values, and everything wrong with the rest."""

    values: dict[FieldName, FieldValue]
    lines: dict[FieldName, int]
    kind: Kind | None
    """What `type:` says, where it says it."""
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    """Keys that nobody knows."""


def find_written(table: Table, aliases: AliasTable) -> tuple[dict[FieldName | Special, list[Written]], list[Fault]]:
    """Return the keys for each field, the one that counts first, and a warning for each unknown key."""
    written: dict[FieldName | Special, list[Written]] = {}
    unknown: list[Fault] = []
    for found in _walk(table, (), aliases):
        if isinstance(found, Fault):
            unknown.append(found)
        elif found.target.means is not Special.IGNORED:
            written.setdefault(found.target.means, []).append(found)
    for places in written.values():
        # Own spellings rank 0, in the order of the table; aliases come after them.
        places.sort(key=lambda place: (place.target.rank != 0, place.target.rank))
    return written, unknown


def read_fields(table: Table, aliases: AliasTable, zone: tzinfo = UTC) -> FieldsRead:
    """Return every field that the front matter says, with all its faults."""
    written, unknown = find_written(table, aliases)
    values: dict[FieldName, FieldValue] = {}
    lines: dict[FieldName, int] = {}
    faults: list[Fault] = []
    for spec in FIELDS.values():
        places = written.get(spec.name)
        if not places:
            continue
        value = _read_field(spec, places, zone)
        if isinstance(value, Fault):
            faults.append(value)
        elif value is not None or spec.removal is Removal.RESETS:
            values[spec.name] = value
            lines[spec.name] = places[0].line
    faults.extend(_read_draft(written, values, lines))
    kind = _read_kind(written, aliases)
    if isinstance(kind, Fault):
        faults.append(kind)
        kind = None
    return FieldsRead(values=values, lines=lines, kind=kind, faults=tuple(faults), warnings=tuple(unknown))


def draft_value(place: Written) -> bool | Fault | None:
    """Return whether a `draft:` key (or one that means its contrary) says draft; None where it is empty."""
    if is_empty(place.raw):
        return None
    flag = parse_flag(".".join(place.path), place.raw)
    if isinstance(flag, Fault):
        return flag
    return flag is (place.target.means is Special.DRAFT)


def _walk(table: Table, prefix: KeyPath, aliases: AliasTable) -> Iterator[Written | Fault]:
    for entry in table.entries:
        path = (*prefix, entry.key)
        known = aliases.known(path)
        target = aliases.targets.get(known)
        if isinstance(entry.value, Table) and known in aliases.prefixes:
            if target is None or target.means is not Special.IGNORED:
                yield from _walk(entry.value, path, aliases)
            else:
                # Passed over as a whole, except for the keys under it that are known.
                for found in _walk(entry.value, path, aliases):
                    if isinstance(found, Written):
                        yield found
        elif target is not None:
            yield Written(path=path, raw=entry.value, line=entry.line, target=target)
        else:
            yield _unknown(path, entry.value, entry.line, aliases)


def _unknown(path: KeyPath, value: Raw, line: int, aliases: AliasTable) -> Fault:
    name = ".".join(path)
    if path in aliases.prefixes and not is_empty(value):
        under = sorted(".".join(key) for key in aliases.targets if key[: len(path)] == path)
        return Fault(
            line=line,
            message=f"`{name}` is a mapping, not {describe_raw(value)}",
            hint=f"known keys: {', '.join(under)}",
        )
    presets = [] if aliases.preset else presets_that_know(path)
    if presets:
        hint = f"a key of {listed(presets)}: `preset` in ghostsync.toml says which of them the documents are made for"
        return Fault(line=line, message=f"unknown key `{name}`", hint=hint)
    known = tuple(".".join(key) for key, target in aliases.targets.items() if target.means is not Special.IGNORED)
    close = _closest(name.replace("-", "_").lower(), known)
    return Fault(
        line=line,
        message=f"unknown key `{name}`",
        hint=f"did you mean `{close}`?" if close else f'remove it, or `ignore = ["{name}"]` in ghostsync.toml',
    )


@lru_cache(maxsize=256)
def _closest(name: str, known: tuple[str, ...]) -> str | None:
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.75)), None)


def _read_field(spec: FieldSpec, places: list[Written], zone: tzinfo) -> FieldValue | Fault:
    if spec.is_list:
        joined: dict[str, str] = {}
        for place in places:
            part = parse_value(spec, _apply_reading(place), zone)
            if isinstance(part, Fault):
                return part
            for name in part if isinstance(part, tuple) else ():
                joined.setdefault(name.casefold(), name)
        all_empty = all(is_empty(place.raw) for place in places)
        return None if all_empty and spec.removal is Removal.HANDED_BACK else tuple(joined.values())
    values: list[FieldValue] = []
    for place in places:
        value = parse_value(spec, _apply_reading(place), zone)
        if isinstance(value, Fault):
            # The author knows the key as it stands in the file.
            spelled = value.message.replace(f"`{spec.name}`", f"`{'.'.join(place.path)}`", 1)
            return replace(value, message=spelled)
        values.append(value)
    own = [place for place in places if place.target.rank == 0]
    if len(own) > 1 and values[0] != values[1]:
        return Fault(
            line=own[1].line,
            message=f"`{spec.name}` is written twice: as `{'.'.join(own[0].path)}` on line {own[0].line} "
            f"and as `{'.'.join(own[1].path)}`",
            hint="keep one of the two",
        )
    # An empty key of another tool (`image:` left blank by a template) does not hide one that says something.
    return next((value for value in values if value is not None), values[0])


def _apply_reading(place: Written) -> Raw:
    match place.target.reading, place.raw:
        case Reading.WORDS, Scalar(kind=ScalarKind.PLAIN | ScalarKind.TEXT) as scalar:
            return Listing(tuple(replace(scalar, text=word) for word in scalar.text.split()), scalar.line)
        case Reading.FIRST, Listing(items=items, line=line):
            return items[0] if items else Scalar("", ScalarKind.EMPTY, line)
        case _, raw:
            return raw


def _read_draft(
    written: dict[FieldName | Special, list[Written]],
    values: dict[FieldName, FieldValue],
    lines: dict[FieldName, int],
) -> Iterator[Fault]:
    status = FieldName("status")
    for place in (*written.get(Special.DRAFT, ()), *written.get(Special.NOT_DRAFT, ())):
        is_draft = draft_value(place)
        if isinstance(is_draft, Fault):
            yield is_draft
            continue
        if is_draft is None:
            continue
        said = values.get(status)
        if said is None:
            values[status] = "draft" if is_draft else "published"
            lines[status] = place.line
        elif (said == "draft") is not is_draft:
            yield Fault(
                line=place.line,
                message=f"`{'.'.join(place.path)}` says {'draft' if is_draft else 'not a draft'}, "
                f"line {lines[status]} says {said}",
                hint="keep one of the two",
            )


def _read_kind(written: dict[FieldName | Special, list[Written]], aliases: AliasTable) -> Kind | Fault | None:
    for place in written.get(Special.TYPE, ()):
        if is_empty(place.raw):
            continue
        word = place.raw.text.strip().lower() if isinstance(place.raw, Scalar) else ""
        match word:
            case "post" | "posts":
                return Kind.POST
            case "page" | "pages":
                return Kind.PAGE
            case _ if aliases.preset is not None:
                continue  # other tools have types of their own
            case _:
                return Fault(
                    line=place.line,
                    message=f"`type` is post or page, not {describe_raw(place.raw)}",
                    hint="write `type: page`, or remove it",
                )
    return None
