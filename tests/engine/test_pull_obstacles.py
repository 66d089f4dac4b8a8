"""What lies in a pull's way: runs that were cut off, names that collide, files that are somebody's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from engine.ghosts import FakeOne
from engine.pull_steps import plan_pull, planned, pull, tree
from engine.test_pull_scenarios import committed, png
from engine.test_push_rows import _lexical
from world import Clone, errors, in_agreement

from ghostsync.apply.files import FileWriter
from ghostsync.core.changes import Download, WriteFile
from ghostsync.core.digest import body_digest
from ghostsync.core.outcome import Status
from ghostsync.core.verbs import verb
from ghostsync.errors import NotFound
from ghostsync.local.history import History
from ghostsync.local.past import GitPast

CloneMaker = Callable[..., Clone]


def with_pictures(fake: FakeOne, *names: str) -> str:
    """Return a body that shows pictures of the site, which have bytes of their own unless they are there already."""
    body = json.loads(_lexical("Words."))
    for name in names:
        key = f"images/2026/01/{name}"
        if fake.fake.state.uploads.get(key) is None:
            fake.fake.state.uploads.put(key, ("image/png", png(1 + len(name))))
        src = f"{fake.fake.url}/content/images/2026/01/{name}"
        body["root"]["children"].append({"type": "image", "version": 1, "src": src, "alt": ""})
    return json.dumps(body)


def test_a_pull_that_was_cut_off_goes_on_where_it_stopped(clone: CloneMaker, fake: FakeOne) -> None:
    """Pictures that came down before the document could be written are not fetched under a second name."""
    fake.create("Hello", lexical=with_pictures(fake, "tide.png", "ebb.png"))
    a, whole = clone("a"), clone("whole")
    assert errors(pull(whole)) == []
    a.write("media/tide.png", (whole.root / "media/tide.png").read_bytes())
    assert errors(pull(a)) == []
    assert tree(a.root) == tree(whole.root)


def test_a_file_of_ones_own_under_a_pictures_name_stays(clone: CloneMaker, fake: FakeOne) -> None:
    """Other bytes under the same name are somebody's, whether or not this run sees them; the picture is numbered."""
    fake.create("Hello", lexical=with_pictures(fake, "tide.png", "ebb.png"))
    a = clone("a")
    a.write("media/tide.png", b"mine")
    a.write("media/ebb.png", b"mine and ignored")
    a.write(".ghostsyncignore", "media/ebb.png\n")
    assert errors(pull(a)) == []
    assert (a.root / "media/tide.png").read_bytes() == b"mine"
    assert (a.root / "media/ebb.png").read_bytes() == b"mine and ignored"
    assert "(../media/tide-2.png)" in a.read("posts/hello.md")
    assert "(../media/ebb-2.png)" in a.read("posts/hello.md")
    assert {verb(change) for change in a.plan().changes} <= {"adopt", "tag_create"}
    assert plan_pull(a).changes == ()


@pytest.mark.parametrize("cached", [True, False])
def test_one_picture_that_was_uploaded_twice_is_two_files(clone: CloneMaker, fake: FakeOne, cached: bool) -> None:
    """Each address has its own file, and none is taken for the other, with or without a cache."""
    for name in ("tide-1.png", "tide.png", "tide-2.png"):
        fake.fake.state.uploads.put(f"images/2026/01/{name}", ("image/png", png(7)))
    fake.create("Zwei", status="published", lexical=with_pictures(fake, "tide-1.png", "tide.png"))
    fake.create(
        "Eins", lexical=with_pictures(fake, "tide.png", "tide-2.png"),
        feature_image=f"{fake.fake.url}/content/images/2026/01/tide-1.png",
    )  # fmt: skip
    a = clone("a", cached=cached)
    assert errors(pull(a)) == []
    assert {path for path in tree(a.root) if path.startswith("media/")} == {
        "media/tide.png",
        "media/tide-1.png",
        "media/tide-2.png",
    }
    for plan in (a.plan(), plan_pull(a)):
        assert {verb(change) for change in plan.changes} <= {"adopt", "tag_create"}
        assert (plan.conflicts, plan.notes) == ((), ())


def test_a_picture_that_changed_between_two_pushes_comes_back_once(clone: CloneMaker, fake: FakeOne) -> None:
    """Two records name one file with two contents: the newer is what the directory had."""
    a = clone("a")
    a.write("images/tide.png", png(3))
    for name in ("one", "two"):
        a.write(f"posts/{name}.md", f"---\ntitle: {name}\n---\n![T](../images/tide.png)\n")
    assert errors(a.push()) == []
    fake.pass_time(600)
    a.write("images/tide.png", png(4))
    report = a.push(covers=lambda path: path in {"posts/one.md", "images/tide.png"}, is_everything=False)
    assert errors(report) == []
    fake.pass_time(600)
    b = clone("b")
    assert errors(pull(b)) == []
    assert tree(b.root) == tree(a.root)


def test_a_file_that_appears_while_pull_runs_is_not_overwritten(clone: CloneMaker, fake: FakeOne) -> None:
    """A new document never lands on a file that was not there when the plan was made; pictures neither."""
    fake.create("Hello", lexical=with_pictures(fake, "tide.png"))
    a = clone("a")
    found = planned(a)
    a.write("posts/hello.md", "Mine.\n")
    a.write("media/tide.png", b"mine")
    report = a.apply(found.plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED]
    assert a.read("posts/hello.md") == "Mine.\n"
    assert (a.root / "media/tide.png").read_bytes() == b"mine"


def test_two_tags_with_one_name_stay_two(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost tells tags by slug: a document names such a tag by its slug, and pushes as unchanged."""
    fake.create("One", tags=[{"name": "News"}], lexical=_lexical("Words."))
    fake.create("Two", tags=[{"name": "Other"}], lexical=_lexical("Words."))
    fake.create("Three", tags=[{"name": "news!"}, {"name": "News"}], lexical=_lexical("Words."))
    fake.save_tag("other", name="News", description="The other one")
    before = {row["slug"]: [tag["slug"] for tag in row["tags"]] for row in fake.all()}
    a = clone("a", cached=True)
    assert errors(pull(a)) == []
    for plan in (a.plan(), plan_pull(a)):
        assert (plan.changes, plan.conflicts, plan.problems, plan.notes) == ((), (), (), ())
    fake.pass_time(600)
    for path in ("posts/one.md", "posts/two.md", "posts/three.md"):
        a.write(path, a.read(path).replace("Words.", "Other words."))
    assert errors(a.push(prefer="local")) == []
    assert {
        row["slug"]: [t["slug"] for t in row["tags"] if "ghostsync" not in t["slug"]] for row in fake.all()
    } == before


def test_a_post_and_a_page_with_one_slug_do_not_block_each_other(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost's database allows it, its editor does not: one comes down, the other is a problem that says what to do."""
    fake.create("About", status="published", lexical=_lexical("The post."))
    page = fake.create("About us", to="pages", status="published", lexical=_lexical("The page."))
    fake.fake.state.posts.get(page["id"])["slug"] = "about"
    a = clone("a")
    report = pull(a)
    assert errors(report) == []
    (problem,) = report.plan.problems
    assert "slug" in problem.message
    assert len(tree(a.root)) == 1
    assert a.plan().problems == ()


@pytest.mark.parametrize("name", ["it's & more (1).png", "ü ö.png", "100%.png", "a&amp;b.png"])
def test_every_file_that_a_document_shows_is_fetched(clone: CloneMaker, fake: FakeOne, name: str) -> None:
    """However a name is spelled in Markdown, HTML or YAML, its file comes with the document that shows it."""
    a = clone("a")
    a.write(f"images/{name}", png(9))
    address = quote(f"../images/{name}")
    a.write(
        "posts/hello.md",
        f"---\ntitle: Hello\nog_image: '../images/{name.replace(chr(39), chr(39) * 2)}'\n---\n"
        f'Words.\n\n<div><img src="{address}" alt=""></div>\n',
    )
    assert errors(a.push()) == []
    fake.pass_time(600)
    fake.type("hello", "Words", "Other words")
    b = clone("b")
    assert errors(pull(b)) == []
    assert {path for path in tree(b.root) if path.startswith("images/")} == {f"images/{name}"}
    assert b.plan().problems == ()


def test_a_download_is_checked_against_what_its_document_means(clone: CloneMaker, fake: FakeOne) -> None:
    """Two documents that mean two contents by one name do not share a file silently."""
    a = clone("a")
    for name, width in (("x.png", 3), ("y.png", 4)):
        fake.fake.state.uploads.put(f"images/2026/01/{name}", ("image/png", png(width)))
    found = planned(a)
    changes = [
        WriteFile(
            path=f"posts/{name}.md", kind="post", id=None, slug=name, title=name, content=f"![](../media/t.png) {name}",
            expected=None, before=None, body_changed=True,
            downloads=(Download(url=f"{fake.fake.url}/content/images/2026/01/{name}.png", path="media/t.png"),),
        )
        for name in ("x", "y")
    ]  # fmt: skip
    report = a.apply(replace(found.plan, changes=tuple(changes)))
    assert [outcome.status for outcome in report.outcomes] == [Status.APPLIED, Status.FAILED]


def paragraph(*children: dict[str, object]) -> dict[str, object]:
    """Return a paragraph as Ghost's editor stores it."""
    frame = {"version": 1, "direction": "ltr", "format": "", "indent": 0}
    return {"type": "paragraph", **frame, "children": list(children)}


def link(address: str, text: str) -> dict[str, object]:
    """Return a link as Ghost's editor stores it."""
    frame = {"version": 1, "direction": "ltr", "format": "", "indent": 0, "rel": None, "target": None, "title": None}
    words = {"type": "extended-text", "text": text, "format": 0, "detail": 0, "mode": "normal", "style": ""}
    return {"type": "link", "url": address, **frame, "children": [{**words, "version": 1}]}


RELATIVE = (
    "about",
    "page/2",
    "notes.txt",
    "example.com/x",
    "../../secret.md",
    "C:\\x",
    "file:///etc/passwd",
    "as-is:y",
)


def test_an_address_that_reads_like_a_file_stays_an_address(clone: CloneMaker, fake: FakeOne) -> None:
    """What Ghost holds is said `as-is:`; it comes back unchanged, and no file here is taken for it and sent."""
    body = json.loads(_lexical("Words."))
    body["root"]["children"] += [paragraph(link(address, f"to {number}")) for number, address in enumerate(RELATIVE)]
    body["root"]["children"].append({"type": "image", "version": 1, "src": "secret.png", "alt": ""})
    body["root"]["children"].append({"type": "html", "version": 1, "html": '<p><a href="notes.txt">n</a></p>'})
    fake.create("Hello", status="published", lexical=json.dumps(body), feature_image="secret.png")
    a = clone("a", cached=True)
    for secret in ("posts/secret.png", "posts/notes.txt", "notes.txt", "about", "posts/about"):
        a.write(secret, png(2))
    before = set(tree(a.root))
    assert errors(pull(a)) == []
    assert set(tree(a.root)) - before == {"posts/hello.md"}
    assert "[to 0](as-is:about)" in a.read("posts/hello.md")
    for plan in (a.plan(), plan_pull(a)):
        assert (plan.changes, plan.conflicts, plan.problems, plan.notes) == ((), (), (), ())
    fake.type("hello", "Words", "Other words")
    assert errors(pull(a)) == []
    assert "Other words" in a.read("posts/hello.md")
    a.write("posts/hello.md", a.read("posts/hello.md").replace("Other words", "My words"))
    report = a.push()
    assert errors(report) == []
    assert {verb(change) for change in report.plan.changes} <= {"update", "tag_create"}
    stored = json.loads(fake.find("hello")["lexical"])["root"]["children"]
    assert [one["children"][0]["url"] for one in stored[1:9]] == list(RELATIVE)
    assert stored[9]["src"] == "secret.png"
    assert fake.find("hello")["feature_image"].endswith("secret.png")


def test_what_an_editor_brings_in_merges_with_what_a_writer_did(clone: CloneMaker, fake: FakeOne) -> None:
    """A picture, a link to another post and an odd address come in by pull; then one push makes one update."""
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\nstatus: published\n---\nOne.\n\nTwo.\n\nThree.\n\nFour.\n")
    a.write("posts/other.md", "---\ntitle: Other\nstatus: published\n---\nWords.\n")
    assert errors(a.push()) == []
    fake.pass_time(600)
    body = json.loads(with_pictures(fake, "tide.png"))
    there = json.loads(fake.find("hello")["lexical"])
    del there["root"]["ghostsync"]
    new = [
        paragraph(link(f"{fake.fake.url}/other/", "there")),
        paragraph(link("about", "here")),
        body["root"]["children"][1],
    ]
    there["root"]["children"] += new
    fake.save("hello", lexical=json.dumps(there))
    a.write("posts/hello.md", a.read("posts/hello.md").replace("One.", "One and more."))
    assert errors(pull(a)) == []
    text = a.read("posts/hello.md")
    assert "One and more." in text
    assert "[there](other.md)\n\n[here](as-is:about)\n\n![](../media/tide.png)" in text
    report = a.push()
    assert errors(report) == []
    assert (report.plan.conflicts, [verb(c) for c in report.plan.changes]) == ((), ["update"])
    fake.pass_time(600)
    assert in_agreement(a.plan())
    assert plan_pull(clone("b", of=a)).changes == ()


def test_a_record_cannot_pass_a_private_file_off_as_a_picture(clone: CloneMaker, fake: FakeOne) -> None:
    """Whoever may edit a post may edit its record; a file here is only taken for an upload whose bytes it has."""
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nWords.\n\n![T](../images/t.png)\n")
    a.write("images/t.png", png(3))
    a.write("customers.csv", b"private")
    assert errors(a.push()) == []
    fake.pass_time(600)
    row = fake.fake.state.posts.get(fake.find("hello")["id"])
    row["lexical"] = row["lexical"].replace("images/t.png", "customers.csv", 1)
    document = json.loads(row["lexical"])
    images = document["root"]["ghostsync"]["images"]
    document["root"]["ghostsync"]["images"] = {"customers.csv": next(iter(images.values()))}
    row["lexical"] = json.dumps(document)
    body = json.loads(_lexical("Theirs."))
    src = next(iter(images.values()))["url"]
    body["root"]["children"].append({"type": "image", "version": 1, "src": src, "alt": ""})
    fake.create("Trap", lexical=json.dumps(body))
    assert errors(pull(a)) == []
    assert "customers" not in a.read("posts/trap.md")


def test_a_picture_that_an_editor_uploads_again_is_hers(clone: CloneMaker, fake: FakeOne) -> None:
    """The same bytes under a second address come down, and the next push has nothing to say about it."""
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\nfeature_image: ../images/tide.png\n---\nWords.\n")
    a.write("images/tide.png", png(9))
    assert errors(a.push()) == []
    fake.pass_time(600)
    fake.fake.state.uploads.put("images/2026/01/tide.png", ("image/png", png(9)))
    fake.save("hello", feature_image=f"{fake.fake.url}/content/images/2026/01/tide.png")
    assert errors(pull(a)) == []
    assert a.read("posts/hello.md") == "---\ntitle: Hello\nfeature_image: ../media/tide.png\n---\nWords.\n"
    for plan in (a.plan(), plan_pull(a)):
        assert [verb(change) for change in plan.changes] in ([], ["adopt"])
        assert plan.conflicts == ()


def test_a_newer_compiler_is_not_an_edit(clone: CloneMaker, fake: FakeOne) -> None:
    """What an older ghostsync sent otherwise than this one would stays as the author wrote it."""
    source = "---\ntitle: Hello\nstatus: published\n---\nFirst words.\n\nSecond *words*,\nwrapped.\n\n* Third\n"
    a = clone("a")
    a.write("posts/hello.md", source)
    assert errors(a.push()) == []
    row = fake.fake.state.posts.get(fake.find("hello")["id"])
    document = json.loads(row["lexical"])
    document["root"]["children"][1] = {"type": "html", "version": 1, "html": "<p>Second <em>words</em>,\nwrapped.</p>"}
    digest = body_digest({"root": {**document["root"], "ghostsync": None}}, site_url=f"{fake.fake.url}/")
    document["root"]["ghostsync"]["body_digest"] = digest
    row["lexical"] = json.dumps(document)
    (revision,) = fake.fake.state.revisions.get(row["id"])
    revision["lexical"] = row["lexical"]
    fake.pass_time(600)
    b = clone("b", of=a)
    assert b.plan().changes == plan_pull(b).changes == ()
    fake.type("hello", "First", "My first")
    for machine in (b, clone("c")):
        assert errors(pull(machine)) == []
        assert machine.read("posts/hello.md") == source.replace("First", "My first")
    b.write("posts/hello.md", b.read("posts/hello.md").replace("Third", "Third and fourth"))
    report = b.push()
    assert (errors(report), report.plan.conflicts) == ([], ())
    assert "My first words." in fake.body("hello")


def test_a_setting_that_an_imported_post_never_had_comes_in_by_git(clone: CloneMaker, fake: FakeOne) -> None:
    """What the committed version does not mention was Ghost's default then: an excerpt written since is an edit."""
    fake.create("Hello", status="published", lexical=_lexical("Words."), meta_title="Kept")
    a = clone("a")
    assert errors(pull(a)) == []
    committed(a)
    fake.pass_time(600)
    fake.save("hello", custom_excerpt="From the editor.")
    b = clone("b", of=a)
    with History(a.root) as history:
        b.past = GitPast(history)
        assert errors(pull(b)) == []
    came = set(b.read("posts/hello.md").splitlines()) - set(a.read("posts/hello.md").splitlines())
    assert came == {"excerpt: From the editor."}


DEEP = '{"type":"list","children":[' * 400 + "]}" * 400
OLD = {"version": "0.3.1", "markups": [], "cards": []}
BROKEN = {
    "mobiledoc-section": {"mobiledoc": json.dumps({**OLD, "sections": [[1, "p"]]})},
    "mobiledoc-card": {"mobiledoc": json.dumps({**OLD, "sections": [[10, 7]]})},
    "mobiledoc-text": {"mobiledoc": "not JSON"},
    "mobiledoc-list": {"mobiledoc": "[]"},
    "lexical-root": {"lexical": json.dumps({"no": "root"})},
    "lexical-text": {"lexical": "not JSON"},
    "lexical-list": {"lexical": "[1]"},
    "lexical-deep": {"lexical": f'{{"root":{{"children":[{DEEP}],"type":"root"}}}}'},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_post_that_cannot_be_read_keeps_no_other_from_coming(clone: CloneMaker, fake: FakeOne, kind: str) -> None:
    """It is a problem of its own, with its name; everything else comes down, and pushes."""
    row = fake.create("Bad", status="published", lexical=_lexical("Words."))
    fake.create("Good", status="published", lexical=_lexical("Words."))
    stored = fake.fake.state.posts.get(row["id"])
    stored |= {"lexical": None, "mobiledoc": None, **BROKEN[kind]}
    fake.pass_time(600)
    a = clone("a")
    report = pull(a)
    assert errors(report) == []
    assert "posts/good.md" in tree(a.root)
    assert [problem.path for problem in report.plan.problems] == ["posts/bad.md"]
    a.write("posts/good.md", a.read("posts/good.md").replace("Words.", "Other words."))
    assert errors(a.push(prefer="local")) == []
    assert "Other words." in fake.body("good")


@pytest.mark.parametrize("name", ["posts", "media"])
def test_a_file_where_a_folder_should_be_is_said(clone: CloneMaker, fake: FakeOne, name: str) -> None:
    """No other name would help: what needs the folder is refused or keeps its address, and all else comes."""
    fake.create("Hello", status="published", lexical=with_pictures(fake, "tide.png"))
    fake.create("About", to="pages", status="published", lexical=_lexical("Words."))
    a = clone("a")
    a.write(name, "a file without an ending")
    report = pull(a)
    assert errors(report) == []
    assert "pages/about.md" in tree(a.root)
    said = [*report.plan.problems, *report.plan.notes]
    assert [f"the folder `{name}`" in one.message for one in said] == [True]
    assert (a.root / name).read_text(encoding="utf-8") == "a file without an ending"


def test_a_record_cannot_have_anything_fetched_from_elsewhere(clone: CloneMaker, fake: FakeOne) -> None:
    """An address on another host is good for the bytes whose digest the record has, and for nothing else."""
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nWords.\n\n![T](../images/t.png)\n")
    a.write("images/t.png", png(3))
    assert errors(a.push()) == []
    fake.pass_time(600)
    row = fake.fake.state.posts.get(fake.find("hello")["id"])
    document = json.loads(row["lexical"])
    document["root"]["ghostsync"]["images"]["images/t.png"]["url"] = "https://internal.example/secret.png"
    row["lexical"] = json.dumps(document)
    asked: list[str] = []

    class Elsewhere:
        """The site, and a host that answers everything."""

        def __init__(self, remote: object) -> None:
            self._remote = remote

        def __getattr__(self, name: str) -> object:
            return getattr(self._remote, name)

        def download(self, url: str) -> bytes:
            asked.append(url)
            return b"secret"

    b = clone("b")
    found = planned(b)
    (change,) = found.plan.changes
    assert isinstance(change, WriteFile)
    with pytest.raises(NotFound):
        FileWriter(remote=Elsewhere(b.session().remote), tree=b.session().tree).write(change)  # type: ignore[arg-type]
    assert asked
    assert tree(b.root) == {}


def test_a_tags_picture_that_reads_like_a_file_stays_an_address(clone: CloneMaker, fake: FakeOne) -> None:
    """In `tags.yaml` too: nothing here is taken for it, and it goes back as it was."""
    fake.create("Hello", tags=[{"name": "News"}], lexical=_lexical("Words."))
    fake.save_tag("news", name="News", feature_image="secret.png", description="as-is: d")
    a = clone("a", cached=True)
    a.write("secret.png", png(2))
    assert errors(pull(a)) == []
    assert "feature_image: as-is:secret.png" in a.read("tags.yaml")
    for plan in (a.plan(), plan_pull(a)):
        assert (plan.changes, plan.conflicts, plan.problems) == ((), (), ())
