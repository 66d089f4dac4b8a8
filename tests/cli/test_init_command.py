"""`ghostsync init`: from nothing to a project whose key works, asked or told."""

from __future__ import annotations

import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
from shell import at_terminal, run

from ghostsync import Ghost
from ghostsync.local.config import load_config
from ghostsync.local.generators import PLACES
from ghostsync.local.tree import ContentTree
from ghostsync.sandbox import Instance
from ghostsync.starting import Became, Start, config_text, ignore, ignore_text, keep_key, workflow_text, write_new

WRONG = "0123456789abcdef01234567:" + "89abcdef" * 8


def test_a_script_says_everything_with_options(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Address and piped key make a project; the key is in .env alone, readable by its owner, ignored by Git."""
    key = empty_ghost6.admin_key
    done = run(
        None, "init", "blog", "--url", empty_ghost6.url, "--key-stdin", "--project", "mine", "--content", "text",
        cwd=tmp_path, stdin=f"{key}\n",
    )  # fmt: skip
    folder = tmp_path / "blog"
    assert done.returncode == 0, done.stderr
    written = tomllib.loads((folder / "ghostsync.toml").read_text())
    assert written == {"project": "mine", "content": "text", "sites": {"production": {"url": empty_ghost6.url}}}
    assert (folder / ".env").read_text() == f"GHOST_ADMIN_API_KEY={key}\n"
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert (folder / ".gitignore").read_text() == ".env\n.ghostsync/\n"
    assert (folder / "text").is_dir()
    assert key not in done.stdout + done.stderr

    pushed = folder / "text" / "posts" / "hello.md"
    pushed.parent.mkdir()
    pushed.write_text("# Hello\n\nText.\n")
    assert run(None, "push", cwd=folder).returncode == 0
    assert run(None, "plan", "--exit-code", cwd=folder).returncode == 0


def test_a_person_is_asked_and_may_err(tmp_path: Path, empty_ghost6: Instance) -> None:
    """A wrong key is told at once and asked for again; what is typed as a key is never shown."""
    seen = at_terminal(
        None, "init", cwd=tmp_path,
        answers=[
            ("address of your site: ", f"{empty_ghost6.url}/ghost/\n"),
            ("Admin API key (not shown): ", f"{WRONG}\n"),
            ("address of your site [", "\n"),
            ("Admin API key (not shown): ", f"{empty_ghost6.admin_key}\n"),
            ("name of this project [", "my-blog\n"),
            ("folder for the documents [content]: ", "\n"),
            ("where to keep the key (env, keyring, none) [env]: ", "\n"),
        ],
    )  # fmt: skip
    assert seen.code == 0, seen.plain
    assert "error: " in seen.plain
    assert "the key works: Sandbox, Ghost 6.65.0" in seen.plain
    assert WRONG not in seen.text
    assert empty_ghost6.admin_key not in seen.text
    assert tomllib.loads((tmp_path / "ghostsync.toml").read_text())["project"] == "my-blog"


@pytest.mark.parametrize("question", ["name of this project [", "pre-push hook)? ", "where to keep the key ("])
def test_ctrl_c_at_a_question_leaves_nothing_behind(question: str, tmp_path: Path, ghost6: Instance) -> None:
    """Everything is asked before anything is written, so that the same command can be run again."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    asked = [
        ("Admin API key (not shown): ", f"{ghost6.admin_key}\n"),
        ("name of this project [", "\n"),
        ("folder for the documents [", "\n"),
        ("pre-push hook)? ", "y\n"),
        ("publishes what is merged? ", "y\n"),
        ("where to keep the key (", "\n"),
    ]
    until = next(number for number, (text, _) in enumerate(asked) if text == question)
    seen = at_terminal(
        None, "init", "blog", "--url", ghost6.url, "--no-import", cwd=tmp_path,
        answers=[*asked[:until], (question, "\x03")],
    )  # fmt: skip
    assert seen.code == 130, seen.plain
    assert "interrupted" in seen.plain
    assert [file.name for file in tmp_path.iterdir()] == [".git"]
    assert not (tmp_path / ".git/hooks/pre-push").exists()


def test_ctrl_d_at_the_key_is_an_interruption(tmp_path: Path, ghost6: Instance) -> None:
    """Nobody goes on answering: exit 130 with one word, and no bug report."""
    seen = at_terminal(None, "init", "--url", ghost6.url, cwd=tmp_path, answers=[("(not shown): ", "\x04")])
    assert seen.code == 130, seen.plain
    assert seen.plain.endswith("interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_an_address_is_tried_before_a_key_is_asked_for(tmp_path: Path, ghost6: Instance) -> None:
    """Wrong addresses are told at once; one from the browser's bar means its site, also where it is written down."""
    address = "address of your site"
    seen = at_terminal(
        None, "init", "--no-import", cwd=tmp_path,
        answers=[
            (f"{address}: ", "127.0.0.1:1\n"),
            (f"{address} [http://127.0.0.1:1]: ", "ftp://example.com\n"),
            (f"{address} [ftp://example.com]: ", f"{ghost6.url.removeprefix('http://')}/ghost/#/posts\n"),
            ("Admin API key (not shown): ", "\n"),
            ("Admin API key (not shown): ", "0123456789abcdef0123456789\n"),
            (f"{address} [{ghost6.url}]: ", "\n"),
            ("Admin API key (not shown): ", f"{ghost6.admin_key}\n"),
            ("name of this project [", "\n"),
            ("folder for the documents [", "../elsewhere\n"),
            ("folder for the documents [", "\n"),
            ("where to keep the key (", "\n"),
        ],
    )  # fmt: skip
    assert seen.code == 0, seen.plain
    assert "http://127.0.0.1:1: nobody listens there" in seen.plain
    assert "'ftp://example.com' is not the address of a site" in seen.plain
    assert f"from {ghost6.url}/ghost/#/settings/integrations\n" in seen.plain
    assert "error: this is a Content API key, which can only read\n" in seen.plain
    assert "error: ../elsewhere is outside" in seen.plain
    assert tomllib.loads((tmp_path / "ghostsync.toml").read_text())["sites"]["production"]["url"] == ghost6.url


def test_what_needs_git_is_refused_before_anything_is_written(tmp_path: Path, ghost6: Instance) -> None:
    """A hook outside of a repository cannot be had; the project is not half made."""
    done = run(ghost6, "init", "blog", "--hook", "--yes", cwd=tmp_path)
    assert done.returncode == 2
    assert "is not in a Git repository" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_site_is_imported(tmp_path: Path, empty_ghost6: Instance) -> None:
    """What the site has comes into the empty content folder, and afterwards there is nothing to do either way."""
    ghost = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    ghost.posts.create(title="One", markdown="First.", status="published")
    ghost.pages.create(title="Two", markdown="Second.")

    seen = at_terminal(
        empty_ghost6, "init", "home", cwd=tmp_path,
        answers=[
            ("name of this project [home]: ", "\n"),
            ("folder for the documents [content]: ", "\n"),
            ("the site has 1 post and 1 page: bring them into content? [Y/n] ", "\n"),
        ],
    )  # fmt: skip
    home = tmp_path / "home"
    assert seen.code == 0, seen.plain
    assert "using the key from the environment" in seen.plain
    assert not (home / ".env").exists()
    assert sorted(file.relative_to(home).as_posix() for file in home.rglob("*.md")) == [
        "content/pages/two.md",
        "content/posts/one.md",
    ]
    assert "2 files written" in seen.plain
    assert run(empty_ghost6, "plan", "--pull", "--exit-code", cwd=home).returncode == 0


def test_hook_and_workflow_are_written_into_a_repository(tmp_path: Path, ghost6: Instance) -> None:
    """In a Git repository the hook and a workflow with the right path can be had with the same command."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    done = run(ghost6, "init", "blog", "--hook", "--workflow", "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".git/hooks/pre-push").exists()
    workflow = (tmp_path / ".github/workflows/ghostsync.yml").read_text()
    assert "path: blog/content\n" in workflow
    assert "fetch-depth: 0" in workflow
    assert "GHOST_ADMIN_API_KEY" in done.stderr


def test_nothing_is_overwritten(tmp_path: Path, ghost6: Instance) -> None:
    """A project that is there is refused with nothing changed; other files are extended or kept."""
    (tmp_path / "ghostsync.toml").write_text("# mine\n")
    refused = run(ghost6, "init", "--yes", cwd=tmp_path)
    assert refused.returncode == 1
    assert "is there already, and nothing was changed" in refused.stderr
    assert "hint: `ghostsync doctor`" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["ghostsync.toml"]

    (tmp_path / ".gitignore").write_text("*.log\n/.env")
    (tmp_path / ".env").write_text("OTHER=1\nexport GHOST_ADMIN_API_KEY=old\n")
    assert ignore(tmp_path) is Became.EXTENDED
    assert ignore(tmp_path) is Became.KEPT
    assert (tmp_path / ".gitignore").read_text() == "*.log\n/.env\n.ghostsync/\n"
    assert keep_key(tmp_path, "new") is Became.KEPT
    assert keep_key(tmp_path, "old") is Became.THERE
    assert (tmp_path / ".env").read_text() == "OTHER=1\nexport GHOST_ADMIN_API_KEY=old\n"
    assert keep_key(tmp_path, "new", "OTHER_KEY") is Became.EXTENDED
    assert write_new(tmp_path / "ghostsync.toml", "x") is Became.KEPT
    assert (tmp_path / "ghostsync.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("init",), "the address of the site is not known, and nobody is here to ask"),
        (("init", "--url", "http://127.0.0.1:1"), "the Admin API key is not known, and nobody is here to ask"),
        (("init", "--url", "http://127.0.0.1:1", "--key-stdin"), "Content API key"),
    ],
)
def test_where_nobody_can_be_asked_the_missing_answer_is_named(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    """Exit 2, a hint with the option that gives the answer, and not a single file."""
    done = run(None, *arguments, cwd=tmp_path, stdin="0123456789abcdef0123456789\n")
    assert done.returncode == 2
    assert said in done.stderr
    assert "hint: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_site_generator_gets_its_preset(tmp_path: Path, ghost6: Instance) -> None:
    """Somebody comes with a Hugo site: its documents are understood from the first command on."""
    (tmp_path / "hugo.toml").write_text("baseURL = 'https://example.com/'\n")
    for folder in ("content/posts", "static/img", "archetypes", "themes/x", "public"):
        (tmp_path / folder).mkdir(parents=True)
    for path in ("archetypes/default.md", "themes/x/theme.md", "public/a.md", "AGENTS.md"):
        (tmp_path / path).write_text("---\ntitle: {{ .Name }}\n---\n")
    (tmp_path / "static" / "img" / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    (tmp_path / "content" / "posts" / "a.md").write_text(
        "---\nTitle: A\nsummary: Short\nweight: 3\n---\nText.\n\n![a](/img/a.svg)\n"
    )
    done = run(ghost6, "init", "--url", ghost6.url, "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert tomllib.loads((tmp_path / "ghostsync.toml").read_text())["preset"] == "hugo"
    assert "this is a folder of hugo" in done.stderr
    assert "ghostsync check" in done.stderr
    assert "1 document, no problems" in run(None, "check", cwd=tmp_path).stderr
    assert load_config(tmp_path).pull.posts == "content/posts/{slug}.md"


@pytest.mark.parametrize("preset", sorted(PLACES))
def test_what_pull_brings_is_content(preset: str, tmp_path: Path) -> None:
    """Nothing that a pull writes lies where `.ghostsyncignore` leaves it out: it would count as deleted."""
    start = Start(folder=tmp_path, project="p", content=".", url=None, preset=preset, places=PLACES[preset])
    (tmp_path / "ghostsync.toml").write_text(config_text(start))
    (tmp_path / ".ghostsyncignore").write_text(ignore_text(PLACES[preset]))
    pull = load_config(tmp_path).pull
    paths = [
        *(place.format(slug="a", year="2026", month="11", day="26") for place in (pull.posts, pull.pages)),
        f"{pull.media}/a.png",
        "tags.yaml",
    ]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert ContentTree(load_config(tmp_path)).load().files >= set(paths)


def test_the_workflow_is_the_one_of_the_guide() -> None:
    """What `init` writes and what the guide shows are the same steps."""
    guide = (Path(__file__).parents[2] / "docs/guides/ci.md").read_text(encoding="utf-8")
    written = workflow_text("content", project=None)
    lines = [line.strip() for line in written.splitlines() if line.strip() and "#" not in line]
    assert [line for line in lines if line not in guide] == []
