"""What a post brings with it when it comes into a document: addresses made local, names people know, files to fetch.

A body in Ghost speaks of `https://site/content/images/…` and `https://site/other-post/`; a document speaks of files
beside it. What this tree has been sending is found again under its own name; what is new on the site gets a name by
the layout and is downloaded; what lies elsewhere keeps its address. An address that cannot have a safe name stays an
address and is said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ghostsync.core.base import Base, Origin
from ghostsync.core.changes import Download
from ghostsync.core.compare import Prepared
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.incoming import incoming_body
from ghostsync.core.layout import Names, PullLayout, Unsafe, check_media_path, media_choices
from ghostsync.core.references import as_it_is, names_file, reads_as_file, relative_reference
from ghostsync.errors import ContentError
from ghostsync.lexical import find_references, mobiledoc_to_lexical
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import Digest, DocPath, FieldName, FieldValue, Lexical, Post, Upload

_TAGS = FieldName("tags")
_CONTENT = ("content/images/", "content/media/", "content/files/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A post as one document would say it."""

    fields: Mapping[FieldName, FieldValue]
    """Everything that Ghost holds, as front matter says it: tags by name, files of the site by local name."""
    body: str | None
    """The body as Markdown, in base's own words where there is a base; None where Ghost's body cannot be read."""
    for_body: tuple[Download, ...] = ()
    """Files that the body shows and this tree lacks."""
    for_fields: Mapping[FieldName, Download] = field(default_factory=dict)
    """Files that fields name and this tree lacks."""
    recorded: tuple[Download, ...] = ()
    """Files that base's own text needs and this tree lacks."""
    refused: tuple[str, ...] = ()
    """Why some files of the site are not fetched."""

    def needed(self, fields: Iterable[FieldName], *, body: bool) -> tuple[Download, ...]:
        """Return what must be fetched before a document may say these fields, and this body."""
        wanted = [self.for_fields[name] for name in fields if name in self.for_fields]
        found = {download.path: download for download in (*wanted, *(self.for_body if body else ()))}
        return tuple(found[path] for path in sorted(found))


@dataclass(slots=True)
class Places:
    """Where the site's files and posts are in this tree; grows while a plan is made."""

    site_url: str
    layout: PullLayout
    names: Names
    posts: Mapping[str, DocPath]
    """Path of a published address on the site (`other/`) → its document."""
    known: dict[str, DocPath] = field(default_factory=dict)
    """Path of an upload on the site (`content/images/2026/01/a.png`) → the file that it is of."""
    recorded: dict[str, tuple[DocPath, Digest]] = field(default_factory=dict)
    """Path of an upload on the site → the file that a record says it is of, and the bytes that it had."""
    promised: Mapping[DocPath, Upload] = field(default_factory=dict)
    """File → what the newest record that names it says it held."""
    shared_names: frozenset[str] = frozenset()
    """Names, in lower case, that several tags have."""
    exists: Callable[[DocPath], bool] = lambda _: False
    is_served: Callable[[DocPath, str], bool] = lambda _, __: False
    """Whether a file that is here holds what the site serves at an address."""
    holds: Callable[[DocPath, Digest], bool] = lambda _, __: True
    """Whether a file that is here has these bytes."""
    _beside: dict[tuple[str, str], DocPath] = field(default_factory=dict)

    def path_on_site(self, address: str) -> str | None:
        """Return an address below the site's root without the root: `content/images/a.png`; None for one elsewhere."""
        parts = urlsplit(self.site_url)
        root = parts.path if parts.path.endswith("/") else f"{parts.path}/"
        text = address.removeprefix("__GHOST_URL__")
        for scheme in ("https://", "http://", "//"):
            prefix = f"{scheme}{parts.netloc}"
            if text.startswith(prefix):
                text = text[len(prefix) :] or "/"
                break
        if not text.startswith(root) or text.startswith("//"):
            return None
        return text[len(root) :]

    def addresses_of_files(self) -> Iterator[tuple[str, DocPath]]:
        """Yield path on the site and file, for everything that is or will be here."""
        yield from ((on_site, path) for on_site, (path, _) in self.recorded.items())
        yield from self.known.items()
        for (on_site, _), path in self._beside.items():
            yield on_site, path

    def local_file(self, address: str, document: DocPath) -> tuple[DocPath, Download | None] | None:
        """Return the file that an address of the site is of, and how to get it if it is not here yet.

        None for what the site does not serve as a file. Raises Unsafe.
        """
        on_site = self.path_on_site(address)
        if on_site is None or not on_site.startswith(_CONTENT):
            return None
        on_site = on_site.partition("#")[0].partition("?")[0]
        path = self.known_file(on_site)
        if path is None:
            folder = self.layout.media_folder(document)
            path = self._beside.get((on_site, folder))
            if path is None:
                path = self._place(on_site, folder)
        if self.exists(path):
            return path, None
        check_media_path(path)
        return path, self.promised_download(path) or Download(url=f"{self.site_url}{on_site}", path=path)

    def known_file(self, on_site: str) -> DocPath | None:
        """Return the file that an upload is of.

        Whoever may edit a post in Ghost may write its record. A record that says of a private file here that it is some
        picture there would have that file shown, and sent, in its place; so it counts only for the bytes it names.
        """
        if on_site in self.known:
            return self.known[on_site]
        if on_site not in self.recorded:
            return None
        path, sha256 = self.recorded[on_site]
        return path if not self.exists(path) or self.holds(path, sha256) else None

    def promised_download(self, path: DocPath) -> Download | None:
        """Return how to get a file that a record names; None for any other."""
        upload = self.promised.get(path)
        if upload is None:
            return None
        return self.download_of(upload, path)

    def download_of(self, upload: Upload, path: DocPath) -> Download:
        """Return how to get what a record says. Elsewhere than on the site, nothing but those very bytes will do."""
        is_elsewhere = self.path_on_site(upload.url) is None
        return Download(url=upload.url, path=path, sha256=upload.sha256, original=upload.original, exact=is_elsewhere)

    def name_of_tag(self, slug: str, names: Mapping[str, str]) -> str:
        """Return what a document calls a tag: its name, or its slug where another tag has the same name."""
        name = names.get(slug, slug)
        return slug if name.casefold() in self.shared_names else name

    def _is_owned(self, path: DocPath) -> bool:
        return path in self.known.values() or path in self.promised or path in self._beside.values()

    def _place(self, on_site: str, folder: str) -> DocPath:
        """Choose a file for an upload: one that came down in a run that was cut off, else a free name."""
        for path in media_choices(on_site, folder):
            self.names.check_folder(path)
            if self.exists(path):
                if self._is_owned(path) or not self.is_served(path, f"{self.site_url}{on_site}"):
                    continue
            elif not self.names.is_free(path):
                continue
            self.names.take(path)
            self._beside[(on_site, folder)] = path
            return path
        raise AssertionError(on_site)


def arrive(
    post: Post,
    path: DocPath,
    places: Places,
    *,
    base: Base | None = None,
    base_body: str | None = None,
    then: Lexical | None = None,
    dialect: DialectName = "ghost",
    wants_body: bool = True,
) -> Arrival:
    """Return what `post` brings to the document at `path`; without `wants_body`, its fields only."""
    lexical = lexical_of(post) if wants_body else None
    downloads: dict[DocPath, Download] = {}
    refused: dict[str, None] = {}
    written = {} if lexical is None else _local_references(lexical, path, places, downloads, refused)
    for_fields: dict[FieldName, Download] = {}
    fields = local_fields(post.fields, path, places, for_fields, refused)
    tags = post.fields.get(_TAGS)
    if isinstance(tags, tuple):
        fields[_TAGS] = tuple(places.name_of_tag(slug, post.tag_names) for slug in tags)
    body = None
    if lexical is not None:
        site = places.site_url
        body = incoming_body(base, base_body, lexical, site_url=site, dialect=dialect, written=written, then=then)
    return Arrival(
        fields=fields,
        body=body,
        for_body=tuple(downloads.values()),
        for_fields=for_fields,
        recorded=_recorded(base, places, refused),
        refused=tuple(refused),
    )


def _recorded(base: Base | None, places: Places, refused: dict[str, None]) -> tuple[Download, ...]:
    found: list[Download] = []
    for path, upload in sorted(base.images.items()) if base is not None else ():
        try:
            place = check_media_path(path)
        except Unsafe as wrong:
            refused[str(wrong)] = None
            continue
        if not places.exists(place):
            found.append(places.promised_download(place) or places.download_of(upload, place))
    return tuple(found)


def base_like(local: Prepared) -> Base:
    """Return a base that is the document itself: Ghost's words are then patched into the author's text as it is now."""
    return Base(
        origin=Origin.GIT,
        path=local.document.path,
        slug=local.document.slug,
        fields=local.fields,
        body=local.body,
        source=local.document.source,
        source_digest=local.document.digest,
        images=local.known,
        links=local.links,
    )


def lexical_of(post: Post) -> Lexical | None:
    """Return the post's body as Lexical; an old mobiledoc body converted."""
    if post.lexical is not None:
        return post.lexical
    if post.mobiledoc is None:
        return None
    try:
        document = json.loads(post.mobiledoc)
        return mobiledoc_to_lexical(document) if isinstance(document, dict) else None
    except (ContentError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None


def local_fields(
    fields: Mapping[FieldName, FieldValue],
    document: DocPath,
    places: Places,
    downloads: dict[FieldName, Download],
    refused: dict[str, None],
) -> dict[FieldName, FieldValue]:
    """Return fields with the site's pictures as local files; front matter names files plainly, without escapes.

    `downloads` and `refused` grow: what must be fetched for which field, and why something cannot be.
    """
    result = dict(fields)
    for name, value in fields.items():
        spec = FIELDS.get(name)
        if spec is None or spec.value is not ValueKind.IMAGE or not isinstance(value, str):
            continue
        if names_file(value):
            result[name] = as_it_is(value)
            continue
        found = _file(value, document, places, refused)
        if found is not None:
            path, download = found
            result[name] = _plain_reference(path, document)
            if download is not None:
                downloads[name] = download
    return result


def _local_references(
    lexical: Lexical,
    path: DocPath,
    places: Places,
    downloads: dict[DocPath, Download],
    refused: dict[str, None],
) -> dict[str, str]:
    """Return address → reference for everything in a body that is in this tree, or will be."""
    written: dict[str, str] = {}
    for address in dict.fromkeys(reference.value for reference in find_references(lexical)):
        if reads_as_file(address):
            written[address] = as_it_is(address)
            continue
        on_site = places.path_on_site(address)
        if on_site is None:
            continue
        bare = on_site.partition("#")[0].partition("?")[0]
        tail = on_site[len(bare) :]
        other = places.posts.get(bare)
        if other is not None:
            if other != path:
                written[address] = relative_reference(other, path) + tail
            continue
        found = _file(address, path, places, refused)
        if found is not None:
            file, download = found
            written[address] = relative_reference(file, path) + tail
            if download is not None:
                downloads.setdefault(file, download)
    return written


def _file(
    address: str, document: DocPath, places: Places, refused: dict[str, None]
) -> tuple[DocPath, Download | None] | None:
    try:
        return places.local_file(address, document)
    except Unsafe as wrong:
        refused[str(wrong)] = None
        return None


def _plain_reference(path: DocPath, document: DocPath) -> str:
    return unquote(relative_reference(path, document))
