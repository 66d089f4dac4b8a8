"""`ghostsync open`: from a document to its post, in Ghost's editor or as readers see it.

The address goes to stdout in any case, so that the command is of use over SSH and in scripts; a browser is only
started where there is one to see.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals, open_run
from ghostsync.errors import ContentError
from ghostsync.model import is_preview

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ghostsync.cli.context import Run
    from ghostsync.model import Document, Post


@click.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--public", is_flag=True, help="The page that readers see (of a draft, its preview), not the editor.")
@click.option("--print", "only_prints", is_flag=True, help="Print the address and start no browser.")
@click.pass_obj
def open_(given: Globals, file: Path, *, public: bool, only_prints: bool) -> int:
    """Open a document's post in Ghost's editor.

    The address is printed as well. Without a browser (over SSH, in a script) it is only printed.

    \b
    ghostsync open posts/hello.md
    ghostsync open posts/hello.md --public
    curl -s "$(ghostsync open posts/hello.md --public --print)" | grep '<title>'
    """
    console = given.console
    with open_run(given, (file,), command="open", locks=False) as run:
        document = _document(run, file)
        post = _post_of(run, document)
        if post is None:
            raise ContentError(
                f"{file} has no post in Ghost yet, at {run.remote.site().url}", hint=f"`ghostsync push {file}`"
            )
        address = post.url if public else _editor(run, post)
    if public and is_preview(post.url):
        console.warn("this is a draft's preview: whoever has the address can read it")
    console.data(address)
    if not only_prints and can_show(os.environ):
        import webbrowser

        if not webbrowser.open(address):
            console.say("no browser could be started; the address is above")
    return 0


def can_show(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Say whether a browser window would be seen: `BROWSER` is set, or there is a screen."""
    if environ.get("BROWSER"):
        return True
    if environ.get("SSH_CONNECTION"):
        return False
    return platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _document(run: Run, file: Path) -> Document:
    path = run.selection.paths[0] if run.selection.paths else None
    data = None if path is None or not run.tree.exists(path) else run.tree.read(path)
    document = None if path is None or data is None else run.tree.parse(path, data)
    if document is None:
        is_broken = file.suffix == ".md"
        hint = f"`ghostsync check {file}` says what is wrong with it" if is_broken else "name a Markdown file"
        raise ContentError(
            f"{file} is not a document that can be read" if is_broken else f"{file} is not a document", hint=hint
        )
    return document


def _post_of(run: Run, document: Document) -> Post | None:
    """Return the document's post: the remembered one, the one with its slug, or the one that a push would find."""
    from ghostsync.engine.options import Options
    from ghostsync.errors import NotFound

    for known in run.memory.posts().values():
        if known.path == document.path:
            try:
                return run.remote.post(known.kind, known.id)
            except NotFound:
                break
    for post in run.remote.posts_by_slug(document.kind, document.slug):
        if post.slug == document.slug:
            return post
    seen = run.session.gather(Options())
    face = seen.matches.pairs.get(document.path)
    return None if face is None else seen.listing.posts([face.id]).get(face.id)


def _editor(run: Run, post: Post) -> str:
    """Return the address of the editor (Ghost: apps/admin, route `editor`), on the host that serves Ghost Admin."""
    return f"{run.remote.api.transport.address.base.rstrip('/')}/ghost/#/editor/{post.kind}/{post.id}"
