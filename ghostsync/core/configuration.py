"""The table of configuration keys: what `ghostsync.toml` may say.

As with fields, one table validates, documents and makes the JSON Schema. Reading files is `ghostsync.local.config`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ghostsync.core.plan import Prune

EXPLAINED = "https://github.com/ghostsync/ghostsync/blob/main/docs/reference/config.md"
"""Where people read what every key means: an address, since the folder `docs` is not installed with the program."""


class ConfigKind(StrEnum):
    """What kind of value a configuration key holds."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"
    NAMES = "names"
    TABLE = "table"


class Unmanaged(StrEnum):
    """What pull does with posts that no ghostsync wrote."""

    WRITE = "write"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigSpec:
    """One key of the configuration."""

    path: str
    """Dotted; `*` stands for a name of the author's choice."""
    kind: ConfigKind
    about: str
    default: str | bool | int | tuple[str, ...] | None = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


def _key(path: str, kind: ConfigKind, about: str, default: object = None, **rest: object) -> ConfigSpec:
    return ConfigSpec(path=path, kind=kind, about=about, default=default, **rest)  # type: ignore[arg-type]


PRESET_NAMES = ("hugo", "zola", "jekyll", "astro", "eleventy", "obsidian")

CONFIG_KEYS: tuple[ConfigSpec, ...] = (
    _key("content", ConfigKind.TEXT, "The content directory, relative to this file.", "."),
    _key(
        "project",
        ConfigKind.TEXT,
        "Name of this content tree. Posts belong to the project that wrote them; needed before anything is pruned.",
    ),
    _key("site", ConfigKind.TEXT, "Which of several sites is meant without `--site`."),
    _key("sites.*.url", ConfigKind.TEXT, "Address of the site's Admin API, as `GHOST_ADMIN_API_URL` has it."),
    _key(
        "marker_tag",
        ConfigKind.TEXT,
        "Internal tag on every managed post, for people; empty for none. Without it each run without a cache, and "
        "each `--full`, reads the post history of every post that has no record. Before you change it, delete the old "
        "tag in Ghost: a pull would take it for an editor's.",
        "#ghostsync",
    ),
    _key(
        "prune",
        ConfigKind.CHOICE,
        "What happens to posts whose documents are gone.",
        Prune.REPORT.value,
        choices=tuple(Prune),
    ),
    _key("jobs", ConfigKind.NUMBER, "Connections at once.", 4, least=1, most=32),
    _key("timezone", ConfigKind.TEXT, "Zone of dates that name none, such as `Europe/Vienna`.", "UTC"),
    _key("strict", ConfigKind.FLAG, "Whether unknown front-matter keys are problems instead of warnings.", False),
    _key(
        "preset",
        ConfigKind.CHOICE,
        "Whose front matter is read beside ghostsync's own.",
        choices=PRESET_NAMES,
    ),
    _key(
        "slug",
        ConfigKind.TEXT,
        "What the slug of a new document is made of unless it is written: {name} (the file's without a date, or of "
        "`name/index.md` the folder's), {file} (with the date), {folder} (around it), {path} (all of it).",
        "{name}",
    ),
    _key(
        "static",
        ConfigKind.NAMES,
        "Folders, from the content directory, whose files have addresses from the site's root: with `static`, `/a.png` "
        "is the file `static/a.png`. Usually set by `preset`.",
        (),
    ),
    _key("aliases.*", ConfigKind.TEXT, "Front-matter key → field (or `draft`, `!draft`, `type`)."),
    _key("ignore", ConfigKind.NAMES, "Front-matter keys to pass over.", ()),
    _key(
        "documents",
        ConfigKind.NAMES,
        "Files that are documents although their name says otherwise (`README.md`, `_drafts/*`), as in `.gitignore`.",
        (),
    ),
    _key(
        "defaults.*",
        ConfigKind.TABLE,
        "Glob → front matter that its documents have unless they say otherwise. Later globs override earlier ones.",
    ),
    _key(
        "body.dialect",
        ConfigKind.CHOICE,
        "Markdown with ghostsync's extensions, or CommonMark alone.",
        "ghost",
        choices=("ghost", "commonmark"),
    ),
    _key(
        "pull.unmanaged",
        ConfigKind.CHOICE,
        "Whether pull writes posts that no ghostsync wrote.",
        Unmanaged.WRITE.value,
        choices=tuple(Unmanaged),
    ),
    _key(
        "pull.posts",
        ConfigKind.TEXT,
        "Where pull puts new posts: {slug}, {id}, {year}, {month}, {day}, {primary_tag}, {kind}.",
        "posts/{slug}.md",
    ),
    _key("pull.pages", ConfigKind.TEXT, "Where pull puts new pages.", "pages/{slug}.md"),
    _key(
        "pull.media",
        ConfigKind.TEXT,
        "Folder for downloaded pictures and files: from the content root, or with a leading `./` from the document.",
        "media",
    ),
    _key("hook.branches", ConfigKind.NAMES, "Branches whose push the Git hook looks at.", ("main", "master")),
    _key("hook.push", ConfigKind.FLAG, "Whether the Git hook publishes.", False),
    _key("watch.debounce", ConfigKind.NUMBER, "Milliseconds of quiet before `watch` acts.", 100, least=10, most=60000),
)

BY_PATH = {spec.path: spec for spec in CONFIG_KEYS}

SECRET_KEYS = frozenset({"key", "admin_key", "admin_api_key", "api_key", "token", "secret", "password"})
"""Names under which people put a key into a tracked file, where it never belongs."""
