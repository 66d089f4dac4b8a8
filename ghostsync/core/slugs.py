"""Ghost's slugs, computed here exactly as Ghost computes them.

A slug that Ghost would change on saving can never be compared, so every slug is brought into Ghost's own form before
anything is sent. The algorithm is that of `@tryghost/string` (`lib/slugify.js`, `lib/strip-invisible-chars.js`), of the
`unidecode` package that it calls, and of Ghost's `models/base/plugins/generate-slug.js`. The tables of
`text-unidecode` are the same transliteration; where they differ from Ghost's is written down below, and a test
compares all 65,536 code units with Ghost's own code where Node.js is at hand.

Ghost's transliteration has one odd habit that is kept: two characters that look like UTF-8 read as Latin-1 (`É` before
a no-break space, as French typography has it before `»`) leave the first one as it is. What it makes of such a title is
not a fixed point of its own algorithm, so `post_slug` applies it until nothing changes: a slug that is sent comes back.

`python-slugify` and its kin were rejected: they differ from Ghost in hundreds of characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ghostsync.model import Slug

SLUG_LIMIT = 185
"""Ghost cuts here, so that a counter still fits into its column of 191."""

PROTECTED = frozenset({"ghost", "rss", "amp"})
"""Slugs that Ghost keeps for itself (`shared/config/overrides.json`). The last segment of a site in a subdirectory is
protected too."""

_TAG_PROTECTED = PROTECTED | {"new"}

_INVISIBLE = re.compile(
    # Ghost's class of control, format, unassigned and private characters, as its source lists them.
    "["
    r"\0-\x1F\x7F-\x9F\xAD\u0600-\u0605\u061C\u06DD\u070F\u08E2\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064"
    r"\u2066-\u206F\uFEFF\uFFF9-\uFFFB\u0378\u0379\u0380-\u0383\u038B\u038D\u03A2\u0530\u0557\u0558\u058B\u058C\u0590"
    r"\u05C8-\u05CF\u05EB-\u05EE\u05F5-\u05FF\u061D\u070E\u074B\u074C\u07B2-\u07BF\u07FB\u07FC\u082E\u082F\u083F\u085C"
    r"\u085D\u085F\u086B-\u089F\u08B5\u08BE-\u08D2\u0984\u098D\u098E\u0991\u0992\u09A9\u09B1\u09B3-\u09B5\u09BA\u09BB"
    r"\u09C5\u09C6\u09C9\u09CA\u09CF-\u09D6\u09D8-\u09DB\u09DE\u09E4\u09E5\u09FF\u0A00\u0A04\u0A0B-\u0A0E\u0A11\u0A12"
    r"\u0A29\u0A31\u0A34\u0A37\u0A3A\u0A3B\u0A3D\u0A43-\u0A46\u0A49\u0A4A\u0A4E-\u0A50\u0A52-\u0A58\u0A5D\u0A5F-\u0A65"
    r"\u0A77-\u0A80\u0A84\u0A8E\u0A92\u0AA9\u0AB1\u0AB4\u0ABA\u0ABB\u0AC6\u0ACA\u0ACE\u0ACF\u0AD1-\u0ADF\u0AE4\u0AE5"
    r"\u0AF2-\u0AF8\u0B00\u0B04\u0B0D\u0B0E\u0B11\u0B12\u0B29\u0B31\u0B34\u0B3A\u0B3B\u0B45\u0B46\u0B49\u0B4A"
    r"\u0B4E-\u0B55\u0B58-\u0B5B\u0B5E\u0B64\u0B65\u0B78-\u0B81\u0B84\u0B8B-\u0B8D\u0B91\u0B96-\u0B98\u0B9B\u0B9D"
    r"\u0BA0-\u0BA2\u0BA5-\u0BA7\u0BAB-\u0BAD\u0BBA-\u0BBD\u0BC3-\u0BC5\u0BC9\u0BCE\u0BCF\u0BD1-\u0BD6\u0BD8-\u0BE5"
    r"\u0BFB-\u0BFF\u0C0D\u0C11\u0C29\u0C3A-\u0C3C\u0C45\u0C49\u0C4E-\u0C54\u0C57\u0C5B-\u0C5F\u0C64\u0C65"
    r"\u0C70-\u0C77\u0C8D\u0C91\u0CA9\u0CB4\u0CBA\u0CBB\u0CC5\u0CC9\u0CCE-\u0CD4\u0CD7-\u0CDD\u0CDF\u0CE4\u0CE5\u0CF0"
    r"\u0CF3-\u0CFF\u0D04\u0D0D\u0D11\u0D45\u0D49\u0D50-\u0D53\u0D64\u0D65\u0D80\u0D81\u0D84\u0D97-\u0D99\u0DB2\u0DBC"
    r"\u0DBE\u0DBF\u0DC7-\u0DC9\u0DCB-\u0DCE\u0DD5\u0DD7\u0DE0-\u0DE5\u0DF0\u0DF1\u0DF5-\u0E00\u0E3B-\u0E3E"
    r"\u0E5C-\u0E80\u0E83\u0E85\u0E86\u0E89\u0E8B\u0E8C\u0E8E-\u0E93\u0E98\u0EA0\u0EA4\u0EA6\u0EA8\u0EA9\u0EAC\u0EBA"
    r"\u0EBE\u0EBF\u0EC5\u0EC7\u0ECE\u0ECF\u0EDA\u0EDB\u0EE0-\u0EFF\u0F48\u0F6D-\u0F70\u0F98\u0FBD\u0FCD\u0FDB-\u0FFF"
    r"\u10C6\u10C8-\u10CC\u10CE\u10CF\u1249\u124E\u124F\u1257\u1259\u125E\u125F\u1289\u128E\u128F\u12B1\u12B6\u12B7"
    r"\u12BF\u12C1\u12C6\u12C7\u12D7\u1311\u1316\u1317\u135B\u135C\u137D-\u137F\u139A-\u139F\u13F6\u13F7\u13FE\u13FF"
    r"\u169D-\u169F\u16F9-\u16FF\u170D\u1715-\u171F\u1737-\u173F\u1754-\u175F\u176D\u1771\u1774-\u177F\u17DE\u17DF"
    r"\u17EA-\u17EF\u17FA-\u17FF\u180F\u181A-\u181F\u1879-\u187F\u18AB-\u18AF\u18F6-\u18FF\u191F\u192C-\u192F"
    r"\u193C-\u193F\u1941-\u1943\u196E\u196F\u1975-\u197F\u19AC-\u19AF\u19CA-\u19CF\u19DB-\u19DD\u1A1C\u1A1D\u1A5F"
    r"\u1A7D\u1A7E\u1A8A-\u1A8F\u1A9A-\u1A9F\u1AAE\u1AAF\u1ABF-\u1AFF\u1B4C-\u1B4F\u1B7D-\u1B7F\u1BF4-\u1BFB"
    r"\u1C38-\u1C3A\u1C4A-\u1C4C\u1C89-\u1C8F\u1CBB\u1CBC\u1CC8-\u1CCF\u1CFA-\u1CFF\u1DFA\u1F16\u1F17\u1F1E\u1F1F"
    r"\u1F46\u1F47\u1F4E\u1F4F\u1F58\u1F5A\u1F5C\u1F5E\u1F7E\u1F7F\u1FB5\u1FC5\u1FD4\u1FD5\u1FDC\u1FF0\u1FF1\u1FF5"
    r"\u1FFF\u2065\u2072\u2073\u208F\u209D-\u209F\u20C0-\u20CF\u20F1-\u20FF\u218C-\u218F\u2427-\u243F\u244B-\u245F"
    r"\u2B74\u2B75\u2B96\u2B97\u2BC9\u2BFF\u2C2F\u2C5F\u2CF4-\u2CF8\u2D26\u2D28-\u2D2C\u2D2E\u2D2F\u2D68-\u2D6E"
    r"\u2D71-\u2D7E\u2D97-\u2D9F\u2DA7\u2DAF\u2DB7\u2DBF\u2DC7\u2DCF\u2DD7\u2DDF\u2E4F-\u2E7F\u2E9A\u2EF4-\u2EFF"
    r"\u2FD6-\u2FEF\u2FFC-\u2FFF\u3040\u3097\u3098\u3100-\u3104\u3130\u318F\u31BB-\u31BF\u31E4-\u31EF\u321F\u32FF"
    r"\u4DB6-\u4DBF\u9FF0-\u9FFF\uA48D-\uA48F\uA4C7-\uA4CF\uA62C-\uA63F\uA6F8-\uA6FF\uA7BA-\uA7F6\uA82C-\uA82F"
    r"\uA83A-\uA83F\uA878-\uA87F\uA8C6-\uA8CD\uA8DA-\uA8DF\uA954-\uA95E\uA97D-\uA97F\uA9CE\uA9DA-\uA9DD\uA9FF"
    r"\uAA37-\uAA3F\uAA4E\uAA4F\uAA5A\uAA5B\uAAC3-\uAADA\uAAF7-\uAB00\uAB07\uAB08\uAB0F\uAB10\uAB17-\uAB1F\uAB27\uAB2F"
    r"\uAB66-\uAB6F\uABEE\uABEF\uABFA-\uABFF\uD7A4-\uD7AF\uD7C7-\uD7CA\uD7FC-\uD7FF\uFA6E\uFA6F\uFADA-\uFAFF"
    r"\uFB07-\uFB12\uFB18-\uFB1C\uFB37\uFB3D\uFB3F\uFB42\uFB45\uFBC2-\uFBD2\uFD40-\uFD4F\uFD90\uFD91\uFDC8-\uFDEF"
    r"\uFDFE\uFDFF\uFE1A-\uFE1F\uFE53\uFE67\uFE6C-\uFE6F\uFE75\uFEFD\uFEFE\uFF00\uFFBF-\uFFC1\uFFC8\uFFC9\uFFD0\uFFD1"
    r"\uFFD8\uFFD9\uFFDD-\uFFDF\uFFE7\uFFEF-\uFFF8\uFFFE\uFFFF\uE000-\uF8FF"
    "]"
)

_RESERVED = re.compile(r'[\s\ufeff.@:/?#\[\]!$&()*+,;=\\%<>|^~"{}`–—]')

# Code pages that Ghost's tables lack: characters there vanish.
_ABSENT_PAGES = frozenset(
    (0x08, *range(0x19, 0x1E), *range(0x29, 0x2E), *range(0x34, 0x4D), *range(0xA5, 0xAC), *range(0xD8, 0xF9)),
)

# Where Ghost's table says something else than text-unidecode's and the slug shows it.
_DIFFERENT = {
    0x02E5: "5",
    0x02E6: "4",
    0x02E7: "3",
    0x02E8: "2",
    0x02E9: "1",
    0x02EA: "/",
    0x02EB: "\\",
    0x02EF: "V",
    0x02F3: "o",
    0x02FB: "[_",
    0x02FC: "_]",
    0x02FD: "_",
    0x02FE: "_",
    0x03F4: "TH",
    0x03F5: "e",
    0x03F6: "e",
    0x03F7: "Sh",
    0x03F8: "sh",
    0x03F9: "s",
    0x03FC: "r/",
    0x03FD: "S",
    0x03FE: "S.",
    0x03FF: "S.",
    0x06FF: "h",
    0x0AF1: "R",
    0x0AF9: "zh",
    0x13F5: "MV",
    0x13F8: "ye",
    0x13F9: "yi",
    0x13FA: "yo",
    0x13FB: "yu",
    0x13FC: "yv",
    0x13FD: "mv",
    0x1EFA: "LL",
    0x1EFB: "ll",
    0x1EFC: "V",
    0x1EFD: "v",
    0x1EFE: "Y",
    0x1EFF: "y",
    0x25F4: "O",
    0x25F5: "O",
    0x25F6: "O",
    0x25F7: "O",
    0x30FF: "koto",
    0x33FF: "gal",
    0xFDF0: "{Salla}",
    0xFDF1: "{Qala}",
    0xFDF2: "Allah",
    0xFDF3: "Akbar",
    0xFDF4: "Mohammed",
    0xFDF5: "SL`M",
    0xFDF6: "Rasul",
    0xFDF7: "{Alayhi}",
    0xFDF8: "{WaSallam}",
    0xFDF9: "{Salla}",
    0xFDFA: "{Salla Llahu Alayhi WaSallam}",
    0xFDFB: "{Jalla Jalalahu}",
    0xFDFC: "Rial ",
    0xFDFD: "{Bismillah Ar-Rahman Ar-Rahimi}",
}

# Ghost's transliteration leaves alone what looks like the start of a UTF-8 sequence, and line ends other than U+000A.
_LOOKS_LIKE_UTF8 = re.compile(r"[\xC0-\xDF](?=[\x80-\xBF])|[\xE0-\xEF](?=[\x80-\xBF]{2})|[\xF0-\xF7](?=[\x80-\xBF]{3})")
_NOT_ASCII = re.compile(r"[^\x00-\x7F]")


def slugify(text: str) -> str:
    """Return what `@tryghost/string` makes of `text`: not cut, not protected, possibly empty."""
    if not text.isascii():
        text = _transliterate(_INVISIBLE.sub("", text).replace("£", "-"))
    else:
        text = _INVISIBLE.sub("", text)
    text = _RESERVED.sub("-", text).replace("'", "").lower()
    text = re.sub(r"-+", "-", text)
    return text.removesuffix("-").removeprefix("-").strip()


def post_slug(text: str, protected: Iterable[str] = ()) -> Slug:
    """Return the slug that Ghost gives a post or page made from `text`, before it looks for duplicates.

    `protected` adds the last path segment of a site that lives in a subdirectory.
    """
    slug = text
    # The second pass settles the odd habit described above, the third proves it.
    for _ in range(3):
        settled = _finish(slugify(slug), "post", PROTECTED.union(protected))
        if settled == slug:
            break
        slug = settled
    return Slug(slug)


def tag_slug(name: str, protected: Iterable[str] = ()) -> Slug:
    """Return the slug that Ghost gives a tag called `name`: `#internal` becomes `hash-internal`."""
    cut = slugify(name)[:SLUG_LIMIT]
    if name.startswith("#"):
        cut = "hash-" + cut
    return Slug(_finish(cut, "tag", _TAG_PROTECTED.union(protected)))


def tag_slugs(names: Iterable[str], known: Mapping[str, Slug]) -> tuple[Slug, ...]:
    """Return the slugs of the tags called so, each once, in order; of one that is not `known`, what Ghost will make."""
    return tuple(dict.fromkeys(known.get(name) or tag_slug(name) for name in names))


def _finish(slug: str, noun: str, protected: frozenset[str]) -> str:
    slug = slug[:SLUG_LIMIT] if noun == "post" else slug
    if slug in protected:
        slug = f"{slug}-{noun}"
    return slug or noun


def _transliterate(text: str) -> str:
    kept = {found.start() for found in _LOOKS_LIKE_UTF8.finditer(text)}
    if not kept:
        return _NOT_ASCII.sub(_ascii, text)
    return "".join(char if index in kept or char.isascii() else _ascii_of(char) for index, char in enumerate(text))


def _ascii(found: re.Match[str]) -> str:
    return _ascii_of(found[0])


def _ascii_of(char: str) -> str:
    code = ord(char)
    if code > 0xFFFF or code >> 8 in _ABSENT_PAGES:
        return ""
    different = _DIFFERENT.get(code)
    if different is not None:
        return different
    from text_unidecode import unidecode  # noqa: PLC0415 - its table is large, and most slugs are made of ASCII

    return str(unidecode(char))
