"""Inline Lexical nodes as Markdown.

Three spellings. PRETTY is what a person would write: `**bold**`, few backslashes, tags only where delimiters could not
work. TAGGED has tags where CommonMark has no delimiters of its own (`==mark==`, `~~struck~~`). PLAIN is what cannot be
misread: tags for every format, every ASCII punctuation mark escaped. The decompiler compiles what it wrote and takes
the next spelling when the result differs, so PRETTY may guess about CommonMark's flanking rules, and need not prove
anything.
"""

from __future__ import annotations

import re
from enum import Enum
from html import escape
from typing import TYPE_CHECKING, Any, Final

from ghostsync.lexical import nodes
from ghostsync.lexical.dialect import Dialect, parser_for
from ghostsync.lexical.syntax import spell_attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ghostsync.lexical.nodes import Node


class Spelling(Enum):
    """How careful to be."""

    PRETTY = "pretty"
    TAGGED = "tagged"
    PLAIN = "plain"


class Line(Enum):
    """Whether the text may go on in a second line."""

    MANY = "many"
    ONE = "one"


class Unspeakable(Exception):
    """No inline Markdown says this node."""


_DELIMITERS: Final = {
    nodes.BOLD: "**",
    nodes.ITALIC: "*",
    nodes.STRIKETHROUGH: "~~",
    nodes.HIGHLIGHT: "==",
    nodes.SUBSCRIPT: "~",
    nodes.SUPERSCRIPT: "^",
}
_COMMONMARK_DELIMITERS: Final = {bit: _DELIMITERS[bit] for bit in (nodes.BOLD, nodes.ITALIC)}
_BITS: Final = (
    nodes.HIGHLIGHT, nodes.UNDERLINE, nodes.STRIKETHROUGH, nodes.BOLD, nodes.ITALIC, nodes.SUBSCRIPT,
    nodes.SUPERSCRIPT,
)  # fmt: skip
_SIMPLE_WORD: Final = re.compile(r"[^\W_]+(?:[+\-.,]*[^\W_]+)*")
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
_SPECIAL: Final = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|$)|[`\[~^]|(?<!\ )\*|\*(?!\ )|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?]|$)
      |&(?=\#?\w{1,31};)|=(?==)|(?<==)=|^=|=$|(?<![A-Za-z0-9])(?:https?|mailto|xmpp|ftp):|www\.|(?<=[\w.+-])@(?=\w)""",
    re.VERBOSE,
)
_IN_LINK: Final = re.compile(r"[\[\]]")
_CONTROL: Final = re.compile("[\n\r\xa0]")
_ENTITIES: Final = {"\n": "&#10;", "\r": "&#13;", "\xa0": "&nbsp;"}
_AUTOLINK: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>\x00-\x20\x7f]*")
_EMAIL: Final = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+")
_LINE_START: Final = re.compile(
    r"(?P<mark>\#{1,6}(?=[ \t]|$)|>|[-+*](?=[ \t]|$)|:{3,}|={1,}[ \t]*$|[-_*](?:[ \t]*[-_*]){2,}[ \t]*$|-{1,}[ \t]*$"
    r"|[|:-][|: \t-]*$)|(?P<number>\d{1,9})(?=[.)](?:[ \t]|$))"
)

Segment = tuple[Any, int]


def spell_inline(children: Sequence[Node], spelling: Spelling, line: Line = Line.MANY) -> str:
    """The Markdown of inline nodes in normal form. Raises Unspeakable."""
    writer = _Writer(spelling, line)
    text = writer.siblings(_segments(children), 0, before="", after="", in_link=False)
    return _guard_lines(text)


def _segments(children: Sequence[Node]) -> list[Segment]:
    out: list[Segment] = []
    for node in children:
        kind = node["type"]
        if kind == "text":
            formats = node.get("format", 0)
            if formats & ~nodes.ALL_FORMATS or len(node) > 2 + ("format" in node):
                raise Unspeakable(kind)
            out.append((node, formats))
        elif kind == "linebreak":
            out.append((node, -1))
        elif kind == "link":
            out.append((node, _common_formats(node)))
        else:
            raise Unspeakable(str(kind))
    # A line break takes part in every format that goes on after it.
    following = 0
    previous = [0, *(formats for _, formats in out)]
    for position in range(len(out) - 1, -1, -1):
        node, formats = out[position]
        if formats == -1:
            before = next((each for each in reversed(previous[: position + 1]) if each != -1), 0)
            out[position] = (node, following & before & ~nodes.CODE)
        else:
            following = formats
    return out


def _common_formats(node: Node) -> int:
    formats = nodes.ALL_FORMATS & ~nodes.CODE
    texts = 0
    for child in node["children"]:
        if child["type"] == "text":
            formats &= child.get("format", 0)
            texts += 1
        elif child["type"] != "linebreak":
            raise Unspeakable(str(child["type"]))
    return formats if texts else 0


class _Writer:
    def __init__(self, spelling: Spelling, line: Line) -> None:
        self.pretty = spelling is not Spelling.PLAIN
        self.delimiters = _DELIMITERS if spelling is Spelling.PRETTY else _COMMONMARK_DELIMITERS
        self.line = line

    def siblings(self, segments: list[Segment], applied: int, *, before: str, after: str, in_link: bool) -> str:
        out = ""
        position = 0
        while position < len(segments):
            node, formats = segments[position]
            rest = formats & ~applied & ~nodes.CODE
            if not rest:
                out += self._leaf(node, formats, out[-1:] or before, at_start=not out and not before, in_link=in_link,
                                  last=position == len(segments) - 1 and not after,
                                  follower=segments[position + 1][0] if position + 1 < len(segments) else None,
                                  leader=segments[position - 1][0] if position else None)  # fmt: skip
                position += 1
                continue
            bit, end = self._longest(segments, position, rest)
            inner_segments = segments[position:end]
            following = self._first_character(segments, end) or after
            out += self._formatted(bit, inner_segments, applied, out[-1:] or before, following, in_link=in_link)
            position = end
        return out

    @staticmethod
    def _longest(segments: list[Segment], position: int, rest: int) -> tuple[int, int]:
        best, best_end = 0, position
        for bit in _BITS:
            if rest & bit:
                end = position
                while end < len(segments) and segments[end][1] & bit:
                    end += 1
                if end > best_end:
                    best, best_end = bit, end
        return best, best_end

    @staticmethod
    def _first_character(segments: list[Segment], position: int) -> str:
        if position >= len(segments):
            return ""
        node, formats = segments[position]
        if node["type"] == "text" and formats == 0:
            return str(node["text"][:1])
        return "<"  # some markup: punctuation to CommonMark's rules

    def _formatted(
        self, bit: int, segments: list[Segment], applied: int, before: str, after: str, *, in_link: bool
    ) -> str:
        delimiter = self.delimiters.get(bit, "")
        if self.pretty and delimiter and bit in {nodes.SUBSCRIPT, nodes.SUPERSCRIPT}:
            node, formats = segments[0]
            plain = len(segments) == 1 and node["type"] == "text" and formats & ~applied == bit
            if plain and _SIMPLE_WORD.fullmatch(node["text"]) and delimiter not in {before, after}:
                return f"{delimiter}{node['text']}{delimiter}"
            delimiter = ""
        if self.pretty and delimiter:
            inner = self.siblings(segments, applied | bit, before=before or " ", after=after or " ", in_link=in_link)
            if _can_delimit(delimiter, inner, before, after):
                return f"{delimiter}{inner}{delimiter}"
        tag = nodes.FORMAT_TAGS[bit]
        inner = self.siblings(segments, applied | bit, before=">", after="<", in_link=in_link)
        return f"<{tag}>{inner}</{tag}>"

    def _leaf(
        self, node: Node, formats: int, before: str, *, at_start: bool, in_link: bool, last: bool,
        follower: Node | None, leader: Node | None,
    ) -> str:  # fmt: skip
        match node["type"]:
            case "linebreak":
                bare = self.line is Line.ONE or at_start or last or in_link
                return "<br>" if bare else "\\\n"
            case "link":
                return self._link(node, formats)
            case _:
                value: str = node["text"]
                if formats & nodes.CODE:
                    return self._code(value, before)
                text = self._text(value, in_link=in_link)
                if text[:1].isspace() and (at_start or before == "\n"):
                    text = _entity(text[0]) + text[1:]
                if text[-1:].isspace() and (last or (follower is not None and follower["type"] == "linebreak")):
                    text = text[:-1] + _entity(text[-1])
                if self.pretty and follower is not None and follower["type"] == "link" and text.endswith("!"):
                    text = text[:-1] + "\\!"
                if leader is not None and leader["type"] == "link" and text.startswith("{"):
                    text = "\\" + text
                return text

    def _text(self, value: str, *, in_link: bool) -> str:
        if not self.pretty:
            text = _PUNCTUATION.sub(r"\\\1", value)
        else:
            text = _SPECIAL.sub(_escape_special, value)
            if in_link:
                text = text.replace("]", "\\]")
        return _CONTROL.sub(lambda match: _ENTITIES[match[0]], text)

    def _code(self, value: str, before: str) -> str:
        if self.pretty and value.strip(" ") and not _CONTROL.search(value.replace("\xa0", "")) and before != "`":
            longest = max((len(run) for run in re.findall("`+", value)), default=0)
            ticks = "`" * (1 if longest != 1 else 2) if longest < 2 else "`" * (longest + 1)
            pad = " " if value[0] == "`" or value[-1] == "`" or (value[0] == value[-1] == " ") else ""
            return f"{ticks}{pad}{value}{pad}{ticks}"
        text = _PUNCTUATION.sub(r"\\\1", value)
        return f"<code>{_CONTROL.sub(lambda match: _ENTITIES[match[0]], text)}</code>"

    def _link(self, node: Node, formats: int) -> str:
        if node.keys() - {"type", "url", "title", "target", "rel", "children"}:
            raise Unspeakable("link")
        url, children = node["url"], node["children"]
        if not all(isinstance(node.get(key, ""), str) for key in ("url", "title", "target", "rel")):
            raise Unspeakable("link")
        segments = [(child, own) for child, own in _segments(children)]
        extra = {key: node[key] for key in ("target", "rel") if node.get(key)}
        if self.pretty and not extra and not node.get("title") and len(children) == 1 and formats & nodes.CODE == 0:
            text = children[0].get("text")
            own = children[0].get("format", 0)
            if own == formats and _is_autolink(text, url):
                return f"<{text}>"
        inner = self.siblings(segments, formats, before="[", after="]", in_link=True)
        if is_stable_address(url):
            destination, attributes = spell_address(url), extra
        elif "target" not in extra:
            quoted = "".join(
                f' {name}="{_attribute(value)}"'
                for name, value in (("href", url), ("title", node.get("title")), ("rel", node.get("rel")))
                if value
            )
            return f"<a{quoted}>{inner}</a>"
        else:
            destination, attributes = "", {"href": url, **extra}
        title = spell_title(node["title"]) if node.get("title") else ""
        return f"[{inner}]({destination}{title}){spell_attributes((), attributes)}"


def _escape_special(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 1:
        return "\\" + found
    return found[:-1] + "\\" + found[-1]


def _entity(character: str) -> str:
    return _ENTITIES.get(character) or f"&#{ord(character)};"


def _attribute(value: str) -> str:
    return escape(value).replace("\n", "&#10;").replace("\r", "&#13;")


def _is_punctuation(character: str) -> bool:
    return not character.isalnum() and not character.isspace()


def _can_delimit(delimiter: str, inner: str, before: str, after: str) -> bool:
    """Whether CommonMark's flanking rules let this delimiter open before and close after `inner`."""
    mark = delimiter[0]
    core = inner.strip(mark)
    if not core or mark in {before, after} or core[0].isspace() or core[-1].isspace():
        return False
    if _is_punctuation(core[0]) and before and not (before.isspace() or _is_punctuation(before)):
        return False
    return not (_is_punctuation(core[-1]) and after and not (after.isspace() or _is_punctuation(after)))


def _is_autolink(text: Any, url: str) -> bool:
    if not isinstance(text, str) or not is_stable_address(url):
        return False
    if url == f"mailto:{text}":
        return _EMAIL.fullmatch(text) is not None
    return text == url and _AUTOLINK.fullmatch(text) is not None


def is_stable_address(url: str) -> bool:
    """Whether CommonMark leaves this address as it is and lets it be a link."""
    if not url or not url.isascii() or "\\" in url:
        return False
    md = parser_for(Dialect.GHOST)
    try:
        return md.normalizeLink(url) == url and md.validateLink(url)
    except ValueError:
        return False


_ADDRESS_SPECIAL: Final = re.compile(r"&(?=#?\w{1,31};)|[<>]")


def spell_address(url: str) -> str:
    """A link destination."""
    text = _ADDRESS_SPECIAL.sub(lambda match: "\\" + match[0], url)
    depth = 0
    for character in url:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    if depth != 0 or url.count("(") > 20 or text.startswith("<"):
        return f"<{text}>"
    return text


def spell_title(title: str) -> str:
    """A link title with the space before it."""
    text = title.replace("\\", "\\\\").replace('"', '\\"')
    text = re.sub(r"&(?=#?\w{1,31};)", r"\\&", text)
    return ' "' + text.replace("\n", "&#10;").replace("\r", "&#13;") + '"'


def spell_definition(label: str, url: str, title: str) -> str:
    """A link definition, spelled so that no context can change it."""
    address = _ADDRESS_SPECIAL.sub(lambda match: "\\" + match[0], url.replace("\\", "\\\\"))
    return f"[{label}]: <{address}>{spell_title(title) if title else ''}"


def _guard_lines(text: str) -> str:
    if "\n" not in text:
        return _guard(text)
    return "\n".join(_guard(line) for line in text.split("\n"))


def _guard(line: str) -> str:
    """Keep a line of text from starting a list, heading, quote, table, rule or container."""
    match = _LINE_START.match(line)
    if match is None:
        return line
    if match["number"]:
        return match["number"] + "\\" + line[match.end() :]
    return "\\" + line
