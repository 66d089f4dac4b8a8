"""Documentation pages as something that can be executed.

A page is read from top to bottom, as a reader follows it, in one shell:

    ```console                  a line with `$ ` is a command, `> ` continues it, the rest is what it says;
    $ ghostsync check           `…` stands for any text in a line, a line `…` for any number of lines;
    1 document, no problems     a command with nothing below it must succeed, whatever it says
    ```

    Save this as `posts/a.md`:  a sentence like this one, directly before a block of another language, writes the file

    # not run: <reason>         as the first line of a console block: the block stays out, and readers see why

    <!-- in Ghost: … -->        what a person does in Ghost's editor, where the page tells it in words

A command whose exit code is not 0 is a fault of the page, unless the next command is `echo $?`: then the page tells its
readers. Standard output and standard error are one, as on a terminal, but the plain lines that stand in a pipe for a
terminal's moving bar are left out.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROMPT = "$ "
NOT_RUN = "# not run: "
_FENCE = re.compile(r"^( *)(`{3,}|~{3,})[ ]*([\w-]*)[^\n]*$")
_SAVE = re.compile(r"[Ss]ave (?:this|it) as `([^`]+)`[^`]*:$")
_DIRECTIVE = re.compile(r"^<!-- in Ghost: (.+?) -->$")
# `push: 3 of 20, 1.2/s, 0:14 left`, and the stages of a sandbox that starts: on a terminal a bar that goes away.
_BAR = re.compile(r"[a-z ]+: [\d,]+ of [\d,]+(?:, .*)?|\w+ing Ghost [\d.]+(?: …)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, what it must say (None: anything), and the line of the page where it stands."""

    line: int
    text: str
    says: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """A file that the page asks the reader to write."""

    line: int
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InGhost:
    """What a person does in Ghost meanwhile."""

    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """A block that cannot run here, and the reason that the page gives."""

    line: int
    reason: str
    commands: tuple[str, ...]


Step = Command | Save | InGhost | NotRun


def parse_page(markdown: str) -> tuple[Step, ...]:
    """Return what a page asks for, in order."""
    steps: list[Step] = []
    lines = markdown.splitlines()
    index, before = 0, ""
    while index < len(lines):
        line = lines[index]
        fence = _FENCE.match(line)
        directive = _DIRECTIVE.match(line.strip())
        if directive:
            steps.append(InGhost(line=index + 1, what=directive[1]))
        if fence is None:
            before = line.strip() or before
            index += 1
            continue
        indent, marks, language = fence.groups()
        end = next(at for at in range(index + 1, len(lines)) if lines[at].strip() == marks)
        inside = [each.removeprefix(indent) for each in lines[index + 1 : end]]
        asked = _SAVE.search(before)
        if language == "console":
            steps += _console(inside, first=index + 2)
        elif asked:
            steps.append(Save(line=index + 1, path=asked[1], text="\n".join(inside) + "\n"))
        index, before = end + 1, ""
    return tuple(steps)


def _console(lines: list[str], *, first: int) -> Iterator[Step]:
    if lines and lines[0].startswith(NOT_RUN):
        commands = tuple(line.removeprefix(PROMPT) for line in lines if line.startswith(PROMPT))
        yield NotRun(line=first, reason=lines[0].removeprefix(NOT_RUN).strip(), commands=commands)
        return
    at = 0
    if lines and not lines[0].startswith(PROMPT):
        raise ValueError(f"line {first}: a console block begins with a command, not with {lines[0]!r}")
    while at < len(lines):
        start, text = at, [lines[at].removeprefix(PROMPT)]
        at += 1
        while at < len(lines) and lines[at].startswith("> "):
            text.append(lines[at].removeprefix("> "))
            at += 1
        said = []
        while at < len(lines) and not lines[at].startswith(PROMPT):
            said.append(lines[at])
            at += 1
        while said and not said[-1].strip():
            said.pop()
        yield Command(line=first + start, text="\n".join(text), says=tuple(said) or None)


def matches(expected: tuple[str, ...], actual: list[str]) -> bool:
    """Tell whether output is what the page says it is."""
    pattern = "".join(
        r"(?:[^\n]*\n)*?"
        if line.strip() == "…"
        else "".join(r"[^\n]*?" if part == "…" else re.escape(part) for part in re.split("(…)", line.rstrip())) + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in actual)) is not None


class Shell:
    """One bash, in a scratch directory with a home of its own. Close it at the end."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._mark = "--8<-- the command has ended:"
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-u"],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # The prompt of an activated virtual environment is set from these.
        self._send("PS1=''; set +u")

    def _send(self, text: str) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.write(text + "\n")
        self._bash.stdin.flush()

    def run(self, command: str) -> tuple[int, list[str]]:
        """Run a command and return its exit code and the lines it said. `$?` is the command's own afterwards."""
        # A program that reads its standard input would swallow the commands that follow.
        self._send(f"{{ {command}\n}} </dev/null\n__code=$?")
        self._send(f"printf '\\n%s %s\\n' '{self._mark}' \"$__code\"; (exit $__code)")
        said: list[str] = []
        assert self._bash.stdout is not None
        for line in self._bash.stdout:
            if line.startswith(self._mark):
                # The mark stands on a line of its own: one line end before it is ours.
                if said and said[-1] == "":
                    said.pop()
                return int(line.removeprefix(self._mark)), said
            said.append(line.rstrip("\n"))
        raise AssertionError(f"the shell ended in `{command}`: {said}")

    def close(self) -> None:
        """End the shell."""
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        self._bash.wait(timeout=30)
        assert self._bash.stdout is not None
        self._bash.stdout.close()


def follow(steps: tuple[Step, ...], shell: Shell, folder: Path, in_ghost: Callable[[str], None]) -> list[str]:
    """Do what a page says, in order. Return every command's output, or raise AssertionError at the first untruth."""
    said: list[str] = []
    for at, step in enumerate(steps):
        match step:
            case Save():
                where = (folder / _here(shell) / step.path).resolve()
                assert where.is_relative_to(folder.resolve()), step
                where.parent.mkdir(parents=True, exist_ok=True)
                where.write_text(step.text, encoding="utf-8")
            case InGhost():
                in_ghost(step.what)
            case NotRun():
                continue
            case Command():
                code, lines = shell.run(step.text)
                shown = [line for line in lines if not _BAR.fullmatch(line)]
                after = next((each for each in steps[at + 1 :] if isinstance(each, Command)), None)
                told = "\n".join(lines)
                assert code == 0 or (after is not None and after.text == "echo $?"), (
                    f"line {step.line}: `{step.text}` exits with {code}:\n{told}"
                )
                assert step.says is None or matches(step.says, shown), (
                    f"line {step.line}: `{step.text}` says\n{told}\n\nand the page says\n" + "\n".join(step.says)
                )
                said += lines
    return said


def _here(shell: Shell) -> str:
    # Asking must not change what `echo $?` says next.
    code, lines = shell.run("__kept=$?; pwd; (exit $__kept)")
    del code
    return lines[-1]
