"""`ghostsync hook`: content is checked before Git pushes it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals
from ghostsync.core.counted import counted
from ghostsync.errors import ConfigError, ContentError, ExitCode, GhostError, Unreachable, worst_exit

if TYPE_CHECKING:
    from ghostsync.local.config import Config
    from ghostsync.local.git import Repository

_PUSH = click.option("--push", is_flag=True, help="Publish the pushed commit, before the other side has accepted it.")


@click.group()
def hook() -> None:
    """Check content with Git's pre-push hook.

    Before every `git push` to a configured branch, the content of what is being pushed is checked, and compared with
    Ghost where that can be reached. A problem stops the push; `git push --no-verify` goes on all the same.

    \b
    ghostsync hook install
    ghostsync hook uninstall
    """


@hook.command("install")
@_PUSH
@click.pass_obj
def install_command(given: Globals, *, push: bool) -> int:
    """Install the hook; an existing one is kept and runs first.

    \b
    ghostsync hook install
    ghostsync hook install --push        also publish what is pushed
    """
    install_hook(given, push=push)
    return 0


def install_hook(given: Globals, *, push: bool) -> None:
    """Install the hook of the repository that the configuration is in, and say so."""
    from ghostsync.hook import Installed, install

    config, repository = _here(given)
    top = repository.run("rev-parse", "--show-toplevel")
    folder = os.path.relpath(config.folder, os.fsdecode(top or b"").strip() or config.folder)
    state = install(repository.hooks, folder=Path(folder), arguments=("--push",) if push else ())
    said = {
        Installed.NEW: "installed",
        Installed.CHAINED: "installed; the hook that was there is kept and runs first",
        Installed.ALREADY: "was installed already; written anew",
    }
    given.console.say(f"{repository.hooks / 'pre-push'}: {said[state]}")
    branches = ", ".join(config.hook_branches)
    what = "published (before the other side has accepted the push)" if push or config.hook_push else "checked"
    given.console.say(f"content pushed to {branches} is {what}; once without: git push --no-verify")


@hook.command("uninstall")
@click.pass_obj
def uninstall_command(given: Globals) -> int:
    """Remove the hook and put back what was there before.

    \b
    ghostsync hook uninstall
    """
    from ghostsync.hook import uninstall

    _, repository = _here(given)
    removed = uninstall(repository.hooks)
    given.console.say(f"{repository.hooks / 'pre-push'}: {'removed' if removed else 'there is no hook of ours'}")
    return 0


@hook.command("run")
@_PUSH
@click.argument("remote", nargs=-1, type=click.UNPROCESSED, expose_value=False)
@click.pass_obj
def run_command(given: Globals, *, push: bool) -> int:
    """Do what the hook does; Git calls this with its own lines on standard input.

    \b
    main=refs/heads/main; old=$(git rev-parse origin/main)
    echo "$main $(git rev-parse HEAD) $main $old" | ghostsync hook run
    """
    from ghostsync.hook import commits_to_check, parse_updates, updates_of_framework

    config, repository = _here(given)
    updates = updates_of_framework(os.environ)
    if not updates and not sys.stdin.isatty():
        updates = parse_updates(sys.stdin.read())
    content = config.root.relative_to(repository.root).as_posix()
    commits = commits_to_check(
        repository,
        updates,
        config.hook_branches,
        content="" if content == "." else content,
        configuration=_configuration(config, repository).as_posix(),
    )
    code = ExitCode.DONE
    for commit in commits:
        code = worst_exit(code, _run_commit(given, config, repository, commit, push=push or config.hook_push))
    return int(code)


def _here(given: Globals) -> tuple[Config, Repository]:
    from ghostsync.local.config import locate
    from ghostsync.local.git import Repository

    config, _ = locate((), given.config_file, Path.cwd())
    # Configuration and content may lie beside each other: what is looked at is the folder that holds both.
    repository = Repository.find(Path(os.path.commonpath([config.folder, config.root])))
    if repository is None:
        raise ConfigError(f"{config.folder} is not in a Git repository", hint="run `git init` first")
    return config, repository


def _configuration(config: Config, repository: Repository) -> Path:
    """Return the configuration's path from the repository object's root; what it would be where there is none."""
    return Path("ghostsync.toml") if config.file is None else config.file.relative_to(repository.root)


def _write_out(files: Mapping[str, bytes], place: Path) -> None:
    """Write a commit's files below `place`. A tree made by hand can name any path; Git would refuse it."""
    for path, data in files.items():
        target = place / path
        if ".." in target.parts or place not in target.parents:
            raise ContentError(f"{path} · the commit has a path that leads out of the repository")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _run_commit(given: Globals, config: Config, repository: Repository, commit: str, *, push: bool) -> ExitCode:
    """Check one commit, then plan or publish it if Ghost can be reached."""
    from ghostsync.checking import check_tree
    from ghostsync.local.config import load_config
    from ghostsync.local.tree import ContentTree

    with tempfile.TemporaryDirectory(prefix="ghostsync-hook-") as scratch:
        place = Path(scratch).resolve()
        _write_out(repository.materialise(commit), place)
        try:
            pushed = load_config(
                place, None if config.file is None else place / _configuration(config, repository), cwd=place
            )
        except ConfigError as error:
            # Said as the commit has it: nobody can look into the scratch folder afterwards.
            message = error.message.replace(f"{place}{os.sep}", f"{commit[:9]}:")
            raise ConfigError(message, hint=error.hint, problems=error.problems) from None
        tree = ContentTree(pushed)
        problems = check_tree(tree, dialect=pushed.dialect).problems
        if problems:
            given.console.error(
                ContentError(
                    f"ghostsync does not let {commit[:9]} pass: its content has {counted(len(problems), 'problem')}",
                    hint="mend, commit and push again; to push all the same: `git push --no-verify`",
                    problems=problems,
                )
            )
            return ExitCode.INVALID
        try:
            from ghostsync.cli.commit_run import run_commit

            return run_commit(given, config, pushed, commit, push=push)
        except (Unreachable, ConfigError) as error:
            if push:
                raise
            given.console.say(f"ghostsync: content is valid; not compared with Ghost ({error.message})")
            return ExitCode.DONE
        except GhostError as error:
            if push:
                raise
            given.console.say(f"ghostsync: content is valid; comparing it with Ghost failed: {error.message}")
            return ExitCode.DONE
