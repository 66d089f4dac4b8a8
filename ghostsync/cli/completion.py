"""`ghostsync completion`: what makes a shell complete commands, options, files, sites and sandboxes.

The scripts are click's, which ask `ghostsync` itself for every completion; so they know every command of the version
that is installed and need no renewal. Rejected: writing them into the shell's start-up files; those belong to the user,
and one line is soon pasted.
"""

from __future__ import annotations

import click

from ghostsync.cli.context import Globals


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def completion(given: Globals, *, shell: str) -> int:
    """Print what makes your shell complete ghostsync's commands and options.

    Commands, options, their values, files, and the names of configured sites are completed. For this shell only, run
    the line below; for every new one, put it into the file named behind it.

    \b
    eval "$(ghostsync completion bash)"   bash 4.4 or newer: ~/.bashrc
    eval "$(ghostsync completion zsh)"    zsh: ~/.zshrc, below compinit
    ghostsync completion fish | source    fish: ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    from ghostsync.cli import cli

    kind = get_completion_class(shell)
    if kind is None:  # the choice above holds only what click knows
        raise AssertionError(shell)
    given.console.data(kind(cli, {}, "ghostsync", "_GHOSTSYNC_COMPLETE").source())
    return 0
