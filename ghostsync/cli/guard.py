"""What stands between a command and the shell: every exception becomes a text for a person and an exit code.

Errors that ghostsync raises on purpose say what they mean and carry their code. What the operating system refuses
(a full disk, a missing permission) names its file and is not a bug. Everything else is one: the person gets one
sentence and a file with the traceback to attach to a report, never a screenful of Python. The file holds no variables
and no secrets, and only its owner can read it.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from ghostsync.cli.console import Console
from ghostsync.errors import ExitCode, GhostsyncError

_AGAIN = "then run the same command again: it goes on from there"
_WAYS_OUT = {
    errno.EACCES: f"give yourself the permission, {_AGAIN}",
    errno.EPERM: f"give yourself the permission, {_AGAIN}",
    errno.EROFS: f"make the disk writable, {_AGAIN}",
    errno.ENOSPC: f"make room on the disk, {_AGAIN}",
    errno.EDQUOT: f"make room on the disk, {_AGAIN}",
}


def run_guarded(work: Callable[[], ExitCode | int | None], console: Console) -> int:
    """Run a command and return what the process says to the shell; no exception comes out of here."""
    try:
        code = _run(work, console)
        console.stdout.flush()
    except BrokenPipeError:
        return _reader_left(console)
    return int(code)


def _run(work: Callable[[], ExitCode | int | None], console: Console) -> int:
    try:
        return int(work() or ExitCode.DONE)
    except GhostsyncError as error:
        console.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        console.say("interrupted")
        return ExitCode.INTERRUPTED
    except SystemExit as leaving:
        return _code_of(leaving)
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None or error.errno is None:
            return _bug(error, console)
        hint = _WAYS_OUT.get(error.errno)
        console.error(GhostsyncError(f"{_name(error)}: {(error.strerror or 'failed').lower()}", hint=hint))
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001 - the last line of defence, and it tells
        return _from_click(error, console)


def _from_click(error: Exception, console: Console) -> int:
    """Handle what click raises when it does not end the process itself; the rest is a bug."""
    import click

    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            console.say("interrupted")
            return ExitCode.INTERRUPTED
        case click.exceptions.NoArgsIsHelpError():
            console.say(error.format_message())
            return ExitCode.USAGE
        case click.UsageError():
            context = error.ctx
            if context is not None:
                console.say(context.get_usage())
            help_command = "ghostsync --help" if context is None else f"{context.command_path} --help"
            console.error(GhostsyncError(_sentence(error.format_message()), hint=f"`{help_command}`"))
            return ExitCode.USAGE
        case click.ClickException():
            console.error(GhostsyncError(_sentence(error.format_message())))
            return ExitCode.USAGE if isinstance(error, click.FileError) else ExitCode.FAILED
        case _:
            return _bug(error, console)


def _bug(error: BaseException, console: Console) -> int:
    last = traceback.format_exception_only(error)[-1].strip()
    try:
        told = f"the details are in {_write_traceback(error, console)}"
    except OSError as unwritable:
        told = f"the details could not be saved ({unwritable.strerror}):\n" + "".join(traceback.format_exception(error))
    console.error(
        GhostsyncError(
            f"this is a bug in ghostsync: {last}\n\n{told}",
            hint="what was done so far is kept, and the same command goes on from there; "
            "please report this with that file",
        )
    )
    return ExitCode.BUG


def _write_traceback(error: BaseException, console: Console) -> Path:
    from ghostsync import __version__

    about = (
        f"ghostsync {__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"command: {' '.join(sys.argv)}",
    )
    text = "\n".join(about) + "\n\n" + "".join(traceback.format_exception(error))
    folder = tempfile.mkdtemp(prefix="ghostsync-bug-")  # made with mode 0700
    path = Path(folder) / "traceback.txt"
    path.write_text(console.clean(text), encoding="utf-8", errors="backslashreplace")
    return path


def _reader_left(console: Console) -> int:
    """`ghostsync plan | head`: nothing to say, and nothing may fail once more when Python flushes at the end."""
    if console.stdout is sys.stdout:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return int(ExitCode.FAILED)


def _code_of(leaving: SystemExit) -> int:
    match leaving.code:
        case None:
            return ExitCode.DONE
        case int() as code:
            return code
        case text:
            sys.stderr.write(f"{text}\n")
            return ExitCode.FAILED


def _name(error: OSError) -> str:
    name = error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes) else str(name)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].lower() + text[1:].removesuffix(".")
