"""What this machine keeps of a pull: documents that came down equal what Ghost holds, and no record says so yet.

For posts of nobody that is their base; without it the next run would still find one (Git's history, or equal texts),
only with more questions asked. For managed posts whose record an editor's typing dropped, it says of the file, as long
as nobody touches it, that nothing in it is ours: her next edit of the same line is then an edit and no conflict. It
never permits a write (`Origin.PULLED`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ghostsync.core.addresses import target_of
from ghostsync.core.arrivals import Places
from ghostsync.core.base import Origin
from ghostsync.core.changes import RemoveFile, WriteFile
from ghostsync.core.compare import Prepared, first_disagreements
from ghostsync.core.draft import draft_document
from ghostsync.core.outcome import Report, Status
from ghostsync.core.prepare import prepare_document
from ghostsync.engine.assets import collect_assets
from ghostsync.engine.bases import base_of_version
from ghostsync.engine.gather import Gathered
from ghostsync.engine.session import Session
from ghostsync.model import FieldName, PostFace, PostId, Slug

_AUTHORS = FieldName("authors")


def remember_pulled(session: Session, seen: Gathered, places: Places, report: Report) -> None:
    """Keep what was written and equals Ghost: as base where nobody managed the post, else as what was pulled.

    What was removed is forgotten: both sides have dropped it.
    """
    _forget_removed(session, seen, report)
    unmanaged = {post.id for post in seen.matches.unmanaged}
    remembered = session.memory.posts()
    written = {
        outcome.change.path: outcome.change
        for outcome in report.outcomes
        if outcome.status is Status.APPLIED and isinstance(outcome.change, WriteFile) and not outcome.change.marked
    }
    if not written:
        return
    local = session.tree.load()
    documents, leads = {face.path: face for face in local.documents}, local.answers()
    drafts = {
        path: draft_document(session.tree.document(documents[path]), dialect=session.dialect, leads=leads)
        for path in written
        if path in documents
    }
    targets = {
        **seen.around.targets,
        **{path: target_of(seen.posts[c.id]) for path, c in written.items() if c.id is not None and c.id in seen.posts},
    }
    names = {name: Slug(slug) for slug, name in seen.tag_names.items()}
    around = replace(
        seen.around,
        leads=leads,
        sent={
            path: record.links
            for path, change in written.items()
            if change.id is not None and change.id in seen.posts and (record := seen.posts[change.id].ownership)
        },
        targets=targets,
        assets=collect_assets(drafts.values(), documents, session.tree, tags=()).found,
        served={path: f"{seen.site.url}{on_site}" for on_site, path in places.addresses_of_files()},
        tag_slugs={**names, **seen.around.tag_slugs},
        authors={**(seen.around.authors or {}), **_author_slugs(seen.posts)},
        tiers=frozenset({*(seen.around.tiers or ()), *_tier_slugs(seen.posts)}),
    )
    for path, draft in drafts.items():
        prepared = prepare_document(draft, around)
        id_ = written[path].id
        if not isinstance(prepared, Prepared) or id_ is None or id_ not in seen.posts:
            continue
        post = seen.posts[id_]
        differ = first_disagreements(prepared, post, site_url=seen.site.url, now=seen.now)
        for asset_path, upload in prepared.known.items():
            session.memory.save_upload(prepared.assets[asset_path], upload.url)
        if prepared.body == post.body and not differ:
            base = base_of_version(prepared, post, site_url=seen.site.url, now=seen.now)
            known = remembered.get(id_)
            if id_ in unmanaged:
                session.memory.remember(post, base, None)
            else:
                session.memory.remember(post, replace(base, origin=Origin.PULLED), None if known is None else known.op)


def _author_slugs(posts: Mapping[PostId, PostFace]) -> dict[str, Slug]:
    values = [post.fields.get(_AUTHORS) for post in posts.values()]
    return {slug: Slug(slug) for value in values if isinstance(value, tuple) for slug in value}


def _tier_slugs(posts: Mapping[PostId, PostFace]) -> set[Slug]:
    values = [post.fields.get(FieldName("tiers")) for post in posts.values()]
    return {Slug(slug) for value in values if isinstance(value, tuple) for slug in value}


def _forget_removed(session: Session, seen: Gathered, report: Report) -> None:
    removed = {
        outcome.change.path
        for outcome in report.outcomes
        if outcome.status is Status.APPLIED and isinstance(outcome.change, RemoveFile)
    }
    for path, known in session.memory.paths().items() if removed else ():
        if path in removed and known not in seen.posts:
            session.memory.forget(known)
