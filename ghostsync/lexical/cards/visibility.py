"""Who sees a card: Ghost's two default settings, and the reading of two older spellings.

Source: `kg-default-nodes/src/utils/visibility.js`. Losing this setting would make gated content public, so it is
compared and kept as a value of its own.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

ALL_MEMBERS: Final = "status:free,status:-free"
FREE_MEMBERS: Final = "status:free"
PAID_MEMBERS: Final = "status:-free"
NOBODY: Final = ""

EVERYONE: Final[dict[str, Any]] = {
    "web": {"nonMember": True, "memberSegment": ALL_MEMBERS},
    "email": {"memberSegment": ALL_MEMBERS},
}
#: The transistor card's own default: it needs a member to play for.
MEMBERS: Final[dict[str, Any]] = {
    "web": {"nonMember": False, "memberSegment": ALL_MEMBERS},
    "email": {"memberSegment": ALL_MEMBERS},
}

_EMAIL_SEGMENTS: Final = {
    "status:-free+status:-paid": NOBODY,
    "status:free": FREE_MEMBERS,
    "status:paid": PAID_MEMBERS,
    "status:-free": PAID_MEMBERS,
    "": ALL_MEMBERS,
}


def current_form(value: Any) -> Any:
    """A visibility setting in today's form; Ghost reads the older ones the same way when it opens the card."""
    if not isinstance(value, dict) or not value or not _is_old(value):
        return value
    migrated: dict[str, Any] = deepcopy(value)
    web = migrated.setdefault("web", {}) or {}
    email = migrated.setdefault("email", {}) or {}
    shown, only_email = value.get("showOnWeb"), value.get("emailOnly")
    if shown is None and only_email is None:
        web = deepcopy(EVERYONE["web"])
    else:
        on_web = not only_email if only_email is not None else bool(shown)
        web["nonMember"] = on_web
        web["memberSegment"] = ALL_MEMBERS if on_web else NOBODY
    segment = value.get("segment")
    if value.get("showOnEmail") is None and only_email is None:
        email = deepcopy(EVERYONE["email"])
    elif value.get("showOnEmail") is False:
        email["memberSegment"] = NOBODY
    else:
        known = _EMAIL_SEGMENTS.get(segment or "")
        if known is not None:
            email["memberSegment"] = known
    for old in ("showOnWeb", "showOnEmail", "emailOnly", "segment"):
        migrated.pop(old, None)
    migrated["web"], migrated["email"] = web, email
    return migrated


def _is_old(value: dict[str, Any]) -> bool:
    web, email = value.get("web"), value.get("email")
    return (
        not isinstance(web, dict)
        or not isinstance(email, dict)
        or "nonMember" not in web
        or web.get("memberSegment") is None
        or email.get("memberSegment") is None
    )
