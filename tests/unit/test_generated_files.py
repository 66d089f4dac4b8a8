"""Schemas and reference tables are made from the tables that validate, and the shipped files are current.

`GHOSTSYNC_REWRITE=1 pytest -n0 tests/unit/test_generated_files.py` writes them anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ghostsync.core.aliases import PRESETS
from ghostsync.core.documents import parse_document
from ghostsync.core.fields import FIELDS, TAG_FIELDS
from ghostsync.core.schema import (
    config_schema,
    front_matter_schema,
    render_config_table,
    render_field_table,
    render_preset_table,
    tags_schema,
)
from ghostsync.model import DocPath

ROOT = Path(__file__).parents[2]
REWRITE = bool(os.environ.get("GHOSTSYNC_REWRITE"))

SCHEMAS = {"front-matter": front_matter_schema, "tags": tags_schema, "config": config_schema}
TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "fields": ("front-matter", lambda: render_field_table(FIELDS.values())),
    "tags": ("front-matter", lambda: render_field_table(TAG_FIELDS.values())),
    "presets": ("front-matter", render_preset_table),
    "config": ("config", render_config_table),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_shipped_schemas_are_current(name: str) -> None:
    """The file in the package is what the table makes, and is a schema."""
    file = ROOT / "ghostsync" / "schemas" / f"{name}.json"
    made = SCHEMAS[name]()
    if REWRITE:
        file.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8")) == made
    jsonschema.Draft7Validator.check_schema(made)


@pytest.mark.parametrize("name", TABLES)
def test_reference_tables_are_current(name: str) -> None:
    """The table in the documentation is what the validating table makes."""
    page, render = TABLES[name]
    file = ROOT / "docs" / "reference" / f"{page}.md"
    text = file.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- /generated -->)", re.DOTALL)
    if REWRITE:
        text = pattern.sub(lambda found: found[1] + render() + found[3], text)
        file.write_text(text, encoding="utf-8")
    found = pattern.search(text)
    assert found is not None
    assert found[2] == render()


def test_every_field_and_preset_is_documented() -> None:
    """No key is missing from the reference."""
    text = (ROOT / "docs" / "reference" / "front-matter.md").read_text(encoding="utf-8")
    assert [name for name in (*FIELDS, *TAG_FIELDS, *PRESETS) if f"`{name}`" not in text] == []


def errors(schema: dict[str, Any], value: object) -> list[str]:
    """Return what a validator says."""
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(value)]


@pytest.mark.parametrize(
    "front",
    [
        "title: T\ntags: [a, '#b']\nstatus: draft\nfeatured: true\n",
        "feature_image: {src: a.png, alt: b}\nog: {title: x}\nmeta: {description: y}\n",
        "feature_image: a.png\ncodeinjection: {head: x}\nauthors: jane\ndraft: false\ntype: page\nexcerpt:\n",
    ],
)
def test_what_is_valid_passes_the_schema(front: str) -> None:
    """The schema does not complain about what the validation takes."""
    assert parse_document(DocPath("a.md"), f"---\n{front}---\n".encode()).problems == ()
    assert errors(front_matter_schema(), yaml.safe_load(front)) == []


@pytest.mark.parametrize(
    "front", ["status: nope\n", "featured: maybe\n", "og: {titel: x}\n", f"title: {'x' * 256}\n", "tags: {a: b}\n"]
)
def test_what_is_invalid_fails_the_schema(front: str) -> None:
    """The schema finds wrong words, kinds, lengths and nested keys."""
    assert errors(front_matter_schema(), yaml.safe_load(front)) != []


def test_the_other_schemas_tell_good_from_bad() -> None:
    """Tags and configuration likewise."""
    assert errors(tags_schema(), [{"name": "News", "og": {"title": "x"}}, "#x"]) == []
    assert errors(tags_schema(), {"news": {"name": "News"}, "empty": None}) == []
    assert errors(tags_schema(), [{"nmae": "News"}]) != []
    good = {
        "content": ".",
        "sites": {"a": {"url": "https://a.com"}},
        "aliases": {"x": "excerpt"},
        "defaults": {"posts/**": {"status": "draft"}},
        "pull": {"unmanaged": "ignore"},
        "marker_tag": False,
    }
    assert errors(config_schema(), good) == []
    for bad in ({"jobs": 0}, {"projct": "x"}, {"sites": {"a": {"key": "x"}}}, {"prune": "maybe"}):
        assert errors(config_schema(), bad) != []
