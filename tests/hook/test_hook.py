"""The pre-push hook, in scratch repositories with bare remotes and a real `git push`."""

from __future__ import annotations

import importlib.util
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ghostsync.hook import Installed, RefUpdate, install, parse_updates, uninstall, updates_of_framework

ROOT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
GOOD = "---\ntitle: Good\n---\n\nText.\n"
BROKEN = "---\ntitle: Broken\nstatus: sometimes\n---\n\nText.\n"


class Clone:
    """A repository with content, a bare remote, and our hook."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bare = folder / "work", folder / "bare.git"
        self.folder.mkdir()
        home = folder / "home"
        home.mkdir()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GHOST_"))},
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self.run("git", "init", "-q", "-b", "main")
        self.run("git", "init", "-q", "--bare", str(self.bare))
        self.run("git", "remote", "add", "origin", str(self.bare))

    def run(self, *command: str, cwd: Path | None = None, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command here."""
        where = cwd or self.folder
        return subprocess.run(
            command, cwd=where, env=self.environ, capture_output=True, text=True, check=False, timeout=seconds
        )

    def commit(self, **files: str) -> str:
        """Commit posts by name and return the commit."""
        for name, text in files.items():
            file = self.folder / "site" / "posts" / f"{name}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "--no-verify", "-m", "change")
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def push(self, branch: str = "main", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Push this branch."""
        return self.run("git", "push", "origin", f"HEAD:{branch}", cwd=cwd)

    def remote_head(self, branch: str = "main") -> str:
        """Return what the remote has, or an empty text."""
        return self.run("git", "--git-dir", str(self.bare), "rev-parse", "-q", "--verify", branch).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone with configuration, one good post and our hook."""
    made = Clone(tmp_path)
    (made.folder / "ghostsync.toml").write_text('content = "site"\n')
    made.commit(good=GOOD)
    done = made.run("ghostsync", "hook", "install")
    assert done.returncode == 0, done.stderr
    return made


def test_a_broken_document_is_refused_and_the_remote_untouched(clone: Clone) -> None:
    """The refusal names file, line and what to do, and nothing arrives."""
    clone.commit(broken=BROKEN)
    pushed = clone.push()
    assert pushed.returncode != 0
    assert "posts/broken.md:3: " in pushed.stderr
    assert "sometimes" in pushed.stderr
    assert "hint: " in pushed.stderr
    assert clone.remote_head() == ""


def test_valid_content_passes_offline_with_a_note(clone: Clone) -> None:
    """Without key or network the content is checked, a note says so, and the push goes through."""
    commit = clone.commit(more=GOOD.replace("Good", "More"))
    pushed = clone.push()
    assert pushed.returncode == 0, pushed.stderr
    assert "content is valid; not compared with Ghost" in pushed.stderr
    assert clone.remote_head() == commit


def test_an_unreachable_server_passes_with_a_note(clone: Clone) -> None:
    """A key and a server that does not answer: the same."""
    clone.environ |= {
        "GHOST_ADMIN_API_URL": "http://127.0.0.1:9",
        "GHOST_ADMIN_API_KEY": f"{'a' * 24}:{'b' * 64}",
    }
    commit = clone.commit(more=GOOD.replace("Good", "More"))
    pushed = clone.push()
    assert pushed.returncode == 0, pushed.stderr
    assert "not compared with Ghost" in pushed.stderr
    assert "b" * 64 not in pushed.stderr
    assert clone.remote_head() == commit


def test_content_beside_the_folder_of_its_configuration(clone: Clone) -> None:
    """`content = "../site"`: the hook looks at both, as the commit has them."""
    (clone.folder / "ghostsync.toml").unlink()
    (clone.folder / "tools").mkdir()
    (clone.folder / "tools" / "ghostsync.toml").write_text('content = "../site"\n')
    clone.commit(good=GOOD.replace("Text", "Words"))
    done = clone.run("ghostsync", "hook", "install", cwd=clone.folder / "tools")
    assert done.returncode == 0, done.stderr
    passed = clone.push()
    assert passed.returncode == 0, passed.stderr
    assert "content is valid" in passed.stderr
    clone.commit(bad=BROKEN)
    refused = clone.push()
    assert refused.returncode != 0
    assert "posts/bad.md:3: `status` is" in refused.stderr


def test_the_working_tree_is_not_what_is_checked(clone: Clone) -> None:
    """A broken file that is only saved or staged does not block; a broken commit does although the file is mended."""
    broken = clone.folder / "site" / "posts" / "broken.md"
    broken.write_text(BROKEN)
    clone.run("git", "add", "-A")
    assert clone.push().returncode == 0
    clone.commit(broken=BROKEN)
    broken.write_text(GOOD)
    assert clone.push().returncode != 0
    assert "broken.md:3" in clone.push().stderr


@pytest.mark.parametrize("case", ["other branch", "code only", "deletion"])
def test_what_does_not_concern_content_costs_next_to_nothing(clone: Clone, case: str) -> None:
    """A branch that is not configured, a push of code, the removal of a branch: nothing is said, in half a second."""
    assert clone.push().returncode == 0
    assert clone.run("git", "push", "--no-verify", "origin", "HEAD:topic").returncode == 0
    if case == "other branch":
        clone.commit(broken=BROKEN)
        arguments = ["origin", "HEAD:topic"]
    elif case == "code only":
        (clone.folder / "code.py").write_text("1")
        clone.commit()
        arguments = ["origin", "HEAD:main"]
    else:
        arguments = ["origin", ":topic"]
    walls, costs = [], []
    for attempt in range(3):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        pushed = clone.run("git", "push", "--dry-run" if attempt < 2 else "--verbose", *arguments)
        walls.append(time.perf_counter() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert pushed.returncode == 0, pushed.stderr
        assert "ghostsync" not in pushed.stderr
    # What it computes, since how long it waits for a processor says nothing about it; on an idle machine the two agree.
    print(f"push of {case}: {min(costs) * 1000:.0f} ms of computing, {min(walls) * 1000:.0f} ms")
    assert min(costs) < 0.5


def test_an_existing_hook_is_kept_and_runs_first(clone: Clone) -> None:
    """It gets the same arguments and the same input, its refusal counts, and uninstall puts it back."""
    hooks = clone.folder / ".git" / "hooks"
    clone.run("ghostsync", "hook", "uninstall")
    own = hooks / "pre-push"
    own.write_text('#!/bin/sh\necho "mine: $1" >&2\ncat >&2\ntest ! -e refuse\n')
    own.chmod(0o755)
    text = own.read_text()
    done = clone.run("ghostsync", "hook", "install")
    assert "kept" in done.stderr
    assert clone.run("ghostsync", "hook", "install").returncode == 0  # again: nothing is chained twice
    pushed = clone.push()
    assert pushed.returncode == 0, pushed.stderr
    assert "mine: origin" in pushed.stderr
    assert "refs/heads/main" in pushed.stderr
    assert "content is valid" in pushed.stderr
    (clone.folder / "refuse").write_text("")
    clone.commit(more=GOOD.replace("Good", "More"))
    assert clone.push().returncode != 0
    clone.run("ghostsync", "hook", "uninstall")
    assert own.read_text() == text
    assert not (hooks / "pre-push.before-ghostsync").exists()


def test_core_hookspath_is_honoured(clone: Clone) -> None:
    """The hook goes where Git looks for it."""
    clone.run("ghostsync", "hook", "uninstall")
    clone.run("git", "config", "core.hooksPath", ".githooks")
    assert clone.run("ghostsync", "hook", "install").returncode == 0
    assert (clone.folder / ".githooks" / "pre-push").exists()
    clone.commit(broken=BROKEN)
    assert clone.push().returncode != 0


def test_a_push_from_a_linked_worktree_is_checked(clone: Clone) -> None:
    """A worktree shares the hook, and its own branch is what is looked at."""
    tree = clone.folder.parent / "tree"
    clone.run("git", "worktree", "add", "-q", "-b", "other", str(tree))
    (tree / "site" / "posts" / "broken.md").write_text(BROKEN)
    clone.run("git", "add", "-A", cwd=tree)
    clone.run("git", "commit", "-q", "-m", "broken", cwd=tree)
    pushed = clone.push(cwd=tree)
    assert pushed.returncode != 0
    assert "broken.md:3" in pushed.stderr


def test_no_verify_is_git_s_way_around(clone: Clone) -> None:
    """The control: what is refused goes through with --no-verify, so it was the hook that refused."""
    commit = clone.commit(broken=BROKEN)
    assert clone.push().returncode != 0
    assert clone.run("git", "push", "--no-verify", "origin", "main").returncode == 0
    assert clone.remote_head() == commit


def test_without_ghostsync_on_the_path_the_push_passes(clone: Clone) -> None:
    """A colleague without ghostsync can push, and is told that nothing was checked."""
    clone.environ["PATH"] = "/usr/bin:/bin"
    clone.commit(broken=BROKEN)
    pushed = clone.push()
    assert pushed.returncode == 0
    assert "not checked" in pushed.stderr


def test_installing_outside_git_says_so(tmp_path: Path) -> None:
    """Without a repository there is nothing to install into."""
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "ghostsync", "hook", "install"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "git init" in done.stderr


def test_a_taken_aside_place_is_an_error(tmp_path: Path) -> None:
    """Somebody's hook is never overwritten by keeping another one."""
    (tmp_path / "pre-push").write_text("mine")
    (tmp_path / "pre-push.before-ghostsync").write_text("older")
    with pytest.raises(Exception, match="is taken"):
        install(tmp_path, folder=Path())
    assert (tmp_path / "pre-push").read_text() == "mine"
    assert uninstall(tmp_path) is False


def test_lines_of_git_and_of_the_framework() -> None:
    """Both ways of being told what is pushed mean the same."""
    one, two = "1" * 40, "2" * 40
    update = RefUpdate(local_ref="refs/heads/x", local_commit=two, remote_ref="refs/heads/main", remote_commit=one)
    assert parse_updates(f"refs/heads/x {two} refs/heads/main {one}\nnonsense\n") == (update,)
    environ = {
        "PRE_COMMIT_FROM_REF": one,
        "PRE_COMMIT_TO_REF": two,
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/x",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
    }
    assert updates_of_framework(environ) == (update,)
    assert updates_of_framework({}) == ()
    del environ["PRE_COMMIT_FROM_REF"], environ["PRE_COMMIT_TO_REF"]
    [first] = updates_of_framework(environ)
    assert first.is_new
    assert first.local_commit == "refs/heads/x"
    assert Installed("new") is Installed.NEW


def test_several_refs_in_one_push(clone: Clone) -> None:
    """`git push --all`: the configured branch is checked, what only other branches have is not, and all or none go."""
    clone.run("git", "checkout", "-q", "-b", "topic")
    clone.commit(broken=BROKEN)
    passed = clone.run("git", "push", "--all", "origin")
    assert passed.returncode == 0, passed.stderr
    assert clone.remote_head("topic") != clone.remote_head("main") != ""
    clone.run("git", "checkout", "-q", "main")
    clone.run("git", "merge", "-q", "topic")
    before = clone.remote_head("main")
    refused = clone.run("git", "push", "--all", "origin")
    assert refused.returncode != 0
    assert "broken.md:3" in refused.stderr
    assert clone.remote_head("main") == before


def test_a_forced_push_and_commits_that_were_never_fetched(clone: Clone) -> None:
    """A rewritten branch, and one whose other side is unknown here: the pushed content is checked all the same."""
    clone.commit(more=GOOD.replace("Good", "More"))
    assert clone.push().returncode == 0
    clone.run("git", "reset", "-q", "--hard", "HEAD^")
    clone.commit(broken=BROKEN)
    refused = clone.run("git", "push", "--force", "origin", "HEAD:main")
    assert refused.returncode != 0
    assert "broken.md:3" in refused.stderr
    other = clone.folder.parent / "other"
    clone.run("git", "clone", "-q", "-b", "main", str(clone.bare), str(other))
    (other / "site" / "posts" / "theirs.md").write_text(GOOD.replace("Good", "Theirs"))
    clone.run("git", "add", "-A", cwd=other)
    clone.run("git", "commit", "-q", "-m", "theirs", cwd=other)
    assert clone.run("git", "push", "-q", "origin", "HEAD:main", cwd=other).returncode == 0
    refused = clone.run("git", "push", "--force", "origin", "HEAD:main")
    assert refused.returncode != 0
    assert "broken.md:3" in refused.stderr
    (clone.folder / "site" / "posts" / "broken.md").write_text(GOOD.replace("Good", "Mended"))
    mended = clone.commit()
    assert clone.run("git", "push", "--force", "origin", "HEAD:main").returncode == 0
    assert clone.remote_head() == mended


def test_a_broken_configuration_is_named_as_the_commit_has_it(clone: Clone) -> None:
    """The pushed `ghostsync.toml` is what counts, and its fault has a line and no scratch folder."""
    (clone.folder / "ghostsync.toml").write_text('content = "site"\nprun = "draft"\n')
    commit = clone.commit()
    (clone.folder / "ghostsync.toml").write_text('content = "site"\n')
    refused = clone.push()
    assert refused.returncode != 0
    assert f"{commit[:9]}:ghostsync.toml" in refused.stderr
    assert "ghostsync.toml:2" in refused.stderr
    assert "/ghostsync-hook-" not in refused.stderr


@pytest.fixture
def nobody(clone: Clone) -> Iterator[list[str]]:
    """An address that the clone knows as its Ghost; what comes in is remembered, nothing is answered."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                asked.append("asked")
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        clone.environ |= {
            "GHOST_ADMIN_API_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
            "GHOST_ADMIN_API_KEY": f"{'a' * 24}:{'b' * 64}",
        }
        yield asked
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_another_branch_asks_ghost_nothing(clone: Clone, nobody: list[str]) -> None:
    """No request for a branch that is not configured; the control is one that is."""
    clone.commit(more=GOOD.replace("Good", "More"))
    assert clone.push("topic").returncode == 0
    assert nobody == []
    assert clone.push("main").returncode == 0
    assert nobody != []


FRAMEWORK = importlib.util.find_spec("pre_commit")


@pytest.mark.skipif(FRAMEWORK is None, reason="the pre-commit framework is not installed")
@pytest.mark.parametrize(
    "language",
    ["system", pytest.param("python", marks=pytest.mark.skipif(not LONG, reason="installs: GHOSTSYNC_LONG=1"))],
)
def test_with_the_pre_commit_framework(clone: Clone, language: str) -> None:
    """Both hooks of `.pre-commit-hooks.yaml`, run by the framework itself: at the commit, and at the push."""
    clone.run("ghostsync", "hook", "uninstall")
    hooks = clone.folder.parent / "hooks"
    if language == "python":
        clone.run("git", "clone", "-q", str(ROOT), str(hooks))
    else:
        # The framework would install ghostsync from the network into an environment of its own; this one is at hand.
        hooks.mkdir()
        text = (ROOT / ".pre-commit-hooks.yaml").read_text()
        assert text.count("language: python") == 2
        (hooks / ".pre-commit-hooks.yaml").write_text(text.replace("language: python", "language: system"))
        clone.run("git", "init", "-q", cwd=hooks)
        clone.run("git", "add", "-A", cwd=hooks)
        clone.run("git", "commit", "-q", "-m", "hooks", cwd=hooks)
    revision = clone.run("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()
    (clone.folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks:\n"
        "      - id: ghostsync-check\n      - id: ghostsync-push\n"
    )
    clone.environ["PRE_COMMIT_HOME"] = str(clone.folder.parent / "framework")
    commit = clone.commit()
    done = clone.run("pre-commit", "install", "-t", "pre-commit", "-t", "pre-push")
    assert done.returncode == 0, done.stdout + done.stderr

    broken = clone.folder / "site" / "posts" / "broken.md"
    broken.write_text(BROKEN)
    clone.run("git", "add", "-A")
    refused = clone.run("git", "commit", "-q", "-m", "broken", seconds=300)
    assert refused.returncode != 0
    assert "broken.md:3" in refused.stdout + refused.stderr
    clone.run("git", "commit", "-q", "--no-verify", "-m", "broken")
    broken.unlink()
    for _ in range(2):  # the first push takes the root commit along, which the framework tells differently
        pushed = clone.push()
        assert pushed.returncode != 0
        assert "broken.md:3" in pushed.stdout + pushed.stderr
        assert clone.run("git", "push", "--no-verify", "-q", "origin", f"{commit}:refs/heads/main").returncode == 0
    clone.run("git", "rm", "-q", "--cached", "site/posts/broken.md")
    mended = clone.commit()
    pushed = clone.push()
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert clone.remote_head() == mended
