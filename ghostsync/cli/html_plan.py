"""A plan as one self-contained page: rendered before and after, fields, text, pictures, a filter.

The page opens from a mail or a CI artefact, so it may fetch nothing, and what it shows was written by people who may
not be trusted with the reader's browser. Three fences, each enough alone: Markdown is rendered with raw HTML off and
checked link schemes, everything else is escaped, and a content security policy allows exactly one script (ours, by its
hash) and no picture but those in the page.

It shows posts in a neutral style, not the site's: a theme would have to be fetched, and a review is about the words.
Pictures that stand in the content folder are embedded, up to a budget; others are named with their address.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path

from ghostsync.cli.render_markdown import Renderer
from ghostsync.core.changes import CreatePost, UpdatePost, UploadFile, WriteFile
from ghostsync.core.conflicts import Conflict, Note
from ghostsync.core.counted import spoken_edit, spoken_value
from ghostsync.core.habits import habits_once
from ghostsync.core.headline import conflicts_are, headline, opening
from ghostsync.core.media_types import media_type_of
from ghostsync.core.plan import Plan
from ghostsync.core.review import (
    TITLES,
    UPLOADED,
    BodyDelta,
    Entry,
    FieldDelta,
    review,
    told_conflicts,
)
from ghostsync.core.word_diff import Piece, Was, diff_hunks, diff_words
from ghostsync.errors import Problem

# Bytes of pictures in one page, and of one picture: browsers and mail programs take pages of some 30 MB.
_BUDGET = 20_000_000
_MOST_OF_ONE = 4_000_000
# A field longer than this is compared word by word.
_SHORT = 40
# With more documents than this, texts are folded: a page of thirty open posts is no longer looked through.
_MOST_OPEN = 8
# From here on a browser lays out only what is on the screen.
_MANY = 200
# Applied first, looked at last: people review posts, and files and tags follow from those.
_LAST = ("tag_create", "tag_update", "upload")


def plan_to_html(plan: Plan, *, root: Path | None = None) -> str:
    """Return the page. `root` is the content folder, from which pictures are embedded; without it they are named."""
    script = files("ghostsync.cli").joinpath("plan_page.js").read_text("utf-8")
    style = files("ghostsync.cli").joinpath("plan_page.css").read_text("utf-8")
    hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(_Page(plan, root).parts())
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Plan: {escape(opening(plan))}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


class _Page:
    """The parts of one page; knows how much of the budget for pictures is left."""

    def __init__(self, plan: Plan, root: Path | None) -> None:
        self._plan = plan
        self._root = None if root is None else root.resolve()
        self._left = _BUDGET
        self._folds = sum(isinstance(each, CreatePost | UpdatePost | WriteFile) for each in plan.changes) > _MOST_OPEN
        self._renderer = Renderer(self.picture)

    def parts(self) -> Iterator[str]:
        plan = self._plan
        sections = sorted(review(plan), key=lambda each: each.verb in _LAST and 1 + _LAST.index(each.verb))
        yield '<a class="skip" href="#main">to the changes</a>'
        yield f"<header><h1>Plan: {escape(opening(plan))}</h1>"
        yield f'<p class="soft">plan <code>{plan.digest[:12]}</code>, read at {escape(spoken_value(plan.at))}</p>'
        yield '<ul class="counts">'
        bad = bool(plan.conflicts or plan.problems)
        for part in headline(plan).split(", "):
            marked = ' class="bad"' if bad and ("conflict" in part or "problem" in part) else ""
            yield f"<li{marked}>{escape(part)}</li>"
        yield "</ul></header>"
        count = sum(len(each.entries) for each in sections)
        count += len(plan.conflicts) + len(plan.problems) + len(plan.notes)
        if count:
            yield _filter(
                [*(["conflict"] if plan.conflicts else []), *(["problem"] if plan.problems else [])],
                [each.verb for each in sections],
                ["note"] if plan.notes else [],
            )
        yield f'<main id="main" tabindex="-1" class="{"many" if count > _MANY else "few"}">'
        if plan.conflicts:
            yield from _section(f"Conflicts: {conflicts_are(plan)}", (self._conflict(c) for c in told_conflicts(plan)))
        if plan.problems:
            yield from _section("Problems: these documents are left alone", (_problem(p) for p in plan.problems))
        for section in sections:
            title = f"{section.title.capitalize()} ({len(section.entries):,})"
            yield from _section(title, (self._entry(entry) for entry in section.entries), kind=section.verb)
        if not (sections or plan.conflicts or plan.problems):
            yield f"<p>Documents and Ghost agree{'' if plan.notes else ' in everything'}: nothing to do.</p>"
        if plan.notes:
            yield from _section("Notes", (_note(note) for note in habits_once(plan.notes)))
        yield "</main>"

    # ------------------------------------------------------------------ entries

    def _entry(self, entry: Entry) -> str:
        inner = [f'<p class="loud">{escape(each)}</p>' for each in entry.loud]
        inner += _fields(entry.fields)
        inner += self._field_pictures(entry.fields)
        if entry.details:
            inner.append(f'<ul class="details">{"".join(f"<li>{escape(each)}</li>" for each in entry.details)}</ul>')
        if isinstance(entry.change, UploadFile):
            shown = self.picture(entry.subject)
            if shown and entry.change.asset.mime.startswith("image/"):
                inner.append(f'<img class="thumb" alt="the picture {escape(entry.subject)}" src="{shown}">')
        if entry.body:
            inner += self._body(entry.body, entry.subject)
        return _article(entry.verb, entry.subject, entry.title, entry.about, "".join(inner))

    def _field_pictures(self, fields: tuple[FieldDelta, ...]) -> Iterator[str]:
        for each in fields:
            if each.name.endswith("_image") and isinstance(each.after, str):
                path = each.after.removesuffix(UPLOADED)
                shown = self.picture(path)
                if shown is not None:
                    yield f'<img class="thumb" alt="{escape(each.name)}: {escape(path)}" src="{shown}">'

    def _body(self, body: BodyDelta, path: str) -> Iterator[str]:
        yield f"<details{'' if self._folds else ' open'}><summary>rendered</summary>"
        after = self._pane("after" if body.before else "new", body.after, path)
        if body.before:
            yield f'<div class="pair two">{self._pane("before", body.before, path)}{after}</div>'
        else:
            yield f'<div class="pair">{after}</div>'
        yield "</details>"
        if body.before:
            hunks = _hunks(body.before, body.after, body.line)
            yield f"<details><summary>text, word by word</summary>{hunks}</details>"
        else:
            yield f"<details><summary>text</summary><pre>{escape(body.after)}</pre></details>"

    def _pane(self, label: str, text: str, path: str) -> str:
        rendered = self._renderer.render(text, path=path)
        return f'<div class="pane"><p class="label">{label}</p><div class="content">{rendered}</div></div>'

    def _conflict(self, conflict: Conflict) -> str:
        inner = [f"<p>{_prose(conflict.message)}</p>"]
        if conflict.edit:
            inner.append(f'<p class="soft">last in Ghost: {escape(spoken_edit(conflict.edit))}</p>')
        if conflict.fields:
            rows = "".join(
                f'<tr><th scope="row">{escape(each.name)}</th><td>{_value(each.base)}</td>'
                f"<td>{_value(each.local)}</td><td>{_value(each.remote)}</td></tr>"
                for each in conflict.fields
            )
            head = '<th scope="col">base</th><th scope="col">here</th><th scope="col">Ghost</th>'
            inner.append(f'<table class="fields"><tr><th scope="col">field</th>{head}</tr>{rows}</table>')
        here, there = conflict.body_local, conflict.body_remote
        if here is not None or there is not None:
            panes = self._pane("here", here or "", conflict.path) + self._pane("Ghost", there or "", conflict.path)
            inner.append(f'<details open><summary>rendered</summary><div class="pair two">{panes}</div></details>')
            base, line = conflict.body_base, conflict.body_line
            sides = (
                (("from Ghost's to here", there, here),)
                if base is None
                else (("changed here", base, here), ("changed in Ghost", base, there))
            )
            for label, before, after in sides:
                hunks = _hunks(before or "", after or "", line)
                inner.append(f"<details><summary>{label}</summary>{hunks}</details>")
        inner.append(_hint(conflict.hint))
        return _article("conflict", conflict.path, conflict.title, "", "".join(inner))

    # ------------------------------------------------------------------ pictures

    def picture(self, path: str) -> str | None:
        """Return a file of the content folder as a data URL; None where it is not there, not ours, or too large."""
        if self._root is None:
            return None
        mime = media_type_of(path)
        if not mime.startswith("image/"):
            return None
        try:
            found = (self._root / path).resolve()
            if not found.is_relative_to(self._root) or found.stat().st_size > min(self._left, _MOST_OF_ONE):
                return None
            data = found.read_bytes()
        except (OSError, ValueError):
            return None
        self._left -= len(data)
        return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _section(title: str, articles: Iterator[str], *, kind: str = "") -> Iterator[str]:
    yield f'<section class="{escape(kind)}"><h2>{escape(title)}</h2><div class="all">'
    yield from articles
    yield "</div></section>"


def _article(kind: str, subject: str, title: str, about: str, inner: str) -> str:
    named = f" “{escape(title)}”" if title else ""
    told = f' <span class="soft">{escape(about)}</span>' if about else ""
    heading = f'<h3><span class="path">{escape(subject)}</span>{named}</h3>{told}'
    return (
        f'<article tabindex="-1" data-kind="{escape(kind)}"><div class="head">{heading}</div>'
        f'<div class="inner">{inner}</div></article>'
    )


def _filter(*kinds: list[str]) -> str:
    names = [kind for group in kinds for kind in group]
    options = "".join(
        f'<option value="{escape(name)}">{escape(TITLES.get(name, name + "s").partition(" (")[0])}</option>'
        for name in names
    )
    return (
        '<search class="filter"><form>'
        '<label for="filter-text">filter</label>'
        '<input id="filter-text" type="search" autocomplete="off" placeholder="words, a path, a tag ( / )">'
        '<label for="filter-kind">kind</label>'
        f'<select id="filter-kind"><option value="">all</option>{options}</select>'
        '<button type="button" id="open-all" aria-pressed="false">open all</button>'
        '<span id="filter-told" class="soft" role="status"></span>'
        "</form></search>"
    )


def _fields(fields: tuple[FieldDelta, ...]) -> Iterator[str]:
    if not fields:
        return
    rows = []
    for each in fields:
        name = f'<th scope="row">{escape(each.name)}</th>'
        if each.is_new:
            rows.append(f"<tr>{name}<td>{_value(each.after)}</td></tr>")
        elif (
            isinstance(each.before, str)
            and isinstance(each.after, str)
            and max(map(len, (each.before, each.after))) > _SHORT
        ):
            rows.append(f'<tr>{name}<td colspan="2">{_marked(diff_words(each.before, each.after))}</td></tr>')
        else:
            rows.append(
                f"<tr>{name}<td><del>{_value(each.before)}</del></td><td><ins>{_value(each.after)}</ins></td></tr>"
            )
    is_new = all(each.is_new for each in fields)
    columns = ("field", "value") if is_new else ("field", "before", "after")
    head = "".join(f'<th scope="col">{each}</th>' for each in columns)
    yield f'<table class="fields"><tr>{head}</tr>{"".join(rows)}</table>'


def _hunks(before: str, after: str, first: int) -> str:
    hunks = diff_hunks(before, after, first=first)
    if not hunks:
        return "<p>the same text; only its form in Ghost differs</p>"
    return "".join(f'<p class="soft">line {hunk.line}</p><pre>{_marked(hunk.pieces)}</pre>' for hunk in hunks)


def _marked(pieces: tuple[Piece, ...]) -> str:
    tags = {Was.KEPT: "{}", Was.REMOVED: "<del>{}</del>", Was.ADDED: "<ins>{}</ins>"}
    return "".join(tags[piece.was].format(escape(piece.text)) for piece in pieces)


def _value(value: str | bool | tuple[str, ...] | None) -> str:
    return escape(spoken_value(value, most=100_000))


def _problem(problem: Problem) -> str:
    where = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
    return _article("problem", where, "", "", f"<p>{_prose(problem.message)}</p>{_hint(problem.hint)}")


def _note(note: Note) -> str:
    where = note.path if note.line is None else f"{note.path}:{note.line}"
    edit = f'<p class="soft">last in Ghost: {escape(spoken_edit(note.edit))}</p>' if note.edit else ""
    return _article("note", where, "", "", f"<p>{_prose(note.message)}</p>{edit}{_hint(note.hint)}")


def _hint(hint: str | None) -> str:
    return "" if hint is None else f'<p class="hint"><strong>hint:</strong> {_prose(hint)}</p>'


def _prose(text: str) -> str:
    """Return a message of ours, with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{escape(part)}</code>" if index % 2 else escape(part) for index, part in enumerate(parts))
