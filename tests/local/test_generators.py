"""The folder of a site generator is known by the generator's own configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghostsync.core.configuration import PRESET_NAMES
from ghostsync.local.generators import generator_of


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"hugo.toml": ""}, "hugo"),
        ({"config.toml": "baseURL = 'https://example.com'\n"}, "hugo"),
        ({"config.yaml": "baseURL: https://example.com\n"}, "hugo"),
        ({"config.toml": 'base_url = "https://example.com"\n'}, "zola"),
        ({"_config.yml": "title: x\n"}, "jekyll"),
        ({"astro.config.mjs": ""}, "astro"),
        ({".eleventy.js": ""}, "eleventy"),
        ({".obsidian/app.json": "{}"}, "obsidian"),
        ({"config.toml": "[server]\nport = 1\n"}, None),
        ({"hugo.toml": "", "_config.yml": ""}, None),
        ({"posts/a.md": "# A\n"}, None),
    ],
)
def test_the_generator_of_a_folder(files: dict[str, str], name: str | None, tmp_path: Path) -> None:
    """One clear sign; two that contradict each other are none."""
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert generator_of(tmp_path) == name
    assert name is None or name in PRESET_NAMES
