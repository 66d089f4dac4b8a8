"""Documents that Ghost itself made: their round trip through Markdown renders the same.

Always: one empty card of each kind, the posts that come with Ghost, and what Ghost's converter makes of the HTML of
every example in the specifications. Koenig's packages ship no tests to npm, so the documents in those are read from
the folder that `GHOSTSYNC_TEST_KOENIG` names (a checkout of https://github.com/TryGhost/Koenig).
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
from spec_examples import commonmark_examples, gfm_examples

from ghostsync.lexical import compile_markdown, decompile_lexical

_DOCUMENT = re.compile(r"""(['`])(\{\s*"root".*?\})\1""", re.DOTALL)
_HTML = re.compile(r"""(['`])(<[a-z!][^'`]*>)\1""")
_PACKAGES = ("kg-lexical-html-renderer", "kg-default-nodes", "kg-html-to-lexical", "kg-converters")


def starter_posts(renderer: GhostRenderer) -> list[dict[str, Any]]:
    """The documents of the posts and pages that come with Ghost."""
    fixtures = renderer.installation.package / "core" / "server" / "data" / "schema" / "fixtures" / "fixtures.json"
    models = json.loads(fixtures.read_text("utf-8"))["models"]
    entries = [entry for model in models if model["name"] == "Post" for entry in model["entries"]]
    return [renderer.mobiledoc_to_lexical(json.loads(entry["mobiledoc"])) for entry in entries]


def documents(renderer: GhostRenderer) -> list[dict[str, Any]]:
    """Every document there is, and what Ghost makes of every piece of HTML."""
    found = [_document([renderer.default_node(kind)]) for kind in sorted(CARDS)] + starter_posts(renderer)
    folder = os.environ.get("GHOSTSYNC_TEST_KOENIG")
    pages = [example.html for example in (*commonmark_examples(), *gfm_examples())]
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
    assert len(originals) >= (850 if os.environ.get("GHOSTSYNC_TEST_KOENIG") else 600)
    before = renderer.render_many(originals)
    after = renderer.render_many([compile_markdown(decompile_lexical(one)) for one in originals])
    wrong = [
        (original, one, other)
        for original, one, other in zip(originals, before, after, strict=True)
        if not isinstance(one, RenderError)
        and (isinstance(other, RenderError) or not equivalent(one, other, up_to=Equivalence.SEEN))
    ]
    assert not wrong, f"{len(wrong)} of {len(originals)}\n" + "\n".join(map(str, wrong[:20]))
