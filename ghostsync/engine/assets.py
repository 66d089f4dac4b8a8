"""The files that documents refer to, and where the site already serves them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from ghostsync.core.draft import Draft
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.prepare_tags import tag_assets
from ghostsync.core.references import InTree
from ghostsync.errors import Problem
from ghostsync.model import Asset, Bucket, Digest, DocPath, PostFace, Tag
from ghostsync.ports import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The files that documents refer to, measured once each."""

    found: Mapping[DocPath, Asset]
    problems: tuple[Problem, ...]


def collect_assets(
    drafts: Iterable[Draft], documents: Container[DocPath], tree: Tree, *, tags: tuple[Tag, ...]
) -> Assets:
    """Measure every file that any draft refers to; a file that cannot be used is a problem of its documents."""
    found: dict[DocPath, Asset] = {}
    bad: dict[DocPath, Problem] = {}
    problems: list[Problem] = []
    for draft in drafts:
        for place in draft.places:
            if place.path in documents or place.path in found:
                continue
            if place.path not in bad:
                asset = tree.asset(place.path)
                if isinstance(asset, Asset):
                    found[place.path] = asset
                elif asset is not None:
                    bad[place.path] = asset
            if place.path in bad:
                fault = bad[place.path]
                problems.append(
                    Problem(path=draft.document.path, message=f"{fault.path}: {fault.message}", hint=fault.hint)
                )
    for place in tag_assets(tags).values():
        asset = found.get(place.path) or tree.asset(place.path)
        if isinstance(asset, Asset):
            found[place.path] = asset
        elif asset is not None:
            problems.append(replace(asset, path=TAGS_FILE, message=f"{asset.path}: {asset.message}"))
    return Assets(found=found, problems=tuple(problems))


def known_uploads(posts: Iterable[PostFace], *, project: str | None) -> dict[tuple[Bucket, Digest], str]:
    """Return what the records of this project's posts say is already served: one upload per content, from anywhere."""
    served: dict[tuple[Bucket, Digest], str] = {}
    for post in posts:
        record = post.ownership
        if record is None or record.project not in {project, None}:
            continue
        for path, upload in record.images.items():
            served.setdefault((InTree(DocPath(path)).bucket, upload.sha256), upload.url)
    return served
