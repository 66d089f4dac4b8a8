"""`Ghost`: the public library, a typed client of Ghost's Admin API.

    from ghostsync import Ghost

    with Ghost("https://example.com", admin_key="…") as ghost:
        post = ghost.posts.create(title="Hello", markdown="It *works*.", tags=["News"])
        ghost.posts.update(post, status="published")

It stands on `AdminApi` (`ghost.api`), where everything else that Ghost can do is within reach. All methods raise
`GhostError` for what Ghost or the network did, `ConfigError` for an address or key that cannot be used, and `TypeError`
or `ValueError` for calls that make no sense. One `Ghost` may be shared by any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ghostsync.errors import CredentialsError
from ghostsync.ghost.admin import AdminApi, Resource, UploadTo
from ghostsync.ghost.auth import Timing
from ghostsync.ghost.connect import connect
from ghostsync.ghost.exchange import Exchange, Timeouts
from ghostsync.ghost.records import Newsletter, Site, Tier, User
from ghostsync.ghost.resources import Pages, Posts, Reader, Tags
from ghostsync.ghost.sqlite_key import read_key
from ghostsync.ghost.staff import StaffSession
from ghostsync.ghost.uploads import endpoint_for, multipart_body

URL_VARIABLE = "GHOST_ADMIN_API_URL"
KEY_VARIABLE = "GHOST_ADMIN_API_KEY"
"""The names that Ghost's own GitHub actions use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """What Ghost says about an upload. As text it is its address."""

    url: str
    ref: str | None = None
    thumbnail_url: str | None = None

    def __str__(self) -> str:
        return self.url


class Ghost:
    """A Ghost site. Nothing is sent before something is asked."""

    def __init__(
        self,
        url: str,
        admin_key: str | None = None,
        *,
        allow_http: bool = False,
        timing: Timing | None = None,
        timeouts: Timeouts | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        """Prepare a connection to the Ghost at `url` with the key of an integration, or a staff access token.

        Without a key, `site` and `version` answer, and everything else after `login`. Raises `ConfigError` for an
        address that cannot be used (http to another machine needs `allow_http`), `CredentialsError` for a malformed
        key.
        """
        self.api: AdminApi = connect(
            url, admin_key, allow_http=allow_http, timing=timing, timeouts=timeouts, on_exchange=on_exchange
        )
        self._key_credentials = self.api.transport.credentials
        self.posts = Posts(self.api)
        self.pages = Pages(self.api)
        self.tags = Tags(self.api)
        self.users: Reader[User] = Reader(self.api, Resource.USERS, User)
        self.tiers: Reader[Tier] = Reader(self.api, Resource.TIERS, Tier)
        self.newsletters: Reader[Newsletter] = Reader(self.api, Resource.NEWSLETTERS, Newsletter)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, allow_http: bool = False) -> Self:
        """Connect with `GHOST_ADMIN_API_URL` and `GHOST_ADMIN_API_KEY`; `CredentialsError` names what is missing."""
        values = os.environ if environ is None else environ
        missing = [name for name in (URL_VARIABLE, KEY_VARIABLE) if not values.get(name)]
        if missing:
            raise CredentialsError(
                f"not set in the environment: {', '.join(missing)}",
                hint=f"export {missing[0]}=…; the key is in Ghost Admin: Settings → Integrations",
            )
        return cls(values[URL_VARIABLE], values[KEY_VARIABLE], allow_http=allow_http)

    @classmethod
    def from_sqlite(
        cls, database_path: str | Path, url: str, *, integration: str | None = None, allow_http: bool = False
    ) -> Self:
        """Connect with the key that a local Ghost's SQLite database holds for `integration` (name or slug).

        Without `integration` there must be exactly one custom integration. Raises `CredentialsError`.
        """
        return cls(url, read_key(Path(database_path), integration=integration), allow_http=allow_http)

    @cached_property
    def site(self) -> Site:
        """What the site says about itself; asked once. Raises `UnsupportedVersion` for Ghost older than 5."""
        return Site(self.api.site())

    @property
    def version(self) -> str:
        """Ghost's version, `6.65`; asked once."""
        return self.site.version

    def login(self, username: str, password: str, *, code: str | None = None) -> None:
        """Act as a member of the staff from now on, with a session instead of the key.

        A session that ends is opened again by itself. Where Ghost sends a code by email, `Unauthorized` is raised and
        says so; call again with `code`.
        """
        session = self.api.transport.credentials
        if code is None or not isinstance(session, StaffSession):
            session = StaffSession(self.api.transport)
        try:
            session.login(username, password, code=code)
        finally:
            self.api.transport.credentials = session

    def logout(self) -> None:
        """Close the session, forget name and password, and go back to the key, if there was one."""
        session = self.api.transport.credentials
        self.api.transport.credentials = self._key_credentials
        if isinstance(session, StaffSession):
            session.logout()

    def upload(
        self,
        *,
        file_path: str | Path | None = None,
        file_obj: BinaryIO | None = None,
        name: str | None = None,
        data: bytes | None = None,
        ref: str | None = None,
        purpose: str | None = None,
        to: UploadTo | None = None,
    ) -> UploadedFile:
        """Upload a picture, media or file and return where Ghost serves it.

        Say one of `file_path`, `file_obj` (opened in binary mode; `name` where it has none of its own) or `name` and
        `data`. The endpoint follows from the name (`to` overrides it). Ghost keeps every upload: the same again is
        another file.
        """
        content: bytes | BinaryIO | Path
        match file_path, file_obj, data:
            case (None, None, bytes()):
                content, own_name = data, ""
            case (None, file, None) if file is not None:
                own = getattr(file, "name", "")
                content, own_name = file, own if isinstance(own, str) else ""
            case (path, None, None) if path is not None:
                content, own_name = Path(path), Path(path).name
            case _:
                message = "upload() takes one of `file_path`, `file_obj`, or `name` with `data`"
                raise TypeError(message)
        file_name = name or own_name
        if not file_name:
            message = "upload() needs a `name` for this content: Ghost decides by its extension what it is"
            raise TypeError(message)
        with multipart_body(file_name, content, ref=ref, purpose=purpose) as body:
            row = self.api.upload(to or endpoint_for(file_name), body)
        return UploadedFile(url=row["url"], ref=row.get("ref"), thumbnail_url=row.get("thumbnail_url"))

    def close(self) -> None:
        """Close the connections. Not necessary, but tidy."""
        self.api.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ghost({self.api.transport.address.base!r})"
