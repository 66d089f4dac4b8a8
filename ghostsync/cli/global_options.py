"""The options that every command takes, before the command or behind it.

`ghostsync --site staging push` and `ghostsync push --site staging` mean the same: nobody should have to remember on
which side of the word an option belongs. Every command gets the same options once more, and what is given there is
added to what was given before. Their explanations stand in `ghostsync --help` only; a command's own help names them in
one line, so that what is special about it can be seen.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ghostsync.cli.console import Console

_LINE = "Options of every command, here or before it: --config FILE, --site NAME, --sandbox, --allow-http, -q, -v."


def complete_site(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a configured site; nothing where there is no usable configuration."""
    from click.shell_completion import CompletionItem

    from ghostsync.errors import GhostsyncError
    from ghostsync.local.config import load_config

    explicit = ctx.find_root().params.get("config_file")
    try:
        sites = load_config(Path.cwd(), explicit).sites
    except (GhostsyncError, OSError):
        return []
    return [CompletionItem(name, help=site.url) for name, site in sites.items() if name.startswith(incomplete)]


def make_options(kind: type[click.Option]) -> list[click.Option]:
    """Return the options anew, as options of this class."""
    return [
        kind(
            ["--config", "config_file"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Configuration file, instead of the nearest ghostsync.toml.",
        ),
        kind(["--site"], metavar="NAME", shell_complete=complete_site, help="Which of several configured sites."),
        kind(["--sandbox", "use_sandbox"], is_flag=True, help="Use a real Ghost on this machine, started if needed."),
        kind(["--allow-http"], is_flag=True, help="Allow plain http to another machine, with the key in clear."),
        kind(["-q", "--quiet"], is_flag=True, help="Say only what went wrong."),
        kind(["-v", "--verbose"], count=True, help="Say more: whole texts, exchanges, reasons."),
    ]


class Repeated(click.Option):
    """One of the options, once more on a command: completed by shells, explained elsewhere."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return nothing: the last line of the help names it."""
        del ctx
        return None


def give_options(command: click.Command) -> click.Command:
    """Give a command the options of every command; once, however often it is asked for."""
    if not any(isinstance(param, Repeated) for param in command.params):
        taken = {name for param in command.params for name in param.opts}
        for option in make_options(Repeated):
            if not taken & set(option.opts):
                option.expose_value = False
                option.callback = _add
                command.params.append(option)
        command.epilog = f"{command.epilog}\n\n{_LINE}" if command.epilog else _LINE
        if isinstance(command, click.Group):
            for inner in command.commands.values():
                give_options(inner)
    return command


def set_verbosity(console: Console, *, quiet: bool, verbose: int) -> None:
    """Set how much a console says."""
    from ghostsync.cli.console import Verbosity

    console.verbosity = Verbosity.QUIET if quiet else Verbosity(min(verbose, int(max(Verbosity))))


def _add(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Add a value that stands behind the command to what was given before it."""
    if not value or ctx.obj is None or ctx.resilient_parsing:
        return
    if param.name in {"quiet", "verbose"}:
        set_verbosity(ctx.obj.console, quiet=param.name == "quiet", verbose=int(value) * (param.name == "verbose"))
    else:
        ctx.obj = replace(ctx.obj, **{str(param.name): value})
