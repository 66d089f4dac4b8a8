"""What matching refuses to decide: conflicts that name both sides, and the documents that they block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ghostsync.core.base import TITLE
from ghostsync.core.conflicts import Conflict, Why
from ghostsync.model import DocPath, Face, FieldName, PostFace


def refuse_newer(
    newer: Iterable[PostFace], pairs: Mapping[DocPath, PostFace], blocked: set[DocPath]
) -> Iterator[Conflict]:
    """Yield a conflict for every post that a later ghostsync has written, and block its document.

    What its record says is not known here. Taken for nobody's, such a post would be made a second time once its
    document is renamed; judged by an older record in its history, it would look edited, or as if it could go.
    """
    documents = {post.id: path for path, post in pairs.items()}
    for post in newer:
        record = post.ownership
        if record is None:
            continue
        # What a record says of its path blocks no document that has a post of its own.
        named = record.path if record.path not in pairs else DocPath(f"({post.slug})")
        path = documents.get(post.id, named)
        if path in blocked:
            continue
        blocked.add(path)
        yield Conflict(
            path=path,
            why=Why.NEWER,
            kind=post.kind,
            id=post.id,
            title=str(post.fields.get(TITLE) or ""),
            message=f"a later version of ghostsync has written this {post.kind} (its record is version "
            f"{record.version}), and this one cannot read what was agreed on",
            hint="update ghostsync here (`pip install --upgrade ghostsync`), then run the same command again",
        )


def refuse(
    faces: Iterable[Face], pairs: Mapping[DocPath, PostFace], foreign: Iterable[PostFace]
) -> tuple[list[Conflict], set[DocPath]]:
    """Return the conflicts of matching, and the documents that they block."""
    conflicts: list[Conflict] = []
    blocked: set[DocPath] = set()
    foreign_slugs = {post.slug: post for post in foreign}
    for face in faces:
        other = foreign_slugs.get(face.slug)
        own = pairs.get(face.path)
        if other is not None and other.ownership is not None and (own is None or own.slug != face.slug):
            owner = other.ownership.project
            conflicts.append(
                Conflict(
                    path=face.path,
                    why=Why.OTHER_PROJECT,
                    kind=other.kind,
                    id=other.id,
                    title=str(other.fields.get(FieldName("title")) or ""),
                    message=f"the slug `{face.slug}` belongs to a {other.kind} of project `{owner}` "
                    f"(its document: `{other.ownership.path}`)",
                    hint=f"give `{face.path}` another `slug:`; or, if both are one tree, "
                    f"set `project` in ghostsync.toml to `{owner}`",
                )
            )
            blocked.add(face.path)
        elif own is not None and own.kind != face.kind:
            conflicts.append(
                Conflict(
                    path=face.path,
                    why=Why.KIND_CHANGED,
                    kind=own.kind,
                    id=own.id,
                    title=face.title,
                    message=f"this document is a {face.kind}, but Ghost holds it as a {own.kind}, "
                    "and Ghost cannot turn one into the other",
                    hint=f"move it back, or delete the {own.kind} `{own.slug}` in Ghost and push again "
                    "(its address, comments and statistics go with it)",
                )
            )
            blocked.add(face.path)
    return conflicts, blocked
