"""Which document or file answers to an address that a site generator builds.

Authors who come from a generator link as it builds: `/2024/05/01/hello/`, `../other-post/`, `/img/photo.jpg`. Ghost
builds other addresses, so such a link would be dead there, and a picture gone. Where exactly one document answers to
the address, or a folder that the generator serves from the site's root has the file, that is what the author meant: it
is sent as any reference to it would be, and comes back as it was written (the record keeps both). Nothing is guessed:
an address that two documents answer to, or none, stays what it is.

An address answers by its words alone: upper and lower case, blanks, dashes and punctuation do not count, since every
generator treats them in its own way; neither do a suffix, `index` and the `_` of Jekyll's `_posts`. From the site's
root, leading folders of the document's path may be missing (`content`, `src`, a language), but every part of the
address must be there: `/tags/hugo/` is not `posts/hugo.md`. The date in a file's name may stand as folders. A relative
address is read from the document's place as a file and, because generators make a folder of each document, from that
folder.

Addresses from the root are read so only where the configuration says that the documents are made for a generator
(`preset`, `static`): elsewhere `/about/` is a place of the Ghost site, whatever is here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import unquote

from ghostsync.core.addressing import Addressing
from ghostsync.core.documents import name_parts
from ghostsync.core.file_names import DOCUMENT_SUFFIXES
from ghostsync.core.references import InTree, Reference, Refused, SiteRelative, classify, resolve_file
from ghostsync.model import DocPath, Slug


class Leads(Protocol):
    """What the words of the document at a path lead to."""

    def of_reference(self, reference: str, document: DocPath) -> Reference:
        """Return what an address in a body leads to."""

    def of_name(self, name: str, document: DocPath) -> Reference:
        """Return what a file named in front matter leads to."""

    def why_on_site(self, address: str, *, is_picture: bool) -> str | None:
        """Return what to do where an address from the site's root was probably not meant for the Ghost site."""


class ByText(Leads):
    """What the words alone say, whatever is in the tree."""

    def of_reference(self, reference: str, document: DocPath) -> Reference:
        """Return what an address in a body says."""
        return classify(reference, document)

    def of_name(self, name: str, document: DocPath) -> Reference:
        """Return what a name in front matter says."""
        return resolve_file(name, document)

    def why_on_site(self, address: str, *, is_picture: bool) -> str | None:
        """Return nothing: what is in the tree is not known."""


BY_TEXT = ByText()

_OF_GHOST = frozenset({"content", "assets", "ghost", "public", "tag", "author", "rss", "members", "p", "email", "r"})
"""Where Ghost's own addresses begin."""

_LISTS = frozenset({"tags", "categories", "topics", "category"})
"""Where generators list the posts of a tag."""

_PAGE = frozenset({*DOCUMENT_SUFFIXES, ".html", ".htm"})

_Words = tuple[str, ...]


class Answers(Leads):
    """Looks up addresses among the documents and files of a tree."""

    def __init__(
        self,
        slugs: Mapping[DocPath, Slug | None],
        files: frozenset[DocPath],
        addressing: Addressing,
    ) -> None:
        """`slugs`: every document, those that cannot be read included, and the slug that is written into it."""
        self._slugs = slugs
        self._files = files
        self._addressing = addressing

    def of_name(self, name: str, document: DocPath) -> Reference:
        """Return what a name in front matter leads to: `#`, `?` and `%` are part of the name of a file that is here."""
        plain = resolve_file(name, document)
        is_there = isinstance(plain, InTree) and plain.path in self._files
        return plain if is_there else self.of_reference(name, document)

    def of_reference(self, reference: str, document: DocPath) -> Reference:
        """Return what `reference` leads to, like `classify`, and the one document or file that answers to it."""
        place = classify(reference, document)
        match place:
            case InTree(path=path) if path not in self._files:
                found = self._relative(reference, document, place)
                return place if found is None else InTree(found, place.query, place.fragment)
            case SiteRelative(url=url) if self._addressing.static is not None and url.startswith("/"):
                rest, _, fragment = url.partition("#")
                rest, _, query = rest.partition("?")
                found = self._from_root(unquote(rest))
                return place if found is None else InTree(found, query, unquote(fragment))
            case _:
                return place

    def why_on_site(self, address: str, *, is_picture: bool) -> str | None:
        """Return what to do where an address from the site's root was probably not meant for the Ghost site.

        Ghost itself serves what it stores, its theme and the lists of tags and authors; a theme or a page may be at any
        short address.
        """
        bare = unquote(address.partition("#")[0].partition("?")[0]).strip("/")
        first, _, rest = bare.partition("/")
        if not address.startswith("/") or not rest or first in _OF_GHOST:
            return None
        if is_picture:
            there = [path for path in self._files if path == bare or path.endswith(f"/{bare}")]
            if len(there) == 1:
                folder = there[0].removesuffix(bare).strip("/") or "."
                where = "the content directory" if folder == "." else f"`{folder}`"
                return f'`static = ["{folder}"]` in ghostsync.toml finds it in {where}'
            return "write its path from the document, or upload it to the site"
        if self._addressing.static is not None and first in _LISTS:
            return "Ghost lists the posts of a tag at `/tag/name/`"
        return None if self._addressing.static is None else "write the path of the document, or its address in Ghost"

    def _from_root(self, address: str) -> DocPath | None:
        bare = PurePosixPath(address.strip("/"))
        if ".." in bare.parts or not bare.name:
            return None
        for folder in self._addressing.static or ():
            path = DocPath((PurePosixPath(folder) / bare).as_posix())
            if path in self._files:
                return path
        words = _words(bare)
        return self._only({path for form, path in self._ending_like(words) if _answers(form, words)})

    def _relative(self, reference: str, document: DocPath, place: InTree) -> DocPath | None:
        places = {place.path}
        if PurePosixPath(document).stem.lower() != "index":
            below = classify(reference, DocPath(PurePosixPath(document).with_suffix("").as_posix() + "/index.md"))
            if isinstance(below, InTree):
                places.add(below.path)
        there = {path for path in places if path in self._files}
        wanted = [_words(PurePosixPath(path)) for path in places]
        there |= {path for words in wanted for form, path in self._ending_like(words) if form == words}
        if not there and self._addressing.by_name:
            there = self._named(unquote(reference.partition("#")[0].partition("?")[0]))
        return self._only(there)

    def _named(self, name: str) -> set[DocPath]:
        """Return what a path that begins somewhere in the tree may be."""
        bare = name.removeprefix("./")
        files = {path for path in self._files if path == bare or path.endswith(f"/{bare}")}
        if files or isinstance(classify(name, DocPath("a.md")), Refused):
            return files
        words = _words(PurePosixPath(bare))
        return {path for form, path in self._ending_like(words) if form[-len(words) :] == words}

    def _ending_like(self, words: _Words) -> list[tuple[_Words, DocPath]]:
        return self._by_last_word.get(words[-1], []) if words and all(words) else []

    @cached_property
    def _by_last_word(self) -> dict[str, list[tuple[_Words, DocPath]]]:
        found: dict[str, list[tuple[_Words, DocPath]]] = {}
        for path, slug in self._slugs.items():
            for form in _forms(path, slug):
                if form and form[-1]:
                    found.setdefault(form[-1], []).append((form, path))
        return found

    @staticmethod
    def _only(found: set[DocPath]) -> DocPath | None:
        return next(iter(found)) if len(found) == 1 else None


def _forms(place: DocPath, slug: Slug | None) -> set[_Words]:
    """Return the addresses of a document, from the content root."""
    path = PurePosixPath(place)
    folder = _words(path.parent)
    name, date = name_parts(place)
    if path.stem.lower() in {"index", "_index"}:
        folder = folder[:-1]
    names = {_word(name), _word(path.stem if path.stem.lower() != "index" else path.parent.name)}
    if slug is not None:
        names.add(_word(slug))
    forms = {(*folder, one) for one in names}
    if date is not None:
        year, month, day = date.split("-")
        short = _word(name)
        forms |= {(*folder, *parts, short) for parts in ((year, month, day), (year, month), (year,))}
        forms.add((year, month, day, short))
    return forms


def _answers(form: _Words, words: _Words) -> bool:
    """Whether a form of a document is what an address from the root says."""
    if form[-len(words) :] == words:
        return True
    # Jekyll puts the categories before the date.
    is_dated = len(form) == 4 and re.fullmatch(r"\d{4} \d\d \d\d", " ".join(form[:3])) is not None
    return is_dated and words[-4:] == form


def _words(path: PurePosixPath) -> _Words:
    if path.suffix.lower() in _PAGE:
        path = path.with_suffix("")
    if path.name.lower() == "index":
        path = path.parent
    return tuple(_word(part) for part in path.parts if part != ".")


def _word(part: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", part).casefold() if letter.isalnum())
