"""The laws of the compiler and the decompiler, for generated texts and generated documents of every node type.

    L1  compile(decompile(compile(t))) == compile(t)               for every text
    L2  compile(decompile(d)) is d, up to what Ghost's editor rewrites, and Ghost shows the same page for both
    L3  decompile(compile(decompile(d))) == decompile(d)           one canonical text

The number of examples is the hypothesis profile's: 1,000 in CI.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from ghost_renderer import GhostRenderer, RenderError
from hypothesis import assume, event, given
from law_settings import few, laws
from lexical_dom import Equivalence, canonical
from lexical_strategies import CARDS, STRUCTURE, cards, documents, markdown, sound_documents

from ghostsync.errors import ContentError
from ghostsync.lexical import compile_markdown, decompile_lexical, normalise_lexical
from ghostsync.lexical.cards import CARDS as OUR_CARDS
from ghostsync.lexical.cards import RICH_KINDS, Kind, Wrapping
from ghostsync.lexical.nodes import STRUCTURE_TYPES
from ghostsync.lexical.normal import inline_form

Document = dict[str, Any]


def compiled(text: str) -> Document:
    """Compile, and leave out texts that are refused with a reason (faulty fences, too deep)."""
    try:
        return compile_markdown(text)
    except ContentError as refusal:
        event(f"refused: {refusal.message.rpartition(':')[0][:40]}")
        assume(False)
        raise AssertionError from None


@laws
@given(markdown)
def test_a_compiled_text_decompiles_to_a_text_that_compiles_the_same(text: str) -> None:
    """L1, to the last property."""
    document = compiled(text)
    assert compile_markdown(decompile_lexical(document)) == document


@laws
@given(documents)
def test_a_decompiled_document_compiles_to_itself(document: Document) -> None:
    """L2, whatever the API can hold."""
    assert normalise_lexical(compile_markdown(decompile_lexical(document))) == normalise_lexical(document)


@laws
@given(documents)
def test_there_is_one_canonical_text(document: Document) -> None:
    """L3."""
    text = decompile_lexical(document)
    assert decompile_lexical(compile_markdown(text)) == text


@laws
@given(sound_documents)
def test_ghost_shows_the_same_page_for_a_document_and_its_round_trip(
    renderer: GhostRenderer, document: Document
) -> None:
    """What the normal form calls equal is equal in Ghost's own eyes: nothing is lost behind its back."""
    written = as_the_editor_writes(document)
    again = compile_markdown(decompile_lexical(written))
    before, after = renderer.render_many([written, again])
    assume(not isinstance(before, RenderError))
    assert not isinstance(after, RenderError), after
    assert _shown(after) == _shown(before)


@few
@given(markdown)
def test_commonmark_alone_comes_back_the_same(text: str) -> None:
    """L1 in the dialect without extensions."""
    try:
        document = compile_markdown(text, dialect="commonmark")
    except ContentError:
        assume(False)
        raise AssertionError from None
    assert compile_markdown(decompile_lexical(document, dialect="commonmark"), dialect="commonmark") == document


@few
@given(documents)
def test_a_document_has_a_text_in_commonmark_alone(document: Document) -> None:
    """L2 in the dialect without extensions: cards too."""
    text = decompile_lexical(document, dialect="commonmark")
    assert normalise_lexical(compile_markdown(text, dialect="commonmark")) == normalise_lexical(document)


_ONE_PARAGRAPH = re.compile(r'\s*<p(?: dir="ltr")?>((?:(?!</?p\b).)*)</p>\s*\Z', re.DOTALL)
_BLOCK = re.compile(r"<(?:p|ul|ol|h[1-6]|blockquote)\b")
_AROUND_NOTHING = re.compile(r"<(span|strong|em|[bius]|code|a)\b[^>]*></\1>")


def as_the_editor_writes(document: Document) -> Document:
    """Put rich text into the paragraph that Ghost's editor puts around it, or take it out of one.

    Formats stand around words: the editor has no text nodes without text.
    """
    written = copy.deepcopy(document)
    for node in written["root"]["children"]:
        card = OUR_CARDS.get(node["type"])
        for prop in card.properties if card else ():
            value = node.get(prop.name)
            if prop.kind in RICH_KINDS and isinstance(value, str):
                value = node[prop.name] = _without_empty_formats(value)
            has_paragraph = prop.kind is Kind.BLOCKS or prop.wrapping is Wrapping.PARAGRAPH
            if has_paragraph and isinstance(value, str) and value and not _BLOCK.match(value):
                node[prop.name] = f"<p>{value}</p>"
            elif prop.kind is Kind.INLINE and not has_paragraph and isinstance(value, str):
                node[prop.name] = _ONE_PARAGRAPH.sub(r"\1", value)
    return written


def _without_empty_formats(html: str) -> str:
    while (shorter := _AROUND_NOTHING.sub("", html)) != html:
        html = shorter
    return html


def _shown(html: str) -> tuple[Any, ...]:
    """The page without empty paragraphs at its end: Ghost's renderer leaves out one of them, we leave out all.

    Nor does the zero-width joiner count that the editor puts beside its own widgets, nor a link without text: the
    normal form drops empty text nodes, and Ghost then leaves out the link around nothing.
    """
    page = canonical(html.replace("\u200c", ""), up_to=Equivalence.SEEN)
    while page and page[-1][:2] == ("p", ()) and all(runs == ("br",) for one in page[-1][2] for runs in one[1]):
        page = page[:-1]
    return page


@laws
@given(cards)
def test_a_card_keeps_every_property(card: Document) -> None:
    """L2 for one card at a time, so that each gets its share of examples."""
    document = {
        "root": {"children": [card], "direction": "ltr", "format": "", "indent": 0, "type": "root", "version": 1}
    }
    assert normalise_lexical(compile_markdown(decompile_lexical(document))) == normalise_lexical(document)


def test_our_list_of_nodes_is_ghosts(renderer: GhostRenderer) -> None:
    """Every node type that Ghost registers is known here, and no other."""
    registered = renderer.node_properties()
    assert OUR_CARDS.keys() == {kind for kind, properties in registered.items() if properties is not None}
    assert {kind for kind, properties in registered.items() if properties is None} == STRUCTURE_TYPES


def test_generated_documents_are_made_from_ghosts_own_list(renderer: GhostRenderer) -> None:
    """The list that the generator reads is the running Ghost's."""
    registered = renderer.node_properties()
    assert {kind: properties for kind, properties in registered.items() if properties is not None} == CARDS
    assert registered.keys() == CARDS.keys() | STRUCTURE


#: `bookmark` answers for the members of its `metadata` one by one.
NESTED = {"bookmark": {"icon", "title", "description", "author", "publisher", "thumbnail"}}


#: Where Ghost's constructor does not use the default of its own definition (`SignupNode.js`): checked below.
CONSTRUCTED = {("signup", "textColor"): "#000000"}


def test_the_constructor_fills_in_what_the_definition_leaves_empty(renderer: GhostRenderer) -> None:
    """The exceptions to Ghost's own list of defaults are Ghost's own behaviour."""
    for (kind, name), value in CONSTRUCTED.items():
        assert renderer.default_node(kind)[name] == value


@pytest.mark.parametrize("kind", sorted(CARDS))
def test_every_property_of_a_card_is_known_with_ghosts_default(kind: str) -> None:
    """Names and defaults of all properties are those of Ghost's node definition."""
    nested = NESTED.get(kind, set())
    expected = {
        (f"metadata.{name}" if name in nested else name): default for name, default in (CARDS[kind] or {}).items()
    }
    ours = {prop.name: _as_json(prop.default) for prop in OUR_CARDS[kind].properties}
    assert ours.keys() == expected.keys()
    for name, default in expected.items():
        if name not in {prop.name for prop in OUR_CARDS[kind].properties if prop.kind in RICH_KINDS}:
            assert ours[name] == CONSTRUCTED.get((kind, name), default), name
        else:
            assert inline_form(ours[name]) == inline_form(default), name


def _as_json(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default
