"""The only place that prints: data to stdout, everything else to stderr, and never a secret.

An error is one paragraph: what, a blank line, `hint:` with the next command. Nothing is said by colour alone.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ghostsync.errors import (
    ConfigError,
    ContentError,
    ExitCode,
    GhostError,
    GhostsyncError,
    PlanRefused,
    Problem,
)

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

# Whatever looks like an Admin API key (24 hex digits, a colon, 64 hex digits) or a JSON Web Token.
_SECRETS = re.compile(r"[0-9a-fA-F]{24}:[0-9a-fA-F]{64}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")


class Verbosity(IntEnum):
    """How much is said."""

    QUIET = -1
    NORMAL = 0
    VERBOSE = 1


class Color(StrEnum):
    """Whether colours are used; `auto` asks the terminal and NO_COLOR."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Console:
    """Where a command speaks."""

    def __init__(
        self,
        *,
        verbosity: Verbosity = Verbosity.NORMAL,
        color: Color = Color.AUTO,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environ: Mapping[str, str] | None = None,
        width: int | None = None,
    ) -> None:
        self.verbosity = verbosity
        self._color = color
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self._environ = os.environ if environ is None else environ
        self._width = width
        self._hidden: set[str] = set()
        self._rich: dict[str, RichConsole] = {}

    # ------------------------------------------------------------------ saying

    def data(self, text: str) -> None:
        """Write what was asked for to stdout; also when quiet."""
        out = self._stdout or sys.stdout
        out.write(self.clean(text if text.endswith("\n") else f"{text}\n"))
        out.flush()

    def data_json(self, value: object) -> None:
        """Write one JSON document to stdout."""
        self.data(json.dumps(value, ensure_ascii=False, indent=2))

    def say(self, text: str) -> None:
        """Write to stderr, unless quiet."""
        if self.verbosity >= Verbosity.NORMAL:
            self._err(text)

    def detail(self, text: str) -> None:
        """Write to stderr, only when verbose."""
        if self.verbosity >= Verbosity.VERBOSE:
            self._err(text)

    def warn(self, message: str, *, hint: str | None = None) -> None:
        """Write a warning to stderr; also when quiet."""
        self._err(f"warning: {message}")
        if hint:
            self._err(f"hint: {hint}")

    def error(self, error: GhostsyncError) -> None:
        """Write an error: its message, its problems, and the hint."""
        self._err(f"error: {error.message}")
        if isinstance(error, ConfigError | ContentError) and error.problems:
            self.problems(error.problems)
        if self.verbosity >= Verbosity.VERBOSE and isinstance(error, GhostError) and error.method:
            self._err(f"  {error.method} {error.path} → {error.status or 'no answer'} {error.kind or ''}".rstrip())
        if error.hint:
            self._err(f"\nhint: {error.hint}")

    def problems(self, problems: Iterable[Problem]) -> None:
        """Write problems, one line each: where, what; the hint below."""
        for problem in problems:
            self._err(f"  {problem}")
            if problem.hint:
                self._err(f"    hint: {problem.hint}")

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Ask a person. Raises `PlanRefused` where nobody is there to answer."""
        if yes:
            return True
        if not self.is_interactive:
            raise PlanRefused(
                f"this needs a person's yes ({question.rstrip('?').lower()}), and nobody is here to give it",
                hint="look at the plan, then run the same command with `--yes`",
            )
        self._err(f"{question} [y/N] ", end="")
        return (self._stdin or sys.stdin).readline().strip().lower() in {"y", "yes"}

    def hide(self, secret: str) -> None:
        """Keep a text from ever leaving through this console."""
        if secret:
            self._hidden.add(secret)
            self._hidden.update(part for part in secret.split(":") if len(part) > 32)

    def clean(self, text: str) -> str:
        """Return text without secrets."""
        for secret in self._hidden:
            text = text.replace(secret, "***")
        return _SECRETS.sub("***", text)

    def _err(self, text: str, *, end: str = "\n") -> None:
        err = self._stderr or sys.stderr
        err.write(self.clean(text) + end)
        err.flush()

    # ------------------------------------------------------------------ terminals

    @property
    def is_interactive(self) -> bool:
        """Whether a person can be asked."""
        return (self._stdin or sys.stdin).isatty() and (self._stderr or sys.stderr).isatty()

    @property
    def is_terminal(self) -> bool:
        """Whether stdout is a terminal."""
        return (self._stdout or sys.stdout).isatty()

    @property
    def out(self) -> RichConsole:
        """Rich on stdout."""
        return self._made("out", self._stdout or sys.stdout)

    @property
    def err(self) -> RichConsole:
        """Rich on stderr."""
        return self._made("err", self._stderr or sys.stderr)

    def _made(self, name: str, file: TextIO) -> RichConsole:
        if name not in self._rich:
            from rich.console import Console as RichConsole

            plain = self._color is Color.NEVER or (self._color is Color.AUTO and bool(self._environ.get("NO_COLOR")))
            self._rich[name] = RichConsole(
                file=file,
                no_color=plain or None,
                force_terminal=True if self._color is Color.ALWAYS else None,
                # A pipe has no width: lines stay whole, for grep and for logs.
                width=self._width or (None if file.isatty() else 10_000),
                highlight=False,
                soft_wrap=not file.isatty(),
                emoji=False,
            )
        return self._rich[name]


def run_guarded(work: Callable[[], ExitCode | int | None], console: Console) -> int:
    """Run a command; turn whatever goes wrong into a message and the documented exit code."""
    import click

    try:
        return int(work() or 0)
    except GhostsyncError as error:
        console.error(error)
        return int(error.exit_code)
    except click.exceptions.Exit as error:
        return int(error.exit_code)
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return int(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        console.warn("interrupted")
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough; Python must not complain while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 (the last line of defence: say that it is our fault, keep the trace)
        return _report_bug(error, console)


def _report_bug(error: Exception, console: Console) -> int:
    handle, name = tempfile.mkstemp(prefix="ghostsync-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(console.clean("".join(traceback.format_exception(error))))
    console.error(
        GhostsyncError(
            f"this is a bug in ghostsync: {type(error).__name__}: {error}",
            hint=f"please report it with the file {Path(name)}; nothing that was written so far is lost",
        )
    )
    return int(ExitCode.BUG)
