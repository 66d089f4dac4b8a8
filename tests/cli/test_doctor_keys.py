"""`ghostsync doctor` says whose key it is and how much of the history is here, against a real Ghost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shell import run

from ghostsync.sandbox import Instance
from ghostsync.sandbox.staff import Role, create_staff


def token_of(instance: Instance, role: Role) -> str:
    """Return the staff access token of a new person, as Ghost Admin shows it in her profile."""
    person = create_staff(instance, name=f"Ada {role}", email=f"{role.lower()}@example.com", role=role)
    shown = person.ask("GET", "users/me/token/").json["apiKey"]
    return f"{shown['id']}:{shown['secret'].rpartition(':')[2]}"


def examined(instance: Instance, cwd: Path, **environ: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code of `doctor`, and its findings by name."""
    done = run(instance, "doctor", "--format", "json", cwd=cwd, **environ)
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize(
    ("role", "verdict", "code", "said"),
    [
        ("Administrator", "note", 0, "writes happen in this person's name"),
        ("Author", "bad", 1, "this role may not write posts of others"),
    ],
)
def test_a_staff_token_is_told_from_an_integrations_key(
    role: Role, verdict: str, code: int, said: str, tmp_path: Path, empty_ghost6: Instance
) -> None:
    """The person and her role are named; a role that cannot write what others wrote is a fault with a way out."""
    (tmp_path / "ghostsync.toml").write_text('project = "examined"\n')
    token = token_of(empty_ghost6, role)
    found_code, found = examined(empty_ghost6, tmp_path, GHOST_ADMIN_API_KEY=token)
    key = found["key"]
    assert found_code == code, found
    assert key["verdict"] == verdict
    assert key["message"].startswith(f"the staff access token of Ada {role} ({role}), accepted")
    assert said in key["message"]
    assert bool(key["hint"]) is (verdict == "bad")
    assert token.partition(":")[2] not in json.dumps(found)

    _, of_integration = examined(empty_ghost6, tmp_path)
    assert of_integration["key"]["message"] == "an integration's Admin API key, accepted"
    assert of_integration["key"]["verdict"] == "good"


def test_a_shallow_clone_is_named_with_the_command_that_completes_it(tmp_path: Path, ghost6: Instance) -> None:
    """Part of the history is one base fewer; after the command of the hint the history is whole."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    whole = tmp_path / "whole"
    whole.mkdir()
    subprocess.run([*git, "init", "-q"], cwd=whole, check=True)
    for number in range(2):
        (whole / "ghostsync.toml").write_text(f'project = "p{number}"\n')
        subprocess.run([*git, "add", "-A"], cwd=whole, check=True)
        subprocess.run([*git, "commit", "-qm", f"{number}"], cwd=whole, check=True)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{whole}", str(clone)], check=True)

    code, found = examined(ghost6, clone)
    assert code == 0
    assert found["history"]["verdict"] == "warning"
    assert "this clone is shallow" in found["history"]["message"]
    assert found["history"]["hint"].startswith("`git fetch --unshallow`")
    subprocess.run(["git", "fetch", "-q", "--unshallow"], cwd=clone, check=True)
    assert examined(ghost6, clone)[1]["history"]["verdict"] == "good"
