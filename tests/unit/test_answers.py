"""Addresses as site generators build them find the one document or file that answers to them; nothing is guessed."""

from __future__ import annotations

import pytest

from ghostsync.core.addressing import PLAIN, STATIC_FOLDERS, Addressing
from ghostsync.core.answers import Answers
from ghostsync.core.references import InTree, SiteRelative, classify
from ghostsync.model import DocPath, Slug

TREE = {
    "content/post/One Thing.md": None,
    "content/post/two/index.md": None,
    "content/post/c-sharp（笔记）.md": None,
    "content/ja/entry/2021/01/02/same.md": None,
    "content/ja/entry/2022/03/04/same.md": None,
    "_posts/2024-05-01-hello.md": None,
    "docs/_docs/install/linux.md": None,
    "docs/renamed.md": "new-name",
    "posts/hugo.md": None,
}
FILES = ("static/img/a.png", "content/post/two/b.png", "img/c.png", "notes/deep/pic.png")
HERE = DocPath("content/post/One Thing.md")


def lead(reference: str, addressing: Addressing, document: DocPath = HERE) -> str | None:
    """Return the path that a reference leads to; None where it is no path of this tree."""
    slugs = {DocPath(path): None if slug is None else Slug(slug) for path, slug in TREE.items()}
    answers = Answers(slugs, frozenset({*slugs, *map(DocPath, FILES)}), addressing)
    match answers.of_reference(reference, document):
        case InTree(path=path) as place if path in answers._files:
            return path + place.tail
        case _:
            return None


HUGO = Addressing.of("hugo", ())


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("../two/", "content/post/two/index.md"),  # from the folder that Hugo makes of the document
        ("two#part", "content/post/two/index.md#part"),
        ("TWO/index.html", "content/post/two/index.md"),
        ("one-thing", "content/post/One Thing.md"),
        ("../../post/one_thing/", "content/post/One Thing.md"),
        ("../c-sharp笔记/", "content/post/c-sharp（笔记）.md"),
        ("../hugo/", None),
        ("same", None),
    ],
)
def test_relative_addresses(reference: str, meant: str | None) -> None:
    """A neighbour's address, from the document's place as a file or as a folder, whatever the configuration says."""
    assert lead(reference, PLAIN) == meant
    assert lead(reference, HUGO) == meant


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("/img/a.png", "static/img/a.png"),
        ("/img/a.png?v=1#x", "static/img/a.png?v=1#x"),
        ("/post/two/b.png", "content/post/two/b.png"),
        ("/img/c.png", "img/c.png"),
        ("/img/none.png", None),
        ("/post/two/", "content/post/two/index.md"),
        ("/two", "content/post/two/index.md"),
        ("/One-thing.html", "content/post/One Thing.md"),
        ("/entry/2021/01/02/same/", "content/ja/entry/2021/01/02/same.md"),
        ("/entry/same/", None),
        ("/same/", None),  # two documents answer
        ("/2024/05/01/hello/", "_posts/2024-05-01-hello.md"),
        ("/2024/05/01/hello.html#end", "_posts/2024-05-01-hello.md#end"),
        ("/life/travel/2024/05/01/hello/", "_posts/2024-05-01-hello.md"),
        ("/2024/05/02/hello/", None),
        ("/docs/install/linux", "docs/_docs/install/linux.md"),
        ("/docs/new-name/", "docs/renamed.md"),
        ("/tags/hugo/", None),
        ("/", None),
        ("/../posts/hugo.md", None),
        ("/content/post/../../posts/hugo.md", None),
        ("//example.com/two", None),
        ("/!/", None),
    ],
)
def test_addresses_from_the_root(reference: str, meant: str | None) -> None:
    """Under a preset, files of its static folders and documents answer; without one, `/…` is the Ghost site's."""
    assert lead(reference, HUGO) == meant
    assert lead(reference, PLAIN) is None


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("pic.png", "notes/deep/pic.png"),
        ("deep/pic.png", "notes/deep/pic.png"),
        ("linux", "docs/_docs/install/linux.md"),
        ("same.md", None),
        ("eep/pic.png", None),
    ],
)
def test_obsidian_leaves_out_folders(reference: str, meant: str | None) -> None:
    """A note or picture is named without its folder where its name is enough, in Obsidian and nowhere else."""
    assert lead(reference, Addressing.of("obsidian", ())) == meant
    assert lead(reference, HUGO) is None


def test_what_is_there_is_never_looked_up() -> None:
    """A path that leads to a file is that file, whatever else its words might be."""
    assert lead("two/b.png", HUGO) == "content/post/two/b.png"
    answers = Answers(
        {DocPath("a/b.md"): None, DocPath("a/x/b.md"): None},
        frozenset({DocPath("a/b.md"), DocPath("a/x/b.md")}),
        HUGO,
    )
    assert answers.of_reference("b.md", DocPath("a/x/c.md")) == classify("b.md", DocPath("a/x/c.md"))
    assert answers.of_reference("__GHOST_URL__/b/", DocPath("a/c.md")) == SiteRelative("__GHOST_URL__/b/")


def test_every_preset_serves_the_root() -> None:
    """A folder that the configuration names takes the place of the preset's own."""
    assert all("." in folders for folders in STATIC_FOLDERS.values())
    assert Addressing.of("jekyll", ("assets",)).static == ("assets",)
    assert Addressing.of(None, ()).static is None


@pytest.mark.parametrize(
    ("address", "is_picture", "habits", "hint"),
    [
        ("/img/a.png", True, PLAIN, '`static = ["static"]`'),
        ("/img/c.png", True, PLAIN, '`static = ["."]`'),
        ("/img/none.png", True, PLAIN, "write its path"),
        ("/content/images/2024/01/a.png", True, PLAIN, None),
        ("/post/none/", False, PLAIN, None),
        ("/post/none/", False, HUGO, "write the path of the document"),
        ("/tags/news/", False, HUGO, "`/tag/name/`"),
        ("/about/", False, HUGO, None),
        ("/tag/news/", False, HUGO, None),
    ],
)
def test_what_was_not_meant_for_the_site(address: str, is_picture: bool, habits: Addressing, hint: str | None) -> None:
    """A picture from the root is dead in Ghost, with a preset a page too; what Ghost serves itself is no matter."""
    slugs = dict.fromkeys(map(DocPath, TREE))
    found = Answers(slugs, frozenset({*slugs, *map(DocPath, FILES)}), habits).why_on_site(
        address, is_picture=is_picture
    )
    assert (found is None) if hint is None else (found is not None and hint in found)
