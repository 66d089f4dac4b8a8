"""The questions of `ghostsync init` about the project. All are asked before anything is written.

Whoever presses Ctrl-C at a question leaves nothing behind, and an answer that cannot be is asked for again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ghostsync.errors import ConfigError, CredentialsError

if TYPE_CHECKING:
    from ghostsync.cli.ask_site import Asking, Reached
    from ghostsync.starting import Start

STORES = ("env", "keyring", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the command line says already; None where it says nothing."""

    project: str | None
    content: str | None
    store: str | None
    imports: bool | None
    hooks: bool | None
    workflow: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person wants."""

    start: Start
    top: Path | None
    """The top folder of the Git repository, where there is one."""
    hooks: bool
    workflow: bool
    imports: bool
    store: str


def choose(folder: Path, told: Told, reached: Reached, asking: Asking, *, is_sandbox: bool) -> Choices:
    """Return what the command line says, and for the rest what the person answers or the defaults.

    Raises ConfigError for what cannot be: a folder outside the project, a hook without Git.
    """
    from ghostsync.local.generators import PLACES, generator_of
    from ghostsync.starting import Start

    top = _top(folder)
    if top is None and (told.hooks or told.workflow):
        raise ConfigError(
            f"{folder} is not in a Git repository: a hook and a workflow need one; nothing was written",
            hint="`git init`, then the same command again",
        )
    project = told.project or asking.text("name of this project", _default_project(folder))
    preset = generator_of(folder)
    content = _content(folder, told, asking, "." if preset in PLACES else None)
    hooks, workflow = bool(told.hooks), bool(told.workflow)
    if top is not None and told.hooks is None:
        hooks = asking.agree("check content before every `git push` (a pre-push hook)?", default=False)
    if top is not None and told.workflow is None:
        workflow = asking.agree("write a GitHub workflow that publishes what is merged?", default=False)
    if preset is not None:
        asking.console.say(f'this is a folder of {preset}: `preset = "{preset}"` reads its front matter')
    return Choices(
        start=Start(
            folder=folder,
            project=project,
            content=content,
            url=None if is_sandbox else reached.url,
            preset=preset,
            places=PLACES.get(preset or "") if content == "." else None,
        ),
        top=top,
        hooks=hooks,
        workflow=workflow,
        imports=_imports(folder / content, content, told, reached, asking),
        store=_store(told, reached, asking, is_sandbox=is_sandbox),
    )


def has_documents(folder: Path) -> bool:
    """Whether a folder looks like one with documents in it."""
    return any(file.suffix == ".md" and file.stem != "README" for file in folder.glob("*.md")) or any(
        (folder / name).is_dir() for name in ("posts", "pages")
    )


def _default_project(folder: Path) -> str:
    from ghostsync.core.slugs import tag_slug

    return str(tag_slug(folder.name)) or "my-site"


def _content(folder: Path, told: Told, asking: Asking, usual: str | None) -> str:
    while True:
        default = usual or ("." if has_documents(folder) else "content")
        content = told.content or asking.text("folder for the documents", default)
        if (folder / content).resolve().is_relative_to(folder):
            return content
        outside = ConfigError(
            f"{content} is outside {folder}; nothing was written", hint="name a folder inside the project"
        )
        if told.content or not asking.is_on:
            raise outside
        asking.console.error(outside)


def _imports(place: Path, name: str, told: Told, reached: Reached, asking: Asking) -> bool:
    from ghostsync.core.counted import counted

    if not reached.posts + reached.pages:
        return False
    if told.imports is not None or has_documents(place):
        return bool(told.imports)
    there = f"{counted(reached.posts, 'post')} and {counted(reached.pages, 'page')}"
    return asking.agree(f"the site has {there}: bring them into {name}?", default=True)


def _store(told: Told, reached: Reached, asking: Asking, *, is_sandbox: bool) -> str:
    from ghostsync.local.credentials import refuse_keyring

    if told.store is None and (reached.is_known or is_sandbox):
        return "none"
    while True:
        store = told.store or asking.text(f"where to keep the key ({', '.join(STORES)})", "env").lower()
        if store not in STORES:
            asking.console.say(f"please answer {', '.join(STORES[:-1])} or {STORES[-1]}")
            continue
        try:
            if store == "keyring":
                refuse_keyring()
        except CredentialsError as missing:
            if told.store or not asking.is_on:
                raise
            asking.console.error(missing)
            continue
        return store


def _top(folder: Path) -> Path | None:
    """Return the top folder of the Git repository that a folder, which need not exist yet, is in."""
    from ghostsync.local.git import Repository

    there = next(each for each in (folder, *folder.parents) if each.is_dir())
    repository = Repository.find(there, environ=dict(os.environ))
    if repository is None:
        return None
    top = os.fsdecode(repository.run("rev-parse", "--show-toplevel") or b"").strip()
    repository.close()
    return Path(top).resolve() if top else folder
