"""What the tests of the sandbox ask a running Ghost, as its integration."""

from __future__ import annotations

import time
from typing import Any

import jwt
import requests

from ghostsync.sandbox import Instance


def ask_with_key(
    instance: Instance, method: str, path: str, *, key: str | None = None, **given: Any
) -> requests.Response:
    """Send a request as the integration; `key` replaces the instance's own."""
    key_id, secret = (key or instance.admin_key).split(":")
    now = int(time.time())
    claims = {"iat": now, "exp": now + 60, "aud": "/admin/"}
    token = jwt.encode(claims, bytes.fromhex(secret), algorithm="HS256", headers={"kid": key_id})
    return requests.request(
        method,
        f"{instance.url}/ghost/api/admin/{path}",
        headers={"Authorization": f"Ghost {token}"},
        timeout=30,
        **given,
    )


def create_post(instance: Instance, title: str, **fields: Any) -> dict[str, Any]:
    """Create a post as the integration and return it."""
    answer = ask_with_key(instance, "POST", "posts/", json={"posts": [{"title": title, **fields}]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["posts"][0])


def titles(instance: Instance) -> list[str]:
    """Return the titles of all posts, in order."""
    answer = ask_with_key(instance, "GET", "posts/?limit=100&fields=title")
    assert answer.status_code == 200, answer.text
    return sorted(post["title"] for post in answer.json()["posts"])
