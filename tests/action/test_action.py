"""The action's own steps, run as GitHub runs them: its environment files, a stub of its REST API, a real Ghost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from ghostsync import Ghost
from ghostsync.sandbox import Instance, log_in_owner

ROOT = Path(__file__).resolve().parents[2]
GOOD = "---\ntitle: Good\nstatus: published\n---\n\nText.\n"


BOT = {"login": "github-actions[bot]", "type": "Bot"}
STRANGER = {"login": "mallory", "type": "User"}


class GitHub:
    """Comments of one pull request, over HTTP, as the job's own token sees them."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = [{"id": 1, "body": "looks good to me", "user": STRANGER}]
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: object) -> None:
                pass

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                outer.requests.append(f"{self.command} {self.path}")
                status, result = outer.reply(self.command, self.path, body)
                data = json.dumps(result).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def reply(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Answer like api.github.com; the job's token may not ask who it is."""
        if path == "/user":
            return 403, {"message": "Resource not accessible by integration"}
        if method == "GET":
            query = dict(parse_qsl(urlsplit(path).query))
            size, page = int(query["per_page"]), int(query["page"])
            return 200, self.comments[size * (page - 1) : size * page]
        if len(body["body"]) > 65_536:
            return 422, {"message": "body is too long (maximum is 65536 characters)"}
        if method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "user": BOT, **body})
            return 201, self.comments[-1]
        [found] = [c for c in self.comments if c["id"] == int(path.rsplit("/", 1)[1])]
        found.update(body)
        return 200, found

    def ours(self) -> list[str]:
        """Return the texts of the comments that the action wrote."""
        return [str(c["body"]) for c in self.comments if c["user"] is BOT]

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


EXPRESSION = re.compile(r"\$\{\{ ([\w.-]+) \}\}")


@dataclass(frozen=True)
class Done:
    """What GitHub would know after the action has run."""

    code: int
    log: str
    outputs: dict[str, str]
    """As `action.yml` names them."""
    summary: str
    annotations: tuple[str, ...]
    """The workflow commands that the runner would carry out."""


def commands_in(log: str) -> Iterator[str]:
    """Yield the commands that a runner takes from a log: lines that begin with `::`, unless they are stopped."""
    silence: str | None = None
    for line in log.splitlines():
        if silence is None and line.startswith("::stop-commands::"):
            silence = line.removeprefix("::stop-commands::")
        elif silence is not None:
            silence = None if line == f"::{silence}::" else silence
        elif line.startswith("::"):
            yield line


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return text with its expressions evaluated; an output that no step has set is empty."""
    return EXPRESSION.sub(lambda at: values.get(at[1], "") if at[1].startswith("steps.") else values[at[1]], text)


class Job:
    """Runs the steps of action.yml one after the other, with their expressions filled in."""

    def __init__(self, folder: Path, api: GitHub, *, installs: bool = False) -> None:
        self.folder, self.api, self.installs = folder, api, installs
        self.workspace = folder / "repo"
        (self.workspace / "content" / "posts").mkdir(parents=True)
        if not installs:
            # What the step `Install` leaves behind: an environment with ghostsync in it.
            (folder / "ghostsync").symlink_to(Path(sys.executable).parent.parent)

    def write(self, name: str, text: str) -> None:
        """Write a post."""
        (self.workspace / "content" / "posts" / f"{name}.md").write_text(text)

    def run(self, event: str, **inputs: str) -> Done:
        """Run the action in a job that this event started."""
        files = {name: self.folder / name for name in ("output", "summary", "event.json")}
        for file in files.values():
            file.write_text("")
        is_pull = event.startswith("pull_request")
        files["event.json"].write_text(json.dumps({"pull_request": {"number": 7}} if is_pull else {}))
        action = YAML(typ="safe").load((ROOT / "action.yml").read_text())
        assert set(inputs) <= set(action["inputs"])
        values = {f"inputs.{name}": str(entry.get("default", "")) for name, entry in action["inputs"].items()}
        values |= {"inputs.token": "t0ken", "github.action_path": str(ROOT), "steps.python.outputs.python-path": ""}
        values |= {f"inputs.{name}": value for name, value in inputs.items()}
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
        }
        code, log = 0, ""
        for step in action["runs"]["steps"]:
            if "run" not in step or code or (step.get("id") == "install" and not self.installs):
                continue
            files["output"].write_text("")
            filled = {name: filled_in(text, values) for name, text in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.workspace, env={**environ, **filled}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, check=False, timeout=280,
            )  # fmt: skip
            code, log = done.returncode, log + done.stdout
            lines = (line.split("=", 1) for line in files["output"].read_text().splitlines())
            values |= {f"steps.{step['id']}.outputs.{name}": value for name, value in lines}
        outputs = {name: filled_in(entry["value"], values) for name, entry in action["outputs"].items()}
        return Done(code, log, outputs, files["summary"].read_text(), tuple(commands_in(log)))


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
    done = job.run("pull_request", path="content")
    assert done.code == 0, done.log
    assert "without asking Ghost" in done.summary
    assert done.outputs["problems"] == "0"
    assert api.requests == []


def test_a_fork_with_a_broken_document_gets_an_annotation(job: Job) -> None:
    """The annotation stands on file and line as the repository has them, and the job fails."""
    job.write("broken", "---\ntitle: Broken\nstatus: sometimes\n---\n")
    done = job.run("pull_request", path="content")
    assert done.code == 5
    [found] = done.annotations
    assert found.startswith("::error file=content/posts/broken.md,line=3,title=ghostsync::")
    assert "hint: " in found
    assert done.outputs["problems"] == "1"
    assert done.outputs["exit-code"] == "5"


def test_a_stranger_s_content_never_meets_the_key(job: Job) -> None:
    """`pull_request_target` has secrets and may hold anybody's files: it gets the offline check, and says so."""
    done = job.run("pull_request_target", path="content", url="http://127.0.0.1:9", key=f"{'a' * 24}:{'b' * 64}")
    assert done.code == 0, done.log
    assert "without asking Ghost" in done.summary
    assert any("pull_request_target" in line for line in done.annotations)


def test_an_address_without_a_ghost_fails_the_job(job: Job) -> None:
    """The control: with a key, a server that is not there is a failure and not a silent check."""
    done = job.run("push", path="content", url="http://127.0.0.1:9", key=f"{'a' * 24}:{'b' * 64}")
    assert done.code == 1
    assert done.outputs["exit-code"] == "1"
    assert "b" * 64 not in done.log


def test_a_command_that_is_none(job: Job) -> None:
    """Only what the action is for can be run through it."""
    done = job.run("push", command="sandbox")
    assert done.code == 2
    assert "not 'sandbox'" in done.log


HOSTILE = r"x%0A::error file=a::owned\n::set-output name=created::99\n@everybody <img src=x> [l](https://spy.example) |"


def shown(markdown: str) -> str:
    """Return the HTML of a comment, code left out."""
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)
    return re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL)


def test_hostile_titles_names_and_inputs_are_text(job: Job, api: GitHub, empty_ghost6: Instance) -> None:
    """Titles, file names, inputs: nothing becomes a command, a markup, a mention or a program."""
    job.write("bad,file=x::y", f'---\ntitle: "{HOSTILE}"\nstatus: "{HOSTILE}"\n---\n')
    job.write("good", f'---\ntitle: "{HOSTILE}"\nexcerpt: "{HOSTILE}"\n---\n\nText.\n')
    ghost = {"url": empty_ghost6.url, "key": empty_ghost6.admin_key, "path": "content"}
    done = job.run("pull_request", **ghost)
    assert done.code == 5, done.log
    assert [line.split("::")[1] for line in done.annotations] == [
        "error file=content/posts/bad%2Cfile=x%3A%3Ay.md,line=3,title=ghostsync"
    ]
    assert done.outputs["created"] == "1"
    [text] = api.ours()
    offline = job.run("pull_request", path="content")
    assert [line.split("::")[1].split(" ")[0] for line in offline.annotations] == ["error"]
    for harm in ("<img", "@everybody", 'href="https://spy.example'):
        assert harm not in shown(text)
        assert harm not in shown(offline.summary)
    arguments = "--jobs 1; touch owned `touch owned`"
    done = job.run("push", path="$(touch owned)", args=arguments, url=ghost["url"], key=ghost["key"])
    assert done.code == 2
    assert not list(job.folder.rglob("owned"))


def test_no_step_runs_text_from_outside() -> None:
    """Expressions stand in `env` and `with` only, never in a program: that is how scripts are injected."""
    action = YAML(typ="safe").load((ROOT / "action.yml").read_text())
    programs = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert len(programs) == 2
    assert not any("${{" in program for program in programs)


def test_pull_request_then_merge(job: Job, api: GitHub, empty_ghost6: Instance) -> None:
    """A plan in one comment that the second run updates; the merge publishes and says so in the outputs."""
    ghost = {"url": empty_ghost6.url, "key": empty_ghost6.admin_key, "path": "content"}
    first = job.run("pull_request", **ghost)
    assert first.code == 0, first.log
    assert first.outputs["created"] == "1"
    assert len(first.outputs["plan-digest"]) == 64
    [text] = api.ours()
    assert "“Good”" in text
    assert first.summary in text
    job.write("more", GOOD.replace("Good", "More"))
    second = job.run("pull_request", **ghost)
    assert second.outputs["created"] == "2"
    assert [len(api.ours()), "“More”" in api.ours()[0]] == [1, True]
    assert api.comments[0]["body"] == "looks good to me"
    merged = job.run("push", args=f"--expect-plan {second.outputs['plan-digest']}", **ghost)
    assert merged.code == 0, merged.log
    assert merged.outputs["created"] == "2"
    assert "applied" in merged.summary
    assert f"{empty_ghost6.url}/good/" in merged.summary
    site = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    assert sorted(str(post.title) for post in site.posts.list()) == ["Good", "More"]
    assert {post.status for post in site.posts.list()} == {"published"}
    again = job.run("push", **ghost)
    assert (again.code, again.outputs["created"], again.outputs["updated"]) == (0, "0", "0")
    assert len(api.ours()) == 1
    assert empty_ghost6.admin_key not in merged.log + merged.summary


def test_only_a_comment_of_our_own_is_updated(job: Job, api: GitHub, empty_ghost6: Instance) -> None:
    """A stranger's comment with our marker is left alone; ours is found behind a hundred others."""
    ghost = {"url": empty_ghost6.url, "key": empty_ghost6.admin_key, "path": "content"}
    theirs = "<!-- ghostsync:content -->\nall is well, merge it"
    api.comments.append({"id": 2, "body": theirs, "user": STRANGER})
    api.comments += [{"id": number, "body": "+1", "user": STRANGER} for number in range(3, 150)]
    for _ in range(2):
        assert job.run("pull_request", **ghost).code == 0
    assert len(api.ours()) == 1
    assert api.comments[1]["body"] == theirs
    quiet = job.run("pull_request", comment="false", **ghost)
    assert quiet.code == 0
    assert api.requests[-1].startswith("PATCH ")


def test_a_conflict_fails_the_job_and_names_the_editor(job: Job, empty_ghost6: Instance) -> None:
    """What both sides changed is published by nobody: exit code 4, and the document is annotated with who and when."""
    ghost = {"url": empty_ghost6.url, "key": empty_ghost6.admin_key, "path": "content"}
    assert job.run("push", **ghost).code == 0
    site = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    [post] = site.posts.list()
    owner = log_in_owner(empty_ghost6)
    answer = owner.ask(
        "PUT", f"posts/{post.id}/", {"posts": [{"title": "Edited in Ghost", "updated_at": str(post.updated_at)}]}
    )
    assert answer.status == 200, answer
    job.write("good", GOOD.replace("title: Good", "title: Edited here"))
    done = job.run("push", **ghost)
    assert done.code == 4, done.log
    assert done.outputs["conflicts"] == "1"
    [found] = [line for line in done.annotations if "file=content/posts/good.md" in line]
    assert found.startswith("::error file=content/posts/good.md,title=ghostsync::conflict: ")
    assert "Sandbox Owner" in found
    assert "Conflicts" in done.summary
    assert [each.title for each in site.posts.list()] == ["Edited in Ghost"]


@pytest.mark.skipif(not os.environ.get("GHOSTSYNC_LONG"), reason="installs from the network: GHOSTSYNC_LONG=1")
def test_the_step_that_installs(tmp_path: Path, api: GitHub) -> None:
    """The action installs the ghostsync that it belongs to, and runs it."""
    made = Job(tmp_path, api, installs=True)
    made.write("good", GOOD)
    done = made.run("pull_request", path="content")
    assert done.code == 0, done.log
    assert "1 documents checked" in done.summary
