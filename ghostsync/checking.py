"""Everything that can be said about a content tree without asking Ghost.

Documents are read and judged, compiled, and each of their references is followed: a link to nothing, a picture that is
missing, broken or of a kind that Ghost does not take is a problem with file and line; a heading that a link names and
that is not there is a warning, since the reader still arrives, and so is a name that
no pull could write. The tree may be a directory or a commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ghostsync.core.anchors import anchors_of, has_anchor
from ghostsync.core.counted import counted
from ghostsync.core.draft import draft_document, line_of_text
from ghostsync.core.fields import FIELDS, TAG_FIELDS, ValueKind
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.frontmatter import FrontMatter, parse_front_matter
from ghostsync.core.layout import Unsafe, check_path
from ghostsync.core.near_paths import NearPaths, hint_for_nothing
from ghostsync.core.references import Fragment, InTree, Refused
from ghostsync.errors import ContentError, Problem
from ghostsync.lexical import ReferenceKind
from ghostsync.model import Asset, Bucket, DocPath, Document, Face
from ghostsync.ports import LocalTree, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check found."""

    documents: int
    """How many documents were looked at, those with problems included."""
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check_tree(
    tree: Tree, *, dialect: Literal["ghost", "commonmark"], covers: Iterable[DocPath] | None = None
) -> Verdict:
    """Check the documents of a tree; with `covers`, only those below these paths, against the whole tree.

    Raises ContentError when the tree cannot be read at all.
    """
    loaded = tree.load()
    chosen = None if covers is None else tuple(covers)
    checker = _Checker(tree, loaded, dialect)
    problems, warnings = list(loaded.problems), list(loaded.warnings)
    for face in loaded.documents:
        if _is_chosen(face.path, chosen):
            try:
                checker.check_document(tree.document(face))
            except ContentError as wrong:
                problems += wrong.problems
    for path in loaded.broken:
        if _is_chosen(path, chosen) and (document := _without_front_matter(tree, path)) is not None:
            checker.check_document(document)
    if _is_chosen(TAGS_FILE, chosen):
        checker.check_tags()
    checker.check_places()
    problems += checker.problems
    warnings += checker.warnings
    looked_at = [path for path in (*(one.path for one in loaded.documents), *loaded.broken) if _is_chosen(path, chosen)]
    return Verdict(
        documents=len(set(looked_at)),
        problems=_in_order(problem for problem in problems if _is_chosen(problem.path, chosen)),
        warnings=_in_order(problem for problem in warnings if _is_chosen(problem.path, chosen)),
    )


def _without_front_matter(tree: Tree, path: DocPath) -> Document | None:
    """Return a document whose front matter has faults as if it had none, on the same lines: so its text is checked too.

    Whoever mends the front matter should not be told of the rest only then.
    """
    try:
        text = tree.read(path).decode("utf-8-sig")
    except (ContentError, OSError, UnicodeDecodeError):
        return None
    front = parse_front_matter(text)
    if not isinstance(front, FrontMatter) or front.body_line == 1:
        return None
    return tree.parse(path, ("\n" * (front.body_line - 1) + text[front.body_start :]).encode())


def _is_chosen(path: str, chosen: tuple[DocPath, ...] | None) -> bool:
    return chosen is None or any(path == one or path.startswith(f"{one}/") for one in chosen)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda one: (one.path, one.line or 0, one.message)))


class _Checker:
    """Follows references. Each document is compiled once; of that only the names of its places are kept, for links."""

    def __init__(self, tree: Tree, loaded: LocalTree, dialect: Literal["ghost", "commonmark"]) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._tree = tree
        self._loaded = loaded
        self._dialect = dialect
        self._leads = loaded.answers()
        self._documents: Mapping[DocPath, Face] = {face.path: face for face in loaded.documents}
        self._places: dict[DocPath, frozenset[str]] = {}
        self._near_paths = NearPaths(loaded.files, self._documents)
        self._nearest: dict[DocPath, DocPath | None] = {}
        self._later: list[tuple[DocPath, int | None, str, Face, str]] = []
        self._assets: dict[DocPath, Asset | Problem | None] = {}

    def check_document(self, document: Document) -> None:
        """Follow everything that a document refers to."""
        self._check_name(document.path)
        draft = draft_document(document, dialect=self._dialect, leads=self._leads)
        self.problems += draft.faults
        self.warnings += draft.warnings
        if not draft.is_compiled:
            return
        places = self._places[document.path] = anchors_of(draft.lexical)
        for reference in draft.references:
            line = line_of_text(document, reference.value)
            is_picture = reference.kind is ReferenceKind.IMAGE
            match self._leads.of_reference(reference.value, document.path):
                case InTree() as target:
                    self._follow(document.path, line, reference.value, target, is_picture=is_picture)
                case Fragment(name=name) if name and not has_anchor(places, name):
                    self._warn_of_anchor(document.path, line, reference.value, "this document")
                case Refused(reason=reason):
                    self._problem(document.path, line, reason, "move the file below the content directory")
                case _:
                    pass
        for name, value in document.fields.items():
            if FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
                self._follow_field(document.path, document.line_of(name), value)

    def check_tags(self) -> None:
        """Follow the pictures of `tags.yaml`."""
        for tag in self._loaded.tags:
            for name, value in tag.fields.items():
                if TAG_FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
                    self._follow_field(TAGS_FILE, tag.line, value)

    def check_places(self) -> None:
        """Look for the headings that links to other documents name: last, when every document has been compiled."""
        for path, line, value, face, name in self._later:
            if not self._has_place(face, name):
                self._warn_of_anchor(path, line, value, face.path)

    def _has_place(self, face: Face, name: str) -> bool:
        if face.path not in self._places:
            try:
                draft = draft_document(self._tree.document(face), dialect=self._dialect)
            except ContentError:
                return True  # it was changed while this ran: nothing can be said of it
            if not draft.is_compiled:
                return True  # it has a problem of its own
            self._places[face.path] = anchors_of(draft.lexical)
        return has_anchor(self._places[face.path], name)

    def _follow_field(self, path: DocPath, line: int | None, value: str) -> None:
        match self._leads.of_name(value, path):
            case InTree() as target:
                self._follow(path, line, value, target, is_picture=True)
            case Refused(reason=reason):
                self._problem(path, line, reason, "move the file below the content directory")
            case _:
                pass

    def _follow(self, path: DocPath, line: int | None, value: str, target: InTree, *, is_picture: bool) -> None:
        other = self._documents.get(target.path)
        if other is not None and not is_picture:
            if target.fragment:
                self._later.append((path, line, value, other, target.fragment))
            return
        if target.path in self._loaded.broken:
            return
        match self._asset(target.path):
            case None:
                message = f"`{value}` leads to nothing: there is no file `{target.path}`"
                self._problem(path, line, message, self._near(value, target))
            case Problem() as wrong:
                self._problem(path, line, f"`{value}`: {wrong.message}", wrong.hint)
            case Asset(bucket=bucket) if is_picture and bucket is not Bucket.IMAGES:
                self._problem(
                    path, line, f"Ghost does not take `{value}` as a picture", "export it as WebP, JPEG or PNG"
                )
            case Asset():
                pass

    def _asset(self, path: DocPath) -> Asset | Problem | None:
        if path not in self._assets:
            self._assets[path] = self._tree.asset(path)
            if isinstance(self._assets[path], Asset):
                self._check_name(path)
        return self._assets[path]

    def _check_name(self, path: DocPath) -> None:
        """Warn of what this disk can hold and Windows, or a pull, cannot."""
        try:
            check_path(path)
        except Unsafe as unsafe:
            message, hint = f"{unsafe}; a pull could not write it", "rename it"
            self.warnings.append(Problem(path=path, message=message, hint=hint))

    def _near(self, value: str, target: InTree) -> str:
        if target.path not in self._nearest:
            self._nearest[target.path] = self._near_paths.find(target.path)
        return hint_for_nothing(value, self._nearest[target.path])

    def _problem(self, path: DocPath, line: int | None, message: str, hint: str | None) -> None:
        self.problems.append(Problem(path=path, line=line, message=message, hint=hint))

    def _warn_of_anchor(self, path: DocPath, line: int | None, value: str, where: str) -> None:
        name = value.partition("#")[2]
        hint = "a heading's anchor is its text in lower case, blanks as `-`, without punctuation"
        self.warnings.append(
            Problem(path=path, line=line, message=f"`{value}`: there is no heading `#{name}` in {where}", hint=hint)
        )


def describe_verdict(verdict: Verdict) -> Iterator[str]:
    """Yield what was found as a sentence's parts: `12 documents`, `no problems`, `1 warning`."""
    yield counted(verdict.documents, "document")
    yield counted(len(verdict.problems), "problem") if verdict.problems else "no problems"
    if verdict.warnings:
        yield counted(len(verdict.warnings), "warning")
