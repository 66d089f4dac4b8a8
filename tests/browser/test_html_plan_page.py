"""The page of a plan in a real browser: usable by keyboard, readable on a phone, accessible, silent on the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from describe import plan_samples as samples
from playwright.sync_api import Browser, Page, expect

from ghostsync.cli.html_plan import plan_to_html

pytestmark = pytest.mark.browser

SCRIPT = "<script>document.title = 'taken'</script>"
ATTACK = f"{SCRIPT}<img src=x onerror=\"document.title = 'taken'\"> ![p](https://spy.example/p.png)"
# The same in every frame that content can open: an HTML card, a container, a callout.
ATTACKS = (
    f"{ATTACK}\n\n```ghost:html\nhtml: |\n  {SCRIPT}\nsrc: https://spy.example/q.png\n```\n\n"
    f"::: {ATTACK}\n{ATTACK}\n:::\n\n> [!NOTE]\n> {ATTACK}\n\n[run](javascript:document.title='taken')\n"
)


@pytest.fixture(params=["desktop light", "desktop dark", "phone light"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page of a plan with one of everything, and what it asked the network for in `page.asked`."""
    device, _, scheme = request.param.partition(" ")
    width, height = (1280, 900) if device == "desktop" else (390, 844)
    path = tmp_path / "plan.html"
    shown = samples.full_plan()
    nasty = samples.create(title=ATTACK, text=ATTACKS, path="posts/nasty.md")
    path.write_text(
        plan_to_html(
            samples.plan(*shown.changes, nasty, conflicts=shown.conflicts, notes=shown.notes, problems=shown.problems)
        ),
        "utf-8",
    )
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    opened = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    opened.on("request", lambda each: asked.append(each.url))
    opened.on("console", lambda each: faults.append(each.text))
    opened.on("pageerror", lambda each: faults.append(str(each)))
    opened.goto(path.as_uri())
    yield opened
    assert [each for each in asked if not each.startswith("data:")] == [path.as_uri()]
    assert faults == []
    assert opened.title().startswith("Plan: push to https://example.com/")
    context.close()


def test_axe_finds_nothing(page: Page) -> None:
    """No rule of axe-core is broken, with every detail open."""
    page.click("#open-all")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations.map((each) => [each.impact, each.id]))")
    assert found == []


@pytest.mark.parametrize("documents", [0, 30], ids=["nothing to do", "thirty posts"])
def test_large_and_empty_plans_are_as_usable(browser: Browser, tmp_path: Path, documents: int) -> None:
    """On a phone at night, folded as the page opens and unfolded: axe finds nothing, and nothing is too wide."""
    posts = [samples.create(path=f"posts/{n}.md", title=f"Post {n}", text=samples.AFTER) for n in range(documents)]
    path = tmp_path / "plan.html"
    path.write_text(plan_to_html(samples.plan(*posts)), "utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    opened = context.new_page()
    opened.goto(path.as_uri())
    assert opened.locator("article").count() == documents
    assert opened.locator("details[open]").count() == 0
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    opened.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = opened.evaluate("axe.run().then((result) => result.violations.map((each) => [each.impact, each.id]))")
    assert found == []
    context.close()


def test_no_script_but_ours_runs_even_inside_the_page(browser: Browser, tmp_path: Path) -> None:
    """The second fence: were markup of an author ever to get through, the page's policy would still stop it."""
    path = tmp_path / "plan.html"
    honest = plan_to_html(samples.full_plan())
    path.write_text(
        honest.replace("</main>", f"{SCRIPT}<img src=x onerror=\"document.title='taken'\"></main>"), "utf-8"
    )
    context = browser.new_context()
    opened = context.new_page()
    refused: list[str] = []
    opened.on("console", lambda each: refused.append(each.text))
    opened.goto(path.as_uri())
    expect(opened.locator("#filter-told")).to_have_text(re.compile("shown"))
    assert opened.title().startswith("Plan: push to")
    assert sum("Content Security Policy" in each for each in refused) >= 2
    context.close()


def test_axe_would_find_something(page: Page) -> None:
    """Control: a picture without words and grey on grey are seen."""
    bad = '<img src="data:,"><p style="color:#777;background:#888">hardly readable</p>'
    page.evaluate("(bad) => { document.querySelector('main').innerHTML = bad }", bad)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations.map((each) => each.id))")
    assert {"image-alt", "color-contrast"} <= set(found)


def test_nothing_is_wider_than_the_screen(page: Page) -> None:
    """A phone scrolls in one direction only."""
    page.click("#open-all")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_filter_narrows_by_words_and_kind(page: Page) -> None:
    """Words are looked for in everything of an entry; sections without a hit go away."""
    total = page.locator("article:visible").count()
    page.fill("#filter-text", "harbour weekly")
    expect(page.locator("#filter-told")).to_have_text(re.compile("^0 of"))
    page.fill("#filter-text", "newsletter launch.md")
    expect(page.locator("#filter-told")).to_have_text(re.compile("^1 of"))
    assert page.locator("article:visible h3").inner_text().startswith("posts/launch.md")
    assert page.locator("main > section:visible").count() == 1
    page.press("#filter-text", "Escape")
    page.select_option("#filter-kind", "conflict")
    assert page.locator("article:visible h3").all_inner_texts() == ["posts/both.md “Both of us were here”"]
    page.select_option("#filter-kind", "")
    assert page.locator("article:visible").count() == total


def test_the_keyboard_is_enough(page: Page) -> None:
    """`/` filters, `j` and `k` walk through the entries, details open with Enter."""
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.querySelector('.path').textContent") == "posts/broken.md:3"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.querySelector('.path').textContent") == "posts/both.md"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    was_open = page.evaluate("document.activeElement.parentElement.open")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open") is not was_open
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "filter-text"
