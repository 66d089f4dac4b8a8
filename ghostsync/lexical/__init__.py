"""Markdown to Lexical and back, pure and checked.

    compile_markdown(text, dialect="ghost")      Markdown → Lexical document
    compile_blocks(text, dialect="ghost")        the same block by block, with lines and verdicts
    decompile_lexical(document)                  Lexical document → Markdown, in a dialect as well
    decompile_node(node)                         the same for one top-level node
    patch_markdown(source, before, after)        the smallest edit of a text that makes it say what `after` says
    mobiledoc_to_lexical(document)               the format of older Ghosts, as Lexical
    normalise_lexical(document, site_url=None)   one form for all that means the same to a reader
    find_references, rewrite_references          the addresses in a document, typed

Names are imported when they are first used: the parser alone takes longer to load than `ghostsync --version` may.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ghostsync.lexical.blocks import Block, Form, Verdict
    from ghostsync.lexical.compile import compile_blocks, compile_markdown
    from ghostsync.lexical.decompile import decompile_lexical, decompile_node
    from ghostsync.lexical.mobiledoc import mobiledoc_to_lexical
    from ghostsync.lexical.normal import normalise_lexical, normalise_node
    from ghostsync.lexical.patch import patch_markdown
    from ghostsync.lexical.references import Reference, ReferenceKind, find_references, rewrite_references

_HOME = {
    "Block": "blocks",
    "Form": "blocks",
    "Verdict": "blocks",
    "compile_blocks": "compile",
    "compile_markdown": "compile",
    "decompile_lexical": "decompile",
    "decompile_node": "decompile",
    "mobiledoc_to_lexical": "mobiledoc",
    "normalise_lexical": "normal",
    "normalise_node": "normal",
    "patch_markdown": "patch",
    "Reference": "references",
    "ReferenceKind": "references",
    "find_references": "references",
    "rewrite_references": "references",
}

__all__ = [
    "Block",
    "Form",
    "Reference",
    "ReferenceKind",
    "Verdict",
    "compile_blocks",
    "compile_markdown",
    "decompile_lexical",
    "decompile_node",
    "find_references",
    "mobiledoc_to_lexical",
    "normalise_lexical",
    "normalise_node",
    "patch_markdown",
    "rewrite_references",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
