"""The plan as a page: complete, self-contained, and deaf to what the content would like it to do."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from describe import plan_samples as samples

from ghostsync.cli.html_plan import plan_to_html
from ghostsync.cli.render_markdown import Renderer
from ghostsync.core.plan import Plan

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.found.append((tag, dict(attrs)))


def nasty_plan() -> Plan:
    """Return a plan whose every text tries something."""
    attack = (
        "<script>alert(1)</script><img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](data:text/html,x) "
        '![p](https://spy.example/p.png) ![q](//spy.example/q.png) "><svg onload=alert(1)>'
        '\n\n```ghost:html"><script>alert(1)</script>\nhtml: "<script>alert(1)</script>"\nsrc: https://spy.example/r.png\n```'
        "\n\n::: <img src=x onerror=alert(1)>\n<script>alert(1)</script>\n:::\n\n"
        "> [!NOTE]\n> <script>alert(1)</script>\n"
    )
    return samples.plan(
        samples.update(
            title=attack, text_before=attack, text_after=attack + "\n\nmore", sends=samples.fields(excerpt=attack)
        ),
        samples.create(title=attack, text=attack),
    )


def test_the_page_holds_everything_of_the_plan() -> None:
    """Changes, conflicts, problems and notes are all there."""
    page = plan_to_html(samples.full_plan())
    for part in (
        "posts/hello.md",
        "posts/both.md",
        "posts/broken.md:3",
        "posts/orphan.md",
        "sends an email",
        "118 unchanged",
    ):
        assert part in page
    assert "<del>tpyos</del><ins>typos</ins>" in page


@pytest.mark.parametrize("make", [samples.full_plan, nasty_plan])
def test_the_page_fetches_nothing(make: object) -> None:
    """No element of the page names an address that a browser would ask."""
    page = plan_to_html(make())  # type: ignore[operator]
    for tag, attributes in Elements(page).found:
        for name in ("src", "srcset", "data", "poster", "background", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith("data:image/"), (tag, name, value)
        assert tag not in {"iframe", "object", "embed", "link", "base", "form-action", "video", "audio", "svg"}
    assert "default-src &#x27;none&#x27;" in page
    assert "url(" not in page


def test_content_becomes_no_markup_of_its_own() -> None:
    """One script, ours; no event attributes; no link that runs something."""
    elements = Elements(plan_to_html(nasty_plan())).found
    assert [tag for tag, _ in elements].count("script") == 1
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]
    targets = [attributes["href"] for tag, attributes in elements if tag == "a" and attributes.get("href")]
    assert all(re.match(r"https?:|mailto:|#", target or "") for target in targets), targets


def test_pictures_of_the_content_folder_are_embedded(tmp_path: Path) -> None:
    """The new picture is seen before it is uploaded; without the folder it is named."""
    picture = tmp_path / "posts" / "img" / "harbour.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(PIXEL)
    plan = samples.full_plan()
    embedded = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
    assert plan_to_html(plan, root=tmp_path).count(embedded) >= 2
    assert embedded not in plan_to_html(plan)
    assert "picture A harbour at dusk: img/harbour.png" in plan_to_html(plan)


def test_nothing_outside_the_content_folder_is_embedded(tmp_path: Path) -> None:
    """Neither `..` nor a link takes a file of the machine into a page that is passed around."""
    root = tmp_path / "content"
    root.mkdir()
    (tmp_path / "secret.png").write_bytes(PIXEL)
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "own.png").write_bytes(PIXEL)
    for name, is_shown in (
        ("../secret.png", False),
        ("link.png", False),
        (f"{tmp_path}/secret.png", False),
        ("own.png", True),
    ):
        change = samples.create(path="hello.md", text=f"![x]({name})")
        assert ("data:image/png" in plan_to_html(samples.plan(change), root=root)) is is_shown, name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "> [!TIP]\n> Some *words*.\n",
            '<div class="card"><p class="label">callout: tip</p><p>Some <em>words</em>.</p>',
        ),
        ("> Only a quote [!TIP]\n", "<blockquote><p>Only a quote [!TIP]</p>"),
        ("::: gallery\n![a](a.png)\n:::\n", '<p class="label">gallery</p><p><img src="data:,a.png" alt="a"></p></div>'),
        (
            "```ghost:product\nimage: b.png\ntitle: A <b>lamp</b>\n```\n",
            '<img src="data:,b.png" alt="b.png"><pre>image: b.png\ntitle: A &lt;b&gt;lamp&lt;/b&gt;\n</pre></div>',
        ),
        ("```python\nsrc: a.png\n```\n", "<pre>src: a.png\n</pre>"),
        ("![site](/a.png)\n", '<span class="picture">picture site: /a.png</span>'),
    ],
)
def test_cards_are_frames_with_their_name(text: str, shown: str) -> None:
    """Callouts and containers show what they hold, fences their YAML and the pictures in it; code stays code."""
    html = Renderer(lambda path: f"data:,{path}").render(text, path="hello.md")
    assert shown in html.replace("</p>\n", "</p>").replace("<blockquote>\n", "<blockquote>").replace(
        "</p>\n<p>", "</p><p>"
    )


def test_a_plan_of_many_documents_is_folded(tmp_path: Path) -> None:
    """Eight texts are open at once, thirty are not; and nothing to do is said in one sentence, without a filter."""
    few = [samples.create(path=f"posts/{n}.md", text="Text.") for n in range(8)]
    many = [samples.create(path=f"posts/{n}.md", text="Text.") for n in range(9)]
    assert plan_to_html(samples.plan(*few)).count("<details open>") == 8
    assert plan_to_html(samples.plan(*many)).count("<details open>") == 0
    empty = plan_to_html(samples.plan())
    assert "nothing to do" in empty
    assert 'type="search"' not in empty


def test_headings_of_a_document_fit_under_those_of_the_page() -> None:
    """The outline has no gap, whatever levels the author chose."""
    html = Renderer(lambda _: None).render("# one\n\n###### six\n\n## two\n", path="a.md")
    assert re.findall(r"<(h\d)>", html) == ["h4", "h5", "h5"]


def test_front_matter_is_not_rendered() -> None:
    """A pulled file shows its text, not its keys."""
    assert Renderer(lambda _: None).render("---\ntitle: x\n---\n\nText.\n", path="a.md") == "<p>Text.</p>\n"
