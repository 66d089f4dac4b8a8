"""What a change is called, what it is about, and when its turn is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Forget,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
)
from ghostsync.model import FieldName

_TAGS = FieldName("tags")

SUMMARY_KEYS = (
    "upload",
    "tag_create",
    "tag_update",
    "create",
    "update",
    "adopt",
    "unpublish",
    "delete",
    "write",
    "remove",
    "forget",
)


def verb(change: Change) -> str:
    """Return the change's one word, as summaries and JSON have it."""
    match change:
        case CreateTag():
            return "tag_create"
        case UpdateTag():
            return "tag_update"
        case UploadFile():
            return "upload"
        case CreatePost():
            return "create"
        case UpdatePost():
            return "update"
        case AdoptPost():
            return "adopt"
        case UnpublishPost():
            return "unpublish"
        case DeletePost():
            return "delete"
        case WriteFile():
            return "write"
        case RemoveFile():
            return "remove"
        case Forget():
            return "forget"
        case _:
            assert_never(change)


# Files first, since tags and posts show them; tags before the posts that name them; what takes away comes last, so that
# a run that stops in the middle has added, and not removed.
_ORDER = {name: position for position, name in enumerate(SUMMARY_KEYS)}


def order_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes in the order of applying; ties by path, so that the order of inputs never shows."""
    return tuple(sorted(changes, key=lambda change: (_ORDER[verb(change)], subject(change))))


def gives_tags(change: Change) -> bool:
    """Whether a change puts tags on a post, if only the marker."""
    match change:
        case CreatePost():
            return True
        case UpdatePost(sends=sends, marker_tags=without_marker):
            return _TAGS in sends or without_marker is not None
        case AdoptPost(marker_tags=without_marker):
            return without_marker is not None
        case _:
            return False


def subject(change: Change) -> str:
    """Return what a change is about: a document's path, a tag's slug, an asset's path."""
    match change:
        case CreateTag() | UpdateTag():
            return change.slug
        case UploadFile():
            return change.asset.path
        case (
            CreatePost()
            | UpdatePost()
            | AdoptPost()
            | UnpublishPost()
            | DeletePost()
            | WriteFile()
            | RemoveFile()
            | Forget()
        ):
            return change.path
        case _:
            assert_never(change)
