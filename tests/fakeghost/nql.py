"""The part of Ghost's filter language (NQL) that a client has reason to send, with its traps.

Grammar and tokens after `@tryghost/nql-lang/src/nql.l` and `nql.y`. Kept traps: a one-letter literal that is followed
by `,`, `)` or `]` is a syntax error; digits become numbers and `true`, `false`, `null` keywords unless quoted; dates
are compared as text with what the column holds (`2026-01-05 09:00:00`), so that an ISO `T` compares wrongly.
Nested lists with `+` and ordering by match are not covered: they raise `FilterError`, as bad syntax does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from fakeghost.clock import to_sql

Columns: TypeAlias = Callable[[str], Any]  # the value of a column: a scalar, or a frozenset for a relation
Predicate: TypeAlias = Callable[[Columns], bool]

_OMIT = r"[^\s'\"+,()><=\[\]~\-]"
_OMIT_BAR_NOT = r"[^\s'\"+,()><=\[\]~]"
_ESCAPED = r"\\['\"+,()><=\[\]~^$]"
_KEYWORD_END = rf"(?!(?:{_ESCAPED}|{_OMIT_BAR_NOT})+)"
_TOKENS = re.compile(
    rf"""(?P<SPACE>\s+)
    |(?P<NULL>(?:null|NULL|Null){_KEYWORD_END})
    |(?P<TRUE>(?:true|TRUE|True){_KEYWORD_END})
    |(?P<FALSE>(?:false|FALSE|False){_KEYWORD_END})
    |(?P<PROP>[a-zA-Z_][a-zA-Z0-9_.]*:)
    |(?P<NUMBER>[0-9]+(?:\.[0-9]+)?\b(?!-))
    |(?P<LBRACKET>\[)
    |(?P<RBRACKET>\])
    |(?P<NOW>now[-+]\d+[dwMyhms](?=[+,()\[\]]|$))
    |(?P<LITERAL>{_OMIT}(?:{_ESCAPED}|{_OMIT_BAR_NOT})+)
    |(?P<STRING>'(?:\\['"]|[^'"])+?')
    |(?P<LPAREN>\()
    |(?P<RPAREN>\))
    |(?P<OR>,)
    |(?P<AND>\+)
    |(?P<NOT>-)
    |(?P<GTE>>=)
    |(?P<LTE><=)
    |(?P<GT>>)
    |(?P<LT><)
    |(?P<STARTS>~\^)
    |(?P<ENDS>~\$)
    |(?P<CONTAINS>~)
    |(?P<LETTER>[a-zA-Z](?![a-zA-Z'",()><=\[\]~]))""",
    re.VERBOSE,
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2629800, "y": 31557600}


class FilterError(Exception):
    """The text is no filter."""


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None or match.lastgroup is None:
            raise FilterError(f'unrecognized text "{text[position]}" in filter at char {position + 1}')
        if match.lastgroup != "SPACE":
            found.append(("LITERAL" if match.lastgroup == "LETTER" else match.lastgroup, match.group()))
        position = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens; builds predicates directly."""

    def __init__(self, text: str, now_ms: int) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._now_ms = now_ms
        self.columns: set[str] = set()

    def parse(self) -> Predicate:
        predicate = self._any_of()
        if self._peek() is not None:
            raise FilterError("unexpected character in filter")
        return predicate

    def _peek(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    def _take(self, *kinds: str) -> tuple[str, str]:
        if self._peek() not in kinds:
            raise FilterError("unexpected character in filter")
        self._at += 1
        return self._tokens[self._at - 1]

    def _any_of(self) -> Predicate:
        parts = [self._all_of()]
        while self._peek() == "OR":
            self._take("OR")
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _all_of(self) -> Predicate:
        parts = [self._one()]
        while self._peek() == "AND":
            self._take("AND")
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _one(self) -> Predicate:
        if self._peek() == "LPAREN":
            self._take("LPAREN")
            inner = self._any_of()
            self._take("RPAREN")
            return inner
        column = self._take("PROP")[1][:-1]
        self.columns.add(column)
        return self._comparison(column)

    def _comparison(self, column: str) -> Predicate:
        negated = self._peek() == "NOT"
        if negated:
            self._take("NOT")
        kind = self._peek()
        if kind in {"STARTS", "ENDS", "CONTAINS"}:
            self._take(kind)
            return _text_test(column, kind, str(self._value(only="STRING")), negated=negated)
        if kind == "LBRACKET":
            self._take("LBRACKET")
            values = [self._value()]
            while self._peek() == "OR":
                self._take("OR")
                values.append(self._value())
            self._take("RBRACKET")
            return _equality_test(column, values, negated=negated)
        if kind in {"GT", "GTE", "LT", "LTE"} and not negated:
            self._take(kind)
            return _order_test(column, kind, self._value())
        return _equality_test(column, [self._value()], negated=negated)

    def _value(self, *, only: str | None = None) -> Any:
        kinds = (only,) if only else ("NULL", "TRUE", "FALSE", "NUMBER", "NOW", "LITERAL", "STRING")
        kind, text = self._take(*kinds)
        match kind:
            case "NULL":
                return None
            case "TRUE" | "FALSE":
                return kind == "TRUE"
            case "NUMBER":
                return int(text.split(".")[0])
            case "NOW":
                distance = int(text[4:-1]) * _SECONDS[text[-1]] * 1000
                return to_sql(self._now_ms + (distance if text[3] == "+" else -distance))
            case "STRING":
                return re.sub(r"\\(['\"+,()><=\[\]~^$])", r"\1", text[1:-1])
            case _:
                return re.sub(r"\\(['\"+,()><=\[\]~^$])", r"\1", text)


def _sql(value: Any) -> Any:
    """Booleans are 0 and 1 in the column."""
    return int(value) if isinstance(value, bool) else value


def _is_equal(held: Any, wanted: Any) -> bool:
    held, wanted = _sql(held), _sql(wanted)
    if isinstance(held, str) and isinstance(wanted, int):
        return held == str(wanted)
    if isinstance(held, int) and isinstance(wanted, str):
        return str(held) == wanted
    return bool(held == wanted)


def _equality_test(column: str, wanted: list[Any], *, negated: bool) -> Predicate:
    def is_match(row: Columns) -> bool:
        held = row(column)
        if isinstance(held, frozenset):
            return any(_is_equal(one, want) for one in held for want in wanted) is not negated
        if held is None and negated and None not in wanted:
            return False  # SQL: NULL != 'x' is not true
        return any(_is_equal(held, want) for want in wanted) is not negated

    return is_match


def _order_test(column: str, kind: str, wanted: Any) -> Predicate:
    def is_match(row: Columns) -> bool:
        held, limit = _sql(row(column)), _sql(wanted)
        if held is None or limit is None:
            return False
        if isinstance(held, str) != isinstance(limit, str):
            held, limit = str(held), str(limit)
        match kind:
            case "GT":
                return bool(held > limit)
            case "GTE":
                return bool(held >= limit)
            case "LT":
                return bool(held < limit)
            case _:
                return bool(held <= limit)

    return is_match


def _text_test(column: str, kind: str, wanted: str, *, negated: bool) -> Predicate:
    needle = wanted.lower()

    def holds(held: str) -> bool:
        text = held.lower()
        match kind:
            case "STARTS":
                return text.startswith(needle)
            case "ENDS":
                return text.endswith(needle)
            case _:
                return needle in text

    def is_match(row: Columns) -> bool:
        held = row(column)
        if isinstance(held, frozenset):
            return any(holds(str(one)) for one in held) is not negated
        return held is not None and holds(str(held)) is not negated

    return is_match


def parse_filter(text: str, *, now_ms: int) -> tuple[Predicate, set[str]]:
    """A test on rows, and the names of the columns that it asks for. `FilterError` when the text is no filter."""
    parser = _Parser(text, now_ms)
    return parser.parse(), parser.columns
