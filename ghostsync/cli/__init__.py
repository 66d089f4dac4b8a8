"""The command line: the composition root, and the only place that prints.

Commands are imported when they are called: `ghostsync --version` must not wait for a Markdown parser, and no command
loads what it does not use.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghostsync import __version__
from ghostsync.errors import ExitCode

if TYPE_CHECKING:
    from ghostsync.cli.console import Console

_COMMANDS = {
    "push": ("ghostsync.cli.push", "push"),
    "plan": ("ghostsync.cli.push", "plan"),
    "pull": ("ghostsync.cli.pull", "pull"),
    "watch": ("ghostsync.cli.watch", "watch"),
    "status": ("ghostsync.cli.status", "status"),
    "diff": ("ghostsync.cli.status", "diff"),
    "check": ("ghostsync.cli.check", "check"),
    "new": ("ghostsync.cli.new", "new"),
    "hook": ("ghostsync.cli.hook", "hook"),
    "sandbox": ("ghostsync.cli.sandbox", "sandbox"),
    "convert": ("ghostsync.cli.convert", "convert"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands that exist."""
        return [name for name in _COMMANDS if _exists(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in _COMMANDS or not _exists(cmd_name):
            return None
        module, attribute = _COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None


def _exists(name: str) -> bool:
    return importlib.util.find_spec(_COMMANDS[name][0]) is not None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ghostsync")
@click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Configuration file.")
@click.option("--site", metavar="NAME", help="Which configured site.")
@click.option("--sandbox", "use_sandbox", is_flag=True, help="Use a real Ghost on this machine, started if needed.")
@click.option("--allow-http", is_flag=True, help="Allow plain http to another machine.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.option("-v", "--verbose", count=True, help="Say more.")
@click.pass_context
def cli(
    ctx: click.Context,
    config_file: Path | None,
    site: str | None,
    use_sandbox: bool,
    allow_http: bool,
    quiet: bool,
    verbose: int,
) -> None:
    """Keep a directory of Markdown files and a Ghost site in agreement."""
    from ghostsync.cli.console import Console, Verbosity
    from ghostsync.cli.context import Globals

    start = ctx.find_object(_Start)
    console = Console() if start is None else start.console
    console.verbosity = Verbosity.QUIET if quiet else Verbosity(min(verbose, int(max(Verbosity))))
    ctx.obj = Globals(
        console=console, config_file=config_file, site=site, use_sandbox=use_sandbox, allow_http=allow_http
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """What `main` gives to the group."""

    console: Console


def main() -> None:
    """Run the command line and exit with the documented code."""
    from ghostsync.cli.console import Console
    from ghostsync.cli.guard import run_guarded

    console = Console()
    code = run_guarded(lambda: cli(standalone_mode=False, obj=_Start(console)), console)
    if code == ExitCode.INTERRUPTED and threading.active_count() > 1:
        # Python would wait for the writes in flight after all. Dying now is what every run is prepared for.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
