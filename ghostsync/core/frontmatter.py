"""Where front matter ends, what it says, and on which lines.

Four forms are read: YAML between `---` lines, TOML between `+++` lines, JSON as one object at the top or between `;;;`
lines, and none. Everything keeps its place: the body begins at a known character, each key has its line, so that a
problem can point and an edit can touch one line only.

A file that begins with `---` is front matter when a closing `---` (or `...`) follows and what stands between is a
mapping or nothing. Otherwise it may be a thematic break: so it is taken where a blank line follows it or nothing
closes it. Anything else is a fault and not guessed at, since front matter that is silently taken for text would be
published.

Libraries: PyYAML's C parser composes YAML into nodes with marks. `ruamel.yaml` does the same thirty times slower
(three seconds for a thousand documents), `python-frontmatter` gives neither lines nor the body's exact place, loses
leading blank lines and types values by guess; both are held against this module in the tests. JSON is read by a
scanner of its own, because `json` has no positions. TOML's values come from `tomllib`,
the lines from a look at its keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ghostsync.core.raw import Fault, Table
from ghostsync.core.syntax_json import read_json
from ghostsync.core.syntax_toml import read_toml
from ghostsync.core.syntax_yaml import read_yaml
from ghostsync.model import Syntax

BOM = "\ufeff"

_YAML_OPEN = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
_YAML_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_TOML_OPEN = re.compile(r"\+\+\+[ \t]*(?:\r\n|\n|\r)")
_TOML_CLOSE = re.compile(r"^\+\+\+[ \t]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_JSON_OPEN = re.compile(r";;;[ \t]*(?:\r\n|\n|\r)")
_JSON_CLOSE = re.compile(r"^;;;[ \t]*(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_LOOKS_LIKE_KEYS = re.compile(r"\s*[\w\"'-]+[ \t]*[:=]")
_LINE_END = re.compile(r"[ \t]*(?:\r\n|\n|\r|\Z)")
_NEWLINE = re.compile(r"\r\n|\n|\r")

_FENCES = {
    Syntax.YAML: (_YAML_OPEN, _YAML_CLOSE, "---"),
    Syntax.TOML: (_TOML_OPEN, _TOML_CLOSE, "+++"),
    Syntax.JSON: (_JSON_OPEN, _JSON_CLOSE, ";;;"),
}
_NO_KEYS = Table(entries=(), line=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The front matter of one file and where it stands; offsets count characters of the source."""

    syntax: Syntax
    table: Table
    content_start: int
    """Where its own text begins, after the opening line (for a bare JSON object: at `{`)."""
    content_end: int
    """Where its own text ends, before the closing line (for a bare JSON object: after `}`)."""
    body_start: int
    """Where the body begins: after the closing line."""
    body_line: int
    first_line: int
    """The line of the file on which the front matter's own text begins."""


def parse_front_matter(source: str) -> FrontMatter | tuple[Fault, ...]:
    """Return the front matter of a file's text, or every fault that keeps it from being read."""
    start = len(BOM) if source.startswith(BOM) else 0
    for syntax, (opening, _, _) in _FENCES.items():
        opened = opening.match(source, start)
        if opened is not None:
            return _parse_fenced(source, syntax, start, opened.end())
    if source.startswith("{", start):
        return _parse_bare_json(source, start)
    return _none(start)


def newline_of(source: str) -> str:
    """Return the line end that the text uses first, a line feed where it has none."""
    found = _NEWLINE.search(source)
    return found[0] if found else "\n"


def _none(start: int) -> FrontMatter:
    return FrontMatter(
        syntax=Syntax.NONE,
        table=_NO_KEYS,
        content_start=start,
        content_end=start,
        body_start=start,
        body_line=1,
        first_line=1,
    )


def _parse_fenced(source: str, syntax: Syntax, start: int, content_start: int) -> FrontMatter | tuple[Fault, ...]:
    _, closing, fence = _FENCES[syntax]
    closed = closing.search(source, content_start)
    blank_follows = _LINE_END.match(source, content_start) is not None
    if closed is None:
        if syntax is Syntax.YAML and (blank_follows or not _LOOKS_LIKE_KEYS.match(source, content_start)):
            return _none(start)
        return (Fault(line=1, message="the front matter is never closed", hint=f"end it with a line `{fence}`"),)
    content = source[content_start : closed.start()]
    table = _READERS[syntax](content, 2)
    if table is None:
        if blank_follows and content.strip():
            return _none(start)
        return (
            Fault(
                line=2,
                message="the front matter is not a list of keys and values",
                hint="write `key: value` lines, or begin the text with `***` if the `---` is meant as a thematic break",
            ),
        )
    if not isinstance(table, Table):
        return table
    return FrontMatter(
        syntax=syntax,
        table=table,
        content_start=content_start,
        content_end=closed.start(),
        body_start=closed.end(),
        body_line=2 + count_lines(content) + 1,
        first_line=2,
    )


def _parse_bare_json(source: str, start: int) -> FrontMatter | tuple[Fault, ...]:
    read = read_json(source, start, 1)
    if isinstance(read, Fault):
        # `{{< shortcode >}}` and the like begin a text, not front matter.
        return (read,) if re.match(r"\{\s*(?:\"|\})", source[start:]) else _none(start)
    table, end = read
    after = _LINE_END.match(source, end)
    if after is None:
        return (
            Fault(
                line=1 + count_lines(source[start:end]),
                message="text follows the JSON front matter on the same line",
                hint="put the text on a line of its own",
            ),
        )
    return FrontMatter(
        syntax=Syntax.JSON,
        table=table,
        content_start=start,
        content_end=end,
        body_start=after.end(),
        body_line=1 + count_lines(source[start : after.end()]),
        first_line=1,
    )


def count_lines(text: str) -> int:
    """Return how many line ends `text` has."""
    return len(_NEWLINE.findall(text)) if "\r" in text else text.count("\n")


def _read_fenced_json(content: str, first_line: int) -> Table | tuple[Fault, ...] | None:
    stripped = content.strip()
    if not stripped:
        return Table(entries=(), line=first_line)
    begin = content.index(stripped[0])
    read = read_json(content, begin, first_line + count_lines(content[:begin]))
    if isinstance(read, Fault):
        return (read,)
    table, end = read
    if content[end:].strip():
        line = first_line + count_lines(content[:end])
        return (Fault(line=line, message="something follows the JSON object in the front matter"),)
    return table


_READERS = {Syntax.YAML: read_yaml, Syntax.TOML: read_toml, Syntax.JSON: _read_fenced_json}
