"""The console: streams, questions, secrets; and the guard that turns exceptions into exit codes."""

from __future__ import annotations

import errno
import io
import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
from describe import plan_samples as samples

from ghostsync.cli.console import Console, Verbosity
from ghostsync.cli.context import Globals, addressed
from ghostsync.cli.guard import run_guarded
from ghostsync.errors import (
    ConfigError,
    ContentError,
    ExitCode,
    GhostsyncError,
    PlanRefused,
    Problem,
    Rejected,
    SafetyLimit,
)

KEY = "0123456789abcdef01234567:" + "fe" * 32


class Terminal(io.StringIO):
    """A stream that a person sits at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def console(
    *, verbosity: Verbosity = Verbosity.NORMAL, answer: str | None = None, environ: dict[str, str] | None = None
) -> Console:
    """Return a console on strings; with an answer, at a terminal."""
    stdin, stderr = (io.StringIO(), io.StringIO()) if answer is None else (Terminal(answer), Terminal())
    return Console(
        verbosity=verbosity,
        stdin=stdin,
        stdout=io.StringIO(),
        stderr=stderr,
        environ={"NO_COLOR": "1", **(environ or {})},
    )


def err(shown: Console) -> str:
    """Return what went to stderr."""
    assert isinstance(shown.stderr, io.StringIO)
    return shown.stderr.getvalue()


def out(shown: Console) -> str:
    """Return what went to stdout."""
    assert isinstance(shown.stdout, io.StringIO)
    return shown.stdout.getvalue()


def test_what_a_terminal_shows_is_folded_and_a_command_never() -> None:
    """Words and commands stay whole on a terminal of any width, which breaks them otherwise; a pipe has one line."""
    wrong = GhostsyncError(
        "nobody listens there: " + "word " * 30, hint="check it, or start it: `ghostsync sandbox up`"
    )
    for width in ("40", "60", "80"):
        at_terminal = console(answer="", environ={"COLUMNS": width})
        at_terminal.error(wrong)
        assert max(map(len, err(at_terminal).splitlines())) <= int(width)
        assert "`ghostsync sandbox up`" in err(at_terminal)
        assert " ".join(err(at_terminal).split()) == f"error: {wrong.message.strip()} hint: {wrong.hint}"
    piped = console(environ={"COLUMNS": "40"})
    piped.error(wrong)
    assert err(piped) == f"error: {wrong.message}\n\nhint: {wrong.hint}\n"


def test_commands_in_hints_go_to_the_site_of_the_run() -> None:
    """Whoever tries something in a sandbox and pastes what she is told does not reach the site that readers see."""
    shown = console()
    shown.target = "--sandbox"
    shown.error(SafetyLimit("no", hint="`ghostsync push a.md --prefer local` or `ghostsync pull`, then `git push`"))
    assert "hint: `ghostsync --sandbox push a.md --prefer local` or `ghostsync --sandbox pull`, then `git push`" in err(
        shown
    )
    given = Globals(console=shown)
    plan = addressed(given, samples.plan(conflicts=(samples.CONFLICT,), notes=samples.NOTES, problems=samples.PROBLEMS))
    assert plan.conflicts[0].hint.startswith("`ghostsync --sandbox pull posts/both.md` merges")
    assert addressed(given, plan) == plan
    assert plan.digest == samples.plan(conflicts=(samples.CONFLICT,), problems=samples.PROBLEMS).digest
    shown.target = ""
    assert addressed(given, samples.full_plan()) == samples.full_plan()


def test_data_and_talk_never_mix() -> None:
    """What was asked for is on stdout, everything else on stderr; quiet silences only talk."""
    quiet = console(verbosity=Verbosity.QUIET)
    quiet.data("the answer")
    quiet.say("by the way")
    quiet.detail("closely")
    quiet.warn("look out", hint="look here")
    assert out(quiet) == "the answer\n"
    assert err(quiet) == "warning: look out\n  hint: look here\n"


def test_verbose_says_more() -> None:
    """`-v` adds details and the exchange behind an error."""
    loud = console(verbosity=Verbosity.VERBOSE)
    loud.detail("closely")
    loud.error(Rejected("no", method="PUT", path="/posts/1/", status=422, context="too long", kind="ValidationError"))
    assert "closely\n" in err(loud)
    assert "PUT /posts/1/: HTTP 422\n" in err(loud)
    assert "Ghost says: too long\n" in err(loud)


def test_json_is_one_document_with_its_letters() -> None:
    """Letters stay letters."""
    shown = console()
    shown.data_json({"title": "Grüße"})
    assert json.loads(out(shown)) == {"title": "Grüße"}
    assert "Grüße" in out(shown)


def test_an_error_is_message_problems_blank_line_hint() -> None:
    """The house form of messages, problems as editors understand them."""
    problems = (
        Problem(path="b.md", message="is not UTF-8"),
        Problem(path="a.md", line=3, message="`tags` must be a list, not 7", hint="write `[seven]`"),
    )
    shown = console()
    shown.error(ContentError("2 documents are invalid", hint="`ghostsync check`", problems=problems))
    assert err(shown) == (
        "error: 2 documents are invalid\n"
        "a.md:3: `tags` must be a list, not 7\n  hint: write `[seven]`\n"
        "b.md: is not UTF-8\n"
        "2 problems in 2 files\n"
        "\nhint: `ghostsync check`\n"
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"key {KEY} refused", "key [hidden] refused"),
        (f"secret {'fe' * 32}.", "secret [hidden]."),
        (
            "Authorization: Ghost eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3MDAwMDB9.c2lnbmF0dXJl",
            "Authorization: Ghost [hidden]",
        ),
        ("via https://me:pa55word@proxy.example/", "via https://[hidden]@proxy.example/"),
        (f"sha256 {'ab' * 32} differs", f"sha256 {'ab' * 32} differs"),
        ("posts/0123456789abcdef01234567/", "posts/0123456789abcdef01234567/"),
    ],
)
def test_secrets_never_leave(text: str, kept: str) -> None:
    """Keys, tokens and passwords are taken out by their form; ids and digests are not secrets."""
    shown = console()
    shown.say(text)
    assert err(shown) == kept + "\n"


def test_a_key_of_any_form_is_hidden_once_it_is_known() -> None:
    """The key from the environment is hidden though it looks like nothing."""
    shown = console(environ={"GHOST_ADMIN_API_KEY": "odd-id:odd-secret-words"})
    shown.error(GhostsyncError("the key odd-secret-words is malformed"))
    assert "odd-secret-words" not in err(shown)


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_a_person_is_asked(*, typed: str, agreed: bool) -> None:
    """Only a yes is a yes."""
    shown = console(answer=typed)
    assert shown.confirm("delete 3 posts?", yes=False) is agreed
    assert "delete 3 posts? [y/N] " in err(shown)


def test_an_unclear_answer_is_asked_again() -> None:
    """Neither yes nor no is neither."""
    assert console(answer="maybe\ny\n").confirm("delete?", yes=False) is True


def test_nobody_to_ask_is_refused_unless_yes_was_given() -> None:
    """A script must say `--yes`, and then is not asked."""
    with pytest.raises(PlanRefused) as caught:
        console().confirm("delete 3 posts?", yes=False)
    assert "--yes" in str(caught.value.hint)
    assert console().confirm("delete 3 posts?", yes=True) is True


def raising(error: BaseException) -> object:
    """Return work that ends in an error."""

    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GhostsyncError("x"), ExitCode.FAILED),
        (ConfigError("x"), ExitCode.USAGE),
        (ContentError("x"), ExitCode.INVALID),
        (SafetyLimit("x"), ExitCode.REFUSED),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (click.Abort(), ExitCode.INTERRUPTED),
        (click.UsageError("No such option: --x"), ExitCode.USAGE),
        (click.exceptions.Exit(3), ExitCode.PENDING),
        (SystemExit(5), ExitCode.INVALID),
        (OSError(errno.ENOSPC, "No space left on device", "/full/a.md"), ExitCode.FAILED),
    ],
)
def test_every_way_to_end_has_its_code(error: BaseException, code: ExitCode) -> None:
    """None of these is a bug, and each says so to the shell."""
    shown = console()
    assert run_guarded(raising(error), shown) == code  # type: ignore[arg-type]
    assert "bug" not in err(shown)


def test_what_work_returns_is_the_code() -> None:
    """A command that ends well decides itself; nothing returned is done."""
    assert run_guarded(lambda: ExitCode.PENDING, console()) == 3
    assert run_guarded(lambda: None, console()) == 0


def test_the_operating_system_names_its_file() -> None:
    """A full disk is told with what helps."""
    shown = console()
    run_guarded(raising(OSError(errno.ENOSPC, "No space left on device", "/full/a.md")), shown)  # type: ignore[arg-type]
    assert err(shown) == (
        "error: /full/a.md: no space left on device\n\n"
        "hint: make room on the disk, then run the same command again: it goes on from there\n"
    )


def test_a_bug_is_one_sentence_and_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 70, a traceback to attach, and no secret in either."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shown = console()
    assert run_guarded(raising(RuntimeError(f"surprise with {KEY}")), shown) == ExitCode.BUG  # type: ignore[arg-type]
    assert "error: this is a bug in ghostsync: RuntimeError: surprise with [hidden]" in err(shown)
    assert "Traceback" not in err(shown)
    found = re.search(r"the details are in (\S+)", err(shown))
    assert found is not None
    path = Path(found[1])
    text = path.read_text("utf-8")
    assert "Traceback" in text
    assert "ghostsync 0." in text
    assert KEY not in text
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_reader_who_leaves_is_no_error() -> None:
    """`ghostsync plan | head -1` prints no traceback, not even from Python's last flush."""
    script = (
        "import sys\n"
        "from ghostsync.cli.console import Console\n"
        "from ghostsync.cli.guard import run_guarded\n"
        "console = Console()\n"
        "sys.exit(run_guarded(lambda: [console.data('line ' * 100) for _ in range(10000)] and None, console))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read()
        code = running.wait(timeout=30)
    assert said == b""
    assert code == ExitCode.FAILED


def test_the_console_itself_imports_nothing_heavy() -> None:
    """`ghostsync --version` must not pay for a terminal library."""
    script = (
        "import sys, ghostsync.cli.console, ghostsync.cli.guard\n"
        "print('rich' in sys.modules, 'requests' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "False False\n"
