"""How addresses are meant in documents that were written for a site generator: see `answers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STATIC_FOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hugo": ("static", "content", "."),
        "zola": ("static", "content", "."),
        "jekyll": (".",),
        "astro": ("public", "."),
        "eleventy": (".", "src", "public"),
        "obsidian": (".",),
    }
)
"""Preset → the folders whose files it serves from the site's root, in the order in which they are looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """How addresses in the documents are meant."""

    static: tuple[str, ...] | None = None
    """Folders that are served from the site's root; None where `/…` means the Ghost site."""
    by_name: bool = False
    """Whether a relative path may leave out leading folders, as links in Obsidian do."""

    @classmethod
    def of(cls, preset: str | None, static: tuple[str, ...]) -> Addressing:
        """Return how a preset means addresses; `static` is what the configuration says itself."""
        return cls(static=static or STATIC_FOLDERS.get(preset or ""), by_name=preset == "obsidian")


PLAIN = Addressing()
"""Of documents that were written for no generator."""
