"""`ghostsync sandbox`: a real Ghost on this machine, from the command line.

Says on stdout what was asked for (addresses, JSON, shell lines) and everything else on stderr. No secret is printed
except where printing it is the command: `env` gives the Admin key to a shell, `status --login` the owner's password
to a person. `down` keeps the site, so that it is not the command with which an evening's work is lost; `down
--remove` and `reset` are the ones that delete, and a person at a terminal is asked first.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

# A package that imports its parts when they are first used: asking for help must not wait for them.
from ghostsync import sandbox as library
from ghostsync.cli.context import Globals, shown_stages
from ghostsync.errors import ExitCode, SandboxError

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from ghostsync.cli.console import Console
    from ghostsync.sandbox import Instance


def _complete_name(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a sandbox."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in library.Sandbox.names() if name.startswith(incomplete)]


_NAME = click.option(
    "--name",
    default="default",
    show_default=True,
    metavar="NAME",
    shell_complete=_complete_name,
    help="Which sandbox; there can be several.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
_YES = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
# How often `logs --follow` looks for new lines, in seconds.
_FOLLOW_EVERY = 0.2


@click.group()
def sandbox() -> None:
    """Run a real Ghost on this machine.

    It is installed from npm once (2 to 5 minutes) into your cache folder and needs nothing beforehand but
    `pip install 'ghostsync[sandbox]'`. It listens on 127.0.0.1 only, sends no mail and contacts nobody.

    \b
    ghostsync sandbox up
    eval "$(ghostsync sandbox env)"
    ghostsync push
    """


@sandbox.command()
@click.option("--ghost", "version", metavar="VERSION", help="Ghost's version; 6.65.0 unless it exists already.")
@_NAME
@click.option(
    "--reach",
    type=click.Choice(["loopback", "internet"]),
    help="What the server may connect to; loopback unless said before. Bookmarks of other sites need the internet; "
    "with it, publishing sends webmentions to the pages you link to.",
)
@_JSON
@click.pass_obj
def up(given: Globals, *, version: str | None, name: str, reach: str | None, as_json: bool) -> None:
    """Start a sandbox, installing and making it first where needed.

    One that runs is left as it is; one that was stopped or died is started again with everything in it.

    \b
    ghostsync sandbox up
    ghostsync sandbox up --ghost 5.130.6 --name old
    """
    with shown_stages(given.console) as progress:
        instance = library.Sandbox.up(
            name, version, reach=None if reach is None else library.Reach(reach), progress=progress
        )
    if as_json:
        given.console.data_json(_as_data(instance))
    else:
        given.console.data(_describe(instance))
        use = "ghostsync --sandbox push" if name == "default" else f'eval "$(ghostsync sandbox env --name {name})"'
        given.console.say(f"\nnext: {use}")


@sandbox.command()
@_NAME
@click.option("--remove", is_flag=True, help="Delete the site as well: posts, pictures, keys.")
@_YES
@_JSON
@click.pass_obj
def down(given: Globals, *, name: str, remove: bool, yes: bool, as_json: bool) -> int:
    """Stop a sandbox. What is in it stays, unless --remove is given.

    \b
    ghostsync sandbox down
    ghostsync sandbox down --remove
    """
    instance = _existing(name)
    if remove:
        if not _agreed(given.console, f"delete the sandbox {name!r} with everything in it?", yes=yes):
            return int(ExitCode.REFUSED)
        instance.remove()
    else:
        instance.stop()
    if as_json:
        given.console.data_json({"name": name, "running": False, "removed": remove})
    elif remove:
        given.console.say(f"sandbox {name!r}: stopped and removed")
    else:
        again = f"ghostsync sandbox up{_name_option(name)}"
        given.console.say(f"sandbox {name!r}: stopped; its content is kept ({again} brings it back)")
    return 0


@sandbox.command()
@click.option("--name", metavar="NAME", shell_complete=_complete_name, help="Only this sandbox.")
@click.option("--login", is_flag=True, help="Also print the owner's e-mail address and password.")
@_JSON
@click.pass_obj
def status(given: Globals, *, name: str | None, login: bool, as_json: bool) -> None:
    """Show which sandboxes there are, where they are and whether they run.

    \b
    ghostsync sandbox status
    ghostsync sandbox status --login        to sign in to Ghost Admin
    """
    found = [_existing(each) for each in ((name,) if name is not None else library.Sandbox.names())]
    if as_json:
        rows = [{**_as_data(each), **(_login(each) if login else {})} for each in found]
        given.console.data_json({"sandboxes": rows})
        return
    if not found:
        given.console.say("there is no sandbox\n\nhint: `ghostsync sandbox up`")
    texts = [
        _describe(each) + (f"\n  owner     {each.owner_email}\n  password  {each.owner_password}" if login else "")
        for each in found
    ]
    given.console.data("\n\n".join(texts))


@sandbox.command()
@_NAME
@_YES
@_JSON
@click.pass_obj
def reset(given: Globals, *, name: str, yes: bool, as_json: bool) -> int:
    """Make a sandbox empty again: no posts, no uploads; the same address, key and owner.

    \b
    ghostsync sandbox reset
    ghostsync sandbox reset --name old --yes
    """
    instance = _existing(name)
    if not _agreed(given.console, f"delete everything in the sandbox {name!r}?", yes=yes):
        return int(ExitCode.REFUSED)
    with shown_stages(given.console) as progress:
        progress(f"emptying sandbox {name!r}")
        instance.reset()
    if as_json:
        given.console.data_json(_as_data(instance))
    else:
        given.console.data(_describe(instance))
    return 0


@sandbox.command()
@_NAME
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="How many lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what is added, until interrupted.")
@_JSON
@click.pass_obj
def logs(given: Globals, *, name: str, lines: int, follow: bool, as_json: bool) -> None:
    """Print what the server of a sandbox said; with --json Ghost's own log, one JSON object a line.

    \b
    ghostsync sandbox logs
    ghostsync sandbox logs --follow
    """
    instance = _existing(name)
    path = instance.request_log_path if as_json else instance.log_path
    for line in _last_lines(path, lines):
        given.console.data(line)
    if follow:
        for text in _added_text(path):
            given.console.data_as_is(text)


@sandbox.command()
@_NAME
@_JSON
@click.pass_obj
def env(given: Globals, *, name: str, as_json: bool) -> None:
    """Print the shell line that points ghostsync at a sandbox. It contains the Admin API key.

    \b
    eval "$(ghostsync sandbox env)"
    """
    instance = _existing(name)
    if not instance.is_running():
        raise SandboxError(f"sandbox {name!r} does not run", hint=f"`ghostsync sandbox up{_name_option(name)}`")
    variables = {"GHOST_ADMIN_API_URL": instance.url, "GHOST_ADMIN_API_KEY": instance.admin_key}
    if as_json:
        given.console.data_json(variables)
    else:
        given.console.data("export " + " ".join(f"{key}={shlex.quote(value)}" for key, value in variables.items()))


def _existing(name: str) -> Instance:
    instance = library.Sandbox.find(name)
    if instance is None:
        known = ", ".join(library.Sandbox.names()) or "none"
        raise SandboxError(
            f"there is no sandbox {name!r} (there are: {known})", hint=f"`ghostsync sandbox up{_name_option(name)}`"
        )
    return instance


def _name_option(name: str) -> str:
    return "" if name == "default" else f" --name {name}"


def _agreed(console: Console, question: str, *, yes: bool) -> bool:
    """Ask a person; where nobody can answer, what the command says is what is wanted."""
    return yes or not console.is_interactive or console.confirm(question, yes=False)


def _describe(instance: Instance) -> str:
    process = instance.process
    if process is not None:
        state = f"running, process {process.pid}"
    else:
        state = "died (`sandbox logs` says why)" if instance.has_died() else "stopped"
    return (
        f"{instance.name}: Ghost {instance.version}, {state}\n"
        f"  site      {instance.url}/\n"
        f"  admin     {instance.url}/ghost/\n"
        f"  folder    {instance.folder}"
    )


def _as_data(instance: Instance) -> dict[str, Any]:
    """Return what may be shown of an instance; neither the key nor the password."""
    process = instance.process
    return {
        "name": instance.name,
        "version": instance.version,
        "running": process is not None,
        "pid": None if process is None else process.pid,
        "url": instance.url,
        "reach": instance.reach.value,
        "folder": str(instance.folder),
        "database": str(instance.database_path),
        "content": str(instance.content_path),
        "log": str(instance.log_path),
    }


def _login(instance: Instance) -> dict[str, str]:
    return {"owner_email": instance.owner_email, "owner_password": instance.owner_password}


def _last_lines(path: Path, number: int) -> list[str]:
    if not path.exists() or number == 0:
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-number:]


def _added_text(path: Path) -> Iterator[str]:
    """Yield what is appended to `path` from now on, for ever."""
    with path.open(encoding="utf-8", errors="replace") as opened:
        opened.seek(0, 2)
        while True:
            text = opened.read()
            if text:
                yield text
            else:
                time.sleep(_FOLLOW_EVERY)
