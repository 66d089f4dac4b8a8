"""Random histories of clones, an editor, faults and crashes; after every step the laws of `machine` hold.

The control tests put a defect in, the kind that tools of this sort have, and the same histories find it.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from fakeghost import Moment, Request
from faults.machine import NAMES, FragileTree, Ground, Killed, LawBroken, Machine, nth
from faults.proxy import ANSWERS, IS_CARRIED_OUT, Fault
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ghostsync.errors import GhostError, UpdateCollision
from ghostsync.ghost.gateway import GhostSite
from ghostsync.local.config import Config
from ghostsync.local.tree import ContentTree
from ghostsync.model import Kind, Post, PostId
from ghostsync.ports import Stored

MACHINES = st.integers(0, 2)
NUMBERS = st.integers(1, 12)
CHOICES = st.integers(0, 11)
EDITS = st.sampled_from(
    [
        *("type", "reword", "title", "excerpt", "meta", "tags", "publish", "unpublish", "schedule", "duplicate"),
        *("restore", "delete", "bulk delete", "bulk unpublish", "bulk tag", "rename tag", "delete tag"),
    ]
)
UNSEEN = frozenset({"meta", "tags", "bulk unpublish", "bulk tag", "delete tag", "bulk delete", "delete"})
"""Edits that move no `updated_at`: in the moment between the last look and the write that follows at once, Ghost would
not tell of them, and nothing can be done about it."""
WRITES = st.sampled_from(["append", "reword", "title", "excerpt", "tags", "status", "remove"])


class Histories(RuleBasedStateMachine):
    """The rules. `site_of` makes ghostsync's view of Ghost: the control tests hand in a defective one."""

    site_of: ClassVar[Callable[..., GhostSite]] = GhostSite

    def __init__(self) -> None:
        super().__init__()
        self.ground = Ground(site_of=type(self).site_of)
        self.has_lost_a_create = False

    def teardown(self) -> None:
        self.ground.close()

    def machine(self, number: int) -> Machine:
        return self.ground.machines[number]

    @initialize()
    def begin(self) -> None:
        """Three documents are everywhere."""
        ground, first = self.ground, self.machine(0)
        for at, name in enumerate(("ant", "bee", "elk")):
            ground.write(first, name, "new", at)
        ground.push(first)
        for other in ground.machines[1:]:
            ground.share(first, other)
            ground.push(other)
        self.later(600)

    # ------------------------------------------------------------------ people

    @rule(seconds=st.sampled_from([0, 1, 3, 60, 86_400]))
    def later(self, seconds: int) -> None:
        self.ground.fake.clock.advance(seconds)  # type: ignore[attr-defined]

    @rule(which=CHOICES, what=EDITS, when=CHOICES)
    def edits(self, which: int, what: str, when: int) -> None:
        self.ground.edit(which, what, when)

    @rule(number=MACHINES, name=st.sampled_from(NAMES), what=WRITES, choice=CHOICES)
    def writes(self, number: int, name: str, what: str, choice: int) -> None:
        self.ground.write(self.machine(number), name, what, choice)

    @rule(giver=MACHINES, taker=MACHINES)
    def shares(self, giver: int, taker: int) -> None:
        if giver != taker:
            self.ground.share(self.machine(giver), self.machine(taker))

    # ------------------------------------------------------------------ in peace

    @rule(number=MACHINES, prefer=st.sampled_from(["neither", "neither", "neither", "local", "remote"]),
          prune=st.sampled_from(["report", "report", "draft", "delete"]))  # fmt: skip
    def pushes(self, number: int, prefer: str, prune: str) -> None:
        self.ground.push(self.machine(number), prefer=prefer, prune=prune)

    @rule(number=MACHINES, prefer=st.sampled_from(["neither", "neither", "local", "remote"]),
          prune=st.sampled_from(["report", "delete"]))  # fmt: skip
    def pulls(self, number: int, prefer: str, prune: str) -> None:
        machine = self.machine(number)
        self.ground.pull(machine, prefer=prefer, prune=prune)
        self.ground.resolve(machine)

    @rule(number=MACHINES, name=st.sampled_from(NAMES), choice=CHOICES, when=CHOICES)
    def an_edit_that_moves_no_date_meets_a_writer(self, number: int, name: str, choice: int, when: int) -> None:
        """A machine that knows the post well pushes other tags, and meanwhile an editor has set hers."""
        ground, machine = self.ground, self.machine(number)
        ground.push(machine)
        slugs = [ground.fake.state.posts[id_]["slug"] for id_ in ground.tame()]
        if name in slugs:
            ground.edit(slugs.index(name), "tags", when)
            ground.write(machine, name, "tags", choice)
            ground.push(machine)

    @rule(number=MACHINES, name=st.sampled_from(NAMES), choice=CHOICES)
    def an_editor_saves_right_before_the_write(self, number: int, name: str, choice: int) -> None:
        """A machine that is up to date pushes one document, and its post is typed in before the write arrives."""
        ground, machine = self.ground, self.machine(number)
        ground.push(machine)
        slugs = [ground.fake.state.posts[id_]["slug"] for id_ in ground.tame()]
        if name not in slugs:
            return
        ground.write(machine, name, "reword", choice)
        with ground.watched(machine, prefer="neither", prune="report") as watched:

            def meanwhile() -> None:
                ground.edit(slugs.index(name), "type", choice)
                self._look_again(watched)

            self._push_and_meanwhile(machine, 1, meanwhile, at_write=True)

    # ------------------------------------------------------------------ in trouble

    @rule(number=MACHINES, name=st.sampled_from(NAMES), what=WRITES, choice=CHOICES, at=NUMBERS,
          fault=st.sampled_from(Fault), prune=st.sampled_from(["report", "delete"]))  # fmt: skip
    def pushes_with_a_fault(
        self, number: int, name: str, what: str, choice: int, at: int, fault: Fault, prune: str
    ) -> None:
        """Something is written, and one exchange of the push goes wrong: any, or one of those that write."""
        self.ground.write(self.machine(number), name, what, choice)
        self._order(at, fault, writes=choice % 3 > 0)
        self.ground.push(self.machine(number), prune=prune, hurts=True)
        self.ground.fake.clear_faults()

    @rule(number=MACHINES, choice=CHOICES, fault=st.sampled_from(sorted(IS_CARRIED_OUT)))
    def the_answer_to_a_create_is_lost(self, number: int, choice: int, fault: Fault) -> None:
        """A document of a name that nobody ever used is pushed, and whether its post was made is never heard.

        Once in a history: each one more document makes all that follows slower, and finds no more.
        """
        if self.has_lost_a_create:
            return
        self.has_lost_a_create = True
        ground, machine = self.ground, self.machine(number)
        ground.write(machine, ground.word(), "new", choice)
        self._strike(fault, lambda request: request.method == "POST" and request.path.endswith("/posts/"))
        ground.push(machine, hurts=True)
        ground.fake.clear_faults()

    @rule(number=MACHINES, at=NUMBERS, fault=st.sampled_from(Fault))
    def pulls_with_a_fault(self, number: int, at: int, fault: Fault) -> None:
        self._order(at, fault)
        self.ground.pull(self.machine(number), hurts=True)
        self.ground.fake.clear_faults()

    def _order(self, at: int, fault: Fault, *, writes: bool = False) -> None:
        self._strike(fault, nth(len(self.ground.fake.log), (at + 2) // 3 if writes else at, writes=writes))

    def _strike(self, fault: Fault, matches: Callable[[Request], bool]) -> None:
        fake = self.ground.fake
        if fault in ANSWERS:
            fake.fail(ANSWERS[fault](), when=matches, committed=fault in IS_CARRIED_OUT)
        elif fault is Fault.BEFORE:
            from fakeghost import cut

            fake.fail(cut(Moment.BEFORE), when=matches)
        else:
            moment = {Fault.MIDWAY: Moment.MIDWAY, Fault.STALL: Moment.STALLED}.get(fault, Moment.AFTER)
            fake.drop_answer(when=matches, moment=moment)

    @rule(number=MACHINES, name=st.sampled_from(NAMES), what=WRITES, choice=CHOICES, at=st.integers(1, 4),
          carried_out=st.booleans(), prune=st.sampled_from(["report", "delete"]))  # fmt: skip
    def a_push_dies(
        self, number: int, name: str, what: str, choice: int, at: int, *, carried_out: bool, prune: str
    ) -> None:
        fake = self.ground.fake
        self.ground.write(self.machine(number), name, what, choice)
        fake.fail(Killed(), when=nth(len(fake.log), at, writes=True), committed=carried_out)
        self.ground.push(self.machine(number), prune=prune, hurts=True)
        fake.clear_faults()

    @rule(number=MACHINES, at=st.integers(1, 4), has_written=st.booleans())
    def a_pull_dies(self, number: int, at: int, *, has_written: bool) -> None:
        machine = self.machine(number)

        def fragile(config: Config, **rest: Any) -> ContentTree:
            made = FragileTree(config, **rest)
            made.dies_at, made.has_written = at, has_written
            return made

        machine.clone.tree_of = fragile
        self.ground.pull(machine, hurts=True)
        machine.clone.tree_of = ContentTree
        self.ground.resolve(machine)

    @rule(number=MACHINES, at=NUMBERS, name=st.sampled_from(NAMES), written=WRITES, what=EDITS, when=CHOICES)
    def an_edit_meets_a_push(self, number: int, at: int, name: str, written: str, what: str, when: int) -> None:
        """A document is written, and while it is pushed, an editor saves its post.

        She comes in before the n-th exchange, or right before the n-th that changes a post.
        """
        ground, machine = self.ground, self.machine(number)
        ground.write(machine, name, written, when)
        slugs = [ground.fake.state.posts[id_]["slug"] for id_ in ground.tame()]
        which = slugs.index(name) if name in slugs else at
        with ground.watched(machine, prefer="neither", prune="report") as watched:

            def meanwhile() -> None:
                ground.edit(which, what, when)
                self._look_again(watched)

            self._push_and_meanwhile(
                machine, (at + 5) // 6 if when % 2 else at, meanwhile, spares=what in UNSEEN, at_write=bool(when % 2)
            )

    @rule(number=MACHINES, other=MACHINES, at=NUMBERS)
    def two_pushes_meet(self, number: int, other: int, at: int) -> None:
        """In the middle of a push, another clone pushes from beginning to end."""
        ground, machine, second = self.ground, self.machine(number), self.machine(other)
        if number == other:
            return

        with ground.watched(machine, prefer="neither", prune="report") as watched:

            def meanwhile() -> None:
                before = set(ground.tame())
                with ground.watched(second, prefer="neither", prune="report"):
                    second.fresh().push()
                self._look_again(watched)
                watched.ids |= set(ground.tame()) - before  # these are the second one's, and were checked as such

            self._push_and_meanwhile(machine, at, meanwhile)

    def _push_and_meanwhile(
        self,
        machine: Machine,
        at: int,
        meanwhile: Callable[[], None],
        *,
        spares: bool = False,
        at_write: bool = False,
    ) -> None:
        """Let something happen right before the n-th exchange; `spares`: not between a last look and its write."""
        count = itertools.count(1)

        def come_in(method: str, _number: int) -> None:
            is_write = method in {"PUT", "DELETE"}
            if (is_write or not at_write) and next(count) == at and not (spares and is_write):
                meanwhile()

        self.ground.fake.let_in(come_in)
        try:
            machine.fresh().push()
        finally:
            self.ground.fake.clear_faults()

    def _look_again(self, watched: Any) -> None:
        """What the editor has done just now counts, too; what she deleted is no longer there to be kept."""
        ground = self.ground
        watched.wild = {id_: ground.whole(id_) for id_ in ground.wild if id_ in ground.fake.state.posts}
        watched.hers.clear()
        for id_ in ground.tame():
            watched.remember(id_)


LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
STEPS = 50
HISTORIES = settings(
    max_examples=400 if LONG else 40,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(0 if LONG else 300)
def test_the_laws_hold_in_every_history() -> None:
    """Two thousand steps (ten times as many in the long run)."""
    run_state_machine_as_test(Histories, settings=HISTORIES)


# ---------------------------------------------------------------------------------------------- controls


class SendsTwice(GhostSite):
    """A create without an answer is sent once more."""

    def create_post(self, kind: Kind, fields: Any, lexical: Any) -> Stored:
        try:
            return super().create_post(kind, fields, lexical)
        except GhostError as error:
            if error.may_have_happened:
                return super().create_post(kind, fields, lexical)
            raise


class Insists(GhostSite):
    """After a collision the post is read again, only for its date, and overwritten."""

    def update_post(self, kind: Kind, id: PostId, fields: Any, lexical: Any, *, expected: str, **rest: Any) -> Stored:
        try:
            return super().update_post(kind, id, fields, lexical, expected=expected, **rest)
        except UpdateCollision:
            now = self.post(kind, id).updated_at
            return super().update_post(kind, id, fields, lexical, expected=now, **rest)


class TrustsItsMemory(GhostSite):
    """A post whose `updated_at` has not moved is taken from memory."""

    def _post(self, row: Any, kind: Kind) -> Post:
        known: dict[tuple[int, str, str], Post] = _MEMORY
        key = (id(self.api), row["id"], row["updated_at"])
        return known.setdefault(key, super()._post(row, kind))


_MEMORY: dict[tuple[int, str, str], Post] = {}


@pytest.mark.timeout(0 if LONG else 300)
@pytest.mark.parametrize("defect", [SendsTwice, Insists, TrustsItsMemory])
def test_a_defect_is_found(defect: type[GhostSite]) -> None:
    """Within the same number of steps one of the laws is seen broken."""
    _MEMORY.clear()
    seeded = type("Defective", (Histories,), {"site_of": defect})
    with pytest.raises(LawBroken):
        run_state_machine_as_test(seeded, settings=settings(HISTORIES, phases=[Phase.generate]))
