"""Cards in normal form in their natural Markdown, and rich text of card properties as Markdown.

A form that cannot say a card raises `Unspeakable`, and the next one is asked; the YAML fence can say them all.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from ghostsync.lexical import property_text
from ghostsync.lexical.cards import CARDS, Kind
from ghostsync.lexical.cards.callout import ALERTS
from ghostsync.lexical.cards.gallery import file_name
from ghostsync.lexical.fence import PREFIX
from ghostsync.lexical.normal import blocks_form, inline_form, normalise_node
from ghostsync.lexical.richtext import blocks_from_html, inline_from_html
from ghostsync.lexical.spell_inline import (
    Line,
    Spelling,
    Unspeakable,
    is_stable_address,
    spell_address,
    spell_inline,
    spell_title,
)
from ghostsync.lexical.spell_structure import blocks_text, container, expect, joined
from ghostsync.lexical.syntax import spell_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ghostsync.lexical.cards import Property
    from ghostsync.lexical.nodes import Node

_BACKTICKS: Final = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_TILDES: Final = re.compile(r"^[ \t]*(~{3,})", re.MULTILINE)


def spell_property(prop: Property, html: str) -> tuple[str, str]:
    """The YAML key's suffix and the text for a rich-text property: Markdown if it says the same, else the HTML."""
    is_inline = prop.kind is Kind.INLINE
    wanted = inline_form(html) if is_inline else blocks_form(html)
    for text in _rich_candidates(html, is_inline=is_inline):
        made = property_text.inline_html(text) if is_inline else property_text.blocks_html(text)
        if (inline_form(made) if is_inline else blocks_form(made)) == wanted:
            return "", text
    return "_html", html


def _rich_candidates(html: str, *, is_inline: bool) -> Iterator[str]:
    for spelling in Spelling:
        try:
            if is_inline:
                children = inline_from_html(html)
                if children is not None:
                    yield spell_inline(_normal(children), spelling, Line.ONE)
            elif (blocks := blocks_from_html(html)) is not None:
                yield blocks_text(_normal(blocks), spelling)
        except Unspeakable:
            continue
    yield html


def _normal(children: Sequence[Node]) -> list[Node]:
    return [normalise_node(child) for child in children]


def _markdown_property(html: str, prop: Property) -> str:
    suffix, text = spell_property(prop, html)
    if suffix:
        raise Unspeakable(prop.name)
    return text


def _property(kind: str, name: str) -> Property:
    return CARDS[kind].by_name[name]


def _image(node: Node, spelling: Spelling) -> str:
    expect(node, "src", "alt", "title", "caption", "cardWidth", "width", "height", "href")
    classes = (node["cardWidth"],) if "cardWidth" in node else ()
    attributes: dict[str, str] = {}
    if "caption" in node:
        attributes["caption"] = _markdown_property(node["caption"], _property("image", "caption"))
    attributes |= {name: str(node[name]) for name in ("width", "height") if name in node}
    text = _picture(node["src"], node.get("alt", ""), node.get("title", ""), spelling)
    text += spell_attributes(classes, attributes)
    if "href" in node:
        if not is_stable_address(node["href"]):
            raise Unspeakable("href")
        return f"[{text}]({spell_address(node['href'])})"
    return text


def _picture(src: str, alt: str, title: str, spelling: Spelling) -> str:
    if not is_stable_address(src):
        raise Unspeakable("src")
    label = spell_inline([{"type": "text", "text": alt}], spelling, Line.ONE) if alt else ""
    label = label.replace("]", "\\]").replace("\\\\]", "\\]")
    return f"![{label}]({spell_address(src)}{spell_title(title) if title else ''})"


def _gallery(node: Node, spelling: Spelling) -> str:
    expect(node, "images", "caption")
    lines: list[str] = []
    for each in node.get("images", ()):
        if each.keys() - {"src", "alt", "title", "caption", "href", "fileName", "width", "height"}:
            raise Unspeakable("images")
        if each.get("fileName") != file_name(each["src"]):
            raise Unspeakable("fileName")
        lines.append(_image(_as_image(each), spelling))
    if not lines:
        raise Unspeakable("images")
    attributes: dict[str, str] = {}
    if "caption" in node:
        attributes["caption"] = _markdown_property(node["caption"], _property("gallery", "caption"))
    return container("gallery", spell_attributes((), attributes), "\n".join(lines))


def _as_image(each: Node) -> Node:
    return {"type": "image", **{key: value for key, value in each.items() if key != "fileName"}}


def _callout_text(node: Node, spelling: Spelling) -> str:
    children = inline_from_html(node.get("calloutText", ""))
    if children is None:
        raise Unspeakable("calloutText")
    return joined(_normal(children), spelling) if children else ""


def _alert(node: Node, spelling: Spelling) -> str | None:
    expect(node, "calloutText", "calloutEmoji", "backgroundColor")
    look = (node.get("calloutEmoji", "💡"), node.get("backgroundColor", "blue"))
    for name, its_look in ALERTS.items():
        if look == its_look:
            text = _callout_text(node, spelling)
            lines = [f"[!{name}]", *(text.split("\n") if text else [])]
            return "\n".join(f"> {line}".rstrip(" ") for line in lines)
    return None


def _callout(node: Node, spelling: Spelling) -> str:
    expect(node, "calloutText", "calloutEmoji", "backgroundColor")
    attributes = {
        key: node[name] for key, name in (("emoji", "calloutEmoji"), ("color", "backgroundColor")) if name in node
    }
    return container("callout", spell_attributes((), attributes), _callout_text(node, spelling))


def _toggle(node: Node, spelling: Spelling) -> str:
    expect(node, "heading", "content")
    heading = node.get("heading", "")
    if "\n" in heading:
        raise Unspeakable("heading")
    content = node.get("content", "")
    blocks = blocks_from_html(content)
    body = content if blocks is None else blocks_text(_normal(blocks), spelling)
    inner = f"\n\n{body}" if body else ""
    return f"<details>\n<summary>{heading}</summary>{inner}\n\n</details>"


def _code(node: Node, spelling: Spelling) -> str:
    del spelling
    expect(node, "code", "language", "caption")
    language = node.get("language", "")
    info = re.sub(r"([\\&])", r"\\\1", language)
    if re.search(r"\s", language) or language.startswith(("{", PREFIX)) or unescape(language) != language:
        raise Unspeakable("language")
    if "caption" in node:
        caption = _markdown_property(node["caption"], _property("codeblock", "caption"))
        info = f"{info} {spell_attributes((), {'caption': caption})}".strip(" ")
    code = node.get("code", "")
    mark = "~" if "`" in info else "`"
    runs = (_TILDES if mark == "~" else _BACKTICKS).findall(code)
    ticks = mark * max(3, max((len(run) for run in runs), default=2) + 1)
    return f"{ticks}{info}\n{code}\n{ticks}"


def _rule(node: Node, spelling: Spelling) -> str:
    del spelling
    expect(node)
    return "---"


def _paywall(node: Node, spelling: Spelling) -> str:
    del spelling
    expect(node)
    return "<!--members-only-->"


def _html(node: Node, spelling: Spelling) -> str:
    del spelling
    expect(node, "html")
    html: str = node["html"]
    return html


def _markdown(node: Node, spelling: Spelling) -> str | None:
    del spelling
    expect(node, "markdown")
    text: str = node["markdown"]
    # Definitions would reach the whole document, so text that has them stays in its fence.
    return None if re.search(r"^ {0,3}\[[^\]]+\]:", text, re.MULTILINE) else text


CARD_FORMS: Final[dict[str, tuple[Callable[[Node, Spelling], str | None], ...]]] = {
    "image": (_image,),
    "gallery": (_gallery,),
    "callout": (_alert, _callout),
    "toggle": (_toggle,),
    "codeblock": (_code,),
    "horizontalrule": (_rule,),
    "paywall": (_paywall,),
    "html": (_html,),
    "markdown": (_markdown,),
}
