"""Card fences: ```` ```ghost:button ```` with YAML inside, and ```` ```ghost:raw ```` with the JSON of any node.

The fence is the form that can say every property of a known card. Keys that no property has, values of the wrong
sort and unknown cards are problems with a line number, not silently code: a typing error must not publish YAML.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from ghostsync.errors import ContentError
from ghostsync.lexical import yaml_text
from ghostsync.lexical.cards import CARDS, RICH_KINDS, Kind, Wrapping
from ghostsync.lexical.cards.build import card_node
from ghostsync.lexical.expand import expand_node
from ghostsync.lexical.normal import normalise_node
from ghostsync.lexical.property_text import blocks_html, inline_html
from ghostsync.lexical.richtext import inline_from_html, paragraph_of
from ghostsync.lexical.yaml_text import Mapping, Scalar, YamlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ghostsync.lexical.cards import Card, Property
    from ghostsync.lexical.nodes import Node
    from ghostsync.lexical.yaml_text import Value

PREFIX: Final = "ghost:"
RAW: Final = "raw"

_TICKS: Final = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)


def fence_node(name: str, body: str, *, line: int) -> Node:
    """The node that a fence says; `name` is what follows `ghost:`, `line` the 0-based line of its first body line.

    Raises ContentError with the line of the fault.
    """
    if name == RAW:
        return _raw_node(body, line)
    card = CARDS.get(name)
    if card is None:
        known = ", ".join(sorted(CARDS))
        raise ContentError(f"line {line}: no card is called {name!r}", hint=f"one of: {known}, {RAW}")
    try:
        values = yaml_text.read_yaml(body)
        node = card_node(name, **_properties(card.properties, values, f"ghost:{name}"))
        return expand_node(normalise_node(node))
    except YamlError as error:
        raise ContentError(f"line {line + error.line + 1}: ghost:{name}: {error.message}") from None


def _raw_node(body: str, line: int) -> Node:
    try:
        node = json.loads(body)
    except RecursionError:
        raise ContentError(f"line {line + 1}: ghost:raw: JSON nested too deep") from None
    except ValueError as error:
        raise ContentError(f"line {line + 1}: ghost:raw: not JSON: {error}") from None
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        raise ContentError(f"line {line + 1}: ghost:raw: expected one node, an object with a `type`")
    return expand_node(normalise_node(node))


def _properties(properties: tuple[Property, ...], values: Mapping, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    keys = {each.yaml_key: each for each in properties}
    for key, value in values.items():
        line = values.lines[key]
        prop = keys.get(key)
        if prop is not None:
            found[prop.name] = _from_yaml(prop, value, line)
        elif key.endswith("_html") and (prop := keys.get(key[:-5])) is not None and prop.kind in RICH_KINDS:
            found[prop.name] = _text(prop, value, line)
        else:
            raise YamlError(f"no property {key!r}; {where} has {', '.join(sorted(keys))}", line)
    return found


def _from_yaml(prop: Property, value: Value, line: int) -> Any:
    match prop.kind:
        case Kind.INLINE:
            html = inline_html(_text(prop, value, line))
            is_line = html and prop.wrapping is Wrapping.PARAGRAPH and inline_from_html(html) is not None
            return paragraph_of(html) if is_line else html
        case Kind.BLOCKS:
            return blocks_html(_text(prop, value, line))
        case Kind.NUMBER:
            guess = value.guess() if isinstance(value, Scalar) else value
            if guess is None or (isinstance(guess, int | float) and not isinstance(guess, bool)):
                return guess
            raise YamlError(f"{prop.yaml_key} must be a number", line)
        case Kind.BOOLEAN:
            guess = value.guess() if isinstance(value, Scalar) else value
            if isinstance(guess, bool):
                return guess
            raise YamlError(f"{prop.yaml_key} must be true or false", line)
        case Kind.DATA if prop.items:
            if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
                raise YamlError(f"{prop.yaml_key} must be a list of mappings", line)
            return [_properties(prop.items, each, prop.yaml_key) for each in value]
        case Kind.VISIBILITY:
            return _whole_visibility(yaml_text.plain_value(value), prop.default)
        case Kind.DATA:
            return yaml_text.plain_value(value)
        case _:
            return _text(prop, value, line)


def _whole_visibility(value: Any, default: dict[str, Any]) -> Any:
    """A setting with what was left out filled in. Ghost takes a half setting for an old one, and shows it to all."""
    if not isinstance(value, dict) or value.keys() - default.keys():
        return value
    return {half: {**given, **(value.get(half) or {})} for half, given in default.items()}


def _text(prop: Property, value: Value, line: int) -> str:
    if not isinstance(value, Scalar):
        raise YamlError(f"{prop.yaml_key} must be text", line)
    return "" if value.plain and value.text in {"~", "null"} else value.text


def write_fence(name: str, body: str) -> str:
    """A fence around `body`, with as many backticks as it takes."""
    longest = max((len(run) for run in _TICKS.findall(body)), default=2)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{PREFIX}{name}\n{body}\n{ticks}" if body else f"{ticks}{PREFIX}{name}\n{ticks}"


def spell_raw(node: Node) -> str:
    """The last resort for any node: its JSON. Lone surrogates, which no file can hold, stay escaped."""
    body = json.dumps(node, ensure_ascii=False, indent=2)
    if not _encodable(body) or "\x00" in body or "\r" in body or "\ufeff" in body:
        body = json.dumps(node, ensure_ascii=True, indent=2)
    return write_fence(RAW, body)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def spell_fence(card: Card, node: Node, spell: Callable[[Property, str], tuple[str, str]]) -> str | None:
    """The YAML fence of a card, properties that have Ghost's default left out.

    `spell` turns a rich-text property's HTML into the key suffix and text to write. None when the node has a
    property that no key can say.
    """
    if not _only_known(card.properties, node):
        return None
    return write_fence(card.type, yaml_text.write_yaml(_to_yaml(card.properties, node, spell)))


def _only_known(properties: tuple[Property, ...], holder: dict[str, Any]) -> bool:
    tops = {each.name.partition(".")[0] for each in properties}
    if holder.keys() - tops - {"type", "version"}:
        return False
    for top in {name.partition(".")[0] for each in properties if "." in (name := each.name)}:
        nested = holder.get(top)
        if nested is not None and (
            not isinstance(nested, dict)
            or any(f"{top}.{leaf}" not in {each.name for each in properties} for leaf in nested)
        ):
            return False
    return True


def _to_yaml(
    properties: tuple[Property, ...], holder: dict[str, Any], spell: Callable[[Property, str], tuple[str, str]]
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for prop in properties:
        value = prop.read(holder)
        if prop.is_default(value):
            continue
        if prop.kind in RICH_KINDS and isinstance(value, str):
            suffix, text = spell(prop, value)
            out[prop.yaml_key + suffix] = text
        elif prop.items and isinstance(value, list) and all(isinstance(each, dict) for each in value):
            out[prop.yaml_key] = [_to_yaml(prop.items, each, spell) for each in value]
        else:
            out[prop.yaml_key] = value
    return out
