"""What a reference in a document points at, decided by its text and the document's place alone.

Paths are relative to the document, or to the content root for pictures named in `tags.yaml`. They may climb with `..`
inside the content root and never out of it; absolute file paths, drive letters and `file:` are refused, whoever wrote
them: what a document names is read from disk and published. A leading `/` means the site's own root, as it does
everywhere on the web and in Ghost.

Symbolic links cannot be seen here; `ghostsync.local.workspace` refuses those that leave the root.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from ghostsync.core.file_names import DOCUMENT_SUFFIXES
from ghostsync.core.media_types import bucket_of
from ghostsync.lexical.site_addresses import PLACEHOLDER
from ghostsync.model import Bucket, DocPath

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_AS_IS = "as-is:"
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class InTree:
    """A file or folder below the content root."""

    path: DocPath
    query: str = ""
    fragment: str = ""

    @property
    def tail(self) -> str:
        """Query and fragment as they follow an address."""
        return (f"?{self.query}" if self.query else "") + (f"#{self.fragment}" if self.fragment else "")

    @property
    def is_document(self) -> bool:
        """Whether it is named like a document."""
        return PurePosixPath(self.path).suffix.lower() in DOCUMENT_SUFFIXES

    @property
    def bucket(self) -> Bucket:
        """Which upload endpoint takes it."""
        return bucket_of(self.path)


@dataclass(frozen=True, slots=True)
class External:
    """An address elsewhere: any scheme (`https:`, `mailto:`, `tel:`…) or `//host`."""

    url: str


@dataclass(frozen=True, slots=True)
class SiteRelative:
    """A path from the site's own root: `/about/`, `/content/images/…`; as Ghost stores it, `__GHOST_URL__/about/`."""

    url: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A place in the same document; empty for a bare `#` or an empty reference."""

    name: str


@dataclass(frozen=True, slots=True)
class AsIs:
    """`as-is:TEXT`: the text is an address exactly as it stands, and never a file here.

    Posts in Ghost hold addresses that read like files (`about`, `pic.png`, `example.com/x` without a scheme). They come
    down in this spelling. Otherwise whoever may edit a post could name a private file here and have it published.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A reference that may not be followed; `reason` is a whole message."""

    reason: str


Reference = InTree | External | SiteRelative | Fragment | AsIs | Refused


def classify(reference: str, document: DocPath) -> Reference:
    """Return what `reference` means in the document at the path `document`."""
    elsewhere = _elsewhere(reference)
    if elsewhere is not None:
        return elsewhere
    text = reference.strip()
    rest, _, fragment = text.partition("#")
    rest, _, query = rest.partition("?")
    fragment = unquote(fragment)
    if not rest:
        return Fragment(fragment) if not query else SiteRelative(text)
    return _resolve(unquote(rest), document, query, fragment)


def as_it_is(address: str) -> str:
    """Return how a document says an address of Ghost's that would otherwise be read as a file here."""
    return f"{_AS_IS}{address}"


def reads_as_file(address: str) -> bool:
    """Whether an address, written into a document, would be read as a file here or as `as_it_is` spells one."""
    return isinstance(classify(address, DocPath("posts/any.md")), InTree | AsIs | Refused)


def resolve_file(name: str, document: DocPath) -> Reference:
    """Return what a file named in front matter means: like `classify`, but `#`, `?` and `%` are part of its name."""
    return _elsewhere(name) or _resolve(name.strip(), document, "", "")


def names_file(value: str) -> bool:
    """Whether an address, written into front matter, would be read as a file: what `reads_as_file` says of a body."""
    return isinstance(resolve_file(value, DocPath("posts/any.md")), InTree | AsIs | Refused)


def _elsewhere(reference: str) -> External | SiteRelative | AsIs | Refused | None:
    """Return what a reference means that names no file here; None where it may name one."""
    text = reference.strip()
    if _DRIVE.match(text) or text.startswith("\\"):
        return Refused(f"`{text}` is an absolute path on one machine")
    if text.lower().startswith("file:"):
        return Refused(f"`{text}` is a path on one machine, not an address")
    if text.startswith(_AS_IS):
        return AsIs(reference.partition(_AS_IS)[2])
    if text.startswith("//") or _SCHEME.match(text):
        return External(text)
    if text.startswith(("/", f"{PLACEHOLDER}/")):
        return SiteRelative(text)
    return None


def relative_reference(target: DocPath, document: DocPath) -> str:
    """Return how the document refers to `target`, percent-encoded where Markdown and URLs need it."""
    here = PurePosixPath(document).parent.parts
    there = PurePosixPath(target).parts
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    path = "/".join((*([".."] * (len(here) - shared)), *there[shared:]))
    encoded = quote(path, safe="/-._~!$&'*+,;=@")
    # `a:b.md` would read as a scheme.
    return f"./{encoded}" if _SCHEME.match(encoded) else encoded


def _resolve(path: str, document: DocPath, query: str, fragment: str) -> Reference:
    if "\x00" in path:
        return Refused("a path contains a NUL character")
    if "\\" in path:
        return Refused(f"`{path}` contains a backslash; folders are separated by `/`")
    parts = list(PurePosixPath(document).parent.parts)
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if not parts:
                return Refused(f"`{path}` leaves the content directory")
            parts.pop()
        else:
            parts.append(part)
    if not parts:
        return Refused(f"`{path}` is the content directory itself")
    return InTree(DocPath("/".join(parts)), query, fragment)
