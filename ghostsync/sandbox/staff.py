"""Staff users of a sandbox: people who log in to Ghost's admin screen and edit there.

Made the way Ghost makes them, by an invitation that is accepted; only the mail with the token is not sent, the token
is read from the database instead. Writing a users row by hand was rejected: what Ghost stores with it differs from
version to version.
"""

from __future__ import annotations

import http.client
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from ghostsync.errors import SandboxError
from ghostsync.sandbox import wire
from ghostsync.sandbox.instance import Instance

Role = Literal["Administrator", "Editor", "Author", "Contributor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person with a login. `cookie` is a session that is open already, as a Cookie header wants it."""

    url: str
    name: str
    email: str
    password: str
    cookie: str

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> wire.Answer:
        """Send a request to the Admin API as this person; `path` is below `/ghost/api/admin/`.

        Raises SandboxError when there is no answer; a refusal is an answer.
        """
        try:
            return wire.ask(self.url, method, f"{wire.ADMIN}/{path}", body, cookie=self.cookie)
        except (OSError, http.client.HTTPException) as fault:
            raise SandboxError(f"{method} {path}: {fault}", hint="`ghostsync sandbox status`") from fault


def log_in_owner(instance: Instance) -> Staff:
    """Open a session as the owner of the site."""
    return Staff(
        url=instance.url,
        name="Sandbox Owner",
        email=instance.owner_email,
        password=instance.owner_password,
        cookie=wire.log_in(instance.url, instance.owner_email, instance.owner_password),
    )


def create_staff(instance: Instance, *, name: str, email: str, role: Role = "Editor") -> Staff:
    """Invite a person, accept for them, and log them in.

    Raises SandboxError when Ghost refuses (a person with this address exists, an unknown role).
    """
    owner = log_in_owner(instance)
    roles = wire.require(instance.url, "GET", f"{wire.ADMIN}/roles/?limit=all", cookie=owner.cookie)
    role_id = next((found["id"] for found in roles.json["roles"] if found["name"] == role), None)
    if role_id is None:
        raise SandboxError(f"ghost {instance.version} has no role {role!r}")
    invitation = {"email": email, "role_id": role_id}
    wire.require(instance.url, "POST", f"{wire.ADMIN}/invites/", {"invites": [invitation]}, cookie=owner.cookie)
    password = secrets.token_urlsafe(18)
    acceptance = {"name": name, "email": email, "password": password, "token": _read_token(instance, email)}
    wire.require(instance.url, "POST", f"{wire.ADMIN}/authentication/invitation/", {"invitation": [acceptance]})
    return Staff(
        url=instance.url,
        name=name,
        email=email,
        password=password,
        cookie=wire.log_in(instance.url, email, password),
    )


def _read_token(instance: Instance, email: str) -> str:
    """Return the token that the invitation mail would carry."""
    with closing(sqlite3.connect(f"file:{instance.database_path}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT token FROM invites WHERE email = ?", (email,)).fetchone()
    if row is None:
        raise SandboxError(
            f"ghost kept no invitation for {email}",
            hint="`ghostsync sandbox status` says whether it runs; its log is in its folder",
        )
    return str(row[0])
