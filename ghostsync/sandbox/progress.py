"""How the slow parts of the sandbox tell what they are doing, without knowing who watches.

Installing Ghost takes minutes. Library code must not print, and a logger would be the wrong channel for a bar that
moves; so every slow function takes a `Progress` and calls it. The command line draws it, tests collect it, and
`silent` throws it away.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what is being done now.

    `stage` is a short sentence that stays the same while one piece of work lasts ("installing Ghost 6.65.0's
    dependencies"); `done` and `total` count something within that stage when it can be counted.
    """

    def __call__(self, stage: str, *, done: int | None = None, total: int | None = None) -> None:
        """Tell that `stage` is under way."""
        ...


def silent(stage: str, *, done: int | None = None, total: int | None = None) -> None:
    """Tell nobody."""
