"""`ghostsync schema`: the JSON Schemas that ship with the package, for text editors and other programs.

Editors want a file or an address. A path into a virtual environment differs on every machine, and an address would have
to be served by somebody; a file that this command writes into the project can be committed, and is that version's.
"""

from __future__ import annotations

from importlib.resources import files

import click

from ghostsync.cli.context import Globals

SCHEMAS = ("config", "front-matter", "tags", "plan")


@click.command()
@click.argument("name", type=click.Choice(SCHEMAS), metavar="|".join(SCHEMAS))
@click.pass_obj
def schema(given: Globals, name: str) -> int:
    """Print the JSON Schema of ghostsync.toml, front matter, tags.yaml or a plan.

    \b
    ghostsync schema config > ghostsync.schema.json
    """
    given.console.data(files("ghostsync").joinpath("schemas", f"{name}.json").read_text("utf-8").rstrip("\n"))
    return 0
