"""The pictures in docs/reference/cards.md: each card's own example, as a real Ghost shows it to a reader.

`GHOSTSYNC_REWRITE=1 pytest -n0 tests/browser/test_card_pictures.py` takes them anew. Without it the pictures are only
looked after: one for every card that a page shows, small enough to keep in the repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from ghostsync import Ghost
from ghostsync.lexical import compile_markdown, find_references
from ghostsync.lexical.cards import CARDS
from ghostsync.sandbox import Instance

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "reference" / "cards"
EXAMPLE = ROOT / "example-site"
SHOWN = [card for card in CARDS.values() if card.is_shown]
LARGEST = 30_000
WIDTH, TALLEST = 760, 560
_LOAD_ALL = """() => Promise.all([...document.querySelectorAll('.gh-content img')].map(it => {
    it.loading = 'eager';
    return it.decode().catch(() => {});  // a bookmark's icon is elsewhere
}))"""
_EXTENT = """() => {
    const boxes = [...document.querySelector('.gh-content').children].map(it => it.getBoundingClientRect());
    return [Math.min(...boxes.map(b => b.top)) + scrollY, Math.max(...boxes.map(b => b.bottom)) + scrollY];
}"""

#: What stands for the files that the examples name.
STAND_INS = {
    ".jpg": ("images/the-light.jpg", "images/star-trails.jpg", "images/geminids.jpg"),
    ".mp3": ("media/fog-horn.mp3",),
    ".mp4": ("media/six-hours.mp4",),
    ".pdf": ("files/log-sheet.pdf",),
}


def write_site(content: Path) -> None:
    """One page for each card with its example, and a file for each that the examples name."""
    (content / "pages").mkdir(parents=True)
    for card in SHOWN:
        text = f"---\ntitle: {card.title}\nslug: card-{card.type}\nstatus: published\n---\n\n{card.example}"
        (content / "pages" / f"card-{card.type}.md").write_text(text, encoding="utf-8")
        for number, reference in enumerate(find_references(compile_markdown(card.example))):
            if "://" not in reference.value:
                choice = STAND_INS[Path(reference.value).suffix]
                shutil.copy(EXAMPLE / choice[number % len(choice)], content / "pages" / reference.value)


@pytest.mark.browser
@pytest.mark.skipif(not os.environ.get("GHOSTSYNC_REWRITE"), reason="takes the pictures anew: GHOSTSYNC_REWRITE=1")
def test_take_the_pictures(browser: Browser, empty_ghost6: Instance, tmp_path: Path) -> None:
    """Every card's page is published, opened, and its content photographed."""
    write_site(tmp_path / "content")
    environ = {**os.environ, "GHOST_ADMIN_API_URL": empty_ghost6.url, "GHOST_ADMIN_API_KEY": empty_ghost6.admin_key}
    command = [sys.executable, "-m", "ghostsync", "push", str(tmp_path / "content"), "--yes"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr

    ghost = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})

    def only_here(route: Route) -> None:
        if route.request.url.startswith((empty_ghost6.url, "data:")):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", only_here)
    PICTURES.mkdir(exist_ok=True)
    for card in SHOWN:
        url = ghost.pages.get(f"card-{card.type}").url
        page.goto(url, wait_until="load")
        if card.type == "toggle":
            page.click(".kg-toggle-heading")
            page.wait_for_selector('.kg-toggle-card[data-kg-toggle-state="open"]')
        page.evaluate(_LOAD_ALL)
        # Ghost hides the form until its members script, which comes from elsewhere, has prepared it.
        page.evaluate(
            "document.querySelectorAll('[data-lexical-signup-form]').forEach(it => { it.style.display = '' })"
        )
        top, bottom = page.evaluate(_EXTENT)
        assert bottom - top >= 1, f"{card.title}: nothing is shown"
        clip = {"x": 0, "y": max(0, top - 12), "width": WIDTH, "height": min(bottom - top + 24, TALLEST)}
        file = PICTURES / f"{card.type}.jpg"
        for quality in (80, 65, 50, 35, 25, 18):
            page.screenshot(path=file, clip=clip, full_page=True, type="jpeg", quality=quality)
            if file.stat().st_size <= LARGEST:
                break


@pytest.mark.parametrize("card", SHOWN, ids=lambda card: card.type)
def test_every_card_that_a_page_shows_has_its_picture(card: object) -> None:
    """The page refers to it, and it is a small JPEG."""
    name = f"{card.type}.jpg"  # type: ignore[attr-defined]
    data = (PICTURES / name).read_bytes()
    assert data[:3] == b"\xff\xd8\xff"
    assert len(data) <= LARGEST
    assert f"(cards/{name})" in (ROOT / "docs" / "reference" / "cards.md").read_text(encoding="utf-8")


def test_no_picture_is_left_over() -> None:
    """A card that went away takes its picture along."""
    assert {file.stem for file in PICTURES.iterdir()} == {card.type for card in SHOWN}
