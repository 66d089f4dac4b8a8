"""Where things that come from Ghost go on disk: names by pattern, and names that are refused.

A post that carries a record of this project goes back to the record's own path; any other gets a name by the pattern of
the configuration (`posts/{slug}.md`, `posts/{year}/{slug}.md`, `posts/{slug}/index.md`). Pictures and files take the
last part of their address.

Nothing from Ghost is trusted. Slugs, titles, picture addresses and even records can be typed by whoever may edit a
post, so every part of a path is judged: none may climb, hide (`.git`, `.github`), name a configuration, or be one that
only some systems can store; and no two things get names that a disk without case takes for one. What cannot have a
safe name is refused and said, never renamed into something that merely looks similar. Rejected: cleaning names
silently, because then two posts of an attacker's choice meet on one path.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ghostsync.core.configuration import Unmanaged
from ghostsync.core.document_settings import DEFAULT_SETTINGS, DocumentSettings
from ghostsync.core.documents import name_parts
from ghostsync.core.file_names import DOCUMENT_SUFFIXES, TAGS_FILE
from ghostsync.model import DocPath, FieldName, Kind, PostFace

# What most file systems take for one name, in bytes.
_NAME_LIMIT = 255
# Room for `-2` and for the temporary name beside it.
_STEM_BYTES = 200

_CONFIGURATION = frozenset({"ghostsync.toml", "pyproject.toml", ".ghostsyncignore", TAGS_FILE})
_PORTS = (f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³")
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", *_PORTS})
_BAD = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\/\u2028\u2029\ud800-\udfff]')
_ODD = re.compile(r'[#%\x00-\x1f\x7f-\x9f<>:"|?*\u2028\u2029\ud800-\udfff]')
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_DATE = FieldName("published_at")
_TAGS = FieldName("tags")


class Unsafe(ValueError):
    """A name from Ghost that must not become a path; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullLayout:
    """How pull lays out what it brings, and how documents are read back."""

    posts: str = "posts/{slug}.md"
    pages: str = "pages/{slug}.md"
    media: str = "media"
    """A folder below the content root; with a leading `./`, one beside each document."""
    unmanaged: Unmanaged = Unmanaged.WRITE
    settings: DocumentSettings = DEFAULT_SETTINGS
    sole_author: str | None = None
    """The one author of everything on the site: not worth a line in every document."""

    def pattern(self, kind: Kind) -> str:
        """Return the pattern for posts or pages."""
        return self.pages if kind is Kind.PAGE else self.posts

    def media_folder(self, document: DocPath) -> str:
        """Return the folder in which a document's new pictures and files go; empty for the content root."""
        if self.media == "." or self.media.startswith("./"):
            parts = (*PurePosixPath(document).parts[:-1], *PurePosixPath(self.media).parts)
            return "/".join(parts)
        return self.media


@dataclass(slots=True)
class Names:
    """The paths that are taken: on disk, or promised in this run."""

    _taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, paths: Iterable[str]) -> Names:
        """Return the names of these paths, and of the folders on the way to them."""
        names = cls()
        for path in paths:
            names.take(path)
        return names

    def is_free(self, path: str) -> bool:
        """Whether nothing has this path, and no file stands where it needs a folder."""
        if _key(path) in self._taken:
            return False
        return not any(f"{_key(str(parent))}\n" in self._taken for parent in PurePosixPath(path).parents)

    def check_folder(self, path: str) -> None:
        """Raise Unsafe where a file stands in the way of the folder that `path` would lie in: no other name helps."""
        for parent in PurePosixPath(path).parents:
            if f"{_key(str(parent))}\n" in self._taken:
                raise Unsafe(f"`{path}` needs the folder `{parent}`, and a file has that name")

    def take(self, path: str) -> None:
        """Promise a path; the folders on the way to it can no longer be files."""
        self._taken.add(_key(path))
        self._taken.add(f"{_key(path)}\n")
        for parent in PurePosixPath(path).parents:
            if str(parent) != ".":
                self._taken.add(_key(str(parent)))


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


# ---------------------------------------------------------------------------------------------- judging


def check_path(path: str) -> DocPath:
    """Return a path from a record, if a file may be written there. Raises Unsafe."""
    if not path or path.startswith("/") or path.endswith("/"):
        raise Unsafe(f"`{path}` is not a path below the content directory")
    parts = path.split("/")
    for part in parts:
        _check_part(part, path)
    if _key(parts[-1]) in _CONFIGURATION:
        raise Unsafe(f"`{path}` is a configuration file")
    return DocPath(path)


def check_document_path(path: str) -> DocPath:
    """Return the path of a document from a record. Raises Unsafe."""
    if PurePosixPath(path).suffix.lower() not in DOCUMENT_SUFFIXES:
        raise Unsafe(f"`{path}` is not a Markdown file")
    return check_path(path)


def check_media_path(path: str) -> DocPath:
    """Return the path of a picture or file from a record. Raises Unsafe."""
    if PurePosixPath(path).suffix.lower() in DOCUMENT_SUFFIXES:
        raise Unsafe(f"`{path}` would be a document")
    return check_path(path)


def _check_part(part: str, path: str) -> None:
    if not part or part.strip() != part or part.endswith("."):
        raise Unsafe(f"`{path}` has a part that not every disk can store: `{part}`")
    if part.startswith("."):
        raise Unsafe(f"`{path}` leads through `{part}`")
    if _BAD.search(part):
        shown = part.encode("unicode_escape").decode("ascii")
        raise Unsafe(
            f"`{path.encode('unicode_escape').decode('ascii')}` has a character that not every disk can hold: `{shown}`"
        )
    if part.partition(".")[0].rstrip(" ").casefold() in _DEVICES:
        raise Unsafe(f"`{path}` leads to a device on some systems: `{part}`")
    if len(part.encode("utf-8", "surrogatepass")) > _NAME_LIMIT:
        raise Unsafe(f"`{part[:40]}…` is longer than a file name may be")


# ---------------------------------------------------------------------------------------------- documents


def place_document(post: PostFace, layout: PullLayout, names: Names, *, recorded: DocPath | None) -> DocPath:
    """Return the path of the document for a post that has none, without taking it.

    `recorded` is the path in the post's record, if that record is of this project. Raises Unsafe for names that must
    not become paths, and where the record's own path is taken by something else.
    """
    if recorded is not None:
        path = check_document_path(recorded)
        if not names.is_free(path):
            raise Unsafe(f"`{path}`, where its document belongs, is taken by another file")
        return path
    filled = fill_pattern(layout.pattern(post.kind), post, layout.settings.zone)
    return _free(check_document_path(filled), names)


def first_choice(post: PostFace, layout: PullLayout) -> DocPath | None:
    """Return the path that the pattern gives a post whatever is there now; None where it gives none that is safe."""
    try:
        return check_document_path(fill_pattern(layout.pattern(post.kind), post, layout.settings.zone))
    except Unsafe:
        return None


def fill_pattern(pattern: str, post: PostFace, zone: tzinfo = UTC) -> str:
    """Return the pattern with what the post says. Raises Unsafe where a value cannot be one part of a path."""
    date = post.fields.get(_DATE) or post.created_at
    moment = _moment(str(date), zone)
    tags = post.fields.get(_TAGS)
    public = next((tag for tag in tags if not tag.startswith("hash-")), None) if isinstance(tags, tuple) else None
    values = {
        "slug": post.slug,
        "id": post.id,
        "year": f"{moment:%Y}",
        "month": f"{moment:%m}",
        "day": f"{moment:%d}",
        "primary_tag": public or "untagged",
        "kind": post.kind,
    }
    for name in _PLACEHOLDER.findall(pattern):
        value = values.get(name, "")
        if "/" in value or "\\" in value or value in {"", ".", ".."} or value.startswith("."):
            shown = str(value).encode("unicode_escape").decode("ascii")
            raise Unsafe(f"the {name.replace('_', ' ')} `{shown}` of a {post.kind} in Ghost cannot be a file's name")
    filled = _PLACEHOLDER.sub(lambda found: values[found[1]], pattern)
    folder, _, name = filled.rpartition("/")
    stem = name.rpartition(".")[0]
    if stem.startswith("_") or stem.casefold() == "readme":
        # Files of these names are no documents.
        filled = "/".join(filter(None, (folder, f"{post.kind}-{name.lstrip('_')}")))
    if not post.fields.get(_DATE) and name_parts(DocPath(filled))[1] is not None:
        filled = _with_prefix(filled, f"{post.kind}-")  # the name would give an undated post a date
    return filled


def _with_prefix(path: str, prefix: str) -> str:
    pure = PurePosixPath(path)
    if pure.stem.lower() == "index" and pure.parent.name:
        return str(pure.parent.with_name(f"{prefix}{pure.parent.name}") / pure.name)
    return str(pure.with_name(f"{prefix}{pure.name}"))


def _moment(date: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def _free(path: DocPath, names: Names) -> DocPath:
    names.check_folder(path)
    return next(choice for choice in _numbered(path) if names.is_free(choice))


def _numbered(path: DocPath) -> Iterator[DocPath]:
    """Yield the path, then with `-2`, `-3`… behind its stem; of `name/index.md` the folder is numbered. Never ends."""
    yield path
    pure = PurePosixPath(path)
    bundle = pure.stem.lower() == "index" and pure.parent.name
    for number in itertools.count(2):
        if bundle:
            numbered = pure.parent.with_name(f"{pure.parent.name}-{number}") / pure.name
        else:
            numbered = pure.with_name(f"{pure.stem}-{number}{pure.suffix}")
        yield DocPath(str(numbered))


# ---------------------------------------------------------------------------------------------- pictures and files


def media_name(address: str) -> str:
    """Return the name under which a picture or file of the site is kept. Raises Unsafe.

    Ghost's own names are tame; an address in a body can be anything.
    """
    name = unquote(urlsplit(address).path.rpartition("/")[2])
    if "/" in name or "\\" in name or name.startswith(".") or not name.strip(". "):
        raise Unsafe(f"the address `{address}` names no file that could be written: `{name}`")
    name = _ODD.sub("-", name).strip()
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    encoded = stem.encode("utf-8", "surrogatepass")[:_STEM_BYTES]
    name = encoded.decode("utf-8", "ignore").rstrip(". ") + dot + extension
    if PurePosixPath(name).suffix.lower() in DOCUMENT_SUFFIXES:
        name += ".txt"
    _check_part(name, name)
    return name


def media_choices(address: str, folder: str) -> Iterator[DocPath]:
    """Yield the paths in `folder` that what the site serves at `address` may get, best first. Raises Unsafe."""
    name = media_name(address)
    yield from _numbered(check_media_path(f"{folder}/{name}" if folder else name))
