"""The `site` of every contract test: the fake as Ghost 6 and as Ghost 5, and the real ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from contract.backends import FakeSite, RealSite, Site
from fakeghost import FakeGhost, session_for

from ghostsync.sandbox import Instance, create_staff

_VERSIONS = {"fake6": "6.65.0", "fake5": "5.130.6"}
# What makes the editor a person of the site; an emptied site has lost both.
_PEOPLE_TABLES = ("users", "roles_users")


class _Editor:
    """A staff user of one real site, who is put back after the site was emptied; logging in anew would take long."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        staff = create_staff(instance, name="Berta Editor", email="berta@example.com", role="Administrator")
        self.cookie = staff.cookie
        with closing(sqlite3.connect(instance.database_path, timeout=10)) as connection:
            person = "SELECT id FROM users WHERE email = 'berta@example.com'"
            self._rows = {
                "users": self._read(connection, "SELECT * FROM users WHERE email = 'berta@example.com'"),
                "roles_users": self._read(connection, f"SELECT * FROM roles_users WHERE user_id = ({person})"),
            }

    @staticmethod
    def _read(connection: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
        return connection.execute(sql).fetchall()

    def come_back(self) -> None:
        with closing(sqlite3.connect(self._instance.database_path, timeout=10)) as connection, connection:
            for table in _PEOPLE_TABLES:
                for row in self._rows[table]:
                    marks = ",".join("?" * len(row))
                    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)


def pytest_configure(config: pytest.Config) -> None:
    """The real sites come from a plugin; whoever runs only this folder has not loaded it yet."""
    if not config.pluginmanager.has_plugin("sandbox_fixtures"):
        config.pluginmanager.import_plugin("sandbox_fixtures")


@pytest.fixture(scope="session")
def editors() -> dict[str, _Editor]:
    """The editor of each real site, by the site's address."""
    return {}


@pytest.fixture(
    params=[
        "fake6",
        "fake5",
        pytest.param("ghost6", marks=pytest.mark.real),
        pytest.param("ghost5", marks=[pytest.mark.real, pytest.mark.ghost5]),
    ]
)
def site(request: pytest.FixtureRequest, editors: dict[str, _Editor]) -> Iterator[Site]:
    """An empty Ghost."""
    if request.param in _VERSIONS:
        fake = FakeGhost(version=_VERSIONS[request.param])
        with session_for(fake) as session:
            yield FakeSite(fake, session, name=request.param)
        return
    running = request.getfixturevalue(request.param)
    if running.url not in editors:
        running.empty()
        editors[running.url] = _Editor(running)
    instance = request.getfixturevalue(f"empty_{request.param}")
    editor = editors[instance.url]
    editor.come_back()
    with requests.Session() as session:
        yield _real_site(instance, session, cookie=editor.cookie)


@pytest.fixture
def as_site() -> Iterator[Callable[[Instance], Site]]:
    """Makes a `Site` of a running instance, without an editor."""
    with requests.Session() as session:
        yield lambda instance: _real_site(instance, session, cookie="")


def _real_site(instance: Instance, session: requests.Session, *, cookie: str) -> RealSite:
    return RealSite(
        name=instance.name,
        major=int(instance.version.split(".")[0]),
        url=instance.url,
        key=instance.admin_key,
        cookie=cookie,
        session=session,
        database=instance.database_path,
    )
