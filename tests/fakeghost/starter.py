# ruff: noqa: SIM905 - a list of words is easiest to read as words
"""What a fresh fake holds: people, tiers, a newsletter, an integration with its key. No posts and no tags."""

from __future__ import annotations

import hashlib

from fakeghost.clock import to_second
from fakeghost.state import Row, State

_USER_BLANKS = (
    "profile_image cover_image bio website location facebook twitter threads bluesky mastodon tiktok youtube instagram "
    "linkedin accessibility meta_title meta_description tour last_seen"
).split()


def add_user(state: State, name: str, *, slug: str, email: str, role: str) -> Row:
    """A person; `role` is Owner, Administrator, Editor, Author or Contributor."""
    now = to_second(state.clock.now_ms())
    row: Row = {
        "id": state.new_id(),
        "name": name,
        "slug": slug,
        "email": email,
        **dict.fromkeys(_USER_BLANKS),
        **dict.fromkeys((f"{what}_notifications" for what in ("comment", "mention", "milestone")), True),
        "status": "active",
        "role": role,
        "created_at": now,
        "updated_at": now,
    }
    state.users.put(row["id"], row)
    return row


def add_tier(state: State, name: str, *, slug: str, kind: str) -> Row:
    """`kind` is free or paid."""
    now = to_second(state.clock.now_ms())
    row: Row = {
        "id": state.new_id(),
        "name": name,
        "slug": slug,
        "active": True,
        "type": kind,
        "visibility": "public",
        "description": None,
        "welcome_page_url": None,
        "trial_days": 0,
        "currency": "usd" if kind == "paid" else None,
        "monthly_price": 500 if kind == "paid" else None,
        "yearly_price": 5000 if kind == "paid" else None,
        "created_at": now,
        "updated_at": now,
        "monthly_price_id": None,
        "yearly_price_id": None,
    }
    state.tiers.put(row["id"], row)
    return row


def add_newsletter(state: State, name: str, *, slug: str, status: str = "active") -> Row:
    now = to_second(state.clock.now_ms())
    row: Row = {
        "id": state.new_id(),
        "uuid": state.new_uuid(),
        "name": name,
        "slug": slug,
        "description": None,
        "status": status,
        "visibility": "members",
        "subscribe_on_signup": True,
        "sort_order": len(state.newsletters),
        "created_at": now,
        "updated_at": now,
    }
    state.newsletters.put(row["id"], row)
    return row


def add_member(state: State, email: str, *, newsletters: tuple[str, ...], status: str = "free") -> Row:
    """`newsletters` are ids."""
    now = to_second(state.clock.now_ms())
    row: Row = {
        "id": state.new_id(),
        "uuid": state.new_uuid(),
        "email": email,
        "name": None,
        "status": status,
        "newsletters": newsletters,
        "created_at": now,
        "updated_at": now,
    }
    state.members.put(row["id"], row)
    return row


def add_integration(state: State, name: str) -> Row:
    """An integration with an admin key, derived from its name so that the key is the same in every run."""
    now = to_second(state.clock.now_ms())
    digest = hashlib.sha512(name.encode()).hexdigest()
    row: Row = {
        "id": state.new_id(),
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "icon_image": None,
        "key_id": digest[:24],
        "secret": digest[24:88],
        "content_key_id": digest[88:112],
        "created_at": now,
        "updated_at": now,
    }
    state.integrations.put(row["id"], row)
    return row


def fill(state: State, *, title: str, timezone: str) -> None:
    """A site as after its set-up: owner Ada, editor Berta, author Clara, two tiers, a newsletter, one member."""
    add_user(state, "Ada Owner", slug="ada", email="ada@example.com", role="Owner")
    add_user(state, "Berta Editor", slug="berta", email="berta@example.com", role="Editor")
    add_user(state, "Clara Author", slug="clara", email="clara@example.com", role="Author")
    add_tier(state, "Free", slug="free", kind="free")
    add_tier(state, "Default Product", slug="default-product", kind="paid")
    newsletter = add_newsletter(state, "Weekly", slug="weekly")
    add_member(state, "reader@example.com", newsletters=(newsletter["id"],))
    add_integration(state, "ghostsync")
    settings = {
        "title": title,
        "description": "Thoughts, stories and ideas.",
        "logo": None,
        "icon": None,
        "cover_image": None,
        "accent_color": "#FF1A75",
        "locale": "en",
        "timezone": timezone,
        "codeinjection_head": None,
        "codeinjection_foot": None,
        "navigation": "[]",
        "default_content_visibility": "public",
        "active_theme": "source",
    }
    for key, value in settings.items():
        state.settings.put(key, value)
