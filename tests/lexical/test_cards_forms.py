"""Every card: its natural forms, its fence, its documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ghostsync.lexical import compile_markdown, decompile_node, normalise_lexical
from ghostsync.lexical.cards import CARDS, RICH_KINDS, Card, Kind, Property
from ghostsync.lexical.cards.build import card_node
from ghostsync.lexical.cards.describe import describe_cards

Node = dict[str, Any]
ROOT = Path(__file__).parents[2]


def only(text: str) -> Node:
    """The one node of a text, in full form."""
    (node,) = compile_markdown(text)["root"]["children"]
    return dict(node)


def normal(node: Node) -> Node:
    made: Node = normalise_lexical({"root": {"children": [node]}})["root"]["children"][0]
    return made


def test_our_cards_and_properties_are_those_of_ghost() -> None:
    """The list and the defaults were read from the running package (`kg-default-nodes`, Ghost 6.65)."""
    theirs = json.loads((ROOT / "tests/fixtures/ghost-nodes-6.65.0.json").read_text("utf-8"))
    assert {kind for kind, properties in theirs.items() if properties is not None} == CARDS.keys()
    for kind, properties in theirs.items():
        if properties is not None:
            mine = {each.name.partition(".")[0] for each in CARDS[kind].properties}
            nested = {each.name.rpartition(".")[2] for each in CARDS[kind].properties}
            assert properties.keys() - {"version", "metadata"} <= mine | nested, kind


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.type)
def test_the_example_of_a_card_is_its_canonical_spelling(card: Card) -> None:
    """What the documentation recommends is what pull writes, and it compiles to the card."""
    made = compile_markdown(card.example)["root"]["children"]
    assert {node["type"] for node in made} == {card.type}
    if card.type != "markdown":
        assert "\n\n".join(decompile_node(node) for node in made) + "\n" == card.example


def sample(prop: Property) -> Any:
    """A value that is not the default."""
    match prop.kind:
        case Kind.NUMBER:
            return 2 if prop.name == "version" else 7
        case Kind.BOOLEAN:
            return not prop.default
        case Kind.VISIBILITY:
            return {"web": {"nonMember": False, "memberSegment": ""}, "email": {"memberSegment": "status:free"}}
        case Kind.DATA if prop.items:
            return [{each.name: sample(each) for each in prop.items}]
        case Kind.DATA:
            return ["a: b", "no"] if prop.default == () else {"title": "yes", "n": [1.5, None, {"deep": ""}]}
        case Kind.INLINE:
            return "a <strong>b</strong> &amp; c"
        case Kind.BLOCKS:
            return '<p>a <em>b</em></p><ul><li>c</li></ul><p>d<br><a href="/e">e</a></p>'
        case _:
            return f'{prop.name}: "it\'s" # {{x}}\n  - é \\ 2026-01-01'


@pytest.mark.parametrize(
    ("card", "prop"),
    [pytest.param(card, each, id=f"{kind}.{each.name}") for kind, card in CARDS.items() for each in card.properties],
)
def test_every_property_survives_alone(card: Card, prop: Property) -> None:
    """A card with one unusual property is spelled and compiled back, and not as raw JSON."""
    node = card_node(card.type, **{prop.name: sample(prop)})
    text = decompile_node(node)
    assert normal(only(text)) == normal(node)
    assert "ghost:raw" not in text


@pytest.mark.parametrize(
    ("card", "prop"),
    [
        pytest.param(card, each, id=f"{kind}.{each.name}")
        for kind, card in CARDS.items()
        for each in card.properties
        if each.kind in RICH_KINDS
    ],
)
def test_rich_text_that_markdown_cannot_say_stays_html(card: Card, prop: Property) -> None:
    """A styled span in a caption is kept as it is."""
    html = '<span style="color: red" data-x>a</span> <p>b<br></p> c'
    node = card_node(card.type, **{prop.name: html})
    assert prop.read(normal(only(decompile_node(node)))) == html


@pytest.mark.parametrize(
    ("source", "kind", "values"),
    [
        ('![a](b.png "t"){.full caption="c *d*" width=3 height=4}', "image",
         {"src": "b.png", "alt": "a", "title": "t", "cardWidth": "full", "caption": "c <em>d</em>", "width": 3,
          "height": 4}),
        ("[![a](b.png)](/c)", "image", {"src": "b.png", "alt": "a", "href": "/c"}),
        ('```js {caption="a *b*"}\nc\n```', "codeblock", {"language": "js", "code": "c", "caption": "a <em>b</em>"}),
        ("> [!warning]\n> a\n>\n> *b*", "callout",
         {"calloutText": "<p>a<br><br><em>b</em></p>", "calloutEmoji": "⚠️", "backgroundColor": "yellow"}),
        ('::: callout {emoji="" color=grey}\na\n:::', "callout",
         {"calloutText": "<p>a</p>", "calloutEmoji": "", "backgroundColor": "grey"}),
        ("<details>\n<summary>A & <b>b</b></summary>\n\nc\n\n- d\n\n</details>", "toggle",
         {"heading": "A & <b>b</b>", "content": "<p>c</p><ul><li>d</li></ul>"}),
        ("<!--members-only-->", "paywall", {}),
        ("***", "horizontalrule", {}),
        ("```ghost:email\ntext: |\n  Hi {first_name}\n\n  <kbd>x</kbd>\n```", "email",
         {"html": "<p>Hi {first_name}</p>\n<p><kbd>x</kbd></p>"}),
        ("````ghost:html\nhtml: |-\n  <pre>\n\n  ```\n  </pre>\n````", "html", {"html": "<pre>\n\n```\n</pre>"}),
        ("```ghost:button\ntext: no\nurl: 2024-01-01\n```", "button", {"buttonText": "no", "buttonUrl": "2024-01-01"}),
    ],
)  # fmt: skip
def test_each_natural_form_makes_its_card(source: str, kind: str, values: Node) -> None:
    """With Ghost's defaults for everything that was not said."""
    assert only(source) == card_node(kind, **values)


def test_a_gallery_takes_pictures_in_rows_of_three() -> None:
    """Links around pictures and line ends between them are fine; Ghost needs a file name for each."""
    made = only(
        '::: gallery {caption="a *b*"}\n![1](x/1.png) [![2](2.png?v=3)](/l)\n\n![3](3.png)\n![4](4.png){width=5}\n:::'
    )
    shape = [(each["row"], each["fileName"], each["src"], each.get("href")) for each in made["images"]]
    assert shape == [
        (0, "1.png", "x/1.png", None),
        (0, "2.png", "2.png?v=3", "/l"),
        (0, "3.png", "3.png", None),
        (1, "4.png", "4.png", None),
    ]
    assert made["caption"] == "a <em>b</em>"
    assert only(decompile_node(made)) == made


def test_a_callout_with_a_list_shows_as_ghosts_own_markup() -> None:
    """Ghost's renderer would strip the list from its card."""
    made = only("> [!TIP]\n> - a")
    assert made["type"] == "html"
    assert '<div class="kg-callout-text"><ul>' in made["html"]


def test_visibility_in_an_old_spelling_is_the_same_setting() -> None:
    """Ghost migrates it when the card is opened; losing it would publish what members pay for."""
    old = {
        "type": "html",
        "html": "a",
        "visibility": {"showOnWeb": False, "showOnEmail": True, "segment": "status:paid"},
    }
    new = {"web": {"nonMember": False, "memberSegment": ""}, "email": {"memberSegment": "status:-free"}}
    assert normal(old) == normal({**old, "visibility": new})
    assert normal(old) != normal({"type": "html", "html": "a"})


def test_the_reference_page_is_up_to_date() -> None:
    """`docs/reference/cards.md` is written from the definitions."""
    page = (ROOT / "docs/reference/cards.md").read_text("utf-8")
    assert page == describe_cards(), "write docs/reference/cards.md again from describe_cards()"
