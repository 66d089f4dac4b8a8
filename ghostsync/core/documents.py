"""From a file's bytes to a document, with everything wrong in it at once.

What the author wrote decides: title, slug and date come from the front matter, else from the text (a leading `# H1`,
which then leaves the body), else from the file's name. Fields that nobody wrote are not invented; configured defaults
count as written. Nothing here reads files, so the same code judges a working tree, a commit and a request body.

A document with any fault is no document at all: half of a post is never published.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ghostsync.core.counted import counted
from ghostsync.core.dates import parse_date
from ghostsync.core.document_settings import DEFAULT_SETTINGS, SLUG_PARTS, DocumentSettings
from ghostsync.core.fields import FIELDS
from ghostsync.core.frontmatter import BOM, FrontMatter, parse_front_matter
from ghostsync.core.keys import FieldsRead, read_fields
from ghostsync.core.raw import Fault
from ghostsync.core.slugs import post_slug, slugify, tag_slug
from ghostsync.errors import Problem
from ghostsync.model import Digest, DocPath, Document, Face, FieldName, FieldValue, Kind, Slug

PAGES_FOLDER = "pages"

_NAMED = 3
"""As many documents of one slug are named to each of them."""

_TITLE_LIMIT = FIELDS[FieldName("title")].limit or 255
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[-_ ]+|$)")
_H1 = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))*[ ]{0,3}#(?:[ \t]+([^\r\n]*?))?(?:[ \t]+#+)?[ \t]*(?:\r\n|\n|\r|\Z)")
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}$")
_SLUG_PART = re.compile(rf"\{{({'|'.join(SLUG_PARTS)})\}}")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(r"(?<![\\\w*])(\*{1,3}|`+)(?=\S)(.+?)(?<=\S)\1(?![\w*])")

_TITLE = FieldName("title")
_SLUG = FieldName("slug")
_TAGS = FieldName("tags")
_STATUS = FieldName("status")
_DATE = FieldName("published_at")
_VISIBILITY = FieldName("visibility")
_TIERS = FieldName("tiers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What became of one file: a document, or problems; warnings either way."""

    document: Document | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def parse_document(path: DocPath, data: bytes, settings: DocumentSettings = DEFAULT_SETTINGS) -> Parsed:
    """Return the document that the bytes of the file `path` are, or everything that is wrong with it."""
    source = _text_of(data)
    if isinstance(source, Fault):
        return Parsed(document=None, problems=(source.at(path),))
    front = parse_front_matter(source)
    if not isinstance(front, FrontMatter):
        return Parsed(document=None, problems=tuple(fault.at(path) for fault in front))
    read = read_fields(front.table, settings.aliases, settings.zone)
    draft = _Draft(path, source, front, read, settings)
    faults = [*read.faults, *draft.faults()]
    warnings = tuple(fault.at(path) for fault in (*read.warnings, *draft.warnings))
    if settings.strict:
        faults.extend(read.warnings)
        warnings = tuple(fault.at(path) for fault in draft.warnings)
    if faults:
        problems = sorted({fault.at(path) for fault in faults}, key=lambda one: (one.line or 0, one.message))
        return Parsed(document=None, problems=tuple(problems), warnings=warnings)
    digest = Digest(hashlib.sha256(data).hexdigest())
    return Parsed(document=draft.document(digest), warnings=warnings)


def _text_of(data: bytes) -> str | Fault:
    # CommonMark puts U+FFFD in the place of NUL, so what is published would not be what was written.
    if (nul := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, nul) + 1
        if data.count(b"\0") > len(data) // 4:
            return Fault(line=line, message="the file is UTF-16 or no text at all", hint="save the file as UTF-8")
        return Fault(line=line, message=f"byte {nul} is NUL, which is in no text", hint="remove it")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return Fault(
            line=data.count(b"\n", 0, wrong.start) + 1,
            message=f"byte {wrong.start} is not UTF-8 (0x{data[wrong.start]:02x})",
            hint="save the file as UTF-8",
        )


def check_slugs(documents: Iterable[Face]) -> tuple[Problem, ...]:
    """Return a problem for every document whose slug another one has; posts and pages share their slugs in Ghost."""
    by_slug: dict[Slug, list[Face]] = {}
    for document in documents:
        by_slug.setdefault(document.slug, []).append(document)
    problems = []
    for slug, same in by_slug.items():
        if len(same) == 1:
            continue
        same.sort(key=lambda document: document.path)
        apart = _what_tells_apart(same)
        for document in same:
            names = [other.path for other in same if other is not document]
            others = ", ".join(names[:_NAMED])
            if len(names) > _NAMED:
                others += f" and {counted(len(names) - _NAMED, 'more document')}"
            problems.append(
                Problem(
                    path=document.path,
                    line=document.slug_line,
                    message=f"the slug `{slug}` is also that of {others}",
                    hint=f"write another `slug:` into one of them{apart}; posts and pages share their slugs",
                )
            )
    return tuple(problems)


def _what_tells_apart(same: list[Face]) -> str:
    """Return, for a hint, the shortest pattern that would give documents of one slug different ones."""
    if any(document.slug_written for document in same):
        return ""
    for pattern in ("{folder}-{name}", "{file}", "{path}"):
        if len({slugify(slug_text(document.path, pattern)) for document in same}) == len(same):
            return f', or `slug = "{pattern}"` into ghostsync.toml for all of them'
    return ""


def slug_text(place: DocPath, pattern: str) -> str:
    """Return the text that a document's slug is made of by a pattern of `SLUG_PARTS`."""
    path = PurePosixPath(place).with_suffix("")
    if path.name.lower() == "index" and path.parent.name:
        path = path.parent
    parts = {
        "name": name_parts(place)[0],
        "file": path.name,
        "folder": path.parent.name,
        "path": path.as_posix().replace("/", "-"),
    }
    return _SLUG_PART.sub(lambda found: parts[found[1]], pattern)


def name_parts(path: DocPath) -> tuple[str, str | None]:
    """Return the name that speaks for a document (of `name/index.md` the folder's), and the date it begins with."""
    pure = PurePosixPath(path)
    name = pure.stem
    if name.lower() == "index" and pure.parent.name:
        name = pure.parent.name
    dated = _DATED.match(name)
    if dated is None or parse_date(dated[1]) is None:
        return name, None
    return name[dated.end() :] or dated[1], dated[1]


def find_heading(source: str, body_start: int) -> re.Match[str] | None:
    """Return the leading H1 of a body (group 1 is its raw text), or None where the body begins with something else."""
    found = _H1.match(source, body_start)
    return found if found is not None and found[1] and heading_text(found[1]) else None


def heading_text(raw: str) -> str:
    """Return a heading's text without attributes, emphasis marks and escapes: a title is plain text in Ghost."""
    text = _ATTRIBUTES.sub("", raw).strip()
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    return _ESCAPE.sub(r"\1", text).strip()


class _Draft:
    """A document in the making: looks at everything, remembers what is wrong."""

    def __init__(
        self, path: DocPath, source: str, front: FrontMatter, read: FieldsRead, settings: DocumentSettings
    ) -> None:
        self.warnings: list[Fault] = []
        self._path = path
        self._source = source
        self._front = front
        self._read = read
        self._settings = settings
        self._name, name_date = name_parts(path)
        self._kind = self._find_kind()
        self._body_start = front.body_start
        self._body_line = front.body_line
        self._fields = self._with_defaults(name_date)
        self._title = self._find_title()
        self._slug = self._find_slug()

    def faults(self) -> list[Fault]:
        """Return what is wrong with the document as a whole; single values were checked before."""
        faults: list[Fault] = []
        fields, lines = self._fields, self._read.lines
        if len(self._title) > _TITLE_LIMIT:
            faults.append(
                Fault(
                    line=lines.get(_TITLE, self._front.body_line),
                    message=f"the title has {len(self._title)} characters; Ghost takes at most {_TITLE_LIMIT}",
                    hint="write a shorter `title:`",
                )
            )
        if _SLUG not in fields and not slugify(slug_text(self._path, self._settings.slug)):
            faults.append(
                Fault(
                    line=None,
                    message="no slug can be made of the file's name",
                    hint="write a `slug:` into the document",
                )
            )
        if fields.get(_STATUS) == "scheduled" and fields.get(_DATE) is None:
            faults.append(
                Fault(
                    line=lines.get(_STATUS),
                    message="`status: scheduled` without a date",
                    hint="write when: `date: 2026-11-23 07:45`",
                )
            )
        faults.extend(self._access_faults())
        faults.extend(self._marker_faults())
        for name, line in lines.items():
            if self._kind not in FIELDS[name].kinds:
                only = "pages" if self._kind is Kind.POST else "posts"
                faults.append(Fault(line=line, message=f"only {only} have `{name}`", hint="remove it"))
        return faults

    def _marker_faults(self) -> Iterator[Fault]:
        """The marker tag is set apart from what documents and editors say of tags, so it would never be kept."""
        tags, marker = self._fields.get(_TAGS), self._settings.marker
        if marker is None or not isinstance(tags, tuple):
            return
        for tag in tags:
            if tag.startswith("#") and tag_slug(tag) == tag_slug(marker):
                message = f"`{tag}` is the tag that marks posts from files; every such post gets it by itself"
                yield Fault(line=self._read.lines.get(_TAGS), message=message, hint="remove it from `tags`")

    def document(self, digest: Digest) -> Document:
        """Return the finished document; call only without faults."""
        return Document(
            path=self._path,
            kind=self._kind,
            source=self._source,
            digest=digest,
            syntax=self._front.syntax,
            title=self._title,
            slug=self._slug,
            slug_written=_SLUG in self._fields,
            slug_line=self._read.lines.get(_SLUG),
            fields=self._fields | {_TITLE: self._title},
            lines=self._read.lines,
            body=self._source[self._body_start :],
            body_line=self._body_line,
        )

    def _find_kind(self) -> Kind:
        if self._read.kind is not None:
            return self._read.kind
        for rule in reversed(self._settings.defaults):
            if rule.kind is not None and rule.glob.matches(self._path):
                return rule.kind
        return Kind.PAGE if PAGES_FOLDER in PurePosixPath(self._path).parts[:-1] else Kind.POST

    def _with_defaults(self, name_date: str | None) -> dict[FieldName, FieldValue]:
        fields: dict[FieldName, FieldValue] = {}
        for rule in self._settings.defaults:
            if rule.glob.matches(self._path):
                fields |= {name: value for name, value in rule.fields.items() if self._kind in FIELDS[name].kinds}
        written = self._read.values
        if _VISIBILITY in written and _TIERS not in written:
            fields.pop(_TIERS, None)
        if written.get(_TIERS) and _VISIBILITY not in written:
            fields[_VISIBILITY] = "tiers"
        fields |= written
        if _DATE not in fields and name_date is not None:
            fields[_DATE] = parse_date(name_date, self._settings.zone)
        return fields

    def _find_title(self) -> str:
        written = self._fields.get(_TITLE)
        if isinstance(written, str) and written:
            return written
        start = self._front.body_start
        if self._source.startswith(BOM, start):
            start += len(BOM)
        heading = find_heading(self._source, start)
        if heading is not None:
            self._body_start = heading.end()
            self._body_line += len(re.findall(r"\r\n|\n|\r", heading[0]))
            return heading_text(heading[1])
        words = re.sub(r"[-_\s]+", " ", self._name).strip()
        return (words[:1].upper() + words[1:]) or self._name

    def _find_slug(self) -> Slug:
        written = self._fields.get(_SLUG)
        protected = self._settings.protected_slugs
        if not isinstance(written, str):
            return post_slug(slug_text(self._path, self._settings.slug), protected)
        slug = post_slug(written, protected)
        self._fields[_SLUG] = slug
        return slug

    def _access_faults(self) -> Iterable[Fault]:
        visibility, tiers = self._fields.get(_VISIBILITY), self._fields.get(_TIERS)
        line = self._read.lines.get(_TIERS) or self._read.lines.get(_VISIBILITY)
        if visibility == "tiers" and not tiers:
            yield Fault(
                line=line, message="`visibility: tiers` without `tiers`", hint="name them: `tiers: [gold, silver]`"
            )
        if tiers and visibility != "tiers":
            yield Fault(
                line=line,
                message=f"`tiers` are named, but `visibility` is {visibility}",
                hint="write `visibility: tiers`, or remove `tiers`",
            )
