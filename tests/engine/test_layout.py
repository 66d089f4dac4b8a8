"""Names for what comes from Ghost: by pattern, never outside the directory, never over anything."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.core.layout import (
    Names,
    PullLayout,
    Unsafe,
    check_document_path,
    check_media_path,
    fill_pattern,
    media_choices,
    media_name,
    place_document,
)
from ghostsync.model import Digest, DocPath, FieldName, FieldValue, Kind, Post, PostId, Slug


def post(slug: str = "hello", kind: Kind = Kind.POST, **fields: FieldValue) -> Post:
    """Return a post that says only what a case is about."""
    return Post(
        id=PostId("5f0000000000000000000001"),
        uuid="u",
        kind=kind,
        slug=Slug(slug),
        fields={FieldName(name): value for name, value in fields.items()},
        lexical=None,
        body=Digest("0" * 64),
        url="",
        created_at="2026-01-05T09:00:00.000Z",
        updated_at="2026-01-05T09:00:00.000Z",
    )


DATED = {"published_at": "2025-12-31T23:30:00.000Z"}


@pytest.mark.parametrize(
    ("pattern", "given", "expected"),
    [
        ("posts/{slug}.md", post(), "posts/hello.md"),
        ("{year}/{month}/{day}/{slug}.md", post(**DATED), "2025/12/31/hello.md"),
        ("posts/{year}/{slug}.md", post(), "posts/2026/hello.md"),
        ("posts/{slug}/index.md", post(), "posts/hello/index.md"),
        ("{primary_tag}/{slug}.md", post(tags=("hash-in", "news")), "news/hello.md"),
        ("{primary_tag}/{slug}.md", post(), "untagged/hello.md"),
        ("{id}.md", post(), "5f0000000000000000000001.md"),
        ("posts/{slug}.md", post("readme"), "posts/post-readme.md"),
        ("posts/{slug}.md", post("2024-01-02-day"), "posts/post-2024-01-02-day.md"),
        ("posts/{slug}.md", post("2024-01-02-day", **DATED), "posts/2024-01-02-day.md"),
        ("posts/{slug}/index.md", post("2024-01-02-day"), "posts/post-2024-01-02-day/index.md"),
    ],
)
def test_a_pattern_is_filled_with_what_the_post_says(pattern: str, given: Post, expected: str) -> None:
    """Folders and names follow the pattern; names that would mean something else get the kind in front."""
    assert fill_pattern(pattern, given) == expected


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd.md",
        "../x.md",
        "posts/../../x.md",
        "posts/./x.md",
        "posts//x.md",
        ".git/x.md",
        "posts/.hidden/x.md",
        "posts/x\x00.md",
        "posts/a\\b.md",
        "C:/x.md",
        "posts/nul.md",
        "posts/COM1.md",
        "posts/x.md ",
        "posts/x./y.md",
        "posts/x.txt",
        f"posts/{'x' * 300}.md",
    ],
)
def test_paths_that_no_document_may_have_are_refused(path: str) -> None:
    """Whatever climbs, hides or cannot be stored everywhere is refused, wherever it came from."""
    with pytest.raises(Unsafe):
        check_document_path(path)


@pytest.mark.parametrize("path", ["posts/x.md", "ghostsync.md", "a b/ö.markdown", "posts/deep/er/x.md"])
def test_ordinary_paths_are_taken_as_they_are(path: str) -> None:
    """The guard lets through what is harmless."""
    assert check_document_path(path) == path


@pytest.mark.parametrize("path", ["ghostsync.toml", "pyproject.toml", ".ghostsyncignore", "tags.yaml", "posts/x.md"])
def test_a_picture_is_never_a_document_or_a_configuration(path: str) -> None:
    """A record cannot make a download of what steers ghostsync."""
    with pytest.raises(Unsafe):
        check_media_path(path)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("content/images/2026/01/tide.png", "tide.png"),
        ("content/images/2026/01/ebb%20and%20flow.png", "ebb and flow.png"),
        ("content/images/2026/01/a%3Fb%23c.png", "a-b-c.png"),
        ("content/files/2026/01/notes.md", "notes.md.txt"),
        ("https://site/content/images/x.png?v=2#a", "x.png"),
    ],
)
def test_pictures_keep_the_last_part_of_their_address(address: str, expected: str) -> None:
    """Odd characters become dashes; a file that would be a document gets another ending."""
    assert media_name(address) == expected


@pytest.mark.parametrize(
    "address", ["content/images/.git%2fconfig", "content/images/..%5cx", "content/images/.env", "content/images/"]
)
def test_pictures_without_a_safe_name_are_refused(address: str) -> None:
    """Nothing is renamed into something that merely looks similar."""
    with pytest.raises(Unsafe):
        media_name(address)


def test_no_two_things_get_names_that_one_disk_takes_for_one() -> None:
    """Case and accents do not tell names apart; a number does."""
    names = Names.of(["media/Tide.png", "media/caf\u00e9.png"])
    for address, place in (
        ("tide.png", "media/tide-2.png"),
        ("cafe%CC%81.png", "media/cafe\u0301-2.png"),
        ("free.png", "media/free.png"),
    ):
        choices = media_choices(f"content/images/{address}", "media")
        assert next(path for path in choices if names.is_free(path)) == place


def test_a_file_is_no_folder_and_a_folder_no_file() -> None:
    """A place whose folder is a file, or that is a folder itself, is not free."""
    names = Names.of(["posts/hello.md", "media"])
    assert not names.is_free("posts")
    assert not names.is_free("media/x.png")
    assert names.is_free("posts/other.md")


def test_bundles_are_numbered_by_their_folder() -> None:
    """`name/index.md` that is taken becomes `name-2/index.md`."""
    layout = PullLayout(posts="posts/{slug}/index.md")
    assert place_document(post(), layout, Names.of(["posts/hello/index.md"]), recorded=None) == "posts/hello-2/index.md"


def test_a_recorded_path_is_kept_and_never_numbered() -> None:
    """A post goes back to its own path; where something else is there, that is refused."""
    assert place_document(post(), PullLayout(), Names(), recorded=DocPath("deep/own.md")) == "deep/own.md"
    with pytest.raises(Unsafe):
        place_document(post(), PullLayout(), Names.of(["deep/OWN.md"]), recorded=DocPath("deep/own.md"))


@given(slug=st.text(max_size=60), tag=st.text(max_size=20))
def test_no_slug_leads_out_of_the_directory(slug: str, tag: str) -> None:
    """For any text as slug and tag: a path below the root without hidden parts, or a refusal."""
    try:
        path = place_document(
            post(slug, tags=(tag,)), PullLayout(posts="posts/{primary_tag}/{slug}.md"), Names(), recorded=None
        )
    except Unsafe:
        return
    parts = PurePosixPath(path).parts
    assert parts[0] == "posts"
    assert len(parts) == 3
    assert not any(part.startswith(".") or "\\" in part or "\x00" in part for part in parts)


@given(address=st.text(max_size=80))
def test_no_address_leads_out_of_the_media_folder(address: str) -> None:
    """For any text as address: one name in the media folder, or a refusal."""
    try:
        path = next(media_choices(f"content/images/{address}", "media"))
    except (Unsafe, ValueError):
        return
    assert PurePosixPath(path).parts[0] == "media"
    assert len(PurePosixPath(path).parts) == 2
    assert not PurePosixPath(path).name.startswith(".")
