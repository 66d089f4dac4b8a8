"""From a tag of `tags.yaml` to what would be sent: its pictures are named from the content root."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.core.changes import placeholder
from ghostsync.core.fields import TAG_FIELDS, ValueKind
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.prepare import Surroundings
from ghostsync.core.references import AsIs, InTree, resolve_file
from ghostsync.errors import Problem
from ghostsync.model import (
    FieldName,
    FieldValue,
    Tag,
)


def tag_assets(tags: tuple[Tag, ...]) -> dict[str, InTree]:
    """Return the local files that tags refer to, by reference as written; paths are from the content root."""
    found: dict[str, InTree] = {}
    for tag in tags:
        for name, value in tag.fields.items():
            if TAG_FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
                place = resolve_file(value, TAGS_FILE)
                if isinstance(place, InTree):
                    found[value] = place
    return found


def _literal(name: FieldName, value: FieldValue) -> FieldValue:
    """Return a picture's address that is to be taken as it is without the word that says so."""
    is_picture = TAG_FIELDS[name].value is ValueKind.IMAGE
    place = resolve_file(value, TAGS_FILE) if is_picture and isinstance(value, str) else None
    return place.text if isinstance(place, AsIs) else value


def prepare_tag(tag: Tag, around: Surroundings) -> tuple[Tag, tuple[Problem, ...]]:
    """Return the tag with addresses in place of its local files, and what is wrong with them."""
    fields: dict[FieldName, FieldValue] = {name: _literal(name, value) for name, value in tag.fields.items()}
    problems: list[Problem] = []
    for value, place in tag_assets((tag,)).items():
        asset = around.assets.get(place.path)
        if asset is None:
            message = f"tag `{tag.slug}`: `{value}` leads to nothing: there is no file `{place.path}`"
            problems.append(Problem(path=TAGS_FILE, line=tag.line, message=message, hint="correct the path"))
            continue
        served = around.served.get(asset.path) or around.uploads.get((asset.bucket, asset.sha256))
        url = served or placeholder(asset.sha256)
        fields |= {name: url for name, given in tag.fields.items() if given == value}
    return replace(tag, fields=fields), tuple(problems)
