"""The reference page of all cards, written from their definitions: what is documented is what is compiled."""

from __future__ import annotations

import json

from ghostsync.lexical.cards import CARDS, RICH_KINDS, Card, Kind, Property

_KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "true or false",
    Kind.LINK: "address",
    Kind.IMAGE: "picture: an address or a local file",
    Kind.MEDIA: "sound or film: an address or a local file",
    Kind.FILE: "file: an address or a local file",
    Kind.INLINE: "one line of Markdown",
    Kind.BLOCKS: "Markdown",
    Kind.HTML: "HTML",
    Kind.MARKDOWN: "Markdown as it stands",
    Kind.DATA: "data",
    Kind.VISIBILITY: "who sees it",
}

_HEAD = """\
# Cards

Every card of Ghost's editor has a Markdown form, and every property of every card has a place in it. ghostsync writes
the most natural form that can say a card; any card also has a fence, `` ```ghost:name ``, with YAML inside. A property
that has Ghost's own default is left out.

Rich text in YAML is Markdown. Where it holds HTML that Markdown cannot give back exactly, the key ends in `_html` and
the text is that HTML. A key or card that does not exist is a problem with its line; it is never published as code.
A container or an alert that does not exist (`::: calout`) is a warning, since the text may be meant.

What no card below can say, and nodes that a later Ghost may bring, come as `` ```ghost:raw `` with their JSON.
"""


def describe_cards() -> str:
    """The page `docs/reference/cards.md`, in Markdown."""
    return "\n".join([_HEAD, *(_section(card) for card in CARDS.values())])


def _section(card: Card) -> str:
    parts = [f"## {card.title}", "", card.about, "", "````markdown", card.example.rstrip("\n"), "````", ""]
    if card.is_shown:
        parts += [f"![{card.title}, as Ghost shows it](cards/{card.type}.jpg)", ""]
    if card.properties:
        parts += [
            f"In the fence `` ```ghost:{card.type} ``:",
            "",
            "| key | what | default | in Ghost |",
            "|---|---|---|---|",
        ]
        for each in card.properties:
            parts += _rows(each, "")
        parts.append("")
    return "\n".join(parts)


def _rows(prop: Property, within: str) -> list[str]:
    key = f"{within}{prop.yaml_key}"
    what = "a list of mappings" if prop.items else _KINDS[prop.kind]
    suffix = f", `{key}_html`" if prop.kind in RICH_KINDS else ""
    rows = [f"| `{key}`{suffix} | {what} | {_default(prop)} | `{prop.name}` |"]
    for each in prop.items:
        rows += _rows(each, f"{key}[].")
    return rows


def _default(prop: Property) -> str:
    match prop.default:
        case "" | () | {}:
            return "nothing" if prop.kind is not Kind.VISIBILITY else ""
        case None:
            return "none"
        case value if prop.kind is Kind.VISIBILITY:
            return "everyone" if value["web"]["nonMember"] else "members"
        case value:
            return f"`{json.dumps(value, ensure_ascii=False)}`"
