"""What `ghostsync doctor` looks at: everything a run depends on, each with a verdict and a way out.

A run stops at the first thing that is wrong; an examination goes on, because who asks for it wants to know all of it.
It writes nothing, to Ghost or to the disk: it must be safe to run on a site in any state. Each look is a function of
its own that returns findings; what a later look needs and an earlier one could not get (no address, no answer) is left
out rather than guessed.

Permissions are tried by reading. Whether a write would be allowed is not tried: Ghost decides that with the write
itself, and no harmless one exists. For a custom integration the rights are fixed (Ghost: fixtures.json, "Admin
Integration"); a staff token has those of its person, so the role is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghostsync.core.counted import counted, listed, spoken_size
from ghostsync.core.slugs import tag_slug
from ghostsync.errors import ContentError, ExitCode, GhostError, NotFound
from ghostsync.ghost import nql
from ghostsync.ghost.admin import AdminApi, Resource
from ghostsync.local.cache_check import fault_of_cache
from ghostsync.local.credentials import KEY_NAME
from ghostsync.local.own_folder import NAME as OWN_FOLDER

if TYPE_CHECKING:
    from ghostsync.local.config import Config
    from ghostsync.local.git import Repository
    from ghostsync.ports import LocalTree, Tree


class Verdict(StrEnum):
    """What a look came to, from well to ill."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One look: what was looked at, what is there, and what to do about it."""

    name: str
    verdict: Verdict
    message: str
    hint: str | None = None
    exit_code: ExitCode = ExitCode.DONE
    """What a run would have ended with; only where the verdict is bad."""
    items: tuple[str, ...] = ()
    """What a list was asked for, one line each."""


# A clock that is further off than this is put right by hand one day; ghostsync itself follows Ghost's.
_NOTICEABLE_SECONDS = 30
# Ghost's roles (fixtures.json), by what they may do with posts of others.
_MAY_ALL = frozenset({"Owner", "Administrator", "Editor", "Super Editor"})


def good(name: str, message: str) -> Finding:
    """Return a finding with nothing to do."""
    return Finding(name=name, verdict=Verdict.GOOD, message=message)


def bad(name: str, message: str, hint: str | None, code: ExitCode) -> Finding:
    """Return a finding that stops a run."""
    return Finding(name=name, verdict=Verdict.BAD, message=message, hint=hint, exit_code=code)


def _warning(name: str, message: str, hint: str) -> Finding:
    return Finding(name=name, verdict=Verdict.WARNING, message=message, hint=hint)


def _note(name: str, message: str, hint: str | None = None) -> Finding:
    return Finding(name=name, verdict=Verdict.NOTE, message=message, hint=hint)


# ---------------------------------------------------------------------------------------------- the site


def examine_site(api: AdminApi, config: Config) -> Iterator[Finding]:
    """Yield what is found out about the site and the key. Raises nothing that Ghost answers."""
    try:
        site = api.site()
    except GhostError as error:
        yield bad("site", error.message, error.hint, error.exit_code)
        return
    yield good("site", f"{site.get('title') or 'a site'} at {site['url']}")
    try:
        version = str(api.config().get("version") or site["version"])
    except GhostError as error:
        yield good("version", f"Ghost {site['version']}")
        yield _clock(api)
        yield bad("key", error.message, error.hint, error.exit_code)
        return
    yield good("version", f"Ghost {version}")
    yield _clock(api)
    yield from _key(api)
    yield _permissions(api)
    yield _marker(api, config)
    yield _routes(api)
    yield _email(api)


def _clock(api: AdminApi) -> Finding:
    clock = api.transport.clock
    if not clock.has_answered:
        return _note("clock", "Ghost's answers carry no date; this machine's clock is used")
    offset = round(clock.offset)
    if abs(offset) <= _NOTICEABLE_SECONDS:
        return good("clock", "agrees with Ghost's")
    way = "behind" if offset > 0 else "ahead of"
    return _warning(
        "clock",
        f"this machine is {counted(abs(offset), 'second')} {way} Ghost; ghostsync dates its keys by Ghost's clock",
        "set this machine's clock (NTP), other programs will need it",
    )


def _key(api: AdminApi) -> Iterator[Finding]:
    try:
        answer = api.request("GET", "/users/me/", query={"include": ("roles",)})
    except NotFound:
        yield good("key", "an integration's Admin API key, accepted")
        return
    except GhostError as error:
        yield bad("key", error.message, error.hint, error.exit_code)
        return
    user = (answer.data.get("users") or [{}])[0]
    roles = [str(role.get("name")) for role in user.get("roles") or ()]
    whose = f"the staff access token of {user.get('name')} ({listed(roles) or 'no role'}), accepted"
    if _MAY_ALL & set(roles):
        yield _note("key", f"{whose}; writes happen in this person's name")
    else:
        yield bad(
            "key",
            f"{whose}, but this role may not write posts of others",
            "use the Admin API key of a custom integration: Settings → Integrations in Ghost Admin",
            ExitCode.FAILED,
        )


def _permissions(api: AdminApi) -> Finding:
    readings = [resource for resource in Resource if resource is not Resource.MEMBERS]
    refused = [resource.value for resource in readings if not _may_read(api, resource)]
    if not refused:
        return good("permissions", "posts, pages, tags, staff, tiers, newsletters and the log can be read")
    needed = {"posts", "pages", "tags"} & set(refused)
    message = f"{listed(refused)} cannot be read with this key"
    hint = "use the Admin API key of a custom integration: Settings → Integrations in Ghost Admin"
    if needed:
        return bad("permissions", message, hint, ExitCode.FAILED)
    return _warning("permissions", f"{message}: names of those are not checked before a push", hint)


def _may_read(api: AdminApi, resource: Resource) -> bool:
    try:
        api.page(resource, {"limit": 1})
    except GhostError:
        return False
    return True


def _marker(api: AdminApi, config: Config) -> Finding:
    name = config.marker_tag
    if not name:
        return _note("marker tag", "none is configured: people do not see in Ghost which posts are managed")
    try:
        condition = f"tag:{nql.quote(tag_slug(name))}"
        posts, pages = api.count(Resource.POSTS, condition), api.count(Resource.PAGES, condition)
    except GhostError as error:
        return _warning("marker tag", error.message, error.hint or "`ghostsync doctor -v`")
    return good("marker tag", f"{name} is on {counted(posts, 'post')} and {counted(pages, 'page')}")


def _routes(api: AdminApi) -> Finding:
    from ghostsync.core.addresses import parse_permalinks  # noqa: PLC0415 (it brings a YAML parser)

    try:
        text = api.routes_yaml()
    except GhostError:
        return _warning(
            "routes",
            "routes.yaml cannot be read with this key: links to drafts assume Ghost's default addresses",
            "use the Admin API key of a custom integration: Settings → Integrations in Ghost Admin",
        )
    patterns = [each.permalink for each in parse_permalinks(text, timezone="Etc/UTC").collections]
    return good("routes", f"posts have addresses like {listed(patterns)}")


def _email(api: AdminApi) -> Finding:
    """Say what a newsletter could reach: the thing that nobody can take back."""
    try:
        settings = api.settings()
        active = [row["slug"] for row in api.iter_raw(Resource.NEWSLETTERS) if row.get("status") == "active"]
        members = api.count(Resource.MEMBERS, "email_disabled:0+newsletters.status:active")
        waiting = api.count(Resource.POSTS, "status:scheduled+newsletter_id:-null")
    except GhostError as error:
        return _note("email", f"how many members an email reaches cannot be read: {error.message}", error.hint)
    safe = "a push sends none without both `newsletter:` and `--send-email`"
    if not active or settings.get("editor_default_email_recipients") == "disabled":
        return good("email", f"newsletters are switched off; {safe}")
    reach = f"{listed(active)}: {counted(members, 'subscribed member')}; {safe}"
    if waiting:
        return _note(
            "email", f"{reach}; {counted(waiting, 'scheduled post')} of this site will be emailed when due", None
        )
    return good("email", reach)


# ---------------------------------------------------------------------------------------------- this machine


def examine_project(config: Config, tree: Tree, repository: Repository | None, *, shallow: bool) -> Iterator[Finding]:
    """Yield what is found out about the configuration, the content and this machine."""
    yield _project(config)
    yield _content(config, tree)
    yield _cache(config)
    yield _history(repository, shallow=shallow)
    yield from _secrets(config, repository)


def _content(config: Config, tree: Tree) -> Finding:
    try:
        found: LocalTree = tree.load()
    except ContentError as error:
        return bad("content", error.message, error.hint, error.exit_code)
    told = f"{counted(len(found.documents), 'document')} in {config.root}"
    if found.problems:
        broken = counted(len({problem.path for problem in found.problems}), "file")
        return bad(
            "content", f"{told}, {broken} with problems", "`ghostsync check` names them, with lines", ExitCode.INVALID
        )
    if not found.documents:
        return _note("content", told, '`ghostsync new "Hello, world"`, or `ghostsync pull` to begin with what is there')
    return good("content", told)


def _project(config: Config) -> Finding:
    if config.file is None:
        return _note("project", "no ghostsync.toml: the defaults hold", "`ghostsync init` writes one")
    if config.project is None:
        return _warning(
            "project",
            f"{config.file.name} names no project: nothing can be pruned, and another tree without a name owns the "
            "same posts",
            f'add `project = "{tag_slug(config.folder.name) or "my-site"}"` to {config.file.name}',
        )
    return good("project", f"{config.project}, from {config.file}")


def _cache(config: Config) -> Finding:
    file = config.root / OWN_FOLDER / "cache.db"
    if not file.exists():
        return _note("cache", "there is none yet: the next run reads the whole site and makes one")
    fault = fault_of_cache(file)
    if fault is not None:
        return _warning(
            "cache", f"{file} is damaged ({fault}): the next run throws it away", "nothing; it holds no other truth"
        )
    return good("cache", f"{spoken_size(file.stat().st_size)} in {file}")


def _history(repository: Repository | None, *, shallow: bool) -> Finding:
    if repository is None:
        return _note(
            "history",
            "the content is not in Git: one place fewer to find what both sides last agreed on",
            "`git init`, and commit the content",
        )
    if shallow:
        return _warning(
            "history",
            "this clone is shallow: edits made before it began may become conflicts",
            "`git fetch --unshallow`; in GitHub Actions, `fetch-depth: 0` for actions/checkout",
        )
    return good("history", f"Git, whole, in {repository.root}")


def _secrets(config: Config, repository: Repository | None) -> Iterator[Finding]:
    """Say whether Git could carry the key away."""
    for folder in dict.fromkeys((config.root, config.folder)):
        file = folder / ".env"
        if repository is None or not file.is_file() or KEY_NAME not in _text_of(file):
            continue
        if repository.run("ls-files", "--error-unmatch", "--", str(file)) is not None:
            yield bad(
                "secrets",
                f"{file} holds the key and is tracked by Git",
                f"`git rm --cached {file.name}`, ignore it, and make a new key: the old one is in the history",
                ExitCode.USAGE,
            )
        # Not `check-ignore`, which refuses paths that are meant literally, as all of ours are.
        elif not repository.run("ls-files", "--others", "--ignored", "--exclude-standard", "--", str(file)):
            yield _warning(
                "secrets", f"{file} holds the key and is not ignored by Git", f"`echo .env >> {folder / '.gitignore'}`"
            )
        else:
            yield good("secrets", f"{file} holds the key; Git ignores it")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def findings_to_json(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return the examination as a JSON document."""
    order = list(Verdict)
    worst = max((finding.verdict for finding in findings), key=order.index, default=Verdict.GOOD)
    return {
        "verdict": worst.value,
        "findings": [
            {
                "name": finding.name,
                "verdict": finding.verdict.value,
                "message": finding.message,
                "hint": finding.hint,
                **({"items": list(finding.items)} if finding.items else {}),
            }
            for finding in findings
        ],
    }
