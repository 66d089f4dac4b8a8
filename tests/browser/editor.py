"""Ghost's own editor in a browser, worked by a person.

Everything here happens on the screen: clicks and keys, and what Ghost's own code then sends. Whether it has been saved
is asked of the server (with the person's session), since what the screen says changes with every version.

`Desk` is a whole place to work at: a Ghost, a person in its admin screen, and clones that push to it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from contract.backends import RealSite
from engine.ghosts import RealOne
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from world import Clone

from ghostsync.sandbox import Instance, log_in_owner

Row = dict[str, Any]

# Ghost saves three seconds after the last key; the rest is for a busy machine.
_SAVED_WITHIN: Final = 25.0
_STEP_MS: Final = 100
_HEARD_WITHIN_MS: Final = 5000
_CLICKS: Final = 4
_TEXT: Final = "[data-lexical-editor] > p"

_CARET_TO_THE_END: Final = """paragraph => {
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    range.collapse(false);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
}"""

_SELECT_TEXT: Final = """text => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(text);
        if (at >= 0 && node.parentElement.closest('[data-lexical-editor]')) {
            node.parentElement.closest('[contenteditable=true]').focus();
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + text.length);
            const selection = window.getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
            return true;
        }
    }
    return false;
}"""


class Editor:
    """A person who is logged in to Ghost's admin screen. Close it at the end."""

    def __init__(self, browser: Browser, instance: Instance) -> None:
        self.url = instance.url.rstrip("/")
        self.context: BrowserContext = browser.new_context(viewport={"width": 1400, "height": 1000})
        # The admin screen asks the internet for news and fonts; nothing but this machine is let through.
        self.context.route("**/*", self._only_here)
        self.page: Page = self.context.new_page()
        self.page.goto(f"{self.url}/ghost/#/signin")
        self.page.fill("input[name=identification]", instance.owner_email)
        self.page.fill("input[name=password]", instance.owner_password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "signin" not in url)

    def close(self) -> None:
        """Leave."""
        self.context.close()

    # ------------------------------------------------------------------ what Ghost holds

    def read(self, id: str) -> Row:
        """Return a post as Ghost holds it."""
        return self._ask(f"posts/{id}/?formats=lexical,html&include=tags")["posts"][0]  # type: ignore[no-any-return]

    def posts(self) -> list[Row]:
        """Return all posts, oldest first."""
        return self._ask("posts/?limit=100&formats=lexical,html&include=tags&order=id%20asc")["posts"]  # type: ignore[no-any-return]

    def record(self, id: str) -> Row | None:
        """Return what ghostsync left in a post's body, if it is still there."""
        return json.loads(self.read(id)["lexical"])["root"].get("ghostsync")  # type: ignore[no-any-return]

    def wait_until(self, id: str, holds: Callable[[Row], object]) -> Row:
        """Return the post as soon as Ghost holds it so."""
        return self._wait(lambda: [row for row in [self.read(id)] if holds(row)])[0]

    def wait_for_posts(self, holds: Callable[[Row], object]) -> list[Row]:
        """Return the posts that are so, as soon as there are any."""
        return self._wait(lambda: [row for row in self.posts() if holds(row)])

    def _wait(self, found: Callable[[], list[Row]]) -> list[Row]:
        end = time.monotonic() + _SAVED_WITHIN
        while not (rows := found()):
            assert time.monotonic() < end, f"nothing of the kind was saved within {_SAVED_WITHIN:.0f} s"
            self.page.wait_for_timeout(_STEP_MS)
        return rows

    def _ask(self, path: str) -> Row:
        answer = self.context.request.get(f"{self.url}/ghost/api/admin/{path}", headers={"origin": self.url})
        assert answer.ok, f"{path}: {answer.status} {answer.text()[:300]}"
        return answer.json()  # type: ignore[no-any-return]

    def _only_here(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in {"data", "blob"} or self.url.endswith(parts.netloc):
            route.continue_()
        else:
            route.abort()

    # ------------------------------------------------------------------ the person's hands

    def open(self, id: str) -> None:
        """Open a post in the editor as Ghost holds it now, and wait for its text."""
        self.page.goto("about:blank")  # the same address again would not load anything
        self.page.goto(f"{self.url}/ghost/#/editor/post/{id}")
        self.page.wait_for_selector(_TEXT)

    def type_at_the_end_of_the_first_paragraph(self, text: str) -> None:
        """Click into the first paragraph, put the caret behind its last letter, and type."""
        paragraph = self.page.locator(_TEXT).first
        paragraph.click(position={"x": 5, "y": 5})
        paragraph.evaluate(_CARET_TO_THE_END)
        self.page.keyboard.type(text)

    def correct(self, old: str, new: str) -> None:
        """Select a piece of text in the body, and type another over it."""
        assert self.page.evaluate(_SELECT_TEXT, old), f"{old!r} is not on the screen"
        self.page.keyboard.type(new)

    def rename(self, title: str) -> None:
        """Type another title, and leave the field."""
        self.page.fill("[data-test-editor-title-input]", title)
        self.page.press("[data-test-editor-title-input]", "Tab")

    def swap_feature_image(self, file: Path) -> None:
        """Throw the feature image away, and upload another."""
        self.page.hover(".gh-editor-feature-image")
        self.page.click(".gh-editor-feature-image .image-delete, .gh-editor-feature-image button:last-of-type")
        with self.page.expect_file_chooser() as chooser:
            self.page.click(".gh-editor-feature-image-add-button")
        chooser.value.set_files(file)

    def publish(self) -> None:
        """Publish the open post, with Ghost's own choices."""
        self.page.click("[data-test-button=publish-flow]")
        self.page.click("[data-test-button=continue]")
        self._click_until_saved("confirm-publish")

    def _click_until_saved(self, button: str) -> None:
        """Click the last button of a dialogue, until Ghost has sent what it is for.

        It moves and never stands still, which a click would wait for; and it shows before it listens.
        """
        for _ in range(_CLICKS):
            try:
                with self.page.expect_response(_saves_a_post, timeout=_HEARD_WITHIN_MS):
                    self.page.locator(f"[data-test-button={button}]").dispatch_event("click")
            except PlaywrightTimeout:
                continue
            return
        raise AssertionError(f"Ghost's button {button} does nothing")

    def open_settings(self) -> None:
        """Open the settings of the open post."""
        self.page.click("[data-test-psm-trigger]")

    def write_excerpt(self, text: str) -> None:
        """Type an excerpt, and leave the field: that saves."""
        self.page.fill("[data-test-field=custom-excerpt]", text)
        self.page.press("[data-test-field=custom-excerpt]", "Tab")

    def add_tag(self, name: str) -> None:
        """Type a new tag and take it. On a published post that saves nothing yet."""
        self.page.locator("#tag-input input").first.press_sequentially(name)
        self.page.locator(".ember-power-select-option", has_text=name).first.click()

    def save(self) -> None:
        """Press Ctrl+S, which is Update on a published post."""
        self.page.keyboard.press("Control+s")

    def restore(self, index: int) -> None:
        """Post history → a version (0 is the newest) → Restore → yes."""
        self.page.click("[data-test-toggle=post-history]")
        self.page.locator("[data-test-button=preview-revision]").nth(index).click()
        self.page.click("[data-test-button=restore-revision]")
        # Not any button that says "Restore": the one beside the version says so, too, and is there first.
        self._click_until_saved("restore")

    def duplicate(self, title: str) -> None:
        """Right-click a post in the list → Duplicate."""
        self.page.goto(f"{self.url}/ghost/#/posts")
        self.page.locator(".gh-posts-list-item", has_text=title).first.click(button="right")
        self.page.click("[data-test-button=duplicate]")


def _saves_a_post(answer: Response) -> bool:
    """Whether Ghost has stored a post; it stores what its screens remember of their user with PUT, too."""
    parts = urlsplit(answer.url).path.split("/")
    return answer.request.method == "PUT" and bool({"posts", "pages"} & set(parts)) and answer.ok


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A Ghost, a person in its admin screen, and clones that push to it."""

    ghost: RealOne
    editor: Editor
    folder: Path

    def clone(self, name: str, *, of: Clone | None = None) -> Clone:
        """Return a clone without a cache, empty or with another one's files."""
        root = self.folder / name
        root.mkdir()
        (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
        made = Clone(root=root, api=self.ghost.api, sleep=self.ghost.sleep, name=name)
        for path in sorted(of.root.rglob("*")) if of is not None else ():
            if path.is_file() and path.name != "ghostsync.toml":
                made.write(path.relative_to(of.root).as_posix(), path.read_bytes())
        return made

    def id_of(self, slug: str) -> str:
        """Return the id of the post with this slug."""
        return str(self.ghost.find(slug)["id"])


@contextmanager
def desk(browser: Browser, instance: Instance, folder: Path) -> Iterator[Desk]:
    """Yield a desk at this Ghost; the person is logged in."""
    with requests.Session() as session:
        site = RealSite(
            name=instance.name,
            major=6,
            url=instance.url,
            key=instance.admin_key,
            cookie=log_in_owner(instance).cookie,
            session=session,
            database=instance.database_path,
        )
        ghost = RealOne(site)
        editor = Editor(browser, instance)
        try:
            yield Desk(ghost=ghost, editor=editor, folder=folder)
        finally:
            editor.close()
            ghost.api.transport.close()
