"""The fake's editor beside the nodes of Ghost's own: the same defaults, in the same order, for every card.

What a browser adds (pre-wrap spans of nested editors, the direction of a text) needs the real editor and a browser.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
from contract.bodies import card, compact, element, link, text
from fakeghost.editor import CARDS, reserialise

from ghostsync.sandbox import Installation

# Reads a document, gives it to an editor with all of Ghost's nodes, writes what that editor would save.
SCRIPT = """
const {createHeadlessEditor} = require('@lexical/headless');
const {DEFAULT_NODES} = require('@tryghost/kg-default-nodes');
const {HeadingNode, QuoteNode} = require('@lexical/rich-text');
const {ListNode, ListItemNode} = require('@lexical/list');
const {LinkNode} = require('@lexical/link');
const nodes = [HeadingNode, ListNode, ListItemNode, QuoteNode, LinkNode, ...DEFAULT_NODES];
const editor = createHeadlessEditor({nodes, onError(error) { throw error; }});
const document = require('fs').readFileSync(0, 'utf8');
process.stdout.write(JSON.stringify(editor.parseEditorState(document).toJSON()));
"""


def _saved_by_ghost(installation: Installation, document: str) -> str:
    modules = installation.package_dir / "node_modules"
    return subprocess.run(
        [str(installation.node), "-e", SCRIPT],
        input=document,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=installation.package_dir,
        env={**os.environ, "NODE_PATH": f"{modules}:{modules}/.pnpm/node_modules"},
    ).stdout


@pytest.mark.real
def test_editor_fills_in_what_ghost_fills_in(ghost_installation: Installation) -> None:
    """Every card with its type alone, the plain nodes in their short names, and a record that is lost."""
    plain: list[dict[str, Any]] = [
        element("paragraph", {**text("a", bits=1), "type": "text"}, link("b", "https://example.com/")),
        element("heading", text("c"), tag="h2"),
        element("quote", text("d")),
        element("list", element("listitem", text("e"), value=1), listType="bullet", start=1, tag="ul"),
    ]
    sent = compact({"root": {**element("root", *plain, *map(card, CARDS)), "ghostsync": {"op": "1"}}})
    saved = _saved_by_ghost(ghost_installation, sent)
    assert json.loads(reserialise(sent)) == json.loads(saved)
    assert reserialise(sent) == saved
