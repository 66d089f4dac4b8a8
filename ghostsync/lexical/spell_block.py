"""Top-level nodes in normal form as Markdown: every way to say each, the most natural first.

`spellings` may be wrong about a detail; the decompiler compiles what it takes. The last spelling, raw JSON, is right
for anything.
"""

from __future__ import annotations

import re
from enum import Enum
from html import unescape
from typing import TYPE_CHECKING, Final

from ghostsync.lexical import property_text
from ghostsync.lexical.cards import CARDS, Kind
from ghostsync.lexical.cards.callout import ALERTS
from ghostsync.lexical.cards.gallery import file_name
from ghostsync.lexical.fence import PREFIX, spell_fence, spell_raw
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
from ghostsync.lexical.syntax import spell_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ghostsync.lexical.cards import Property
    from ghostsync.lexical.nodes import Node


class Markers(Enum):
    """Which of the two list markers: lists that stand side by side must not share one."""

    FIRST = ("-", ".")
    SECOND = ("*", ")")


_BACKTICKS: Final = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_TILDES: Final = re.compile(r"^[ \t]*(~{3,})", re.MULTILINE)
_COLONS: Final = re.compile(r"^ *(:{3,})", re.MULTILINE)
#: The largest number that CommonMark takes for a list's first.
_MAX_START: Final = 999_999_999


def spellings(node: Node, markers: Markers = Markers.FIRST) -> Iterator[str]:
    """Candidates for one top-level node in normal form."""
    kind = str(node.get("type"))
    if (card := CARDS.get(kind)) is not None:
        for spelling in Spelling:
            for form in _CARD_FORMS.get(kind, ()):
                try:
                    text = form(node, spelling)
                except (Unspeakable, TypeError, AttributeError, KeyError):
                    continue  # a value of another sort than the form is for
                if isinstance(text, str):  # nothing keeps an API client from putting a list where text belongs
                    yield text
        fence = spell_fence(card, node, spell_property)
        if fence is not None:
            yield fence
    elif kind in _STRUCTURES:
        for spelling in Spelling:
            try:
                yield _STRUCTURES[kind](node, spelling, markers)
            except (Unspeakable, TypeError, AttributeError, KeyError):
                continue
    yield spell_raw(node)


def _expect(node: Node, *keys: str) -> None:
    if node.keys() - {"type", "children", *keys}:
        raise Unspeakable(node["type"])


def _paragraph(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    _expect(node)
    if any(child["type"] == "link" or child.get("text", "").strip() for child in node["children"]):
        return spell_inline(node["children"], spelling)
    return f"<p>{_blank(node['children'])}</p>"


def _blank(children: Sequence[Node]) -> str:
    parts: list[str] = []
    for child in children:
        if child["type"] == "linebreak":
            parts.append("<br>")
        elif child["type"] == "text" and "format" not in child:
            parts.append("".join(" " if one == " " else f"&#{ord(one)};" for one in child["text"]))
        else:
            raise Unspeakable(child["type"])
    return "".join(parts).replace("&#160;", "&nbsp;")


def _heading(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    _expect(node, "tag")
    if not re.fullmatch("h[1-6]", node["tag"]):
        raise Unspeakable("heading")
    text = spell_inline(node["children"], spelling, Line.ONE)
    text = re.sub(r"(?:(?<=[ \t])|^)(#+)$", r"\\\1", text)
    return f"{'#' * int(node['tag'][1])} {text}".rstrip(" ")


def _quote(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    _expect(node)
    text = _joined(node["children"], spelling)
    return "\n".join(f"> {line}".rstrip(" ") for line in text.split("\n"))


def _aside(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    _expect(node)
    return _container("aside", "", _joined(node["children"], spelling))


def _container(name: str, attributes: str, body: str) -> str:
    longest = max((len(run) for run in _COLONS.findall(body)), default=2)
    colons = ":" * max(3, longest + 1)
    head = f"{colons} {name} {attributes}".rstrip(" ")
    return f"{head}\n{body}\n{colons}" if body else f"{head}\n{colons}"


def _joined(children: Sequence[Node], spelling: Spelling) -> str:
    """Inline nodes in which two line breaks are a new paragraph."""
    parts: list[list[Node]] = [[]]
    position = 0
    while position < len(children):
        pair = children[position : position + 3]
        is_pair = len(pair) == 3 and pair[0]["type"] == pair[1]["type"] == "linebreak" != pair[2]["type"]
        if is_pair and parts[-1] and parts[-1][-1]["type"] != "linebreak":
            parts.append([])
            position += 2
        else:
            parts[-1].append(children[position])
            position += 1
    return "\n\n".join(spell_inline(part, spelling) for part in parts)


def _list(node: Node, spelling: Spelling, markers: Markers) -> str:
    return "\n".join(_list_lines(node, spelling, markers))


def _list_lines(node: Node, spelling: Spelling, markers: Markers) -> list[str]:
    _expect(node, "listType", "start")
    bullet, after_number = markers.value
    ordered = node["listType"] == "number"
    number = node.get("start", 1)
    if node["listType"] not in {"bullet", "number"} or not node["children"]:
        raise Unspeakable("list")
    if (number != 1 and not ordered) or not 0 <= number <= _MAX_START - len(node["children"]):
        raise Unspeakable("list")
    lines: list[str] = []
    width = 2
    is_fresh = False  # the item above has no list yet
    for item in node["children"]:
        if item["type"] != "listitem":
            raise Unspeakable("list")
        _expect(item)
        children = item["children"]
        if len(children) == 1 and children[0]["type"] == "list":
            if not is_fresh:
                raise Unspeakable("list")
            is_fresh = False
            _append_nested(lines, _list_lines(children[0], spelling, markers), children[0], width)
            continue
        marker = f"{number}{after_number}" if ordered else bullet
        number += ordered
        width = len(marker) + 1
        text = spell_inline(children, spelling)
        first, *rest = text.split("\n")
        lines.append(f"{marker} {first}".rstrip(" "))
        lines += [" " * width + line for line in rest]
        is_fresh = True
    return lines


def _append_nested(lines: list[str], inner: list[str], node: Node, width: int) -> None:
    indented = [" " * width + line if line else "" for line in inner]
    above = lines[-1].strip()
    if re.fullmatch(r"[-*]|\d+[.)]", above):
        # An item without text: its list begins on the marker's own line.
        lines[-1] = lines[-1] + " " + indented[0][width:]
        lines += indented[1:]
        return
    starts_paragraph = node.get("start", 1) != 1 or re.fullmatch(r"[-*]|\d+[.)]", inner[0]) is not None
    if starts_paragraph:
        # Only a list that begins with a filled item number one may interrupt a paragraph.
        lines.append("")
    lines += indented


_STRUCTURES: Final[dict[str, Callable[[Node, Spelling, Markers], str]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "quote": _quote,
    "aside": _aside,
    "list": _list,
}


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
                yield _blocks_text(_normal(blocks), spelling)
        except Unspeakable:
            continue
    yield html


def _blocks_text(blocks: Sequence[Node], spelling: Spelling) -> str:
    parts: list[str] = []
    previous = ("", Markers.FIRST)
    for block in blocks:
        markers = next_markers(previous, block)
        parts.append(_STRUCTURES[block["type"]](block, spelling, markers))
        previous = (str(block.get("listType", "")), markers)
    return "\n\n".join(parts)


def next_markers(previous: tuple[str, Markers], block: Node) -> Markers:
    """The list markers for a block after one of this list type and markers."""
    kind, markers = previous
    if kind and kind == block.get("listType"):
        return Markers.SECOND if markers is Markers.FIRST else Markers.FIRST
    return Markers.FIRST


def _normal(children: Sequence[Node]) -> list[Node]:
    return [normalise_node(child) for child in children]


def _markdown_property(html: str, prop: Property) -> str:
    suffix, text = spell_property(prop, html)
    if suffix:
        raise Unspeakable(prop.name)
    return text


def _property(kind: str, name: str) -> Property:
    return CARDS[kind].by_name[name]


# ----------------------------------------------------------------------------------------------- cards


def _image(node: Node, spelling: Spelling) -> str:
    _expect(node, "src", "alt", "title", "caption", "cardWidth", "width", "height", "href")
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
    _expect(node, "images", "caption")
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
    return _container("gallery", spell_attributes((), attributes), "\n".join(lines))


def _as_image(each: Node) -> Node:
    return {"type": "image", **{key: value for key, value in each.items() if key != "fileName"}}


def _callout_text(node: Node, spelling: Spelling) -> str:
    children = inline_from_html(node.get("calloutText", ""))
    if children is None:
        raise Unspeakable("calloutText")
    return _joined(_normal(children), spelling) if children else ""


def _alert(node: Node, spelling: Spelling) -> str | None:
    _expect(node, "calloutText", "calloutEmoji", "backgroundColor")
    look = (node.get("calloutEmoji", "💡"), node.get("backgroundColor", "blue"))
    for name, its_look in ALERTS.items():
        if look == its_look:
            text = _callout_text(node, spelling)
            lines = [f"[!{name}]", *(text.split("\n") if text else [])]
            return "\n".join(f"> {line}".rstrip(" ") for line in lines)
    return None


def _callout(node: Node, spelling: Spelling) -> str:
    _expect(node, "calloutText", "calloutEmoji", "backgroundColor")
    attributes = {
        key: node[name] for key, name in (("emoji", "calloutEmoji"), ("color", "backgroundColor")) if name in node
    }
    return _container("callout", spell_attributes((), attributes), _callout_text(node, spelling))


def _toggle(node: Node, spelling: Spelling) -> str:
    _expect(node, "heading", "content")
    heading = node.get("heading", "")
    if "\n" in heading:
        raise Unspeakable("heading")
    content = node.get("content", "")
    blocks = blocks_from_html(content)
    body = content if blocks is None else _blocks_text(_normal(blocks), spelling)
    inner = f"\n\n{body}" if body else ""
    return f"<details>\n<summary>{heading}</summary>{inner}\n\n</details>"


def _code(node: Node, spelling: Spelling) -> str:
    del spelling
    _expect(node, "code", "language", "caption")
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
    _expect(node)
    return "---"


def _paywall(node: Node, spelling: Spelling) -> str:
    del spelling
    _expect(node)
    return "<!--members-only-->"


def _html(node: Node, spelling: Spelling) -> str:
    del spelling
    _expect(node, "html")
    html: str = node["html"]
    return html


def _markdown(node: Node, spelling: Spelling) -> str | None:
    del spelling
    _expect(node, "markdown")
    text: str = node["markdown"]
    # Definitions would reach the whole document, so text that has them stays in its fence.
    return None if re.search(r"^ {0,3}\[[^\]]+\]:", text, re.MULTILINE) else text


_CARD_FORMS: Final[dict[str, tuple[Callable[[Node, Spelling], str | None], ...]]] = {
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
