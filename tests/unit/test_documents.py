"""Documents: title, slug, date and kind; fields and their limits; everything wrong at once."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.core.aliases import PRESETS, AliasTable, UnknownPreset
from ghostsync.core.configuration import PRESET_NAMES
from ghostsync.core.dates import parse_date
from ghostsync.core.document_settings import DefaultRule, DocumentSettings
from ghostsync.core.documents import check_slugs, parse_document
from ghostsync.core.fields import CONTENT_FIELDS, FIELDS, ValueKind
from ghostsync.core.globs import Glob
from ghostsync.core.tags import parse_tags
from ghostsync.errors import Problem
from ghostsync.model import DocPath, Document, FieldName, Kind

F = FieldName


def document(source: str, path: str = "posts/a.md", **settings: object) -> Document:
    """Return a document that has no problem."""
    parsed = parse_document(DocPath(path), source.encode(), DocumentSettings(**settings))  # type: ignore[arg-type]
    assert parsed.problems == ()
    assert parsed.document is not None
    return parsed.document


def problems(source: str | bytes, path: str = "posts/a.md", **settings: object) -> tuple[Problem, ...]:
    """Return what is wrong with a document that is wrong."""
    data = source if isinstance(source, bytes) else source.encode()
    parsed = parse_document(DocPath(path), data, DocumentSettings(**settings))  # type: ignore[arg-type]
    assert parsed.document is None
    return parsed.problems


def test_the_marker_tag_is_nobodys_to_write() -> None:
    """It is put on by itself and set apart when tags are compared: written, it could never be kept."""
    (problem,) = problems('---\ntags: [News, "#GhostSync"]\n---\n')
    assert (problem.line, "gets it by itself" in problem.message) == (2, True)
    assert document('---\ntags: ["#ghostsync"]\n---\n', marker=None).fields[F("tags")] == ("#ghostsync",)
    assert document('---\ntags: ["#ghostsync"]\n---\n', marker="#files").fields[F("tags")] == ("#ghostsync",)
    assert document("---\ntags: [ghostsync]\n---\n").fields[F("tags")] == ("ghostsync",)


@pytest.mark.parametrize(
    ("path", "source", "title", "slug", "date"),
    [
        ("posts/hello-world.md", "text", "Hello world", "hello-world", None),
        ("posts/2024-01-05-hello.md", "text", "Hello", "hello", "2024-01-05T00:00:00.000Z"),
        ("posts/2024-01-05-hello/index.md", "text", "Hello", "hello", "2024-01-05T00:00:00.000Z"),
        ("posts/a.md", "# The *Real* `Title` #\n\ntext", "The Real Title", "a", None),
        ("posts/a.md", "---\ntitle: Written\nslug: My Slug!\n---\n# H\n", "Written", "my-slug", None),
        ("posts/über uns.md", "text", "Über uns", "uber-uns", None),
        ("a/b/index.md", "", "B", "b", None),
        ("index.md", "", "Index", "index", None),
        ("posts/2024-13-45-x.md", "", "2024 13 45 x", "2024-13-45-x", None),
        ("posts/2024-01-05-a.md", "---\ndate: 2020-02-02\n---\n", "A", "a", "2020-02-02T00:00:00.000Z"),
    ],
)
def test_title_slug_and_date(path: str, source: str, title: str, slug: str, date: str | None) -> None:
    """Front matter decides, else the text, else the file's name."""
    found = document(source, path)
    assert (found.title, found.slug, found.fields.get(F("published_at"))) == (title, slug, date)
    assert found.fields[F("title")] == title


def test_a_heading_that_is_the_title_leaves_the_body() -> None:
    """The body begins behind the heading, on the line that follows; a written title leaves it where it is."""
    taken = document("---\nslug: a\n---\n\n# Title\n\ntext\n")
    assert (taken.body, taken.body_line) == ("\ntext\n", 6)
    kept = document("---\ntitle: T\n---\n\n# Heading\n")
    assert (kept.body, kept.body_line) == ("\n# Heading\n", 4)


@pytest.mark.parametrize(
    ("path", "source", "kind"),
    [
        ("posts/a.md", "", Kind.POST),
        ("a.md", "", Kind.POST),
        ("pages/a.md", "", Kind.PAGE),
        ("x/pages/y/a.md", "", Kind.PAGE),
        ("pages.md", "", Kind.POST),
        ("posts/a.md", "---\ntype: page\n---\n", Kind.PAGE),
        ("pages/a.md", "---\ntype: post\n---\n", Kind.POST),
    ],
)
def test_kind(path: str, source: str, kind: Kind) -> None:
    """Anything under a folder `pages/` is a page; `type` overrides."""
    assert document(source, path).kind is kind


def test_a_key_that_nobody_wrote_is_no_field() -> None:
    """Only what was written is there, and the title."""
    assert document("text").fields == {F("title"): "A"}


def test_every_field_can_be_written() -> None:
    """Friendly spellings, flat or nested, give comparable values."""
    found = document(
        """---
title: T
tags: [News, "#internal", news]
authors: jane, joe@example.com
tiers: [gold]
featured: yes
excerpt: 2024-01-01
feature_image: {src: my pic.jpg, alt: A, caption: <b>c</b>}
og: {title: o, image: https://example.com/ä b.png}
twitter_description: t
meta: {description: m}
codeinjection_head: |
  <style>
  </style>
canonical_url: https://example.com/ü
template: custom-x
newsletter: weekly
email_segment: status:-free
email_only: false
email_subject: s
date: 2024-06-01 12:00
draft: false
---
"""
    )
    assert found.fields == {
        "title": "T",
        "tags": ("News", "#internal"),
        "authors": ("jane", "joe@example.com"),
        "tiers": ("gold",),
        "visibility": "tiers",
        "featured": True,
        "excerpt": "2024-01-01",
        "feature_image": "my pic.jpg",
        "feature_image_alt": "A",
        "feature_image_caption": "<b>c</b>",
        "og_title": "o",
        "og_image": "https://example.com/%C3%A4%20b.png",
        "twitter_description": "t",
        "meta_description": "m",
        "codeinjection_head": "<style>\n</style>",
        "canonical_url": "https://example.com/%C3%BC",
        "template": "custom-x",
        "newsletter": "weekly",
        "email_segment": "status:-free",
        "email_only": False,
        "email_subject": "s",
        "published_at": "2024-06-01T12:00:00.000Z",
        "status": "published",
    }
    assert found.line_of(F("og_image")) == 9
    assert found.line_of(F("status")) == 22


def test_everything_wrong_is_said_at_once() -> None:
    """One pass finds every fault, in order of lines, in the author's spelling."""
    found = problems(
        "---\ndate: 01/02/2024\nstatus: nope\nfeatured: maybe\ntags: {a: b}\nauthors: []\n"
        "visibility: tiers\nshow_title_and_feature_image: true\nexcerpt: " + "x" * 301 + "\n---\n"
    )
    assert [(problem.line, problem.message.split(";")[0]) for problem in found] == [
        (2, "`date` is not a date: `01/02/2024`"),
        (3, "`status` is draft, published, scheduled or sent, not `nope`"),
        (4, "`featured` is true or false, not `maybe`"),
        (5, "`tags` is a list of tag names, not a mapping"),
        (6, "`authors` names nobody"),
        (7, "`visibility: tiers` without `tiers`"),
        (8, "only pages have `show_title_and_feature_image`"),
        (9, "`excerpt` has 301 characters"),
    ]
    assert all(problem.hint for problem in found)


@pytest.mark.parametrize("name", [name for name, spec in FIELDS.items() if spec.limit and spec.value is ValueKind.TEXT])
def test_limits_are_where_ghost_has_them(name: FieldName) -> None:
    """The longest text that Ghost takes passes; one character more does not; an emoji counts as one."""
    limit = FIELDS[name].limit
    assert limit is not None
    fits = document(f"---\n{name}: {'😀' * limit}\n---\n")
    assert fits.fields[name] == "😀" * limit
    (problem,) = problems(f"---\n{name}: {'😀' * (limit + 1)}\n---\n")
    assert f"at most {limit}" in problem.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("---\nstatus: scheduled\n---\n", "without a date"),
        ("---\ndraft: true\nstatus: published\n---\n", "says draft"),
        ("---\ntiers: [a]\nvisibility: public\n---\n", "`visibility` is public"),
        ("---\nexcerpt: a\ncustom_excerpt: b\n---\n", "written twice"),
        ("---\ntype: thing\n---\n", "post or page"),
        ("---\nauthors: [Jane Doe]\n---\n", "neither the slug nor the email"),
        ("---\ntags:\n  - #internal\n---\n", "is nothing"),
        ("---\ntags: [',x']\n---\n", "comma"),
        ("---\nslug: '!!!'\n---\n", "nothing is left"),
        ('{"title": "\\u0000"}\n', "U+0000"),
        ('{"title": "\\ud800"}\n', "U+D800"),
        (b"caf\xe9", "not UTF-8"),
        ("# Title\n\nwords\n".encode("utf-16"), "UTF-16"),
        ("# Title\n\nwords\n".encode("utf-16-be"), "UTF-16"),
        (b"# Title\n\na\0b\n", "byte 10 is NUL"),
        ("# " + "x" * 256 + "\n", "at most 255"),
    ],
)
def test_contradictions_and_impossible_values_are_problems(source: str | bytes, message: str) -> None:
    """What Ghost would refuse, or silently take for something else, is found here."""
    assert any(message in problem.message for problem in problems(source))


def test_a_key_of_another_tool_names_its_preset() -> None:
    """Whoever comes from Hugo is told of the preset; once there is one, a key unknown to it is a slip of the pen."""
    source = b"---\ntitle: x\npublishDate: 2020-01-01\ndescription: y\n---\n"
    told = [one.hint or "" for one in parse_document(DocPath("a.md"), source).warnings]
    assert [hint.partition(":")[0] for hint in told] == [
        "a key of hugo and astro",
        "a key of hugo, zola, jekyll, astro, eleventy and obsidian",
    ]
    jekyll = DocumentSettings(aliases=AliasTable.build("jekyll"))
    told = [one.hint or "" for one in parse_document(DocPath("a.md"), source, jekyll).warnings]
    assert len(told) == 1
    assert "preset" not in told[0]


def test_unknown_keys_warn_or_are_problems() -> None:
    """By default an unknown key is a warning with a guess at what was meant; `strict` makes it a problem."""
    source = b"---\ntitel: x\nog:\n  titel: y\n---\n"
    lax = parse_document(DocPath("a.md"), source)
    assert lax.document is not None
    assert [(one.line, one.message, one.hint) for one in lax.warnings] == [
        (2, "unknown key `titel`", "did you mean `title`?"),
        (4, "unknown key `og.titel`", "did you mean `og.title`?"),
    ]
    strict = parse_document(DocPath("a.md"), source, DocumentSettings(strict=True))
    assert (len(strict.problems), strict.warnings) == (2, ())


def test_empty_values_are_empty_or_unwritten() -> None:
    """An empty content key is Ghost's default; an empty key of the others is as good as none."""
    found = document("---\nexcerpt:\ntags:\nfeatured:\nstatus:\ndate: ~\nslug: ''\n---\n")
    assert found.fields == {"title": "A", "excerpt": None, "tags": (), "featured": False}


def test_defaults_cascade() -> None:
    """Later rules override earlier ones, the document overrides all, and a page gets no posts' fields."""
    settings = DocumentSettings(
        defaults=(
            DefaultRule(glob=Glob("*.md"), fields={F("status"): "published", F("newsletter"): "n", F("tags"): ("a",)}),
            DefaultRule(glob=Glob("/news/"), fields={F("tags"): ("b",)}, kind=Kind.PAGE),
        )
    )
    post = parse_document(DocPath("x.md"), b"", settings).document
    page = parse_document(DocPath("news/x.md"), b"---\ndraft: true\n---\n", settings).document
    assert post is not None
    assert page is not None
    assert post.fields == {"title": "X", "status": "published", "newsletter": "n", "tags": ("a",)}
    assert (page.kind, page.fields) == (Kind.PAGE, {"title": "X", "status": "draft", "tags": ("b",)})


def test_slugs_are_unique_over_posts_and_pages() -> None:
    """Ghost numbers a second `about`, whichever kind it is; so both files are named before anything is sent."""
    found = check_slugs([document("", "pages/about.md"), document("---\nslug: About\n---\n"), document("", "b.md")])
    assert [(one.path, one.line) for one in found] == [("pages/about.md", None), ("posts/a.md", 2)]
    assert "posts/a.md" in found[0].message
    assert "pages/about.md" in found[1].message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-05", "2024-01-05T00:00:00.000Z"),
        ("2024-01-05T10:00:00.678+02:00", "2024-01-05T08:00:00.000Z"),
        ("2015-01-01 12:00:00 +0100", "2015-01-01T11:00:00.000Z"),
        ("2024-01-05 10:00", "2024-01-05T10:00:00.000Z"),
        ("2024-01-05 10:00 UTC", "2024-01-05T10:00:00.000Z"),
        ("Jul 08 2022", "2022-07-08T00:00:00.000Z"),
        ("8 July 2022", "2022-07-08T00:00:00.000Z"),
        ("01/02/2024", None),
        ("2024-02-30", None),
        ("2024-01-05 25:00", None),
        ("tomorrow", None),
        ("Foo 8 2022", None),
    ],
)
def test_dates(text: str, value: str | None) -> None:
    """Dates that can be told for sure become UTC to the second; the others are refused."""
    assert parse_date(text) == value


def test_a_date_without_zone_is_the_sites() -> None:
    """The configured time zone counts, with its summer time."""
    zone = ZoneInfo("Europe/Vienna")
    assert parse_date("2024-07-01", zone) == "2024-06-30T22:00:00.000Z"
    assert parse_date("2024-01-01 10:00", zone) == "2024-01-01T09:00:00.000Z"
    assert parse_date("2024-01-01 10:00Z", zone) == "2024-01-01T10:00:00.000Z"


def test_presets_are_those_that_the_configuration_names() -> None:
    """Each preset exists, and another name is refused."""
    assert set(PRESETS) == set(PRESET_NAMES)
    with pytest.raises(UnknownPreset):
        AliasTable.build("wordpress")


@pytest.mark.parametrize(
    ("preset", "source", "fields"),
    [
        (
            "hugo",
            """+++
title = 'T'
date = 2024-01-05T10:00:00+01:00
draft = false
categories = ['c']
tags = ['t']
description = 'd'
summary = 's'
weight = 3
author = 'Jane Doe'
[cover]
image = 'p.png'
alt = 'a'
+++
""",
            {
                "title": "T",
                "published_at": "2024-01-05T09:00:00.000Z",
                "status": "published",
                "tags": ("t", "c"),
                "excerpt": "s",
                "feature_image": "p.png",
                "feature_image_alt": "a",
            },
        ),
        (
            "zola",
            "+++\ntitle = 'T'\ndate = 2024-01-05\nweight = 1\n[taxonomies]\ntags = ['a', 'b']\n[extra]\nx=1\n+++\n",
            {"title": "T", "published_at": "2024-01-05T00:00:00.000Z", "tags": ("a", "b")},
        ),
        (
            "jekyll",
            """---
layout: post
title: T
date: 2015-01-01 12:00:00 +0100
categories: jekyll update
tags: x
published: false
image:
  path: /a.png
---
""",
            {
                "title": "T",
                "published_at": "2015-01-01T11:00:00.000Z",
                "tags": ("x", "jekyll", "update"),
                "status": "draft",
                "feature_image": "/a.png",
            },
        ),
        (
            "astro",
            "---\ntitle: T\npubDate: 'Jul 08 2022'\nheroImage: ../a.jpg\ndescription: d\nupdatedDate: x\n---\n",
            {
                "title": "T",
                "published_at": "2022-07-08T00:00:00.000Z",
                "feature_image": "../a.jpg",
                "excerpt": "d",
            },
        ),
        ("eleventy", "---\ntitle: T\nlayout: l\neleventyNavigation:\n  key: k\n---\n", {"title": "T"}),
        (
            "obsidian",
            "---\naliases: [x]\ntags:\n  - a/b\npublish: true\ncssclasses:\ncreated: 2024-01-05\n---\n",
            {
                "title": "A",
                "tags": ("a/b",),
                "status": "published",
                "published_at": "2024-01-05T00:00:00.000Z",
            },
        ),
    ],
)
def test_presets_read_other_tools_front_matter(preset: str, source: str, fields: dict[str, object]) -> None:
    """A document of another tool is read as it is, without warnings."""
    parsed = parse_document(DocPath("a.md"), source.encode(), DocumentSettings(aliases=AliasTable.build(preset)))
    assert parsed.problems == ()
    assert parsed.warnings == ()
    assert parsed.document is not None
    assert parsed.document.fields == fields


def test_capitals_do_not_count_to_hugo() -> None:
    """Hugo reads `Title` as `title`; what is unknown in any spelling stays unknown, and others keep their capitals."""
    source = (
        b"+++\nTitle = 'T'\nTAGS = ['a', '']\n[Cover]\nImage = 'https://example.com/a.png'\n[params]\nMood = 1\n+++\n"
    )
    parsed = parse_document(DocPath("a.md"), source, DocumentSettings(aliases=AliasTable.build("hugo")))
    assert parsed.problems == parsed.warnings == ()
    assert parsed.document is not None
    fields = {"title": "T", "tags": ("a",), "feature_image": "https://example.com/a.png"}
    assert {name: parsed.document.fields[name] for name in fields} == fields
    others = parse_document(DocPath("a.md"), source, DocumentSettings(aliases=AliasTable.build("zola")))
    assert "unknown key `Title`" in [warning.message for warning in others.warnings]


def test_configured_aliases_come_before_a_presets() -> None:
    """An own alias overrides the preset's key and ghostsync's spelling overrides both; ignored keys are silent."""
    table = AliasTable.build("hugo", {"blurb": "excerpt", "hidden": "!draft"}, ["foo"])
    parsed = parse_document(
        DocPath("a.md"), b"---\nsummary: s\nblurb: b\nhidden: true\nfoo: 1\n---\n", DocumentSettings(aliases=table)
    )
    assert parsed.document is not None
    assert parsed.document.fields == {"title": "A", "excerpt": "b", "status": "published"}
    own = parse_document(DocPath("a.md"), b"---\nblurb: b\nexcerpt: e\n---\n", DocumentSettings(aliases=table))
    assert own.document is not None
    assert own.document.fields[F("excerpt")] == "e"


def test_content_fields_are_those_that_reset() -> None:
    """Whose readers and whose publishing is handed back; words, pictures and meta data are content."""
    assert {"tags", "excerpt", "feature_image", "meta_title", "codeinjection_head", "featured"} <= CONTENT_FIELDS
    handed_back = {"title", "slug", "status", "published_at", "authors", "visibility", "tiers", "newsletter"}
    assert not handed_back & CONTENT_FIELDS


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_problems(data: bytes) -> None:
    """No file's content makes parsing fail in a way of its own; never half a document."""
    for wrapped in (data, b"---\n" + data + b"\n---\n"):
        parsed = parse_document(DocPath("posts/x.md"), wrapped)
        assert (parsed.document is None) is bool(parsed.problems)


def test_tags_yaml() -> None:
    """Tags come as a list or as a mapping, with limits and lines; the slug is the identity."""
    tags, wrong = parse_tags(b'- name: News\n  description: d\n  og: {title: o}\n- "#x"\n- name: B\n  slug: My B\n')
    assert wrong == ()
    assert [(tag.slug, tag.name, dict(tag.fields), tag.line) for tag in tags] == [
        ("news", "News", {"description": "d", "og_title": "o"}, 1),
        ("hash-x", "#x", {}, 4),
        ("my-b", "B", {}, 5),
    ]
    mapped, wrong = parse_tags(b'news: {name: News, accent_color: "#ff8800"}\nempty:\n')
    assert wrong == ()
    assert [(tag.slug, tag.name) for tag in mapped] == [("news", "News"), ("empty", "empty")]


def test_everything_wrong_with_tags_yaml_is_said_at_once() -> None:
    """Each tag is judged by itself."""
    tags, wrong = parse_tags(
        b"- name: News\n- name: news\n- colour: red\n  name: X\n- description: nameless\n- #oops\n- name: ',a'\n"
        b"- name: Y\n  description: " + b"x" * 501 + b"\n"
    )
    assert [tag.name for tag in tags] == ["News"]
    assert [(one.line, one.message.split("`")[0]) for one in wrong] == [
        (2, "the tag "),
        (3, "unknown key "),
        (5, "a tag without a name"),
        (6, "a tag is a mapping, not nothing"),
        (7, "Ghost takes no tag that begins with a comma: "),
        (9, ""),
    ]


def test_a_tab_in_yaml_is_told_as_one() -> None:
    """The parser only says that something cannot start a token, which a tab at the beginning of a line is as well."""
    for source, hint in ((b"---\ntags:\n\t- a\n---\n", "no tabs"), (b"---\ntitle: @a\n---\n", "needs quotes")):
        (problem,) = parse_document(DocPath("a.md"), source).problems
        assert problem.hint is not None
        assert hint in problem.hint


@pytest.mark.parametrize(
    ("path", "pattern", "slug"),
    [
        ("ja/2024-01-02-News.md", "{name}", "news"),
        ("ja/2024-01-02-News.md", "{file}", "2024-01-02-news"),
        ("docs/ja/News.md", "{folder}-{name}", "ja-news"),
        ("News.md", "{folder}-{name}", "news"),
        ("docs/a/index.md", "{folder}-{name}", "docs-a"),
        ("docs/a/index.md", "{path}", "docs-a"),
    ],
)
def test_what_a_slug_is_made_of(path: str, pattern: str, slug: str) -> None:
    """The configured pattern makes it, unless the document says one."""
    settings = DocumentSettings(slug=pattern)
    parsed = parse_document(DocPath(path), b"words\n", settings)
    written = parse_document(DocPath(path), b"---\nslug: mine\n---\n", settings)
    assert parsed.document is not None
    assert written.document is not None
    assert (parsed.document.slug, written.document.slug) == (slug, "mine")


@pytest.mark.parametrize(
    ("paths", "hint"),
    [
        (("en/a.md", "ja/a.md"), "{folder}-{name}"),
        (("2024-01-01-a.md", "2024-01-02-a.md"), "{file}"),
        (("en/x/a.md", "ja/x/a.md"), "{path}"),
        (("Case.md", "case.md"), None),
    ],
)
def test_how_to_tell_documents_of_one_slug_apart(paths: tuple[str, str], hint: str | None) -> None:
    """The hint names a pattern only where it helps."""
    faces = [parse_document(DocPath(path), b"words\n").document for path in paths]
    problems = check_slugs([face for face in faces if face is not None])
    assert len(problems) == 2
    assert problems[0].hint is not None
    assert (f'`slug = "{hint}"`' if hint else "`slug =") in problems[0].hint or hint is None
    assert hint is not None or "`slug =" not in problems[0].hint
