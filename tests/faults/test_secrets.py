"""The key and the tokens made from it: where they must never be, looked for in everything that a run leaves behind."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.test_push_scenarios import png
from fakeghost import FakeGhost, MachineClock, Request, bad_gateway, running, server_error

WAIT = 60.0
# Python tells audit hooks before a file gets its name; this one fails with the key in its words, as a bug might.
BUG = """
import os, sys

def hook(event, arguments):
    if event in ("os.rename", "os.link") and "posts" in str(arguments[1]):
        raise RuntimeError("a bug that knows " + os.environ["GHOST_ADMIN_API_KEY"])

sys.addaudithook(hook)
sys.argv = ["ghostsync", "pull", "--yes", "--prefer", "remote"]
from ghostsync.cli import main
main()
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FakeGhost]:
    """A fake on a port, and a content directory with a picture in Git, so that all parts of a run are at work."""
    root = tmp_path / "content"
    (root / "posts").mkdir(parents=True)
    (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    (root / "posts" / "a.md").write_text("---\ntitle: A\nstatus: published\n---\n![](../p.png)\n", encoding="utf-8")
    (root / "p.png").write_bytes(png(1))
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.com")
    subprocess.run([*git, "init", "-q"], cwd=root, check=True)
    subprocess.run([*git, "add", "."], cwd=root, check=True)
    subprocess.run([*git, "commit", "-qm", "x"], cwd=root, check=True)
    (tmp_path / "tmp").mkdir()
    with running(clock=MachineClock()) as fake:
        yield fake


def traces(fake: FakeGhost) -> list[bytes]:
    """Everything that must not be found: both halves of the key, however written, and every token that was sent."""
    identifier, secret = fake.key.split(":")
    raw = bytes.fromhex(secret)
    tokens = {one.request.headers.get("authorization", "").removeprefix("Ghost ") for one in fake.log}
    return [
        secret.encode(),
        secret.upper().encode(),
        fake.key.encode(),
        identifier.encode(),
        raw,
        base64.b64encode(raw).rstrip(b"="),
        *(token.encode() for token in tokens if token),
        *(token.rpartition(".")[2].encode() for token in tokens if token),
    ]


def start(fake: FakeGhost, folder: Path, *command: str, **environ: str) -> subprocess.Popen[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GHOST_")}
    given = {"GHOST_ADMIN_API_URL": fake.url, "GHOST_ADMIN_API_KEY": fake.key, "TMPDIR": str(folder / "tmp")}
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder / "content", env={**clean, **given, **environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def left_by(fake: FakeGhost, folder: Path) -> dict[str, bytes]:
    """Every file that there is now, and everything that Ghost stores."""
    found = {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    found["posts"] = "".join(repr(row) for row in fake.state.posts).encode()
    found["revisions"] = repr([fake.state.revisions.get(row["id"]) for row in fake.state.posts]).encode()
    return found


def check(fake: FakeGhost, places: dict[str, bytes]) -> None:
    for trace in traces(fake):
        for place, content in places.items():
            assert trace not in content, f"a secret is in {place}"


def test_no_run_leaves_the_key_anywhere(site: FakeGhost, tmp_path: Path) -> None:
    """Output of every verbosity and format, logs, cache, records, Git, saved plans, files: no half of it, no token."""
    said: dict[str, bytes] = {}
    for command in (
        ("-vv", "push", "--yes"),
        ("-vv", "plan", "--format", "json", "-o", "plan.json"),
        ("plan", "--format", "html"),
        ("-vv", "status"),
        ("-vv", "pull", "--yes"),
        ("push", "--format", "github"),
    ):
        process = start(site, tmp_path, "-m", "ghostsync", *command)
        said[" ".join(command)], _ = process.communicate(timeout=WAIT)
        assert process.returncode == 0, said
    assert len(site.post_rows()) == 1
    check(site, {**said, **left_by(site, tmp_path)})
    control = b"x" + site.key.encode()
    with pytest.raises(AssertionError, match="a secret is in here"):
        check(site, {"here": control})


@pytest.mark.parametrize("fault", ["refused", "500", "502", "http", "content key"])
def test_no_error_tells_the_key(site: FakeGhost, tmp_path: Path, fault: str) -> None:
    """Wrong key, wrong kind of key, faults of the server, an address that is not encrypted."""
    given: dict[str, str] = {}
    match fault:
        case "refused":
            row = next(iter(site.state.integrations))
            given["GHOST_ADMIN_API_KEY"] = row["key_id"] + ":" + "5e" * 32
        case "500":
            site.fail(server_error(), times=100)
        case "502":
            site.fail(bad_gateway(), when=lambda request: request.is_write, times=100)
        case "http":
            given["GHOST_ADMIN_API_URL"] = "http://blog.example"
        case _:
            given["GHOST_ADMIN_API_KEY"] = "5e" * 13
    process = start(site, tmp_path, "-m", "ghostsync", "-vv", "push", "--yes", **given)
    said, _ = process.communicate(timeout=WAIT)
    assert process.returncode in {1, 2}, said
    check(site, {"said": said, **left_by(site, tmp_path)})
    assert (b"5e" * 8) not in said
    if fault == "http":
        assert b"is not encrypted" in said
        assert b"--allow-http" in said
        assert site.log == []


def test_a_bug_report_holds_no_key(site: FakeGhost, tmp_path: Path) -> None:
    """Even where the exception's own words hold it."""
    start(site, tmp_path, "-m", "ghostsync", "push", "--yes").communicate(timeout=WAIT)
    (tmp_path / "content" / "posts" / "a.md").unlink()
    process = start(site, tmp_path, "-c", BUG)
    said, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 70, said
    reports = list((tmp_path / "tmp").rglob("traceback.txt"))
    assert len(reports) == 1
    assert b"a bug that knows" in reports[0].read_bytes()
    check(site, {"said": said, **left_by(site, tmp_path)})


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="only where processes can be looked at")
def test_no_process_has_the_key_among_its_arguments(site: FakeGhost, tmp_path: Path) -> None:
    """Looked at while a push is at work: itself, and whatever it started."""
    arguments: dict[str, bytes] = {}

    def look(request: Request) -> None:
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                arguments[str(place)] = place.read_bytes()
            except OSError:
                continue

    site.watch(look)
    process = start(site, tmp_path, "-m", "ghostsync", "push", "--yes")
    process.communicate(timeout=WAIT)
    assert process.returncode == 0
    assert any(b"ghostsync" in line and b"push" in line for line in arguments.values())
    check(site, arguments)
