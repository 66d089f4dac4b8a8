"""Laws of push, over random trees on the fake."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from contract.backends import FakeSite
from engine.ghosts import FakeOne
from engine.push_steps import document, verbs
from fakeghost import FakeGhost, session_for
from hypothesis import event, given, settings
from hypothesis import strategies as st
from world import Clone, errors, in_agreement

from ghostsync.core.changes import Forget

NAMES = ("ant", "bee", "cat", "dog", "elk")
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "status": st.sampled_from(["draft", "published", None]),
    "tags": st.sampled_from([None, [], ["One"], ["Two", "One"], ["#inside"]]),
    "excerpt": st.sampled_from([None, "Short", "Longer"]),
    "featured": st.sampled_from([None, True, False]),
    "date": st.sampled_from([None, "2025-02-03T04:05:06Z"]),
    "visibility": st.sampled_from([None, "members", "public"]),
    "meta_title": st.sampled_from([None, "M"]),
}
BODIES = st.sampled_from(
    ["", "Words.\n", "# Head\n\nWords *in* a row.\n\n- a\n- b\n", "[see](bee.md)\n", "> quoted\n\n```\ncode\n```\n"]
)
TEXTS = st.builds(lambda body, fields: (body, fields), BODIES, st.fixed_dictionaries(FIELDS))
TREES = st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=len(NAMES))
EDITS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["type", "meta", "tags", "delete", "publish", "copy"])),
    max_size=3,
)
Tree = dict[str, tuple[str, dict[str, object]]]


@st.composite
def stories(draw: st.DrawFn) -> tuple[Tree, list[tuple[str, str]], Tree]:
    """Return documents, what a person does to the posts of them, and what has become of the documents.

    Drawn apart, the three would hardly ever speak of one post.
    """
    before = draw(st.dictionaries(st.sampled_from(NAMES), TEXTS, min_size=2, max_size=4))
    kinds = st.sampled_from(["type", "type", "meta", "tags", "delete", "publish", "copy"])
    edits = draw(st.lists(st.tuples(st.sampled_from(sorted(before)), kinds), min_size=1, max_size=4))
    after: Tree = {}
    for name, (text, fields) in before.items():
        match draw(st.sampled_from(["kept", "written", "field", "removed"])):
            case "kept":
                after[name] = text, fields
            case "written":
                after[name] = f"{text}\nWritten here.\n", fields
            case "field":
                after[name] = draw(TEXTS)
    return before, edits, after | draw(st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=1))


# Each example is two or three whole runs: a tenth of a second to half a second.
QUICK = settings(max_examples=int(os.environ.get("GHOSTSYNC_EXAMPLES") or 20))


@contextmanager
def a_world() -> Iterator[tuple[FakeOne, Clone]]:
    """One fake and one clone."""
    server = FakeGhost()
    with TemporaryDirectory() as folder, session_for(server) as session:
        (Path(folder) / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
        ghost = FakeOne(FakeSite(server, session, name="fake6"))
        yield ghost, Clone(root=Path(folder), api=ghost.api, sleep=ghost.sleep)
        ghost.api.transport.close()


def fill(clone: Clone, tree: dict[str, tuple[str, dict[str, object]]]) -> None:
    """Make the clone's posts those of a tree."""
    for file in sorted((clone.root / "posts").glob("*.md")):
        file.unlink()
    for name, (text, fields) in tree.items():
        body = text if "bee" in tree else text.replace("[see](bee.md)", "nothing to see")
        clone.write(f"posts/{name}.md", document(name.title(), body, **fields))


def shake(ghost: FakeOne, edits: list[tuple[str, str]]) -> None:
    """Let a person do things to posts that are there."""
    for slug, what in edits:
        if slug not in ghost.slugs():
            continue
        ghost.pass_time(30)
        match what:
            case "type":
                body = ghost.find(slug)["lexical"]
                if "Words" in body:
                    ghost.type(slug, "Words", "Edited words")
            case "meta":
                ghost.save(slug, meta_title="By hand")
            case "tags":
                ghost.save(slug, tags=[{"name": "Theirs"}])
            case "delete":
                ghost.delete(slug)
            case "publish":
                ghost.publish(slug)
            case _:
                ghost.duplicate(slug)


@QUICK
@given(tree=TREES)
def test_nothing_changed_means_nothing_to_do(tree: dict[str, tuple[str, dict[str, object]]]) -> None:
    """Apply then plan is empty, at once and later, and a second push writes nothing."""
    with a_world() as (ghost, clone):
        fill(clone, tree)
        assert errors(clone.push()) == []
        before = len(ghost.fake.log)
        assert in_agreement(clone.plan())
        ghost.pass_time(86_400)
        assert in_agreement(clone.push(prune="delete").plan)
        assert ghost.fake.writes(since=before) == []


@QUICK
@given(before=TREES, after=TREES)
def test_apply_then_plan_is_empty(
    before: dict[str, tuple[str, dict[str, object]]], after: dict[str, tuple[str, dict[str, object]]]
) -> None:
    """From any tree to any other, one push with pruning is enough, and nobody is emailed."""
    with a_world() as (ghost, clone):
        fill(clone, before)
        assert errors(clone.push()) == []
        ghost.pass_time(600)
        fill(clone, after)
        report = clone.push(prune="delete")
        assert errors(report) == []
        assert report.plan.conflicts == ()
        ghost.pass_time(600)
        gone = {note.path for note in report.plan.notes if note.kind == "deleted_in_ghost"}
        assert in_agreement(clone.plan(prune="delete"))
        assert ghost.slugs() == sorted(name for name in after if f"posts/{name}.md" not in gone)
        assert ghost.emails() == 0


@QUICK
@given(story=stories(), prune=st.sampled_from(["report", "draft", "delete", "delete"]))
def test_nothing_of_a_person_is_lost(story: tuple[Tree, list[tuple[str, str]], Tree], prune: str) -> None:
    """What a person did in Ghost since base is there after any push without `--prefer`; copies are untouched."""
    before, edits, after = story
    with a_world() as (ghost, clone):
        fill(clone, before)
        assert errors(clone.push()) == []
        ghost.pass_time(600)
        known = {row["id"]: row for row in ghost.all()}
        shake(ghost, edits)
        ghost.pass_time(600)
        edited = {row["id"]: row for row in ghost.all()}
        fill(clone, after)
        report = clone.push(prune=prune)
        assert errors(report) == []
        touched = {row["slug"] for id_, row in edited.items() if id_ in known and row != known[id_]}
        event(f"posts that a person touched: {len(touched)}")
        event(f"conflicts: {len(report.plan.conflicts)}")
        event(f"touched, and its document gone: {len(touched - set(after))}")
        event(f"deleted in Ghost: {len(set(known) - set(edited))}")
        there = {row["id"]: row for row in ghost.all()}
        for id_, row in edited.items():
            old = known.get(id_)
            if old is None:
                assert there[id_] == row  # a copy is nobody's
                continue
            if row["html"] != old["html"]:
                assert there[id_]["html"] == row["html"]
            if row["meta_title"] != old["meta_title"]:
                assert there[id_]["meta_title"] == "By hand"
            if [t["slug"] for t in row["tags"]] != [t["slug"] for t in old["tags"]]:
                assert "theirs" in [t["slug"] for t in there[id_]["tags"]]
            if (row["status"], old["status"]) == ("published", "draft"):
                assert there[id_]["status"] == "published"
        for id_ in set(known) - set(edited):
            assert id_ not in there
        new = [row["slug"] for row in ghost.all() if row["id"] not in edited]
        assert set(new) <= set(after)
        assert not [slug for slug in new if slug in {known[i]["slug"] for i in set(known) - set(edited)}]
        assert ghost.emails() == 0


@QUICK
@given(tree=TREES, edits=EDITS, seed=st.integers(0, 1000))
def test_a_plan_does_not_depend_on_the_order_of_anything(
    tree: dict[str, tuple[str, dict[str, object]]], edits: list[tuple[str, str]], seed: int
) -> None:
    """Digest and order are the same whichever way the documents were read."""
    with a_world() as (ghost, clone):
        fill(clone, {name: tree[name] for name in sorted(tree)[::2]})
        assert errors(clone.push()) == []
        ghost.pass_time(600)
        shake(ghost, edits)
        fill(clone, tree)
        session = clone.session()
        plan = clone.plan()
        tree_port = session.tree
        loaded = tree_port.load()

        class Shuffled:
            """The same tree, read in another order."""

            def __getattr__(self, name: str) -> object:
                return getattr(tree_port, name)

            def load(self) -> object:
                from dataclasses import replace

                documents = list(loaded.documents)
                random.Random(seed).shuffle(documents)
                return replace(loaded, documents=tuple(documents))

        session.tree = Shuffled()  # type: ignore[assignment]
        from ghostsync.engine.options import Options

        other = session.plan_push(Options())
        assert other.digest == plan.digest
        assert verbs(other) == verbs(plan)
        assert not [change for change in plan.changes if isinstance(change, Forget)]
