# ruff: noqa: INP001 (a script that the action runs, not part of a package)
"""What the GitHub Action does after installing: run ghostsync once, and tell GitHub what came of it in its own ways.

One run in JSON gives everything: annotations on files and lines (workflow commands on stdout), the job summary, the
outputs, and one comment on the pull request, found again by a hidden marker and updated, never repeated. Without a key
(pull requests from forks get no secrets) the content is checked offline, and only a problem in it fails the job.

Nothing in a pull request is trusted: inputs arrive as environment variables and never as program text, what comes from
documents and from Ghost is escaped for the place where it is shown, a comment that somebody else wrote is not touched
even if it begins with our marker, and `pull_request_target`, where a stranger's content would run beside the key, gets
the offline check only.

Only Python's standard library: this runs before anything can be taken for granted. A comment that cannot be written (a
read-only token) is a warning; the job's verdict is ghostsync's exit code and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

API_VERSION = "2022-11-28"
# GitHub's limit for a comment is 65,536 characters; the rest is for the frame.
MOST = 60_000
# GitHub shows ten annotations of a level and step, and cuts long ones; the summary has everything.
MOST_IN_ANNOTATION = 4_000
COMMANDS = ("auto", "check", "plan", "push")
MOST_PAGES = 30
COUNTS = {
    "created": "create",
    "updated": "update",
    "unpublished": "unpublish",
    "deleted": "delete",
    "uploaded": "upload",
    "conflicts": "conflicts",
    "problems": "problems",
}


def main() -> int:
    """Run, tell, and return ghostsync's exit code."""
    environ = dict(os.environ)
    asked = environ.get("GHOSTSYNC_COMMAND") or "auto"
    if asked not in COMMANDS:
        say("error", f"the input `command` is one of {', '.join(COMMANDS)}, not {asked!r}")
        return 2
    command = choose(asked, environ)
    path = environ.get("GHOSTSYNC_PATH") or "."
    page = Path(environ.get("RUNNER_TEMP") or ".") / "ghostsync.md"
    page.unlink(missing_ok=True)
    arguments = ["--format", "json"]
    if command != "check":
        arguments += ["--markdown", str(page), *shlex.split(environ.get("GHOSTSYNC_ARGS", ""))]
    if command == "push":
        arguments.append("--yes")
    # The runner takes commands from the log too, and ghostsync's log speaks of titles and names that anybody may write.
    silence = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{silence}\n")
    sys.stdout.flush()
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ghostsync"), command, *arguments, "--", path],
        env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    sys.stdout.write(f"::{silence}::\n")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        say("error", f"ghostsync {command} ended with {done.returncode} before it could say what it found; see the log")
        append("GITHUB_STEP_SUMMARY", f"### ghostsync {command}\n\nIt ended with {done.returncode}; see the log.\n")
        append("GITHUB_OUTPUT", f"exit-code={done.returncode}\n")
        return done.returncode or 1
    text = page.read_text(encoding="utf-8") if page.is_file() else describe(found)
    tell(command, path, found, f"{text}\nExit code {done.returncode}.\n" if done.returncode else text, done.returncode)
    return done.returncode


def choose(command: str, environ: dict[str, str]) -> str:
    """Return what to run for this event and with this key; takes an empty or misplaced key out of the environment."""
    event = environ.get("GITHUB_EVENT_NAME", "")
    if command == "auto":
        command = "plan" if event.startswith("pull_request") else "push"
    if event == "pull_request_target" and environ.get("GHOST_ADMIN_API_KEY"):
        say("warning", "pull_request_target runs a stranger's content beside the key: it is only checked, offline")
        environ["GHOST_ADMIN_API_KEY"] = ""
    if not environ.get("GHOST_ADMIN_API_KEY"):
        # GitHub hands unset inputs over as empty texts, which must not shadow a .env file or an older key.
        environ.pop("GHOST_ADMIN_API_KEY", None)
        environ.pop("GHOST_ADMIN_API_URL", None)
        if command == "push":
            say("warning", "no key was given: content is checked, nothing is published")
        return "check"
    if not environ.get("GHOST_ADMIN_API_URL"):
        environ.pop("GHOST_ADMIN_API_URL", None)
    return command


def tell(command: str, path: str, found: dict[str, Any], text: str, code: int) -> None:
    """Say it on the files, in the summary, in the outputs and in the comment."""
    plan = found.get("plan", found)
    prefix = prefix_of(path)
    for problem in plan.get("problems", ()):
        where = problem.get("file") or f"{prefix}{problem['path']}"
        annotate("error", where, problem.get("line"), with_hint(problem))
    for conflict in plan.get("conflicts", ()):
        annotate("error", f"{prefix}{conflict['path']}", None, f"conflict: {with_hint(conflict)}{who_of(conflict)}")
    for outcome in found.get("outcomes", ()):
        if outcome.get("status") == "failed" and outcome.get("error"):
            annotate("error", f"{prefix}{outcome.get('subject', '')}", None, with_hint(outcome["error"]))
    append("GITHUB_STEP_SUMMARY", text)
    summary = plan.get("summary", {"problems": len(plan.get("problems", ()))})
    lines = [f"{name}={summary.get(key, 0)}" for name, key in COUNTS.items()]
    lines += [f"plan-digest={plan.get('digest', '')}", f"exit-code={code}"]
    append("GITHUB_OUTPUT", "\n".join(lines) + "\n")
    if command == "plan" and os.environ.get("GHOSTSYNC_COMMENT", "true").lower() == "true":
        try:
            comment(text, path)
        except (OSError, ValueError, KeyError) as error:
            say("warning", f"the comment could not be written: {error}")


def describe(found: dict[str, Any]) -> str:
    """Return what an offline check found as Markdown. Plans and pushes describe themselves."""
    plan = found.get("plan", found)
    lines = ["### ghostsync check", "", f"{plan.get('documents', 0)} documents checked, without asking Ghost", ""]
    for title, kind in (("Problems", "problems"), ("Warnings", "warnings")):
        if plan.get(kind):
            lines += [f"**{title}**", ""]
            for each in plan[kind]:
                hint = f" Hint: {plain(each['hint'])}" if each.get("hint") else ""
                lines.append(f"- {code_span(place(each))} {plain(each['message'])}{hint}")
            lines.append("")
    text = "\n".join(lines)
    return text if len(text) <= MOST else text[:MOST].rpartition("\n")[0] + "\n\n… and more, see the log.\n"


def comment(text: str, path: str) -> None:
    """Write or update the one comment of this action and path on the pull request."""
    event_file = os.environ.get("GITHUB_EVENT_PATH")
    event = json.loads(Path(event_file).read_text(encoding="utf-8")) if event_file else {}
    number = event.get("pull_request", {}).get("number")
    if number is None or not os.environ.get("GHOSTSYNC_TOKEN"):
        return
    marker = f"<!-- ghostsync:{re.sub('[^A-Za-z0-9._/]', '', path)} -->"
    base = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    body = {"body": f"{marker}\n{text}"}
    mine = None
    for page in range(1, MOST_PAGES + 1):
        there = ask("GET", f"{base}/{number}/comments?per_page=100&page={page}")
        for each in there:
            if not (each.get("body") or "").startswith(marker):
                continue
            # Anybody may write a comment that begins like ours, and go on editing it.
            user = each.get("user") or {}
            mine = own_login() if mine is None else mine
            if user.get("type") == "Bot" or (mine and user.get("login") == mine):
                ask("PATCH", f"{base}/comments/{each['id']}", body)
                return
        if len(there) < 100:
            break
    ask("POST", f"{base}/{number}/comments", body)


def own_login() -> str:
    """Return who the token belongs to; nothing for the job's own token, which is a bot's and may not ask."""
    try:
        return str(ask("GET", "/user").get("login") or "")
    except OSError:
        return ""


def ask(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """Ask GitHub's REST API."""
    request = urllib.request.Request(  # noqa: S310 (GitHub says where its API is)
        os.environ.get("GITHUB_API_URL", "https://api.github.com") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode("utf-8"),
        headers={
            "Authorization": f"Bearer {os.environ['GHOSTSYNC_TOKEN']}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": API_VERSION,
            "Content-Type": "application/json",
            "User-Agent": "ghostsync-action",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise OSError(f"GitHub answered {method} {path} with {error.code}") from None


def prefix_of(path: str) -> str:
    """Return the content root as seen from the workspace, where GitHub counts files from."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or ".").resolve()
    place = Path(path).resolve()
    for folder in (place, *place.parents):
        config = folder / "ghostsync.toml"
        if config.is_file():
            place = (folder / str(tomllib.loads(config.read_text(encoding="utf-8")).get("content", "."))).resolve()
            break
    if not place.is_dir():
        place = place.parent
    try:
        relative = place.relative_to(workspace).as_posix()
    except ValueError:
        return ""
    return "" if relative == "." else f"{relative}/"


def annotate(level: str, file: str, line: int | None, message: str) -> None:
    """Put a message on a file."""
    properties = [f"file={escaped(file, ':,')}", *([f"line={line}"] if line else []), "title=ghostsync"]
    sys.stdout.write(f"::{level} {','.join(properties)}::{escaped(message[:MOST_IN_ANNOTATION])}\n")


def say(level: str, message: str) -> None:
    """Put a message on the run."""
    sys.stdout.write(f"::{level} title=ghostsync::{escaped(message)}\n")


def escaped(text: str, more: str = "") -> str:
    """Escape as GitHub's workflow commands want: `%` and line ends, in properties also `:` and `,`."""
    for letter in f"%\r\n{more}":
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text


def with_hint(fault: dict[str, Any]) -> str:
    """Return a message with its hint on a line of its own."""
    return fault["message"] + (f"\nhint: {fault['hint']}" if fault.get("hint") else "")


def who_of(fault: dict[str, Any]) -> str:
    """Return who edited in Ghost, where that is known and not said yet."""
    edit = fault.get("edit") or {}
    return f" (last edited in Ghost by {edit['who']}, {edit.get('at', '')})" if edit.get("who") else ""


def place(fault: dict[str, Any]) -> str:
    """Return file and line."""
    return fault["path"] + (f":{fault['line']}" if fault.get("line") else "")


def code_span(text: str) -> str:
    """Return text as code in one line, whatever backticks are in it."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def plain(text: str) -> str:
    """Return text that Markdown and GitHub take for nothing but text: no markup, no mention, no link."""
    escaped_text = re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", " ".join(text.split()))
    return re.sub(r"(?i)\b(https?)://", "\\1:\u200b//", re.sub(r"@(?=\w)", "@\u200b", escaped_text))


def append(variable: str, text: str) -> None:
    """Append to one of GitHub's environment files."""
    file = os.environ.get(variable)
    if file:
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(text)


if __name__ == "__main__":
    sys.exit(main())
