"""Dates as people write them, and as Ghost compares them.

Ghost stores whole seconds and its API insists on a time zone (`2024-01-01T00:00:00` is refused), so the one comparable
form is `YYYY-MM-DDTHH:MM:SS.000Z`. People write `2024-01-01`, `2024-01-01 07:45 +0100`, `Jul 8 2022`. A date without
zone is in the site's time zone (configured, UTC by default); a date without time is midnight there. Fractions of a
second are cut off, as Ghost does: sending them would make every push a change.

Refused on purpose: day-first or month-first numbers such as `01/02/2024`, since no reader can tell them apart.
A general date parser was rejected for that very reason: it would guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_ISO = re.compile(
    r"""(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})
        (?:[Tt\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?
           \s*(?P<zone>Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?)?""",
    re.VERBOSE,
)
_ZONED = re.compile(r"\s*(Z|z|UTC|GMT|[+-]\d{1,2}:?\d{2})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
# `Jul 08 2022`, `July 8, 2022` and `8 July 2022`: Astro's and Eleventy's starter sites write dates so.
_NAMED = (
    re.compile(rf"{_NAME}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})"),
    re.compile(rf"(?P<day>\d{{1,2}})\.?\s+{_NAME},?\s+(?P<year>\d{{4}})"),
)


def parse_date(text: str, zone: tzinfo = UTC) -> str | None:
    """Return the comparable form of a date, or None where it is not a date that can be told for sure."""
    moment = _parse_iso(text.strip(), zone) or _parse_named(text.strip(), zone)
    if moment is None:
        return None
    try:
        utc = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return format_date(utc)


def format_date(moment: datetime) -> str:
    """Return the comparable form of a moment that knows its zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z").rjust(24, "0")


def render_date(value: str) -> str:
    """Return a comparable date as it is written into front matter: without the fraction that is always zero."""
    return value.removesuffix(".000Z") + "Z" if value.endswith(".000Z") else value


def render_date_like(value: str, old: str, zone: tzinfo) -> str:
    """Return a rendered date in the form in which `old` was written (date alone, zone, `T`), if that says the same."""
    old = old.strip()
    zoned = _ZONED.search(old) if len(old) > 10 else None
    wanted = parse_date(value)
    if wanted is None:
        return value
    local = datetime.fromisoformat(wanted).astimezone(_parse_zone(zoned and zoned[1], zone))
    tail = zoned[0] if zoned else ""
    clocks = ("%H:%M:%S",) if old.removesuffix(tail).count(":") > 1 else ("%H:%M", "%H:%M:%S")
    separator = "T" if "T" in old[:11].upper() else " "
    forms = ["%Y-%m-%d"] if len(old) <= 10 else []
    forms.extend(f"%Y-%m-%d{separator}{clock}{tail}" for clock in clocks)
    return next((text for form in forms if parse_date(text := local.strftime(form), zone) == wanted), value)


def _parse_iso(text: str, zone: tzinfo) -> datetime | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            tzinfo=_parse_zone(found["zone"], zone),
        )
    except ValueError:
        return None


def _parse_named(text: str, zone: tzinfo) -> datetime | None:
    for pattern in _NAMED:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        short = found["name"][:3].lower()
        if short not in _MONTHS:
            return None
        try:
            return datetime(int(found["year"]), _MONTHS.index(short) + 1, int(found["day"]), tzinfo=zone)
        except ValueError:
            return None
    return None


def _parse_zone(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
