"""The only place that prints.

What was asked for goes to stdout, everything else to stderr, so that a pipe gets the answer and a person still sees
what went wrong. Colour and moving lines appear only on a terminal that wants them; nothing depends on them, and a pipe
gets plain lines. Secrets that the console was told of, and everything that has the form of an Admin API key, a token or
a password in an address, are taken out of whatever goes to stderr: error texts are assembled from the answers of
servers, and nobody can promise what those repeat.

Colours are fixed ones of the 256-colour palette, of middle brightness: they keep a contrast of about 4:1 on white and
on black alike, while the sixteen named colours are whatever the user's theme makes of them (yellow on white, blue on
black).

Rejected: a logging set-up. A command has one reader who wants sentences in order; `-q` and `-v` are all the levels that
she can choose from. Rich is imported when something is first shown, since it costs half of the start-up time.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from ghostsync.cli.folding import columns_of, folded
from ghostsync.core.counted import counted
from ghostsync.errors import ConfigError, ContentError, GhostError, GhostsyncError, PlanRefused, Problem

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

HIDDEN = "[hidden]"

# Ghost's keys are `id:secret`, 24 and 64 hex digits (`models/api-key.js`); a secret alone and a signed token (three
# base64url parts, the first beginning with `{"`) are as good as the key.
_SECRETS = (
    re.compile(r"\b(?:[0-9a-f]{24}:)?[0-9a-f]{64}\b(?=\W|$)", re.IGNORECASE),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(r"(?<=ghost-admin-api-session=)[^\s;]+"),
)
# Hex of 64 digits is also how contents are named; those are ours to show where the name says so.
_DIGEST_BEFORE = re.compile(r"(?:sha256|digest|plan|upload)\W{0,3}$", re.IGNORECASE)


# A command in a hint that talks to Ghost.
_COMMAND = re.compile(r"`ghostsync (?=(?:push|pull|plan|status|diff|open|watch|doctor)\b)")


class Verbosity(IntEnum):
    """How much a run says beside what was asked for."""

    QUIET = -1
    NORMAL = 0
    VERBOSE = 1


class Color(StrEnum):
    """Whether colour is used; `auto` asks the terminal and the environment."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Console:
    """Where everything that a command says goes through."""

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
        self.color = color
        self.stdin = sys.stdin if stdin is None else stdin
        self.stdout = sys.stdout if stdout is None else stdout
        self.stderr = sys.stderr if stderr is None else stderr
        self.environ = os.environ if environ is None else environ
        self.width = width
        for stream in (self.stdout, self.stderr):
            _never_fail_on_letters(stream)
        self.target = ""
        """The option that says which site this run is about, `--sandbox` or `--site NAME`; empty for the usual one."""
        self._secrets: set[str] = set()
        self.hide(self.environ.get("GHOST_ADMIN_API_KEY", ""))

    # ------------------------------------------------------------------ what is there

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at stdout."""
        return _is_terminal(self.stdout)

    @property
    def wraps(self) -> bool:
        """Whether text on stdout is folded to a width: for eyes, never for pipes."""
        return self.is_terminal or self.width is not None

    @property
    def is_unicode(self) -> bool:
        """Whether stdout can carry every letter."""
        return (self.stdout.encoding or "utf-8").lower().replace("-", "").startswith("utf")

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can be asked: stdin and stderr are terminals."""
        return _is_terminal(self.stdin) and _is_terminal(self.stderr)

    def has_color(self, stream: TextIO) -> bool:
        """Whether `stream` gets colour: said so, else a terminal that can, unless `NO_COLOR` is set (no-color.org)."""
        if self.color is not Color.AUTO:
            return self.color is Color.ALWAYS
        if self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb":
            return False
        return _is_terminal(stream)

    @cached_property
    def out(self) -> RichConsole:
        """Rich on stdout."""
        return self._rich(self.stdout)

    @cached_property
    def err(self) -> RichConsole:
        """Rich on stderr."""
        return self._rich(self.stderr)

    def _rich(self, stream: TextIO) -> RichConsole:
        from rich.console import Console as RichConsole

        colored = self.has_color(stream)
        return RichConsole(
            file=stream,
            width=self.width,
            force_terminal=colored or None,
            color_system="256" if colored else None,
            no_color=not colored,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=not _is_terminal(stream) and self.width is None,
            _environ=dict(self.environ),
        )

    # ------------------------------------------------------------------ stdout

    def data(self, text: str) -> None:
        """Print what was asked for, as it is."""
        self.data_as_is(text if text.endswith("\n") or not text else text + "\n")

    def data_as_is(self, text: str) -> None:
        """Print a piece of what was asked for, which need not end with its line."""
        self.stdout.write(text)
        self.stdout.flush()

    def strong(self, line: str) -> None:
        """Print a line that stands out."""
        self.data(f"\x1b[1m{line}\x1b[0m" if self.has_color(self.stdout) else line)

    def data_json(self, value: object) -> None:
        """Print one JSON document."""
        self.data(json.dumps(value, indent=2, ensure_ascii=not self.is_unicode))

    # ------------------------------------------------------------------ stderr

    @property
    def is_quiet(self) -> bool:
        """Whether only what went wrong is wanted."""
        return self.verbosity < Verbosity.NORMAL

    def say(self, text: str) -> None:
        """Tell what happens; silent with `--quiet`."""
        if self.verbosity >= Verbosity.NORMAL:
            self._tell(text)

    def detail(self, text: str) -> None:
        """Tell what only matters to somebody who looks closer; needs `--verbose`."""
        if self.verbosity >= Verbosity.VERBOSE:
            self._tell(text)

    def warn(self, message: str, *, hint: str | None = None) -> None:
        """Tell what a person should know even when she asked for quiet."""
        self._tell(f"warning: {message}", bold="warning:")
        if hint:
            self._tell(f"  hint: {self.addressed(hint)}", bold="hint:")

    def error(self, error: GhostsyncError) -> None:
        """Say what went wrong: the message, every problem that it holds, an empty line and the hint."""
        self._tell(f"error: {error.message}", bold="error:")
        if isinstance(error, ConfigError | ContentError) and not _is_the_only_problem(error):
            self.problems(error.problems)
        if self.verbosity >= Verbosity.VERBOSE and isinstance(error, GhostError):
            for line in _exchange(error):
                self._tell(f"  {line}")
        if error.hint:
            self._tell(f"\nhint: {self.addressed(error.hint)}", bold="hint:")

    def problems(self, problems: Iterable[Problem]) -> None:
        """List problems as editors and CI understand them, `path:line: message`, and count them."""
        found = sorted(problems, key=lambda each: (each.path, each.line or 0, each.message))
        for problem in found:
            self._tell(str(problem), bold=str(problem)[: -len(problem.message)])
            if problem.hint:
                self._tell(f"  hint: {self.addressed(problem.hint)}", bold="hint:")
        if len(found) > 1:
            paths = len({each.path for each in found})
            self._tell(f"{counted(len(found), 'problem')} in {counted(paths, 'file')}")

    def addressed(self, hint: str) -> str:
        """Return a hint whose commands go to the site that this run is about.

        Whoever tries something in a sandbox and pastes what she is told must not reach the site that readers see.
        """
        return _COMMAND.sub(f"`ghostsync {self.target} ", hint) if self.target else hint

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Return whether to go on: at once with `--yes`, else as the person at the terminal says.

        Raises:
            PlanRefused: nobody is there to ask.
        """
        if yes:
            return True
        if not self.is_interactive:
            raise PlanRefused(f"nobody is here to answer: {question}", hint="`--yes` answers yes")
        while True:
            self.stderr.write(f"{self._clean(question)} [y/N] ")
            self.stderr.flush()
            answer = self.stdin.readline()
            match answer.strip().lower():
                case "y" | "yes":
                    return True
                case "" | "n" | "no":
                    if not answer:
                        self._tell("")
                    return False
                case _:
                    self._tell("please answer y or n")

    def agree(self, question: str, *, default: bool) -> bool:
        """Return a person's yes or no; an empty answer is the default. Only where `is_interactive`."""
        while True:
            match self._answer(f"{question} [{'Y/n' if default else 'y/N'}] ").lower():
                case "y" | "yes":
                    return True
                case "n" | "no":
                    return False
                case "":
                    return default
                case _:
                    self._tell("please answer y or n")

    def ask(self, question: str, *, default: str) -> str:
        """Return what a person types; an empty answer is the default. Only where `is_interactive`."""
        return self._answer(f"{question} [{default}]: " if default else f"{question}: ") or default

    def ask_secret(self, question: str) -> str:
        """Return what a person types without showing it. Only where `is_interactive`."""
        import getpass

        typed = ""
        while not typed:
            try:
                typed = getpass.getpass(f"{question}: ", stream=self.stderr).strip()
            except EOFError:  # Ctrl-D: nobody goes on answering
                self._tell("")
                raise KeyboardInterrupt from None
        self.hide(typed)
        return typed

    def _answer(self, question: str) -> str:
        self.stderr.write(self._clean(question))
        self.stderr.flush()
        answer = self.stdin.readline()
        if not answer:  # Ctrl-D: nobody goes on answering
            self._tell("")
            raise KeyboardInterrupt
        return answer.strip()

    # ------------------------------------------------------------------ secrets

    def hide(self, secret: str) -> None:
        """Never let this text out on stderr; for a key `id:secret`, neither of it nor of its secret half."""
        for each in (secret, secret.partition(":")[2]):
            if len(each) >= 8:  # a shorter one would black out ordinary words, and no key of Ghost is
                self._secrets.add(each)

    def clean(self, text: str) -> str:
        """Return `text` without secrets."""
        return self._clean(text)

    def _clean(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        for pattern in _SECRETS:
            text = pattern.sub(_hide_match, text)
        return text

    def _tell(self, text: str, *, bold: str = "") -> None:
        text = self._clean(text)
        if _is_terminal(self.stderr):
            text = folded(text, self.width or columns_of(self.stderr, self.environ))
        if bold and self.has_color(self.stderr):
            text = text.replace(bold, f"\x1b[1m{bold}\x1b[0m", 1)
        self.stderr.write(text + "\n")
        self.stderr.flush()


def _is_the_only_problem(error: ConfigError | ContentError) -> bool:
    """Whether an error says all that its problem does, the way out included: it need not be said twice."""
    return len(error.problems) == 1 and error.problems[0].hint is not None and error.problems[0].hint == error.hint


def _hide_match(found: re.Match[str]) -> str:
    text = found.group()
    if ":" not in text and len(text) == 64 and _DIGEST_BEFORE.search(found.string[: found.start()]):
        return text
    return HIDDEN


def _exchange(error: GhostError) -> Iterable[str]:
    if error.method:
        answer = "no answer" if error.status is None else f"HTTP {error.status}"
        yield f"{error.method} {error.path}: {answer}"
    if error.context:
        yield f"Ghost says: {error.context}"
    if error.kind or error.code:
        yield "Ghost's type and code: " + ", ".join(each for each in (error.kind, error.code) if each)
    if error.details:
        yield f"details: {error.details}"


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _never_fail_on_letters(stream: TextIO) -> None:
    """A title that the terminal's encoding lacks is shown escaped; it must not end a run half-way."""
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
