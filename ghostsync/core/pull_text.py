"""The text that a pull writes for a document, proved before it is handed out, and what is said about it."""

from __future__ import annotations

from ghostsync.core.arrivals import Arrival
from ghostsync.core.changes import WriteFile
from ghostsync.core.compare import Prepared
from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.documents import parse_document
from ghostsync.core.layout import PullLayout
from ghostsync.core.merge import Merged
from ghostsync.core.pair import Pair
from ghostsync.core.pull_merge import FieldEdits, edited, with_body
from ghostsync.core.typed import typed
from ghostsync.errors import ContentError, Problem
from ghostsync.model import Document, FieldName, Post

_TITLE = FieldName("title")


def write_text(
    pair: Pair,
    local: Prepared,
    remote: Post,
    merged: Merged,
    fields: FieldEdits,
    layout: PullLayout,
    arrival: Arrival,
) -> tuple[WriteFile, ...]:
    """Return the change that writes what was merged; nothing where the file says it already. Raises ContentError."""
    document = local.document
    text = composed(document, merged.text, fields, layout)
    if text == document.source:
        return ()
    change = WriteFile(
        path=pair.path,
        kind=pair.kind,
        id=remote.id,
        slug=remote.slug,
        title=document.title,
        content=text,
        expected=document.digest,
        before=document.source,
        downloads=arrival.needed(fields.changes, body=merged.text != document.body),
        fields=tuple(fields.changes),
        body_changed=merged.text != document.body,
        marked=merged.conflicts,
    )
    return (change,)


def composed(document: Document, body: str, fields: FieldEdits, layout: PullLayout) -> str:
    """Return the file's new text; raises ContentError rather than hand out one that reads otherwise than it should."""
    text = with_body(document, body) if body != document.body else document.source
    text = edited(text, fields.changes, document, layout.settings.aliases)
    parsed = parse_document(document.path, text.encode("utf-8", "surrogatepass"), layout.settings)
    if parsed.document is None:
        raise ContentError(f"{document.path}: Ghost's edit cannot be written", problems=parsed.problems)
    if parsed.document.body.lstrip("\r\n") != body.lstrip("\r\n"):
        problem = Problem(
            path=document.path,
            message="Ghost's edit would be read as front matter or as the title",
            hint="write a `title:` into the document, then pull again",
        )
        raise ContentError(str(problem), problems=(problem,))
    return text


def unpushed(pair: Pair) -> Note:
    """Return the note of a document that waits for its push."""
    return Note(
        kind=NoteKind.UNPUSHED,
        path=pair.path,
        message="has changes that are not in Ghost yet",
        hint=f"`ghostsync push {typed(pair.path)}` brings them there",
    )


def say_marks(merged: Merged) -> str:
    """Return the end of a sentence about a merge: how many places stand marked."""
    if not merged.conflicts:
        return ""
    places = "a place is" if merged.conflicts == 1 else f"{merged.conflicts} places are"
    return f"; {places} marked in the file"


def title_of(post: Post) -> str:
    """Return what a person calls the post."""
    return str(post.fields.get(_TITLE) or post.slug)
