"""Markdown for comments and workflow commands for annotations: complete, short enough, and inert."""

from __future__ import annotations

from describe import plan_samples as samples
from markdown_it import MarkdownIt

from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.describe_github import plan_to_github
from ghostsync.core.describe_markdown import plan_to_markdown
from ghostsync.errors import Problem
from ghostsync.model import DocPath

NASTY = "x](javascript:alert(1)) ![p](https://spy.example/p.png) <img src=x onerror=alert(1)> @everybody `a``b` # *no*"


def test_markdown_names_everything_that_a_plan_holds() -> None:
    """No change, conflict, problem or note is left out of a comment that has room."""
    text = plan_to_markdown(samples.full_plan())
    for change in samples.every_change():
        subject = getattr(change, "path", None) or getattr(change, "name", None) or "harbour.png"
        assert subject in text
    assert "posts/both.md" in text
    assert "posts/broken.md:3" in text
    assert "posts/orphan.md" in text
    assert "[-tpyos-]{+typos+}" in text


def test_markdown_of_a_run_says_what_failed() -> None:
    """The report stands above the plan."""
    text = plan_to_markdown(samples.full_plan(), samples.full_report())
    assert "9 applied, 1 failed, 1 skipped" in text
    assert "failed: update `posts/hello.md`: Ghost refuses the excerpt Hint: shorten it" in text


def test_titles_cannot_become_markup() -> None:
    """A title or message from Ghost makes no link, picture, tag or mention in a comment."""
    note = Note(kind=NoteKind.WARNING, path="a.md", message=NASTY)
    plan = samples.plan(samples.update(title=NASTY, before=samples.fields(excerpt=NASTY), sends={}), notes=(note,))
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(plan_to_markdown(plan))
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "spy.example" in html
    assert "@everybody" not in html.replace("<code>", "")


def test_long_plans_are_shortened_from_the_least_important() -> None:
    """A comment of 60,000 characters still has every conflict and the counts."""
    many = [samples.update(path=DocPath(f"posts/{n:04}.md")) for n in range(900)]
    plan = samples.plan(*many, conflicts=(samples.CONFLICT,), problems=samples.PROBLEMS)
    text = plan_to_markdown(plan)
    assert len(text) <= 60_100
    assert "900 posts to update" in text
    assert "posts/both.md" in text
    assert "posts/broken.md:3" in text


def test_even_what_cannot_be_shortened_fits_a_comment() -> None:
    """Thousands of problems and notes are cut at a line, and what was opened is closed."""
    problems = tuple(Problem(path=f"posts/{n:05}.md", line=3, message="no `such` thing " * 4) for n in range(400))
    notes = tuple(Note(kind=NoteKind.WARNING, path=f"posts/{n:05}.md", message="mind this " * 9) for n in range(2000))
    for found in (samples.plan(problems=problems * 5), samples.plan(notes=notes), samples.plan(notes=notes * 2)):
        text = plan_to_markdown(found, most=20_000)
        assert len(text) <= 20_100
        assert text.count("<details>") == text.count("</details>")


def test_long_annotations_are_cut_where_one_sees_it() -> None:
    """A message of a megabyte and a title of a page do not push everything else out."""
    bad = Problem(path="posts/a.md", line=1, message="x" * 1_000_000)
    update = samples.update(title="t" * 5_000, sends={}, before={})
    for line in plan_to_github(samples.plan(update, problems=(bad,))).splitlines():
        assert len(line) < 5_000
    assert "x…" in plan_to_github(samples.plan(problems=(bad,)))


def test_annotations_stand_on_file_and_line() -> None:
    """GitHub shows a problem beside the line that has it, with the content folder before the path."""
    lines = plan_to_github(samples.full_plan(), prefix="content").splitlines()
    assert lines[0] == (
        "::error title=invalid document,file=content/posts/broken.md,line=3::"
        "`tags` must be a list, not 7%0Ahint: write `tags: [seven]`"
    )
    assert any("file=content/posts/both.md" in line and "Ann Editor" in line for line in lines)
    assert lines[-1].startswith("::notice title=ghostsync::")


def test_annotations_without_a_prefix_are_as_the_documents_are() -> None:
    """The content folder may be the repository itself."""
    assert "file=posts/broken.md,line=3" in plan_to_github(samples.full_plan(), prefix=".")


def test_no_text_can_begin_a_command_of_its_own() -> None:
    """Line ends, colons and commas in names and messages are escaped as the runner un-escapes them."""
    bad = Problem(path="posts/a,b:c%.md", line=1, message="first\n::set-output name=x::y\r100%")
    lines = plan_to_github(samples.plan(problems=(bad,))).splitlines()
    assert len(lines) == 2
    assert lines[0] == (
        "::error title=invalid document,file=posts/a%2Cb%3Ac%25.md,line=1::first%0A::set-output name=x::y%0D100%25"
    )
