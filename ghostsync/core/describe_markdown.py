"""A plan as Markdown, for a comment on a pull request or the summary of a CI job.

GitHub cuts comments at 65,536 characters, so long plans are shortened from the least to the most important: bodies
first, then entries, never conflicts, problems, deletes or the counts. Everything that comes from a document or from
Ghost is quoted as code or escaped: a title must not become a heading, an image that reports its readers, or a mention
that calls somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ghostsync.core.conflicts import Conflict, Note
from ghostsync.core.counted import spoken_edit, spoken_value
from ghostsync.core.habits import habits_once
from ghostsync.core.headline import conflicts_are, headline, opening
from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import Plan
from ghostsync.core.review import REMOVING, BodyDelta, Entry, Section, review, told_conflicts
from ghostsync.core.verbs import subject, verb
from ghostsync.core.word_diff import diff_hunks, spell_plain

# GitHub's limit for a comment is 65,536 characters; some room is left for what a workflow puts around it.
MOST_CHARACTERS = 60_000

_ESCAPED = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_MENTION = re.compile(r"(?<![\w`])@(?=\w)")
_AUTOLINK = re.compile(r"(?i)\b(https?)://")


def plan_to_markdown(plan: Plan, report: Report | None = None, *, most: int = MOST_CHARACTERS) -> str:
    """Return the plan, and what became of it, in at most about `most` characters."""
    for detail in ("bodies", "fields", "names", "counts"):
        text = "\n".join(_page(plan, report, detail)) + "\n"
        if len(text) <= most:
            return text
    cut = text[:most].rpartition("\n")[0]
    cut += "\n\n</details>" * (cut.count("<details>") - cut.count("</details>"))
    return f"{cut}\n\n… shortened; `ghostsync plan` shows everything\n"


def _page(plan: Plan, report: Report | None, detail: str) -> Iterator[str]:
    yield f"### ghostsync: {headline(plan)}"
    yield ""
    yield f"{opening(plan)}, plan `{plan.digest[:12]}`"
    if report is not None:
        yield from _outcomes(report)
    yield from _conflicts(told_conflicts(plan), conflicts_are(plan))
    if plan.problems:
        yield from ("", f"#### Problems ({len(plan.problems):,})", "")
        for problem in plan.problems:
            hint = f" Hint: {_prose(problem.hint)}" if problem.hint else ""
            where = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
            yield f"- {_code(where)}: {_prose(problem.message)}{hint}"
    for section in sorted(review(plan), key=lambda each: each.verb not in REMOVING):
        yield from _section(section, detail)
    if plan.notes:
        notes = habits_once(plan.notes)
        yield from ("", f"<details><summary>Notes ({len(plan.notes):,})</summary>", "")
        if detail != "counts":
            yield from (_note(note) for note in notes)
        yield from ("", "</details>")


def _section(section: Section, detail: str) -> Iterator[str]:
    yield from ("", f"#### {section.title.capitalize()} ({len(section.entries):,})", "")
    if detail == "counts" and section.verb not in REMOVING:
        return
    for entry in section.entries:
        title = f" “{_plain(entry.title)}”" if entry.title else ""
        about = f" ({_plain(entry.about)})" if entry.about else ""
        yield f"- {_code(entry.subject)}{title}{about}"
        yield from (f"  - **{_plain(loud)}**" for loud in entry.loud)
        if detail in {"bodies", "fields"}:
            yield from _facts(entry)
        if detail == "bodies" and entry.body and entry.body.before:
            yield from _body(entry.body)


def _facts(entry: Entry) -> Iterator[str]:
    for delta in entry.fields:
        before = "" if delta.is_new else f"{_code(spoken_value(delta.before))} → "
        yield f"  - {delta.name}: {before}{_code(spoken_value(delta.after))}"
    yield from (f"  - {_code(detail)}" for detail in entry.details)


def _body(body: BodyDelta) -> Iterator[str]:
    hunks = diff_hunks(body.before, body.after, first=body.line)
    text = "\n".join(f"@@ line {hunk.line} @@\n{spell_plain(hunk.pieces).rstrip()}" for hunk in hunks)
    if text:
        yield from ("", "  <details><summary>body</summary>", "")
        yield from _fenced(text, "  ")
        yield from ("", "  </details>", "")


def _conflicts(conflicts: tuple[Conflict, ...], are: str) -> Iterator[str]:
    if not conflicts:
        return
    yield from ("", f"#### Conflicts ({len(conflicts):,}): {are}", "")
    for conflict in conflicts:
        title = f" “{_plain(conflict.title)}”" if conflict.title else ""
        yield f"- {_code(conflict.path)}{title}: {_prose(conflict.message)}"
        if conflict.edit:
            yield f"  - last in Ghost: {_plain(spoken_edit(conflict.edit))}"
        for each in conflict.fields:
            base = "" if each.base is None else f"base {_code(spoken_value(each.base))}, "
            here, there = _code(spoken_value(each.local)), _code(spoken_value(each.remote))
            yield f"  - {each.name}: {base}here {here}, Ghost {there}"
        yield f"  - Hint: {_prose(conflict.hint)}"


def _note(note: Note) -> str:
    where = note.path if note.line is None else f"{note.path}:{note.line}"
    edit = f" (last in Ghost: {_plain(spoken_edit(note.edit))})" if note.edit else ""
    hint = f" Hint: {_prose(note.hint)}" if note.hint else ""
    return f"- {_code(where) + ': ' if where else ''}{_prose(note.message)}{edit}{hint}"


def _outcomes(report: Report) -> Iterator[str]:
    done, failed = len(report.applied), len(report.failed)
    skipped = len(report.outcomes) - done - failed
    counts = [
        f"{done:,} applied",
        *([f"{failed:,} failed"] if failed else []),
        *([f"{skipped:,} skipped"] if skipped else []),
    ]
    yield from ("", f"**{', '.join(counts)}{'; interrupted' if report.is_interrupted else ''}**", "")
    for outcome in report.failed:
        yield _trouble(outcome)
    links = [each for each in report.applied if each.url]
    if links:
        yield from ("", f"<details><summary>Links ({len(links):,})</summary>", "")
        yield from (f"- {_code(subject(each.change))}: <{_address(each.url or '')}>" for each in links)
        yield from ("", "</details>")


def _trouble(outcome: Outcome) -> str:
    said = outcome.error.message.removeprefix(f"{subject(outcome.change)}: ") if outcome.error else "not tried"
    hint = f" Hint: {_prose(outcome.error.hint)}" if outcome.error and outcome.error.hint else ""
    word = "failed" if outcome.status is Status.FAILED else "skipped"
    return f"- {word}: {verb(outcome.change).replace('_', ' ')} {_code(subject(outcome.change))}: {_prose(said)}{hint}"


# ---------------------------------------------------------------------------------------------- quoting


def _plain(text: str) -> str:
    """Return text that Markdown and GitHub take for nothing but text."""
    escaped = _ESCAPED.sub(r"\\\1", " ".join(text.split()))
    return _AUTOLINK.sub("\\1:\u200b//", _MENTION.sub("@\u200b", escaped))


def _prose(text: str) -> str:
    """Return a message of ours: its `code` stays code, the rest is escaped."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:
        return _plain(text)
    return "".join(_code(part) if index % 2 else _kept_blanks(part) for index, part in enumerate(parts))


def _kept_blanks(text: str) -> str:
    body = text.strip()
    if not body:
        return text
    start, end = text.index(body), text.index(body) + len(body)
    return text[:start] + _plain(body) + text[end:]


def _code(text: str) -> str:
    """Return a code span that holds exactly this text, in one line."""
    text = " ".join(text.split()) or " "
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _fenced(text: str, indent: str) -> Iterator[str]:
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    yield f"{indent}{fence}text"
    yield from (f"{indent}{line}" for line in text.splitlines())
    yield f"{indent}{fence}"


def _address(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
