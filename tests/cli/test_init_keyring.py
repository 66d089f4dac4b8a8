"""`ghostsync init` and the system's keyring: a key that lies in no file, and a keyring that refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import at_terminal, run

from ghostsync.sandbox import Instance

NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def in_a_file(file: Path) -> dict[str, str]:
    """Return the environment in which the system's keyring is a file."""
    return {
        "PYTHON_KEYRING_BACKEND": "keyring_in_a_file.FileKeyring",
        "PYTHONPATH": str(Path(__file__).parent),
        "KEYRING_FILE": str(file),
    }


def test_a_key_in_the_keyring_lies_in_no_file(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Asked for `keyring`, init puts the key there; push, doctor and the next clone find it, for this site only."""
    keyring = in_a_file(tmp_path / "keyring.json")
    key, blog = empty_ghost6.admin_key, tmp_path / "blog"
    seen = at_terminal(
        None, "init", "blog", "--url", empty_ghost6.url, cwd=tmp_path, **keyring,
        answers=[
            ("Admin API key (not shown): ", f"{key}\n"),
            ("name of this project [blog]: ", "\n"),
            ("folder for the documents [content]: ", "\n"),
            ("where to keep the key (env, keyring, none) [env]: ", "kering\n"),
            ("please answer env, keyring or none", ""),
            ("where to keep the key (env, keyring, none) [env]: ", "Keyring\n"),
        ],
    )  # fmt: skip
    assert seen.code == 0, seen.plain
    assert "the key is in the system's keyring" in seen.plain
    assert json.loads((tmp_path / "keyring.json").read_text()) == {f"ghostsync {empty_ghost6.url}": key}
    assert not (blog / ".env").exists()
    assert not [file for file in blog.rglob("*") if file.is_file() and key.encode() in file.read_bytes()]

    (blog / "content" / "hello.md").write_text("# Hello\n\nText.\n")
    pushed = run(None, "push", cwd=blog, **keyring)
    assert pushed.returncode == 0, pushed.stderr
    doctor = json.loads(run(None, "doctor", "--format", "json", cwd=blog, **keyring).stdout)
    assert next(one["verdict"] for one in doctor["findings"] if one["name"] == "key") == "good"
    other = run(None, "push", cwd=blog, GHOST_ADMIN_API_URL="https://other.example", **keyring)
    assert other.returncode == 2
    assert "no Admin API key for https://other.example" in other.stderr
    assert key not in seen.text + pushed.stdout + pushed.stderr


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (NO_KEYRING, "this system has no keyring that works"),
        (in_a_file(Path("/nowhere/keyring.json")), "the keyring does not take the key: the keyring is locked"),
    ],
)
def test_a_keyring_that_refuses_leaves_nothing_behind(
    environ: dict[str, str], said: str, tmp_path: Path, ghost6: Instance
) -> None:
    """A script is told with exit code 2 and the option that helps; not a single file is written."""
    refused = run(
        None, "init", "blog", "--url", ghost6.url, "--key-stdin", "--store", "keyring",
        cwd=tmp_path, stdin=f"{ghost6.admin_key}\n", **environ,
    )  # fmt: skip
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "hint: keep the key in .env: `--store env`" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_person_without_a_keyring_answers_again(tmp_path: Path, ghost6: Instance) -> None:
    """The question comes again, and the other answer is taken."""
    where = "where to keep the key (env, keyring, none) [env]: "
    seen = at_terminal(
        None, "init", "blog", "--url", ghost6.url, "--project", "mine", "--content", ".", "--no-import", cwd=tmp_path,
        answers=[("Admin API key (not shown): ", f"{ghost6.admin_key}\n"), (where, "keyring\n"), (where, "env\n")],
        **NO_KEYRING,
    )  # fmt: skip
    assert seen.code == 0, seen.plain
    assert "error: this system has no keyring that works" in seen.plain
    assert (tmp_path / "blog" / ".env").read_text() == f"GHOST_ADMIN_API_KEY={ghost6.admin_key}\n"
