"""Every command, option, configuration key, front-matter key, exit code and error is documented."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import click
import pytest
from docs.test_cli_reference import commands

from ghostsync import errors
from ghostsync.cli import cli
from ghostsync.core.configuration import CONFIG_KEYS, EXPLAINED
from ghostsync.core.fields import FIELDS, TAG_FIELDS
from ghostsync.errors import ExitCode, GhostsyncError

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs/reference"


def page(name: str) -> str:
    """Return a page of the reference."""
    return (REFERENCE / name).read_text(encoding="utf-8")


def names_in_code(text: str) -> set[str]:
    """Return everything that stands in code: between backticks, and word by word in blocks."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", text)
    return {*spans, *(word for span in spans for word in re.split(r"[\s:,|]+", span)), *" ".join(blocks).split()}


def test_commands_and_options() -> None:
    """Each command has a section, each option a row in it."""
    text = page("cli.md")
    sections = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(sections) >= {name for name, _ in commands(cli, "ghostsync")}
    common = sections["ghostsync"]
    for name, command in commands(cli, "ghostsync"):
        told = sections[name] + common
        options = {each for param in command.params if isinstance(param, click.Option) for each in param.opts}
        assert {each for each in options if f"`{each}`" not in told} == set(), name
    own = {each for param in cli.params for each in param.opts}
    assert {each for each in own if f"`{each}`" not in common} == set()


def test_commands_that_print_json() -> None:
    """Each command with `--format json` or `--json` is in the table of its page."""
    table = page("json.md").partition("| command |")[2].partition("\n\n")[0]
    for name, command in commands(cli, "ghostsync"):
        choices = [
            str(choice)
            for param in command.params
            if "--format" in param.opts and isinstance(param.type, click.Choice)
            for choice in param.type.choices
        ]
        if "json" in choices or any("--json" in param.opts for param in command.params):
            assert f"`{name.split()[1]}" in table, name


def test_exit_codes() -> None:
    """Each exit code has a row."""
    assert set(re.findall(r"^\| (\d+) \|", page("cli.md"), re.MULTILINE)) == {str(int(code)) for code in ExitCode}


def test_configuration_keys() -> None:
    """Each key of `ghostsync.toml` is on the page of the configuration."""
    assert {spec.path for spec in CONFIG_KEYS} - names_in_code(page("config.md")) == set()


def test_messages_lead_to_the_page_of_the_configuration() -> None:
    """Whoever installed the program has no folder `docs`: the address is that of the project, and the page is there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    before, page_of_docs = EXPLAINED.split("/blob/main/")
    assert before == project["urls"]["Homepage"]
    assert (ROOT / page_of_docs).is_file()


def test_front_matter_keys() -> None:
    """Each field, and each friendly spelling of one, is on the page of the front matter."""
    assert {str(name) for name in FIELDS} - names_in_code(page("front-matter.md")) == set()
    spellings = {".".join(each) for spec in FIELDS.values() for each in spec.spellings}
    assert spellings - names_in_code(page("front-matter.md")) == set()


def test_tag_keys() -> None:
    """Each key of `tags.yaml` is documented."""
    everything = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "docs").rglob("*.md"))
    assert {str(name) for name in TAG_FIELDS} - names_in_code(everything) == set()


def test_errors() -> None:
    """Each error of the tree is on the page of errors."""
    tree = {name for name, each in vars(errors).items() if inspect.isclass(each) and issubclass(each, GhostsyncError)}
    assert tree - names_in_code(page("errors.md")) == set()


def test_every_page_of_the_reference_is_in_the_index() -> None:
    """Whoever looks for a table finds it from the start page."""
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert [file.name for file in REFERENCE.glob("*.md") if f"reference/{file.name}" not in index] == []


@pytest.mark.parametrize("planted", ["`--nonsense`", "`made_up_key`"])
def test_what_is_not_there_is_not_found(planted: str) -> None:
    """Control: the look through the pages does not find what nobody documented."""
    assert planted.strip("`") not in names_in_code(page("cli.md") + page("config.md") + page("front-matter.md"))
