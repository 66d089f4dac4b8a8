"""The watch over real files and real events."""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ghostsync.errors import Problem, Unauthorized, Unreachable
from ghostsync.model import Digest, DocPath
from ghostsync.watch.loop import Watch
from ghostsync.watch.tidings import Away, Back, Ran, Report

if TYPE_CHECKING:
    from .conftest import Recorder  # type: ignore[import-not-found]

from importlib.util import module_from_spec, spec_from_file_location

_SPEC = spec_from_file_location("watch_conftest", Path(__file__).parent / "conftest.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_HOME = module_from_spec(_SPEC)
_SPEC.loader.exec_module(_HOME)
watching = _HOME.watching


VIM = shutil.which("vim") or shutil.which("vim.tiny")


def one(path: str) -> frozenset[DocPath]:
    """Return a batch of one path."""
    return frozenset({DocPath(path)})


def test_everything_once_at_the_start(site: Path, recorder: Recorder) -> None:
    """Before it waits, the watch looks at everything, so that nothing saved before it began is missed."""
    with watching(site, recorder):
        pass
    assert recorder.asked == [None]


def test_a_plain_save_is_one_push_of_that_path(site: Path, recorder: Recorder) -> None:
    """Writing into a document pushes it, and it alone, once."""
    with watching(site, recorder):
        (site / "posts" / "a.md").write_text("changed")
        recorder.wait_for_pushes(2)
        (site / "posts" / "b.md").write_text("changed")
        recorder.wait_for_pushes(3)
    assert recorder.asked == [None, one("posts/a.md"), one("posts/b.md")]


def test_an_atomic_rename_save(site: Path, recorder: Recorder) -> None:
    """A temporary file renamed over the document, as VS Code and many others save, is one push."""
    with watching(site, recorder):
        temporary = site / "posts" / ".a.md.tmp123"
        temporary.write_text("changed")
        temporary.replace(site / "posts" / "a.md")
        recorder.wait_for_pushes(2)
    assert recorder.asked == [None, one("posts/a.md")]


@pytest.mark.skipif(VIM is None, reason="vim is not on this machine: install vim-tiny")
@pytest.mark.parametrize("backup", ["backupcopy=no", "backupcopy=yes"])
def test_vim_writes_with_backup_and_swap_files(site: Path, recorder: Recorder, backup: str) -> None:
    """`:w` in vim, whichever way it keeps its backup, is one push of the document."""
    commands = f"set nocp\nset backupskip=\nset backup writebackup swapfile {backup}\n$a\nNew words\n.\nw\nq!\n"
    with watching(site, recorder, debounce=0.3):
        subprocess.run(
            [str(VIM), "-u", "NONE", "-es", str(site / "posts" / "a.md")],
            check=False, input=commands, text=True, capture_output=True, timeout=20,
        )  # fmt: skip
        recorder.wait_for_pushes(2)
    assert (site / "posts" / "a.md~").exists()
    assert "New words" in (site / "posts" / "a.md").read_text()
    assert recorder.asked == [None, one("posts/a.md")]


def test_a_removal_is_believed_after_the_settle_time(site: Path, recorder: Recorder) -> None:
    """A deleted document is handed over, but only once it has stayed away."""
    with watching(site, recorder, settle=0.5):
        begun = time.monotonic()
        (site / "posts" / "a.md").unlink()
        recorder.wait_for_pushes(2)
    assert recorder.asked[1] == one("posts/a.md")
    assert recorder.there[1] == frozenset()
    assert recorder.times[1] - begun >= 0.5


def test_deleted_and_restored_is_no_removal(site: Path, recorder: Recorder) -> None:
    """A file that comes back within the settle time is never handed over as gone."""
    with watching(site, recorder, settle=2.0):
        (site / "posts" / "a.md").unlink()
        (site / "posts" / "b.md").write_text("meanwhile")
        (site / "posts" / "a.md").write_text("a")
        recorder.wait_for_pushes(2)
    assert recorder.there[1] == recorder.asked[1] == {"posts/a.md", "posts/b.md"}


def test_a_new_folder_with_files(site: Path, recorder: Recorder) -> None:
    """Files that appear together with their folder are seen."""
    with watching(site, recorder):
        new = site / "posts" / "2026" / "deep"
        new.mkdir(parents=True)
        for number in range(5):
            (new / f"{number}.md").write_text("new")
        recorder.wait_for(lambda: len(frozenset().union(*[paths or () for paths in recorder.asked])) >= 5)
        (new / "0.md").write_text("and later")
        count = len(recorder.asked) + 1
        recorder.wait_for_pushes(count)
    assert frozenset().union(*[paths or () for paths in recorder.asked]) >= {
        f"posts/2026/deep/{number}.md" for number in range(5)
    }
    assert recorder.asked[-1] == one("posts/2026/deep/0.md")


def test_a_renamed_folder_is_one_batch_with_both_names(site: Path, recorder: Recorder) -> None:
    """Old and new paths of a renamed folder come in one run, so that moves can be seen as moves."""
    with watching(site, recorder, settle=0.3):
        (site / "posts").rename(site / "articles")
        recorder.wait_for_pushes(2)
    assert recorder.asked[1] == {"posts/a.md", "posts/b.md", "articles/a.md", "articles/b.md"}
    assert recorder.there[1] == {"articles/a.md", "articles/b.md"}


def test_a_replaced_picture(site: Path, recorder: Recorder) -> None:
    """Pictures are handed over too."""
    (site / "posts" / "pic.png").write_bytes(b"old")
    with watching(site, recorder):
        (site / "posts" / "pic.png").write_bytes(b"new")
        recorder.wait_for_pushes(2)
    assert recorder.asked[1] == one("posts/pic.png")


def test_a_checkout_of_500_files_is_one_run_without_removals(tmp_path: Path) -> None:
    """`git checkout` of a branch that changes 500 files: one batch, no file seen missing."""
    site = tmp_path / "site"
    site.mkdir()

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=site, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    for branch, text in (("main", "one"), ("other", "two")):
        if branch == "other":
            git("checkout", "-q", "-b", "other")
        for number in range(500):
            (site / f"{number}.md").write_text(f"{text} {number}")
        git("add", "-A")
        git("commit", "-q", "-m", branch)
    recorder = _HOME.Recorder(site)
    with watching(site, recorder, git_lock=site / ".git" / "index.lock"):
        git("checkout", "-q", "main")
        recorder.wait_for_pushes(2)
    assert len(recorder.asked) == 2
    assert recorder.asked[1] == recorder.there[1] == {f"{number}.md" for number in range(500)}


def test_nobody_looks_while_git_holds_its_lock(site: Path, recorder: Recorder) -> None:
    """Between two halves of a checkout nothing is pushed, however long the pause."""
    lock = site / "index.lock"
    lock.write_text("")
    with watching(site, recorder, git_lock=lock, settle=0.1):
        (site / "posts" / "a.md").write_text("first half")
        begun = time.monotonic()
        while time.monotonic() - begun < 0.6:
            assert len(recorder.asked) == 1
            os.sched_yield()
        (site / "posts" / "b.md").write_text("second half")
        lock.unlink()
        recorder.wait_for_pushes(2)
    assert recorder.asked[1] is not None
    assert recorder.asked[1] >= {"posts/a.md", "posts/b.md"}


def test_its_own_writes_do_not_come_back(site: Path, recorder: Recorder) -> None:
    """What pull wrote is not pushed; an edit of the same file afterwards is."""
    target = site / "posts" / "a.md"

    def pulling() -> Report:
        if recorder.pulls > 1:
            return Report()
        target.write_text("from Ghost")
        return Report(
            applied=("posts/a.md",), written={DocPath("posts/a.md"): Digest(hashlib.sha256(b"from Ghost").hexdigest())}
        )

    recorder.pulling = pulling
    with watching(site, recorder, pull_every=0.2):
        recorder.wait_for(lambda: recorder.pulls >= 5)  # time enough for its event to have come
        assert recorder.asked == [None]
        target.write_text("and a person's edit")
        recorder.wait_for_pushes(2)
    assert recorder.asked == [None, one("posts/a.md")]


def test_a_server_that_goes_away_is_caught_up_with(site: Path, recorder: Recorder) -> None:
    """While it is away it is told once; when it is back, everything is looked at."""
    with watching(site, recorder):
        away = Unreachable("nobody answers")
        recorder.answers = [away, away]
        (site / "posts" / "a.md").write_text("while away")
        recorder.wait_for_pushes(3)
        (site / "posts" / "b.md").write_text("while away too")
        recorder.wait_for(lambda: any(isinstance(tidings, Back) for tidings in recorder.told))
    assert recorder.asked[1] == one("posts/a.md")
    assert recorder.asked[-1] is None
    assert [type(tidings) for tidings in recorder.told if isinstance(tidings, Away | Back)] == [Away, Back]


def test_a_refused_key_ends_the_watch(site: Path, recorder: Recorder) -> None:
    """The control: what waiting does not cure is raised."""
    recorder.answers = [Report(), Unauthorized("the key was refused")]

    def save_once() -> None:
        with watching(site, recorder):
            (site / "posts" / "a.md").write_text("changed")
            recorder.wait_for_pushes(2)

    with pytest.raises(Unauthorized):
        save_once()


def test_a_fault_is_told_once_until_it_is_fixed(site: Path, recorder: Recorder) -> None:
    """The same fault again is silence; a new one and the repair are news."""
    first = Problem(path="posts/a.md", line=3, message="no such tag")
    second = Problem(path="posts/a.md", line=4, message="no such author")
    paths = one("posts/a.md")
    recorder.answers = [
        Report(problems=(first,)),
        Report(problems=(first,), looked_at=paths),
        Report(problems=(first, second), looked_at=paths),
        Report(looked_at=paths),
    ]
    with watching(site, recorder):
        for count in range(2, 5):
            (site / "posts" / "a.md").write_text(f"attempt {count}")
            recorder.wait_for_pushes(count)
        recorder.wait_for(lambda: any(isinstance(tidings, Ran) and tidings.fixed for tidings in recorder.told))
    news = [(tidings.faults, tidings.fixed) for tidings in recorder.told if isinstance(tidings, Ran)]
    assert news == [((first,), ()), ((second,), ()), ((), ("posts/a.md",))]


def test_after_sleep_lost_events_are_found(site: Path, recorder: Recorder) -> None:
    """When the wall clock has jumped ahead, the tree is compared with what it was."""
    shift = [0.0]
    watch = Watch(site, recorder, recorder.tell, pull_every=3600.0, wall=lambda: time.monotonic() + shift[0])
    import threading

    thread = threading.Thread(target=watch.run)
    thread.start()
    recorder.wait_for_pushes(1)
    (site / "posts" / "a.md").write_text("nobody heard of this")  # there is no observer
    shift[0] = 3600.0
    watch.heard(DocPath("posts/none.md"))
    recorder.wait_for_pushes(2)
    recorder.wait_for(lambda: recorder.pulls == 1)
    watch.stop()
    thread.join(20)
    assert recorder.asked[1] == one("posts/a.md")


def test_one_file_among_ten_thousand_is_handed_over_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The watch's own part between save and push, debounce included, stays below 250 ms (median of 20, printed)."""
    site = tmp_path / "site"
    for folder in range(100):
        (site / str(folder)).mkdir(parents=True)
        for number in range(100):
            (site / str(folder) / f"{number}.md").write_text("text")
    recorder = _HOME.Recorder(site)
    delays = []
    with watching(site, recorder):
        for number in range(20):
            begun = time.monotonic()
            (site / str(number) / "7.md").write_text(f"edit {number}")
            recorder.wait_for_pushes(number + 2)
            delays.append(recorder.times[-1] - begun)
    with capsys.disabled():
        print(f"\nwatch, 1 of 10,000: save to push {statistics.median(delays) * 1000:.0f} ms (median of 20)")
    assert statistics.median(delays) < 0.25


def test_a_conflict_that_both_ways_see_is_told_once(site: Path, recorder: Recorder) -> None:
    """Push and pull each have words of their own for it; only the first is told, and the end once."""
    ours = Problem(path="posts/a.md", message="conflict: changed here and in Ghost")
    theirs = Problem(path="posts/a.md", message="conflict: a place is marked in the file")
    recorder.answers = [Report(problems=(ours,))]
    recorder.pulling = lambda: Report(problems=(theirs,) if recorder.pulls < 3 else ())
    with watching(site, recorder, pull_every=0.05):
        recorder.wait_for(lambda: recorder.pulls >= 2)
        recorder.answers = [Report(problems=(ours,), looked_at=one("posts/a.md"))]
        (site / "posts" / "a.md").write_text("still broken")
        recorder.wait_for(lambda: recorder.pulls >= 4 and len(recorder.asked) >= 2)
        (site / "posts" / "a.md").write_text("settled")
        recorder.wait_for(lambda: any(isinstance(tidings, Ran) and tidings.fixed for tidings in recorder.told))
    news = [(tidings.faults, tidings.fixed) for tidings in recorder.told if isinstance(tidings, Ran)]
    assert news == [((ours,), ()), ((), ("posts/a.md",))]


def test_what_a_merge_left_is_pushed_at_once(site: Path, recorder: Recorder) -> None:
    """Documents that a pull wrote are looked at by a push, since their own events are known to be ours."""
    path = DocPath("posts/a.md")

    def pulling() -> Report:
        if recorder.pulls > 1:
            return Report()
        (site / path).write_text("merged")
        return Report(written={path: Digest(hashlib.sha256(b"merged").hexdigest())}, to_push=one(path))

    recorder.pulling = pulling
    with watching(site, recorder, pull_every=0.2):
        recorder.wait_for(lambda: recorder.pulls >= 4)
    assert recorder.asked == [None, one(path)]


def test_a_configuration_beside_the_content_is_watched(tmp_path: Path) -> None:
    """`ghostsync.toml` above the content directory is heard of, and nothing else there."""
    site = tmp_path / "content"
    site.mkdir()
    (tmp_path / "ghostsync.toml").write_text("")
    recorder = _HOME.Recorder(site)
    beside = frozenset({DocPath("../ghostsync.toml")})
    with watching(site, recorder, beside=beside):
        (tmp_path / "README.md").write_text("not content")
        (tmp_path / "ghostsync.toml").write_text('project = "x"')
        recorder.wait_for_pushes(2)
    assert recorder.asked == [None, beside]
