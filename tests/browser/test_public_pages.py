"""What readers see of the example site after a push."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ghostsync import Ghost
from ghostsync.sandbox import Instance

EXAMPLE = Path(__file__).parents[2] / "example-site"


@pytest.mark.browser
def test_every_public_page_of_the_example_site_shows(browser: Browser, empty_ghost6: Instance, tmp_path: Path) -> None:
    """Each published post and page opens under its address, with its title, its pictures, and no preview address."""
    content = tmp_path / "example-site"
    shutil.copytree(EXAMPLE, content)
    environ = {**os.environ, "GHOST_ADMIN_API_URL": empty_ghost6.url, "GHOST_ADMIN_API_KEY": empty_ghost6.admin_key}
    done = subprocess.run(
        [sys.executable, "-m", "ghostsync", "push", str(content), "--yes"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    ghost = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    public = [
        (post.title, post.url)
        for listing in (ghost.posts, ghost.pages)
        for post in listing.list(limit=100)
        if post.status == "published" and post.visibility == "public"
    ]
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    seen = 0
    for title, url in public:
        answer = page.goto(url, wait_until="load")
        assert answer is not None
        assert answer.status == 200, url
        assert title in page.inner_text("h1"), url
        broken = page.evaluate(
            """() => [...document.querySelectorAll('article img')]
                     .filter(i => i.complete && i.naturalWidth === 0 && i.getAttribute('src') && !i.src.startsWith('https://'))
                     .map(i => i.src)"""
        )
        assert broken == [], url
        assert "/p/" not in " ".join(
            page.evaluate("() => [...document.querySelectorAll('article a')].map(a => a.getAttribute('href') || '')")
        ), url
        seen += 1
    assert seen >= 20
