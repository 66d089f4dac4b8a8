"""`ghostsync new`: start a document where pull would put it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals
from ghostsync.errors import ContentError

if TYPE_CHECKING:
    from ghostsync.local.config import Config
    from ghostsync.model import DocPath


@click.command()
@click.argument("title")
@click.option("--page", is_flag=True, help="A page instead of a post.")
@click.option("--path", type=click.Path(path_type=Path), metavar="FILE", help="Where to put it.")
@click.option("--tag", "tags", multiple=True, metavar="NAME", help="A tag; may be repeated.")
@click.pass_obj
def new(given: Globals, title: str, *, page: bool, path: Path | None, tags: tuple[str, ...]) -> int:
    """Start a document with this TITLE, as a draft, and print its path.

    Its place follows `pull.posts` or `pull.pages` of the configuration. An existing file is never overwritten, and
    neither is a slug taken that another document has.

    \b
    ghostsync new "Hello, world"
    ghostsync new About --page
    $EDITOR "$(ghostsync new 'On clocks' --tag News)"
    """
    from ghostsync.core.documents import check_slugs
    from ghostsync.core.editing import new_front_matter
    from ghostsync.local.config import locate
    from ghostsync.local.tree import ContentTree
    from ghostsync.local.workspace import Expected, Workspace
    from ghostsync.model import FieldName, Kind

    if not title.strip():
        raise click.UsageError("the title is empty")
    cwd = Path.cwd()
    config, _ = locate([], given.config_file, cwd)
    kind = Kind.PAGE if page else Kind.POST
    place = _below_root(cwd / path, config) if path is not None else _by_pattern(title, page=page, config=config)
    fields = {FieldName("title"): title.strip(), FieldName("status"): "draft"}
    front = new_front_matter(fields | ({FieldName("tags"): tags} if tags else {}), kind)
    workspace = Workspace(config)
    parsed = workspace.parse(place, (text := front + "\n").encode())
    if parsed.document is not None and parsed.document.kind is not kind:
        # The folder does not say it, so the document does.
        text = front.replace("---\n", f"---\ntype: {kind}\n", 1) + "\n"
        parsed = workspace.parse(place, text.encode())
    if parsed.document is None:
        raise ContentError(
            f"no document can be made of the title `{title}`",
            hint="name its file: `--path FILE`",
            problems=parsed.problems,
        )
    if workspace.exists(place):
        raise ContentError(f"{place} is already there", hint="choose another title, or name its file: `--path FILE`")
    others = [one for one in ContentTree(config).load().documents if one.path != place]
    clashes = [one for one in check_slugs([*others, parsed.document]) if one.path == place]
    if clashes:
        raise ContentError(
            f"{place} would have the slug of another document",
            hint="choose another title, or name its file: `--path FILE`",
            problems=tuple(clashes),
        )
    workspace.write(place, text.encode(), expected=Expected.NOTHING)
    given.console.data(_shown(config.root / place, cwd))
    return 0


def _by_pattern(title: str, *, page: bool, config: Config) -> DocPath:
    from ghostsync.core.slugs import post_slug
    from ghostsync.model import DocPath

    today = datetime.now(config.documents.zone or UTC)
    slug = post_slug(title)
    values = {
        "slug": slug,
        "id": slug,
        "year": f"{today:%Y}",
        "month": f"{today:%m}",
        "day": f"{today:%d}",
        "primary_tag": "untagged",
        "kind": "page" if page else "post",
    }
    return DocPath((config.pull.pages if page else config.pull.posts).format_map(values))


def _below_root(place: Path, config: Config) -> DocPath:
    from ghostsync.model import DocPath

    place = place.resolve()
    if config.root not in place.parents:
        raise ContentError(f"{place} is outside the content directory {config.root}", hint="give a path inside it")
    return DocPath(place.relative_to(config.root).as_posix())


def _shown(place: Path, cwd: Path) -> str:
    return str(place.relative_to(cwd)) if place.is_relative_to(cwd) else str(place)
