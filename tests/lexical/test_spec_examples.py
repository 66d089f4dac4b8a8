"""Law: rendered by Ghost's own renderer, a compiled text is the page that the specification shows.

For each of CommonMark's 652 examples (`dialect="commonmark"`) and each example of GFM's extensions the compiled
document is given to Ghost's renderer and its HTML compared, exactly, with what it must look like. The same table
shows the two other ways into Ghost, measured in the milder equivalence that forgives them empty links.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from ghost_renderer import GhostRenderer
from lexical_dom import Equivalence
from spec_examples import (
    Example,
    by_compiler,
    by_markdown_card,
    by_source_html,
    commonmark_examples,
    failing,
    gfm_examples,
)

from ghostsync.lexical import compile_markdown

SUITES: dict[str, tuple[Callable[[], tuple[Example, ...]], Callable[[str], dict]]] = {
    "CommonMark 0.31.2": (commonmark_examples, partial(compile_markdown, dialect="commonmark")),
    "GFM extensions": (gfm_examples, compile_markdown),
}


def show(wrong: list[tuple[Example, str]]) -> str:
    """Print failures so that each can be pasted into a test."""
    return "\n".join(
        f"example {example.number} ({example.section})\n  markdown {example.markdown!r}\n"
        f"  expected {example.html!r}\n  Ghost    {rendered!r}"
        for example, rendered in wrong
    )


@pytest.mark.parametrize("suite", SUITES)
def test_every_example_renders_as_the_specification_shows(suite: str, renderer: GhostRenderer) -> None:
    """All 652 CommonMark examples, and all of GFM's extensions, come out of Ghost as they must."""
    examples, compile_one = SUITES[suite][0](), SUITES[suite][1]
    wrong = failing(examples, by_compiler(examples, compile_one), renderer)
    assert not wrong, f"{len(wrong)} of {len(examples)}\n{show(wrong)}"


def test_table_of_the_three_ways_into_ghost(renderer: GhostRenderer, capsys: pytest.CaptureFixture[str]) -> None:
    """The compiler is better than `?source=html` and than one markdown card, by figures that do not drift."""
    rows = []
    for suite, (load, compile_one) in SUITES.items():
        examples = load()
        ways = (
            by_compiler(examples, compile_one),
            by_source_html(examples, renderer),
            by_markdown_card(examples),
        )
        right = [len(examples) - len(failing(examples, way, renderer, up_to=Equivalence.SEEN)) for way in ways]
        rows.append((suite, len(examples), *right))
    with capsys.disabled():
        print("\n\nexamples that Ghost shows as they must look")
        print(f"{'':20}{'all':>6}{'ghostsync':>11}{'?source=html':>14}{'markdown card':>15}")
        for suite, count, ours, source_html, markdown_card in rows:
            print(f"{suite:20}{count:6}{ours:11}{source_html:14}{markdown_card:15}")
    assert rows == [
        ("CommonMark 0.31.2", 652, 652, 545, 580),
        ("GFM extensions", 24, 24, 21, 10),
    ]
