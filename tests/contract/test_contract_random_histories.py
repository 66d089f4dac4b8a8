"""The fake beside a real Ghost through random histories: every answer and the whole site stay the same.

The other contract tests state what is known; this one looks for what is not. It caught, for example, that revisions
hold the body as it was sent and not as it is stored. Ids, uuids and times of day differ between two sites and are made
equal before comparing; of `updated_at` remains whether the last step moved it.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from contract.backends import FakeSite, Row, Site
from contract.bodies import card, document, paragraph
from fakeghost import FakeGhost, ManualClock, session_for
from fakeghost.clock import to_wire

STEPS = 12
PAST, FUTURE = "2020-01-02T03:04:05.000Z", "2099-01-02T03:04:05.000Z"
# Field → values, a few of them troublesome.
CHOICES: dict[str, list[Any]] = {
    "title": ["Foo", "Bar", "foo", "Été & Co", "  Foo  ", "", "x" * 300, "#1"],
    "slug": ["foo", "bar", "Foo Bar", "foo-2", "rss", "", "é!", "___"],
    "status": ["draft", "draft", "published", "sent"],
    "published_at": [PAST, FUTURE, None, PAST.replace(".000", ".678")],
    "visibility": ["public", "members", "paid", "tiers"],
    "tags": [
        [], ["News"], ["news"], ["News", "Other"], ["Other", "News"], [{"slug": "news"}], [{"slug": "New One"}],
        [{"name": "News", "slug": "news"}], ["#int", "News"], [{"name": "X", "slug": "news"}], ["A", "a", "B"],
    ],
    "custom_excerpt": ["short", "", None, ' <a href="/x/">x</a> '],
    "feature_image": ["/content/a.png", "https://example.com/a.png", None, ""],
    "canonical_url": ["/x/", "https://example.com", None, "x"],
    "featured": [True, False],
    "lexical": [
        None,
        document(paragraph("one")),
        document(paragraph("one"), ghostsync={"op": "1"}),
        document(paragraph("one"), ghostsync={"op": "2"}),
        document(card("markdown", markdown="*two* [x](/a/)"), ghostsync={"op": "2"}),
        document(paragraph("before"), {"type": "weird", "version": 1}, paragraph("after")),
    ],
    "meta_title": ["x", "", None],
    "og_image": ["/y/", None],
    "feature_image_alt": ["x", "", None],
    "feature_image_caption": ["x", None],
    "codeinjection_head": ['<a href="/x/">x</a>', ""],
    "email_only": [True, False],
    "authors": [["nobody@example.com"], []],
    "tiers": [["default-product"], []],
}  # fmt: skip
COMPARED = [*CHOICES, "html", "excerpt", "url", "email_segment"]


@dataclass(kw_only=True)
class Step:
    """One thing done to both sites; `which` picks among the posts there are."""

    does: str
    which: int
    fields: Row = field(default_factory=dict)
    query: Row = field(default_factory=dict)
    to: str = "posts"
    is_stale: bool = False
    waits: int = 10


def _steps(seed: int) -> Iterator[Step]:
    source = random.Random(seed)
    for _ in range(STEPS):
        (does,) = source.choices(["add", "edit", "copy", "delete", "bulk", "rename"], [25, 60, 4, 3, 5, 3])
        fields = {name: source.choice(values) for name, values in CHOICES.items() if source.random() < 0.16}
        yield Step(
            does=does,
            which=source.randrange(100),
            fields=fields,
            query={"save_revision": "1"} if source.random() < 0.3 else {},
            to=source.choice(["posts", "posts", "pages"]),
            is_stale=source.random() < 0.1,
            waits=source.choice([10, 10, 700]),
        )


def _do(site: Site, made: list[tuple[str, str]], step: Step) -> Any:
    """What the site answers, as far as it must not differ."""
    if step.does == "add":
        answer = site.ask("POST", f"{step.to}/", {step.to: [{"title": "T", **step.fields}]})
    elif not made:
        return None
    elif step.does == "bulk":
        bulk = {"action": ["unpublish", "feature", "unfeature"][step.which % 3], "meta": {}}
        posts = [post_id for resource, post_id in made if resource == "posts"][:2]
        ids = ",".join(f"'{post_id}'" for post_id in posts)
        answer = site.ask("PUT", "posts/bulk/", {"bulk": bulk}, filter=f"id:[{ids or repr('none')}]")
    elif step.does == "rename":
        tags = site.browse("tags", order="name asc", limit=100)
        if not tags:
            return None
        answer = site.ask("PUT", f"tags/{tags[step.which % len(tags)]['id']}/", {"tags": [{"name": "Renamed"}]})
    else:
        resource, post_id = made[step.which % len(made)]
        path = f"{resource}/{post_id}/"
        held = site.ask("GET", path)
        date = held.json()[resource][0]["updated_at"] if held.status_code == 200 else PAST
        body = {resource: [{"updated_at": PAST if step.is_stale else date, **step.fields}]}
        match step.does:
            case "edit":
                answer = site.ask("PUT", path, body, **step.query)
            case "copy":
                answer = site.ask("POST", f"{path}copy/")
            case _:
                answer = site.ask("DELETE", path)
    if answer.status_code == 201:
        resource = next(name for name in ("posts", "pages") if name in answer.json())
        made.append((resource, answer.json()[resource][0]["id"]))
    if answer.status_code < 400:
        return answer.status_code
    error = answer.json()["errors"][0]
    return answer.status_code, error["type"], error["message"], error["context"], error["code"]


def _whole(site: Site) -> Row:
    """Everything that the site holds, made comparable."""
    include = "tags,authors,tiers,newsletter,email,post_revisions"
    posts = [
        _comparable(site, post)
        for resource in ("posts", "pages")
        for post in site.browse(resource, order="id asc", limit=100, formats="lexical,html", include=include)
    ]
    log = sorted(
        json.dumps([row["event"], row["resource_type"], row["resource_id"] is None, row["context"].get("primary_name")])
        for row in site.actions()
    )
    tags = sorted((tag["name"], tag["slug"], tag["visibility"]) for tag in site.browse("tags", limit=100))
    return {"posts": posts, "log": log, "tags": tags}


def _comparable(site: Site, post: Row) -> Row:
    shown = {name: post.get(name) for name in COMPARED}
    shown["tags"] = [(tag["name"], tag["slug"]) for tag in post["tags"]]
    shown["authors"] = len(post["authors"])
    shown["tiers"] = sorted(tier["slug"] for tier in post["tiers"])
    shown["primary_tag"] = post["primary_tag"] and post["primary_tag"]["slug"]
    if post["published_at"] not in {None, PAST, FUTURE}:
        shown["published_at"] = "some time today"
    moved_after = to_wire((site.now() - 4) * 1000) or ""
    shown["has_moved"] = None if post["updated_at"] is None else post["updated_at"] > moved_after
    names = ("reason", "post_status", "title", "custom_excerpt", "feature_image", "feature_image_alt", "lexical")
    shown["revisions"] = [{name: revision[name] for name in names} for revision in post["post_revisions"]]
    text = re.sub(r"/(p|email)/[0-9a-f-]{36}/", r"/\1/UUID/", json.dumps(shown).replace(site.url, "SITE"))
    return json.loads(text)  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "real",
    [
        pytest.param("ghost6", marks=pytest.mark.real),
        pytest.param("ghost5", marks=[pytest.mark.real, pytest.mark.ghost5]),
    ],
)
def test_random_history(request: pytest.FixtureRequest, real: str, seed: int) -> None:
    """After every step of a random history, fake and real answer the same and hold the same."""
    instance = request.getfixturevalue(f"empty_{real}")
    fake = FakeGhost(version=instance.version, clock=ManualClock())
    for user in fake.state.users:
        if user["role"] != "Owner":
            fake.state.users.drop(user["id"])  # a site of the sandbox has its owner alone
    with session_for(fake) as session:
        twin = FakeSite(fake, session, name="fake")
        real_site = request.getfixturevalue("as_site")(instance)
        sites: list[tuple[Site, list[tuple[str, str]]]] = [(twin, []), (real_site, [])]
        for number, step in enumerate(_steps(seed)):
            expected, got = (_do(site, made, step) for site, made in sites)
            assert expected == got, (number, step)
            expected, got = (_whole(site) for site, _made in sites)
            assert expected == got, (number, step)
            for site, _made in sites:
                site.pass_time(step.waits)
