"""What a push shows on real servers only: size, what readers left there, routes, the table of emails."""

from __future__ import annotations

import os
import threading
from collections import Counter

import pytest
from engine.ghosts import RealOne
from engine.push_steps import CloneMaker, commit, document, push, seeded, verbs
from engine.test_push_scenarios import png
from world import Clone, errors, in_agreement

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.safety import refusal

IS_LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
DOCUMENTS, PICTURES, RENAMES = (300, 200, 50) if IS_LONG else (24, 16, 4)


@pytest.mark.timeout(900 if IS_LONG else 120)
def test_many_documents_with_pictures(clone: CloneMaker, real: RealOne) -> None:
    """Fresh clones: no write; a picture's new bytes are one upload and one update; renamed files are no new posts."""
    a = clone("a", jobs=4)
    for n in range(PICTURES):
        a.write(f"pictures/{n}.png", png(n % 256, n // 256))
    for n in range(DOCUMENTS):
        body = f"Text {n}.\n\n![](../pictures/{n % PICTURES}.png)\n"
        a.write(f"posts/post-{n}.md", document(f"Post {n}", body, slug=f"post-{n}", tags=[f"Topic {n % 7}"]))
    push(a)
    assert Counter(real.writes())["POST images"] == PICTURES
    assert Counter(real.writes())["POST posts"] == DOCUMENTS
    real.pass_time(600)
    before = len(real.writes())
    b = clone("b", of=a, jobs=4)
    plan = push(b).plan
    assert (plan.changes, plan.notes, plan.unchanged) == ((), (), DOCUMENTS)
    assert real.writes()[before:] == []

    only = PICTURES - 1 if DOCUMENTS < 2 * PICTURES else 0
    shown = sum(n % PICTURES == only for n in range(DOCUMENTS))
    b.write(f"pictures/{only}.png", png(1, 99))
    assert verbs(push(b).plan) == ["upload", *["update"] * shown]
    assert Counter(real.writes()[before:]) == {"POST images": 1, "PUT posts": shown}
    assert shown == 1
    real.pass_time(600)

    ids = {row["slug"]: (row["id"], row["uuid"]) for row in real.all()}
    c = clone("c", of=b, jobs=4)
    for n in range(RENAMES):
        (c.root / f"posts/post-{n}.md").rename(c.root / f"posts/moved-{n}.md")
    plan = push(c, prune="delete").plan
    assert set(verbs(plan)) <= {"adopt"}
    assert {row["slug"]: (row["id"], row["uuid"]) for row in real.all()} == ids
    real.pass_time(600)
    assert in_agreement(clone("d", of=c).plan(prune="delete"))
    assert real.emails() == 0


def test_a_new_slug_keeps_the_comments(clone: CloneMaker, real: RealOne) -> None:
    """The post that moves to another address is the same post: id, uuid, comments, date of publication."""
    b = clone("b", of=seeded(clone, real, {"posts/hello.md": document(slug="hello")}))
    before = real.find("hello")
    real.comment(before["id"], "<p>Well said.</p>")
    b.write("posts/hello.md", document(slug="welcome"))
    report = push(b)
    assert verbs(report.plan) == ["update"]
    assert [note.kind for note in report.plan.notes] == [NoteKind.SLUG_CHANGE]
    after = real.find("welcome")
    same = ("id", "uuid", "comment_id", "published_at")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert real.rows("SELECT post_id, html FROM comments") == [(before["id"], "<p>Well said.</p>")]
    assert [row[0] for row in real.rows("SELECT slug FROM posts")] == ["welcome"]


def test_links_follow_dated_routes(clone: CloneMaker, real: RealOne) -> None:
    """A draft, a scheduled post and one made in the same run: the addresses that Ghost gives them, never `/p/…`."""
    real.set_permalink("/{year}/{month}/{slug}/")
    a = clone("a")
    a.write("posts/later.md", document("Later", status="scheduled", date="2099-01-02T03:04:05Z"))
    a.write("posts/draft.md", document("Draft", status="draft", date="2023-05-06T07:08:09Z"))
    a.write("posts/old.md", document("Old", date="2024-11-02T03:04:05Z"))
    a.write("posts/new.md", document("New"))
    a.write("pages/about.md", document("About"))
    links = "[a](later.md) [b](draft.md) [c](old.md#part) [d](new.md) [e](../pages/about.md)\n"
    a.write("posts/hello.md", document(body=links))
    push(a)
    html = real.body("hello")
    assert "/p/" not in html
    for address in ("2099/01/later/", "2023/05/draft/", "2024/11/old/#part", "about/"):
        assert f'href="{real.site.url}/{address}"' in html
    for slug, part in (("old", "#part"), ("new", "")):
        assert f'href="{real.find(slug)["url"]}{part}"' in html
    real.pass_time(60)
    assert in_agreement(clone("b", of=a).plan())


@pytest.mark.parametrize("prune", ["draft", "delete"])
def test_removing_many(clone: CloneMaker, real: RealOne, prune: str) -> None:
    """12 of 31: refused with counts and the flag; with it exactly those go; a person's post with the tag stays."""
    a = clone("a", jobs=4)
    for n in range(31):
        a.write(f"posts/p{n:02}.md", document(f"P {n}", tags=["Series"]))
    push(a)
    real.create("By hand", status="published", tags=[{"name": "Series"}, {"name": "#ghostsync"}])
    real.pass_time(600)
    b = clone("b", of=a, jobs=4)
    for n in range(12):
        b.remove(f"posts/p{n:02}.md")
    plan = b.plan(prune=prune)
    error = refusal(plan, documents=19, allow_many=False)
    assert error is not None
    assert ("12" in str(error), "31" in str(error)) == (True, True)
    assert "--allow-many-removals" in str(error.hint)
    assert refusal(plan, documents=19, allow_many=True) is None
    assert errors(b.apply(plan)) == []
    rows = {row["slug"]: row["status"] for row in real.all()}
    kept = dict.fromkeys([*(f"p{n:02}" for n in range(12, 31)), "by-hand"], "published")
    assert rows == (kept if prune == "delete" else kept | dict.fromkeys((f"p{n:02}" for n in range(12)), "draft"))


def test_one_tag_from_two_runs_at_once(clone: CloneMaker, real: RealOne) -> None:
    """Two runs that make the same new tags in the same moment leave one of each, and no `-2`."""
    runs = [clone("a"), clone("b")]
    for run in runs:
        for n in range(6):
            run.write(f"posts/{run.name}-{n}.md", document(f"{run.name} {n}", tags=[f"Shared {n}"]))
    plans = [run.plan() for run in runs]
    start = threading.Barrier(2)
    found: list[str] = []

    def go(run: Clone, at: int) -> None:
        start.wait(30)
        found.extend(errors(run.apply(plans[at])))

    threads = [threading.Thread(target=go, args=(run, at)) for at, run in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    real.pass_time(60)
    for run in runs:  # where Ghost itself refused one of two equal tags, the next run says what is left to do
        push(run)
    assert real.all_tags() == ["hash-ghostsync", *(f"shared-{n}" for n in range(6))]
    assert len(real.slugs()) == 12


def test_tags_yaml_has_its_base_in_git(clone: CloneMaker, real: RealOne) -> None:
    """Without a cache: what a commit says that Ghost still says is base; an editor's words are a conflict."""
    a = clone("a")
    a.write("tags.yaml", "- name: News\n  description: Old\n  accent_color: '#000000'\n")
    commit(a)
    push(a)
    real.pass_time(60)
    a.write("tags.yaml", "- name: News\n  description: New\n  accent_color: '#000000'\n")
    assert verbs(push(a).plan) == ["tag_update"]
    assert real.tag("news")["description"] == "New"
    commit(a)
    real.save_tag("news", description="Edited")
    a.write("tags.yaml", "- name: News\n  description: New\n  accent_color: '#ff8800'\n")
    plan = a.plan()
    a.apply(plan)
    assert real.tag("news")["description"] == "Edited"
    assert [conflict.why for conflict in plan.conflicts] == [Why.TAG]


def test_emails_in_the_database(clone: CloneMaker, real: RealOne) -> None:
    """A newsletter in the document and `--send-email` in the run: one row, with its newsletter and segment."""
    slug = real.newsletter
    a = clone("a")
    a.write("posts/hello.md", document(newsletter=slug, email_segment="status:free"))
    assert [conflict.why for conflict in a.plan().conflicts] == [Why.EMAIL]
    push(a)
    assert real.rows("SELECT count(*) FROM emails") == [(0,)]
    assert real.slugs() == []
    plan = a.plan(send_email=True)
    (change,) = plan.emails
    assert change.email is not None
    assert (change.email.newsletter, change.email.segment, change.email.members) == (slug, "status:free", 0)
    assert errors(a.apply(plan)) == []
    found = real.rows(
        "SELECT n.slug, e.recipient_filter, p.slug FROM emails e"
        " JOIN newsletters n ON n.id = e.newsletter_id JOIN posts p ON p.id = e.post_id"
    )
    assert found == [(slug, "status:free", "hello")]
    for status in ("draft", "published"):
        real.pass_time(60)
        a.write("posts/hello.md", document(newsletter=slug, email_segment="status:free", status=status))
        push(a, send_email=True)
    assert real.rows("SELECT count(*) FROM emails") == [(1,)]
