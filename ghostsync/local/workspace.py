"""The content directory on disk: what is in it, reading it, and writing into it without ever harming anything else.

`scan` looks at names, sizes and times only, so a run over ten thousand unchanged documents opens none of them. What is
looked at: everything below the content root except names that begin with `.` and `node_modules`, what
`.ghostsyncignore` excludes (Git's rules), and folders that are links. Names that begin with `_` and README.md are files
but not documents, unless the configuration says so.

Writing trusts nobody: names may come from Ghost, so a path is refused if it leaves the root, goes through a link, or
leads into `.git` or ghostsync's own folder. A file is replaced in one step
(`replacing`) and only while it still holds the bytes that the plan was made from.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ghostsync.core.addressing import Addressing
from ghostsync.core.file_names import DOCUMENT_SUFFIXES, TAGS_FILE, is_passed_over
from ghostsync.errors import ContentError, Problem
from ghostsync.local.cached import FileStamp
from ghostsync.local.config import Config
from ghostsync.local.replacing import create_file, replace_file
from ghostsync.model import Digest, DocPath

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from ghostsync.core.documents import Parsed

IGNORE_FILE = ".ghostsyncignore"
_FORBIDDEN = frozenset({".git", ".ghostsync"})
_CONFIGURATION = frozenset({"ghostsync.toml", "pyproject.toml"})


class Role(StrEnum):
    """What a file in the content directory is."""

    DOCUMENT = "document"
    TAGS = "tags"
    FILE = "file"
    """A picture, media file or anything else that documents may refer to."""


class Expected(Enum):
    """What a write expects to find, beside a digest."""

    NOTHING = auto()
    """No file may be there."""
    ANYTHING = auto()


class FileStat(NamedTuple):
    """A file, as far as it is known without opening it. (A named tuple: there are ten thousand in a large tree.)"""

    path: DocPath
    stamp: FileStamp
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Everything in the content directory, in order of paths."""

    files: tuple[FileStat, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def documents(self) -> tuple[FileStat, ...]:
        """The documents."""
        return tuple(file for file in self.files if file.role is Role.DOCUMENT)

    @property
    def paths(self) -> frozenset[DocPath]:
        """The paths of all files."""
        return frozenset(file.path for file in self.files)


class Workspace:
    """A content directory."""

    def __init__(self, config: Config) -> None:
        self.root = config.root
        self._config = config

    @property
    def addressing(self) -> Addressing:
        """How addresses in the documents are meant."""
        return self._config.addressing

    def scan(self) -> Scan:
        """Return what is in the directory; no file but `.ghostsyncignore` is opened."""
        problems: list[Problem] = []
        ignored = self._read_ignore_file()
        files: list[FileStat] = []
        self._walk(self.root, "", ignored, files, problems)
        files.sort()
        problems.extend(_same_name(files))
        return Scan(files=tuple(files), problems=tuple(sorted(problems, key=_by_place)))

    def look(self, paths: Iterable[DocPath], before: Scan) -> Scan | None:
        """Return the scan `before` with what these paths are now, without looking at anything else.

        None where that cannot be told by looking at files alone: a folder came or went, or what is ignored changed.
        """
        files = {file.path: file for file in before.files}
        ignored = self._read_ignore_file()
        problems: list[Problem] = []
        for path in paths:
            folder, _, name = path.rpartition("/")
            if path == IGNORE_FILE or is_passed_over(name) or any(map(is_passed_over, folder.split("/"))):
                return None
            if ignored is not None and ignored.match_file(path):
                return None
            place = self.root / path
            if place.is_dir() or place.is_symlink() or (path not in files and not place.exists()):
                return None
            files.pop(path, None)
            try:
                info = place.stat()
            except FileNotFoundError:
                continue
            except OSError as wrong:
                problems.extend(_unreadable(path, wrong).problems)
                continue
            if stat.S_ISREG(info.st_mode):
                files[path] = FileStat(path, FileStamp.of(info), self._role(path))
        if problems or before.problems:
            return None
        found = sorted(files.values())
        return Scan(files=tuple(found), problems=tuple(_same_name(found)))

    def read(self, path: DocPath) -> bytes:
        """Return a file's bytes. Raises ContentError when it cannot be read or lies outside."""
        try:
            return self.resolve(path).read_bytes()
        except OSError as wrong:
            raise _unreadable(path, wrong) from None

    def parse(self, path: DocPath, data: bytes) -> Parsed:
        """Return the document that `data` is, judged by this directory's configuration."""
        from ghostsync.core.documents import parse_document  # noqa: PLC0415 - looking at a tree parses nothing

        return parse_document(path, data, self._config.documents)

    def exists(self, path: DocPath) -> bool:
        """Whether a file is there, under this very spelling even where the disk ignores case.

        Where the disk does not say (a folder that may not be looked into), it counts as there: unreadable is not
        deleted.
        """
        try:
            place = self.resolve(path)
            return place.is_file() and place.name in os.listdir(place.parent)  # noqa: PTH208
        except ContentError:
            return False
        except OSError as wrong:
            return not isinstance(wrong, FileNotFoundError | NotADirectoryError)

    def resolve(self, path: DocPath) -> Path:
        """Return where `path` lies on disk.

        Raises ContentError for anything that is not surely inside the root, OSError where the disk does not say.
        """
        pure = PurePosixPath(path)
        parts = pure.parts
        if pure.is_absolute() or not parts or "\\" in path or "\x00" in path or ":" in parts[0][:2]:
            raise _refused(path, "is not a path below the content directory")
        for part in parts:
            if part == ".." or part.rstrip(". ").casefold() in _FORBIDDEN:
                raise _refused(path, f"leads through `{part}`")
        place = self.root
        for part in parts:
            place = place / part
            try:
                os.fsencode(part)
                leads_out = place.is_symlink() and self.root not in place.resolve().parents
            except (OSError, ValueError, RuntimeError) as wrong:
                reason = _impossible(wrong)
                if reason is None:
                    raise
                raise _refused(path, reason) from None
            if leads_out:
                raise _refused(path, "is or goes through a link that leads out of the content directory")
        return place

    def write(self, path: DocPath, data: bytes, *, expected: Digest | Expected) -> None:
        """Put `data` at `path` in one step; folders are made, the permissions of a file that was there are kept.

        Raises ContentError when the path is refused, goes through any link, or does not hold what was expected: then
        nothing is written.
        """
        place = self._writable(path)
        self._check_expected(path, place, expected)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if expected is Expected.NOTHING:
                create_file(self.root, place, data)
            else:
                replace_file(self.root, place, data, before=lambda: self._check_expected(path, place, expected))
        except FileExistsError:
            raise _refused(path, "is already there", hint="move it away, or give the post another slug") from None
        except OSError as wrong:
            raise _unreadable(path, wrong) from None

    def remove(self, path: DocPath, *, expected: Digest) -> None:
        """Remove a file that still holds what was expected, and the folders that it leaves empty."""
        place = self._writable(path)
        self._check_expected(path, place, expected)
        try:
            place.unlink()
        except OSError as wrong:
            raise _unreadable(path, wrong) from None
        for folder in place.parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:
                break

    def _writable(self, path: DocPath) -> Path:
        try:
            place = self.resolve(path)
        except OSError as wrong:
            raise _unreadable(path, wrong) from None
        step = self.root
        for part in PurePosixPath(path).parts:
            step = step / part
            if step.is_symlink():
                raise _refused(path, f"goes through the link `{step.relative_to(self.root).as_posix()}`")
        return place

    def _check_expected(self, path: DocPath, place: Path, expected: Digest | Expected) -> None:
        if expected is Expected.ANYTHING:
            return
        try:
            found = hashlib.sha256(place.read_bytes()).hexdigest()
        except FileNotFoundError:
            if expected is Expected.NOTHING:
                return
            raise _refused(path, "is gone since it was read", hint="run the command again") from None
        except OSError as wrong:
            raise _unreadable(path, wrong) from None
        if expected is Expected.NOTHING:
            raise _refused(path, "is already there", hint="move it away, or give the post another slug")
        if found != expected:
            raise _refused(path, "was changed since it was read", hint="run the command again")

    def _read_ignore_file(self) -> GitIgnoreSpec | None:
        try:
            text = (self.root / IGNORE_FILE).read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            return None
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 (most trees have no such file)

        return GitIgnoreSpec.from_lines(text.splitlines())

    def _walk(
        self,
        folder: str | Path,
        prefix: str,
        ignored: GitIgnoreSpec | None,
        files: list[FileStat],
        problems: list[Problem],
    ) -> None:
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError as wrong:
            message = f"the folder cannot be read: {wrong.strerror or wrong}"
            problems.append(Problem(path=prefix.rstrip("/") or ".", message=message, hint="check its permissions"))
            return
        for entry in entries:
            name = entry.name
            path = DocPath(prefix + name)
            if is_passed_over(name) or (not prefix and name in _CONFIGURATION):
                continue
            if not name.isascii() and not _is_utf8(name):
                shown = name.encode("utf-8", "backslashreplace").decode()
                problems.append(Problem(path=prefix + shown, message="the file's name is not UTF-8", hint="rename it"))
                continue
            if entry.is_dir(follow_symlinks=False):
                if ignored is None or not ignored.match_file(path + "/"):
                    self._walk(entry.path, path + "/", ignored, files, problems)
            elif ignored is None or not ignored.match_file(path):
                found = self._look(entry, path, problems)
                if found is not None:
                    files.append(found)

    def _look(self, entry: os.DirEntry[str], path: DocPath, problems: list[Problem]) -> FileStat | None:
        role = self._role(path)
        try:
            if entry.is_symlink():
                target = Path(entry.path).resolve()
                if self.root not in target.parents:
                    self._refuse_link(path, "out of the content directory", problems)
                    return None
                if target.is_dir():
                    return None
            info = entry.stat()
        except FileNotFoundError:
            if entry.is_symlink():
                self._refuse_link(path, "to nothing", problems)
            return None
        except OSError as wrong:
            problems.extend(_unreadable(path, wrong).problems)
            return None
        except RuntimeError:  # what Python before 3.13 says of a link that leads to itself
            self._refuse_link(path, "in a circle", problems)
            return None
        if not stat.S_ISREG(info.st_mode):
            return None
        return FileStat(path, FileStamp.of(info), role)

    def _refuse_link(self, path: DocPath, where: str, problems: list[Problem]) -> None:
        """Say of a document's name that it is only a link; a picture's is missed when a document shows it."""
        if self._role(path) is not Role.FILE:
            message = f"this link leads {where}"
            problems.append(Problem(path=path, message=message, hint="put the file itself here"))

    def _role(self, path: DocPath) -> Role:
        if path == TAGS_FILE:
            return Role.TAGS
        name = path.rpartition("/")[2]
        dot = name.rfind(".")
        if dot <= 0 or name[dot:].lower() not in DOCUMENT_SUFFIXES:
            return Role.FILE
        extra = self._config.extra_documents
        if extra and any(glob.matches(path) for glob in extra):
            return Role.DOCUMENT
        is_aside = name.startswith("_") or name[:dot].lower() == "readme"
        return Role.FILE if is_aside else Role.DOCUMENT


def _same_name(files: Iterable[FileStat]) -> Iterator[Problem]:
    """Yield a problem for documents that a disk without case, or with other accents, takes for one file."""
    first: dict[str, DocPath] = {}
    for path, _, _ in files:
        name = path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
        other = first.setdefault(name, path)
        if other is not path:
            yield Problem(
                path=path,
                message=f"on a disk that ignores case this is the same file as {other}",
                hint="rename one of the two",
            )


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _by_place(problem: Problem) -> tuple[str, int, str]:
    return problem.path, problem.line or 0, problem.message


def _unreadable(path: DocPath, wrong: OSError) -> ContentError:
    return _refused(path, f"cannot be read or written: {wrong.strerror or wrong}")


def _impossible(wrong: Exception) -> str | None:
    """Return why there can be no such file; None where the disk only does not say."""
    if isinstance(wrong, RuntimeError) or (isinstance(wrong, OSError) and wrong.errno == errno.ELOOP):
        return "is or goes through a link that leads in a circle"
    if isinstance(wrong, ValueError) or (isinstance(wrong, OSError) and wrong.errno == errno.ENAMETOOLONG):
        return "has a name that no disk can hold"
    return None


def _refused(path: DocPath, what: str, hint: str | None = None) -> ContentError:
    problem = Problem(path=path, message=f"the file {what}", hint=hint)
    return ContentError(f"{path} {what}", hint=hint, problems=(problem,))
