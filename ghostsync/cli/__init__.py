"""The command line: the composition root, and the only place that prints.

Commands are imported when they are called: `ghostsync --version` must not wait for a Markdown parser, and no command
loads what it does not use.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghostsync import __version__
from ghostsync.cli.global_options import give_options, make_options, set_verbosity
from ghostsync.errors import ExitCode

if TYPE_CHECKING:
    from ghostsync.cli.console import Console

# How the commands are grouped in the help. The one-line texts stand here as well, so that listing the commands does not
# import them all; a test holds them against the commands' own.
SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Begin": {
        "init": "Start a project here: address, key, configuration.",
        "new": "Start a document with this TITLE, as a draft, and print its path.",
        "doctor": "Examine the connection to Ghost, the project and this machine.",
    },
    "Every day": {
        "status": "Say, one line each, what differs between the documents and Ghost.",
        "diff": "Show, as text, how the documents differ from what Ghost holds.",
        "check": "Check documents, links and pictures. Asks nobody, needs no key.",
        "plan": "Show what a push would do, and change nothing.",
        "push": "Bring Ghost to what the documents say.",
        "pull": "Bring the documents to what Ghost's editors made of them.",
        "open": "Open a document's post in Ghost's editor.",
    },
    "By itself": {
        "watch": "Push every document as soon as it is saved.",
        "hook": "Check content with Git's pre-push hook.",
    },
    "Around it": {
        "sandbox": "Run a real Ghost on this machine.",
        "convert": "Convert one FILE (`-` for standard input) between Markdown, Lexical and HTML.",
        "schema": "Print the JSON Schema of ghostsync.toml, front matter, tags.yaml or a plan.",
        "completion": "Print what makes your shell complete ghostsync's commands and options.",
    },
}
_COMMANDS = {
    "init": ("ghostsync.cli.init", "init"),
    "new": ("ghostsync.cli.new", "new"),
    "doctor": ("ghostsync.cli.doctor", "doctor"),
    "status": ("ghostsync.cli.status", "status"),
    "diff": ("ghostsync.cli.status", "diff"),
    "check": ("ghostsync.cli.check", "check"),
    "plan": ("ghostsync.cli.push", "plan"),
    "push": ("ghostsync.cli.push", "push"),
    "pull": ("ghostsync.cli.pull", "pull"),
    "open": ("ghostsync.cli.open", "open_"),
    "watch": ("ghostsync.cli.watch", "watch"),
    "hook": ("ghostsync.cli.hook", "hook"),
    "sandbox": ("ghostsync.cli.sandbox", "sandbox"),
    "convert": ("ghostsync.cli.convert", "convert"),
    "schema": ("ghostsync.cli.schema", "schema"),
    "completion": ("ghostsync.cli.completion", "completion"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(module), attribute)
        return give_options(command) if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered with the nearest that exists."""
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            near = difflib.get_close_matches(name, _COMMANDS, n=1, cutoff=0.6)
            ctx.fail(f"there is no command `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what they are for."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)


@click.group(
    cls=LazyGroup,
    params=make_options(click.Option),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every option stands before the command or behind it. `ghostsync COMMAND --help` has examples.",
)
@click.version_option(__version__, prog_name="ghostsync", message="%(prog)s %(version)s", help="Show the version.")
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
    """Keep a directory of Markdown files and a Ghost site in agreement.

    A directory of Markdown is compared with Ghost's posts and pages. What differs is shown as a plan, and then done:
    `push` carries the documents to Ghost, `pull` brings what editors changed there into the files. Neither ever
    overwrites what the other side wrote since both agreed.

    \b
    ghostsync init                            say once where your Ghost is
    ghostsync push                            show the plan, then carry it out
    ghostsync --sandbox push example-site     try it on a Ghost of your own, on this machine
    """
    from ghostsync.cli.console import Console
    from ghostsync.cli.context import Globals

    start = ctx.find_object(_Start)
    console = Console() if start is None else start.console
    set_verbosity(console, quiet=quiet, verbose=verbose)
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

    # A plan for ten thousand documents makes many objects and hardly any rings of them, and what is left at the end
    # goes with the process: looking for rings every 700 objects, and once more at the end, is an eighth of a short run.
    gc.set_threshold(50_000, 20, 50)
    atexit.register(gc.freeze)
    console = Console()
    code = run_guarded(lambda: cli(standalone_mode=False, obj=_Start(console)), console)
    if code == ExitCode.INTERRUPTED and threading.active_count() > 1:
        # Python would wait for the writes in flight after all. Dying now is what every run is prepared for.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
