"""YAML front matter: composed into nodes by PyYAML's C parser, never constructed.

Since nothing is constructed, no tag can make an object of a foreign class, and no value is changed by YAML 1.1's
guesses (`no` → false, `1.10` → 1.1, `12:30` → 750).
"""

from __future__ import annotations

import re

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ghostsync.core.raw import Entry, Fault, Listing, Raw, Scalar, ScalarKind, Table

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml: the same nodes, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_EMPTY_WORDS = frozenset({"", "~", "null", "Null", "NULL"})
# An alias can repeat a node that repeats another: ten lines could unfold to billions of values.
_MOST_VALUES = 20_000
_DEEPEST = 50

_NO_TABS = "indent with spaces; YAML takes no tabs"
_HINTS = (
    ("mapping values are not allowed", "a value that contains `: ` needs quotes"),
    ("found character '\\t'", _NO_TABS),
    ("found a tab character", _NO_TABS),
    ("cannot start any token", "a value that begins with @, ` or % needs quotes"),
    ("found unexpected end of stream", "a quote is opened and not closed"),
    (
        "did not find expected ',' or ']'",
        "close the list with `]`; an item that begins with # or contains , needs quotes",
    ),
    ("did not find expected ',' or '}'", "close the mapping with `}`"),
    (
        "did not find expected node content",
        "a value or item that begins with # [ { or , needs quotes; is a bracket open?",
    ),
    ("found undefined alias", "a value that begins with `*` needs quotes"),
    ("expected alphabetic or numeric character", "a value that begins with `*` or `&` needs quotes"),
    ("could not find expected ':'", "each line is `key: value`"),
    ("did not find expected key", "check the indentation and the quotes of this line and the one before"),
    ("but found '<block mapping start>'", "check the indentation"),
)


# Only text like this can nest thousands deep; a look at every event of ordinary front matter would double its cost.
_MAY_NEST = re.compile(r"(?:[\[{][^\[{]*){50}|(?:[-?:][ \t]+){50}")


def compose_yaml(content: str) -> Node | None:
    """Return the root node with its marks, or None for empty text; raises `yaml.YAMLError`, `RecursionError`."""
    if _MAY_NEST.search(content):
        _refuse_depth(content)
    loader = _Loader(content)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _refuse_depth(content: str) -> None:
    """Raise RecursionError for nesting that would overflow the C composer's stack and kill the process."""
    depth = 0
    for event in yaml.parse(content, Loader=_Loader):
        match event:
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                depth += 1
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                depth -= 1
        if depth > _DEEPEST:
            raise RecursionError


def read_yaml(content: str, first_line: int) -> Table | tuple[Fault, ...] | None:
    """Return the mapping that `content` is, the faults that keep it from being read, or None if it is none."""
    read = read_yaml_value(content, first_line)
    return read if isinstance(read, Table | tuple) else None


def read_yaml_value(content: str, first_line: int) -> Raw | tuple[Fault, ...]:
    """Return whatever value `content` is; nothing at all is an empty table."""
    try:
        root = compose_yaml(content)
    except yaml.YAMLError as wrong:
        return (_explain(wrong, content, first_line),)
    except UnicodeEncodeError as wrong:
        line = first_line + content.count("\n", 0, wrong.start)
        return (Fault(line=line, message="the YAML contains half of a character (a lone surrogate)", hint="remove it"),)
    except RecursionError:
        return (Fault(line=first_line, message="the YAML is nested too deeply"),)
    if root is None:
        return Table(entries=(), line=first_line)
    reader = _Reader(content, first_line)
    value = reader.value(root, 0)
    return tuple(reader.faults) or value


class _Reader:
    """Turns nodes into raw values; collects duplicate keys and refuses what unfolds without end."""

    def __init__(self, content: str, first_line: int) -> None:
        self._content = content
        self._first_line = first_line
        self._count = 0
        self.faults: list[Fault] = []

    def value(self, node: Node, depth: int) -> Raw:
        line = self._first_line + node.start_mark.line
        self._count += 1
        if self._count > _MOST_VALUES or depth > _DEEPEST:
            if not self.faults or "too much" not in self.faults[-1].message:
                self.faults.append(
                    Fault(line=line, message="the YAML unfolds into too much; is an alias (`*`) repeated?")
                )
            return Scalar("", ScalarKind.EMPTY, line)
        match node:
            case MappingNode():
                return self._mapping(node, line, depth)
            case SequenceNode():
                return Listing(tuple(self.value(item, depth + 1) for item in node.value), line)
            case ScalarNode():
                return self._scalar(node, line)
            case _:
                raise AssertionError(node)

    def _mapping(self, node: MappingNode, line: int, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        merged: list[Entry] = []
        for key_node, value_node in node.value:
            at = self._first_line + key_node.start_mark.line
            if not isinstance(key_node, ScalarNode):
                self.faults.append(
                    Fault(line=at, message="a key is a list or a mapping", hint="use plain words as keys")
                )
                continue
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                merged.extend(self._merged(value_node, depth))
                continue
            if key in entries:
                self.faults.append(
                    Fault(
                        line=at,
                        message=f"the key `{key}` is already on line {entries[key].line}",
                        hint="keep one of the two",
                    )
                )
                continue
            entries[key] = Entry(key, self.value(value_node, depth + 1), at)
        for entry in merged:
            entries.setdefault(entry.key, entry)
        return Table(tuple(entries.values()), line)

    def _merged(self, node: Node, depth: int) -> tuple[Entry, ...]:
        value = self.value(node, depth + 1)
        tables = value.items if isinstance(value, Listing) else (value,)
        return tuple(entry for table in tables if isinstance(table, Table) for entry in table.entries)

    def _scalar(self, node: ScalarNode, line: int) -> Scalar:
        text = str(node.value)
        if not node.style:
            return Scalar(text, ScalarKind.EMPTY if text in _EMPTY_WORDS else ScalarKind.PLAIN, line)
        if node.style in "|>" and not self._keeps_line_ends(node):
            # The line end after a block of text belongs to the file, not to the value, unless `+` says so.
            text = text.removesuffix("\n")
        return Scalar(text, ScalarKind.TEXT, line)

    def _keeps_line_ends(self, node: ScalarNode) -> bool:
        header = re.match(r"[^|>]*[|>]([0-9+-]*)", self._content[node.start_mark.index : node.start_mark.index + 200])
        return header is not None and "+" in header[1]


def _explain(wrong: yaml.YAMLError, content: str, first_line: int) -> Fault:
    if isinstance(wrong, yaml.MarkedYAMLError):
        mark = wrong.problem_mark or wrong.context_mark
        what = wrong.problem or wrong.context or "it cannot be read"
        if "nesting" in what:  # PyYAML's own limit, since 6.0.4
            return Fault(line=first_line, message="the YAML is nested too deeply")
        line = first_line + (mark.line if mark is not None else 0)
        # libyaml notices an unclosed bracket or quote only at the end; where it was opened helps more.
        if wrong.context_mark is not None and mark is not None and "while parsing a flow" in (wrong.context or ""):
            line = first_line + wrong.context_mark.line
        if "unexpected end of stream" in what and wrong.context_mark is not None:
            line = first_line + wrong.context_mark.line
        last = first_line + max(content.count("\n") - 1, 0)
        hint = next((hint for sign, hint in _HINTS if sign in what), None)
        written = content.split("\n")[line - first_line : line - first_line + 1]
        if written and written[0].lstrip(" ").startswith("\t"):
            hint = _NO_TABS
        return Fault(line=min(line, last), message=f"the YAML cannot be read: {what}", hint=hint)
    if isinstance(wrong, yaml.reader.ReaderError):
        place = wrong.position if isinstance(wrong.position, int) else 0
        char = wrong.character
        shown = f"U+{char:04X}" if isinstance(char, int) else "a character"
        bad = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", content)
        place = bad.start() if bad else place
        shown = f"U+{ord(bad[0]):04X}" if bad else shown
        line = first_line + content.count("\n", 0, place)
        return Fault(line=line, message=f"the YAML contains the character {shown}, which it may not", hint="remove it")
    return Fault(line=first_line, message=f"the YAML cannot be read: {wrong}")
