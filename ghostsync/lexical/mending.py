"""Putting a patched text together so that the whole compiles to what it must.

Markdown is not context-free: two lists that come to touch are one list, what follows a fence that only the end of the
text closed is code, indented code after a list is part of it, and a block that goes away may take along a definition
that others use. So the parts are composed and compiled, and where the first node differs the surroundings are changed
in the cheapest way that gets further: lost definitions are written again, a fence is closed, a separator put between,
an edited block spelled more explicitly, and only in the end an unedited one. A change that does not get further is
taken back; that is what keeps the author's lines where some other change would have done.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ghostsync.lexical.footnotes import notes_by_name
from ghostsync.lexical.layout import Layout, compiled, document_keys, labels_in, spell_definitions

if TYPE_CHECKING:
    from ghostsync.lexical.blocks import Compiled
    from ghostsync.lexical.nodes import Node

#: Texts that are compiled at most before the whole document is decompiled; one takes as long as compiling the source.
_TRIALS: Final = 120
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n")
#: The label of a link definition that nothing refers to. It shows nothing and ends what stands before it: two lists
#: that touch stay two, and indented code after a list stays out of it, without a change in their own lines.
_SEPARATOR: Final = "//"


@dataclass(slots=True, kw_only=True)
class Region:
    """Neighbouring nodes of the edited document (`first` to `last`, end exclusive) and the ways to write them.

    `spellings` begins with the author's own; from `forced` on they give up lines that nobody edited, and `force`
    makes the last of them when it is asked for. `block` is the author's block in whose place the region stands, None
    where it is new or was moved there.
    """

    first: int
    last: int
    block: int | None
    spellings: list[str]
    forced: int
    force: Callable[[], str] | None = None
    choice: int = 0
    needs_separator: bool = False

    @property
    def text(self) -> str:
        return self.spellings[self.choice]

    def all_spellings(self) -> list[str]:
        """Every way to write the region."""
        if self.force is not None:
            self.spellings.append(self.force())
            self.force = None
        return self.spellings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the whole must compile to: the keys of its nodes and the notes of its footnotes by name."""

    keys: list[str]
    notes: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Step:
    """One change of one region: another spelling, or a separator before it. Cheap ones are tried first."""

    cost: int
    region: int
    choice: int | None

    def is_about(self, other: _Step) -> bool:
        return self.region == other.region and (self.choice is None) == (other.choice is None)


class Mender:
    """Composes regions into a text and mends it."""

    def __init__(self, layout: Layout, wanted: Wanted, spell: Callable[[int, int], str]) -> None:
        """`spell` gives the decompiler's text for a range of the edited document's nodes."""
        self._layout = layout
        self._wanted = wanted
        self._spell = spell
        self._lost = ""
        self._separator = ""
        self._trials = 0

    def mend(self, regions: list[Region]) -> str | None:
        """Return a text that compiles to what is wanted; None where none was found."""
        regions = list(regions)
        label = _SEPARATOR
        while any(f"[{label}]" in spelling for region in regions for spelling in region.spellings):
            label += "/"
        self._separator = f"[{label}]: #"
        place = self._try(regions)
        if place is not None and self._find_lost(regions):
            place = self._try(regions)
        while place is not None and self._trials < _TRIALS:
            further = self._step(regions, place)
            if further == place:
                if not self._merge(regions, place):
                    return None
                further = self._try(regions)
            place = further
        return self._compose(regions) if place is None else None

    # ------------------------------------------------------------------------------------------- comparing

    def _try(self, regions: Sequence[Region]) -> int | None:
        """The index of the first node that comes out wrong; None where all is right."""
        self._trials += 1
        found = compiled(self._compose(regions), self._layout.dialect)
        if found is None:
            return -1
        nodes = [block.node for block in found.blocks if block.node is not None]
        notes = _pop_notes(nodes, found)
        keys = document_keys(nodes, found.footnotes)
        wanted = self._wanted
        place = first_difference(keys, wanted.keys)
        if place is not None:
            return place
        # A note that nothing refers to any more stays a definition in the text, and is not shown.
        return None if notes is not None and notes.items() <= wanted.notes.items() else len(keys)

    def _find_lost(self, regions: Sequence[Region]) -> bool:
        """Write definitions again that stood in a block which went away, where some text still uses them."""
        found = compiled(self._compose(regions), self._layout.dialect)
        have = found.definitions if found else {}
        used = labels_in("\n\n".join(region.text for region in regions))
        lost = {label: target for label, target in self._layout.definitions.items() if have.get(label) != target}
        self._lost = spell_definitions({used[label]: target for label, target in lost.items() if label in used})
        return bool(self._lost)

    # --------------------------------------------------------------------------------------------- mending

    def _step(self, regions: list[Region], place: int) -> int | None:
        """Make the cheapest change around `place` that gets further; `place` where there is none."""
        here = _region_of(regions, place)
        steps = sorted(self._steps(regions, here), key=lambda step: step.cost)
        pairs = [(one, other) for one, other in itertools.combinations(steps, 2) if not one.is_about(other)]
        ways = sorted([*((step,) for step in steps), *pairs], key=lambda way: sum(step.cost for step in way))
        for way in ways[: _TRIALS // 3]:
            olds = [(regions[step.region].choice, regions[step.region].needs_separator) for step in way]
            for step in way:
                if step.choice is None:
                    regions[step.region].needs_separator = True
                else:
                    regions[step.region].choice = step.choice
            further = self._try(regions)
            if further is None or further > place:
                return further
            for step, (choice, needs_separator) in reversed(list(zip(way, olds, strict=True))):
                regions[step.region].choice, regions[step.region].needs_separator = choice, needs_separator
            if self._trials >= _TRIALS:
                break
        return place

    @staticmethod
    def _steps(regions: Sequence[Region], here: int) -> Iterator[_Step]:
        for number in (here, here + 1, here - 1):
            if not 0 <= number < len(regions):
                continue
            region = regions[number]
            distance = number != here
            if number > 0 and not region.needs_separator:
                yield _Step(1 + distance, number, None)
            for choice in range(region.choice + 1, len(region.all_spellings())):
                far = 20 if choice >= region.forced else 0
                yield _Step(2 + distance + far + choice - region.choice, number, choice)

    def _merge(self, regions: list[Region], place: int) -> bool:
        """Decompile the neighbours of `place` together; False where all is one already."""
        here = _region_of(regions, place)
        first, last = max(0, here - 1), min(len(regions) - 1, here + 1)
        if first >= last:
            return False
        nodes = regions[first].first, regions[last].last
        anchors = [region.block for region in regions[first : last + 1] if region.block is not None]
        whole = Region(
            first=nodes[0],
            last=nodes[1],
            block=anchors[0] if anchors else None,
            spellings=[self._spell(*nodes)],
            forced=1,
        )
        regions[first : last + 1] = [whole]
        return True

    # ------------------------------------------------------------------------------------------- composing

    def _compose(self, regions: Sequence[Region]) -> str:
        out: list[str] = []
        new: list[str] = []
        left = -1
        for region in regions:
            text = f"{self._separator}\n\n{region.text}" if region.needs_separator else region.text
            if region.block is None:
                new.append(text)
            else:
                gap = "".join(self._between(left, region.block, new))
                if region.needs_separator and gap.strip(" \t") == "\n":
                    gap = "\n\n"  # a definition cannot interrupt a paragraph
                out += [gap, text]
                new, left = [], region.block
        out += self._between(left, len(self._layout.blocks), new)
        text = "".join(out)
        return f"{text.rstrip(chr(10))}\n\n{self._lost}\n" if self._lost else text

    def _between(self, left: int, right: int, new: Sequence[str]) -> Iterator[str]:
        """The gap between two blocks, with new ones in it: they come first, definitions after them."""
        gap = self._layout.gap(left, right)
        if not new:
            yield gap
            return
        inserted = "\n\n".join(new)
        is_last = right == len(self._layout.blocks)
        if left < 0:
            leading = gap[: len(gap) - len(gap.lstrip("\n"))]
            gap = gap[len(leading) :]
            yield leading
        else:
            yield "\n\n"
        yield inserted
        if is_last:
            yield (gap if left >= 0 else f"\n\n{gap}" if gap else "\n")
        else:
            yield gap if _BLANK_LINE.match(gap) else f"\n\n{gap.lstrip(chr(10))}"


def _pop_notes(nodes: list[Node], found: Compiled) -> dict[str, str] | None:
    """Take the node that shows the notes off the end: the notes by name, None where they cannot be told apart."""
    if not found.footnotes:
        return {}
    return notes_by_name(nodes.pop(), found.footnotes)


def first_difference(left: Sequence[str], right: Sequence[str]) -> int | None:
    """The index of the first member that differs; None where both are the same."""
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return None if len(left) == len(right) else min(len(left), len(right))


def _region_of(regions: Sequence[Region], place: int) -> int:
    for number, region in enumerate(regions):
        if region.first <= place < region.last:
            return number
    return max(0, len(regions) - 1) if place >= 0 else 0
