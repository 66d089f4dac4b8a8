"""Which of several keys is edited, where a new one goes, and in which form a list is written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ghostsync.core.aliases import KeyPath, Reading, Special
from ghostsync.core.edit_yaml import EditValue
from ghostsync.core.fields import FIELDS, FieldSpec
from ghostsync.core.keys import Written
from ghostsync.core.raw import Listing, Raw, Scalar, Table
from ghostsync.model import FieldName

ORDER = {name: index for index, name in enumerate(FIELDS)}
"""The place of each field in the table, in which new keys are put among others."""


def effective(places: list[Written]) -> Written | None:
    """Return the key that counts: the first that says something."""
    speaking = (place for place in places if not (isinstance(place.raw, Scalar) and not place.raw.text.strip()))
    return next(speaking, places[0] if places else None)


def neighbour(
    table: Table, written: Mapping[FieldName | Special, list[Written]], spec: FieldSpec | None, path: KeyPath
) -> str | None:
    """Return the key of the same mapping behind which a new one reads best, or None for the first place."""
    if len(path) > 1:
        inner = table.get(path[0])
        return inner.entries[-1].key if isinstance(inner, Table) and inner.entries else None
    if spec is None or not table.entries:
        return None
    rank = {
        place.path[0]: ORDER[FieldName(name)] for name, found in written.items() if name in ORDER for place in found
    }
    rank |= {place.path[0]: ORDER[FieldName("status")] for place in written.get(Special.DRAFT, ())}
    own = ORDER[spec.name]
    keys = [entry.key for entry in table.entries]
    earlier = [(rank[key], index, key) for index, key in enumerate(keys) if rank.get(key, own) < own]
    if earlier:
        return max(earlier)[2]
    return None if any(key in rank for key in keys) else keys[-1]


def names_of(place: Written) -> tuple[str, ...]:
    """Return the names that a key lists, however it lists them."""
    match place.raw:
        case Listing(items=items):
            return tuple(item.text.strip() for item in items if isinstance(item, Scalar))
        case Scalar(text=text) if place.target.reading is Reading.WORDS:
            return tuple(text.split())
        case Scalar(text=text):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            return ()


def as_text(names: tuple[str, ...], old: str, reading: Reading) -> EditValue:
    """Return names as the text that a list was written as, or as a list where that would not read back."""
    if reading is Reading.WORDS and names and not any(re.search(r"\s", name) for name in names):
        return " ".join(names)
    if reading is Reading.AS_IS and not any("," in name for name in names) and (len(names) == 1 or "," in old):
        return ", ".join(names)
    return names


def rest_of(table: Table, touched: set[str]) -> list[tuple[str, object]]:
    """Return what all keys but the touched ones say."""
    return [(entry.key, _plain(entry.value)) for entry in table.entries if entry.key not in touched]


def _plain(raw: Raw) -> object:
    match raw:
        case Scalar(text=text, kind=kind):
            return text, kind
        case Listing(items=items):
            return [_plain(item) for item in items]
        case Table(entries=entries):
            return {entry.key: _plain(entry.value) for entry in entries}
