"""`ghostsync doctor`: everything that a run depends on, looked at one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals, credentials_of
from ghostsync.errors import ConfigError, ExitCode, GhostError, GhostsyncError, worst_exit

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.doctor import Finding
    from ghostsync.ghost.admin import AdminApi
    from ghostsync.local.config import Config


@click.command()
@click.option("--media", is_flag=True, help="Also list uploads of ghostsync that nothing on the site refers to.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: one document, `{verdict, findings: [{name, verdict, message, hint}]}`.",
)
@click.pass_obj
def doctor(given: Globals, *, media: bool, output: str) -> int:
    """Examine the connection to Ghost, the project and this machine.

    Looked at are the configuration, the address, Ghost's version, its clock, the key and what it may do, the marker
    tag, addresses of posts, what an email would reach, the documents, the project, the cache, Git's history, and
    whether Git could carry the key away. Each has a verdict, and where something is to be done, what. Nothing is
    written.

    Exits with 0 when a run can be made, otherwise with the code that it would end with: 2 for the configuration or a
    missing key, 1 for Ghost (which may refuse the key), 5 for documents.

    \b
    ghostsync doctor
    ghostsync --site staging doctor
    ghostsync doctor --media
    ghostsync doctor --format json
    """
    from ghostsync.doctor import findings_to_json

    findings: list[Finding] = []
    is_text = output == "text"
    for finding in _examine(given, media=media):
        findings.append(finding)
        if is_text:
            _show(given.console, finding)
    code = worst_exit(*(finding.exit_code for finding in findings))
    if is_text:
        _sum_up(given.console, findings)
    else:
        given.console.data_json(findings_to_json(tuple(findings)))
    return int(code)


def _examine(given: Globals, *, media: bool) -> Iterator[Finding]:
    from ghostsync.doctor import bad, examine_project, examine_site, good
    from ghostsync.local.config import locate
    from ghostsync.local.git import Repository
    from ghostsync.local.tree import ContentTree

    try:
        config, _ = locate((), given.config_file, Path.cwd())
    except ConfigError as error:
        told = "; ".join(str(problem) for problem in error.problems)
        yield bad(
            "configuration", told or error.message, error.hint or "correct it, and run this again", ExitCode.USAGE
        )
        return
    where = "none, the defaults hold" if config.file is None else str(config.file)
    yield good("configuration", where)
    api = None
    try:
        api = _connect(given, config)
    except GhostsyncError as error:
        yield bad("credentials", error.message, error.hint, error.exit_code)
    if api is not None:
        try:
            yield from examine_site(api, config)
            if media:
                yield _media(api, config)
        finally:
            api.transport.close()
    repository = Repository.find(config.root, environ=dict(os.environ))
    try:
        shallow = repository is not None and repository.is_shallow
        yield from examine_project(config, ContentTree(config), repository, shallow=shallow)
    finally:
        if repository is not None:
            repository.close()


def _connect(given: Globals, config: Config) -> AdminApi:
    from ghostsync.ghost.connect import connect

    url, key = credentials_of(given, config)
    return connect(url, key, allow_http=given.allow_http)


def _media(api: AdminApi, config: Config) -> Finding:
    from ghostsync.core.counted import counted
    from ghostsync.core.slugs import tag_slug
    from ghostsync.doctor import Finding, Verdict, bad, good
    from ghostsync.ghost.gateway import GhostSite
    from ghostsync.local.cache import Cache
    from ghostsync.local.memory import SiteMemory
    from ghostsync.local.own_folder import NAME
    from ghostsync.unreferenced import find_unreferenced

    marker = config.marker_tag
    try:
        remote = GhostSite(api, marker=marker, marker_slug=None if marker is None else tag_slug(marker))
        site = remote.site()
        # Looking must not make the folder of a cache that is not there.
        has_cache = (config.root / NAME / "cache.db").exists()
        with Cache.open(config.root) if has_cache else Cache.in_memory() as cache:
            found = find_unreferenced(api, remote, SiteMemory(cache.site(site.uuid, site.url)))
    except GhostError as error:
        return bad("media", error.message, error.hint, error.exit_code)
    if not found:
        return good("media", "every upload of ghostsync is referred to")
    return Finding(
        name="media",
        verdict=Verdict.NOTE,
        message=f"nothing refers to {counted(len(found), 'upload')}",
        hint="Ghost's API deletes no uploads: remove them on the server, below its content folder, if they are not "
        "wanted; old versions of posts may still show them",
        items=found,
    )


# ---------------------------------------------------------------------------------------------- showing

_NAME_WIDTH = 13


def _show(console: Console, finding: Finding) -> None:
    from rich.text import Text

    from ghostsync.cli.page import AMBER, GREEN, PURPLE, RED, Page
    from ghostsync.doctor import Verdict

    sign, color = {
        Verdict.GOOD: ("✓", GREEN),
        Verdict.NOTE: ("·", PURPLE),
        Verdict.WARNING: ("!", AMBER),
        Verdict.BAD: ("✗", RED),
    }[finding.verdict]
    page = Page(console)
    page.hanging(
        Text.assemble((f"{sign} ", f"bold {color}"), (f"{finding.name:<{_NAME_WIDTH}} ", "bold")),
        Text(console.clean(finding.message)),
    )
    for item in finding.items:
        page.line(Text(item), _NAME_WIDTH + 3)
    if finding.hint:
        page.hanging(Text(" " * (_NAME_WIDTH + 3)), Text.assemble(("hint: ", "bold"), console.clean(finding.hint)))


def _sum_up(console: Console, findings: list[Finding]) -> None:
    from rich.text import Text

    from ghostsync.cli.page import Page
    from ghostsync.core.counted import counted
    from ghostsync.doctor import Verdict

    bad = sum(finding.verdict is Verdict.BAD for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    page = Page(console)
    page.gap()
    if bad:
        told = f"{counted(bad, 'thing')} to put right"
    elif warnings:
        told = f"ready to run; {counted(warnings, 'thing')} to look at"
    else:
        told = "all is well"
    page.line(Text(told, style="bold"))
