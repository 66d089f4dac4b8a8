"""Uploads that nothing on the site refers to any more.

Ghost keeps every upload for ever, and its API neither lists nor deletes them. What can be known is what ghostsync
itself uploaded: the addresses in the records of posts, now and in their revisions, and those that this machine's cache
remembers. One of them counts as referred to when its path stands anywhere in a post, a page, a tag, a setting, a
newsletter or a staff profile, in whatever size and spelling.

Revisions are not references: an upload that only an old version shows is listed, and restoring that version after it
was deleted would show a gap. So this is a list for a person who decides, and nothing deletes by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from ghostsync.ghost.admin import AdminApi, Resource
from ghostsync.model import Kind
from ghostsync.ports import Memory, Remote

# Ghost's three places for uploads. A resized picture stands under `size/w600/`, the untouched original behind `_o`.
_UPLOAD = re.compile(r"/content/(images|media|files)/(?:size/[^/\s\"']+/(?:format/\w+/)?)?([^\s\"'?#)\\<>]+)")
_ORIGINAL = re.compile(r"_o(?=\.\w+$)")

_NAMING = (Resource.TAGS, Resource.USERS, Resource.NEWSLETTERS, Resource.TIERS)


def find_unreferenced(api: AdminApi, remote: Remote, memory: Memory) -> tuple[str, ...]:
    """Return the paths (`content/images/2026/11/a-1234567890.png`) that were uploaded and that nothing names."""
    uploaded = set(paths_in(" ".join(memory.uploads().values())))
    named: set[str] = set()
    for kind in Kind:
        posts = list(remote.posts(kind))
        for post in posts:
            named |= set(paths_in(_text_of(post.lexical), post.mobiledoc or "", _text_of(dict(post.fields))))
            if post.record is not None:
                uploaded |= set(paths_in(*(upload.url for upload in post.record.images.values())))
        for history in remote.revisions(kind, [post.id for post in posts]).values():
            for revision in history:
                if revision.record is not None:
                    uploaded |= set(paths_in(*(upload.url for upload in revision.record.images.values())))
    for text in _other_texts(api):
        named |= set(paths_in(text))
    return tuple(sorted(uploaded - named))


def paths_in(*texts: str) -> Iterator[str]:
    """Yield the path of every upload that texts name, in one spelling: no sizes, no `_o`, no escapes."""
    for text in texts:
        for bucket, rest in _UPLOAD.findall(text):
            yield f"content/{bucket}/{_ORIGINAL.sub('', unquote(rest))}"


def _other_texts(api: AdminApi) -> Iterable[str]:
    yield _text_of(api.settings())
    for resource in _NAMING:
        for row in api.iter_raw(resource):
            yield _text_of(row)


def _text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
