"""What a person does in Ghost's editor while a page is followed: `<!-- in Ghost: … -->`.

hello-world: "the old words" → "the new words"     type in the body, and save
hello-world: title = "A new title"                 change a setting of the post, and save
write "A title": "The only paragraph."             write and publish a post of one's own
delete hello-world                                 delete a post
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from contract.backends import RealSite
from engine.ghosts import RealOne

from ghostsync.lexical import compile_markdown
from ghostsync.sandbox import Instance, log_in_owner

_TYPE = re.compile(r'(?P<slug>[\w-]+): "(?P<old>.+)" → "(?P<new>.+)"')
_SET = re.compile(r'(?P<slug>[\w-]+): (?P<field>\w+) = "(?P<value>.*)"')
_WRITE = re.compile(r'write "(?P<title>.+)": "(?P<text>.+)"')
_DELETE = re.compile(r"delete (?P<slug>[\w-]+)")


def do(ghost: RealOne, what: str) -> None:
    """Do one thing that a page tells of."""
    if found := _TYPE.fullmatch(what):
        ghost.type(found["slug"], found["old"], found["new"])
    elif found := _SET.fullmatch(what):
        ghost.save(found["slug"], **{found["field"]: found["value"]})
    elif found := _WRITE.fullmatch(what):
        body = json.dumps(compile_markdown(found["text"]))
        ghost.create(found["title"], lexical=body, status="published")
    elif found := _DELETE.fullmatch(what):
        ghost.delete(found["slug"])
    else:
        raise AssertionError(f"nobody knows how to do this in Ghost: {what}")


@contextmanager
def person_at(instance: Instance) -> Iterator[RealOne]:
    """Yield the owner of a site, logged in."""
    with requests.Session() as session:
        site = RealSite(
            name=instance.name,
            major=int(instance.version.partition(".")[0]),
            url=instance.url.rstrip("/"),
            key=instance.admin_key,
            cookie=log_in_owner(instance).cookie,
            session=session,
            database=instance.database_path,
        )
        person = RealOne(site)
        try:
            yield person
        finally:
            person.api.transport.close()
