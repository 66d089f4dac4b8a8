"""What the sandbox does to Ghost's SQLite database without asking Ghost.

Three things, none of which Ghost's API can do: removing the starter content without leaving a trace of it in the
history, giving a copied site an identity of its own, and making a used site like new within a fraction of a second
while its server runs. The last works because Ghost reads posts, pages, tags, users and history from the database at
every request; what it keeps in memory instead (settings, tiers, offers, recommendations) is left alone, and `reset`
is there for those.
"""

# ruff: noqa: S608 - SQL cannot take a table name as a parameter; all names here come from the database itself.

from __future__ import annotations

import secrets
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ghostsync.errors import SandboxError

INTEGRATION = "ghostsync"
# How long to wait for Ghost to finish a write of its own, in seconds.
_LOCK_PATIENCE = 10.0

# Rows that exist because of starter content or because of the set-up itself. Read in Ghost 5.130.6 and 6.65.0
# (core/server/data/schema/schema.js); a table that a version lacks is skipped.
_STARTER = (
    "posts", "posts_meta", "posts_tags", "posts_authors", "posts_products", "post_revisions", "mobiledoc_revisions",
    "tags", "collections_posts", "actions", "sessions", "brute", "jobs",
)  # fmt: skip
# Tables whose contents Ghost holds in memory, or which make the site this site: emptying leaves them as they are.
_KEPT = frozenset({
    "migrations", "migrations_lock", "settings", "sessions", "custom_theme_settings", "permissions",
    "permissions_roles", "permissions_users", "roles", "products", "benefits", "products_benefits",
    "stripe_products", "stripe_prices", "offers", "offer_redemptions", "recommendations", "jobs", "locks",
})  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database for one transaction. Foreign keys are off, as they are in SQLite unless asked for."""
    if not path.exists():
        raise SandboxError(
            f"{path}: there is no database",
            hint="`ghostsync sandbox down --name NAME --remove`, then `ghostsync sandbox up --name NAME`",
        )
    with closing(sqlite3.connect(path, timeout=_LOCK_PATIENCE)) as connection, connection:
        yield connection


def clear_starter_content(path: Path) -> None:
    """Remove Ghost's own page, post and tag and every trace of them. The server must be stopped."""
    with _opened(path) as connection:
        for table in _tables(connection, "main").intersection(_STARTER):
            connection.execute(f'DELETE FROM "{table}"')
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")


def give_identity(path: Path) -> str:
    """Give the copied site in `path` an Admin API key and a site UUID of its own; return the key.

    Without this a key of one sandbox would open all others, and a test that talks to the wrong one would pass.
    The server must be stopped.
    """
    key_id, secret = secrets.token_hex(12), secrets.token_hex(32)
    with _opened(path) as connection:
        changed = connection.execute(
            "UPDATE api_keys SET id = ?, secret = ? WHERE type = 'admin' AND integration_id = "
            "(SELECT id FROM integrations WHERE name = ?)",
            (key_id, secret, INTEGRATION),
        ).rowcount
        if changed != 1:
            raise SandboxError(f"{path}: {changed} Admin keys of the integration {INTEGRATION!r}, expected 1")
        connection.execute("UPDATE settings SET value = ? WHERE key = 'site_uuid'", (str(uuid.uuid4()),))
    return f"{key_id}:{secret}"


def restore_content(path: Path, pristine: Path) -> None:
    """Make every table of the running site's database like that of `pristine`, but for what Ghost keeps in memory."""
    with _opened(path) as connection:
        for table in _attach(connection, pristine):
            connection.execute(f'DELETE FROM main."{table}"')
            connection.execute(f'INSERT INTO main."{table}" SELECT * FROM pristine."{table}"')


def is_restored(path: Path, pristine: Path) -> bool:
    """Say whether every table that `restore_content` restores is like that of `pristine`."""
    with _opened(path) as connection:
        return not any(
            connection.execute(
                f'SELECT * FROM {one}."{table}" EXCEPT SELECT * FROM {other}."{table}" LIMIT 1'
            ).fetchone()
            for table in _attach(connection, pristine)
            for one, other in (("main", "pristine"), ("pristine", "main"))
        )


def _attach(connection: sqlite3.Connection, pristine: Path) -> list[str]:
    """Attach `pristine` under that name, begin a transaction, and return the tables to restore."""
    connection.execute("ATTACH ? AS pristine", (str(pristine),))
    connection.execute("BEGIN IMMEDIATE")
    return sorted(_tables(connection, "main") & _tables(connection, "pristine") - _KEPT)


def count_rows(path: Path, table: str) -> int:
    """Return how many rows `table` holds."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_LOCK_PATIENCE)) as connection:
        return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


def _tables(connection: sqlite3.Connection, schema: str) -> set[str]:
    listed = connection.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'")
    return {name for (name,) in listed if not name.startswith("sqlite_")}


def now() -> str:
    """Return this moment as Ghost writes it into SQLite: UTC, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
