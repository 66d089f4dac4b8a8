"""What became of a plan, on stdout: what was done with the addresses to look at, what failed with the way out, counts.

Failures stand last, next to the prompt, in full and however many there are; a long list of successes is counted on a
terminal, and complete in a pipe or with `--verbose`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from ghostsync.cli.page import AMBER, GREEN, RED, Page
from ghostsync.core.counted import counted, listed
from ghostsync.core.headline import spoken_subject
from ghostsync.core.outcome import Status
from ghostsync.core.verbs import subject, verb
from ghostsync.model import is_preview

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.core.outcome import Outcome, Report

DONE = {
    "tag_create": "tag created",
    "tag_update": "tag updated",
    "upload": "uploaded",
    "create": "created",
    "update": "updated",
    "adopt": "adopted",
    "unpublish": "unpublished",
    "delete": "deleted",
    "write": "written",
    "remove": "removed",
    "forget": "forgotten",
}
# What a change is about, in the counts.
_NOUN = {"tag_create": "tag", "tag_update": "tag", "upload": "file", "write": "file", "remove": "file"}
_WITH_ADDRESS = frozenset({"create", "update"})
# A terminal lists this many successes; more are only counted.
_MOST = 40


def show_report(console: Console, report: Report) -> None:
    """Show what became of each change."""
    page = Page(console)
    if console.wraps and report.outcomes:
        page.gap()
    if not console.is_quiet:
        shown = report.applied
        if page.is_shortened and len(shown) > _MOST:
            # Posts are what one wants to look at; the rest is counted.
            shown = tuple(each for each in shown if (each.url and verb(each.change) in _WITH_ADDRESS) or each.warning)
        for outcome in shown if not page.is_shortened or len(shown) <= _MOST else [o for o in shown if o.warning]:
            _show_applied(page, outcome)
    skipped = [each for each in report.outcomes if each.status is Status.SKIPPED]
    for outcome in skipped:
        if outcome.error is not None or not report.is_interrupted:
            _show_trouble(page, outcome, "skipped", AMBER)
    for outcome in report.failed:
        _show_trouble(page, outcome, "failed", RED)
    if not console.is_quiet or len(report.applied) < len(report.outcomes):
        page.line(Text(tally(report), style="bold"))
    if report.is_interrupted:
        page.line(Text("interrupted: the write under way was finished and checked; the same command goes on from here"))


def tally(report: Report) -> str:
    """Return one line of counts: `2 posts created, 1 file uploaded; 1 failed`."""
    done = Counter(verb(each.change) for each in report.applied)
    parts = [
        f"{counted(number, _NOUN.get(name, 'post'))} {DONE[name].removeprefix('tag ')}" for name, number in done.items()
    ]
    bad = Counter(each.status for each in report.outcomes if each.status is not Status.APPLIED)
    trouble = [f"{bad[status]:,} {status.value}" for status in (Status.SKIPPED, Status.FAILED) if bad[status]]
    if report.plan.conflicts:
        trouble.append(counted(len(report.plan.conflicts), "conflict"))
    if report.plan.problems:
        trouble.append(counted(len(report.plan.problems), "problem"))
    return "; ".join(each for each in (listed(parts) or "nothing done", listed(trouble)) if each)


def _show_applied(page: Page, outcome: Outcome) -> None:
    text = Text.assemble(("✓ ", f"bold {GREEN}"), f"{DONE[verb(outcome.change)]} {spoken_subject(outcome.change)}")
    if outcome.url:
        text.append(" → preview " if is_preview(outcome.url) else " → ")
        text.append(outcome.url, f"link {outcome.url}" if outcome.url.startswith(("http://", "https://")) else "")
    page.line(text)
    if outcome.warning:
        page.line(Text.assemble(("warning: ", f"bold {AMBER}"), page.console.clean(outcome.warning)), 2)


def _show_trouble(page: Page, outcome: Outcome, word: str, color: str) -> None:
    what = f"{verb(outcome.change).replace('_', ' ')} {spoken_subject(outcome.change)}"
    said = outcome.error.message.removeprefix(f"{subject(outcome.change)}: ") if outcome.error else "not tried"
    page.line(Text.assemble(("✗ ", f"bold {color}"), (f"{word}: ", color), f"{what}: {page.console.clean(said)}"))
    if outcome.error and outcome.error.hint:
        page.line(Text.assemble(("hint: ", "bold"), page.console.clean(page.console.addressed(outcome.error.hint))), 4)
