"""`ghostsync check`: everything wrong with a content tree, offline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from shell import at_terminal

from ghostsync.checking import check_tree
from ghostsync.core.anchors import anchors_of, has_anchor, heading_id
from ghostsync.lexical import compile_markdown
from ghostsync.local.config import load_config
from ghostsync.local.tree import ContentTree
from ghostsync.model import DocPath

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'


def fill(root: Path, files: dict[str, str]) -> Path:
    """Write files below `root`."""
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return root


def found(root: Path, *covers: str) -> tuple[list[tuple[str, int | None, str]], list[tuple[str, int | None, str]]]:
    """Return problems and warnings as (path, line, beginning of the message)."""
    chosen = [DocPath(path) for path in covers] or None
    verdict = check_tree(ContentTree(load_config(root)), dialect="ghost", covers=chosen)
    return (
        [(one.path, one.line, one.message) for one in verdict.problems],
        [(one.path, one.line, one.message) for one in verdict.warnings],
    )


def test_a_sound_tree_has_no_problems(tmp_path: Path) -> None:
    """Links, anchors, pictures, in the body, the front matter and `tags.yaml`, that lead somewhere are fine."""
    fill(
        tmp_path,
        {
            "posts/a.md": "---\nfeature_image: ../img/p.svg\n---\n# A\n\n## A part\n\n[b](../pages/b.md#das-ende)\n\n"
            "![p](../img/p.svg)\n\n[here](#a-part) [out](https://example.com) [site](/about/) [file](../img/f.pdf)\n",
            "pages/b.md": "## Das Ende!\n\n[a](../posts/a.md)\n",
            "img/p.svg": SVG,
            "img/f.pdf": "%PDF",
            "tags.yaml": "- name: News\n  feature_image: img/p.svg\n",
        },
    )
    assert found(tmp_path) == ([], [])


def test_a_fault_in_the_front_matter_hides_none_in_the_text(tmp_path: Path) -> None:
    """Everything is told in one go, on the lines of the file; a document that cannot be read at all has one problem."""
    fill(
        tmp_path,
        {
            "a.md": "---\nstatus: publishd\n---\n# A\n\n[gone](gone.md) and [c](c.md)\n",
            "b.md": "---\ntitle: [\n---\n[gone](gone.md)\n",
            "c.md": "---\nstatus: 7\n---\n[back](a.md#a-part)\n\n```ghost:button\nurll: x\n```\n",
        },
    )
    problems, warnings = found(tmp_path)
    assert [(path, line, message[:22]) for path, line, message in problems] == [
        ("a.md", 2, "`status` is draft, pub"),
        ("a.md", 6, "`gone.md` leads to not"),
        ("b.md", 2, "the YAML cannot be rea"),
        ("c.md", 2, "`status` is draft, pub"),
        ("c.md", 7, "ghost:button: no prope"),
    ]
    assert warnings == []


def test_a_card_that_cannot_be_read_is_a_problem_of_its_document(tmp_path: Path) -> None:
    """With file and line; links to its headings are not doubted, and marks of a pull are found as well."""
    fill(
        tmp_path,
        {
            "a.md": "---\ntitle: A\n---\n\n# Part\n\n```ghost:button\nurll: x\n```\n",
            "b.md": "# B\n\n[a](a.md#part)\n\n```ghost:buton\nurl: x\n```\n",
            "c.md": "# C\n\n<<<<<<< this file\nx\n||||||| last agreed\n=======\ny\n>>>>>>> Ghost\n",
            "d.md": "# D\n\n[a](a.md#part)\n",
        },
    )
    problems, warnings = found(tmp_path)
    assert problems == [
        ("a.md", 8, "ghost:button: no property 'urll'; ghost:button has alignment, text, url"),
        ("b.md", 5, "no card is called 'buton'"),
        ("c.md", 3, "an earlier pull marked places that both sides changed, and this one is not settled yet"),
    ]
    assert warnings == []


def test_a_command_of_a_site_generator_is_a_warning(tmp_path: Path) -> None:
    """Readers would see it; it stands on its line of the file, and in code it is meant to be seen."""
    fill(tmp_path, {"a.md": '---\ntitle: A\n---\n\nText.\n\n{{< figure src="a.png" >}}\n\n`{% raw %}`\n'})
    problems, warnings = found(tmp_path)
    assert problems == []
    assert [(path, line, message.partition(" to ")[0]) for path, line, message in warnings] == [
        ("a.md", 7, "Ghost shows `{{< figure … >}}`")
    ]


def test_names_that_windows_cannot_hold_are_warnings(tmp_path: Path) -> None:
    """Each file is named once, documents and what they show alike; what nothing shows is nobody's business."""
    fill(
        tmp_path,
        {
            "CON.md": "# A\n\n![p](img/a*b.svg)\n\n![p](img/a*b.svg)\n",
            "b.md": "![p](img/a*b.svg)\n",
            "aux.d/c.md": "# C\n",
            "img/a*b.svg": SVG,
            "img/unused?.svg": SVG,
        },
    )
    problems, warnings = found(tmp_path)
    assert problems == []
    assert [(path, message.partition(":")[0]) for path, _, message in warnings] == [
        ("CON.md", "`CON.md` leads to a device on some systems"),
        ("aux.d/c.md", "`aux.d/c.md` leads to a device on some systems"),
        ("img/a*b.svg", "`img/a*b.svg` has a character that not every disk can hold"),
    ]


def test_everything_that_leads_to_nothing_is_found(tmp_path: Path) -> None:
    """Each broken reference is named with file and line, whichever way it is broken."""
    fill(
        tmp_path,
        {
            "posts/a.md": "---\ntitle: A\nfeature_image: gone.png\n---\n\n[b](bb.md)\n\n![x](../../out.png)\n\n"
            '![y](pic.avif)\n\n![z](fake.png)\n\n<img src="no.png">\n',
            "posts/b.md": "text",
            "posts/pic.avif": "x",
            "posts/fake.png": "x",
            "tags.yaml": "- name: News\n  feature_image: no.svg\n",
        },
    )
    problems, warnings = found(tmp_path)
    assert warnings == []
    assert [(path, line, message.split(":")[0]) for path, line, message in problems] == [
        ("posts/a.md", 3, "`gone.png` leads to nothing"),
        ("posts/a.md", 6, "`bb.md` leads to nothing"),
        ("posts/a.md", 8, "`../../out.png` leaves the content directory"),
        ("posts/a.md", 10, "Ghost does not take `pic.avif` as a picture"),
        ("posts/a.md", 12, "`fake.png`"),
        ("posts/a.md", 14, "`no.png` leads to nothing"),
        ("tags.yaml", 1, "`no.svg` leads to nothing"),
    ]


def test_a_missing_anchor_is_a_warning(tmp_path: Path) -> None:
    """The reader still arrives at the document."""
    fill(tmp_path, {"a.md": "[x](b.md#nowhere)\n\n[y](#nor-here)\n", "b.md": "## Somewhere\n"})
    problems, warnings = found(tmp_path)
    assert problems == []
    assert [(path, line) for path, line, _ in warnings] == [("a.md", 1), ("a.md", 3)]


def test_a_link_to_a_broken_document_is_not_blamed_twice(tmp_path: Path) -> None:
    """Only the broken document itself is a problem."""
    fill(tmp_path, {"a.md": "[b](b.md)\n", "b.md": "---\nx: [\n---\n"})
    problems, _ = found(tmp_path)
    assert [path for path, _, _ in problems] == ["b.md"]


def test_a_selection_is_checked_against_the_whole_tree(tmp_path: Path) -> None:
    """Documents outside are link targets, and their own problems are not told."""
    fill(tmp_path, {"x/a.md": "[b](../y/b.md) [c](../y/c.md)\n", "y/b.md": "[gone](gone.md)\n"})
    problems, _ = found(tmp_path, "x")
    assert [(path, message.split(":")[0]) for path, _, message in problems] == [
        ("x/a.md", "`../y/c.md` leads to nothing")
    ]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Das Ende!", "das-ende"),
        ("What's  new?", "whats-new"),
        ("C & D", "c-d"),
        ("a -- b", "ab"),
        ("Über uns", "über-uns"),
        ("1. First", "1-first"),
    ],
)
def test_headings_have_ghosts_ids(heading: str, name: str) -> None:
    """Ghost leaves out punctuation and, in runs of them, the blanks' hyphens too."""
    assert heading_id(heading) == name


def test_repeated_headings_and_html_ids_can_be_linked() -> None:
    """The second heading of a name has `-1`; ids in HTML count."""
    places = anchors_of(compile_markdown('## Part\n\n## Part\n\n<div id="mine">x</div>\n'))
    assert [has_anchor(places, name) for name in ("part", "part-1", "mine", "part-2")] == [True, True, True, False]


def run(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line itself, without a site and without a key."""
    return subprocess.run(
        [sys.executable, "-m", "ghostsync", "check", *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A folder with a content tree in which one document is broken and one has a warning."""
    fill(tmp_path, {"content/a.md": "---\nstatus: nope\n---\n", "content/b.md": "---\ntitel: x\n---\n"})
    return tmp_path


def test_text_for_people(faulty: Path) -> None:
    """Problems go to stdout with the path that an editor opens, warnings to stderr; the exit code is 5."""
    done = run(faulty, "content")
    assert done.returncode == 5
    assert done.stdout.splitlines() == [
        "content/a.md:2: `status` is draft, published, scheduled or sent, not `nope`",
        '  hint: write `status: draft`; if it is another tool\'s, `ignore = ["status"]` in ghostsync.toml',
    ]
    assert "content/b.md:2: unknown key `titel`" in done.stderr
    assert "2 documents, 1 problem, 1 warning" in done.stderr


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("seconds.md", "posts/second.md"),
        ("Secnd.md", "posts/second.md"),
        ("../pictures/boat.PNG", "pictures/Boat.png"),
    ],
)
def test_a_path_written_as_an_address_finds_its_file(tmp_path: Path, reference: str, meant: str) -> None:
    """Of an address that nothing answers to, the hint names the file that was probably meant."""
    tree = {"posts/My_First-Post/index.md": "# One\n", "posts/second.md": f"# Two\n\n[x]({reference})\n"}
    fill(tmp_path, {**{f"content/{path}": text for path, text in tree.items()}, "content/pictures/Boat.png": "x"})
    assert f"  hint: did you mean {meant}?" in run(tmp_path, "content").stdout.splitlines()


@pytest.mark.parametrize(
    ("link", "hint"),
    [
        ("youtu.be/x1y2?t=3", "did you mean `https://youtu.be/x1y2?t=3`?"),
        ("Example.com", "did you mean `https://Example.com`?"),
        ("setup.py", "correct the path, or add the file"),
        ("<{{ site.url }}>", "a command of a site generator, which nobody carries out here"),
        ("secnd.md", "did you mean posts/second.md?"),
    ],
)
def test_what_a_link_to_nothing_was_meant_to_be(tmp_path: Path, link: str, hint: str) -> None:
    """An address without its scheme, a command of a generator and a slip of the pen are told apart."""
    fill(tmp_path, {"posts/second.md": "# Two\n", "posts/a.md": f"[x]({link})\n"})
    (problem,) = check_tree(ContentTree(load_config(tmp_path)), dialect="ghost").problems
    assert problem.hint is not None
    assert problem.hint.startswith(hint)


def test_pictures_from_the_root_that_ghost_does_not_have(tmp_path: Path) -> None:
    """They would be dead links; the warning is the same for all documents, and says what finds them."""
    body = "![a](/img/a.svg)\n\n![b](/img/b.svg)\n\n[page](/about/us/)\n"
    fill(tmp_path, {"one.md": body, "two.md": f"---\nfeature_image: /img/a.svg\n---\n{body}", "static/img/a.svg": SVG})
    first, second = check_tree(ContentTree(load_config(tmp_path)), dialect="ghost").warnings
    assert (first.message, first.hint) == (second.message, second.hint)
    assert first.hint == '`static = ["static"]` in ghostsync.toml finds it in `static`'
    fill(tmp_path, {"ghostsync.toml": 'static = ["static"]\n', "static/img/b.svg": SVG})
    verdict = check_tree(ContentTree(load_config(tmp_path)), dialect="ghost")
    assert [one.message[:12] for one in verdict.warnings] == ["`/about/…` is"[:12]] * 2
    assert verdict.problems == ()


def test_many_documents_of_one_slug_name_a_few(tmp_path: Path) -> None:
    """A hundred issues of a newsletter do not list each other in each of their messages."""
    fill(tmp_path, {f"posts/2024-01-0{day}-news.md": "x\n" for day in range(1, 8)})
    problems = check_tree(ContentTree(load_config(tmp_path)), dialect="ghost").problems
    assert len(problems) == 7
    assert problems[0].message.endswith("2024-01-03-news.md, posts/2024-01-04-news.md and 3 more documents")


def test_a_habit_is_told_once(tmp_path: Path) -> None:
    """A warning that many documents share is told of the first; `--verbose` and JSON have each of them."""
    fill(tmp_path, {f"content/{name}.md": "---\nmood: good\n---\n" for name in "abcd"})
    told = run(tmp_path, "content").stderr
    assert "warning: content/a.md:2: unknown key `mood` (as in 3 more documents)" in told
    assert "b.md" not in told
    marks = [line for line in run(tmp_path, "content", "--format", "github").stdout.splitlines() if "mood" in line]
    assert [mark.split(",")[0] for mark in marks] == ["::warning file=content/a.md"]
    assert "content/d.md:2: unknown key `mood`" in run(tmp_path, "content", "--verbose").stderr
    assert len(json.loads(run(tmp_path, "content", "--format", "json").stdout)["warnings"]) == 4


def test_json_is_one_document(faulty: Path) -> None:
    """Nothing but JSON is on stdout."""
    done = run(faulty, "content", "--format", "json")
    data = json.loads(done.stdout)
    assert (data["documents"], len(data["problems"]), len(data["warnings"])) == (2, 1, 1)
    assert data["problems"][0] == {
        "path": "a.md",
        "file": "content/a.md",
        "line": 2,
        "message": "`status` is draft, published, scheduled or sent, not `nope`",
        "hint": 'write `status: draft`; if it is another tool\'s, `ignore = ["status"]` in ghostsync.toml',
    }


def test_github_annotations(faulty: Path) -> None:
    """Workflow commands name file and line; line ends are escaped."""
    done = run(faulty, "content", "--format", "github")
    error, warning = done.stdout.splitlines()
    assert error.startswith("::error file=content/a.md,line=2,title=ghostsync::`status` is")
    assert "%0Ahint: write" in error
    assert warning.startswith("::warning file=content/b.md,line=2,")


def test_nothing_wrong_exits_with_zero(tmp_path: Path) -> None:
    """A sound tree prints nothing on stdout."""
    fill(tmp_path, {"a.md": "text"})
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 document, no problems" in done.stderr


def test_a_configuration_fault_is_a_usage_error(tmp_path: Path) -> None:
    """Exit 2, with the fault's line."""
    fill(tmp_path, {"ghostsync.toml": "jobs = 0\n"})
    done = run(tmp_path)
    assert done.returncode == 2
    assert "ghostsync.toml:1" in done.stderr


def test_a_terminal_gets_the_problems_folded(tmp_path: Path) -> None:
    """No word is cut at the edge, and what is folded stands under its problem."""
    (tmp_path / "a.md").write_text("# A\n\n[there](a-rather-long-name-of-a-document-that-is-not-there.md)\n")
    seen = at_terminal(None, "check", cwd=tmp_path, columns=60, NO_COLOR="1")
    assert seen.code == 5
    lines = seen.plain.splitlines()
    assert max(map(len, lines)) <= 60
    assert "  hint: correct the path, or add the file" in lines
