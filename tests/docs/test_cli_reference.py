"""The reference of the command line is made from the commands themselves, and is current.

`GHOSTSYNC_REWRITE=1 pytest -n0 tests/docs/test_cli_reference.py` writes it anew.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ghostsync.cli import SECTIONS, cli
from ghostsync.cli.global_options import Repeated

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/cli.md"
PATTERN = re.compile(r"(<!-- generated: commands -->\n)(.*?)(<!-- /generated -->)", re.DOTALL)


def commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, groups before what is in them."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield f"{prefix} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")


def render_value(param: click.Parameter) -> str:
    """Return how a parameter's value is spelled, empty for a flag."""
    if isinstance(param, click.Option) and (param.is_flag or param.count):
        return ""
    if param.metavar:
        return param.metavar
    if isinstance(param.type, click.Choice):
        return "|".join(str(getattr(choice, "value", choice)) for choice in param.type.choices)
    if isinstance(param.type, click.IntRange | click.FloatRange):
        # The smallest and the largest number, where there are such.
        return f"{param.type.min or 0}…{'' if param.type.max is None else param.type.max}"
    if isinstance(param.type, click.Path):
        return "PATH"
    return param.type.name.upper()


def render_option(option: click.Option) -> str:
    """Return one row of a command's table."""
    spellings = ", ".join(f"`{name}`" for name in sorted([*option.opts, *option.secondary_opts], key=len))
    # A bar would end the cell, even in code.
    value = render_value(option).replace("|", "\\|")
    says = " ".join((option.help or "").split())
    if option.show_default and option.default is not None:
        says += f" (`{option.default}` unless given)"
    return f"| {spellings}{f' `{value}`' if value else ''} | {says} |"


def render_command(name: str, command: click.Command) -> str:
    """Return a command's section: what it is called with, what it does, its options."""
    arguments = [
        param.metavar.replace("...", "…")
        if (param.metavar or "").startswith("[")
        else f"{'' if param.required else '['}{param.metavar or (param.name or '').upper()}"
        f"{'…' if param.nargs == -1 else ''}{'' if param.required else ']'}"
        for param in command.params
        if isinstance(param, click.Argument)
    ]
    tail = "COMMAND …" if isinstance(command, click.Group) else " ".join(arguments)
    text = inspect.cleandoc(command.help or "").partition("\f")[0].strip()
    # click keeps the line ends of what follows a backspace; Markdown does so in a code block.
    blocks = [
        f"```text\n{block.removeprefix(chr(8)).strip(chr(10))}\n```"
        if block.startswith("\b")
        else " ".join(block.split())
        for block in re.split(r"\n\s*\n", text)
    ]
    lines = [f"## `{name}`", "", f"`{f'{name} {tail}'.strip()}`", ""]
    lines += [line for block in blocks for line in (block, "")]
    # Those that every command takes are explained once, on top.
    options = [
        param
        for param in command.params
        if isinstance(param, click.Option) and not param.hidden and not isinstance(param, Repeated)
    ]
    if options:
        lines += ["| option | |", "|---|---|", *(render_option(option) for option in options), ""]
    return "\n".join(lines) + "\n"


def render_reference() -> str:
    """Return the generated part of the page."""
    whole = [render_command("ghostsync", cli)]
    whole += [render_command(name, command) for name, command in commands(cli, "ghostsync")]
    return "\n".join(section.rstrip("\n") + "\n" for section in whole)


def test_the_reference_is_current() -> None:
    """The page says what `--help` says, of every command there is."""
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("GHOSTSYNC_REWRITE"):
        text = PATTERN.sub(lambda found: found[1] + render_reference() + found[3], text)
        PAGE.write_text(text, encoding="utf-8")
    found = PATTERN.search(text)
    assert found is not None
    assert found[2] == render_reference()


@pytest.mark.parametrize(("name", "command"), [("ghostsync", cli), *commands(cli, "ghostsync")])
def test_every_command_and_option_explains_itself(name: str, command: click.Command) -> None:
    """No command and no option is without a sentence that ends in a full stop."""
    silent = [
        param.name
        for param in command.params
        if isinstance(param, click.Option) and not (param.help or "").strip().endswith(".")
    ]
    assert (command.help or "").strip()
    assert silent == []


def test_the_overview_says_what_the_commands_say() -> None:
    """The list in `ghostsync --help`, which imports no command, has each command's own first sentence."""
    listed = {name: text for section in SECTIONS.values() for name, text in section.items()}
    context = click.Context(cli)
    own = {name: command.help for name in cli.list_commands(context) if (command := cli.get_command(context, name))}

    assert list(listed) == list(own)
    assert listed == {name: (text or "").strip().splitlines()[0] for name, text in own.items()}


@pytest.mark.parametrize(("name", "command"), [("ghostsync", cli), *commands(cli, "ghostsync")])
def test_every_command_has_an_example(name: str, command: click.Command) -> None:
    """Each help text shows the command being used, in a block that keeps its lines."""
    examples = [block for block in (command.help or "").split("\n\n") if block.lstrip().startswith("\b")]
    assert any(name in block for block in examples), name


def test_every_help_fits_a_terminal_of_eighty_columns() -> None:
    """Examples are not folded by click: what is too long is broken by the terminal, in the middle of a word."""
    wide = [
        f"{name}: {line}"
        for name, command in commands(cli, "ghostsync")
        for line in command.get_help(click.Context(command, info_name=name, terminal_width=80)).splitlines()
        if len(line) > 80
    ]
    assert wide == []
