"""The watch with real files, real events and a real Ghost: what a save costs, counted in Ghost's own log."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
import zlib
from pathlib import Path

import pytest
from watch.real_watch import IS_LONG, Watching, content_writes, post, watching

from ghostsync.sandbox import Instance

VIM = shutil.which("vim") or shutil.which("vim.tiny")
MANY = 500 if IS_LONG else 30
OUTAGE = 20.0 if IS_LONG else 3.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A content directory with a project, so that pruning is possible, and one published post."""
    folder = tmp_path / "site"
    (folder / "posts").mkdir(parents=True)
    (folder / "ghostsync.toml").write_text('project = "watched"\n')
    (folder / "posts" / "one.md").write_text(post("One", status="published"))
    return folder


def png(shade: int) -> bytes:
    """Return a small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (2).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = (b"\0" + bytes([shade]) * 6) * 2
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def git(root: Path, *arguments: str) -> None:
    """Run Git in a folder."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.mark.skipif(VIM is None, reason="vim is not on this machine: install vim-tiny")
def test_saving_from_vim_is_one_write(root: Path, empty_ghost6: Instance) -> None:
    """`:w` with backup and swap files, whichever way vim keeps its backup: one PUT a save."""
    with watching(root, empty_ghost6, "--prune", "delete") as seen:
        for number, backup in enumerate(("backupcopy=no", "backupcopy=yes"), 1):
            log = empty_ghost6.log_requests()
            settings = f"set nocp\nset backupskip=\nset backup writebackup swapfile {backup}"
            commands = f"{settings}\n$a\n\nsaved {number} times\n.\nw\nq!\n"
            subprocess.run(
                [str(VIM), "-u", "NONE", "-es", "posts/one.md"],
                cwd=root, check=False, input=commands, text=True, capture_output=True, timeout=30,
            )  # fmt: skip
            seen.wait_for("updated posts/one.md", times=number)
            seen.wait_for("waiting for changes", times=number + 1)
            assert content_writes(log) == ["PUT posts"]
        assert (root / "posts" / "one.md~").exists()
        [there] = seen.site.posts.list(formats=["html"])
        assert "saved 1 times" in str(there.html)
        assert "saved 2 times" in str(there.html)


def test_an_atomic_save_and_a_restored_file(root: Path, empty_ghost6: Instance) -> None:
    """A temporary file renamed over the document is one PUT; a file deleted and restored in a moment is nothing."""
    original = (root / "posts" / "one.md").read_text()
    with watching(root, empty_ghost6, "--prune", "delete") as seen:
        log = empty_ghost6.log_requests()
        temporary = seen.write("posts/.one.md.x7f", post("One, anew", status="published"))
        temporary.replace(root / "posts" / "one.md")
        seen.wait_for("updated posts/one.md")
        assert content_writes(log) == ["PUT posts"]
        log = empty_ghost6.log_requests()
        (root / "posts" / "one.md").unlink()
        seen.write("posts/two.md", post("Two"))
        seen.write("posts/one.md", post("One, anew", status="published"))
        seen.wait_for("created posts/two.md → preview ")
        assert content_writes(log) == ["POST posts"]
        assert seen.titles() == ["One, anew", "Two"]
        # The control: what stays away is removed, and what is written again is a new post.
        (root / "posts" / "two.md").unlink()
        seen.wait_for("deleted posts/two.md")
        assert seen.titles() == ["One, anew"]
    assert original != (root / "posts" / "one.md").read_text()


def test_a_checkout_is_one_run(root: Path, empty_ghost6: Instance) -> None:
    """`git checkout` of a branch that changes every file: one plan, as many updates, nothing removed or made."""
    (root / "posts" / "one.md").unlink()
    (root / ".gitignore").write_text(".ghostsync/\n")
    git(root, "init", "-q", "-b", "main")
    for branch in ("main", "other"):
        for number in range(MANY):
            (root / "posts" / f"{number:03}.md").write_text(post(f"Post {number}", f"Text of {branch}."))
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", branch)
        git(root, "checkout", "-q", "-b", "other" if branch == "main" else "work", branch)
    git(root, "checkout", "-q", "main")
    with watching(root, empty_ghost6, "--prune", "delete") as seen:
        assert seen.count("created posts/") == MANY
        log = empty_ghost6.log_requests()
        git(root, "checkout", "-q", "other")
        seen.wait_for(f"{MANY} changes in ", times=1)
        seen.wait_for("waiting for changes", times=2)
        assert content_writes(log) == ["PUT posts"] * MANY
        assert sum(f"{MANY} changes in" in line for line in seen.lines) == 1


def test_folders_come_and_move(root: Path, empty_ghost6: Instance) -> None:
    """A new folder with files is as many creates; a renamed one neither delete nor create: posts keep their ids."""
    with watching(root, empty_ghost6, "--prune", "delete") as seen:
        log = empty_ghost6.log_requests()
        for number in range(4):
            seen.write(f"notes/2026/{number}.md", post(f"Note {number}"))
        seen.wait_until(lambda: seen.count("created notes/2026/") == 4, "4 notes")
        assert content_writes(log).count("POST posts") == 4
        ids = {item.title: item.id for item in seen.site.posts.list()}
        rests = seen.count("waiting for changes")
        log = empty_ghost6.log_requests()
        (root / "notes").rename(root / "essays")
        seen.write("essays/2026/0.md", post("Note 0", "Moved and edited."))
        seen.wait_for("updated essays/2026/0.md")
        seen.wait_for("waiting for changes", times=rests + 1)
        assert "POST posts" not in content_writes(log)
        assert "DELETE posts" not in content_writes(log)
        assert {item.title: item.id for item in seen.site.posts.list()} == ids


def test_a_picture_is_replaced(root: Path, empty_ghost6: Instance) -> None:
    """Other bytes under the same name: one upload, and the post that shows it is sent again."""
    (root / "posts" / "shade.png").write_bytes(png(10))
    (root / "posts" / "one.md").write_text(post("One", "![shade](shade.png)", status="published"))
    with watching(root, empty_ghost6) as seen:
        [before] = seen.site.posts.list(formats=["html"])
        log = empty_ghost6.log_requests()
        seen.write("posts/shade.png", png(200))
        seen.wait_for("updated posts/one.md")
        assert content_writes(log) == ["POST images", "PUT posts"]
        [after] = seen.site.posts.list(formats=["html"])
        assert "shade-" in str(after.html)
        assert str(after.html) != str(before.html)


def test_edits_in_ghost_come_into_the_files_and_do_not_bounce(root: Path, empty_ghost6: Instance) -> None:
    """A pull writes one line and triggers no push; a merge pushes our half; a real conflict is told once."""
    lines = [f"Line {number} of the text." for number in range(5)]
    (root / "posts" / "one.md").write_text(post("One", "\n\n".join(lines)))
    with watching(root, empty_ghost6, "--pull-every", "1") as seen:
        log = empty_ghost6.log_requests()
        _edit_in_ghost(seen, "Line 0 of the text.", "Line 0, edited in Ghost.")
        seen.wait_for("pulled posts/one.md")
        assert "Line 0, edited in Ghost." in (root / "posts" / "one.md").read_text()
        rests = seen.count("waiting for changes")
        seen.wait_for("waiting for changes", times=rests + 2)
        assert content_writes(log) == ["PUT posts"]  # the editor's own

        _edit_in_ghost(seen, "Line 2 of the text.", "Line 2, edited in Ghost.")
        text = (root / "posts" / "one.md").read_text()
        seen.write("posts/one.md", text.replace("Line 4 of the text.", "Line 4, edited here."))
        seen.wait_for("updated posts/one.md")
        text = (root / "posts" / "one.md").read_text()
        assert "Line 2, edited in Ghost." in text
        assert "Line 4, edited here." in text
        [there] = seen.site.posts.list(formats=["html"])
        assert "Line 2, edited in Ghost." in str(there.html)
        assert "Line 4, edited here." in str(there.html)

        _edit_in_ghost(seen, "Line 3 of the text.", "Line 3 is hers.")
        seen.write("posts/one.md", text.replace("Line 3 of the text.", "Line 3 is mine."))
        seen.wait_for("warning: posts/one.md")
        rests = seen.count("waiting for changes")
        seen.wait_for("waiting for changes", times=rests + 3)
        assert seen.count("warning: posts/one.md") == 1
        marked = (root / "posts" / "one.md").read_text()
        assert "<<<<<<<" in marked
        [there] = seen.site.posts.list(formats=["html"])
        assert "Line 3 is hers." in str(there.html)
        seen.write("posts/one.md", text.replace("Line 3 of the text.", "Line 3 is hers and mine."))
        seen.wait_for("updated posts/one.md", times=2)
        seen.wait_for("mended posts/one.md")


def _edit_in_ghost(seen: Watching, old: str, new: str) -> None:
    """Change words of the only post, as somebody with Ghost open would."""
    [there] = seen.site.posts.list()
    assert old in str(there.lexical)
    seen.site.posts.update(there.id, lexical=str(there.lexical).replace(old, new), updated_at=there.updated_at)


def test_a_server_that_is_away_for_a_while(root: Path, empty_ghost6: Instance) -> None:
    """Saves while Ghost is stopped are told of once and arrive when it is back; nothing is doubled."""
    with watching(root, empty_ghost6) as seen:
        empty_ghost6.stop()
        seen.write("posts/one.md", post("One, saved meanwhile", status="published"))
        seen.write("posts/two.md", post("Two, made meanwhile"))
        seen.wait_for("the server is away")
        threading.Event().wait(OUTAGE)
        seen.write("posts/three.md", post("Three, made meanwhile"))
        empty_ghost6.start()
        seen.wait_for("the server is back")
        seen.wait_until(lambda: seen.count("created posts/t") == 2, "both new posts")
        assert seen.titles() == ["One, saved meanwhile", "Three, made meanwhile", "Two, made meanwhile"]
        assert seen.count("the server is away") == 1


def test_a_frozen_process_catches_up(root: Path, empty_ghost6: Instance) -> None:
    """What was saved while the machine slept is pushed when it wakes."""
    with watching(root, empty_ghost6) as seen:
        seen.process.send_signal(signal.SIGSTOP)
        seen.write("posts/one.md", post("One, in the night", status="published"))
        (root / "posts").rename(root / "moved")
        seen.process.send_signal(signal.SIGCONT)
        seen.wait_for("updated moved/one.md")
        assert seen.titles() == ["One, in the night"]


def test_faults_of_documents_and_configuration_are_told_once(root: Path, empty_ghost6: Instance) -> None:
    """A broken configuration is told, the old one holds, and the mended one is read; so with a broken document."""
    with watching(root, empty_ghost6) as seen:
        seen.write("ghostsync.toml", "project = \n")
        seen.wait_for("warning: ghostsync.toml:1: ")
        seen.write("posts/two.md", post("Two", status="sometimes"))
        seen.wait_for("warning: posts/two.md:3: ")
        seen.write("posts/three.md", post("Three"))
        seen.wait_for("created posts/three.md")
        seen.write("ghostsync.toml", 'project = "watched"\n[defaults."posts/**"]\nfeatured = true\n')
        seen.wait_for("watching ", times=2)
        seen.write("posts/two.md", post("Two"))
        seen.wait_for("created posts/two.md")
        assert seen.count("warning: ghostsync.toml") == 1
        assert {item.title: item.featured for item in seen.site.posts.list()}["Two"] is True


def test_only_the_given_path_is_watched(root: Path, empty_ghost6: Instance) -> None:
    """A PATH below the content directory is a selection: nothing outside is sent or counts as gone."""
    (root / "drafts").mkdir()
    (root / "drafts" / "later.md").write_text(post("Later"))
    with watching(root, empty_ghost6, "posts", "--prune", "delete") as seen:
        seen.write("drafts/later.md", post("Later, edited"))
        seen.write("posts/two.md", post("Two"))
        seen.wait_for("created posts/two.md")
        assert seen.titles() == ["One", "Two"]
