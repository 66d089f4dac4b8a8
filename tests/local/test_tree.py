"""The content root as the engine sees it, on a real disk."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from pathlib import Path

import pytest

from ghostsync.errors import ContentError, Problem
from ghostsync.local.config import Selection, load_config
from ghostsync.local.tree import ContentTree
from ghostsync.model import Asset, Bucket, Digest, DocPath


def png(width: int, height: int) -> bytes:
    """Return a white PNG of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, *, orientation: int) -> bytes:
    """Return the headers of a JPEG whose camera was turned: EXIF orientation 6 lies on its side."""
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + app1 + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def tree_of(root: Path, files: dict[str, str | bytes], *paths: str) -> ContentTree:
    """Write files and return the tree of their folder, or the part of it below `paths`."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    config = load_config(root)
    return (
        ContentTree(config, Selection(paths=tuple(DocPath(path) for path in paths))) if paths else ContentTree(config)
    )


def measured(tree: ContentTree, path: str) -> Asset:
    """Return a file's measures; anything else fails the test."""
    found = tree.asset(DocPath(path))
    assert isinstance(found, Asset), found
    return found


def test_load_reads_documents_and_tags(tmp_path: Path) -> None:
    """One reading gives the documents, in order of paths, and what tags.yaml describes."""
    tree = tree_of(
        tmp_path,
        {
            "posts/b.md": "---\ntitle: B\n---\nbody\n",
            "pages/a.md": "# A\n\nbody\n",
            "tags.yaml": "- name: News\n  description: What is new\n",
            "pic.png": png(1, 1),
        },
    )
    loaded = tree.load()
    assert [document.path for document in loaded.documents] == ["pages/a.md", "posts/b.md"]
    assert [tag.name for tag in loaded.tags] == ["News"]
    assert loaded.problems == ()
    assert loaded.broken == frozenset()


def test_what_cannot_be_parsed_is_broken_not_gone(tmp_path: Path) -> None:
    """A document with invalid front matter exists: its post must not look like one whose document was removed."""
    tree = tree_of(tmp_path, {"posts/good.md": "# Good\n", "posts/bad.md": "---\ntitle: [\n---\n"})
    loaded = tree.load()
    assert [document.path for document in loaded.documents] == ["posts/good.md"]
    assert loaded.broken == {"posts/bad.md"}
    assert [problem.path for problem in loaded.problems] == ["posts/bad.md"]


def test_a_link_out_of_the_root_is_broken(tmp_path: Path) -> None:
    """A document that is a link to somewhere else is refused by name and still counts as there."""
    outside = tmp_path / "outside.md"
    outside.write_text("# Secret\n")
    root = tmp_path / "root"
    tree = tree_of(root, {"posts/good.md": "# Good\n"})
    (root / "posts/link.md").symlink_to(outside)
    loaded = tree.load()
    assert [document.path for document in loaded.documents] == ["posts/good.md"]
    assert "posts/link.md" in loaded.broken


def test_a_selection_reads_only_its_part(tmp_path: Path) -> None:
    """Below a selected path nothing else is loaded, and nothing else counts as broken."""
    tree = tree_of(
        tmp_path, {"posts/a.md": "# A\n", "pages/b.md": "# B\n", "pages/bad.md": "---\ntitle: [\n---\n"}, "posts"
    )
    loaded = tree.load()
    assert [document.path for document in loaded.documents] == ["posts/a.md"]
    assert loaded.broken == frozenset()


def test_a_vanished_root_is_an_error_and_not_an_empty_tree(tmp_path: Path) -> None:
    """A disk that was unmounted must never look like a directory from which everything was deleted."""
    root = tmp_path / "root"
    tree = tree_of(root, {"a.md": "# A\n"})
    (root / "a.md").unlink()
    assert tree.load().documents == ()  # control: an empty root is a tree
    for file in root.iterdir():
        file.unlink()
    root.rmdir()
    with pytest.raises(ContentError, match="is gone"):
        tree.load()


def test_a_picture_is_measured(tmp_path: Path) -> None:
    """Digest, size in bytes, endpoint, media type, width and height."""
    data = png(30, 20)
    found = measured(tree_of(tmp_path, {"images/p.png": data}), "images/p.png")
    assert found == Asset(
        path=DocPath("images/p.png"),
        sha256=Digest(hashlib.sha256(data).hexdigest()),
        size=len(data),
        bucket=Bucket.IMAGES,
        mime="image/png",
        width=30,
        height=20,
    )


def test_a_turned_photograph_has_the_size_that_readers_see(tmp_path: Path) -> None:
    """EXIF orientation 6 swaps width and height; orientation 1 (control) does not."""
    tree = tree_of(tmp_path, {"up.jpg": jpeg(40, 30, orientation=1), "turned.jpg": jpeg(40, 30, orientation=6)})
    assert (measured(tree, "up.jpg").width, measured(tree, "up.jpg").height) == (40, 30)
    assert (measured(tree, "turned.jpg").width, measured(tree, "turned.jpg").height) == (30, 40)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="120" height="80"', (120, 80)),
        ('width="120px" height="80px"', (120, 80)),
        ("", (None, None)),
    ],
)
def test_svg_sizes(tmp_path: Path, attributes: str, size: tuple[int | None, int | None]) -> None:
    """An SVG has the size that it states; one that states none is a picture all the same."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}><path d="M0 0"/></svg>'
    found = measured(tree_of(tmp_path, {"s.svg": svg}), "s.svg")
    assert (found.width, found.height) == size
    assert found.mime == "image/svg+xml"


def test_media_and_files_go_to_their_endpoints(tmp_path: Path) -> None:
    """Sound and film are media, everything else is a file to download; neither has a width."""
    tree = tree_of(tmp_path, {"a.mp3": b"sound", "b.pdf": b"%PDF-1.4", "c.avif": b"\0\0\0 ftypavif", "d": b"?"})
    kinds = {
        path: (measured(tree, path).bucket, measured(tree, path).mime) for path in ("a.mp3", "b.pdf", "c.avif", "d")
    }
    assert kinds == {
        "a.mp3": (Bucket.MEDIA, "audio/mpeg"),
        "b.pdf": (Bucket.FILES, "application/pdf"),
        "c.avif": (Bucket.FILES, kinds["c.avif"][1]),
        "d": (Bucket.FILES, "application/octet-stream"),
    }
    assert measured(tree, "b.pdf").width is None


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.png", b"", "empty"),
        ("text.png", b"this is no picture", "no picture"),
        ("torn.jpg", b"\xff\xd8\xff\xe0\x00\x10JF", "no picture"),
    ],
)
def test_what_ghost_would_refuse_is_a_problem(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    """An empty file and a picture that is none are found before anything is uploaded."""
    found = tree_of(tmp_path, {name: data}).asset(DocPath(name))
    assert isinstance(found, Problem)
    assert message in found.message
    assert found.path == name


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    """A missing file, a folder, and a path out of the root are nothing; the caller knows who asked and where."""
    (tmp_path / "secret.png").write_bytes(png(1, 1))
    tree = tree_of(tmp_path / "root", {"images/p.png": png(1, 1)})
    assert tree.asset(DocPath("images/q.png")) is None
    assert tree.asset(DocPath("images")) is None
    assert tree.asset(DocPath("../secret.png")) is None


def test_a_changed_picture_is_measured_again(tmp_path: Path) -> None:
    """What was measured is remembered by size and time, so a new picture under an old name is seen."""
    tree = tree_of(tmp_path, {"p.png": png(3, 2)})
    os.utime(tmp_path / "p.png", (1_700_000_000, 1_700_000_000))  # moments after a save nothing is believed
    before = measured(tree, "p.png")
    assert measured(tree, "p.png") is before
    (tmp_path / "p.png").write_bytes(png(5, 4))
    os.utime(tmp_path / "p.png", ns=(1, 1))
    assert (measured(tree, "p.png").width, measured(tree, "p.png").height) == (5, 4)


def test_writing_needs_what_was_read(tmp_path: Path) -> None:
    """A file is written and removed only while it holds the bytes that the plan was made from."""
    tree = tree_of(tmp_path, {"a.md": "one"})
    path, digest = DocPath("a.md"), Digest(hashlib.sha256(b"one").hexdigest())
    with pytest.raises(ContentError, match="already there"):
        tree.write(path, b"two", expected=None)
    tree.write(path, b"two", expected=digest)
    assert tree.read(path) == b"two"
    with pytest.raises(ContentError, match="changed since"):
        tree.remove(path, expected=digest)
    assert tree.exists(path)
    tree.remove(path, expected=Digest(hashlib.sha256(b"two").hexdigest()))
    assert not tree.exists(path)


def test_parse_judges_by_the_configuration(tmp_path: Path) -> None:
    """Bytes from elsewhere (a commit, a record) are parsed as if they lay at this path; what is invalid is None."""
    tree = tree_of(tmp_path, {"ghostsync.toml": 'project = "p"\n'})
    document = tree.parse(DocPath("posts/2026-01-02-hello.md"), b"# Hello\n\ntext\n")
    assert document is not None
    assert (document.title, document.slug) == ("Hello", "hello")
    assert tree.parse(DocPath("posts/bad.md"), b"---\ntitle: [\n---\n") is None
