"""A site that was made in Ghost alone, by people and over the years, for tests of importing.

Its pictures and files are uploaded, its cards are those of the example site with Ghost's addresses in them, saved as
Ghost's editor saves them; old posts are mobiledoc, put into the database where the API no longer makes any. What makes
it large is copied inside the database, since writing hundreds of posts over HTTP takes longer than testing them.
"""

from __future__ import annotations

import copy
import json
import mimetypes
import posixpath
import secrets
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

from contract.backends import Row
from engine.ghosts import FakeOne, Ghost, RealOne
from fakeghost import editor

from ghostsync.lexical import compile_markdown, find_references, rewrite_references

EXAMPLE = Path(__file__).parents[2] / "example-site"
CARDS = EXAMPLE / "pages/every-card.md"

OLD_POST = {
    "version": "0.3.1",
    "atoms": [["soft-return", "", {}]],
    "cards": [
        ["hr", {}],
        ["markdown", {"markdown": "From the *editor* of 2018."}],
        ["html", {"html": "<p class=\"x\">By hand</p>"}],
        ["code", {"code": "x = 1", "language": "python"}],
        ["callout", {"calloutEmoji": "💡", "calloutText": "Mind the step", "backgroundColor": "grey"}],
        ["bookmark", {"url": "https://ghost.org/", "metadata": {"url": "https://ghost.org/", "title": "Ghost"}}],
    ],
    "markups": [["strong"], ["em"], ["a", ["href", "https://example.com/"]]],
    "sections": [
        [1, "h2", [[0, [], 0, "An old post"]]],
        [1, "p", [[0, [], 0, "with "], [0, [0], 1, "strong"], [1, [], 0, 0], [0, [2], 1, "words"]]],
        [3, "ul", [[[0, [], 0, "one"]], [[0, [1], 1, "two"]]]],
        [1, "blockquote", [[0, [], 0, "Somebody said."]]],
        *([10, card] for card in range(6)),
        [1, "p", [[0, [], 0, "Its end."]]],
    ],
}  # fmt: skip


def uploaded(ghost: Ghost, name: str) -> str:
    """Upload a file of the example site as Ghost's editor does, and return its address."""
    data = (EXAMPLE / name).read_bytes()
    bucket = name.partition("/")[0]
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = ghost.site.upload(bucket, posixpath.basename(name), data, mime)
    assert answer.status_code == 201, answer.text
    return str(answer.json()[bucket][0]["url"])


def every_card(ghost: Ghost) -> dict[str, Any]:
    """Return a body with every card, in which every address is the site's."""
    document = compile_markdown(CARDS.read_text(encoding="utf-8").split("---\n", 2)[2])
    addresses: dict[str, str] = {}
    for reference in find_references(document):
        value = reference.value
        if value.startswith("../") and value.endswith(".md"):
            addresses[value] = f"{ghost.site.url}/first/"
        elif value.startswith("../"):
            addresses.setdefault(value, uploaded(ghost, value.removeprefix("../")))
        elif ".md" in value:
            addresses[value] = f"{ghost.site.url}/about/" + value.partition(".md")[2]
    return rewrite_references(document, addresses)


def one_by_one(document: dict[str, Any]) -> list[str]:
    """Return a body for each top-level block of one, as Ghost's editor stores it."""
    bodies: list[str] = []
    for child in document["root"]["children"]:
        alone = copy.deepcopy(document)
        alone["root"]["children"] = [copy.deepcopy(child)]
        bodies.append(editor.reserialise(json.dumps(alone)))
    return bodies


def make_site(ghost: Ghost, *, posts: int) -> None:
    """Fill an empty Ghost: `posts` posts with every card among them, pages, old posts, drafts, a schedule, tags."""
    made = 0

    def post(title: str, **fields: Any) -> Row:
        nonlocal made
        made += 1
        return ghost.create(title, **fields)

    whole = every_card(ghost)
    bodies = one_by_one(whole)
    post("First", status="published", lexical=bodies[0], tags=[{"name": "News"}, {"name": "#inside"}])
    about = ghost.create("About", to="pages", status="published", lexical=bodies[0])
    post("Every card: once", status="published", lexical=editor.reserialise(json.dumps(whole)), **_dressed(ghost))
    for number, body in enumerate(bodies):
        post(f"Card {number}", status="draft" if number % 3 else "published", lexical=body)
    post("Later", status="scheduled", published_at="2031-02-03T04:05:06.000Z", lexical=bodies[1])
    post("2019-05-06 diary", lexical=bodies[1])
    post("readme", lexical=bodies[1], tags=[{"name": "C++, and more"}, {"name": "Ärger"}])
    post("Nothing in it")
    for number in range(3):
        old = post(f"Old {number}", status="published", lexical=bodies[0], tags=[{"name": "News"}])
        ghost.site.put_mobiledoc(old, json.dumps(OLD_POST))
    ghost.save_tag("news", name="News", description="What happened: all of it", accent_color="#ff0000")
    for number in range(4):
        ghost.create(f"Page {number}", to="pages", status="published", lexical=bodies[number])
    assert about["slug"] == "about"
    _multiply(ghost, "card-5", posts - made)
    ghost.pass_time(600)


def _dressed(ghost: Ghost) -> Row:
    """Return settings as an editor makes them: pictures, texts for others, code."""
    return {
        "feature_image": uploaded(ghost, "images/the-light.jpg"),
        "feature_image_alt": 'A "light"',
        "feature_image_caption": "With <em>a word</em>",
        "custom_excerpt": "What: it says\nin two lines # not a comment",
        "meta_title": "- a title",
        "og_image": uploaded(ghost, "images/flags.png"),
        "codeinjection_head": "<style>\n  p { margin: 0 }\n</style>\n",
        "tags": [{"name": "News"}, {"name": "Second: tag"}],
        "featured": True,
        "visibility": "members",
    }


def _multiply(ghost: Ghost, slug: str, times: int) -> None:
    """Make more posts like one."""
    row = ghost.find(slug)
    if not isinstance(ghost, RealOne):
        for number in range(times):
            ghost.create(f"Copy {number}", lexical=row["lexical"], status="published")
        return
    ghost.site.browse("actions", limit=1)  # what Ghost still writes after its answer
    with closing(sqlite3.connect(ghost.site._database, timeout=10)) as db, db:  # type: ignore[attr-defined]
        db.row_factory = sqlite3.Row
        whole = dict(db.execute("SELECT * FROM posts WHERE id = ?", (row["id"],)).fetchone())
        author = dict(db.execute("SELECT * FROM posts_authors WHERE post_id = ?", (row["id"],)).fetchone())
        for number in range(times):
            id_ = secrets.token_hex(12)
            names = {"id": id_, "uuid": str(uuid.uuid4()), "comment_id": id_, "slug": f"copy-{number}"}
            published = {"status": "published", "published_at": whole["created_at"], "title": f"Copy {number}"}
            _insert(db, "posts", {**whole, **names, **published})
            _insert(db, "posts_authors", {**author, "id": secrets.token_hex(12), "post_id": id_})


def _insert(db: sqlite3.Connection, table: str, row: Row) -> None:
    marks = ",".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({marks})", tuple(row.values()))


def is_fake(ghost: Ghost) -> bool:
    """Whether this is the fake, where rendering and resizing are only sketched."""
    return isinstance(ghost, FakeOne)
