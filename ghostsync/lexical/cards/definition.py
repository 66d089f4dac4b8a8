"""What a card is: its type, its properties with Ghost's defaults, and the Markdown that says it.

A definition is data. Everything general (YAML fences, normalising, references, documentation) reads it; only what a
card can say more naturally than with its fence is code in the card's own file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What the value of a property is, and so how it is written, compared and searched for addresses."""

    TEXT = "text"  #: plain text
    NUMBER = "number"  #: a number, or null
    BOOLEAN = "boolean"
    LINK = "link"  #: an address that a reader follows
    IMAGE = "image"  #: the address of a picture
    MEDIA = "media"  #: the address of a sound or a film
    FILE = "file"  #: the address of a download
    INLINE = "inline"  #: HTML of one line of rich text; in Markdown documents it is Markdown
    BLOCKS = "blocks"  #: HTML of paragraphs and lists; in Markdown documents it is Markdown
    HTML = "html"  #: HTML as it stands
    MARKDOWN = "markdown"  #: Markdown as it stands
    DATA = "data"  #: a JSON value
    VISIBILITY = "visibility"  #: who sees the card


class Wrapping(Enum):
    """Whether the editor stores a line of rich text as bare inline HTML or inside one `<p>`."""

    BARE = "bare"
    PARAGRAPH = "paragraph"


ADDRESS_KINDS = frozenset({Kind.LINK, Kind.IMAGE, Kind.MEDIA, Kind.FILE})
RICH_KINDS = frozenset({Kind.INLINE, Kind.BLOCKS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a card.

    `name` is Ghost's (`metadata.icon` stands inside `metadata`), `key` is ours in YAML. `items` describes the
    members of a list of mappings. Ghost's constructors take an empty string for "not set" (`data.x || default`),
    except where `empty_counts`. `has_placeholders`: the editor puts `{first_name}` into `<code>`, Ghost's renderer
    takes it out again.
    """

    name: str
    default: Any = ""
    kind: Kind = Kind.TEXT
    key: str = ""
    wrapping: Wrapping = Wrapping.BARE
    items: tuple[Property, ...] = ()
    empty_counts: bool = False
    has_placeholders: bool = False
    about: str = ""

    @property
    def yaml_key(self) -> str:
        """The key in YAML: `key`, or the name in snake case."""
        return self.key or re.sub(r"(?<!^)([A-Z])", lambda match: "_" + match[1].lower(), self.name)

    def is_default(self, value: Any) -> bool:
        """Whether Ghost would read this value as it reads a missing one."""
        if value is None:
            return True
        if value == "" and isinstance(self.default, str):
            return self.default == "" or not self.empty_counts
        if isinstance(self.default, tuple):
            return isinstance(value, list | tuple) and not value
        return bool(value == self.default) and isinstance(value, bool) == isinstance(self.default, bool)

    def read(self, node: dict[str, Any]) -> Any:
        """The value in a node, or None where the node has none."""
        parent, _, leaf = self.name.rpartition(".")
        holder = node.get(parent) if parent else node
        return holder.get(leaf) if isinstance(holder, dict) else None

    def write(self, node: dict[str, Any], value: Any) -> None:
        """Put a value into a node."""
        parent, _, leaf = self.name.rpartition(".")
        holder = node.setdefault(parent, {}) if parent else node
        holder[leaf] = value


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card of Ghost's editor. `example` is its recommended Markdown, `about` one paragraph for the docs.

    `is_shown`: a visitor sees something of the example on a page. Not of what only emails or paying members have, and
    what is embedded another site shows.
    """

    type: str
    title: str
    properties: tuple[Property, ...] = ()
    about: str = ""
    example: str = ""
    is_shown: bool = True

    @property
    def by_name(self) -> dict[str, Property]:
        return {each.name: each for each in self.properties}
