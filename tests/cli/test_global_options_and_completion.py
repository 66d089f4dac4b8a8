"""What every command has in common: options on either side of it, help, completion by real shells."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shell import environment, run


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", "other.toml", "check"),
        ("check", "--config", "other.toml"),
        ("check", "--format", "text", "--config", "other.toml"),
    ],
)
def test_an_option_of_every_command_stands_on_either_side(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Before the command or behind it, it means the same."""
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.md").write_text("# A\n")
    (tmp_path / "b.md").write_text("# B\n\n[gone](gone.md)\n")
    (tmp_path / "other.toml").write_text('content = "text"\n')
    assert run(None, "check", cwd=tmp_path).returncode == 5
    done = run(None, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "1 document, no problems\n")


@pytest.mark.parametrize("arguments", [("-q", "check"), ("check", "-q"), ("check", "--quiet")])
def test_quiet_is_quiet_on_either_side(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing is said where nothing is wrong."""
    (tmp_path / "a.md").write_text("# A\n")
    done = run(None, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_options_reach_the_commands_of_a_group(tmp_path: Path) -> None:
    """`ghostsync hook install --config …` too; and a command's help names what it does not explain."""
    done = run(None, "hook", "install", "--config", "gone.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "gone.toml" in done.stderr
    told = run(None, "hook", "install", "--help", cwd=tmp_path).stdout
    assert "Options of every command, here or before it: --config FILE" in " ".join(told.split())


def test_a_slip_of_the_pen_is_answered_with_what_was_meant(tmp_path: Path) -> None:
    """Unknown commands and options say the nearest that exists, exit 2, and nothing on stdout."""
    command = run(None, "pusj", cwd=tmp_path)
    assert (command.returncode, command.stdout) == (2, "")
    assert "there is no command `pusj`; did you mean `push`?" in command.stderr
    option = run(None, "check", "--formt", "json", cwd=tmp_path)
    assert (option.returncode, option.stdout) == (2, "")
    assert "--format" in option.stderr
    nothing = run(None, cwd=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "ghostsync init" in nothing.stderr
    assert "error:" not in nothing.stderr


# ---------------------------------------------------------------------------------------------- shells

# A shell finds `ghostsync` on PATH.
BIN = Path(sys.executable).parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two sites and two documents."""
    (tmp_path / "ghostsync.toml").write_text(
        '[sites.production]\nurl = "https://a.example"\n[sites.staging]\nurl = "https://b.example"\n'
    )
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "hello.md").write_text("# Hello\n")
    return tmp_path


def in_shell(program: list[str], script: str, cwd: Path) -> str:
    """Run a script in a shell and return what it printed."""
    environ = environment(None)
    environ["PATH"] = f"{BIN}:{environ['PATH']}"
    done = subprocess.run(
        [*program, script], cwd=cwd, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout


# What bash does when a person presses TAB: it calls the function that was registered, with the words so far.
PRESS_TAB = r"""
eval "$(ghostsync completion bash)"
press_tab() {
  COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
  compopt() { echo "files"; }
  "$(complete -p ghostsync | sed -E 's/.*-F ([^ ]+).*/\1/')" ghostsync
  printf '%s\n' "${COMPREPLY[@]}"
}
"""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ghostsync pu", {"push", "pull"}),
        ("ghostsync push --pre", {"--prefer"}),
        ("ghostsync push --prefer ''", {"local", "remote"}),
        ("ghostsync push --site s", {"staging"}),
        ("ghostsync --site pro", {"production"}),
        ("ghostsync sandbox d", {"down"}),
        ("ghostsync completion ''", {"bash", "zsh", "fish"}),
        ("ghostsync open posts/h", {"files"}),
    ],
)
def test_bash_completes(words: str, found: set[str], project: Path) -> None:
    """Commands, options, values, configured sites; for files bash does it itself."""
    said = in_shell(["bash", "--norc", "-c"], f"{PRESS_TAB}\npress_tab {words}", project)
    assert set(said.split()) == found


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed here")
def test_fish_completes(project: Path) -> None:
    """The line of the help, and fish's own question for completions."""
    said = in_shell(
        ["fish", "--no-config", "-c"],
        "ghostsync completion fish | source; complete -C 'ghostsync push --site s'; complete -C 'ghostsync pu'",
        project,
    )
    assert {line.split("\t")[0] for line in said.splitlines()} == {"staging", "push", "pull"}


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed here")
def test_zsh_completes(project: Path) -> None:
    """The script loads below compinit and registers itself; its function offers what the words allow."""
    script = r"""
    autoload -Uz compinit && compinit -u -d "$PWD/.zcompdump"
    eval "$(ghostsync completion zsh)"
    echo "registered: ${_comps[ghostsync]}"
    # What zsh's completion system would be told, printed instead: arrays are handed over by name.
    compadd() { print -l -- "${(@P)argv[-1]}" }
    _describe() { print -l -- "${(@P)3}" }
    compstate=()
    words=(ghostsync push --site s); CURRENT=4
    ${_comps[ghostsync]}
    """
    said = in_shell(["zsh", "-f", "-c"], script, project)
    assert "registered: _ghostsync_completion" in said
    assert "staging" in said
    assert "production" not in said
