"""Syntax of other tools in a text is found; what only looks like it, or is shown on purpose, is not."""

from __future__ import annotations

import pytest

from ghostsync.core.foreign_syntax import foreign_syntax
from ghostsync.lexical import compile_markdown


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("See [[Other note]] and [[Another|it]].\n", ["[[…]]"]),
        ("![[picture.png|300]]\n", ["![[…]]"]),
        ("- *see [[Other*]]\n", ["[[…]]"]),
        ("Said. %%not for\nreaders%% Done.\n", ["%%…%%"]),
        ('!!! note "Title"\n\n    Words\n', ["!!! …"]),
        ("??? tip\n    Words\n", ["!!! …"]),
        ('=== "Python"\n\n    Words\n', ['=== "…"']),
        ("Words\n{: .lead}\n\n* a\n{:toc}\n", ["{: …}"]),
        ("[TOC]\n", ["[TOC]"]),
        ("这是**重要。**的事\n", ["**"]),
        ("这是**重要**的事\n", []),
        ("[[1]](https://example.com) [[2]] [[ -f x ]]\n", []),
        ("Wow!!! Great ???, 5 % and 10 %, {a: b}, 2 ** 3, a%%b\n", []),
        ("`[[x]]` `%%a%%`\n\n```\n[[x]]\n!!! note\n```\n\n    [[x]]\n", []),
        ("> [!NOTE]\n> Words\n\n::: callout\nWords\n:::\n", []),
    ],
)
def test_foreign_syntax(text: str, kinds: list[str]) -> None:
    """Each kind once, with where it stands first; not in code."""
    assert [found.shown for found in foreign_syntax(compile_markdown(text))] == kinds
