"""Edits as a person makes them in Ghost's editor, made to a compiled document."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]
Nodes = list[Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit of a document: what was done, to which top-level nodes, and the document after it.

    `touched` are indices before the edit; lines of every other block must stay as they are.
    """

    kind: str
    touched: frozenset[int]
    after: Node


def random_edit(document: Node, chance: random.Random) -> Edit | None:
    """Make one random edit of a random kind; None where the document has nothing that it could be made to."""
    makers = list(MAKERS.items())
    chance.shuffle(makers)
    for kind, make in makers:
        after = copy.deepcopy(document)
        touched = make(after["root"]["children"], chance)
        if touched is not None and after != document:
            return Edit(kind=kind, touched=frozenset(touched), after=after)
    return None


def _texts(node: Node) -> Iterator[Node]:
    if isinstance(node.get("text"), str) and len(node["text"].split()) > 1:
        yield node
    for child in node.get("children") or ():
        yield from _texts(child)


def _pick(nodes: Nodes, chance: random.Random, claim: Callable[[Node], bool]) -> int | None:
    places = [place for place, node in enumerate(nodes) if claim(node)]
    return chance.choice(places) if places else None


def _retype(node: Node, chance: random.Random) -> None:
    """Change one word: two letters swapped, as a typo or its correction."""
    text = node["text"]
    words = [word for word in text.split() if word.isalpha() and len(word) > 3 and word[1] != word[2]]
    if words:
        word = chance.choice(words)
        node["text"] = text.replace(word, word[0] + word[2] + word[1] + word[3:], 1)


def _typo(nodes: Nodes, chance: random.Random) -> set[int] | None:
    place = _pick(nodes, chance, lambda node: node["type"] in {"paragraph", "extended-quote"} and any(_texts(node)))
    if place is None:
        return None
    _retype(chance.choice(list(_texts(nodes[place]))), chance)
    return {place}


def _heading(nodes: Nodes, chance: random.Random) -> set[int] | None:
    place = _pick(nodes, chance, lambda node: node["type"] == "extended-heading")
    if place is None:
        return None
    if chance.random() < 0.3:
        nodes[place]["tag"] = "h3" if nodes[place]["tag"] == "h2" else "h2"
    else:
        text = next(_texts(nodes[place]), None)
        if text is None:
            return None
        text["text"] = "New " + text["text"]
    return {place}


def _lists(node: Node) -> Iterator[Node]:
    if node.get("type") == "list":
        yield node
    for child in node.get("children") or ():
        yield from _lists(child)


def _list_item(nodes: Nodes, chance: random.Random) -> set[int] | None:
    place = _pick(nodes, chance, lambda node: node["type"] == "list")
    if place is None:
        return None
    deepest = list(_lists(nodes[place]))[-1]
    items = deepest["children"]
    new = {**copy.deepcopy(items[0]), "children": [_text("a new item")]}
    new.pop("checked", None)
    items.insert(chance.randint(1, len(items)), new)
    for value, item in enumerate(items, deepest["start"]):
        item["value"] = value
    return {place}


def _text(value: str) -> Node:
    return {
        "detail": 0,
        "format": 0,
        "mode": "normal",
        "style": "",
        "text": value,
        "type": "extended-text",
        "version": 1,
    }


#: A property per card that the editor lets one change, and what to change it to.
_PROPERTIES = {
    "button": ("buttonText", "Read on"),
    "callout": ("backgroundColor", "pink"),
    "toggle": ("heading", "Another question"),
    "bookmark": ("caption", "another caption"),
    "image": ("caption", "another caption"),
    "codeblock": ("language", "another"),
    "video": ("loop", True),
    "audio": ("title", "Another title"),
    "file": ("fileTitle", "Another title"),
    "product": ("productTitle", "Another title"),
    "header": ("buttonText", "Another text"),
    "signup": ("buttonText", "Another text"),
    "call-to-action": ("buttonText", "Another text"),
    "email-cta": ("buttonText", "Another text"),
    "gallery": ("caption", "another caption"),
    "embed": ("caption", "another caption"),
}


def _property(nodes: Nodes, chance: random.Random) -> set[int] | None:
    place = _pick(nodes, chance, lambda node: node["type"] in _PROPERTIES)
    if place is None:
        return None
    name, value = _PROPERTIES[nodes[place]["type"]]
    nodes[place][name] = value
    return {place}


def _ends_with_notes(nodes: Nodes) -> bool:
    """Whether the last node shows the notes of all footnotes: it follows from the text and cannot stand elsewhere."""
    return nodes[-1]["type"] == "html" and 'class="footnotes"' in nodes[-1]["html"]


def _move(nodes: Nodes, chance: random.Random) -> set[int] | None:
    if len(nodes) < 3:
        return None
    places = range(len(nodes) - _ends_with_notes(nodes))
    place = chance.choice(places)
    target = chance.choice([other for other in places if other != place])
    nodes.insert(target, nodes.pop(place))
    return {place}


def _delete(nodes: Nodes, chance: random.Random) -> set[int] | None:
    if len(nodes) < 3:
        return None
    place = chance.randrange(len(nodes) - _ends_with_notes(nodes))
    del nodes[place]
    return {place}


MAKERS: dict[str, Callable[[Nodes, random.Random], set[int] | None]] = {
    "typo": _typo,
    "heading": _heading,
    "list item": _list_item,
    "card property": _property,
    "block moved": _move,
    "block deleted": _delete,
}


_REFERENCE = re.compile(r'<sup class="footnote-ref"><a href="#fn(\d+)" id="[^"]*">\[[\d:]+\]</a></sup>')
_NOTE = re.compile(r'<li id="fn(\d+)" class="footnote-item">(.*?)</li>\n(?=<li id="fn|</ol>\n</section>\Z)', re.DOTALL)
_BACK = re.compile(r' ?<a href="#fnref[\d:]+" class="footnote-backref">[^<]*</a>')


def with_notes_in_place(document: Node) -> Node:
    """The document with the text of each footnote where it is referred to, and its number nowhere.

    Markdown counts footnotes in the order of the text; a document in which an editor moved or deleted a reference
    still has the old numbers. Both say the same when every reference leads to the same note. Where the notes are not
    the last thing in the document no Markdown has them so, and they count as the HTML that they are.
    """
    nodes: Nodes = copy.deepcopy(document["root"]["children"])
    while nodes and nodes[-1]["type"] == "paragraph" and not nodes[-1]["children"]:
        nodes.pop()
    if not nodes or nodes[-1]["type"] != "html" or '<section class="footnotes">' not in str(nodes[-1].get("html")):
        return document
    notes = {number: _BACK.sub("", text).strip() for number, text in _NOTE.findall(nodes.pop()["html"])}
    for node in nodes:
        if node["type"] == "html" and isinstance(node.get("html"), str):
            node["html"] = _REFERENCE.sub(lambda match: f"<sup>{notes.get(match[1], match[0])}</sup>", node["html"])
    return {"root": {**document["root"], "children": nodes}}
