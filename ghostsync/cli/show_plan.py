"""A plan in the terminal, to be read like a review, and a report of what became of it.

What asks for a decision stands last, next to the prompt: changes, then notes, problems, conflicts, and the counts. A
section with hundreds of entries is shortened on a terminal, but never one that takes something away, and never in a
pipe. Nothing is told by colour alone: signs, words and the marks `[-old-]{+new+}` say the same.

Texts come from documents and from Ghost's editors, so control characters are shown and never sent to the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from rich.text import Text

from ghostsync.cli.console import Verbosity
from ghostsync.cli.page import AMBER, BLUE, GREEN, PURPLE, QUIET, RED, Page
from ghostsync.core.changes import UploadFile
from ghostsync.core.counted import counted, spoken_edit, spoken_size, spoken_value
from ghostsync.core.habits import habits_once
from ghostsync.core.headline import conflicts_are, headline, opening
from ghostsync.core.review import (
    IS_PUBLISHED,
    REMOVING,
    SIGNS,
    BodyDelta,
    Entry,
    FieldDelta,
    Section,
    publishes,
    review,
    told_conflicts,
)
from ghostsync.core.word_diff import Piece, Was, diff_hunks, diff_words

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.core.conflicts import Conflict, Disagreement, Note
    from ghostsync.core.plan import Plan
    from ghostsync.errors import Problem
    from ghostsync.model import FieldValue

_Item = TypeVar("_Item")

_COLOR_OF = {
    "create": GREEN,
    "tag_create": GREEN,
    "upload": GREEN,
    "update": BLUE,
    "tag_update": BLUE,
    "write": BLUE,
    "adopt": BLUE,
    "forget": BLUE,
    "unpublish": RED,
    "delete": RED,
    "remove": RED,
}
_STYLE_OF = {Was.KEPT: "", Was.REMOVED: f"strike {RED}", Was.ADDED: f"underline {GREEN}"}

# A terminal shows this many entries of one section, and this many lines of one body, unless asked with --verbose.
_MOST_ENTRIES = 40
_MOST_LINES = 24
# A value longer than this is compared word by word on a line of its own.
_SHORT = 40
# On a terminal, more new things than this have one line each: their texts are new too, and stand in their files.
_MOST_NEW = 6
_NEW = frozenset({"create", "tag_create", "upload"})


def show_plan(console: Console, plan: Plan) -> None:
    """Show what a plan does, and what it cannot do, on stdout."""
    page = Page(console)
    page.line(Text(opening(plan), style="bold"))
    for section in review(plan):
        page.gap()
        _show_section(page, section)
    if plan.notes:
        notes = plan.notes if console.verbosity >= Verbosity.VERBOSE else habits_once(plan.notes)
        page.gap()
        page.line(Text(f"notes ({len(plan.notes):,})", style=f"bold {PURPLE}"))
        for note in _first(page, notes, "notes"):
            _show_note(page, note)
    _show_trouble(page, plan)
    page.gap()
    page.line(Text(headline(plan), style="bold"))
    public = publishes(plan)
    if public > 1:  # a single one has just been read of
        page.line(Text(f"publishes {counted(public, 'post')}: readers see them at once", style=AMBER))
    if plan.emails:
        members = [change.email.members for change in plan.emails if change.email]
        known = [each for each in members if each is not None]
        reach = f" to {counted(sum(known), 'member')}" if known and len(known) == len(members) else ""
        page.line(Text(f"sends {counted(len(plan.emails), 'email')}{reach}", style=f"bold {AMBER}"))


def show_trouble(console: Console, plan: Plan) -> None:
    """Show only what went wrong, for a person who asked for quiet."""
    _show_trouble(Page(console), plan)


def _show_trouble(page: Page, plan: Plan) -> None:
    _show_problems(page, plan.problems)
    if plan.conflicts:
        page.gap()
        page.line(Text(f"conflicts ({len(plan.conflicts):,}): {conflicts_are(plan)}", style=f"bold {RED}"))
        for index, conflict in enumerate(told_conflicts(plan)):
            if index and page.console.wraps:
                page.gap()
            _show_conflict(page, conflict)


def _show_section(page: Page, section: Section) -> None:
    color = _COLOR_OF[section.verb]
    size = sum(entry.change.asset.size for entry in section.entries if isinstance(entry.change, UploadFile))
    told = f"{section.title} ({len(section.entries):,}{f', {spoken_size(size)}' if size else ''})"
    page.line(Text(told, style=f"bold {color}"))
    shortened = section.entries if section.verb in REMOVING else _first(page, section.entries, "changes")
    in_brief = page.is_shortened and section.verb in _NEW and len(section.entries) > _MOST_NEW
    for index, entry in enumerate(shortened):
        if in_brief:
            _show_brief(page, entry, color)
        else:
            if index and page.console.wraps and (entry.body or entry.fields):
                page.gap()
            _show_entry(page, entry, color)


def _show_brief(page: Page, entry: Entry, color: str) -> None:
    """One line for something new; what reaches people still has a line of its own, publishing is counted below."""
    first = _heading(entry, color)
    words = len(entry.body.after.split()) if entry.body else 0
    parts = [counted(words, "word")] if words else []
    pictures = sum(detail.startswith("picture ") for detail in entry.details)
    parts += [counted(pictures, "new picture")] if pictures else []
    more = f"  {', '.join(parts)}" if parts else ""
    if first.cell_len + len(more) + 2 <= page.console.out.width:
        first.append(more, QUIET)
    page.line(first, 2)
    for loud in entry.loud:
        if loud != IS_PUBLISHED:
            page.line(Text(f"! {loud}", style=f"bold {AMBER}"), 6)


def _heading(entry: Entry, color: str) -> Text:
    first = Text.assemble((f"{SIGNS[entry.verb]} ", f"bold {color}"), (entry.subject, color))
    if entry.title:
        first.append(f"  “{entry.title}”")
    if entry.about:
        first.append(f"  ({entry.about})", QUIET)
    return first


def _show_entry(page: Page, entry: Entry, color: str) -> None:
    page.line(_heading(entry, color), 2)
    for loud in entry.loud:
        page.line(Text(f"! {loud}", style=f"bold {AMBER}"), 6)
    for delta in entry.fields:
        _show_field(page, delta)
    if entry.body:
        _show_body(page, entry.body, is_whole_file=entry.verb == "write")
    for detail in entry.details:
        page.line(Text(detail, QUIET), 6)


def _show_field(page: Page, delta: FieldDelta) -> None:
    text = Text(f"{delta.name}: ")
    if delta.is_new:
        text.append(spoken_value(delta.after), GREEN)
    else:
        text.append(_between(page, delta.before, delta.after))
    page.line(text, 6)


def _between(page: Page, before: FieldValue, after: FieldValue) -> Text:
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _SHORT:
        return _marked(page, diff_words(before, after))
    if isinstance(before, tuple) and isinstance(after, tuple) and before and after and page.has_color:
        return _marked_list(before, after)
    return Text.assemble((spoken_value(before), RED), " → ", (spoken_value(after), GREEN))


def _marked_list(before: tuple[str, ...], after: tuple[str, ...]) -> Text:
    """Return one list in which what came and went is marked; where the order alone differs, both lists."""
    gone = [each for each in before if each not in after]
    if not gone and not set(after) - set(before):
        return Text.assemble((spoken_value(before), RED), " → ", (spoken_value(after), GREEN))
    shown = [Text(each, _STYLE_OF[Was.KEPT if each in before else Was.ADDED]) for each in after]
    return Text(", ").join([*(Text(each, _STYLE_OF[Was.REMOVED]) for each in gone), *shown])


def _show_body(page: Page, body: BodyDelta, *, is_whole_file: bool) -> None:
    name = "text" if is_whole_file else "body"
    if not body.before:
        words, lines = len(body.after.split()), len(body.after.splitlines())
        told = f"{counted(words, 'word')} in {counted(lines, 'line')}" if words else "empty"
        page.line(Text(f"{name}: {told}"), 6)
        if page.console.verbosity >= Verbosity.VERBOSE:
            page.block(Text(body.after.rstrip("\n"), style=GREEN), 8)
        return
    page.line(Text(f"{name}:"), 6)
    _show_hunks(page, body.before, body.after, body.line)


def _show_hunks(page: Page, before: str, after: str, first: int, indent: int = 8) -> None:
    hunks = diff_hunks(before, after, first=first)
    if not hunks:
        page.line(Text("(the same text; only its form in Ghost differs)"), indent)
    shown = 0
    for index, hunk in enumerate(hunks):
        text = _marked(page, hunk.pieces)
        text.rstrip()
        blank = len(text.plain) - len(text.plain.lstrip("\n"))
        text = text[blank:]
        lines = text.plain.count("\n") + 1
        if page.is_shortened and index and shown + lines > _MOST_LINES:
            left = counted(len(hunks) - index, "more passage")
            page.line(Text(f"… {left}; `-v` shows them"), indent)
            return
        shown += lines
        page.line(Text(f"line {hunk.line + blank}", style=f"italic {QUIET}"), 6 if page.console.wraps else indent)
        page.block(text, indent)


def _marked(page: Page, pieces: tuple[Piece, ...]) -> Text:
    text = Text()
    for piece in pieces:
        for line in piece.text.splitlines(keepends=True):
            bare = line.rstrip("\r\n")
            if bare and not page.has_color:
                bare = {Was.KEPT: bare, Was.REMOVED: f"[-{bare}-]", Was.ADDED: f"{{+{bare}+}}"}[piece.was]
            text.append(bare, _STYLE_OF[piece.was])
            text.append("\n" if line != line.rstrip("\r\n") else "")
    return text


# ---------------------------------------------------------------------------------------------- what needs a person


def _show_conflict(page: Page, conflict: Conflict) -> None:
    first = Text.assemble(("! ", f"bold {RED}"), (conflict.path, RED))
    if conflict.title:
        first.append(f"  “{conflict.title}”")
    page.line(first, 2)
    page.line(Text(conflict.message), 6)
    if conflict.edit and conflict.edit.at[:10] not in conflict.message:
        page.line(Text(f"last in Ghost: {spoken_edit(conflict.edit)}"), 6)
    for each in conflict.fields:
        _show_disagreement(page, each)
    if conflict.body_local is not None or conflict.body_remote is not None:
        _show_bodies(page, conflict)
    _hint(page, conflict.hint, 6)


def _show_disagreement(page: Page, field: Disagreement) -> None:
    page.line(Text(f"{field.name}:"), 6)
    if field.base is not None:
        page.line(Text.assemble("base   ", spoken_value(field.base)), 8)
    page.line(Text.assemble("here   ", (spoken_value(field.local), GREEN)), 8)
    page.line(Text.assemble("Ghost  ", (spoken_value(field.remote), PURPLE)), 8)


def _show_bodies(page: Page, conflict: Conflict) -> None:
    base, here, there = conflict.body_base, conflict.body_local or "", conflict.body_remote or ""
    if base is None:
        page.line(Text("body, from Ghost's to the one here:"), 6)
        _show_hunks(page, there, here, conflict.body_line)
        return
    page.line(Text("body, what changed here:"), 6)
    _show_hunks(page, base, here, conflict.body_line)
    page.line(Text("body, what changed in Ghost:"), 6)
    _show_hunks(page, base, there, conflict.body_line)


def _show_problems(page: Page, problems: tuple[Problem, ...]) -> None:
    if not problems:
        return
    page.gap()
    page.line(Text(f"problems ({len(problems):,}): these documents are left alone", style=f"bold {RED}"))
    for problem in problems:
        where = str(problem)[: -len(problem.message)]
        page.line(Text.assemble((where, RED), problem.message), 2)
        _hint(page, problem.hint, 6)


def _show_note(page: Page, note: Note) -> None:
    where = note.path if note.line is None else f"{note.path}:{note.line}"
    page.line(Text.assemble(("· ", f"bold {PURPLE}"), (f"{where}: " if where else "", PURPLE), note.message), 2)
    if note.edit and note.edit.at[:10] not in note.message:
        page.line(Text(f"last in Ghost: {spoken_edit(note.edit)}"), 6)
    _hint(page, note.hint, 6)


def _hint(page: Page, hint: str | None, indent: int) -> None:
    if hint:
        page.line(Text.assemble(("hint: ", "bold"), hint), indent)


def _first(page: Page, items: tuple[_Item, ...], what: str) -> Iterator[_Item]:
    shown = items[:_MOST_ENTRIES] if page.is_shortened and len(items) > _MOST_ENTRIES + 5 else items
    yield from shown
    if len(shown) < len(items):
        more = f"… and {len(items) - len(shown):,} more {what}; `-v` or `| less` shows all, "
        page.line(Text(more + "`ghostsync plan --format html > plan.html` makes a page of them"), 2)
