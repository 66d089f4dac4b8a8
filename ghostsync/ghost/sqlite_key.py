"""The Admin API key, read from the database of a Ghost that runs with SQLite on this machine.

The database is opened read-only. Only keys of custom integrations are offered by themselves: Ghost's own integrations
have keys too, with other roles, and using one of them would end in refusals that nobody understands.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ghostsync.errors import CredentialsError

_QUERY = """
    SELECT integrations.name, integrations.slug, integrations.type, api_keys.id, api_keys.secret
    FROM api_keys JOIN integrations ON integrations.id = api_keys.integration_id
    WHERE api_keys.type = 'admin'
    ORDER BY integrations.created_at, integrations.id
"""


def read_key(database: Path, *, integration: str | None = None) -> str:
    """Return the key (`id:secret`) of `integration` (its name or slug), or of the only custom integration.

    Raises `CredentialsError` for a file that is not Ghost's database, or where there is no such key, or several.
    """
    if not database.is_file():
        raise CredentialsError(
            f"{database}: there is no such database", hint="Ghost keeps it in content/data/ of its folder"
        )
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
            rows: list[tuple[str, str, str, str, str]] = connection.execute(_QUERY).fetchall()
    except sqlite3.Error as error:
        raise CredentialsError(
            f"{database}: this is not the database of a Ghost ({error})",
            hint="Ghost keeps it in content/data/ of its folder",
        ) from None
    if integration is None:
        found = [row for row in rows if row[2] == "custom"]
    else:
        found = [row for row in rows if integration in (row[0], row[1])]
    if len(found) == 1:
        return f"{found[0][3]}:{found[0][4]}"
    names = ", ".join(repr(row[0]) for row in (found or [row for row in rows if row[2] == "custom"])) or "none"
    what = "a custom integration" if integration is None else f"an integration {integration!r}"
    if found:
        message = f"{database}: there are {len(found)} keys of {what}: {names}"
        raise CredentialsError(message, hint="name one of them: integration='…'")
    raise CredentialsError(
        f"{database}: there is no key of {what}; custom integrations here: {names}",
        hint="create one in Ghost Admin: Settings → Integrations → Add custom integration",
    )
