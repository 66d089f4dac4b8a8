"""The content directory: what is in it, and writing into it without harm."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ghostsync.errors import ContentError, Problem
from ghostsync.local.cached import FileStamp
from ghostsync.local.config import Config, Selection, load_config
from ghostsync.local.tree import ContentTree
from ghostsync.local.workspace import Expected, Role, Workspace
from ghostsync.model import Bucket, Digest, DocPath

P = DocPath


def digest(data: bytes) -> Digest:
    """Return the digest under which a file's bytes are expected."""
    return Digest(hashlib.sha256(data).hexdigest())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty content root with something beside it that nobody may touch."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.md").write_text("secret")
    content = tmp_path / "content"
    content.mkdir()
    return content


def fill(root: Path, *paths: str) -> None:
    """Make small files."""
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text of {path}")


def workspace(root: Path) -> Workspace:
    """Return the workspace at `root`, with its configuration if it has one."""
    return Workspace(load_config(root))


def test_scan_knows_what_is_what(root: Path) -> None:
    """Documents, tags and other files are told apart by their names; hidden and installed files are not there."""
    fill(root, "a.md", "posts/b.markdown", "posts/_c.md", "README.md", "x/readme.md", "tags.yaml", "pic.png")
    fill(
        root,
        ".hidden.md",
        ".git/d.md",
        "node_modules/a/CHANGES.md",
        "x/node_modules/b.md",
        ".ghostsync/e.md",
        "x/tags.yaml",
        "ghostsync.toml.md",
    )
    (root / "ghostsync.toml").write_text("")
    found = {file.path: file.role for file in workspace(root).scan().files}
    assert found == {
        "a.md": Role.DOCUMENT,
        "posts/b.markdown": Role.DOCUMENT,
        "posts/_c.md": Role.FILE,
        "README.md": Role.FILE,
        "x/readme.md": Role.FILE,
        "tags.yaml": Role.TAGS,
        "pic.png": Role.FILE,
        "x/tags.yaml": Role.FILE,
        "ghostsync.toml.md": Role.DOCUMENT,
    }


def test_ignored_files_are_not_there(root: Path) -> None:
    """`.ghostsyncignore` has Git's rules, exceptions included."""
    fill(root, "a.md", "drafts/b.md", "posts/drafts/c.md", "posts/d.tmp.md", "posts/keep.tmp.md")
    (root / ".ghostsyncignore").write_text("# comment\ndrafts/\n*.tmp.md\n!keep.tmp.md\n")
    assert [file.path for file in workspace(root).scan().documents] == ["a.md", "posts/keep.tmp.md"]


def test_configured_names_are_documents_after_all(root: Path) -> None:
    """`documents` takes back what a name would exclude."""
    fill(root, "README.md", "posts/_c.md", "posts/README.md")
    (root / "ghostsync.toml").write_text('documents = ["/README.md", "_*.md"]\n')
    assert [file.path for file in workspace(root).scan().documents] == ["README.md", "posts/_c.md"]


def test_sizes_and_times_are_those_of_the_disk(root: Path) -> None:
    """What the cache compares is what the disk says."""
    fill(root, "a.md")
    (file,) = workspace(root).scan().files
    info = (root / "a.md").stat()
    assert file.stamp == FileStamp.of(info)


def test_links_out_of_the_root_are_refused(root: Path) -> None:
    """A document that is a link out of the content is a problem; a linked folder is not entered; links inside work."""
    fill(root, "a.md")
    (root / "inside.md").symlink_to(root / "a.md")
    (root / "out.md").symlink_to(root.parent / "outside/secret.md")
    (root / "folder").symlink_to(root.parent / "outside")
    scan = workspace(root).scan()
    assert [file.path for file in scan.documents] == ["a.md", "inside.md"]
    assert [(one.path, "leads out" in one.message) for one in scan.problems] == [("out.md", True)]


def test_names_that_a_disk_may_confuse_are_problems(root: Path) -> None:
    """`A.md` and `a.md` would be one file on macOS and Windows; so would two spellings of é."""
    fill(root, "posts/A.md", "posts/a.md", "caf\u00e9.md", "cafe\u0301.md")
    found = workspace(root).scan().problems
    assert [one.path for one in found] == ["caf\u00e9.md", "posts/a.md"]


def test_every_problem_of_every_document_is_found(root: Path) -> None:
    """Unreadable, invalid and clashing documents are all named; the valid ones are there."""
    fill(root, "ok.md", "posts/twin.md", "pages/twin.md")
    (root / "latin.md").write_bytes(b"caf\xe9")
    (root / "broken.md").write_text("---\ntitle: a: b\n---\n")
    (root / "tags.yaml").write_text("- nmae: x\n")
    loaded = ContentTree(load_config(root)).load()
    assert [(one.path, one.line) for one in loaded.problems] == [
        ("broken.md", 2),
        ("latin.md", 1),
        ("pages/twin.md", None),
        ("posts/twin.md", None),
        ("tags.yaml", 1),
    ]
    assert "ok.md" in [document.path for document in loaded.documents]


def test_a_selection_still_sees_the_slugs_of_all(root: Path) -> None:
    """A clash with a document outside the selection is found, and only the selected one is blamed."""
    fill(root, "posts/twin.md", "pages/twin.md")
    loaded = ContentTree(load_config(root), Selection(paths=(P("posts"),))).load()
    assert [document.path for document in loaded.documents] == ["posts/twin.md"]
    assert [one.path for one in loaded.problems] == ["posts/twin.md"]
    assert "pages/twin.md" in loaded.problems[0].message


HOSTILE = [
    "../outside/secret.md",
    "/etc/passwd",
    "posts/../../outside/secret.md",
    ".git/config",
    "posts/.git/hooks/x",
    ".GIT/config",
    ".git./config",
    ".ghostsync/cache.db",
    "C:/x.md",
    "posts\\..\\x.md",
    "a\x00b.md",
    "",
    "folder/x.md",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_name_is_refused_and_nothing_is_written(root: Path, path: str) -> None:
    """No name, wherever it comes from, reaches out of the directory, into Git or through a linked folder."""
    (root / "folder").symlink_to(root.parent / "outside")
    before = sorted(str(file) for file in root.parent.rglob("*"))
    with pytest.raises(ContentError) as refused:
        workspace(root).write(P(path), b"evil", expected=Expected.ANYTHING)
    assert refused.value.problems
    with pytest.raises(ContentError):
        workspace(root).remove(P(path), expected=digest(b"secret"))
    assert sorted(str(file) for file in root.parent.rglob("*")) == before
    assert (root.parent / "outside/secret.md").read_text() == "secret"


def test_control_an_ordinary_name_is_written(root: Path) -> None:
    """What is refused above is the name."""
    workspace(root).write(P("posts/deep/x.md"), b"fine", expected=Expected.NOTHING)
    assert (root / "posts/deep/x.md").read_bytes() == b"fine"
    assert [file.name for file in (root / "posts/deep").iterdir()] == ["x.md"]


def test_writing_keeps_permissions_and_follows_the_mask(root: Path) -> None:
    """A file keeps its mode; a new one gets what the user's mask gives."""
    fill(root, "a.md")
    (root / "a.md").chmod(0o640)
    place = workspace(root)
    place.write(P("a.md"), b"new", expected=Expected.ANYTHING)
    assert stat.S_IMODE((root / "a.md").stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        place.write(P("b.md"), b"new", expected=Expected.NOTHING)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((root / "b.md").stat().st_mode) == 0o640


def test_a_file_that_changed_meanwhile_is_not_overwritten(root: Path) -> None:
    """Write and remove insist on the bytes that the plan was made from."""
    fill(root, "a.md")
    place = workspace(root)
    with pytest.raises(ContentError, match="was changed"):
        place.write(P("a.md"), b"new", expected=digest(b"other"))
    with pytest.raises(ContentError, match="was changed"):
        place.remove(P("a.md"), expected=digest(b"other"))
    with pytest.raises(ContentError, match="already there"):
        place.write(P("a.md"), b"new", expected=Expected.NOTHING)
    with pytest.raises(ContentError, match="is gone"):
        place.write(P("b.md"), b"new", expected=digest(b"other"))
    assert (root / "a.md").read_text() == "text of a.md"
    assert [file.name for file in (root).iterdir()] == ["a.md"]


def test_control_what_was_expected_is_replaced_and_removed(root: Path) -> None:
    """With the right digest both happen, and emptied folders go."""
    fill(root, "posts/x/a.md")
    place = workspace(root)
    place.write(P("posts/x/a.md"), b"new", expected=digest(b"text of posts/x/a.md"))
    assert place.read(P("posts/x/a.md")) == b"new"
    place.remove(P("posts/x/a.md"), expected=digest(b"new"))
    assert [file.name for file in root.iterdir()] == [".ghostsync"]


def png(width: int, height: int) -> bytes:
    """Return a PNG of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_referenced_files_are_measured(root: Path) -> None:
    """A picture gets its digest, type and size in pixels; what is missing is None; what is broken is a problem."""
    (root / "p.png").write_bytes(png(30, 20))
    (root / "d.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"/>')
    (root / "fake.jpg").write_bytes(b"not a picture")
    (root / "empty.pdf").write_bytes(b"")
    (root / "song.mp3").write_bytes(b"ID3")
    tree = ContentTree(Config(root=root))
    picture = tree.asset(P("p.png"))
    assert picture is not None
    assert not isinstance(picture, Problem)
    assert (picture.sha256, picture.bucket, picture.mime) == (digest(png(30, 20)), Bucket.IMAGES, "image/png")
    assert (picture.width, picture.height, picture.size) == (30, 20, len(png(30, 20)))
    drawing, song = tree.asset(P("d.svg")), tree.asset(P("song.mp3"))
    assert not isinstance(drawing, Problem | None)
    assert (drawing.width, drawing.height) == (40, 10)
    assert not isinstance(song, Problem | None)
    assert (song.bucket, song.mime, song.width) == (Bucket.MEDIA, "audio/mpeg", None)
    assert isinstance(tree.asset(P("fake.jpg")), Problem)
    assert isinstance(tree.asset(P("empty.pdf")), Problem)
    assert tree.asset(P("missing.png")) is None
    assert tree.asset(P("../outside/secret.md")) is None


def test_a_replaced_picture_is_measured_again(root: Path) -> None:
    """A process that watches sees the new picture under the old name."""
    tree = ContentTree(Config(root=root))
    (root / "p.png").write_bytes(png(3, 2))
    first = tree.asset(P("p.png"))
    (root / "p.png").write_bytes(png(300, 200))
    second = tree.asset(P("p.png"))
    assert not isinstance(first, Problem | None)
    assert not isinstance(second, Problem | None)
    assert (first.width, second.width) == (3, 300)


def test_what_cannot_be_read_is_broken_and_not_deleted(root: Path) -> None:
    """The tree names documents that exist and could not be read, so that no post of theirs counts as an orphan."""
    fill(root, "ok.md")
    (root / "broken.md").write_text("---\nx: [\n---\n")
    (root / "out.md").symlink_to(root.parent / "outside/secret.md")
    loaded = ContentTree(Config(root=root)).load()
    assert [document.path for document in loaded.documents] == ["ok.md"]
    assert loaded.broken == {"broken.md", "out.md"}


def test_a_content_directory_that_is_gone_is_an_error(root: Path) -> None:
    """An unmounted disk is not an empty site."""
    tree = ContentTree(Config(root=root / "gone"))
    with pytest.raises(ContentError, match="is gone"):
        tree.load()


@contextlib.contextmanager
def as_nobody(root: Path) -> Iterator[None]:
    """Be somebody to whom permissions matter, which they do not to root, and who may go to `root`."""
    if os.geteuid() != 0:
        yield
        return
    closed = [(folder, mode) for folder in root.parents if not (mode := folder.stat().st_mode) & 0o001]
    for folder, mode in closed:
        folder.chmod(mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for folder, mode in closed:
            folder.chmod(mode)


@pytest.mark.parametrize("mode", [0o000, 0o311], ids=["closed", "not to be listed"])
def test_what_is_in_a_folder_that_cannot_be_read_is_not_deleted(root: Path, mode: int) -> None:
    """The folder is a problem, what it held counts as there, and a file in it is no "no such file"."""
    fill(root, "posts/a.md", "files/b.txt", "aside.md")
    for name in ("posts", "files"):
        (root / name).chmod(mode)
    with as_nobody(root):
        tree = ContentTree(load_config(root))
        loaded = tree.load()
        there, found = tree.exists(P("posts/a.md")), tree.asset(P("files/b.txt"))
    for name in ("posts", "files"):
        (root / name).chmod(0o755)
    assert [(problem.path, problem.message) for problem in loaded.problems] == [
        ("files", "the folder cannot be read: Permission denied"),
        ("posts", "the folder cannot be read: Permission denied"),
    ]
    assert there
    assert found is not None
    assert isinstance(found, Problem) is (mode == 0)


def test_a_document_that_may_not_be_read_is_broken_and_not_deleted(root: Path) -> None:
    """It is a problem with the disk's reason, its post is no orphan, and its picture is none that could be sent."""
    fill(root, "ok.md", "closed.md", "closed.png")
    for name in ("closed.md", "closed.png"):
        (root / name).chmod(0)
    with as_nobody(root):
        tree = ContentTree(load_config(root))
        loaded = tree.load()
        there, picture = tree.exists(P("closed.md")), tree.asset(P("closed.png"))
        with pytest.raises(ContentError, match="cannot be read or written: Permission denied"):
            tree.read(P("closed.md"))
    assert [document.path for document in loaded.documents] == ["ok.md"]
    assert (loaded.broken, there) == ({"closed.md"}, True)
    assert [problem.path for problem in loaded.problems] == ["closed.md"]
    assert isinstance(picture, Problem)
    assert picture.message == "the file cannot be read: Permission denied"


@pytest.mark.parametrize("name", ["a" * 300 + ".md", "\ud800.md"], ids=["long", "half"])
def test_a_name_that_no_disk_can_hold_is_no_file(root: Path, name: str) -> None:
    """It may stand in a link, or in a record."""
    tree = ContentTree(load_config(root))
    assert not tree.exists(P(name))
    assert tree.asset(P(name)) is None
    with pytest.raises(ContentError, match="no disk can hold"):
        tree.read(P(name))
    with pytest.raises(ContentError, match="no disk can hold"):
        tree.write(P(name), b"x", expected=None)


def test_a_link_that_leads_in_a_circle_is_no_file(root: Path) -> None:
    """As a document it is said, as a picture it is missed where a document shows it."""
    fill(root, "a.md")
    for name in ("loop.md", "loop.png"):
        (root / name).symlink_to(name)
    tree = ContentTree(load_config(root))
    loaded = tree.load()
    assert [(problem.path, problem.message) for problem in loaded.problems] == [
        ("loop.md", "this link leads in a circle")
    ]
    assert loaded.broken == {"loop.md"}
    assert tree.asset(P("loop.png")) is None


def test_a_link_to_nothing_is_no_document(root: Path) -> None:
    """A document's is said, and stands for a document that cannot be read; a picture's is missed where it is shown."""
    for name in ("gone.md", "gone.png"):
        (root / name).symlink_to("nowhere")
    loaded = ContentTree(load_config(root)).load()
    assert [(problem.path, problem.message) for problem in loaded.problems] == [
        ("gone.md", "this link leads to nothing")
    ]
    assert loaded.broken == {"gone.md"}


def test_a_document_whose_name_is_no_text_is_a_problem(root: Path) -> None:
    """As some old archives unpack: it cannot be told from one that was deleted, so it blocks every removal."""
    fill(root, "ok.md")
    os.close(os.open(os.fsencode(root) + b"/gr\xfc\xdfe.md", os.O_CREAT | os.O_WRONLY))
    loaded = ContentTree(load_config(root)).load()
    assert [document.path for document in loaded.documents] == ["ok.md"]
    (problem,) = loaded.problems
    assert (problem.path, problem.message) == ("gr\\udcfc\\udcdfe.md", "the file's name is not UTF-8")


def test_nothing_is_written_or_removed_through_a_link(root: Path) -> None:
    """Wherever it leads, and in whatever part of the path."""
    fill(root, "posts/real.md")
    (root / "posts/link.md").symlink_to(root / "posts/real.md")
    (root / "folder").symlink_to(root / "posts")
    here = workspace(root)
    for path in ("posts/link.md", "folder/real.md", "folder/new.md"):
        for expected in (Expected.ANYTHING, Expected.NOTHING, digest(b"text of posts/real.md")):
            with pytest.raises(ContentError, match="goes through the link"):
                here.write(P(path), b"other", expected=expected)
        with pytest.raises(ContentError, match="goes through the link"):
            here.remove(P(path), expected=digest(b"text of posts/real.md"))
    assert (root / "posts/real.md").read_text() == "text of posts/real.md"
    assert sorted(file.name for file in (root / "posts").iterdir()) == ["link.md", "real.md"]


def test_what_cannot_be_written_or_removed_is_told(root: Path) -> None:
    """With the disk's own reason; the file stays as it is."""
    fill(root, "posts/a.md")
    (root / ".ghostsync").mkdir()
    (root / "posts").chmod(0o555)
    was = digest(b"text of posts/a.md")
    with as_nobody(root):
        here = workspace(root)
        with pytest.raises(ContentError, match="cannot be read or written"):
            here.write(P("posts/a.md"), b"other", expected=was)
        with pytest.raises(ContentError, match="cannot be read or written"):
            here.write(P("posts/new.md"), b"other", expected=Expected.NOTHING)
        with pytest.raises(ContentError, match="cannot be read or written"):
            here.remove(P("posts/a.md"), expected=was)
    (root / "posts").chmod(0o755)
    assert [file.name for file in (root / "posts").iterdir()] == ["a.md"]
    assert (root / "posts/a.md").read_text() == "text of posts/a.md"


def test_a_look_at_some_paths_sees_what_a_scan_would(root: Path) -> None:
    """A changed, a new and a removed file; what a look at single files cannot tell is left to a scan."""
    fill(root, "posts/a.md", "posts/b.md", "posts/c.png")
    here = workspace(root)
    before = here.scan()
    (root / "posts/a.md").write_text("longer than it was before")
    fill(root, "posts/new.md")
    (root / "posts/b.md").unlink()
    assert here.look([P("posts/a.md"), P("posts/new.md"), P("posts/b.md")], before) == here.scan()
    (root / "posts/link.md").symlink_to(root / "posts/a.md")
    for path in (".ghostsyncignore", "posts/.a.md.swp", ".git/x.md", "posts", "posts/link.md", "posts/never.md"):
        assert here.look([P(path)], before) is None, path
    (root / ".ghostsyncignore").write_text("c.png\n")
    assert here.look([P("posts/c.png")], before) is None
    fill(root, "posts/A.md")
    found = here.look([P("posts/A.md")], before)
    assert found is not None
    assert [problem.path for problem in found.problems] == ["posts/a.md"]
    assert here.look([P("posts/a.md")], found) is None, "what was a problem may be none any more"
