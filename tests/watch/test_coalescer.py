"""Rumours about files become batches, on a clock that only the test moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ghostsync.model import DocPath
from ghostsync.watch.coalesce import Batch, Coalescer, Sight


class Disk:
    """Files that are there, and files that were known."""

    def __init__(self, *known: str) -> None:
        self.there = {DocPath(path) for path in known}
        self.known = set(self.there)

    def look(self, paths: frozenset[DocPath]) -> Sight:
        """See what is there and what is gone."""
        return Sight(present=frozenset(paths & self.there), absent=frozenset((paths & self.known) - self.there))


def drain(coalescer: Coalescer, disk: Disk, until: float) -> list[tuple[float, Batch]]:
    """Do every look that is due until then."""
    found = []
    while coalescer.look_at is not None and coalescer.look_at <= until:
        now = coalescer.look_at
        batch = coalescer.take(now, disk.look)
        if batch is not None:
            found.append((now, batch))
    return found


def test_one_save_is_one_batch_after_the_debounce() -> None:
    """Five events of one save come out once, a debounce after the last."""
    disk, coalescer = Disk("a.md"), Coalescer(debounce=0.1)
    for moment in (0.0, 0.01, 0.02, 0.03, 0.05):
        coalescer.note(DocPath("a.md"), moment)
    [(at, batch)] = drain(coalescer, disk, 10)
    assert round(at, 6) == 0.15
    assert batch == Batch(changed=frozenset({DocPath("a.md")}), removed=frozenset())
    assert coalescer.look_at is None


def test_missing_for_a_moment_is_not_removed() -> None:
    """A file seen missing in the middle of a save comes out as changed."""
    disk, coalescer = Disk("a.md"), Coalescer(debounce=0.1, settle=1.0)
    disk.there.clear()
    coalescer.note(DocPath("a.md"), 0.0)
    assert drain(coalescer, disk, 0.9) == []
    disk.there = {DocPath("a.md")}
    [(_, batch)] = drain(coalescer, disk, 10)
    assert batch.changed == {"a.md"}
    assert batch.removed == frozenset()


def test_missing_for_long_is_removed() -> None:
    """The control: what stays away past the settle time is a removal."""
    disk, coalescer = Disk("a.md"), Coalescer(debounce=0.1, settle=1.0)
    disk.there.clear()
    coalescer.note(DocPath("a.md"), 0.0)
    [(at, batch)] = drain(coalescer, disk, 10)
    assert batch.removed == {"a.md"}
    assert 1.0 <= at <= 1.2


def test_both_halves_of_a_move_are_in_one_batch() -> None:
    """The new name waits for the old one to be believed gone."""
    disk, coalescer = Disk("old.md"), Coalescer(debounce=0.1, settle=1.0)
    disk.there = {DocPath("new.md")}
    coalescer.note(DocPath("old.md"), 0.0)
    coalescer.note(DocPath("new.md"), 0.0)
    [(_, batch)] = drain(coalescer, disk, 10)
    assert batch == Batch(changed=frozenset({DocPath("new.md")}), removed=frozenset({DocPath("old.md")}))


def test_a_file_that_came_and_went_is_nothing() -> None:
    """An editor's temporary file that was never known leaves no trace."""
    disk, coalescer = Disk(), Coalescer(debounce=0.1)
    coalescer.note(DocPath("4913.md"), 0.0)
    assert drain(coalescer, disk, 10) == []
    assert coalescer.look_at is None


def test_a_storm_does_not_starve_what_is_there() -> None:
    """Events without pause are interrupted after the patience, and nothing that is there waits longer."""
    disk, coalescer = Disk("a.md"), Coalescer(debounce=0.1, patience=5.0)
    found = []
    for step in range(200):
        coalescer.note(DocPath("a.md"), step * 0.05)
        found += drain(coalescer, disk, step * 0.05)
    assert 1 <= len(found) <= 3


def test_five_hundred_files_of_a_checkout_are_one_batch() -> None:
    """A storm that is over within the patience is one run."""
    names = [f"posts/{number}.md" for number in range(500)]
    disk, coalescer = Disk(*names), Coalescer(debounce=0.1)
    for number, name in enumerate(names):
        coalescer.note(DocPath(name), number * 0.002)
    [(_, batch)] = drain(coalescer, disk, 10)
    assert len(batch.changed) == 500


_NAMES = ["a.md", "b.md", "c.md"]


@given(st.lists(st.tuples(st.sampled_from(_NAMES), st.booleans(), st.floats(0.001, 2.0)), max_size=25))
def test_whatever_happens_the_batches_tell_how_it_ended(moves: list[tuple[str, bool, float]]) -> None:
    """After any history, the last thing said of each touched known file is what the disk says."""
    disk, coalescer = Disk(*_NAMES), Coalescer(debounce=0.1, settle=0.5, patience=3.0)
    said: dict[str, bool] = {}
    now = 0.0

    def tell(batches: list[tuple[float, Batch]]) -> None:
        for _, batch in batches:
            said.update(dict.fromkeys(batch.changed, True) | dict.fromkeys(batch.removed, False))

    for name, is_there, pause in moves:
        path = DocPath(name)
        disk.there.add(path) if is_there else disk.there.discard(path)
        coalescer.note(path, now)
        now += pause
        tell(drain(coalescer, disk, now))
    tell(drain(coalescer, disk, now + 60))
    assert said == {name: DocPath(name) in disk.there for name, _, _ in moves}
