"""Which site generator's folder this is, by the files that generator is configured with, and where its documents lie.

Front matter alone does not tell: a `description` belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_CONFIGURED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hugo": ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default"),
        "jekyll": ("_config.yml", "_config.yaml"),
        "astro": ("astro.config.mjs", "astro.config.js", "astro.config.ts", "astro.config.mts"),
        "eleventy": (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs"),
        "obsidian": (".obsidian",),
    }
)
# Hugo (until 0.110) and Zola have both used these names; each must say what its address is, in its own spelling.
_SHARED = ("config.toml", "config.yaml", "config.yml")
_ADDRESS = MappingProxyType({"baseurl": "hugo", "base_url": "zola"})


_OF_THE_REPOSITORY = (
    "/AGENTS.md",
    "/CHANGELOG.md",
    "/CLAUDE.md",
    "/CODE_OF_CONDUCT.md",
    "/CONTRIBUTING.md",
    "/LICENSE.md",
)
"""Documents about the repository, as most of them have some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a generator's folder has what. Its root is the content directory: pictures lie beside the documents."""

    ignored: tuple[str, ...]
    """What is no content, as lines of `.ghostsyncignore`."""
    posts: str | None = None
    """Where pull puts new posts; None where that differs from site to site."""
    pages: str | None = None
    media: str | None = None


_OF_CONTENT = Places(
    ignored=("/*", "!/content/", "!/static/", "!/tags.yaml"),
    posts="content/posts/{slug}.md",
    pages="content/pages/{slug}.md",
    media="static/media",
)
PLACES: Mapping[str, Places] = MappingProxyType(
    {
        "hugo": _OF_CONTENT,
        "zola": _OF_CONTENT,
        "jekyll": Places(
            ignored=(
                *("/_site/", "/_layouts/", "/_includes/", "/_data/", "/_sass/", "/_plugins/", "/vendor/"),
                *_OF_THE_REPOSITORY,
            ),
            posts="_posts/{year}-{month}-{day}-{slug}.md",
        ),
        "astro": Places(ignored=("/dist/", *_OF_THE_REPOSITORY)),
        "eleventy": Places(ignored=("/_site/", "/dist/", "_includes/", "_data/", *_OF_THE_REPOSITORY)),
    }
)
"""Generators whose folder holds more than documents."""


def generator_of(folder: Path) -> str | None:
    """Return the preset for a folder that a site generator is used in; None where that is not clear."""
    found = {name for name, files in _CONFIGURED_BY.items() if any((folder / file).exists() for file in files)}
    for file in _SHARED:
        try:
            text = (folder / file).read_text(encoding="utf-8", errors="replace").lower()
        except OSError:
            continue
        found |= {name for key, name in _ADDRESS.items() if key in text}
    return found.pop() if len(found) == 1 else None
