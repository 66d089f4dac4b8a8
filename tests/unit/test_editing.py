"""Front matter is edited in the author's own way, one key at a time, and nothing else changes."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.core.aliases import AliasTable
from ghostsync.core.documents import parse_document
from ghostsync.core.editing import REMOVED, Change, edit_front_matter, new_front_matter
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.frontmatter import FrontMatter, parse_front_matter
from ghostsync.core.keys import read_fields
from ghostsync.errors import ContentError
from ghostsync.model import DocPath, FieldName, FieldValue, Kind

F = FieldName

COMMENTED = """\
---
# top comment
title: "Hello: World"   # why
date: 2024-01-05
tags:
  - News   # n
  - 'Go'
  # trailing
excerpt: >
  This is a long folded
  text with a typpo in
  it.
og:
  title: x   # ogt
  description: 'y'
draft: true
featured:
weight: {a: 1, b: [2,3]}

# end
---

body
"""


def changed(source: str, changes: dict[FieldName, Change], **rest: object) -> tuple[list[str], list[str]]:
    """Return the lines that went and those that came."""
    result = edit_front_matter(source, changes, **rest)  # type: ignore[arg-type]
    diff = [line.rstrip("\r\n") for line in difflib.ndiff(source.splitlines(True), result.splitlines(True))]
    return [line[2:] for line in diff if line[:2] == "- "], [line[2:] for line in diff if line[:2] == "+ "]


@pytest.mark.parametrize(
    ("changes", "gone", "came"),
    [
        ({F("title"): 'New "t"'}, ['title: "Hello: World"   # why'], ['title: "New \\"t\\""   # why']),
        ({F("published_at"): "2024-01-06T00:00:00.000Z"}, ["date: 2024-01-05"], ["date: 2024-01-06"]),
        ({F("published_at"): "2024-01-06T10:30:00.000Z"}, ["date: 2024-01-05"], ["date: 2024-01-06 10:30"]),
        ({F("tags"): ("News", "Rust", "Go")}, [], ["  - Rust"]),
        ({F("tags"): ("Go",)}, ["  - News   # n"], []),
        ({F("tags"): ("News", "Python")}, ["  - 'Go'"], ["  - Python"]),
        ({F("tags"): ()}, ["tags:", "  - News   # n", "  - 'Go'"], ["tags: []"]),
        ({F("tags"): REMOVED}, ["tags:", "  - News   # n", "  - 'Go'"], []),
        (
            {F("excerpt"): "This is a long folded text with a typo in it."},
            ["  text with a typpo in"],
            ["  text with a typo in"],
        ),
        ({F("og_title"): "z"}, ["  title: x   # ogt"], ["  title: z   # ogt"]),
        ({F("og_image"): "a b.png"}, [], ["  image: a b.png"]),
        ({F("og_title"): REMOVED}, ["  title: x   # ogt"], []),
        ({F("status"): "published"}, ["draft: true"], ["draft: false"]),
        ({F("status"): "scheduled"}, ["draft: true"], ["status: scheduled"]),
        ({F("featured"): True}, ["featured:"], ["featured: true"]),
        ({F("slug"): "abc"}, [], ["slug: abc"]),
        ({F("codeinjection_head"): "<b>\n  x"}, [], ["codeinjection_head: |", "  <b>", "    x"]),
        ({F("title"): "Hello: World"}, [], []),
    ],
    ids=lambda value: None if isinstance(value, list) else ",".join(value),
)
def test_yaml_changes_only_its_lines(changes: dict[FieldName, Change], gone: list[str], came: list[str]) -> None:
    """Comments, quotes, list style, folds and order stay; the key's own lines change."""
    assert changed(COMMENTED, changes) == (gone, came)


TOML = """\
+++
title = 'x' # c
date = 2024-01-01T00:00:00Z
tags = [
  'a', # one
  'b',
]

[og]
title = 'z'
+++
body
"""


@pytest.mark.parametrize(
    ("changes", "gone", "came"),
    [
        ({F("title"): "y"}, ["title = 'x' # c"], ["title = 'y' # c"]),
        ({F("title"): "it's"}, ["title = 'x' # c"], ['title = "it\'s" # c']),
        ({F("title"): "a\x7fb"}, ["title = 'x' # c"], ['title = "a\\u007fb" # c']),
        (
            {F("published_at"): "2024-01-06T10:00:00.000Z"},
            ["date = 2024-01-01T00:00:00Z"],
            ["date = 2024-01-06T10:00:00Z"],
        ),
        ({F("og_title"): "k"}, ["title = 'z'"], ["title = 'k'"]),
        ({F("og_title"): REMOVED, F("title"): "y"}, ["title = 'x' # c", "title = 'z'"], ["title = 'y' # c"]),
    ],
)
def test_toml_changes_only_its_lines(changes: dict[FieldName, Change], gone: list[str], came: list[str]) -> None:
    """TOML keeps its comments and quotes."""
    assert changed(TOML, changes) == (gone, came)


JSON = '{\n  "title": "x",\n  "tags": ["a", "b"],\n  "og": {"title": "z"}\n}\nbody\n'


@pytest.mark.parametrize(
    ("changes", "gone", "came"),
    [
        ({F("title"): 'é"'}, ['  "title": "x",'], ['  "title": "é\\"",']),
        ({F("tags"): ("b", "c")}, ['  "tags": ["a", "b"],'], ['  "tags": ["b", "c"],']),
        ({F("slug"): "s"}, [], ['  "slug": "s",']),
        ({F("tags"): REMOVED}, ['  "tags": ["a", "b"],'], []),
        (
            {F("og_title"): REMOVED},
            ['  "tags": ["a", "b"],', '  "og": {"title": "z"}'],
            ['  "tags": ["a", "b"]'],
        ),
    ],
)
def test_json_changes_only_its_lines(changes: dict[FieldName, Change], gone: list[str], came: list[str]) -> None:
    """JSON keeps its indentation and spacing."""
    assert changed(JSON, changes) == (gone, came)


@pytest.mark.parametrize(
    ("preset", "source", "changes", "gone", "came"),
    [
        ("hugo", "---\ndescription: a\n---\n", {F("excerpt"): "b"}, ["description: a"], ["description: b"]),
        (
            "hugo",
            "---\ncategories: [x, y]\ntags: [z]\n---\n",
            {F("tags"): ("z", "new", "x")},
            ["categories: [x, y]", "tags: [z]"],
            ["categories: [x]", "tags: [z, new]"],
        ),
        (
            "jekyll",
            "---\npublished: false\n---\n",
            {F("status"): "published"},
            ["published: false"],
            ["published: true"],
        ),
        ("jekyll", "---\ntags: a b c\n---\n", {F("tags"): ("a", "c")}, ["tags: a b c"], ["tags: a c"]),
        (
            "jekyll",
            "---\ndate: 2024-01-05 10:00:00 +0100\n---\n",
            {F("published_at"): "2024-01-06T10:00:00.000Z"},
            ["date: 2024-01-05 10:00:00 +0100"],
            ["date: 2024-01-06 11:00:00 +0100"],
        ),
        ("zola", "+++\n[taxonomies]\ntags = ['a']\n+++\n", {F("tags"): ("b",)}, ["tags = ['a']"], ['tags = ["b"]']),
    ],
)
def test_the_key_that_the_author_used_is_edited(
    preset: str, source: str, changes: dict[FieldName, Change], gone: list[str], came: list[str]
) -> None:
    """Under a preset its own keys are changed, not ghostsync's put beside them."""
    assert changed(source, changes, aliases=AliasTable.build(preset)) == (gone, came)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_file_without_front_matter_gets_some(newline: str, bom: str) -> None:
    """New front matter is YAML, follows the file's line ends and stays behind a byte order mark."""
    source = f"{bom}Text{newline}more"
    result = edit_front_matter(source, {F("tags"): ("a", "#b")})
    assert result == newline.join([f"{bom}---", 'tags: [a, "#b"]', "---", "", "Text", "more"])


def test_a_title_that_is_a_heading_is_changed_there() -> None:
    """A document whose title is its leading heading keeps it so."""
    assert edit_front_matter("# Old *title*\n\nbody\n", {F("title"): "New"}) == "# New\n\nbody\n"


def test_a_title_that_a_heading_cannot_say_goes_to_the_front_matter() -> None:
    """What Markdown would change in a heading is written as a key."""
    result = edit_front_matter("# Old\n\nbody\n", {F("title"): "Ends in #"})
    parsed = parse_document(DocPath("a.md"), result.encode()).document
    assert parsed is not None
    assert parsed.title == "Ends in #"


@pytest.mark.parametrize(
    "source",
    [
        "---\na: &x foo\ntitle: *x\n---\n",
        "---\n{title: a, weight: 3}\n---\n",
        "---\n# only a comment\n---\n",
        "---\n---\n",
    ],
)
def test_unusual_yaml_is_edited_too(source: str) -> None:
    """Aliases, flow mappings and empty front matter are no obstacle."""
    result = edit_front_matter(source, {F("title"): "new: title"})
    front = parse_front_matter(result)
    assert isinstance(front, FrontMatter)
    assert read_fields(front.table, AliasTable.build()).values[F("title")] == "new: title"


def test_an_edit_that_would_change_something_else_is_refused() -> None:
    """The value behind an anchor serves another key too: changing it in place would change both."""
    source = "---\ntitle: &t one\nexcerpt: *t\n---\nbody\n"
    result = edit_front_matter(source, {F("title"): "two"})
    front = parse_front_matter(result)
    assert isinstance(front, FrontMatter)
    assert read_fields(front.table, AliasTable.build()).values == {F("title"): "two", F("excerpt"): "one"}


def test_unreadable_front_matter_is_not_edited() -> None:
    """A file with a fault is refused with the fault."""
    with pytest.raises(ContentError) as refused:
        edit_front_matter("---\na: b: c\n---\n", {F("title"): "x"}, path=DocPath("p.md"))
    assert refused.value.problems[0].line == 2


TEXTS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), min_size=1, max_size=40
).filter(lambda text: text.strip() == text and bool(text))
VALUES: dict[ValueKind, st.SearchStrategy[FieldValue]] = {
    ValueKind.TEXT: TEXTS,
    ValueKind.HTML: st.one_of(TEXTS, st.lists(TEXTS, min_size=2, max_size=4).map("\n".join)),
    ValueKind.URL: st.sampled_from(["https://example.com/a?b=c#d", "/x/"]),
    ValueKind.IMAGE: st.sampled_from(["pic.png", "../my pic.jpg", "https://example.com/%C3%A4.png"]),
    ValueKind.FLAG: st.booleans(),
    ValueKind.DATE: st.datetimes().map(
        lambda moment: moment.strftime("%Y").rjust(4, "0") + moment.strftime("-%m-%dT%H:%M:%S.000Z")
    ),
    ValueKind.TAGS: st.lists(
        TEXTS.filter(lambda text: not text.startswith(",")), max_size=4, unique_by=str.casefold
    ).map(tuple),
    ValueKind.AUTHORS: st.lists(st.sampled_from(["jane", "joe", "x@example.com"]), min_size=1, unique=True).map(tuple),
    ValueKind.SLUG: st.sampled_from(["one", "two-three", "yes", "2024"]),
}
NAMES = [name for name, spec in FIELDS.items() if Kind.POST in spec.kinds and spec.value in VALUES]


def value_of(name: FieldName) -> st.SearchStrategy[FieldValue]:
    """Return values that Ghost could hold for a field."""
    return VALUES[FIELDS[name].value]


SOURCES = st.sampled_from(
    [
        COMMENTED,
        COMMENTED.replace("\n", "\r\n"),
        TOML,
        TOML.replace("\n", "\r\n"),
        JSON,
        "body only\n",
        "---\ntags: [a, 'b',  c]  # x\ntitle: plain\nmeta: {title: a}\nauthors:\n- jane\n- joe # him\n---\nbody\n",
        "---\ntitle: plain\n  wrapped text\n  over lines\nexcerpt: |\n  1\n\n  2\n\ncanonical_url: /x\n---\nbody\n",
        "{}\nbody\n",
        "+++\n+++\nbody\n",
    ]
)


@settings(max_examples=400)
@given(data=st.data(), source=SOURCES)
def test_law_only_the_wanted_fields_change(data: st.DataObject, source: str) -> None:
    """After any change of any field the file says exactly that; all else, the body too, is as before."""
    name = data.draw(st.sampled_from(NAMES))
    value: Change = data.draw(st.one_of(st.just(REMOVED), value_of(name)))
    before = parse_front_matter(source)
    assert isinstance(before, FrontMatter)
    result = edit_front_matter(source, {name: value})
    after = parse_front_matter(result)
    assert isinstance(after, FrontMatter)
    expected = dict(read_fields(before.table, AliasTable.build()).values)
    if value is REMOVED:
        expected.pop(name, None)
    else:
        expected[name] = value
    assert read_fields(after.table, AliasTable.build()).values == expected
    assert result[after.body_start :].lstrip("\r\n") == source[before.body_start :].lstrip("\r\n")
    kept = [line for line in source.splitlines(True) if "#" in line and line.lstrip().startswith("#")]
    assert all(line in result for line in kept)


@settings(max_examples=200)
@given(data=st.data(), source=SOURCES)
def test_law_an_edit_and_its_contrary_give_the_file_back(data: st.DataObject, source: str) -> None:
    """Adding a key that was not there and removing it again leaves no trace in YAML and JSON."""
    before = parse_front_matter(source)
    assert isinstance(before, FrontMatter)
    if not before.table.entries or source.startswith("+++"):
        return
    missing = [name for name in NAMES if name not in read_fields(before.table, AliasTable.build()).values]
    name = data.draw(st.sampled_from([name for name in missing if name not in {"featured", "status"}]))
    value = data.draw(value_of(name))
    assert edit_front_matter(edit_front_matter(source, {name: value}), {name: REMOVED}) == source


@settings(max_examples=200)
@given(data=st.data())
def test_law_new_front_matter_says_what_it_was_made_from(data: st.DataObject) -> None:
    """What pull writes for a new post reads back as the same fields."""
    names = data.draw(st.lists(st.sampled_from(NAMES), unique=True))
    fields = {name: data.draw(value_of(name)) for name in names}
    front = parse_front_matter(new_front_matter(fields, Kind.POST) + "body")
    assert isinstance(front, FrontMatter)
    assert read_fields(front.table, AliasTable.build()).values == fields


def test_a_key_in_capitals_is_edited_where_it_stands() -> None:
    """What comes back from Ghost goes into Hugo's `Title`, not into a second key."""
    source = "+++\nTitle = 'Old'\nTags = ['a']\n+++\nBody\n"
    aliases = AliasTable.build("hugo")
    edited = edit_front_matter(source, {FieldName("title"): "New", FieldName("tags"): ("a", "b")}, aliases=aliases)
    assert edited == "+++\nTitle = 'New'\nTags = ['a', \"b\"]\n+++\nBody\n"
