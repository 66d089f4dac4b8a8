"""Put the parts of a connection together: address, key, clock, transport, API."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ghostsync.ghost.address import parse_address
from ghostsync.ghost.admin import AdminApi
from ghostsync.ghost.auth import KeyCredentials, ServerClock, Timing, parse_admin_key
from ghostsync.ghost.exchange import Exchange, Timeouts
from ghostsync.ghost.transport import Transport


def connect(
    url: str,
    admin_key: str | None,
    *,
    allow_http: bool = False,
    timing: Timing | None = None,
    timeouts: Timeouts | None = None,
    on_exchange: Callable[[Exchange], None] | None = None,
    is_patient: bool = False,
    stop: threading.Event | None = None,
) -> AdminApi:
    """Return the Admin API of the Ghost at `url`; nothing is sent yet.

    Without a key only `AdminApi.site` answers. Raises `ConfigError` for an address that cannot be used (plain http to
    another machine without `allow_http`, for one) and `CredentialsError` for a malformed key.

    `is_patient`: a Ghost that answered and is gone is waited for as long as it takes to restart. `stop`: once set, no
    write is sent that was not under way.
    """
    address = parse_address(url, allow_http=allow_http)
    chosen = timing or Timing()
    clock = ServerClock(chosen)
    credentials = None if admin_key is None else KeyCredentials(parse_admin_key(admin_key), clock)
    return AdminApi(
        Transport(
            address,
            credentials,
            clock=clock,
            timing=chosen,
            timeouts=timeouts,
            on_exchange=on_exchange,
            is_patient=is_patient,
            stop=stop,
        )
    )
