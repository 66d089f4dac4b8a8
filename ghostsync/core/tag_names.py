"""Which tag a name means, where Ghost's slugs cannot tell: `C`, `C++` and `C#` would all be `c`.

A document may call a tag by its name, in other letters (`open source`, `Open-Source`), or by its slug, which stays when
the tag is called otherwise. What only comes to the same slug is another tag, and must not be published as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from text_unidecode import unidecode

from ghostsync.core.slugs import tag_slug
from ghostsync.model import Slug

_BLANKS = re.compile(r"[\s_'’-]+")


def means(name: str, tag: str, slug: Slug) -> bool:
    """Whether `name` is a way to call the tag with this name and slug."""
    return _letters(name) in {_letters(slug), _letters(tag)}


def unclear_names(names: Iterable[str], known: Mapping[str, Slug]) -> dict[str, tuple[str, Slug]]:
    """Return the names that would get the slug of another tag, each with that tag's name and slug.

    `known`: name → slug of the tags that are there, or described.
    """
    owners = {slug: name for name, slug in known.items()}
    found: dict[str, tuple[str, Slug]] = {}
    # Whoever is called like a slug has it; of others, the first.
    for name in sorted(set(names) - known.keys(), key=lambda name: (name.casefold() != tag_slug(name), name)):
        slug = tag_slug(name)
        owner = owners.setdefault(slug, name)
        if not means(name, owner, slug):
            found[name] = (owner, slug)
    return found


def _letters(name: str) -> str:
    return _BLANKS.sub("", unidecode(name)).casefold()
