"""`ghostsync open` and `ghostsync doctor`, against a real Ghost."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from shell import run

from ghostsync.cli.open import can_show
from ghostsync.sandbox import Instance
from ghostsync.unreferenced import paths_in

EXAMPLE = Path(__file__).parents[2] / "example-site"


@pytest.fixture
def site(tmp_path: Path, empty_ghost6: Instance) -> Path:
    """A pushed project with a published post, which shows a picture, and a draft page."""
    (tmp_path / "ghostsync.toml").write_text('project = "examined"\n')
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "about.md").write_text("# About\n\nText.\n")
    picture = next(EXAMPLE.rglob("*.png"))
    shutil.copy(picture, tmp_path / "pic.png")
    (tmp_path / "hello.md").write_text("---\nstatus: published\n---\n# Hello\n\n![A picture](pic.png)\n")
    done = run(empty_ghost6, "push", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_a_document_opens_in_the_editor(site: Path, empty_ghost6: Instance) -> None:
    """The address is printed, with the post's id; a browser gets it where there is one, and not with `--print`."""
    browser = site / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {site}/opened\n')
    browser.chmod(0o755)
    seen = run(empty_ghost6, "open", "pages/about.md", cwd=site, BROWSER=f"{browser} %s")
    address = seen.stdout.strip()
    assert seen.returncode == 0, seen.stderr
    assert address.startswith(f"{empty_ghost6.url}/ghost/#/editor/page/")
    assert (site / "opened").read_text() == address

    (site / "opened").unlink()
    public = run(empty_ghost6, "open", "hello.md", "--public", "--print", cwd=site, BROWSER=f"{browser} %s")
    assert public.stdout == f"{empty_ghost6.url}/hello/\n"
    assert not (site / "opened").exists()
    preview = run(empty_ghost6, "open", "pages/about.md", "--public", "--print", cwd=site)
    assert "/p/" in preview.stdout
    assert "whoever has the address can read it" in preview.stderr


def test_a_post_is_found_without_a_cache_and_after_a_rename(site: Path, empty_ghost6: Instance) -> None:
    """As a push finds it: by slug, and by its record where the file has a new name."""
    first = run(empty_ghost6, "open", "hello.md", cwd=site).stdout
    shutil.rmtree(site / ".ghostsync")
    assert run(empty_ghost6, "open", "hello.md", cwd=site).stdout == first
    (site / "hello.md").rename(site / "renamed.md")
    shutil.rmtree(site / ".ghostsync")
    assert run(empty_ghost6, "open", "renamed.md", cwd=site).stdout == first


def test_what_has_no_post_cannot_be_opened(site: Path, empty_ghost6: Instance) -> None:
    """The message says what to do first."""
    (site / "new.md").write_text("# New\n")
    missing = run(empty_ghost6, "open", "new.md", cwd=site)
    assert missing.returncode == 5
    assert "new.md has no post in Ghost yet" in missing.stderr
    assert "hint: `ghostsync push new.md`" in missing.stderr
    no_document = run(empty_ghost6, "open", "pic.png", cwd=site)
    assert no_document.returncode == 5
    assert "pic.png is not a document" in no_document.stderr


@pytest.mark.parametrize(
    ("environ", "platform", "can"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a b"}, "linux", False),
        ({"BROWSER": "firefox", "SSH_CONNECTION": "a b"}, "linux", True),
        ({}, "darwin", True),
    ],
)
def test_a_browser_starts_only_where_it_would_be_seen(environ: dict[str, str], platform: str, *, can: bool) -> None:
    """A forwarded display is somebody else's screen often enough; BROWSER decides."""
    assert can_show(environ, platform) is can


# ---------------------------------------------------------------------------------------------- doctor


def verdicts(
    site: Instance | None, *arguments: str, cwd: Path, **environ: str
) -> tuple[int, dict[str, dict[str, str]]]:
    """Run `doctor --format json` and return its code and its findings by name."""
    done = run(site, "doctor", "--format", "json", *arguments, cwd=cwd, **environ)
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)["findings"]}


def test_a_healthy_project_has_nothing_to_do(site: Path, empty_ghost6: Instance) -> None:
    """In Git and pushed, every look is good and the code is 0; nothing is written to Ghost."""
    (site / ".env").write_text(f"GHOST_ADMIN_API_KEY={empty_ghost6.admin_key}\n")
    (site / ".gitignore").write_text(".env\n.ghostsync/\n")
    subprocess.run("git init -q && git add -A && git -c user.name=a -c user.email=a@b.c commit -qm a",
                   shell=True, cwd=site, check=True)  # fmt: skip
    log = empty_ghost6.log_requests()
    code, found = verdicts(empty_ghost6, "--media", cwd=site)
    assert code == 0
    assert {name: each["verdict"] for name, each in found.items()} == dict.fromkeys(
        ("configuration", "site", "version", "clock", "key", "permissions", "marker tag", "routes", "email", "media",
         "project", "content", "cache", "history", "secrets"), "good"
    )  # fmt: skip
    assert found["version"]["message"] == "Ghost 6.65.0"
    assert found["marker tag"]["message"] == "#ghostsync is on 1 post and 1 page"
    assert log.writes() == ()


def test_each_fault_has_a_verdict_and_a_way_out(site: Path, empty_ghost6: Instance) -> None:
    """Nothing stops at the first fault: a key that Git tracks, a broken document, a damaged cache are all named."""
    subprocess.run(["git", "init", "-q"], cwd=site, check=True)
    (site / ".env").write_text("GHOST_ADMIN_API_KEY=x\n")
    subprocess.run(["git", "add", ".env"], cwd=site, check=True)
    (site / "broken.md").write_text("---\nstatus: nonsense\n---\n")
    (site / ".ghostsync" / "cache.db").write_bytes(b"no database at all, but long enough to be looked at")
    (site / "ghostsync.toml").write_text('marker_tag = ""\n')
    code, found = verdicts(empty_ghost6, cwd=site)
    assert code == 2
    ill = {name: each["verdict"] for name, each in found.items() if each["verdict"] != "good"}
    assert ill == {"secrets": "bad", "content": "bad", "cache": "warning", "marker tag": "note", "project": "warning"}
    assert all(found[name]["hint"] for name in ill if ill[name] != "note")
    assert "ghostsync check" in found["content"]["hint"]
    assert "git rm --cached .env" in found["secrets"]["hint"]


@pytest.mark.parametrize(
    ("url", "key", "name", "code"),
    [
        ("http://127.0.0.1:1", "0123456789abcdef01234567:" + "89abcdef" * 8, "site", 1),
        (None, "0123456789abcdef01234567:" + "89abcdef" * 8, "key", 1),
        (None, "nonsense", "credentials", 2),
        ("http://ghost.example", "0123456789abcdef01234567:" + "89abcdef" * 8, "credentials", 2),
    ],
)
def test_what_would_stop_a_run_stops_no_examination(
    url: str | None, key: str, name: str, code: int, tmp_path: Path, ghost6: Instance
) -> None:
    """The code is that of a run, the key is not shown, and the rest is examined all the same."""
    environ = {"GHOST_ADMIN_API_URL": url or ghost6.url, "GHOST_ADMIN_API_KEY": key}
    done, found = verdicts(None, cwd=tmp_path, **environ)
    assert done == code
    assert found[name]["verdict"] == "bad"
    assert found[name]["hint"]
    assert "89abcdef" not in json.dumps(found)
    assert "content" in found


def test_uploads_that_nothing_refers_to_are_listed(site: Path, empty_ghost6: Instance) -> None:
    """A picture that was replaced is listed, with its place on the server; the one that is shown is not."""
    (site / "hello.md").write_text("---\nstatus: published\n---\n# Hello\n\nNo picture any more.\n")
    assert run(empty_ghost6, "push", cwd=site).returncode == 0
    seen = run(empty_ghost6, "doctor", "--media", cwd=site)
    assert seen.returncode == 0
    assert "nothing refers to 1 upload" in seen.stdout
    line = next(line.strip() for line in seen.stdout.splitlines() if line.strip().startswith("content/images/"))
    assert (Path(empty_ghost6.content_path) / line.removeprefix("content/")).is_file()

    shutil.rmtree(site / ".ghostsync")
    _, found = verdicts(empty_ghost6, "--media", cwd=site)
    assert found["media"]["items"] == [line], "the records in the post history know it too"


def test_one_upload_has_many_spellings() -> None:
    """Sizes, formats, originals and absolute addresses are the same file."""
    assert set(
        paths_in(
            "https://a.example/content/images/size/w600/2026/11/a-1.png",
            '"/content/images/size/w1000/format/webp/2026/11/a-1.png"',
            "(__GHOST_URL__/content/images/2026/11/a-1_o.png)",
            "/content/images/2026/11/a-1.png?x=1",
        )
    ) == {"content/images/2026/11/a-1.png"}
