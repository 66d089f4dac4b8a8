"""Front matter in every syntax: where it ends, what it says, on which lines."""

from __future__ import annotations

import frontmatter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.core.frontmatter import FrontMatter, parse_front_matter
from ghostsync.core.raw import Fault, Listing, Scalar, ScalarKind, Table
from ghostsync.model import Syntax


def parsed(source: str) -> FrontMatter:
    """Return the front matter of a text that has no fault."""
    front = parse_front_matter(source)
    assert isinstance(front, FrontMatter), front
    return front


def faults(source: str) -> tuple[Fault, ...]:
    """Return the faults of a text that has some."""
    front = parse_front_matter(source)
    assert isinstance(front, tuple), front
    return front


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("syntax", "lines"),
    [
        (Syntax.YAML, ["---", "title: Ä 😀", "tags: [a]", "---"]),
        (Syntax.TOML, ["+++", "title = 'Ä 😀'", "tags = ['a']", "+++"]),
        (Syntax.JSON, [";;;", '{"title": "Ä 😀",', '"tags": ["a"]}', ";;;"]),
        (Syntax.JSON, ["{", '"title": "Ä 😀", "tags": ["a"]', "", "}"]),
    ],
)
def test_every_syntax_gives_body_and_lines(syntax: Syntax, lines: list[str], bom: str, newline: str) -> None:
    """The body begins right behind the closing line, whatever the syntax, the line ends or a byte order mark."""
    source = bom + newline.join([*lines, "", "Body"])
    front = parsed(source)
    assert front.syntax is syntax
    assert source[front.body_start :] == f"{newline}Body"
    assert front.body_line == 5
    title = front.table.get("title")
    assert isinstance(title, Scalar)
    assert (title.text, title.line) == ("Ä 😀", 2)
    assert isinstance(front.table.get("tags"), Listing)


def test_values_keep_their_own_text() -> None:
    """No loader's guess changes a version, a word or a date before its field has read it."""
    table = parsed("---\na: 1.10\nb: on\nc: 2024-01-01\nd: 12:30\ne: 'no'\nf: ~\ng:\n---\n").table
    assert [entry.value.text for entry in table.entries if isinstance(entry.value, Scalar)] == [
        "1.10",
        "on",
        "2024-01-01",
        "12:30",
        "no",
        "~",
        "",
    ]
    assert [entry.value.kind for entry in table.entries if isinstance(entry.value, Scalar)][-3:] == [
        ScalarKind.TEXT,
        ScalarKind.EMPTY,
        ScalarKind.EMPTY,
    ]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "text",
        "---\n\ntext\n\n---\nmore",
        "---\nnot closed and no key",
        "{{< shortcode >}}\ntext",
        "----\na: b\n----\n",
    ],
)
def test_a_text_without_front_matter_is_all_body(source: str) -> None:
    """A thematic break, a shortcode or nothing at the top is not front matter."""
    front = parsed(source)
    assert front.syntax is Syntax.NONE
    assert source[front.body_start :] == source


def test_a_rule_inside_the_body_is_no_end() -> None:
    """Only the first closing line closes."""
    source = "---\na: b\n---\ntext\n---\nmore\n"
    assert source[parsed(source).body_start :] == "text\n---\nmore\n"


@pytest.mark.parametrize(
    ("source", "line", "message", "hint"),
    [
        ("---\nok: 1\ntitle: a: b\n---\n", 3, "mapping values", "quotes"),
        ("---\ntitle: 'x\nb: c\n---\n", 2, "end of stream", "quote"),
        ("---\na: 1\na: 2\n---\n", 3, "`a` is already on line 2", "keep one"),
        ("---\na: b\n\tc: d\n---\n", 3, "tab", "spaces"),
        ("---\ntags: [a, #b]\n---\n", 2, "node content", "#"),
        ("---\ntitle: x\n", 1, "never closed", "---"),
        ("---\njust text\n---\n", 2, "not a list of keys", "***"),
        ("---\na: \x07\n---\n", 2, "U+0007", "remove"),
        ("+++\ntitle = x\n+++\n", 2, "TOML", None),
        ("+++\na = 1\na = 2\n+++\n", 3, "TOML", None),
        ('{"a": 1,\n"a": 2}\n', 2, "already on line 1", None),
        ('{"a": }\n', 1, "JSON", None),
    ],
)
def test_faults_say_where_and_what_to_do(source: str, line: int, message: str, hint: str | None) -> None:
    """A fault names its line in the file and, where there is one, the remedy."""
    (fault,) = faults(source)
    assert fault.line == line
    assert message in fault.message
    assert hint is None or (fault.hint is not None and hint in fault.hint)


@pytest.mark.parametrize(
    "content",
    [
        "a: " + "[" * 200_000 + "]" * 200_000,
        "? " * 100_000,
        "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)),
    ],
    ids=["brackets", "keys", "aliases"],
)
def test_hostile_yaml_is_a_fault(content: str) -> None:
    """Text that would overflow a parser's stack or the memory is refused, and the process lives on."""
    (fault,) = faults(f"---\n{content}\n---\n")
    assert "too" in fault.message


def test_control_ordinary_nesting_is_read() -> None:
    """What is refused above is depth, not brackets: forty levels are fine."""
    assert parsed("---\na: " + "[" * 40 + "]" * 40 + "\n---\n").table.get("a")


SCALARS = st.one_of(
    st.integers(-999, 999).map(str),
    st.text("abc äöü", min_size=1, max_size=12).map(lambda text: f"'{text}'"),
    st.sampled_from(["plain words", "true", '"quo\\"ted"', "[a, b]", "{x: y}"]),
)


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=6).filter(lambda key: key != "e"), SCALARS, max_size=6),
    st.text("ab\n#-", max_size=30),
)
def test_python_frontmatter_reads_the_same(keys: dict[str, str], body: str) -> None:
    """On ordinary files keys and body are those that python-frontmatter finds (it strips the body, we do not)."""
    source = "---\n" + "".join(f"{key}: {value}\n" for key, value in keys.items()) + "---\n" + body
    metadata, content = frontmatter.parse(source)
    front = parsed(source)
    assert [entry.key for entry in front.table.entries] == [str(key) for key in metadata]
    assert source[front.body_start :].strip() == content
    for entry in front.table.entries:
        theirs = metadata[entry.key]
        match entry.value:
            case Scalar(text=text):
                assert text == (str(theirs).lower() if isinstance(theirs, bool) else str(theirs))
            case Listing(items=items):
                assert [item.text for item in items if isinstance(item, Scalar)] == theirs
            case Table(entries=entries):
                assert [inner.key for inner in entries] == list(theirs)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail in a way of its own."""
    for source in (text, f"---\n{text}\n---\n", f"+++\n{text}\n+++\n", f"{{{text}"):
        front = parse_front_matter(source)
        if isinstance(front, FrontMatter):
            assert 0 <= front.content_start <= front.content_end <= front.body_start <= len(source)
        else:
            assert all(fault.message for fault in front)
