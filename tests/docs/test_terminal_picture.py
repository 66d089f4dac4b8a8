"""The README's picture of a terminal comes from a real run: a project, a real Ghost, a pseudo terminal.

`GHOSTSYNC_REWRITE=1 pytest -n0 tests/docs/test_terminal_picture.py` makes it anew, for light and for dark pages. The
test runs the same session and compares the words: what the picture shows is what the tool says today.
"""

from __future__ import annotations

import html
import os
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from shell import at_terminal, run

from ghostsync.sandbox import Instance

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/pictures"
COLUMNS = 84

LIGHT = TerminalTheme((255, 255, 255), (36, 41, 47), [(0, 0, 0)] * 8)
DARK = TerminalTheme((24, 24, 27), (228, 228, 231), [(255, 255, 255)] * 8)

# Rich's own template loads a font from the network; a picture in a README should not.
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"
role="img" aria-label="ghostsync push: a plan, read like a review, and what became of it">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

FIRST = {
    "ghostsync.toml": 'project = "slack-water"\n',
    "posts/two-tides-a-day.md": (
        "---\ntitle: Two tides a day\ntags: [Tides]\nstatus: published\n"
        "excerpt: High water moves on by fourty minutes each day.\n---\n\n"
        "The Moon passes overhead once in twenty-five hours.\n\n"
        "Between two high waters lie twelve hours and a quarter.\n"
    ),
}
THEN = {
    "posts/two-tides-a-day.md": (
        "---\ntitle: Two tides a day\ntags: [Tides, Moon]\nstatus: published\n"
        "excerpt: High water moves on by fifty minutes each day.\n---\n\n"
        "The Moon passes overhead once in not quite twenty-five hours.\n\n"
        "Between two high waters lie twelve hours and a quarter.\n"
    ),
    "posts/the-light-in-winter.md": (
        "---\ntitle: The light in winter\ntags: [Lights]\nstatus: published\n---\n\n"
        "![The light at dusk](the-light.jpg)\n\nIt is lit at four, and [the tide](two-tides-a-day.md) does not care.\n"
    ),
}


@pytest.fixture
def session(tmp_path: Path, empty_ghost6: Instance) -> list[str]:
    """What a terminal holds after the second push of a small project, line by line, with its colours."""
    for path, text in FIRST.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert run(empty_ghost6, "push", cwd=tmp_path).returncode == 0
    for path, text in THEN.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "example-site/images/the-light.jpg", tmp_path / "posts")
    seen = at_terminal(empty_ghost6, "push", cwd=tmp_path, columns=COLUMNS)
    assert seen.code == 0, seen.plain
    named = seen.text.replace(f"{empty_ghost6.url}/", "https://blog.example.com/")
    # Ghost files uploads under the month.
    return ["$ ghostsync push", *settled(re.sub(r"/images/\d{4}/\d\d/", "/images/2026/11/", named))]


def settled(written: str) -> list[str]:
    """Return the lines that remain of what was written: a bar that moved and went away is gone."""
    lines, row = [""], 0
    for part in re.split(r"(\r?\n|\r|\x1b\[\d*A|\x1b\[2K|\x1b\[\?25[lh]|\x1b\]8;[^\x1b]*\x1b\\)", written):
        if part.endswith("\n"):
            row += 1
            lines += [""] * (row == len(lines))
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1] or 1)
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not re.fullmatch(r"\r|\x1b\[\?25[lh]|\x1b\]8;.*", part, re.DOTALL):
            lines[row] += part
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def draw(lines: list[str], theme: TerminalTheme, name: str) -> str:
    """Return the picture."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        for line in lines:
            console.print(Text.from_ansi(line), no_wrap=True, crop=False, highlight=False)
        return console.export_svg(title="ghostsync push", theme=theme, code_format=FORMAT, unique_id=name)


def words_of(picture: str) -> list[str]:
    """Return what a picture says, word by word."""
    texts = re.findall(r"<text[^>]*>(.*?)</text>", picture, re.DOTALL)
    return html.unescape(" ".join(texts)).replace("\xa0", " ").split()


def test_the_picture_shows_what_the_tool_says(session: list[str]) -> None:
    """Words and order are those of a run of today, in both pictures."""
    for name, theme in (("terminal-light", LIGHT), ("terminal-dark", DARK)):
        file = PICTURES / f"{name}.svg"
        drawn = draw(session, theme, name)
        if os.environ.get("GHOSTSYNC_REWRITE"):
            file.write_text(drawn, encoding="utf-8")
        picture = file.read_text(encoding="utf-8")
        assert words_of(picture) == words_of(drawn)
        assert "http" not in re.sub(r"xmlns=\S+|https://blog\.example\.com", "", picture), "it loads nothing"
    said = " ".join(words_of(drawn))
    for part in ("Two tides a day", "https://blog.example.com/the-light-in-winter/", "1 post created"):
        assert part in said


def test_the_readme_shows_it() -> None:
    """Both pictures stand in the README, one for each kind of page."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/pictures/terminal-light.svg" in readme
    assert "docs/pictures/terminal-dark.svg" in readme
