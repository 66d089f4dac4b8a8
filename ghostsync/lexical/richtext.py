"""The HTML inside card properties (captions, callouts, toggles…) as Lexical nodes, and back.

Ghost stores rich text of cards as HTML that its nested editors export: `<p><span style="white-space: pre-wrap;">…`,
`<b><strong style=…>`, and so on. Reading that HTML into the very nodes that Markdown compiles to gives one canonical
form for comparing, and lets captions be written as Markdown. HTML that says more than those nodes can is not
touched: the readers return None, and the property keeps its HTML.

The tokenizer is the standard library's html.parser; an HTML5 tree builder is not needed, because anything that does
not nest properly is refused.
"""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from ghostsync.lexical import nodes

if TYPE_CHECKING:
    from ghostsync.lexical.nodes import Node

#: The editor wraps bold and italic text in these, around an element that bears its `white-space: pre-wrap`. By
#: themselves `b` and `i` may be styled apart from `strong` and `em`, so elsewhere they are HTML to keep.
_WRAPPERS: Final = {"b": nodes.BOLD, "i": nodes.ITALIC}
_EDITOR_MARK: Final = "pre-wrap"
_PRE_WRAP: Final = re.compile(r"\s*(?:white-space\s*:\s*pre-wrap\s*;?\s*)?", re.IGNORECASE)
_BLOCK_TAGS: Final = frozenset({"p", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINK_ATTRIBUTES: Final = frozenset({"href", "title", "rel", "target", "style", "class", "dir"})
_FORMAT_ATTRIBUTES: Final = frozenset({"style", "class", "spellcheck"})
_BLOCK_ATTRIBUTES: Final = frozenset({"dir", "start", "value", "class"})
#: Where a text goes from right to left, as Ghost's editor tells it (`Lexical.js`, `RTL_REGEX`): by its first letter
#: that has a direction. JavaScript counts what lies beyond the first plane as left to right.
_ANY_TAG: Final = re.compile(r"<[^>]*>")
_RIGHT_TO_LEFT: Final = re.compile(
    r"[^A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u0300-\u0590\u0800-\u1fff\u200e\u2c00-\ufb1c\ufe00-\ufe6f\ufefd-\uffff"
    r"\U00010000-\U0010ffff]*[\u0591-\u07ff\ufb1d-\ufdfd\ufe70-\ufefc]"
)
#: What the themes of Ghost 6.65's nested editors put on formats, links and list items (seen in a real editor).
_EDITOR_CLASSES: Final = frozenset({"", "italic", "underline", "line-through", "cta-link-color", "!list-none"})
_NO_CLASSES: Final = frozenset({""})
#: Rich text deeper than this is kept as HTML; the editor indents lists a handful of levels at most.
_MAX_DEPTH: Final = 50
_SPACE: Final = " \t\n\f\r"
#: A tag that every parser reads the same. What else begins like a tag, browsers and Python's tokenizer take apart each
#: in its own way.
_TAG: Final = re.compile(r"""</?[A-Za-z][A-Za-z0-9]*(?:\s+[a-z-]+(?:=(?:"[^"]*"|'[^']*'))?)*\s*/?>""")
_MALFORMED: Final = re.compile(r"<[A-Za-z/!?]")


class _Unsupported(Exception):
    pass


def inline_from_html(source: str) -> list[Node] | None:
    """Inline nodes of one line of rich text, bare or in a single `<p>`; None if it says more than that."""
    if _is_plain(source):
        return [nodes.text(source)] if source else []
    blocks = _read(source)
    if blocks is None or len(blocks) > 1 or (blocks and blocks[0]["type"] != "paragraph"):
        return None
    return blocks[0]["children"] if blocks else []


def blocks_from_html(source: str) -> list[Node] | None:
    """Paragraphs, headings, lists and quotes of rich text; None if it says more than that."""
    if _is_plain(source):
        return [nodes.paragraph([nodes.text(source)])] if source.strip() else []
    return _read(source)


def _is_plain(source: str) -> bool:
    return not any(each in source for each in "<&\x00\r")


def has_plain_tags(source: str) -> bool:
    """Whether all that begins like a tag is one, to browsers as to Python's tokenizer."""
    return _MALFORMED.search(_TAG.sub("", source)) is None


def _read(source: str) -> list[Node] | None:
    if "\x00" in source or "\r" in source or not has_plain_tags(source):
        return None
    reader = _Reader(is_from_editor=_EDITOR_MARK in source)
    try:
        reader.feed(source)
        reader.close()
        return reader.result()
    except (_Unsupported, AssertionError):
        return None


class _Reader(HTMLParser):
    """Builds blocks from properly nested, plain HTML. Raises _Unsupported for anything else."""

    def __init__(self, *, is_from_editor: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.known_formats = nodes.TAG_FORMATS | _WRAPPERS if is_from_editor else nodes.TAG_FORMATS
        self.known_classes = _EDITOR_CLASSES if is_from_editor else _NO_CLASSES
        self.space = ""  # white space between blocks, which counts if text follows
        self.blocks: list[Node] = []
        self.out: list[Node] | None = None  # where inline content goes; None between blocks
        self.implicit = False  # the paragraph was opened by bare text
        self.formats = 0
        #: Open elements: the tag, what held before it, and whether it bears the editor's mark.
        self.open: list[tuple[str, int, list[Node] | None, bool]] = []
        self.lists: list[Node] = []

    def result(self) -> list[Node]:
        if self.open:
            raise _Unsupported
        if self.space and not self.blocks:
            return [nodes.paragraph([nodes.text(self.space)])]
        return self.blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._inline().append(nodes.linebreak())
        elif tag in self.known_formats or tag == "span":
            self._check_attributes(attrs, _FORMAT_ATTRIBUTES)
            self._push(tag, is_marked=any(name == "style" and value for name, value in attrs))
            self.formats |= self.known_formats.get(tag, 0)
        elif tag == "a":
            self._open_link(attrs)
        elif tag in _BLOCK_TAGS:
            self._check_attributes(attrs, _BLOCK_ATTRIBUTES)
            self._open_block(tag, dict(attrs))
        else:
            raise _Unsupported

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            raise _Unsupported
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise _Unsupported
        _, self.formats, self.out, _ = self.open.pop()
        if tag in {"ul", "ol"}:
            self.lists.pop()
            if self.lists:
                # Text after a nested list would have to stand in a second line of the same item.
                self.out = None

    def handle_data(self, data: str) -> None:
        if self.out is None and not data.strip(_SPACE):
            if self.lists:
                return
            if not self.open and not (self.implicit and self.blocks):
                self.space += data
                return
        self._check_wrappers()
        nodes.append_text(self._inline(), data, self.formats)

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the base class names it
        raise _Unsupported

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - the base class names it
        raise _Unsupported

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - the base class names it
        raise _Unsupported

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002 - the base class names it
        raise _Unsupported

    def _check_attributes(self, attrs: list[tuple[str, str | None]], known: frozenset[str]) -> None:
        for name, value in attrs:
            text = value or ""
            if name not in known:
                raise _Unsupported
            if name == "style" and not _PRE_WRAP.fullmatch(text):
                raise _Unsupported
            if name == "class" and text not in self.known_classes:
                raise _Unsupported
            if name == "dir" and text not in {"", "ltr", "rtl"}:
                raise _Unsupported

    def _check_wrappers(self) -> None:
        """Raise if text stands in a `b` or `i` that is not the editor's: in its own the mark stands further in."""
        for tag, _, _, is_marked in reversed(self.open):
            if is_marked:
                return
            if tag in _WRAPPERS:
                raise _Unsupported

    def _push(self, tag: str, *, is_marked: bool = False) -> None:
        if len(self.open) >= _MAX_DEPTH:
            raise _Unsupported
        self.open.append((tag, self.formats, self.out, is_marked))

    def _inline(self) -> list[Node]:
        if self.out is None:
            if any(tag in _BLOCK_TAGS for tag, *_ in self.open):
                raise _Unsupported
            if not (self.implicit and self.blocks):
                self.blocks.append(nodes.paragraph([nodes.text(self.space)] if self.space else []))
                self.implicit, self.space = True, ""
            # Bare text: one paragraph until the next block. Formats and links that are open were opened before it.
            return self.blocks[-1]["children"]  # type: ignore[no-any-return]
        return self.out

    def _open_link(self, attrs: list[tuple[str, str | None]]) -> None:
        self._check_attributes(attrs, _LINK_ATTRIBUTES)
        found = {name: value or "" for name, value in attrs}
        if not found.get("href") or any(tag == "a" for tag, *_ in self.open):
            raise _Unsupported
        children: list[Node] = []
        into = self._inline()
        into.append(
            nodes.link(
                found["href"],
                children,
                title=found.get("title") or None,
                target=found.get("target") or None,
                rel=found.get("rel") or None,
            )
        )
        self._push("a")
        self.out = children

    def _open_block(self, tag: str, attrs: dict[str, str | None]) -> None:
        self.implicit, self.space = False, ""
        inside = self.open[-1][0] if self.open else ""
        if tag in {"ul", "ol"}:
            self._open_list(tag, attrs, inside)
            return
        if tag == "li":
            if inside not in {"ul", "ol"}:
                raise _Unsupported
            holder = self.lists[-1]
            value = holder["start"] + sum(not _holds_list(each) for each in holder["children"])
            if (attrs.get("value") or str(value)) != str(value):
                raise _Unsupported
            node = nodes.list_item([], value=value, depth=len(self.lists) - 1)
            holder["children"].append(node)
        else:
            if inside:
                raise _Unsupported
            if tag == "p":
                node = nodes.paragraph([])
            elif tag == "blockquote":
                node = nodes.quote([])
            else:
                node = nodes.heading(int(tag[1]), [])
            self.blocks.append(node)
        self._push(tag)
        self.out = node["children"]

    def _open_list(self, tag: str, attrs: dict[str, str | None], inside: str) -> None:
        start = attrs.get("start") or "1"
        if inside not in {"", "li"} or not start.isdecimal() or len(start) > 9:
            raise _Unsupported
        node = nodes.list_node(ordered=tag == "ol", start=int(start), items=[])
        if not inside:
            self.blocks.append(node)
        else:
            # The editor's own export nests a list in an item of its own; hand-written HTML in the item's text.
            item = self.lists[-1]["children"][-1]
            if item["children"] and item["children"][-1]["type"] == "list":
                raise _Unsupported
            if item["children"]:
                holder = nodes.list_item([node], value=item["value"] + 1, depth=len(self.lists) - 1)
                self.lists[-1]["children"].append(holder)
            else:
                item["children"].append(node)
        self.lists.append(node)
        self._push(tag)
        self.out = None


def _holds_list(item: Node) -> bool:
    return bool(item["children"]) and item["children"][0]["type"] == "list"


def html_from_inline(children: list[Node]) -> str:
    """Canonical HTML of inline nodes: formats nest in one order, no attributes but those of links."""
    out: list[str] = []
    for node in children:
        match node["type"]:
            case "linebreak":
                out.append("<br>")
            case "link":
                attributes = "".join(
                    f' {name}="{escape(value)}"' for name in ("title", "target", "rel") if (value := node.get(name))
                )
                inner = html_from_inline(node["children"])
                out.append(f'<a href="{escape(node["url"])}"{attributes}>{inner}</a>')
            case _:
                value = escape(node["text"], quote=False)
                for bit, tag in nodes.FORMAT_TAGS.items():
                    if node.get("format", 0) & bit:
                        value = f"<{tag}>{value}</{tag}>"
                out.append(value)
    return "".join(out)


def html_from_blocks(blocks: list[Node], *, is_directed: bool = False) -> str:
    """Canonical HTML of paragraphs, headings, quotes and lists.

    `is_directed`: what is written from right to left says so, as Ghost's editor has it. The direction follows from the
    text, so the normal form and Markdown do without.
    """
    return "".join(_block_html(each, is_directed) for each in blocks)


def _block_html(node: Node, is_directed: bool) -> str:
    match node["type"]:
        case "paragraph":
            return _element("p", node, is_directed)
        case "quote" | "extended-quote":
            return _element("blockquote", node, is_directed)
        case "heading" | "extended-heading":
            return _element(node["tag"], node, is_directed)
        case "list":
            return _list_html(node)
        case kind:
            raise ValueError(f"{kind} is not rich text")


def paragraph_of(html: str) -> str:
    """Canonical HTML of one paragraph that holds `html`; what is written from right to left says so."""
    return f"<p{_direction(unescape(_ANY_TAG.sub('', html)))}>{html}</p>"


def _element(tag: str, node: Node, is_directed: bool) -> str:
    direction = _direction(_text_of(node)) if is_directed else ""
    return f"<{tag}{direction}>{html_from_inline(node['children'])}</{tag}>"


def _direction(text: str) -> str:
    return ' dir="rtl"' if _RIGHT_TO_LEFT.match(text) else ""


def _text_of(node: Node) -> str:
    return str(node.get("text", "")) + "".join(_text_of(child) for child in node.get("children", ()))


def _list_html(node: Node) -> str:
    tag = "ol" if node.get("listType") == "number" else "ul"
    start = node.get("start", 1)
    out = [f'<{tag} start="{start}">' if start != 1 else f"<{tag}>"]
    is_open = False
    for item in node["children"]:
        nested = _holds_list(item)
        if not nested or not is_open:
            if is_open:
                out.append("</li>")
            out.append("<li>")
            is_open = True
        out.append(_list_html(item["children"][0]) if nested else html_from_inline(item["children"]))
    return "".join([*out, "</li>" if is_open else "", f"</{tag}>"])
