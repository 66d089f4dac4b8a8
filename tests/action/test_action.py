"""The action's own steps, run as GitHub runs them: its environment files, a stub of its REST API, a real Ghost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ghostsync import Ghost
from ghostsync.sandbox import Instance

ROOT = Path(__file__).resolve().parents[2]
GOOD = "---\ntitle: Good\nstatus: published\n---\n\nText.\n"


class GitHub:
    """Comments of one pull request, over HTTP."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = [{"id": 1, "body": "looks good to me"}]
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: object) -> None:
                pass

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                outer.requests.append(f"{self.command} {self.path}")
                result: Any = outer.comments
                if self.command == "POST":
                    result = {"id": len(outer.comments) + 1, **body}
                    outer.comments.append(result)
                elif self.command == "PATCH":
                    result = next(c for c in outer.comments if c["id"] == int(self.path.rsplit("/", 1)[1]))
                    result.update(body)
                data = json.dumps(result).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Job:
    """Runs the shell steps of action.yml after the installation, with their expressions filled in."""

    def __init__(self, folder: Path, api: GitHub) -> None:
        self.folder, self.api = folder, api
        self.workspace = folder / "repo"
        (self.workspace / "content" / "posts").mkdir(parents=True)
        # What the step `Install` leaves behind: an environment with ghostsync in it.
        (folder / "ghostsync").symlink_to(Path(sys.executable).parent.parent)

    def write(self, name: str, text: str) -> None:
        """Write a post."""
        (self.workspace / "content" / "posts" / f"{name}.md").write_text(text)

    def run(self, event: str, **inputs: str) -> tuple[int, str, dict[str, str], str]:
        """Run the action; return exit code, log, outputs and summary."""
        files = {name: self.folder / name for name in ("output", "summary", "event.json")}
        for file in files.values():
            file.write_text("")
        files["event.json"].write_text(json.dumps({"pull_request": {"number": 7}} if event == "pull_request" else {}))
        action = YAML(typ="safe").load((ROOT / "action.yml").read_text())
        values = {f"inputs.{name}": str(entry.get("default", "")) for name, entry in action["inputs"].items()}
        values |= {"inputs.token": "t0ken", "github.action_path": str(ROOT)}
        values |= {f"inputs.{name}": value for name, value in inputs.items()}
        step = next(step for step in action["runs"]["steps"] if step.get("id") == "run")
        filled = {
            name: re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: values[found[1]], text)
            for name, text in step["env"].items()
        }
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GHOST", "GITHUB_", "GIT_"))},
            "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_EVENT_PATH": str(files["event.json"]),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_API_URL": self.api.url,
            "GITHUB_REPOSITORY": "someone/blog",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.folder),
            **filled,
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace, env=environ, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        outputs = dict(line.split("=", 1) for line in files["output"].read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, outputs, files["summary"].read_text()


@pytest.fixture
def api() -> Iterator[GitHub]:
    """GitHub's side."""
    made = GitHub()
    yield made
    made.close()


@pytest.fixture
def job(tmp_path: Path, api: GitHub) -> Job:
    """A checked-out repository with one good post below `content`."""
    made = Job(tmp_path, api)
    made.write("good", GOOD)
    return made


def test_a_fork_without_secrets_is_checked_offline(job: Job, api: GitHub) -> None:
    """No key: the content is checked, valid content passes, Ghost is not asked and nothing is commented."""
    code, log, outputs, summary = job.run("pull_request", path="content")
    assert code == 0, log
    assert "without asking Ghost" in summary
    assert outputs["problems"] == "0"
    assert api.requests == []


def test_a_fork_with_a_broken_document_gets_an_annotation(job: Job) -> None:
    """The annotation stands on file and line as the repository has them, and the job fails."""
    job.write("broken", "---\ntitle: Broken\nstatus: sometimes\n---\n")
    code, log, outputs, _ = job.run("pull_request", path="content")
    assert code == 5
    assert "::error file=content/posts/broken.md,line=3,title=ghostsync::" in log
    assert outputs["problems"] == "1"
    assert outputs["exit-code"] == "5"


def test_an_address_without_a_ghost_fails_the_job(job: Job) -> None:
    """The control: with a key, a server that is not there is a failure and not a silent check."""
    code, log, outputs, _ = job.run("push", path="content", url="http://127.0.0.1:9", key=f"{'a' * 24}:{'b' * 64}")
    assert code == 1
    assert outputs["exit-code"] == "1"
    assert "b" * 64 not in log


def test_pull_request_then_merge(job: Job, api: GitHub, empty_ghost6: Instance) -> None:
    """A plan in one comment that the second run updates; the merge publishes and says so in the outputs."""
    ghost = {"url": empty_ghost6.url, "key": empty_ghost6.admin_key, "path": "content"}
    code, log, outputs, summary = job.run("pull_request", **ghost)
    assert code == 0, log
    assert outputs["created"] == "1"
    assert len(outputs["plan-digest"]) == 64
    assert len(api.comments) == 2
    first = api.comments[1]["body"]
    job.write("more", GOOD.replace("Good", "More"))
    code, log, outputs, _ = job.run("pull_request", **ghost)
    assert outputs["created"] == "2"
    assert len(api.comments) == 2
    assert api.comments[0]["body"] == "looks good to me"
    assert api.comments[1]["body"] != first
    code, log, outputs, summary = job.run("push", **ghost)
    assert code == 0, log
    assert outputs["created"] == "2"
    assert "applied" in summary
    assert len(api.comments) == 2
    code, log, outputs, _ = job.run("push", **ghost)
    assert (code, outputs["created"], outputs["updated"]) == (0, "0", "0")
    assert empty_ghost6.admin_key not in log + summary


def test_a_conflict_fails_the_job_with_an_annotation(job: Job, empty_ghost6: Instance) -> None:
    """What both sides changed is published by nobody: exit code 4, and the document is annotated."""
    ghost = {"url": empty_ghost6.url, "key": empty_ghost6.admin_key, "path": "content"}
    assert job.run("push", **ghost)[0] == 0
    site = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    [post] = site.posts.list()
    site.posts.update(post.id, title="Edited in Ghost", updated_at=post.updated_at)
    job.write("good", GOOD.replace("title: Good", "title: Edited here"))
    code, log, outputs, summary = job.run("push", **ghost)
    assert code == 4, log
    assert outputs["conflicts"] == "1"
    assert "::error file=content/posts/good.md,title=ghostsync::conflict: " in log
    assert "**Conflicts**" in summary
    assert [found.title for found in site.posts.list()] == ["Edited in Ghost"]


def test_action_and_workflows_fit_github_s_schemas(tmp_path: Path) -> None:
    """action.yml and the example workflow in the guide are valid by the public schemas."""
    jsonschema = pytest.importorskip("check_jsonschema", reason="check-jsonschema brings GitHub's schemas")
    assert jsonschema is not None
    workflow = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "guides" / "ci.md").read_text(), re.DOTALL)
    assert workflow is not None
    (tmp_path / "content.yml").write_text(workflow[1])
    for schema, file in (("github-actions", ROOT / "action.yml"), ("github-workflows", tmp_path / "content.yml")):
        done = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
