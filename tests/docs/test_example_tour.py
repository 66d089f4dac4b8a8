"""The tour through the example site leads to what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "example-site"
_ROW = re.compile(r"^\| ([^|]+?) \| (.+?) \|$", re.MULTILINE)
# Row → what must be found in the files that it names, taken together.
SHOWN = {
    "every card in its most explicit spelling": [r"```ghost:button", r"```ghost:email-cta", r"```ghost:header"],
    "what a document says about itself": [
        r"^featured:", r"^meta:", r"^og_title:", r"^template:", r"^email_subject:", r"^canonical_url:",
        r"^codeinjection_",
    ],
    "front matter in TOML, in JSON, not at all": [r"\A\+\+\+\n", r"\A\{", r"\A[^\-+{;]"],
    "a folder as a document, pictures beside the text": [r"!\[[^]]*\]\(governor\.jpg"],
    "pictures wide, full, captioned, linked; a gallery": [
        r"\{\.wide", r"\{\.full", r"caption=", r"\[!\[", r"::: gallery",
    ],
    "callouts, toggles, asides": [r"> \[!NOTE\]", r"<details>", r"::: aside"],
    "footnotes, tables, marks, subscripts": [r"\[\^", r"^\|", r"==\w", r"~\w+~"],
    "sound, video, a file to take home": [r"ghost:audio", r"ghost:video", r"ghost:file"],
    "a paywall, and posts for members, for paying members, for one tier": [
        r"<!--members-only-->", r"^visibility: members", r"^visibility: paid", r"^tiers:",
    ],
    "a draft, and a post scheduled for 2040": [r"^status: draft", r"^status: scheduled"],
    "a page that lives outside `pages/`": [r"^type: page"],
    "tags with descriptions, colours, pictures": [r"description:", r"accent_color:", r"feature_image:"],
    "defaults for a folder": [r'^\[defaults\."posts/log'],
}  # fmt: skip
ROWS = dict(_ROW.findall((SITE / "README.md").read_text(encoding="utf-8")))


def texts(cell: str) -> list[str]:
    """Return the texts of the files, and of the folders' files, that a cell names."""
    found = []
    for name in re.findall(r"`([^`]+\.\w+|[^`]+/)`", cell):
        place = SITE / name
        assert place.exists(), name
        files = [place] if place.is_file() else sorted(place.glob("*.md"))
        found += [file.read_text(encoding="utf-8") for file in files]
    return found


@pytest.mark.parametrize("row", SHOWN)
def test_the_tour_shows_what_it_says(row: str) -> None:
    """Each thing of a row is in one of its files."""
    found = texts(ROWS[row])
    assert [each for each in SHOWN[row] if not any(re.search(each, text, re.MULTILINE) for text in found)] == []


def test_every_row_leads_somewhere() -> None:
    """No row names a file that is not there."""
    assert len(ROWS) > len(SHOWN)
    for cell in ROWS.values():
        texts(cell)
