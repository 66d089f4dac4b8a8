"""`ghostsync init`: from nothing to a project whose key works.

Asks what it is not told, tests the answers against the site before anything is written, and says of every file what
became of it. A script gives the answers as options; where nobody can be asked, what is not given has its default, and
nothing is imported or installed unasked. The key is never an option: command lines stand in histories and process
lists. It comes from a hidden question, from the environment, or through standard input.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.ask_project import STORES, Choices, Told, choose
from ghostsync.cli.ask_site import Asking, Reached, reach
from ghostsync.cli.context import Globals, open_run
from ghostsync.errors import ExitCode

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.core.outcome import Report
    from ghostsync.starting import Became, Start


@click.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--url", metavar="URL", help="Address of the site, `https://blog.example.com`.")
@click.option("--key-stdin", is_flag=True, help="Read the Admin API key from standard input instead of asking.")
@click.option("--project", metavar="NAME", help="Name of this content tree; the folder's name unless given.")
@click.option("--content", metavar="FOLDER", help="Folder for the documents, from the project's folder.")
@click.option(
    "--store",
    type=click.Choice(STORES),
    help="Where the key is kept: in .env (readable by you only, ignored by Git), in the system's keyring, or nowhere.",
)
@click.option("--import/--no-import", "imports", default=None, help="Pull the posts and pages that the site has.")
@click.option("--hook/--no-hook", "hooks", default=None, help="Check content with a Git pre-push hook.")
@click.option("--workflow/--no-workflow", "workflow", default=None, help="Write a GitHub workflow that publishes.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; what is not given has its default.")
@click.pass_obj
def init(
    given: Globals,
    directory: Path | None,
    *,
    url: str | None,
    key_stdin: bool,
    project: str | None,
    content: str | None,
    store: str | None,
    imports: bool | None,
    hooks: bool | None,
    workflow: bool | None,
    yes: bool,
) -> int:
    """Start a project here: address, key, configuration.

    Asks for what is not given, tests the key, and writes ghostsync.toml, .gitignore and, unless the key is kept
    elsewhere, .env. No file that exists is overwritten. You find the key in Ghost Admin: Settings, Integrations, Add
    custom integration, Admin API key.

    \b
    ghostsync init                                  asks
    ghostsync init blog --url https://example.com   in the folder blog
    ghostsync init --sandbox --yes                  for a Ghost on this machine
    ghostsync init --url https://example.com --key-stdin --import < key.txt
    """
    from ghostsync.local.credentials import store_key
    from ghostsync.local.workspace import IGNORE_FILE
    from ghostsync.starting import config_text, ignore_text, refuse_existing, write_new

    folder = (directory or Path.cwd()).resolve()
    refuse_existing(folder)
    asking = Asking(given.console, is_on=not yes and not key_stdin and given.console.is_interactive)
    reached = reach(given, folder, url, asking, key_stdin=key_stdin)
    told = Told(project=project, content=content, store=store, imports=imports, hooks=hooks, workflow=workflow)
    choices = choose(folder, told, reached, asking, is_sandbox=given.use_sandbox)
    start = choices.start
    if choices.store == "keyring":  # first: it may refuse, and then nothing has been written
        store_key(reached.url, reached.key)
        given.console.say("the key is in the system's keyring")
    (folder / start.content).mkdir(parents=True, exist_ok=True)
    _keep_key(given, folder, reached, choices.store)
    _tell(given.console, folder / "ghostsync.toml", write_new(folder / "ghostsync.toml", config_text(start)))
    if start.places is not None:
        ignored = folder / IGNORE_FILE
        _tell(given.console, ignored, write_new(ignored, ignore_text(start.places)))
    _with_git(given, choices)
    code = _import(given, start) if choices.imports else ExitCode.DONE
    _say_next(given, start, reached)
    return int(code)


# ---------------------------------------------------------------------------------------------- writing


def _tell(console: Console, file: Path, became: Became) -> None:
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    console.say(f"{shown}: {became.value}")


def _keep_key(given: Globals, folder: Path, reached: Reached, store: str) -> None:
    from ghostsync.starting import Became, ignore, keep_key

    console = given.console
    _tell(console, folder / ".gitignore", ignore(folder))
    if store == "env":
        became = keep_key(folder, reached.key)
        _tell(console, folder / ".env", became)
        if became is Became.KEPT:
            console.warn(
                f"{folder / '.env'} holds another GHOST_ADMIN_API_KEY, which is used",
                hint="replace it there if the one you gave now is the right one",
            )
    elif store == "none" and not reached.is_known:
        console.say("the key is kept nowhere: export GHOST_ADMIN_API_KEY before you run ghostsync")


def _with_git(given: Globals, choices: Choices) -> None:
    from ghostsync.starting import WORKFLOW, workflow_text, write_new

    start, top = choices.start, choices.top
    if choices.hooks:
        from ghostsync.cli.hook import install_hook

        install_hook(replace(given, config_file=start.folder / "ghostsync.toml"), push=False)
    if choices.workflow and top is not None:
        content = (start.folder / start.content).resolve().relative_to(top).as_posix()
        _tell(given.console, top / WORKFLOW, write_new(top / WORKFLOW, workflow_text(content, project=start.project)))
        given.console.say(
            "give the repository two secrets: GHOST_ADMIN_API_URL and GHOST_ADMIN_API_KEY "
            "(`gh secret set GHOST_ADMIN_API_KEY`)"
        )


def _import(given: Globals, start: Start) -> ExitCode:
    """Bring what the site has into the content folder."""
    from ghostsync.cli.carry_out import carry_out
    from ghostsync.cli.pull import open_pull
    from ghostsync.cli.show_report import tally

    placed = replace(given, config_file=start.folder / "ghostsync.toml")
    with open_run(placed, (), command="init", locks=True) as run:
        found = open_pull(run, prunes=False, prefer=None)

        def settle(report: Report) -> None:
            found.remember(report)
            for outcome in report.failed:
                if outcome.error is not None:
                    given.console.error(outcome.error)
            for conflict in found.plan.conflicts:
                given.console.warn(f"{conflict.path}: {conflict.message}", hint=conflict.hint)
            for note in found.plan.notes:
                given.console.warn(f"{note.path}: {note.message}", hint=note.hint)
            given.console.say(tally(report))

        return carry_out(
            placed,
            run,
            found.plan,
            output="none",
            yes=True,
            jobs=None,
            allow_many_removals=False,
            title="import",
            after=settle,
        )


def _say_next(given: Globals, start: Start, reached: Reached) -> None:
    here = Path.cwd().resolve()
    near = start.folder.relative_to(here) if start.folder.is_relative_to(here) else start.folder
    there = "" if start.folder == here else f"cd {shlex.quote(str(near))}\n"
    flag = " --sandbox" if given.use_sandbox else ""
    if start.places is not None:  # somebody comes with documents
        lines = ("ghostsync check", f"ghostsync plan{flag}")
    elif reached.posts + reached.pages:
        lines = (f"ghostsync status{flag}", f"ghostsync push{flag}")
    else:
        lines = ('ghostsync new "Hello, world"', f"ghostsync push{flag}")
    given.console.say("\nnext:\n" + "".join(f"  {line}\n" for line in (*there.splitlines(), *lines)).rstrip("\n"))
