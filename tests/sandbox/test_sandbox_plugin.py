"""The pytest plugin that gives the other tests their Ghost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sandbox_fixtures

_TESTS = """
import os, pytest
from ghostsync.sandbox import Sandbox, log_in_owner

SEEN = []

@pytest.mark.parametrize("round", [1, 2])
def test_each_finds_nothing(empty_ghost6, round, request):
    SEEN.append(empty_ghost6)
    assert request.node.get_closest_marker("real") and not request.node.get_closest_marker("ghost5")
    owner = log_in_owner(empty_ghost6)
    assert owner.ask("GET", "posts/").json["posts"] == []
    assert owner.ask("POST", "posts/", {"posts": [{"title": "left behind"}]}).status == 201

def test_the_shared_one_is_the_same(ghost6):
    assert {each.url for each in SEEN} in (set(), {ghost6.url})
    assert ghost6.name in Sandbox.names()
    assert str(os.getpid()) in ghost6.name
"""


@pytest.mark.real
def test_each_worker_has_a_server_that_goes_at_the_end(tmp_path: Path) -> None:
    """Two workers run side by side on servers of their own, every test finds its server empty, none is left."""
    (tmp_path / "test_users.py").write_text(_TESTS, encoding="utf-8")
    left = tmp_path / "ghostsync" / "sandbox"
    # A server of a pytest process that was killed: 2²² + 1 is no process id on any Linux.
    dead = left / "pytest-4194305-main-6"
    environment = {
        **os.environ,
        "XDG_DATA_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(sandbox_fixtures.__file__).parent),
    }
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    make_dead = f"from ghostsync.sandbox import Sandbox; Sandbox.up({dead.name!r}).stop()"
    subprocess.run([sys.executable, "-c", make_dead], env=environment, check=True, timeout=120)
    assert (dead / "instance.json").exists()
    options = ["-p", "sandbox_fixtures", "-p", "no:cacheprovider", "-q", "-n", "2", "-o", "markers=real\nghost5"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_users.py")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "3 passed" in ran.stdout, ran.stdout + ran.stderr
    assert list(left.glob("*/instance.json")) == []
