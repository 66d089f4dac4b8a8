"""Names of files that mean something in a content directory."""

from __future__ import annotations

from ghostsync.model import DocPath

TAGS_FILE = DocPath("tags.yaml")
"""Where tags are described; its pictures are named from the content root."""

DOCUMENT_SUFFIXES = frozenset({".md", ".markdown"})

_INSTALLED = "node_modules"
"""What npm installs, hundreds of changelogs included: a check of front matter in a text editor brings it."""


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is nobody's content: hidden, or what npm has installed."""
    return name.startswith(".") or name == _INSTALLED
