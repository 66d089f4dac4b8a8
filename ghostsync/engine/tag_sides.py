"""Both sides of `tags.yaml`, as far as they have to be asked for or put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ghostsync.core.changes import Change, CreatePost, UpdatePost
from ghostsync.core.conflicts import Conflict
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.prepare_tags import prepare_tag, tag_assets
from ghostsync.core.slugs import tag_slug
from ghostsync.engine.gather import Gathered
from ghostsync.engine.recognise import recognise_tags
from ghostsync.errors import Problem
from ghostsync.model import FieldName, Slug, Tag
from ghostsync.ports import Memory, Past, Remote

_TAGS = FieldName("tags")


def names_used(seen: Gathered) -> dict[Slug, str]:
    """Return slug → name of every tag that a document names."""
    names: dict[Slug, str] = {}
    met: set[str] = set()
    for _, draft in sorted(seen.drafts.items()):
        written = draft.document.fields.get(_TAGS)
        for name in written if isinstance(written, tuple) else ():
            if name not in met:
                met.add(name)
                names.setdefault(seen.around.tag_slugs.get(name) or tag_slug(name), name)
    return names


def names_told(seen: Gathered, changes: Iterable[Change], conflicts: Iterable[Conflict]) -> Mapping[str, str]:
    """Return slug → name of the tags of both sides, where a plan tells of any."""
    sent = (change for change in changes if isinstance(change, CreatePost | UpdatePost))
    if any(_TAGS in change.sends for change in sent) or any(f.name == _TAGS for c in conflicts for f in c.fields):
        return {**seen.tag_names, **{str(slug): name for slug, name in names_used(seen).items()}}
    return {}


def prepare_tags(
    seen: Gathered, there: Sequence[Tag], *, remote: Remote, memory: Memory
) -> tuple[tuple[Tag, ...], tuple[Problem, ...]]:
    """Return the tags of `tags.yaml` with addresses in place of their pictures, and what is wrong with the rest.

    Tags carry no record, so a picture that only a tag shows is known by its name, which holds its digest where this
    project uploaded it, and by its bytes where a pull brought it.
    """
    uploads = dict(seen.around.uploads)
    shown = [v for tag in there for v in tag.fields.values() if isinstance(v, str) and "/content/" in v]
    for place in tag_assets(seen.local.tags).values():
        asset = seen.around.assets.get(place.path)
        if asset is not None and (asset.bucket, asset.sha256) not in uploads:
            stem = asset.upload_name.rpartition(".")[0]
            url = next((v for v in shown if v.rpartition("/")[2].startswith(stem)), None)
            if url is not None:
                uploads[asset.bucket, asset.sha256] = url
    around = replace(seen.around, uploads=uploads)
    served = recognise_tags(remote, memory, seen.local.tags, there, around)
    around = replace(around, served={**around.served, **served})
    ready = [prepare_tag(tag, around) for tag in seen.local.tags]
    return tuple(tag for tag, problems in ready if not problems), tuple(p for _, problems in ready for p in problems)


def committed_tags(past: Past | None) -> tuple[bytes, ...]:
    """Return the committed versions of `tags.yaml`, newest first."""
    return () if past is None else past.versions_of([TAGS_FILE]).get(TAGS_FILE, ())
