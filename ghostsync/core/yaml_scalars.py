"""How a value is written in YAML: quoted only where it must be, or as its neighbour is quoted.

"Must" is judged for every YAML around, not for ours: a title `yes`, `1.10` or `2024-01-01` is quoted, since the next
tool to read the file would make a flag, a number or a date of it.
"""

from __future__ import annotations

import json
import re
from enum import Enum

from ghostsync.core.raw import ScalarKind


class Quotes(Enum):
    """How a scalar is, or should be, quoted."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'


_INDICATORS = frozenset("!&*|>@`%{}[],#'\"")
_GUESSED = re.compile(
    r"""(?:~|null|true|false|yes|no|on|off|y|n
        |[-+]?(?:0[xob]?)?[\d_]+(?::[0-5]?\d)*(?:\.[\d_]*)?(?:e[-+]?\d+)?
        |[-+]?\.\d[\d_]*(?:e[-+]?\d+)?
        |0x[\da-f_]+|[-+]?\.inf|\.nan|<<|=
        |\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?)""",
    re.VERBOSE | re.IGNORECASE,
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
# A literal block holds any text of printable lines; the first must not begin with a blank.
_NOT_LITERAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether `text` can stand unquoted and every reader takes it for this very text."""
    if not text or text != text.strip() or _UNPRINTABLE.search(text):
        return False
    if text[0] in _INDICATORS or (text[0] in "-?:" and (len(text) == 1 or text[1] in " \t")):
        return False
    if text.startswith(("---", "...")) or ": " in text or " #" in text or text.endswith(":") or "\t#" in text:
        return False
    if flow and (re.search(r"[,\[\]{}]", text) or text[0] in "-?:" or ":" in text):
        return False
    return _GUESSED.fullmatch(text) is None


def write_scalar(text: str, quotes: Quotes, *, flow: bool, kind: ScalarKind = ScalarKind.TEXT) -> str:
    """Return `text` as a scalar on one line; flags and dates (`kind`) stay unquoted unless `quotes` asks for some."""
    if kind in {ScalarKind.FLAG, ScalarKind.DATE} and quotes is Quotes.PLAIN and not (flow and ":" in text):
        return text
    if quotes is Quotes.PLAIN and is_plain(text, flow=flow):
        return text
    if quotes is Quotes.SINGLE and not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    if quotes is Quotes.PLAIN and ('"' in text or "\\" in text) and "'" not in text and not _UNPRINTABLE.search(text):
        return f"'{text}'"
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def write_literal(text: str, indent: int, newline: str) -> str | None:
    """Return `text` as an indented literal block (`|`) without its last line end; None if it cannot be one."""
    if "\n" not in text or _NOT_LITERAL.search(text) or text[0] in " \t\n":
        return None
    keeps = text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    block = newline.join(" " * indent + line if line else "" for line in lines)
    return f"|{'+' if keeps else ''}{newline}{block}"


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
