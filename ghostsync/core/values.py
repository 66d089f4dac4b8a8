"""From what an author wrote to a comparable value, and back.

`parse_value` reads a raw front-matter value by the kind of its field and holds it against Ghost's limits; it returns
a `Fault` that says what is wrong and what to write instead. `render_value` gives the friendly form that pull writes.
For every value that Ghost can hold, parsing what was rendered gives the value back; so texts are not trimmed here
(Ghost does not trim them either), except the title, which Ghost trims itself.
"""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import assert_never
from urllib.parse import quote

from ghostsync.core.dates import parse_date, render_date
from ghostsync.core.fields import FieldSpec, ValueKind
from ghostsync.core.raw import Fault, Listing, Raw, Scalar, ScalarKind, Table, describe_raw, is_empty
from ghostsync.core.slugs import post_slug, slugify
from ghostsync.model import FieldValue

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# What RFC 3986 allows in a reference beside letters and digits; Ghost refuses everything else with 422.
_URL_SAFE = "-._~:/?#@!$&'()*+,;=%"
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SLUG = re.compile(r"[a-z0-9_-]+")
_UNSENDABLE = re.compile("[\\x00\ud800-\udfff]")


def parse_value(spec: FieldSpec, raw: Raw, zone: tzinfo = UTC) -> FieldValue | Fault:
    """Return the comparable value of `raw` for the field, or the fault it has.

    An empty value of a content field is Ghost's default; of any other field it is None, and the caller treats the key
    as not written.
    """
    if is_empty(raw):
        return spec.default if spec.value in {ValueKind.FLAG, ValueKind.TAGS} else None
    if spec.is_list:
        return _parse_names(spec, raw)
    if not isinstance(raw, Scalar):
        return Fault(
            line=raw.line,
            message=f"`{spec.name}` is one {_noun(spec)}, not {describe_raw(raw)}",
            hint=f"write `{spec.name}: …` on one line",
        )
    if bad := _UNSENDABLE.search(raw.text):
        return Fault(
            line=raw.line,
            message=f"`{spec.name}` contains the character U+{ord(bad[0]):04X}, which no site can store",
            hint="remove it",
        )
    match spec.value:
        case ValueKind.TEXT | ValueKind.HTML:
            text = raw.text.strip() if spec.name == "title" else raw.text
            return _limited(spec, text or None, raw.line)
        case ValueKind.URL:
            return _limited(spec, to_uri_reference(raw.text) or None, raw.line)
        case ValueKind.IMAGE:
            text = raw.text.strip()
            return _limited(spec, (to_uri_reference(text) if is_url(text) else text) or None, raw.line)
        case ValueKind.FLAG:
            return parse_flag(spec.name, raw)
        case ValueKind.DATE:
            return _parse_date_value(spec, raw, zone)
        case ValueKind.CHOICE:
            return _parse_choice(spec, raw)
        case ValueKind.SLUG:
            return _parse_slug(spec, raw)
        case ValueKind.TAGS | ValueKind.AUTHORS | ValueKind.TIERS:
            raise AssertionError(spec.value)  # lists were read above
        case unreachable:
            assert_never(unreachable)


def render_value(spec: FieldSpec, value: FieldValue) -> str | bool | tuple[str, ...] | None:
    """Return the friendly form of a comparable value: what an author would write."""
    if spec.value is ValueKind.DATE and isinstance(value, str):
        return render_date(value)
    return value


def parse_flag(name: str, raw: Raw) -> bool | Fault:
    """Return a yes or no, or the fault."""
    word = raw.text.strip().lower() if isinstance(raw, Scalar) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    return Fault(
        line=raw.line, message=f"`{name}` is true or false, not {describe_raw(raw)}", hint=f"write `{name}: true`"
    )


def is_url(text: str) -> bool:
    """Whether `text` is an address rather than the path of a local file.

    A leading `/` means the site's own root, as it does in Ghost.
    """
    return text.startswith("/") or bool(_SCHEME.match(text))


def to_uri_reference(text: str) -> str:
    """Return `text` with everything percent-encoded that RFC 3986 does not allow, and nothing encoded twice."""
    return quote(_LONE_PERCENT.sub("%25", text.strip()), safe=_URL_SAFE)


def _limited(spec: FieldSpec, text: str | None, line: int) -> str | Fault | None:
    if text is None or spec.limit is None or len(text) <= spec.limit:
        return text
    return Fault(
        line=line,
        message=f"`{spec.name}` has {len(text)} characters; Ghost takes at most {spec.limit}",
        hint=f"shorten it by {len(text) - spec.limit}",
    )


def _parse_date_value(spec: FieldSpec, raw: Scalar, zone: tzinfo) -> str | Fault | None:
    if not raw.text.strip():
        return None
    value = parse_date(raw.text, zone)
    if value is not None:
        return value
    return Fault(
        line=raw.line,
        message=f"`{spec.name}` is not a date: {describe_raw(raw)}",
        hint="write it as 2026-11-23, 2026-11-23 07:45 or 2026-11-23T07:45:00+01:00",
    )


def _parse_choice(spec: FieldSpec, raw: Scalar) -> str | Fault | None:
    word = raw.text.strip().lower()
    if not word:
        return None
    if word in spec.choices:
        return word
    meant = next((choice for choice in spec.choices if choice[:3] == word[:3]), None)
    other = f'; if it is another tool\'s, `ignore = ["{spec.name}"]` in ghostsync.toml'
    return Fault(
        line=raw.line,
        message=f"`{spec.name}` is {_one_of(spec.choices)}, not {describe_raw(raw)}",
        hint=f"write `{spec.name}: {meant or spec.choices[0]}`{'' if meant else other}",
    )


def _parse_slug(spec: FieldSpec, raw: Scalar) -> str | Fault | None:
    text = raw.text.strip()
    if not text:
        return None
    if not slugify(text):
        return Fault(
            line=raw.line,
            message=f"nothing is left of the `{spec.name}` {describe_raw(raw)} when Ghost makes an address of it",
            hint="use letters or digits",
        )
    return post_slug(text)


def _parse_names(spec: FieldSpec, raw: Raw) -> tuple[str, ...] | Fault:
    match raw:
        case Table():
            return Fault(
                line=raw.line,
                message=f"`{spec.name}` is a list of {_noun(spec)}s, not a mapping",
                hint=f"write `{spec.name}: [one, two]`",
            )
        case Scalar():
            texts = [(part, raw.line) for part in raw.text.split(",") if part.strip()]
        case Listing():
            texts = []
            for item in raw.items:
                if not isinstance(item, Scalar) or item.kind is ScalarKind.EMPTY:
                    return Fault(
                        line=item.line,
                        message=f"an item of `{spec.name}` is {describe_raw(item)}, not a {_noun(spec)}",
                        hint='an item that begins with `#` needs quotes in YAML: "#name"' if is_empty(item) else None,
                    )
                if item.text.strip():  # `tags: [""]`, as templates of other tools leave it, names nothing
                    texts.append((item.text, item.line))
        case unreachable:
            assert_never(unreachable)
    names: dict[str, str] = {}
    for text, line in texts:
        name = text.strip()
        fault = _check_name(spec, name, line)
        if fault is not None:
            return fault
        # Ghost drops what differs in case only, and keeps the first.
        names.setdefault(name.casefold(), name)
    if spec.value is ValueKind.AUTHORS and not names:
        return Fault(
            line=raw.line,
            message="`authors` names nobody; a post has at least one author",
            hint="remove the key to leave the authors to Ghost",
        )
    return tuple(names.values())


def _check_name(spec: FieldSpec, name: str, line: int) -> Fault | None:
    if bad := _UNSENDABLE.search(name):
        return Fault(
            line=line,
            message=f"an item of `{spec.name}` contains the character U+{ord(bad[0]):04X}, which no site can store",
            hint="remove it",
        )
    if spec.limit is not None and len(name) > spec.limit:
        return Fault(
            line=line,
            message=f"an item of `{spec.name}` has {len(name)} characters; Ghost takes at most {spec.limit}",
            hint=f"shorten it by {len(name) - spec.limit}",
        )
    match spec.value:
        case ValueKind.TAGS if name.startswith(","):
            return Fault(
                line=line, message=f"Ghost takes no tag that begins with a comma: `{name}`", hint="remove the comma"
            )
        case ValueKind.AUTHORS if not (_SLUG.fullmatch(name) or _EMAIL.fullmatch(name)):
            return Fault(
                line=line,
                message=f"`{name}` is neither the slug nor the email address of an author",
                hint=f"write the slug, perhaps `{slugify(name) or 'name'}`, as in the address of the author's page",
            )
        case ValueKind.TIERS if not _SLUG.fullmatch(name):
            return Fault(
                line=line, message=f"`{name}` is not the slug of a tier", hint=f"perhaps `{slugify(name) or 'tier'}`"
            )
        case _:
            return None


_NOUNS = {ValueKind.TAGS: "tag name", ValueKind.AUTHORS: "author", ValueKind.TIERS: "tier slug"}


def _noun(spec: FieldSpec) -> str:
    return _NOUNS.get(spec.value, "value")


def _one_of(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"
