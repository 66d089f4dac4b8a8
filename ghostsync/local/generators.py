"""Which site generator's folder this is, by the files that generator is configured with.

Front matter alone does not tell: a `description` belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
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
