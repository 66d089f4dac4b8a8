"""The documents in the tests of Ghost's own editor packages: their round trip through Markdown renders the same.

Koenig's packages ship no tests to npm, so the sources are read from the folder that `GHOSTSYNC_TEST_KOENIG` names (a
checkout of https://github.com/TryGhost/Koenig); where it is not set, the document that stands for all of Ghost's
cards, one empty card of each kind, is all there is to try.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from ghost_renderer import GhostRenderer, RenderError
from lexical_dom import Equivalence, equivalent
from lexical_strategies import CARDS

from ghostsync.lexical import compile_markdown, decompile_lexical

_DOCUMENT = re.compile(r"""(['`])(\{\s*"root".*?\})\1""", re.DOTALL)
_HTML = re.compile(r"""(['`])(<[a-z!][^'`]*>)\1""")
_PACKAGES = ("kg-lexical-html-renderer", "kg-default-nodes", "kg-html-to-lexical", "kg-converters")


def documents(renderer: GhostRenderer) -> list[dict[str, Any]]:
    """Every Lexical document in Koenig's tests, what Ghost makes of every HTML there, and one card of each kind."""
    found = [_document([renderer.default_node(kind)]) for kind in sorted(CARDS)]
    folder = os.environ.get("GHOSTSYNC_TEST_KOENIG")
    pages: list[str] = []
    for package in _PACKAGES if folder else ():
        for path in sorted(Path(str(folder)).rglob(f"packages/{package}/test/**/*.ts")):
            source = path.read_text("utf-8")
            for match in _DOCUMENT.finditer(source):
                try:
                    found.append(json.loads(match[2].replace("\\'", "'").replace("\\\\", "\\")))
                except ValueError:
                    continue
            pages += [match[2] for match in _HTML.finditer(source)]
    converted = renderer.source_html_many(dict.fromkeys(pages))
    return found + [one for one in converted if not isinstance(one, RenderError)]


def _document(children: list[dict[str, Any]]) -> dict[str, Any]:
    root = {"children": children, "direction": "ltr", "format": "", "indent": 0, "type": "root", "version": 1}
    return {"root": root}


def test_every_document_of_koenigs_tests_renders_the_same_after_a_round_trip(renderer: GhostRenderer) -> None:
    """Decompile, compile, render: the page is the one that Ghost shows for the document itself."""
    originals = documents(renderer)
    assert len(originals) >= (250 if os.environ.get("GHOSTSYNC_TEST_KOENIG") else len(CARDS))
    before = renderer.render_many(originals)
    after = renderer.render_many([compile_markdown(decompile_lexical(one)) for one in originals])
    wrong = [
        (original, one, other)
        for original, one, other in zip(originals, before, after, strict=True)
        if not isinstance(one, RenderError)
        and (isinstance(other, RenderError) or not equivalent(one, other, up_to=Equivalence.SEEN))
    ]
    assert not wrong, f"{len(wrong)} of {len(originals)}\n" + "\n".join(map(str, wrong[:20]))
