"""Front matter of other tools, read as it is.

A preset says what the keys of Hugo, Zola, Jekyll, Astro, Eleventy or Obsidian mean here, and which to pass over; a
configuration may add to it or override it. Where several keys mean one field, ghostsync's own spelling wins, then the
preset's order: Hugo's `summary` before its `description`. Lists (Jekyll's `tags` and `categories`) are joined.

What presets do not do: guess authors from display names (Ghost would silently credit the site's owner instead) and turn
addresses (`permalink`, `url`, `aliases`) into slugs or redirects, which only people can decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from types import MappingProxyType

from ghostsync.core.fields import FIELDS
from ghostsync.model import FieldName

KeyPath = tuple[str, ...]
"""A key, or a key under a key: `("og", "title")`."""


class Special(StrEnum):
    """Keys that mean something without being a field."""

    DRAFT = "draft"
    """`true` is the status draft, `false` the status published."""
    NOT_DRAFT = "!draft"
    """The other way round: Jekyll's `published`, Obsidian's `publish`."""
    TYPE = "type"
    """`post` or `page`."""
    IGNORED = "-"
    """Known and passed over."""


class Reading(Enum):
    """How the text of an alias is read."""

    AS_IS = auto()
    WORDS = auto()
    """A text is a list of words: Jekyll's `tags: one two`."""
    FIRST = auto()
    """Of a list, the first: Hugo's `images`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a key means."""

    means: FieldName | Special
    reading: Reading = Reading.AS_IS
    rank: int = 0
    """Among keys that mean one field the lowest rank counts; ghostsync's own spellings have 0."""


_WITHOUT_CAPITALS = frozenset({"hugo"})
"""Presets of tools to which `Title` is `title`."""

_IGNORED = Target(Special.IGNORED)


class UnknownPreset(ValueError):
    """No preset of this name."""


@dataclass(frozen=True, slots=True)
class AliasTable:
    """Every key path that is known, and what it means."""

    targets: Mapping[KeyPath, Target]
    preset: str | None = None
    prefixes: frozenset[KeyPath] = field(default=frozenset())
    """Paths under which something is known: a mapping there is read key by key."""
    folded: Mapping[KeyPath, KeyPath] = field(default_factory=dict)
    """Where capitals do not count, as in Hugo: path in small letters → path as it is known."""

    def known(self, path: KeyPath) -> KeyPath:
        """Return how a key that an author wrote is known; itself where it is not."""
        if not self.folded or path in self.targets or path in self.prefixes:
            return path
        return self.folded.get(_folded(path), path)

    @classmethod
    def build(
        cls, preset: str | None = None, aliases: Mapping[str, str] | None = None, ignore: Iterable[str] = ()
    ) -> AliasTable:
        """Return the table for a preset, with configured aliases (key → field) and ignored keys on top.

        Raises UnknownPreset. Targets in `aliases` are field names, `draft`, `!draft` or `type`.
        """
        targets = dict(_BUILT_IN)
        if preset is not None:
            if preset not in PRESETS:
                raise UnknownPreset(preset)
            for rank, (key, target) in enumerate(PRESETS[preset], 1):
                targets[_path(key)] = Target(target.means, target.reading, rank)
        for rank, (key, means) in enumerate((aliases or {}).items(), 1):
            # Configured aliases rank before the preset's.
            targets[_path(key)] = Target(parse_target(means), rank=rank - 1000)
        for key in ignore:
            targets[_path(key)] = _IGNORED
        prefixes = frozenset(path[:depth] for path in targets for depth in range(1, len(path)))
        every = {_folded(path): path for path in sorted((*prefixes, *targets), key=targets.__contains__)}
        return cls(
            targets=MappingProxyType(targets),
            preset=preset,
            prefixes=prefixes,
            folded=MappingProxyType(every if preset in _WITHOUT_CAPITALS else {}),
        )


def presets_that_know(path: KeyPath) -> list[str]:
    """Return the presets under which a key, or what stands under it, means something or is passed over."""
    return [name for name, keys in PRESETS.items() if any(_path(key)[: len(path)] == path for key, _ in keys)]


def parse_target(means: str) -> FieldName | Special:
    """Return what a configured alias names; raises ValueError for anything unknown."""
    if means in FIELDS:
        return FieldName(means)
    return Special(means)


def _folded(path: KeyPath) -> KeyPath:
    return tuple(key.casefold() for key in path)


def _path(key: str) -> KeyPath:
    return tuple(key.split("."))


def _built_in() -> dict[KeyPath, Target]:
    targets: dict[KeyPath, Target] = {}
    for spec in FIELDS.values():
        for path in spec.paths:
            targets[path] = Target(spec.name)
    targets[("draft",)] = Target(Special.DRAFT)
    targets[("type",)] = Target(Special.TYPE)
    return targets


_BUILT_IN = _built_in()


def _preset(means: Mapping[str, str], ignored: str) -> tuple[tuple[str, Target], ...]:
    pairs: list[tuple[str, Target]] = []
    for key, target in means.items():
        name, _, reading = target.partition("/")
        how = Reading[reading.upper()] if reading else Reading.AS_IS
        pairs.append((key, Target(parse_target(name), how)))
    pairs.extend((key, _IGNORED) for key in ignored.split())
    return tuple(pairs)


PRESETS: Mapping[str, tuple[tuple[str, Target], ...]] = MappingProxyType(
    {
        "hugo": _preset(
            {
                "publishDate": "published_at",
                "publishdate": "published_at",
                "pubdate": "published_at",
                "summary": "excerpt",
                "description": "excerpt",
                "featured_image": "feature_image",
                "featureImage": "feature_image",
                "featuredImage": "feature_image",
                "image": "feature_image",
                "image.src": "feature_image",
                "image.alt": "feature_image_alt",
                "image.caption": "feature_image_caption",
                "cover": "feature_image",
                "cover.image": "feature_image",
                "cover.alt": "feature_image_alt",
                "cover.caption": "feature_image_caption",
                "thumbnail": "feature_image",
                "images": "feature_image/first",
                "canonicalURL": "canonical_url",
                "canonicalUrl": "canonical_url",
                "categories": "tags",
            },
            "aliases audio author authors build _build cascade comments disableComments disableShare disableToC "
            "expiryDate expirydate headless hidemeta hideMeta isCJKLanguage keywords kind lastmod lastMod layout "
            "linkTitle linktitle markup math menu menus outputs params resources searchHidden series showToc ShowToc "
            "TocOpen toc sitemap slides subtitle tocopen translationKey unlisted url videos weight template "
            "cover.relative cover.hidden cover.hiddenInSingle cover.hiddenInList",
        ),
        "zola": _preset(
            {
                "description": "excerpt",
                "taxonomies.tags": "tags",
                "taxonomies.categories": "tags",
                "extra.image": "feature_image",
                "extra.cover_image": "feature_image",
                "extra.feature_image": "feature_image",
            },
            "updated weight authors author aliases path in_search_index insert_anchor_links render template "
            "page_template sort_by paginate_by paginate_path redirect_to transparent generate_feeds generate_feed "
            "extra taxonomies taxonomies.authors taxonomies.series",
        ),
        "jekyll": _preset(
            {
                "published": "!draft",
                "tags": "tags/words",
                "tag": "tags",
                "categories": "tags/words",
                "category": "tags",
                "excerpt": "excerpt",
                "description": "excerpt",
                "image": "feature_image",
                "image.path": "feature_image",
                "image.src": "feature_image",
                "image.alt": "feature_image_alt",
                "header.image": "feature_image",
                "header.overlay_image": "feature_image",
                "header.teaser": "feature_image",
                "header.caption": "feature_image_caption",
                "canonical_url": "canonical_url",
                "subtitle": "excerpt",
            },
            "layout permalink redirect_from redirect_to author authors comments toc math mathjax last_modified_at "
            "modified_date updated lang locale sitemap excerpt_separator nav_order parent has_children pin header "
            "sidebar classes mermaid render_with_liquid image.lqip image.width image.height",
        ),
        "astro": _preset(
            {
                "pubDate": "published_at",
                "pubDatetime": "published_at",
                "publishDate": "published_at",
                "description": "excerpt",
                "summary": "excerpt",
                "heroImage": "feature_image",
                "heroImageAlt": "feature_image_alt",
                "coverImage": "feature_image",
                "cover": "feature_image",
                "cover.src": "feature_image",
                "cover.alt": "feature_image_alt",
                "image": "feature_image",
                "image.src": "feature_image",
                "image.url": "feature_image",
                "image.alt": "feature_image_alt",
                "ogImage": "og_image",
                "canonicalURL": "canonical_url",
                "category": "tags",
                "categories": "tags",
            },
            "author authors layout updatedDate modDatetime lastModified setup postSlug lang timezone hideEditPost "
            "minutesRead",
        ),
        "eleventy": _preset(
            {
                "description": "excerpt",
                "summary": "excerpt",
                "image": "feature_image",
                "image.src": "feature_image",
                "image.alt": "feature_image_alt",
                "hero": "feature_image",
            },
            "author authors layout permalink pagination eleventyNavigation eleventyComputed "
            "eleventyExcludeFromCollections templateEngineOverride updated modified override eleventyImport",
        ),
        "obsidian": _preset(
            {
                "publish": "!draft",
                "created": "published_at",
                "date created": "published_at",
                "tag": "tags",
                "description": "excerpt",
                "summary": "excerpt",
                "cover": "feature_image",
                "image": "feature_image",
                "banner": "feature_image",
            },
            "aliases alias cssclass cssclasses permalink id up down related updated modified author rating "
            "kanban-plugin banner_x banner_y",
        ),
    }
)
"""Preset → its keys in order of precedence, and what they mean."""
