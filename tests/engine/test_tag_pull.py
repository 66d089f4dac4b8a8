"""`tags.yaml` and what Ghost says about tags: what comes in, what waits, what needs a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.plan import Prefer
from ghostsync.core.tag_edit import edit_tags, render_tags
from ghostsync.core.tag_pull import DescribedTag, TagPull, plan_tags_pull
from ghostsync.core.tags import parse_tags
from ghostsync.errors import ContentError
from ghostsync.model import FieldName, FieldValue, Slug, Tag

SOURCE = """# The order is the one of the menu.
- name: News   # first
  description: "What happened"
  meta:
    title: News, all of it
- name: "#in"
- Plain
"""
SITE = "https://example.com/"


def tag(slug: str, name: str, **fields: FieldValue) -> Tag:
    """Return a tag."""
    return Tag(slug=Slug(slug), name=name, fields={FieldName(k): v for k, v in fields.items()}, id="1")


NEWS = tag("news", "News", description="What happened", meta_title="News, all of it", visibility="public")


def pulled(
    remote: list[Tag],
    *,
    source: str | None = SOURCE,
    remembered: list[Tag] | None = None,
    committed: list[str] | None = None,
    used: tuple[str, ...] = (),
    prefer: Prefer = Prefer.NEITHER,
) -> TagPull:
    """Plan a pull of tags."""
    described = parse_tags((source or "").encode())[0]
    return plan_tags_pull(
        source,
        [DescribedTag(written=one, sent=one) for one in described],
        remote=remote,
        local_form=lambda one: one.fields,
        used=frozenset(Slug(slug) for slug in used),
        remembered={one.slug: one for one in remembered or []},
        committed=lambda: tuple(text.encode() for text in committed or []),
        marker=Slug("hash-ghostsync"),
        prefer=prefer,
        site_url=SITE,
    )


def test_nothing_changed_is_nothing_to_do() -> None:
    """A file that says what Ghost says stays as it is."""
    assert pulled([NEWS, tag("hash-in", "#in", visibility="internal")]) == TagPull()


def test_a_description_changed_in_ghost_changes_one_line() -> None:
    """With the cache as base, Ghost's edit comes in, and comments, order and quotes stay."""
    there = tag("news", "News", description="What really happened", meta_title="News, all of it")
    found = pulled([there], remembered=[NEWS])
    assert found.content == SOURCE.replace('"What happened"', '"What really happened"')
    assert found.conflicts == ()


def test_git_is_the_base_where_there_is_no_cache() -> None:
    """A committed file that says what Ghost says: then only this side moved, and nothing is taken back."""
    mine = SOURCE.replace("What happened", "Mine")
    found = pulled([NEWS], source=mine, committed=[mine, SOURCE])
    assert found.content is None
    assert [note.kind for note in found.notes] == [NoteKind.UNPUSHED]


def test_two_values_without_a_base_are_a_conflict_and_the_file_keeps_its_own() -> None:
    """Field by field, with both values."""
    found = pulled([tag("news", "News", description="Theirs", meta_title="News, all of it")])
    assert found.content is None
    (conflict,) = found.conflicts
    assert conflict.why is Why.TAG
    assert [(d.name, d.local, d.remote) for d in conflict.fields] == [("description", "What happened", "Theirs")]


@pytest.mark.parametrize(("prefer", "said"), [(Prefer.LOCAL, "What happened"), (Prefer.REMOTE, "Theirs")])
def test_a_preference_decides_a_conflict(prefer: Prefer, said: str) -> None:
    """`--prefer` settles what two values without a base leave open."""
    found = pulled([tag("news", "News", description="Theirs", meta_title="News, all of it")], prefer=prefer)
    assert found.conflicts == ()
    (news, *_) = parse_tags((found.content or SOURCE).encode())[0]
    assert news.fields["description"] == said


def test_a_value_that_ghost_lacks_is_no_conflict() -> None:
    """A tag that Ghost made by its name alone does not contradict what the file says about it."""
    found = pulled([tag("news", "News", visibility="public")])
    assert (found.content, found.conflicts) == (None, ())


def test_what_the_file_does_not_say_comes_in() -> None:
    """A colour that an editor chose is added to the tag's mapping, in the author's own nesting for `meta`."""
    there = tag("news", "News", description="What happened", meta_title="News, all of it", meta_description="New.")
    found = pulled([there])
    assert found.content is not None
    assert "    title: News, all of it\n    description: New.\n" in found.content


def test_a_value_cleared_in_ghost_takes_its_key_away() -> None:
    """With a base that had it."""
    found = pulled([tag("news", "News", meta_title="News, all of it")], remembered=[NEWS])
    assert found.content == SOURCE.replace('  description: "What happened"\n', "")


def test_tags_with_something_to_say_are_added_and_bare_ones_in_use_are_not() -> None:
    """The file is for what cannot be said elsewhere; the marker tag is nobody's."""
    remote = [NEWS, tag("one", "New: one", description="x"), tag("bare", "Bare"), tag("hash-ghostsync", "#ghostsync")]
    found = pulled(remote, used=("bare",))
    assert found.content == SOURCE + '- name: "New: one"\n  slug: one\n  description: x\n'


def test_a_tag_that_was_taken_out_here_does_not_come_back() -> None:
    """An earlier commit had it: a note, and with `--prefer remote` the tag."""
    old = SOURCE + "- name: Old\n  description: o\n"
    remote = [NEWS, tag("old", "Old", description="o")]
    found = pulled(remote, committed=[old])
    assert found.content is None
    assert [note.kind for note in found.notes] == [NoteKind.DELETED_HERE]
    assert pulled(remote, committed=[old], prefer=Prefer.REMOTE).content is not None


def test_an_empty_directory_gets_a_file_with_everything() -> None:
    """Internal tags and slugs that do not follow from the name included."""
    remote = [
        NEWS,
        tag("hash-in", "#in", description="i", visibility="internal"),
        tag("other", "Else", accent_color="#fff"),
    ]
    content = pulled(remote, source=None).content
    assert content is not None
    assert {t.slug: (t.name, dict(t.fields)) for t in parse_tags(content.encode())[0]} == {
        "hash-in": ("#in", {"description": "i"}),
        "news": ("News", {"description": "What happened", "meta_title": "News, all of it"}),
        "other": ("Else", {"accent_color": "#fff"}),
    }


def test_a_mapping_from_slug_to_tag_keeps_its_form() -> None:
    """Edits and additions follow the file's own form."""
    source = "news: {name: News, description: a}\n\nother:\n  name: Other # two\n"
    text = edit_tags(
        source,
        {Slug("news"): {FieldName("description"): "b"}, Slug("other"): {FieldName("accent_color"): "#ff8800"}},
        [tag("third", "Third: part", description="c")],
    )
    assert text == (
        'news: {name: News, description: b}\n\nother:\n  name: Other # two\n  accent_color: "#ff8800"\n'
        'third:\n  name: "Third: part"\n  description: c\n'
    )


def test_a_tag_that_is_a_bare_name_is_not_edited_blindly() -> None:
    """There is no mapping to write into: the file is left alone, and said."""
    with pytest.raises(ContentError, match="bare name"):
        edit_tags(SOURCE, {Slug("plain"): {FieldName("description"): "x"}})


TEXTS = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() == text and text.isprintable())


@given(values=st.dictionaries(st.sampled_from(["description", "meta_title", "og_title"]), TEXTS, min_size=1))
def test_any_text_survives_being_written(values: dict[str, str]) -> None:
    """What is rendered or edited into the file is what is read from it."""
    one = tag("news", "News", **values)
    (back,) = parse_tags(render_tags([one]).encode("utf-8", "surrogatepass"))[0]
    assert dict(back.fields) == values
    edited = edit_tags("- name: News # stays\n", {Slug("news"): {FieldName(k): v for k, v in values.items()}})
    (back,) = parse_tags(edited.encode("utf-8", "surrogatepass"))[0]
    assert dict(back.fields) == values
    assert "# stays" in edited
