"""Markdown as harmless HTML, for looking at before it is published.

Raw HTML is shown as text, links keep only schemes that a reader may follow, and pictures are what the caller hands out
as data URLs or a frame with their name. This is not what Ghost will render: cards in fences appear as their source.
Rejected: rendering with raw HTML and cleaning up afterwards; what is never produced needs no cleaning.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, MutableMapping
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

_FRONT_MATTER = re.compile(r"\A(?:---\r?\n.*?\r?\n---|\+\+\+\r?\n.*?\r?\n\+\+\+)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FOLLOWED = frozenset({"http", "https", "mailto"})
# The page's own headings go to level 3.
_ABOVE = 3


class Renderer:
    """Renders documents; `picture` returns the data URL of a file of the content folder, or None."""

    def __init__(self, picture: Callable[[str], str | None]) -> None:
        self._markdown = (
            MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(footnote_plugin)
        )
        self._markdown.add_render_rule("image", _image(picture))
        self._markdown.add_render_rule("link_open", _link_open)
        # Footnotes refer by id, and ids of two panes would collide.
        self._markdown.add_render_rule("footnote_ref", _footnote_ref)
        self._markdown.add_render_rule("footnote_anchor", _nothing)
        self._markdown.add_render_rule("footnote_open", _footnote_open)

    def render(self, text: str, *, path: str) -> str:
        """Return `text` as HTML; `path` is the document's, relative to the content folder."""
        env: dict[str, Any] = {"folder": posixpath.dirname(path)}
        tokens = self._markdown.parse(_FRONT_MATTER.sub("", text, count=1), env)
        _fit_headings(tokens)
        return str(self._markdown.renderer.render(tokens, self._markdown.options, env))


def _image(picture: Callable[[str], str | None]) -> Callable[..., str]:
    """Return the rule for pictures. A plain function: markdown-it binds rules to its renderer anew."""

    def rule(
        renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[index]
        source = str(token.attrs.get("src", ""))
        alt = renderer.renderInlineAsText(token.children, options, env) if token.children else ""
        parts = urlsplit(source)
        shown = None
        if not parts.scheme and not parts.netloc:
            name = unquote(parts.path)
            inside = name.lstrip("/") if name.startswith("/") else posixpath.join(str(env.get("folder", "")), name)
            shown = picture(posixpath.normpath(inside))
        if shown is None:
            described = f"{alt}: " if alt else ""
            return f'<span class="picture">picture {escape(described)}{escape(source)}</span>'
        return f'<img src="{escape(shown)}" alt="{escape(alt)}">'

    return rule


def _link_open(
    renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    target = str(token.attrs.get("href", ""))
    token.attrs = {"href": target, "rel": "noopener noreferrer", "target": "_blank", "title": target}
    if urlsplit(target).scheme.lower() not in _FOLLOWED:
        # A link between documents leads nowhere from this page; it keeps its look and says where it goes.
        token.attrs = {"title": target}
    return renderer.renderToken(tokens, index, options, env)


def _fit_headings(tokens: list[Token]) -> None:
    """Put headings under the page's own, without a gap: screen readers make the outline from them."""
    deepest = _ABOVE
    open_levels: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            deepest = min(int(token.tag[1:]) + _ABOVE, deepest + 1, 6)
            token.tag = f"h{deepest}"
            open_levels.append(token.tag)
        elif token.type == "heading_close":
            token.tag = open_levels.pop()


def _footnote_ref(_renderer: RendererHTML, tokens: list[Token], index: int, *_rest: object) -> str:
    return f"<sup>[{int(tokens[index].meta.get('id', 0)) + 1}]</sup>"


def _footnote_open(*_rest: object) -> str:
    return "<li>"


def _nothing(*_rest: object) -> str:
    return ""
