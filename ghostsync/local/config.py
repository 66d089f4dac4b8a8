"""`ghostsync.toml`: where it is found, what it means, and everything that is wrong with it.

The content root follows one rule: the folder of the nearest configuration upward from PATH (its `content` setting),
else PATH itself if it is a folder, else the current folder. So `push ./content` from above, `push .` inside and `push`
with a configuration mean the same tree and the same record paths; a PATH below the root is a selection.

The configuration is `ghostsync.toml`, or `[tool.ghostsync]` in a `pyproject.toml` that has it. Every fault is
reported at once, with its line. An Admin API key in it is a fault: the file is tracked by Git.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from ghostsync.core.addressing import PLAIN, Addressing
from ghostsync.core.configuration import EXPLAINED, Unmanaged
from ghostsync.core.document_settings import DocumentSettings
from ghostsync.core.file_names import DOCUMENT_SUFFIXES
from ghostsync.core.globs import Glob
from ghostsync.core.plan import Prune
from ghostsync.core.syntax_toml import key_lines
from ghostsync.errors import ConfigError, Problem
from ghostsync.local.config_reader import ConfigReader
from ghostsync.model import DocPath

CONFIG_FILE = "ghostsync.toml"
PYPROJECT = "pyproject.toml"

_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """One site of the configuration; its key is never here."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSettings:
    """How pull lays out what it brings."""

    unmanaged: Unmanaged = Unmanaged.WRITE
    posts: str = "posts/{slug}.md"
    pages: str = "pages/{slug}.md"
    media: str = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that a run knows before it reads a document."""

    root: Path
    """The content root, absolute, links resolved."""
    file: Path | None = None
    """The configuration file; None where there is none."""
    project: str | None = None
    marker_tag: str | None = "#ghostsync"
    sites: Mapping[str, SiteSettings] = field(default_factory=dict)
    default_site: str | None = None
    prune: Prune = Prune.REPORT
    jobs: int = 4
    documents: DocumentSettings = field(default_factory=DocumentSettings)
    extra_documents: tuple[Glob, ...] = ()
    """Files that are documents although their name says otherwise."""
    addressing: Addressing = PLAIN
    """How addresses in the documents are meant."""
    dialect: Literal["ghost", "commonmark"] = "ghost"
    pull: PullSettings = field(default_factory=PullSettings)
    hook_branches: tuple[str, ...] = ("main", "master")
    hook_push: bool = False
    debounce_ms: int = 100
    digest: str = ""
    """Of the configuration file: what was worked out under another configuration is worked out again."""

    @property
    def folder(self) -> Path:
        """Where `.env` and Git are looked for: the configuration's folder, else the content root."""
        return self.file.parent if self.file is not None else self.root

    @property
    def state_folder(self) -> Path:
        """What only this machine needs: the cache and the lock."""
        return self.root / ".ghostsync"

    def for_site(self, address: str) -> Config:
        """Return what holds for the site at this address: one in a folder of its domain keeps the folder's name."""
        folder = urlsplit(address).path.rstrip("/").rpartition("/")[2]
        if not folder:
            return self
        documents = replace(self.documents, protected_slugs=(folder,))
        return replace(self, documents=documents, digest=f"{self.digest} {folder}")

    def site(self, name: str | None = None) -> SiteSettings | None:
        """Return the site called `name`, or the one that is meant without a name; None where none is configured.

        Raises ConfigError for an unknown name, and where several sites are configured and none is chosen.
        """
        wanted = name or self.default_site
        known = ", ".join(self.sites)
        if wanted is not None:
            if wanted not in self.sites:
                raise ConfigError(
                    f"there is no site `{wanted}` in the configuration",
                    hint=f"the sites are: {known}" if known else f"add [sites.{wanted}] to {CONFIG_FILE}",
                )
            return self.sites[wanted]
        if len(self.sites) > 1:
            raise ConfigError(f"several sites are configured: {known}", hint=f"add `--site {next(iter(self.sites))}`")
        return next(iter(self.sites.values()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which part of the tree a run is about; without paths, all of it."""

    paths: tuple[DocPath, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out: only then can a missing document count as deleted."""
        return not self.paths

    def covers(self, path: str) -> bool:
        """Whether the file at `path` is selected."""
        return self.is_everything or any(path == one or path.startswith(f"{one}/") for one in self.paths)


EVERYTHING = Selection()


def locate(
    paths: Sequence[Path], explicit: Path | None, cwd: Path, *, may_be_gone: bool = False
) -> tuple[Config, Selection]:
    """Return the configuration and the selection that the PATHs of a command line mean.

    `explicit` is `--config`. `may_be_gone`: a document that is not there may be meant, since its post may be; whoever
    says so has to find out. Raises ConfigError for faults in the configuration, for a PATH that does not exist, and for
    one outside the content root.
    """
    cwd = cwd.resolve()
    given = [(cwd / path).resolve() for path in paths]
    if len(given) == 1:
        config = load_config(given[0], explicit, cwd=cwd)
    else:
        # Several paths share what the current folder means, unless they all lie in one other tree.
        roots = {load_config(path, explicit, cwd=cwd).root for path in given if find_config(path) is not None}
        start = next(iter(roots)) if len(roots) == 1 and find_config(cwd) is None else cwd
        config = load_config(start, explicit, cwd=cwd)
    selected: list[DocPath] = []
    for told, place in zip(paths, given, strict=True):
        path = _meant(place, told, config.root, may_be_gone=may_be_gone)
        if path == config.root or path in config.root.parents:
            return config, EVERYTHING
        selected.append(DocPath(path.relative_to(config.root).as_posix()))
    return config, Selection(paths=tuple(dict.fromkeys(selected)))


def load_config(start: Path, explicit: Path | None = None, *, cwd: Path | None = None) -> Config:
    """Return the configuration that holds for `start`, or the defaults where there is no configuration file.

    Raises ConfigError with every fault of the file in `problems`.
    """
    start = start.resolve()
    file = explicit.resolve() if explicit is not None else find_config(start)
    if file is None:
        if start.is_dir():
            return Config(root=start)
        return Config(root=(cwd or Path.cwd()).resolve())
    return read_config(file)


def find_config(start: Path) -> Path | None:
    """Return the nearest configuration file upward from `start`, or None."""
    first = start if start.is_dir() else start.parent
    for folder in (first, *first.parents):
        own = folder / CONFIG_FILE
        if own.is_file():
            return own
        shared = folder / PYPROJECT
        if shared.is_file() and _has_section(shared):
            return shared
    return None


def read_config(file: Path) -> Config:
    """Return what the configuration file says. Raises ConfigError with every fault in `problems`."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        reason = (wrong.strerror or "it failed").lower() if isinstance(wrong, OSError) else "it is not UTF-8"
        raise ConfigError(f"{file} cannot be read: {reason}", hint="check the path given with --config") from None
    text = text.replace("\r\n", "\n")
    lines = key_lines(text, 1)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        place = _TOML_PLACE.search(str(wrong))
        line = int(place[1]) if place and place[1] else text.count("\n") or 1
        message = _TOML_PLACE.sub("", str(wrong))
        problem = Problem(path=file.name, line=line, message=message[:1].lower() + message[1:])
        raise _refused(file, (problem,)) from None
    prefix: tuple[str, ...] = ()
    if file.name == PYPROJECT:
        prefix = ("tool", "ghostsync")
        values = values.get("tool", {}).get("ghostsync", {})
    reader = ConfigReader(file.name, values, {path[len(prefix) :]: line for path, line in lines.items()})
    reader.check_secrets(text)
    config = replace(_assemble(file, reader), digest=hashlib.sha256(f"{file}\0{text}".encode()).hexdigest())
    if reader.problems:
        raise _refused(file, tuple(sorted(reader.problems, key=lambda one: (one.line or 0, one.message))))
    return config


def _assemble(file: Path, reader: ConfigReader) -> Config:
    reader.check_keys()
    content = reader.text("content") or "."
    root = (file.parent / content).resolve()
    if not root.is_dir():
        reader.fault("content", f"the content directory {root} does not exist", "create it, or correct `content`")
    sites = {
        name: SiteSettings(name=name, url=reader.address(f"sites.{name}.url")) for name in reader.names_under("sites")
    }
    default_site = reader.text("site")
    if default_site is not None and default_site not in sites:
        reader.fault("site", f"there is no [sites.{default_site}]", f"the sites are: {', '.join(sites) or 'none yet'}")
    marker = reader.marker_tag()
    return Config(
        root=root,
        file=file,
        project=reader.project(),
        marker_tag=marker,
        sites=MappingProxyType(sites),
        default_site=default_site,
        prune=Prune(reader.choice("prune")),
        jobs=reader.number("jobs"),
        documents=reader.document_settings(marker=marker),
        extra_documents=reader.globs("documents"),
        addressing=Addressing.of(reader.choice("preset") or None, reader.folders("static")),
        dialect=reader.dialect(),
        pull=PullSettings(
            unmanaged=Unmanaged(reader.choice("pull.unmanaged")),
            posts=reader.pattern("pull.posts"),
            pages=reader.pattern("pull.pages"),
            media=reader.folder("pull.media"),
        ),
        hook_branches=reader.names("hook.branches"),
        hook_push=reader.flag("hook.push"),
        debounce_ms=reader.number("watch.debounce"),
    )


def _meant(path: Path, told: Path, root: Path, *, may_be_gone: bool) -> Path:
    """Return the place that a PATH means: from the current folder, else from the content root, as plans say it.

    Raises ConfigError for one that does not exist, and for one outside.
    """
    is_inside = path == root or root in path.parents or path in root.parents
    is_there = path.exists()
    if is_inside and is_there:
        return path
    shown = (root / told).resolve()
    can_be_gone = may_be_gone and path.suffix in DOCUMENT_SUFFIXES
    if root in shown.parents and (shown.exists() or (can_be_gone and not is_inside and not is_there)):
        return shown
    if not is_there and not can_be_gone:
        raise ConfigError(f"{path} does not exist", hint="check the path, or leave it out")
    if not is_inside:
        raise ConfigError(
            f"{path} is outside the content directory {root}",
            hint="name a path inside it, or give --config",
        )
    return path


def _has_section(pyproject: Path) -> bool:
    try:
        text = pyproject.read_text(encoding="utf-8")
        return "ghostsync" in text and "ghostsync" in tomllib.loads(text).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def _refused(file: Path, problems: tuple[Problem, ...]) -> ConfigError:
    count = "a fault" if len(problems) == 1 else f"{len(problems)} faults"
    hint = f"correct {file.name}; every key is explained in {EXPLAINED}"
    return ConfigError(f"{file} has {count}", hint=hint, problems=problems)
