"""Nothing that a person can write or meet is missing from the documentation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from ghostsync import errors
from ghostsync.cli import cli
from ghostsync.cli.global_options import Repeated
from ghostsync.core.configuration import CONFIG_KEYS
from ghostsync.core.documents import parse_document
from ghostsync.core.fields import FIELDS, TAG_FIELDS
from ghostsync.core.outcome import Status
from ghostsync.core.plan import NoteKind
from ghostsync.errors import ExitCode
from ghostsync.local.config import load_config
from ghostsync.model import DocPath

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(*names: str) -> str:
    """Return the text of some pages."""
    return "\n".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in names)


def options(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Yield every command and its options, and those of the commands in it."""
    for param in command.params:
        if isinstance(param, click.Option) and not param.hidden and not isinstance(param, Repeated):
            yield name, max(param.opts, key=len)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            assert below is not None
            yield from options(below, f"{name} {each}")


def test_every_command_and_option_is_in_the_reference() -> None:
    """Each option stands under its own command."""
    pattern = re.compile(r"^## `(ghostsync[^`]*)`$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    sections = dict(pattern.findall(text_of("reference/cli.md")))
    found = list(options(cli, "ghostsync"))
    assert len(found) > 60
    missing = [(name, option) for name, option in found if f"`{option}`" not in sections.get(name, "")]
    assert missing == []


def test_every_key_is_in_the_reference() -> None:
    """Front matter, tags.yaml and the configuration."""
    front, config = text_of("reference/front-matter.md"), text_of("reference/config.md")
    assert [name for name in (*FIELDS, *TAG_FIELDS) if f"| `{name}` |" not in front] == []
    assert [spec.path for spec in CONFIG_KEYS if f"| `{spec.path}` |" not in config] == []


def test_every_exit_code_is_in_the_reference_and_in_the_readme() -> None:
    """With their order of precedence."""
    reference = text_of("reference/cli.md")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [int(code) for code in re.findall(r"^\| (\d+) \|", reference, re.MULTILINE)]
    assert rows == [int(code) for code in errors._PRECEDENCE]
    assert set(rows) == {int(code) for code in ExitCode}
    assert [code for code in rows if not re.search(rf"\b{code} \w", readme)] == []


def test_every_outcome_and_kind_of_note_that_programs_meet_is_in_the_schema() -> None:
    """What `--format json` can say is in the schema that describes it."""
    schema = (ROOT / "ghostsync/schemas/plan.json").read_text(encoding="utf-8")
    assert [each.value for each in (*Status, *NoteKind) if f'"{each.value}"' not in schema] == []


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the blocks of one language in all pages, with a name for each."""
    return [
        (f"{page.relative_to(ROOT)}#{number}", body)
        for page in (ROOT / "README.md", *DOCS)
        for number, (kind, body) in enumerate(FENCE.findall(page.read_text(encoding="utf-8")), start=1)
        if kind == language
    ]


@pytest.mark.parametrize(("name", "body"), [pytest.param(*each, id=each[0]) for each in blocks("toml")])
def test_every_toml_example_is_a_configuration(name: str, body: str, tmp_path: Path) -> None:
    """It is read without a fault."""
    tomllib.loads(body)
    (tmp_path / "content").mkdir()
    (tmp_path / "ghostsync.toml").write_text(body, encoding="utf-8")
    load_config(tmp_path)


@pytest.mark.parametrize(("name", "body"), [pytest.param(*each, id=each[0]) for each in blocks("yaml")])
def test_every_yaml_example_is_yaml(name: str, body: str) -> None:
    """Workflows, hooks, front matter: they can at least be read."""
    assert [each for each in yaml.safe_load_all(body) if each is not None] != []


@pytest.mark.parametrize(("name", "body"), [pytest.param(*each, id=each[0]) for each in blocks("markdown")])
def test_every_document_in_an_example_is_a_document(name: str, body: str) -> None:
    """No example teaches a mistake, apart from the one that shows how a mistake is caught."""
    problems = parse_document(DocPath("posts/example.md"), body.encode()).problems
    assert [each.message for each in problems if "publishd" not in each.message] == []
