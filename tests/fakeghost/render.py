# ruff: noqa: SIM905 - a list of words is easiest to read as words
"""A small honest renderer: enough of Ghost's HTML that a client can check that its last block arrived.

Not byte for byte what Ghost renders (no srcset, no icons, simplified cards). Kept on purpose: the empty document has no
HTML at all; a trailing empty paragraph is not rendered; a node of an unknown type ends the HTML there, although the
document is stored whole; a document without a root or without children is refused.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from typing import Any, TypeAlias

from markdown_it import MarkdownIt

from fakeghost.slugs import slugify

Node: TypeAlias = dict[str, Any]

_FORMATS = ((1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"), (128, "mark"))
_TEXTS = frozenset({"text", "extended-text", "tab", "tk", "zwnj", "at-link-search"})
_INLINE = _TEXTS | {"linebreak", "link", "at-link"}
_ELEMENTS = frozenset(
    {"root", "paragraph", "heading", "extended-heading", "quote", "extended-quote", "aside", "list", "listitem"}
)
_CARDS = frozenset(
    "codeblock image markdown html video audio callout call-to-action horizontalrule file toggle button header "
    "bookmark paywall product embed email gallery email-cta signup transistor".split()
)
KNOWN_TYPES = _INLINE | _ELEMENTS | _CARDS
# 5.130 knows the same set without this one.
SINCE_GHOST_6 = frozenset({"transistor"})


class InvalidLexical(Exception):
    """Ghost answers 422 `Invalid lexical structure.`; the text is its `context`."""


class _UnknownType(Exception):
    """Met a node that the server has not registered: rendering stops here."""


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "breaks": True, "linkify": False}).enable(["table", "strikethrough"])


class _Renderer:
    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._ids: dict[str, int] = {}

    def blocks(self, nodes: list[Node]) -> str:
        rendered: list[str] = []
        for node in nodes:
            try:
                self._check(node)
                rendered.append(self._block(node))
            except _UnknownType:
                return "".join(rendered)
        if nodes and nodes[-1].get("type") == "paragraph" and not _text_of(nodes[-1]).strip():
            rendered.pop()
        return "".join(rendered)

    def _check(self, node: Node) -> None:
        if not isinstance(node, dict) or node.get("type") not in self._known:
            raise _UnknownType
        for child in node.get("children") or ():
            self._check(child)

    def _block(self, node: Node) -> str:
        kind = node["type"]
        if kind in _CARDS:
            return self._card(node)
        if kind in _INLINE:
            return ""  # bare text below the root is dropped
        children = node.get("children") or []
        match kind:
            case "heading" | "extended-heading":
                tag = node.get("tag", "undefined")
                return f'<{tag} id="{self._heading_id(_text_of(node))}">{self._inline(children)}</{tag}>'
            case "quote" | "extended-quote":
                return f"<blockquote>{self._inline(children)}</blockquote>"
            case "aside":
                return f'<blockquote class="kg-blockquote-alt">{self._inline(children)}</blockquote>'
            case "list":
                return self._list(node)
            case _:
                return f"<p>{self._inline(children)}</p>"

    def _heading_id(self, text: str) -> str:
        base = slugify(text)
        count = self._ids.get(base, 0)
        self._ids[base] = count + 1
        return base if count == 0 else f"{base}-{count}"

    def _list(self, node: Node) -> str:
        tag = node.get("tag") or ("ol" if node.get("listType") == "number" else "ul")
        start = f' start="{node["start"]}"' if tag == "ol" and node.get("start", 1) != 1 else ""
        items: list[str] = []
        for item in node.get("children") or ():
            children = item.get("children") or []
            nested = "".join(self._list(child) for child in children if child.get("type") == "list")
            inline = self._inline([child for child in children if child.get("type") != "list"])
            if nested and not inline and items:
                items[-1] = items[-1].removesuffix("</li>") + nested + "</li>"
            else:
                items.append(f"<li>{inline}{nested}</li>")
        return f"<{tag}{start}>{''.join(items)}</{tag}>"

    def _inline(self, nodes: list[Node]) -> str:
        return "".join(self._span(node) for node in nodes)

    def _span(self, node: Node) -> str:
        kind = node["type"]
        if kind == "linebreak":
            return "<br>"
        if kind in {"link", "at-link"}:
            rel = f' rel="{html.escape(node["rel"])}"' if node.get("rel") else ""
            return (
                f'<a href="{html.escape(str(node.get("url", "")))}"{rel}>{self._inline(node.get("children") or [])}</a>'
            )
        if kind in _TEXTS:
            text = html.escape(str(node.get("text", "")), quote=False)
            for bit, tag in reversed(_FORMATS):
                if int(node.get("format") or 0) & bit:
                    text = f"<{tag}>{text}</{tag}>"
            return text
        if kind in _CARDS:
            return ""  # a card inside a paragraph is dropped
        return self._inline(node.get("children") or [])

    def _card(self, node: Node) -> str:
        caption = f"<figcaption>{node['caption']}</figcaption>" if node.get("caption") else ""
        kind = node["type"]
        if kind in {"image", "gallery"}:
            return _pictures(node, caption)
        if kind in {"email", "email-cta"}:
            return ""  # rendered in emails only
        if kind in _FIXED:
            return _FIXED[kind]
        if kind in {"markdown", "html", "codeblock"}:
            return _source_card(node, caption)
        return _boxed_card(node, caption)


_FIXED = {"horizontalrule": "<hr>", "paywall": "<!--members-only-->"}


def _get(node: Node, name: str) -> str:
    return str(node.get(name) or "")


def _attribute(node: Node, name: str) -> str:
    return html.escape(_get(node, name))


def _source_card(node: Node, caption: str) -> str:
    """Markdown, HTML and code: texts in a language."""
    if node["type"] == "markdown":
        return str(_markdown().render(_get(node, "markdown")))
    if node["type"] == "html":
        source = _get(node, "html")
        return f"\n<!--kg-card-begin: html-->\n{source}\n<!--kg-card-end: html-->\n" if source else ""
    language = f' class="language-{_attribute(node, "language")}"' if _get(node, "language") else ""
    code = f"<pre><code{language}>{html.escape(_get(node, 'code'), quote=False)}</code></pre>"
    return f'<figure class="kg-card kg-code-card">{code}{caption}</figure>' if caption else code


def _boxed_card(node: Node, caption: str) -> str:
    """Cards in a box of their own, much simplified."""
    match node["type"]:
        case "callout":
            color = _attribute(node, "backgroundColor") or "white"
            inner = f"<div>{_get(node, 'calloutEmoji')}</div><div>{_get(node, 'calloutText')}</div>"
            return f'<div class="kg-card kg-callout-card kg-callout-card-{color}">{inner}</div>'
        case "toggle":
            inner = f"<h4>{_get(node, 'heading')}</h4><div>{_get(node, 'content')}</div>"
            return f'<div class="kg-card kg-toggle-card">{inner}</div>'
        case "button":
            inner = f'<a href="{_attribute(node, "buttonUrl")}">{_get(node, "buttonText")}</a>'
            return f'<div class="kg-card kg-button-card">{inner}</div>'
        case "bookmark":
            metadata = node.get("metadata")
            told = metadata.get("title") if isinstance(metadata, dict) else None
            title = html.escape(str(told or _get(node, "url")))
            inner = f'<a href="{_attribute(node, "url")}">{title}</a>'
            return f'<figure class="kg-card kg-bookmark-card">{inner}{caption}</figure>'
        case "embed":
            return f'<figure class="kg-card kg-embed-card">{_get(node, "html")}{caption}</figure>'
        case kind:
            return _plain_card(kind, node, caption)


def _pictures(node: Node, caption: str) -> str:
    if node["type"] == "image":
        return _image(node, caption)
    images = node.get("images")
    # Anything else in their place is nothing here; a real Ghost refuses most of it with a 500.
    shown = images if isinstance(images, list) else ()
    inner = "".join(_picture(image) for image in shown if isinstance(image, dict) and _is_measured(image))
    return f'<figure class="kg-card kg-gallery-card">{inner}{caption}</figure>' if inner else ""


def _image(node: Node, caption: str) -> str:
    if not node.get("src"):
        return ""
    picture = _picture(node)
    if node.get("href"):
        picture = f'<a href="{html.escape(str(node["href"]))}">{picture}</a>'
    return f'<figure class="kg-card kg-image-card">{picture}{caption}</figure>'


def _picture(image: Node) -> str:
    return f'<img src="{_attribute(image, "src")}" class="kg-image" alt="{_attribute(image, "alt")}">'


def _is_measured(image: Node) -> bool:
    return bool(image.get("src") and image.get("fileName") and image.get("width") and image.get("height"))


def _plain_card(kind: str, node: Node, caption: str) -> str:
    """Video, audio, file, header, signup, product, call-to-action, transistor: their texts and addresses in a div."""
    words = [
        str(value)
        for name, value in node.items()
        if name not in {"type", "caption"} and isinstance(value, str) and value and not value.startswith("#")
    ]
    return f'<div class="kg-card kg-{kind}-card">{" ".join(words)}{caption}</div>'


def _text_of(node: Node) -> str:
    if node.get("type") == "linebreak":
        return "\n"
    return str(node.get("text", "")) + "".join(_text_of(child) for child in node.get("children") or ())


def render(lexical: str, *, known: frozenset[str] = KNOWN_TYPES) -> str | None:
    """HTML of a stored document; None for the empty one. Raises `InvalidLexical`."""
    document = json.loads(lexical)
    root = document.get("root") if isinstance(document, dict) else None
    if not isinstance(root, dict) or not isinstance(root.get("children"), list) or not root["children"]:
        raise InvalidLexical("setEditorState: the editor state is empty.")
    first = root["children"][0]
    if not isinstance(first, dict) or first.get("type") not in known:
        raise InvalidLexical("setEditorState: the editor state is empty.")
    return _Renderer(known).blocks(root["children"]) or None


def to_plaintext(markup: str | None) -> str | None:
    """What Ghost derives its excerpt from."""
    if markup is None:
        return None
    text = re.sub(r"</(?:p|h\d|blockquote|pre|ul|ol)>\s*", "\n\n", markup)
    text = re.sub(r"<br[^>]*>|</li>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text)).strip()
    return text + "\n" if text and markup.endswith("\n") else text
