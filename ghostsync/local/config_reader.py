"""Reads values out of a parsed configuration, against the table of keys, and collects every fault.

Each reading method gives a usable value even where the author's is wrong, so that one pass finds everything.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ghostsync.core.aliases import AliasTable, parse_target
from ghostsync.core.configuration import BY_PATH, CONFIG_KEYS, SECRET_KEYS, ConfigKind
from ghostsync.core.document_settings import SLUG_PARTS, DefaultRule, DocumentSettings
from ghostsync.core.globs import Glob
from ghostsync.core.keys import read_fields
from ghostsync.core.syntax_toml import table_from_values
from ghostsync.errors import Problem

_SECRET = re.compile(r"[0-9a-f]{24}:[0-9a-f]{64}", re.IGNORECASE)
_KEY_FOUND = "an Admin API key does not belong into a file that is shared"
_KEY_HINT = "put it into the environment or `.env` as GHOST_ADMIN_API_KEY, and revoke it if it was committed"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS = frozenset({"slug", "year", "month", "day", "primary_tag", "id", "kind"})
_NOT_BY_DEFAULT = ("title", "slug", "published_at")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ConfigReader:
    """One configuration file's values; `problems` fills while they are read."""

    def __init__(self, file_name: str, values: Mapping[str, Any], lines: Mapping[tuple[str, ...], int]) -> None:
        self.problems: list[Problem] = []
        self._file = file_name
        self._values = values
        self._lines = lines

    def fault(self, path: str | tuple[str, ...], message: str, hint: str | None = None) -> None:
        """Remember that the value at `path` is wrong."""
        parts = tuple(path.split(".")) if isinstance(path, str) else path
        line = next((self._lines[parts[:end]] for end in range(len(parts), 0, -1) if parts[:end] in self._lines), None)
        hidden = _SECRET.sub("…", message)
        self.problems.append(Problem(path=self._file, line=line, message=hidden, hint=hint))

    def check_secrets(self, text: str) -> None:
        """Find Admin API keys, wherever in the file's text they stand: it is shared through Git."""
        for found in _SECRET.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            self.problems.append(Problem(path=self._file, line=line, message=_KEY_FOUND, hint=_KEY_HINT))

    def check_keys(self) -> None:
        """Find unknown keys, and those under which a secret would stand."""
        for path, value in _leaves(self._values, ()):
            name = ".".join(path)
            if path[-1].lower() in SECRET_KEYS:
                if not (isinstance(value, str) and _SECRET.search(value)):
                    self.fault(path, f"`{name}`: {_KEY_FOUND}", _KEY_HINT)
            elif not _is_known(path):
                close = difflib.get_close_matches(name, [spec.path for spec in CONFIG_KEYS], n=1, cutoff=0.6)
                self.fault(path, f"unknown key `{name}`", f"did you mean `{close[0]}`?" if close else None)

    def text(self, path: str) -> str | None:
        """Return a text, or the key's default."""
        value = self._get(path)
        default = BY_PATH[path].default if path in BY_PATH else None
        if value is None:
            return default if isinstance(default, str) else None
        if isinstance(value, str):
            return value
        self.fault(path, f"`{path}` is a text, not {_describe(value)}", f'write {path.rpartition(".")[2]} = "…"')
        return default if isinstance(default, str) else None

    def flag(self, path: str) -> bool:
        """Return true or false."""
        value = self._get(path)
        if value is not None and not isinstance(value, bool):
            self.fault(path, f"`{path}` is true or false, not {_describe(value)}")
            value = None
        return bool(BY_PATH[path].default) if value is None else bool(value)

    def number(self, path: str) -> int:
        """Return a whole number within the key's bounds."""
        spec, value = BY_PATH[path], self._get(path)
        default = spec.default if isinstance(spec.default, int) else 0
        if value is None:
            return default
        least, most = spec.least or 0, spec.most or 0
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(path, f"`{path}` is a whole number from {least} to {most}, not {_describe(value)}")
            return default
        return value

    def dialect(self) -> Literal["ghost", "commonmark"]:
        """Return which Markdown is compiled."""
        return "commonmark" if self.choice("body.dialect") == "commonmark" else "ghost"

    def choice(self, path: str) -> str:
        """Return one of the key's choices; its default, or nothing, where the key is not written."""
        spec, value = BY_PATH[path], self._get(path)
        default = spec.default if isinstance(spec.default, str) else ""
        if value is None or value in spec.choices:
            return default if value is None else str(value)
        choices = ", ".join(spec.choices)
        self.fault(path, f"`{path}` is one of {choices}, not {_describe(value)}")
        return default

    def names(self, path: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value, default = self._get(path), BY_PATH[path].default
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        if value is not None:
            self.fault(path, f"`{path}` is a list of texts, not {_describe(value)}", f'write {path} = ["one", "two"]')
        return default if isinstance(default, tuple) else ()

    def names_under(self, path: str) -> tuple[str, ...]:
        """Return the names that the author chose under `path`."""
        value = self._get(path)
        if value is not None and not isinstance(value, dict):
            self.fault(path, f"`{path}` is a table, not {_describe(value)}", f"write [{path}.name]")
        return tuple(value) if isinstance(value, dict) else ()

    def globs(self, path: str) -> tuple[Glob, ...]:
        """Return a list of patterns."""
        return tuple(glob for pattern in self.names(path) if (glob := self._glob(path, pattern)) is not None)

    def address(self, path: str) -> str | None:
        """Return an http or https address."""
        url = self.text(path)
        if url is None:
            return None
        try:
            parts = urlsplit(url)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
        except ValueError:
            good = False
        if not good:
            self.fault(path, f"`{path}` is not an address: `{url}`", "write it as https://example.com")
            return None
        return url

    def project(self) -> str | None:
        """Return the project's name, which travels in every record."""
        name = self.text("project")
        if name is not None and not _PROJECT.fullmatch(name):
            self.fault("project", f"`project` is a short name of letters, digits, `-`, `_`, `.`, not `{name}`")
            return None
        return name

    def marker_tag(self) -> str | None:
        """Return the internal marker tag; None where the author wants none."""
        if self._get("marker_tag") is False:
            return None
        tag = (self.text("marker_tag") or "").strip()
        if tag and (not tag.startswith("#") or len(tag) > 191 or len(tag) == 1):
            self.fault("marker_tag", f"`marker_tag` is an internal tag, not `{tag}`", f'write marker_tag = "#{tag}"')
            return None
        return tag or None

    def pattern(self, path: str) -> str:
        """Return a file-name pattern for pull."""
        text = self.text(path) or ""
        wrong = sorted(set(_PLACEHOLDER.findall(text)) - _PLACEHOLDERS)
        if wrong:
            self.fault(path, f"`{path}` knows no {{{wrong[0]}}}", f"known: {', '.join(sorted(_PLACEHOLDERS))}")
        elif "{slug}" not in text and "{id}" not in text:
            self.fault(path, f"`{path}` gives every post the same name", "put {slug} into it")
        elif not text.endswith(".md"):
            self.fault(path, f"`{path}` does not end in .md")
        else:
            self._refuse_escape(path, text)
        return text

    def folder(self, path: str) -> str:
        """Return a folder below the content root."""
        text = (self.text(path) or "").rstrip("/")
        self._refuse_escape(path, text)
        return text

    def folders(self, path: str) -> tuple[str, ...]:
        """Return folders below the content root; `.` is the root itself."""
        texts = tuple(PurePosixPath(text.strip("/") or ".").as_posix() for text in self.names(path))
        for text in texts:
            self._refuse_escape(path, text)
        return texts

    def document_settings(self, *, marker: str | None) -> DocumentSettings:
        """Return how documents are read."""
        aliases = self._aliases()
        zone = self._zone()
        settings = DocumentSettings(aliases=aliases, strict=self.flag("strict"), zone=zone)
        rules = tuple(
            rule for pattern in self.names_under("defaults") if (rule := self._default(pattern, settings)) is not None
        )
        return DocumentSettings(
            aliases=aliases,
            strict=settings.strict,
            zone=zone,
            defaults=rules,
            slug=self._slug_pattern(),
            marker=marker,
        )

    def _slug_pattern(self) -> str:
        text = self.text("slug") or "{name}"
        names = _PLACEHOLDER.findall(text)
        if wrong := sorted(set(names) - set(SLUG_PARTS)):
            self.fault("slug", f"`slug` knows no {{{wrong[0]}}}", f"known: {', '.join(SLUG_PARTS)}")
        elif not {"name", "file", "path"} & set(names):
            self.fault("slug", "`slug` gives all documents of a folder the same slug", "put {name} into it")
        return text

    def _aliases(self) -> AliasTable:
        aliases: dict[str, str] = {}
        for key in self.names_under("aliases"):
            means = self._get_at(("aliases", key))
            try:
                parse_target(means if isinstance(means, str) else "")
            except ValueError:
                self.fault(
                    ("aliases", key), f"an alias names a field, not {_describe(means)}", "see the list of fields"
                )
            else:
                aliases[key] = str(means)
        return AliasTable.build(self.choice("preset") or None, aliases, self.names("ignore"))

    def _zone(self) -> tzinfo:
        name = self.text("timezone") or "UTC"
        if name.upper() == "UTC":
            return UTC
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            self.fault("timezone", f"there is no time zone `{name}`", "write it as Europe/Vienna or UTC")
            return UTC

    def _default(self, pattern: str, settings: DocumentSettings) -> DefaultRule | None:
        path = ("defaults", pattern)
        values = self._get_at(path)
        if not isinstance(values, dict):
            said = f"`defaults.{pattern}` is a pattern of files with their front matter, not {_describe(values)}"
            self.fault(path, said, 'for every document, write it below a line `[defaults."**"]`')
            return None
        line = self._lines.get(path, 1)
        lines = {found[2:]: at for found, at in self._lines.items() if found[:2] == path}
        read = read_fields(table_from_values(values, lines, line), settings.aliases, settings.zone)
        for fault in (*read.faults, *read.warnings):
            self.problems.append(fault.at(self._file))
        for name in _NOT_BY_DEFAULT:
            if name in read.values:
                self.fault((*path, name), f"`{name}` belongs to one document and cannot be a default")
        glob = self._glob(path, pattern)
        return DefaultRule(glob=glob, fields=read.values, kind=read.kind) if glob is not None else None

    def _glob(self, path: str | tuple[str, ...], pattern: str) -> Glob | None:
        try:
            return Glob(pattern)
        except ValueError:
            self.fault(path, f"`{pattern}` is not a pattern", "write it as in .gitignore: posts/**/*.md")
            return None

    def _refuse_escape(self, path: str, text: str) -> None:
        parts = text.removeprefix("./").split("/")
        if text.startswith("/") or "\\" in text or any(part in {"", "..", ".git", ".ghostsync"} for part in parts):
            self.fault(path, f"`{path}` leaves the content directory: `{text}`", "write a path below it")

    def _get(self, path: str) -> Any:
        return self._get_at(tuple(path.split(".")))

    def _get_at(self, path: tuple[str, ...]) -> Any:
        value: Any = self._values
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


def _leaves(values: Mapping[str, Any], prefix: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        path = (*prefix, key)
        if isinstance(value, dict) and prefix != ("defaults",):
            if not value and not _is_known((*path, "*")):
                yield path, value
            yield from _leaves(value, path)
        else:
            yield path, value


def _is_known(path: tuple[str, ...]) -> bool:
    for spec in CONFIG_KEYS:
        parts = spec.path.split(".")
        matches = len(parts) == len(path) and all(want in ("*", got) for want, got in zip(parts, path, strict=True))
        if matches or (spec.kind is ConfigKind.TABLE and path[0] == parts[0]) or path == tuple(parts[:-1]):
            return True
    # A key with dots in its name, as aliases and globs have, is one name.
    return path[0] in {"aliases", "defaults"} and len(path) > 1


def _describe(value: object) -> str:
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return f"the date {value}"
        case str():
            return f"`{value}`"
        case _:
            return str(value)
