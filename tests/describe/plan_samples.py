"""Plans and reports that hold one of everything, for looking at and for testing what is shown."""

from __future__ import annotations

from typing import Any

from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Download,
    Email,
    Forget,
    Reason,
    RecordDraft,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
)
from ghostsync.core.conflicts import Conflict, Disagreement, Note, NoteKind, Why
from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import Direction, Plan
from ghostsync.errors import Problem, Rejected
from ghostsync.model import Asset, Bucket, Digest, DocPath, Edit, FieldName, FieldValue, Kind, PostId, Site, Slug

SITE = Site(uuid="f00d", url="https://example.com/", version="6.65")
POST_ID = PostId("0123456789abcdef01234567")
LEXICAL: dict[str, Any] = {"root": {"type": "root", "children": []}}

BEFORE = """Ghost keeps posts in a database. We keep ours in Git, and have tpyos.

Read the [old manual](https://example.org/old) first.

## What stays

- one
- two

The end comes here, as it did before.
"""
AFTER = """Ghost keeps posts in a database. We keep ours in Git, and have typos.

Read the [new manual](https://example.org/new) and [the start](../posts/start.md) first.

![A harbour at dusk](img/harbour.png)

## What stays

- one
- two

The end comes here, later than it did before.
"""


def fields(**values: FieldValue) -> dict[FieldName, FieldValue]:
    """Return field values by name."""
    return {FieldName(name): value for name, value in values.items()}


def draft(path: str = "posts/hello.md", **rest: Any) -> RecordDraft:
    """Return a record draft of which only what matters is said."""
    known: dict[str, Any] = {
        "project": "site",
        "path": DocPath(path),
        "slug": Slug("hello"),
        "source": "",
        "source_digest": Digest("0" * 64),
        "fields": {},
        "kept": {},
        "assets": {},
        "known": {},
        "links": {},
    }
    return RecordDraft(**{**known, **rest})


HARBOUR = Asset(
    path=DocPath("posts/img/harbour.png"),
    sha256=Digest("ab" * 32),
    size=48_213,
    bucket=Bucket.IMAGES,
    mime="image/png",
    width=1200,
    height=800,
)


def update(**rest: Any) -> UpdatePost:
    """Return an update of a published post: two fields and the body, with a new picture and links."""
    known: dict[str, Any] = {
        "path": DocPath("posts/hello.md"),
        "kind": Kind.POST,
        "id": POST_ID,
        "slug": Slug("hello"),
        "title": "Hello, world",
        "expected": "2026-11-23T07:45:00.000Z",
        "sends": fields(excerpt="A short welcome to everybody who reads this.", tags=("News", "#internal")),
        "before": fields(excerpt="A short wellcome to everybody who reads this.", tags=("News",)),
        "lexical": LEXICAL,
        "body_changed": True,
        "draft": draft(
            assets={"posts/img/harbour.png": HARBOUR},
            links={"../posts/start.md": "https://example.com/start/"},
        ),
        "status": "published",
        "was": {},
        "body": Digest("1" * 64),
        "url": "https://example.com/hello/",
        "text_before": BEFORE,
        "text_after": AFTER,
    }
    return UpdatePost(**{**known, **rest})


def create(**rest: Any) -> CreatePost:
    """Return a create that publishes and sends an email."""
    known: dict[str, Any] = {
        "path": DocPath("posts/launch.md"),
        "kind": Kind.POST,
        "slug": Slug("launch"),
        "title": "We launch on Monday",
        "sends": fields(title="We launch on Monday", status="published", featured=True, excerpt="At last."),
        "lexical": LEXICAL,
        "draft": draft("posts/launch.md"),
        "email": Email(newsletter=Slug("weekly"), segment="all", members=1204),
        "text": "We launch on **Monday**.\n\n<script>alert(1)</script>\n\n[here](javascript:alert(1))\n",
    }
    return CreatePost(**{**known, **rest})


def orphan(**rest: Any) -> dict[str, Any]:
    """Return what unpublishing and deleting have in common."""
    known: dict[str, Any] = {
        "path": DocPath("posts/gone.md"),
        "kind": Kind.POST,
        "id": POST_ID,
        "slug": Slug("gone"),
        "title": "Gone",
        "expected": "2026-11-23T07:45:00.000Z",
        "status": "published",
        "was": {},
        "body": Digest("1" * 64),
    }
    return {**known, **rest}


def file(**rest: Any) -> dict[str, Any]:
    """Return what changes of files have in common."""
    known: dict[str, Any] = {
        "path": DocPath("posts/pulled.md"),
        "kind": Kind.POST,
        "slug": Slug("pulled"),
        "title": "Pulled",
    }
    return {**known, **rest}


EDIT = Edit(
    at="2026-11-23T10:15:00.000Z",
    event="edited",
    who="Ann Editor",
    is_person=True,
    resource_type="post",
    resource_id=POST_ID,
)


def every_change() -> tuple[Change, ...]:
    """Return one change of every kind, in the order of applying."""
    return (
        CreateTag(slug=Slug("news"), name="News", sends=fields(description="What is new")),
        UpdateTag(
            id="t1",
            slug=Slug("guides"),
            name="Guides",
            sends=fields(accent_color="#ff8800"),
            before=fields(accent_color=None),
            expected="d",
        ),
        UploadFile(asset=HARBOUR, used_by=(DocPath("posts/hello.md"),)),
        create(),
        update(),
        AdoptPost(
            path=DocPath("pages/about.md"),
            kind=Kind.PAGE,
            id=POST_ID,
            slug=Slug("about"),
            title="About",
            expected="2026-11-23T07:45:00.000Z",
            lexical=LEXICAL,
            draft=draft("pages/about.md"),
            was=fields(title="About"),
            body=Digest("b"),
        ),
        UnpublishPost(**orphan()),
        DeletePost(**orphan(path=DocPath("posts/old.md"), slug=Slug("old"), title="Old"), reason=Reason.PRUNE),
        WriteFile(
            **file(),
            id=POST_ID,
            content=AFTER,
            expected=Digest("2" * 64),
            before=BEFORE,
            downloads=(Download(url="https://example.com/content/images/a.png", path=DocPath("posts/a.png")),),
            fields=(FieldName("title"),),
            body_changed=True,
            marked=1,
        ),
        RemoveFile(**file(path=DocPath("posts/removed.md"), title="Removed"), expected=Digest("3" * 64)),
        Forget(path=DocPath("posts/forgotten.md"), id=None),
    )


CONFLICT = Conflict(
    path="posts/both.md",
    why=Why.BOTH_CHANGED,
    message="changed here and in Ghost (excerpt and body, by Ann Editor)",
    hint="`ghostsync pull posts/both.md` merges Ghost's edit into the file; then push again. "
    "`ghostsync push posts/both.md --prefer local` overwrites it",
    kind=Kind.POST,
    id=POST_ID,
    title="Both of us were here",
    fields=(Disagreement(name=FieldName("excerpt"), base="Short.", local="Shorter.", remote="Much longer."),),
    body_base="The first line.\n\nThe second line is old.\n",
    body_local="The first line.\n\nThe second line is from here.\n",
    body_remote="The first line.\n\nThe second line is from Ghost.\n",
    edit=EDIT,
)

NOTES = (
    Note(kind=NoteKind.DRIFTED, path="posts/drifted.md", message="edited in Ghost (title); kept", edit=EDIT),
    Note(
        kind=NoteKind.ORPHAN,
        path="posts/orphan.md",
        message="its document is gone; Ghost keeps the published post `orphan`",
        hint="`ghostsync push --prune draft` unpublishes it",
    ),
)
PROBLEMS = (
    Problem(path="posts/broken.md", line=3, message="`tags` must be a list, not 7", hint="write `tags: [seven]`"),
    Problem(path="posts/empty.md", message="the file is not UTF-8"),
)


def plan(*changes: Change, **rest: Any) -> Plan:
    """Return a push plan of these changes."""
    known: dict[str, Any] = {"direction": Direction.PUSH, "site": SITE, "at": "2026-11-23T10:20:00Z", "project": "site"}
    return Plan(**{**known, "changes": changes, **rest})


def full_plan() -> Plan:
    """Return a plan with one of everything."""
    return plan(*every_change(), conflicts=(CONFLICT,), notes=NOTES, problems=PROBLEMS, unchanged=118, managed=130)


def full_report() -> Report:
    """Return a report in which the update failed, the delete was skipped, and the rest was done."""
    shown = full_plan()
    outcomes = []
    for change in shown.changes:
        match change:
            case UpdatePost():
                error = Rejected(
                    "posts/hello.md: Ghost refuses the excerpt",
                    hint="shorten it to 300 characters",
                    method="PUT",
                    path=f"/posts/{POST_ID}/",
                    status=422,
                )
                outcomes.append(Outcome(change=change, status=Status.FAILED, error=error))
            case DeletePost():
                outcomes.append(Outcome(change=change, status=Status.SKIPPED))
            case CreatePost():
                url = "https://example.com/launch/"
                outcomes.append(Outcome(change=change, status=Status.APPLIED, id=POST_ID, url=url))
            case _:
                outcomes.append(Outcome(change=change, status=Status.APPLIED))
    return Report(plan=shown, outcomes=tuple(outcomes))
