"""Cards that plain Markdown says: pictures, code, alerts, containers, `<details>`.

Each function takes the tokens of one block and gives the card, or raises `NotNative`. A callout or aside whose text
is more than lines (a list, a table) cannot be Ghost's card, because Ghost's renderer would strip it; it becomes an
`html` card with the very markup that Ghost gives its own card, so that the page shows it as meant.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Final

from markdown_it.common.utils import unescapeAll

from ghostsync.errors import ContentError
from ghostsync.lexical import nodes
from ghostsync.lexical.blocks import NATIVE, Form, Verdict
from ghostsync.lexical.cards.build import card_node
from ghostsync.lexical.cards.callout import ALERTS
from ghostsync.lexical.cards.gallery import picture
from ghostsync.lexical.dialect import Dialect, container_name, parser_for
from ghostsync.lexical.inline import NotNative, plain_text
from ghostsync.lexical.normal import inline_form
from ghostsync.lexical.property_text import html_of_tokens, inline_html
from ghostsync.lexical.richtext import html_from_inline, paragraph_of
from ghostsync.lexical.structure import joined_paragraphs
from ghostsync.lexical.syntax import parse_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from ghostsync.lexical.nodes import Node

WIDTHS: Final = frozenset({"wide", "full"})
_ALERT: Final = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.IGNORECASE)
_TOGGLE: Final = re.compile(r"<details>\s*<summary>(.*?)</summary>\s*", re.DOTALL)
_INFO: Final = re.compile(r"[ \t]*([^ \t{][^ \t]*)?[ \t]*")


def image_card(tokens: Sequence[Token], *, ghost: bool) -> Node | None:
    """The image card of a picture alone in its paragraph, with a link around it or not. Raises NotNative."""
    match [token.type for token in tokens[:4]]:
        case ["image"]:
            image, href = tokens[0], ""
        case ["link_open", "image", "link_close"]:
            image, href = tokens[1], str(tokens[0].attrs.get("href") or "")
            if not href:
                raise NotNative("a link without an address")
            if tokens[0].attrs.get("title") or tokens[2].meta.get("attributes"):
                raise NotNative("a link with a title around a picture")
        case _:
            return None
    src = str(image.attrs.get("src") or "")
    if not src.strip():
        raise NotNative("a picture without an address")
    values: dict[str, Any] = {"src": src, "alt": plain_text(image.children or ()), "href": href}
    values["title"] = str(image.attrs.get("title") or "")
    if ghost:
        values.update(_image_attributes(image.meta.get("attributes") or {}))
    return card_node("image", **values)


def _image_attributes(attributes: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in attributes.items():
        if name == "class" and value in WIDTHS:
            values["cardWidth"] = value
        elif name == "caption":
            values["caption"] = inline_html(value)
        elif name in {"width", "height"} and value.isdecimal() and len(value) < 10:
            values[name] = int(value)
        else:
            raise NotNative(f"attribute {name}={value} on a picture")
    return values


def code_card(token: Token, *, ghost: bool) -> Node:
    """The code card of a fenced or indented block. Raises NotNative for code that Ghost would not show."""
    code = token.content.removesuffix("\n")
    if not code.strip():
        raise NotNative("code without content")
    info = _INFO.match(token.info)
    language = unescapeAll(info[1] or "") if info else ""
    values: dict[str, Any] = {"code": code, "language": language}
    if ghost and info and (parsed := parse_attributes(token.info, info.end())) is not None:
        caption = parsed[1].get("caption")
        if caption is not None:
            values["caption"] = inline_html(caption)
    elif language == "" and token.info.strip():
        values["language"] = unescapeAll(token.info.strip().split()[0])
    return card_node("codeblock", **values)


def alert_card(tokens: Sequence[Token], env: dict[str, Any]) -> tuple[Node, Verdict] | None:
    """The callout of a GitHub alert (`> [!NOTE]`), or None if the quote is not one."""
    if len(tokens) < 4 or tokens[1].type != "paragraph_open":
        return None
    children = tokens[2].children or []
    first = _ALERT.fullmatch(children[0].content.rstrip(" \t")) if children and children[0].type == "text" else None
    if first is None or (len(children) > 1 and children[1].type not in {"softbreak", "hardbreak"}):
        return None
    emoji, color = ALERTS[first[1].upper()]
    inner = list(tokens[1:-1])
    if len(children) > 1:
        inner[1] = inner[1].copy(children=children[2:])
    else:
        inner = inner[3:]
    return _callout(inner, env, emoji=emoji, color=color)


def _callout(tokens: Sequence[Token], env: dict[str, Any], *, emoji: str, color: str) -> tuple[Node, Verdict]:
    try:
        text = html_from_inline(joined_paragraphs(tokens, within="a callout"))
    except NotNative as obstacle:
        html = (
            f'<div class="kg-card kg-callout-card kg-callout-card-{escape(color)}">'
            + (f'<div class="kg-callout-emoji">{escape(emoji)}</div>' if emoji else "")
            + f'<div class="kg-callout-text">{_rendered(tokens, env)}</div></div>'
        )
        return card_node("html", html=html), Verdict(form=Form.HTML_CARD, reason=str(obstacle))
    paragraph = paragraph_of(text) if text else ""
    return card_node("callout", calloutText=paragraph, calloutEmoji=emoji, backgroundColor=color), NATIVE


def _rendered(tokens: Sequence[Token], env: dict[str, Any]) -> str:
    md = parser_for(Dialect.GHOST)
    return str(md.renderer.render(tokens, md.options, env)).strip("\n")


def container_card(tokens: Sequence[Token], env: dict[str, Any], *, line: int) -> tuple[Node, Verdict]:
    """The card of a `:::` container. Raises NotNative, or ContentError for attributes that it does not have."""
    name = container_name(tokens[0].info)
    rest = tokens[0].info.strip().removeprefix(name).strip()
    attributes: dict[str, str] = {}
    if rest:
        parsed = parse_attributes(rest, 0)
        if parsed is None or parsed[0] != len(rest):
            raise ContentError(f"line {line + 1}: ::: {name}: cannot read the attributes {rest!r}")
        attributes = parsed[1]
    allowed = {"callout": {"emoji", "color"}, "gallery": {"caption"}, "aside": set()}[name]
    if unknown := attributes.keys() - allowed:
        raise ContentError(
            f"line {line + 1}: ::: {name} has no attribute {min(unknown)!r}",
            hint=f"it has {', '.join(sorted(allowed)) or 'none'}",
        )
    inner = tokens[1:-1]
    match name:
        case "callout":
            emoji, color = attributes.get("emoji", "💡"), attributes.get("color", "blue")
            return _callout(inner, env, emoji=emoji, color=color)
        case "gallery":
            return _gallery(inner, attributes.get("caption", "")), NATIVE
        case _:
            return _aside(inner, env)


def _aside(tokens: Sequence[Token], env: dict[str, Any]) -> tuple[Node, Verdict]:
    try:
        return nodes.aside(joined_paragraphs(tokens, within="an aside")), NATIVE
    except NotNative as obstacle:
        html = f'<blockquote class="kg-blockquote-alt">{_rendered(tokens, env)}</blockquote>'
        return card_node("html", html=html), Verdict(form=Form.HTML_CARD, reason=str(obstacle))


def _gallery(tokens: Sequence[Token], caption: str) -> Node:
    pictures: list[dict[str, Any]] = []
    for token in tokens:
        if token.type in {"paragraph_open", "paragraph_close"}:
            continue
        if token.type != "inline":
            raise NotNative("a gallery that holds more than pictures")
        for run in _runs(token.children or ()):
            pictures.append(_gallery_picture(run, len(pictures)))
    return card_node("gallery", images=pictures, caption=inline_html(caption))


def _runs(children: Sequence[Token]) -> Iterator[list[Token]]:
    """The pictures of a line with the links around them; what is neither comes as a run of its own."""
    run: list[Token] = []
    for child in children:
        if child.type == "softbreak" or (child.type == "text" and not child.content.strip()):
            continue
        run.append(child)
        if child.type == "link_close" or run[0].type != "link_open":
            yield run
            run = []
    if run:
        yield run


def _gallery_picture(run: Sequence[Token], index: int) -> dict[str, Any]:
    node = image_card(run, ghost=True)
    if node is None or node["cardWidth"] != "regular":
        raise NotNative("a gallery that holds more than pictures")
    values = {name: node[name] for name in ("src", "alt", "title", "caption", "href", "width", "height")}
    return picture(index, **{name: value for name, value in values.items() if value or name in {"src", "alt"}})


def toggle_heading(html: str) -> str | None:
    """What stands in the `<summary>` of an HTML block that opens a `<details>` and does no more; else None."""
    match = _TOGGLE.fullmatch(html)
    return match[1].strip() if match and "<summary" not in match[1] else None


def is_toggle_end(html: str) -> bool:
    """Whether an HTML block is just the `</details>`."""
    return html.strip() == "</details>"


def toggle_card(tokens: Sequence[Token], env: dict[str, Any]) -> Node:
    """The toggle of a `<details>` block and all that follows up to its end."""
    heading = toggle_heading(tokens[0].content) or ""
    content = html_of_tokens(tokens[1:-1], env, is_directed=True)
    return card_node("toggle", heading=inline_form(canonical_heading(heading)), content=content)


def canonical_heading(html: str) -> str:
    """A summary without needless entities, so that one text has one spelling."""
    if "<" in html or "&lt;" in html or "&gt;" in html:
        return html
    return escape(unescape(html), quote=False)
