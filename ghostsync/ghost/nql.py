"""Values in Ghost's filter language (NQL), spelled so that Ghost cannot misread them.

Unquoted values are a trap: one-letter words do not parse, digits become numbers, `null` and `true` become keywords. So
every value is quoted, and dates are spelled as the database keeps them: SQLite compares text, and an ISO date with its
`T` silently matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime


def quote(value: str) -> str:
    """Return `value` as a quoted NQL string.

    Both quotes are escaped with a backslash, the backslash itself is not (nql-lang: src/nql.l). So the language cannot
    say an empty string, nor one that ends with a backslash: `ValueError`.
    """
    if not value or value.endswith("\\"):
        message = f"Ghost's filters cannot say {value!r}"
        raise ValueError(message)
    escaped = value.replace("'", "\\'").replace('"', '\\"')
    return f"'{escaped}'"


def equals(field: str, value: str) -> str:
    """Return the filter `field` is `value`."""
    return f"{field}:{quote(value)}"


def one_of(field: str, values: Iterable[str]) -> str:
    """Return the filter `field` is one of `values`, of which there must be at least one."""
    listed = ",".join(quote(value) for value in values)
    if not listed:
        message = "a filter over no values would match nothing or everything"
        raise ValueError(message)
    return f"{field}:[{listed}]"


def since(field: str, moment: datetime) -> str:
    """Return the filter `field` is at or after `moment` (aware; cut to its second, as Ghost keeps it)."""
    spelled = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{field}:>='{spelled}'"


def born_since(moment: datetime) -> str:
    """Return the filter for rows that came into the database at or after `moment` (aware), whatever their dates say.

    Ghost's ids are ObjectIds: their first four bytes are the second in which they were made (`bson-objectid`).
    """
    return f"id:>='{int(moment.timestamp()):08x}{'0' * 16}'"


def either(*filters: str) -> str:
    """Return the filter that holds where one of `filters` does."""
    return ",".join(f"({one})" for one in filters)


def both(*filters: str) -> str:
    """Return the filter that holds where all of `filters` do; empty ones are left out."""
    given = [one for one in filters if one]
    if len(given) == 1:
        return given[0]
    return "+".join(f"({one})" for one in given)
