"""YAML for card fences: a small writer, and a reader in which a scalar is what the property's kind says it is.

Reading leaves every scalar as text plus whether it was plain; a card's definition decides what it becomes. YAML's
own guesses (`no` is false, `2024-01-01` is a date, `1_000` a number) would corrupt titles. Anchors and tags are
refused: a card has no use for them, and nested aliases are a known way to exhaust memory.

Writing is done here because the text must be the same in every version of every library, for ever: it is compared
line by line with what an author has. PyYAML does the reading, its scanner is the reference.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

#: Plain scalars that every reader takes for text: no indicator at the start, no `: ` or ` #` inside, no line end.
_PLAIN: Final = re.compile(r"""(?![\s\-?:,\[\]{}#&*!|>'"%@`=~])(?:(?!:(?:\s|$)|\s\#)[^\n\r\t])+(?<!\s)""")
#: What some reader takes for a number, a date, a time or a base-sixty number.
_LIKE_A_NUMBER: Final = re.compile(r"[-+.]?[0-9][0-9_.,:+\-eExoTtZz ]*|\.(?:inf|nan)", re.IGNORECASE)
_RESERVED: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
#: Characters that a block scalar cannot carry, or that some reader takes for a line end.
_UNSAFE_BLOCK: Final = re.compile(
    "[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_MAX_DEPTH: Final = 50


#: libyaml's where PyYAML was built with it: ten times as fast, and the reference for the other.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """Not YAML, or YAML that a card cannot hold; `line` counts from 0 within the fence."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as it was read: its text, and whether it stood without quotes."""

    text: str
    plain: bool

    def guess(self) -> Any:
        """Its value where no property says what it is: JSON's literals when plain, else text."""
        if self.plain:
            if self.text in {"null", "~", ""}:
                return None
            if self.text in {"true", "false"}:
                return self.text == "true"
            if _NUMBER.fullmatch(self.text):
                return json.loads(self.text.removeprefix("+"))
        return self.text


class Mapping(dict[str, Any]):
    """A mapping as it was read, with the line of each key (from 0 within the fence)."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


Value = Scalar | list[Any] | Mapping


def read_yaml(text: str) -> Mapping:
    """The mapping in a fence; an empty fence is an empty mapping. Raises YamlError."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise YamlError(error.problem or "not YAML", line) from None
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(" ".join(str(error).split())) from None
    except RecursionError:
        raise YamlError(f"nested deeper than {_MAX_DEPTH} levels") from None
    if root is None:
        return Mapping()
    value = _value(root, set(), 0)
    if not isinstance(value, Mapping):
        raise YamlError("expected `key: value` lines", root.start_mark.line)
    return value


def _value(node: yaml.Node, seen: set[int], depth: int) -> Value:
    line = node.start_mark.line
    if id(node) in seen:
        raise YamlError("an alias (`*name`) is not taken here", line)
    if depth > _MAX_DEPTH:
        raise YamlError(f"nested deeper than {_MAX_DEPTH} levels", line)
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, not node.style)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, seen, depth + 1) for each in node.value]
    result = Mapping()
    for key, each in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError("a key must be text", key.start_mark.line)
        if key.value in result:
            raise YamlError(f"{key.value} is written twice", key.start_mark.line)
        result[key.value] = _value(each, seen, depth + 1)
        result.lines[key.value] = key.start_mark.line
    return result


def plain_value(value: Value) -> Any:
    """The JSON value of what was read, where no property says more."""
    if isinstance(value, Scalar):
        return value.guess()
    if isinstance(value, list):
        return [plain_value(each) for each in value]
    return {key: plain_value(each) for key, each in value.items()}


def write_yaml(mapping: dict[str, Any]) -> str:
    """`key: value` lines that `read_yaml` reads back."""
    return "\n".join(line for key, value in mapping.items() for line in _entry(key, value))


def _entry(key: str, value: Any) -> list[str]:
    name = key if _KEY.fullmatch(key) and key.lower() not in _RESERVED else _quoted(key)
    if isinstance(value, dict) and value:
        return [f"{name}:"] + ["  " + line for each, sub in value.items() for line in _entry(each, sub)]
    if isinstance(value, list | tuple) and value:
        return [f"{name}:"] + [f"  {line}" for each in value for line in _item(each)]
    first, *rest = _scalar(value)
    return [f"{name}: {first}", *(f"  {line}" if line else "" for line in rest)]


def _item(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        lines = [line for each, sub in value.items() for line in _entry(each, sub)]
        return [f"- {lines[0]}", *(f"  {line}" if line else "" for line in lines[1:])]
    if isinstance(value, list | tuple) and value:
        return [f"- {json.dumps(value, ensure_ascii=False)}"]
    first, *rest = _scalar(value)
    return [f"- {first}", *(f"  {line}" if line else "" for line in rest)]


def _scalar(value: Any) -> list[str]:
    if not isinstance(value, str):
        return [json.dumps(value, ensure_ascii=True)]
    is_safe = not _UNSAFE_BLOCK.search(value)
    if is_safe and _PLAIN.fullmatch(value) and value.lower() not in _RESERVED and not _LIKE_A_NUMBER.fullmatch(value):
        return [value]
    if is_safe and any(each in value for each in '\n"\\') and value[0] not in " \n\t" and value.strip("\n \t"):
        body = value.rstrip("\n")
        trailing = len(value) - len(body)
        lines = body.split("\n")
        if trailing == 0:
            return ["|-", *lines]
        if trailing == 1:
            return ["|", *lines]
        return ["|+", *lines, *[""] * (trailing - 1)]
    return [_quoted(value)]


def _quoted(value: str) -> str:
    # JSON's escapes are YAML's too, but YAML has no surrogate pairs; what is not printable is escaped singly.
    out = json.dumps(value, ensure_ascii=False)
    return _UNSAFE_BLOCK.sub(lambda match: _escape(match[0]), out)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
