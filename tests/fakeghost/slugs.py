"""Ghost's slug algorithm, and the search for a free slug with its quirks.

Source: Ghost's `@tryghost/string/lib/slugify.js` and `models/base/plugins/generate-slug.js`.

Ghost transliterates with the whole table of the npm package `unidecode`. This module knows Latin letters (by
decomposition, and a list of those that do not decompose) and drops the rest. It is deliberately not ghostsync's own
algorithm: a fake that shares its code with what it is to check proves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_LONGEST = 185  # of the 191 characters that the column has; the rest is room for a suffix
_PROTECTED = frozenset({"ghost", "rss", "amp"})
_UNDECOMPOSED = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "Ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ł": "l",
        "Ł": "L",
        "þ": "th",
        "Þ": "Th",
        "ð": "d",
        "Ð": "D",
        "ı": "i",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "…": "...",
        "–": "-",
        "—": "--",
        "\u00a0": " ",
        "€": "EUR",
        "©": "(c)",
        "®": "(r)",
        "™": "(tm)",
    }
)
_RESERVED = re.compile(r"""[\s.@:/?#\[\]!$&()*+,;=\\%<>|^~"{}`–—]""")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def _to_ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED))
    return "".join(character for character in decomposed if ord(character) < 128)


def slugify(text: str) -> str:
    """The slug of any text, before protected words and length are considered."""
    text = _to_ascii(_INVISIBLE.sub("", text).replace("£", "-"))
    text = _RESERVED.sub("-", text).replace("'", "").lower()
    text = re.sub("-+", "-", text)
    return re.sub("^-", "", re.sub("-$", "", text)).strip()


def safe_slug(text: str, *, noun: str, protected: frozenset[str] = frozenset()) -> str:
    """The slug that Ghost would try first; `noun` is `post` (pages too) or `tag`."""
    slug = slugify(text)[:_LONGEST]
    if noun == "tag" and text.startswith("#"):
        slug = f"hash-{slug}"
    if slug in _PROTECTED or slug in protected:
        slug = f"{slug}-{noun}"
    return slug or noun


def free_slug(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """`wanted`, else `wanted-2`, `wanted-3`, …

    Ghost does not except the row that is being saved from the search: asking for `foo` on the post that is `foo-2`
    finds `foo-2` taken as well, and ends at the next free number.
    """
    if not is_taken(wanted):
        return wanted
    number = 2
    while is_taken(f"{wanted}-{number}"):
        number += 1
    return f"{wanted}-{number}"
