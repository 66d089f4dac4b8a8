"""The shipped schemas judge real files as an editor's tools judge them: the example site passes, mistakes do not.

`check-jsonschema` is a validator that people run, with its own readers of TOML and YAML.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ghostsync.core.frontmatter import FrontMatter, parse_front_matter
from ghostsync.model import Syntax

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "example-site"
DOCUMENTS = sorted(path for path in EXAMPLE.rglob("*.md") if path.name != "README.md" and not path.name.startswith("_"))


def check(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run the validator."""
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", ROOT / f"ghostsync/schemas/{schema}.json"]
    return subprocess.run([*command, *files], capture_output=True, text=True, check=False, timeout=120)


def test_the_example_site_is_valid(tmp_path: Path) -> None:
    """Configuration, tags and the front matter of every document."""
    fronts = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        front = parse_front_matter(text)
        assert isinstance(front, FrontMatter), path
        if front.syntax is Syntax.NONE:
            continue
        # Each in its own syntax, as an editor sees it.
        written = tmp_path / f"{path.stem}.{front.syntax.value}"
        written.write_text(text[front.content_start : front.content_end], encoding="utf-8")
        fronts.append(written)
    assert len(fronts) >= 25
    for done in (
        check("config", EXAMPLE / "ghostsync.toml"),
        check("tags", EXAMPLE / "tags.yaml"),
        check("front-matter", *fronts),
    ):
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "name", "text", "says"),
    [
        ("config", "ghostsync.toml", 'projct = "x"\n', "projct"),
        ("config", "ghostsync.toml", "jobs = 99\n", "99 is greater than the maximum"),
        ("tags", "tags.yaml", "- nmae: News\n", "nmae"),
        ("front-matter", "front.yaml", "status: publishd\n", "publishd"),
    ],
)
def test_a_mistake_is_found_where_it_is(tmp_path: Path, schema: str, name: str, text: str, says: str) -> None:
    """A misspelt key, a number out of range, a word that is none of the choices."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    done = check(schema, file)
    assert done.returncode == 1
    assert says in done.stdout


@pytest.mark.parametrize("schema", ["config", "front-matter", "tags"])
def test_editors_can_read_the_draft(schema: str) -> None:
    """Taplo and Ajv (remark-lint-frontmatter-schema) know no draft later than 7 unless they are told."""
    shipped = json.loads((ROOT / f"ghostsync/schemas/{schema}.json").read_text(encoding="utf-8"))
    assert shipped["$schema"] == "http://json-schema.org/draft-07/schema#"
