"""Markdown as harmless HTML, for looking at before it is published.

Raw HTML is shown as text, links keep only schemes that a reader may follow, and pictures are what the caller hands out
as data URLs or a frame with their name. This is not what Ghost will render: a card is a frame with its name, in which
callouts, asides and galleries show what they hold, and fences their YAML with the pictures that it names.
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
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin

_FRONT_MATTER = re.compile(r"\A(?:---\r?\n.*?\r?\n---|\+\+\+\r?\n.*?\r?\n\+\+\+)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FOLLOWED = frozenset({"http", "https", "mailto"})
_FENCED = re.compile(r"ghost:([\w-]+)")
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*", re.IGNORECASE)
# A line of a card's YAML that names a file.
_YAML_FILE = re.compile(
    r"""^[\s-]*\w+:\s*["']?([^"'\n]+?\.(?:png|jpe?g|gif|webp|svg))["']?\s*$""", re.IGNORECASE | re.MULTILINE
)
# The page's own headings go to level 3.
_ABOVE = 3


class Renderer:
    """Renders documents; `picture` returns the data URL of a file of the content folder, or None."""

    def __init__(self, picture: Callable[[str], str | None]) -> None:
        self._markdown = (
            MarkdownIt("commonmark", {"html": False})
            .enable(["table", "strikethrough"])
            .use(footnote_plugin)
            .use(sub_plugin)
            .use(superscript_plugin)
            .use(container_plugin, name="card", validate=_is_container, render=_container)
        )
        self._markdown.core.ruler.push("alerts", _mark_alerts)
        self._markdown.add_render_rule("image", _image(picture))
        self._markdown.add_render_rule("fence", _fence(picture))
        self._markdown.add_render_rule("link_open", _link_open)
        self._markdown.add_render_rule("blockquote_open", _quote)
        self._markdown.add_render_rule("blockquote_close", _quote)
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
        shown = None if parts.scheme or parts.netloc else _find(unquote(parts.path), env, picture)
        if shown is None:
            described = f"{alt}: " if alt else ""
            return f'<span class="picture">picture {escape(described)}{escape(source)}</span>'
        return f'<img src="{escape(shown)}" alt="{escape(alt)}">'

    return rule


def _find(name: str, env: MutableMapping[str, Any], picture: Callable[[str], str | None]) -> str | None:
    """Return a local picture as a data URL. A leading `/` is the site's root, and no file."""
    if name.startswith("/"):
        return None
    return picture(posixpath.normpath(posixpath.join(str(env.get("folder", "")), name)))


def _fence(picture: Callable[[str], str | None]) -> Callable[..., str]:
    """Return the rule for fences: a card's YAML under the pictures that it names, or code."""

    def rule(
        _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[index]
        card = _FENCED.fullmatch(token.info.strip())
        code = f"<pre>{escape(token.content)}</pre>"
        if card is None:
            return code
        named = dict.fromkeys(found[1] for found in _YAML_FILE.finditer(token.content))
        urls = [(name, _find(name, env, picture)) for name in named if not urlsplit(name).scheme]
        shown = "".join(f'<img src="{escape(url)}" alt="{escape(name)}">' for name, url in urls if url is not None)
        return f"{_open_card(f'{card[1]} card')}{shown}{code}</div>"

    return rule


def _open_card(name: str) -> str:
    return f'<div class="card"><p class="label">{escape(name)}</p>'


def _is_container(params: str, *_rest: object) -> bool:
    return bool(params.strip())


def _container(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, _env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    return _open_card(token.info.strip()) if token.nesting == 1 else "</div>"


def _mark_alerts(state: StateCore) -> None:
    """Turn a quote that begins with `[!NOTE]` into a frame with that name."""
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type != "blockquote_open" or index + 2 >= len(tokens) or tokens[index + 2].type != "inline":
            continue
        first = tokens[index + 2].children or []
        found = _ALERT.fullmatch(first[0].content) if first and first[0].type == "text" else None
        if found is None:
            continue
        # The marker's line end goes with it.
        del first[: 2 if len(first) > 1 and first[1].type in {"softbreak", "hardbreak"} else 1]
        token.meta["alert"] = found[1].lower()
        depth = 0
        for other in tokens[index:]:
            depth += {"blockquote_open": 1, "blockquote_close": -1}.get(other.type, 0)
            if depth == 0:
                other.meta["alert"] = found[1].lower()
                break


def _quote(_renderer: RendererHTML, tokens: list[Token], index: int, *_rest: object) -> str:
    token = tokens[index]
    kind = token.meta.get("alert")
    if kind is None:
        return "<blockquote>" if token.nesting == 1 else "</blockquote>"
    return _open_card(f"callout: {kind}") if token.nesting == 1 else "</div>"


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
