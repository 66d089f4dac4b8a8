"""The two small pieces of Markdown syntax that no plugin brings: `==mark==` and attributes after an inline element.

Everything else comes from markdown-it-py and its plugins: a hand-written Markdown parser would be a second opinion
on CommonMark. The attribute plugin of mdit-py-plugins was not taken because it copies the rest of the paragraph for
every link (quadratic in a paragraph full of links) and keeps the backslash of an escaped quote in the value.

An attribute list is `{.class key=value key="quoted value"}`. In a quoted value a backslash takes the next character
literally, except that `\\n` is a line feed; a list that does not parse whole is text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_inline.state_inline import Delimiter

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_ITEM = re.compile(
    r"""[ \t\n]*(?:
        \.(?P<cls>[A-Za-z0-9_:-]+)
      | \#(?P<id>[A-Za-z0-9_:-]+)
      | (?P<key>[A-Za-z_][A-Za-z0-9_:.-]*)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"'{}=<>`]+))
    )(?=[ \t\n}])""",
    re.VERBOSE | re.DOTALL,
)
_END = re.compile(r"[ \t\n]*\}")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BARE_VALUE = re.compile(r"[A-Za-z0-9_./:#%+-]+")

_EQUALS = ord("=")


def parse_attributes(text: str, position: int) -> tuple[int, dict[str, str]] | None:
    """Read an attribute list at `position`, which must be its `{`: the position after `}` and the attributes.

    Classes arrive joined by spaces under `class`, an identifier under `id`. None when it is not an attribute list.
    """
    if not text.startswith("{", position):
        return None
    found: dict[str, str] = {}
    cursor = position + 1
    while item := _ITEM.match(text, cursor):
        cursor = item.end()
        if (name := item["cls"]) is not None:
            found["class"] = f"{found['class']} {name}" if "class" in found else name
        elif (name := item["id"]) is not None:
            found["id"] = name
        elif item["bare"] is not None:
            found[item["key"]] = item["bare"]
        else:
            found[item["key"]] = _ESCAPED.sub(_unescape, item["quoted"])
    end = _END.match(text, cursor)
    if end is None or not found:
        return None
    return end.end(), found


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def spell_attributes(classes: tuple[str, ...], attributes: dict[str, str]) -> str:
    """Write an attribute list that `parse_attributes` reads back, or nothing when there is nothing to say."""
    parts = [f".{name}" for name in classes]
    for key, value in attributes.items():
        if _BARE_VALUE.fullmatch(value):
            parts.append(f"{key}={value}")
        else:
            quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            parts.append(f'{key}="{quoted}"')
    return "{" + " ".join(parts) + "}" if parts else ""


def attributes_plugin(md: MarkdownIt) -> None:
    """Attach `{…}` to the image or link directly before it, in the token's `meta["attributes"]`."""
    md.inline.ruler.push("attributes", _attributes_rule)


def _attributes_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{" or state.pending or not state.tokens or silent:
        return False
    token = state.tokens[-1]
    if token.type not in ("image", "link_close") or "attributes" in token.meta or token.info == "auto":
        return False
    parsed = parse_attributes(state.src, state.pos)
    if parsed is None or parsed[0] > state.posMax:
        return False
    state.pos, attributes = parsed
    token.meta = {**token.meta, "attributes": attributes}
    return True


def mark_plugin(md: MarkdownIt) -> None:
    """`==text==` becomes `mark`, with the flanking rules of `~~`."""
    md.inline.ruler.before("emphasis", "mark", _mark_rule)
    md.inline.ruler2.before("emphasis", "mark", _mark_pairs)


def _mark_rule(state: StateInline, silent: bool) -> bool:
    if silent or not state.src.startswith("==", state.pos):
        return False
    scanned = state.scanDelims(state.pos, True)
    if scanned.length % 2:
        state.push("text", "", 0).content = "="
    for _ in range(scanned.length // 2):
        state.push("text", "", 0).content = "=="
        state.delimiters.append(
            Delimiter(
                marker=_EQUALS,
                length=0,
                token=len(state.tokens) - 1,
                end=-1,
                open=scanned.can_open,
                close=scanned.can_close,
            )
        )
    state.pos += scanned.length
    return True


def _mark_pairs(state: StateInline) -> None:
    _pair(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            _pair(state, meta["delimiters"])


def _pair(state: StateInline, delimiters: list[Delimiter]) -> None:
    for opener in delimiters:
        if opener.marker != _EQUALS or opener.end == -1:
            continue
        for index, kind, nesting in (
            (opener.token, "mark_open", 1),
            (delimiters[opener.end].token, "mark_close", -1),
        ):
            token = state.tokens[index]
            token.type, token.tag, token.nesting = kind, "mark", nesting  # type: ignore[assignment]
            token.markup, token.content = "==", ""
