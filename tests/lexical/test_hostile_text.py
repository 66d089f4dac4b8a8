"""Texts and documents made to hurt: a right result or a clear refusal, in bounded time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from ghostsync.errors import ContentError
from ghostsync.lexical import compile_markdown, decompile_lexical, normalise_lexical, patch_markdown

#: Seconds on a shared core; each of these takes a fraction of it, and minutes where something is quadratic.
LIMIT = 60

TEXTS: dict[str, Callable[[], str]] = {
    "a megabyte of [": lambda: "[" * 1_000_000,
    "a megabyte of ![": lambda: "![" * 500_000,
    "a megabyte of *": lambda: "*" * 1_000_000,
    "a megabyte of *a": lambda: "*a " * 333_000,
    "a megabyte of `": lambda: "".join("`" * size + " " for size in range(1, 1400)),
    "a megabyte of <": lambda: "<" * 1_000_000,
    "ten thousand quotes": lambda: "> " * 10_000 + "x",
    "ten thousand lists": lambda: "".join("  " * depth + "- x\n" for depth in range(1_000)),
    "a list of many items": lambda: "- x\n" * 50_000,
    "NULs": lambda: "a\x00b\n\n\x00\n\n```\n\x00\n```\n",
    "five megabytes of prose": lambda: "The quick brown fox jumps over the *lazy* dog.\n\n" * 104_000,
    "one line of five megabytes": lambda: "word " * 1_000_000,
    "unclosed HTML": lambda: "<div\n\n" * 5_000,
    "unclosed pre": lambda: "<pre>\n\n" + "text\n\n" * 5_000,
    "definitions": lambda: "".join(f"[{number}]: /u\n" for number in range(20_000)) + "[1][2]",
    "entities": lambda: "&amp;" * 200_000,
    "tables": lambda: "|a" * 2_000 + "\n" + "|-" * 2_000 + "\n" + ("|x" * 2_000 + "\n") * 20,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_compiled_or_refused_in_bounded_time(name: str) -> None:
    """No text keeps the compiler busy for minutes, and none crashes it."""
    text = TEXTS[name]()
    start = time.monotonic()
    with contextlib.suppress(ContentError):
        assert compile_markdown(text)["root"]["children"]
    assert time.monotonic() - start < LIMIT


@pytest.mark.parametrize("text", ["\ud800", "a \udfff b", "```\n\udc80\n```"])
def test_half_a_surrogate_pair_is_refused_with_its_line(text: str) -> None:
    """No file can hold it, so no text may."""
    with pytest.raises(ContentError, match="surrogate"):
        compile_markdown(text)


@pytest.mark.parametrize(
    "document",
    [{}, {"root": None}, {"root": {}}, {"root": {"children": None}}, [], None, "x"],
    ids=repr,
)
def test_what_is_no_document_is_refused(document: Any) -> None:
    """A clear error, not an AttributeError."""
    for function in (decompile_lexical, normalise_lexical):
        with pytest.raises(ContentError):
            function(document)


def test_a_deep_document_is_refused() -> None:
    """Deeper than Ghost's own renderer can go."""
    node: dict[str, Any] = {"type": "paragraph", "children": []}
    for _ in range(5_000):
        node = {"type": "quote", "children": [node]}
    with pytest.raises(ContentError, match="nested deeper"):
        decompile_lexical({"root": {"type": "root", "children": [node]}})


def test_a_large_document_is_patched_in_bounded_time() -> None:
    """One word in one of five thousand paragraphs."""
    text = "".join(f"Paragraph {number} has *some* words\nin two lines.\n\n" for number in range(5_000))
    before, after = compile_markdown(text), compile_markdown(text.replace("Paragraph 2500 has", "Paragraph 2500 had"))
    start = time.monotonic()
    assert patch_markdown(text, before, after) == text.replace("Paragraph 2500 has", "Paragraph 2500 had")
    assert time.monotonic() - start < LIMIT


def test_a_large_document_of_equal_paragraphs_is_patched_in_bounded_time() -> None:
    """Nothing tells one from the other: the comparison may not look at every pair of them."""
    text = "The same *words*.\n\n" * 6_000
    before = compile_markdown(text)
    after = {
        "root": {**before["root"], "children": before["root"]["children"][:100] + before["root"]["children"][200:]}
    }
    start = time.monotonic()
    assert patch_markdown(text, before, after) == text[: -len("The same *words*.\n\n") * 100]
    assert time.monotonic() - start < LIMIT
