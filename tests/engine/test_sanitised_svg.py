"""An SVG that Ghost's sanitiser took something out of: the person is told what."""

from __future__ import annotations

from engine.ghosts import Ghost
from engine.push_steps import CloneMaker, document, push
from world import in_agreement

from ghostsync.core.svg import lost_elements

WHOLE = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><g><path d='M0 0h9v9z'/></g></svg>"
STRIPPED = (
    b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><defs><path id='a' d='M0 0h9v9z'/></defs>"
    b"<use href='#a'/><script>1</script></svg>"
)


def test_what_ghost_removed_is_named(clone: CloneMaker, ghost: Ghost) -> None:
    """Ghost rewrites both; only of the one that lost elements is something said, and both are published."""
    a = clone("a")
    a.write("posts/pic.md", document("Pic", "![one](whole.svg)\n\n![two](stripped.svg)\n"))
    a.write("posts/whole.svg", WHOLE)
    a.write("posts/stripped.svg", STRIPPED)
    warnings = [outcome.warning for outcome in push(a).outcomes if outcome.warning]
    assert len(warnings) == 1
    assert warnings[0].startswith("posts/stripped.svg: Ghost removed ")
    assert "<script>" in warnings[0]
    assert "<use>" in warnings[0]
    assert in_agreement(a.plan())


def test_what_cannot_be_read_says_nothing() -> None:
    """Neither a broken file nor an answer that is none."""
    assert lost_elements(b"<svg", WHOLE) == ()
    assert lost_elements(WHOLE, b"not found") == ()
    assert lost_elements(WHOLE, WHOLE) == ()
    assert lost_elements(STRIPPED, WHOLE) == ("defs", "script", "use")
