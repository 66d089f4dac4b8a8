"""`ghostsync convert`: the compiler on its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

import click

from ghostsync.cli.context import Globals
from ghostsync.errors import ContentError, Problem


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--to",
    "target",
    type=click.Choice(["lexical", "markdown", "html"]),
    required=True,
    help="lexical: Ghost's document as JSON; markdown: from such JSON; html: what CommonMark makes of the text.",
)
@click.option(
    "--dialect",
    type=click.Choice(["ghost", "commonmark"]),
    default="ghost",
    show_default=True,
    help="commonmark switches every extension off.",
)
@click.pass_obj
def convert(given: Globals, file: Path, *, target: str, dialect: Literal["ghost", "commonmark"]) -> int:
    """Convert one FILE (`-` for standard input) between Markdown, Lexical and HTML.

    Front matter is left out. Nothing is sent anywhere.

    \b
    ghostsync convert posts/hello.md --to lexical
    ghostsync convert hello.lexical.json --to markdown
    """
    from ghostsync.core.frontmatter import FrontMatter, parse_front_matter
    from ghostsync.lexical import compile_markdown, decompile_lexical, mobiledoc_to_lexical

    text = _read(file)
    if target == "markdown":
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ContentError(f"{file} is not JSON: {error}", hint="give a Lexical or mobiledoc document") from error
        if isinstance(document, dict) and "sections" in document:
            document = mobiledoc_to_lexical(document)
        if not isinstance(document, dict) or not isinstance(document.get("root"), dict):
            raise ContentError(
                f"{file} is not a Lexical document: it has no `root`",
                hint="give what Ghost keeps in the field `lexical` or `mobiledoc` of a post",
            )
        given.console.data(decompile_lexical(document, dialect=dialect))
        return 0
    front = parse_front_matter(text)
    if not isinstance(front, FrontMatter):
        problems = tuple(Problem(path=str(file), line=f.line, message=f.message, hint=f.hint) for f in front)
        raise ContentError(f"the front matter of {file} cannot be read", problems=problems)
    body = text[front.body_start :]
    if target == "html":
        from ghostsync.lexical.dialect import Dialect, parser_for

        html: str = parser_for(Dialect(dialect)).render(body)
        given.console.data(html)
    else:
        given.console.data_json(compile_markdown(body, dialect=dialect))
    return 0


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "it failed").lower() if isinstance(error, OSError) else "it is not UTF-8"
        raise ContentError(f"{file} cannot be read: {why}", hint="name a UTF-8 text file") from error
