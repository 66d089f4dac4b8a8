"""A site that moves to another address, as Ghost's own content does: its addresses are stored as `__GHOST_URL__`.

What ghostsync leaves in a post is no property that Ghost knows, so there nothing moves but what says `__GHOST_URL__`.
"""

from __future__ import annotations

import json
from typing import Any

from fakeghost.server import FakeGhost
from fakeghost.state import Table


def moved(fake: FakeGhost, url: str) -> FakeGhost:
    """Return the same site at another address; the old one is left as it is."""
    site = FakeGhost(version=fake.version, url=url, clock=fake.clock)
    site.site_uuid = fake.site_uuid
    site.permalink = fake.permalink
    for name, table in vars(fake.state).items():
        if isinstance(table, Table):
            there: Table = getattr(site.state, name)
            for key in [key for key, _ in there.items()]:
                there.drop(key)
            for key, row in table.items():
                there.put(key, _moved(row, fake.url, site.url))
    return site


def _moved(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _moved_body(one, old, new) if key == "lexical" else _moved(one, old, new) for key, one in value.items()
        }
    if isinstance(value, tuple | list):
        return type(value)(_moved(one, old, new) for one in value)
    return value.replace(old, new) if isinstance(value, str) else value


def _moved_body(text: Any, old: str, new: str) -> Any:
    if not isinstance(text, str):
        return text
    body = json.loads(text)
    record = body["root"].pop("ghostsync", None)
    body = json.loads(json.dumps(body).replace(old, new))
    if record is not None:
        body["root"]["ghostsync"] = json.loads(json.dumps(record).replace("__GHOST_URL__", new))
    return json.dumps(body)
