"""A parser is made for each text, without the rules that it has no trace of: it must read the text as the whole one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from law_settings import few
from lexical_strategies import HOSTILE, markdown, urls
from markdown_it import MarkdownIt
from spec_examples import commonmark_examples, gfm_examples

from ghostsync.errors import ContentError
from ghostsync.lexical.dialect import Dialect, parser_for, whole_parser


def assert_read_alike(text: str, dialect: Dialect) -> None:
    """Compare every token and the definitions."""
    ours, whole = {}, {}
    tokens = parser_for(dialect, text).parse(text, ours)
    expected = whole_parser(dialect).parse(text, whole)
    assert [token.as_dict() for token in tokens] == [token.as_dict() for token in expected]
    assert ours == whole or {**ours, "footnotes": 0} == {**whole, "footnotes": 0}


@few
@given(markdown, st.sampled_from(Dialect))
def test_a_parser_made_for_a_text_reads_it_as_the_whole_one(text: str, dialect: Dialect) -> None:
    """Any text, in any dialect."""
    try:
        assert_read_alike(text, dialect)
    except ContentError:
        return


@pytest.mark.parametrize("dialect", Dialect)
def test_the_specifications_are_read_alike(dialect: Dialect) -> None:
    """Every example of CommonMark and GFM."""
    for one in (*commonmark_examples(), *gfm_examples()):
        assert_read_alike(one.markdown, dialect)
    for text in HOSTILE:
        assert_read_alike(text, dialect)


@few
@given(
    st.one_of(
        urls,
        st.tuples(
            st.sampled_from(["http://", "https://", "//", "/", "", "HTTP://", "mailto:", "a:"]),
            st.text("aZ09.-xn:/?#@%&;=+$,_!~*'()[]é ", max_size=15),
        ).map("".join),
    )
)
@example("https://EXAMPLE.com/a")
@example("http://a..b")
@example("http://xn--80ak6aa92e.com")
@example("http://a:80")
@example("http://a.b/#c?d")
@example("///")
def test_an_address_in_its_normal_form_is_left_as_it_is(url: str) -> None:
    """The short cut around normalising gives what normalising gives."""
    try:
        expected = MarkdownIt("commonmark").normalizeLink(url)
    except ValueError:
        return
    assert parser_for(Dialect.GHOST).normalizeLink(url) == expected
