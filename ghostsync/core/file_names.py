"""Names of files that mean something in a content directory."""

from __future__ import annotations

from ghostsync.model import DocPath

TAGS_FILE = DocPath("tags.yaml")
"""Where tags are described; its pictures are named from the content root."""

DOCUMENT_SUFFIXES = frozenset({".md", ".markdown"})
