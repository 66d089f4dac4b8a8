"""The plan and the report in a terminal and in a pipe."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from describe import plan_samples as samples

from ghostsync.cli.console import Color, Console, Verbosity
from ghostsync.cli.html_plan import plan_to_html
from ghostsync.cli.show_plan import show_plan
from ghostsync.cli.show_report import show_report
from ghostsync.core.changes import DeletePost, Reason, UploadFile, placeholder
from ghostsync.core.conflicts import Disagreement, Note, NoteKind
from ghostsync.core.describe import plan_to_json
from ghostsync.core.describe_github import plan_to_github
from ghostsync.core.describe_markdown import plan_to_markdown
from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import Direction, Plan
from ghostsync.model import DocPath, FieldName


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def shown(
    plan: Plan,
    *,
    stdout: io.StringIO | None = None,
    environ: dict[str, str] | None = None,
    color: Color = Color.AUTO,
    verbosity: Verbosity = Verbosity.NORMAL,
    width: int | None = None,
) -> str:
    """Return what `show_plan` prints."""
    out = io.StringIO() if stdout is None else stdout
    known = {"TERM": "xterm-256color"} if environ is None else environ
    console = Console(stdout=out, stderr=io.StringIO(), environ=known, color=color, verbosity=verbosity, width=width)
    show_plan(console, plan)
    return out.getvalue()


def test_a_pipe_gets_plain_unfolded_lines() -> None:
    """No colour, no folding, no trailing blanks: `grep` finds a whole hint in one line."""
    text = shown(samples.full_plan())
    assert "\x1b" not in text
    assert f"      hint: {samples.CONFLICT.hint}\n" in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_a_terminal_gets_colour_unless_it_says_no() -> None:
    """`NO_COLOR` and a dumb terminal are respected, `--color always` wins."""
    assert "\x1b[" in shown(samples.full_plan(), stdout=Terminal())
    assert "\x1b[" not in shown(samples.full_plan(), stdout=Terminal(), environ={"NO_COLOR": "1"})
    assert "\x1b[" not in shown(samples.full_plan(), stdout=Terminal(), environ={"TERM": "dumb"})
    assert "\x1b[" in shown(samples.full_plan(), environ={"NO_COLOR": "1"}, color=Color.ALWAYS)


@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Folding keeps to the width, whatever the texts are."""
    text = shown(samples.full_plan(), stdout=Terminal(), environ={"NO_COLOR": "1"}, width=width)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 100, 140])
def test_what_is_read_or_copied_together_stays_in_one_line(width: int) -> None:
    """A command in a hint, the words in brackets and an arrow with its address are not folded."""
    text = shown(samples.full_plan(), stdout=Terminal(), environ={"NO_COLOR": "1"}, width=width)
    assert "`ghostsync push posts/both.md --prefer local`" in text
    assert not [line for line in text.splitlines() if line.count("`") % 2 or line.endswith("(published")]
    change = samples.create(path=DocPath("posts/2026/a-rather-long-name-for-a-document.md"))
    preview = "https://example.com/p/0d9a1c1e-2daf-4330-b7a1-c5320b80a1f4/"
    done = Outcome(change=change, status=Status.APPLIED, url=preview)
    report = report_of(Report(plan=samples.plan(change), outcomes=(done,)), width=width)
    assert f"→ preview {preview}" in report


def test_a_public_page_below_p_is_no_preview() -> None:
    """A page may have the slug `p`, and a site may keep its posts below `/p/`."""
    change = samples.create()
    for url in ("https://example.com/p/", "https://example.com/p/launch/"):
        done = Outcome(change=change, status=Status.APPLIED, url=url)
        report = report_of(Report(plan=samples.plan(change), outcomes=(done,)))
        assert f"→ {url}" in report
        assert "preview" not in report


def test_tags_on_which_the_sides_differ_have_their_names() -> None:
    """Ghost's slugs are its own affair: `hash-tour` is what people call `#tour`."""
    tags = Disagreement(
        name=FieldName("tags"), base=("tides", "hash-tour"), local=("tides", "moon"), remote=("two-words",)
    )
    plan = samples.plan(
        conflicts=(replace(samples.CONFLICT, fields=(tags,)),),
        tag_names={"tides": "Tides", "moon": "Moon", "two-words": "Two words"},
    )
    text = shown(plan)
    assert "base   Tides, #tour\n" in text
    assert "here   Tides, Moon\n" in text
    assert "Ghost  Two words\n" in text
    assert "here `Tides, Moon`, Ghost `Two words`" in plan_to_markdown(plan)
    assert "<td>Two words</td>" in plan_to_html(plan)


def test_a_file_that_ghost_lacks_is_told_in_words_where_the_sides_differ() -> None:
    """The plan's own placeholder is nothing that a person could read."""
    field = Disagreement(
        name=FieldName("feature_image"), base=None, local=placeholder(samples.HARBOUR.sha256), remote="/content/a.png"
    )
    text = shown(samples.plan(conflicts=(replace(samples.CONFLICT, fields=(field,)),)))
    assert "here   a file that is not in Ghost yet\n" in text
    assert "ghostsync-upload" not in text


def test_changes_read_like_a_review() -> None:
    """Field by field, word by word, with what reaches people marked."""
    text = shown(samples.full_plan())
    assert "excerpt: A short [-wellcome-]{+welcome+} to everybody who reads this." in text
    assert "tags: News → News, #internal" in text
    assert "and have [-tpyos-]{+typos+}." in text
    assert "! sends an email: newsletter weekly, segment all, 1,204 members" in text
    assert "picture posts/img/harbour.png (1200×800, 48 kB), uploaded by this plan" in text
    assert "links to ../posts/start.md → /start/" in text
    assert "no longer links to https://example.org/old" in text


def test_a_link_is_named_whole() -> None:
    """Brackets in an address, and blanks in one that is written in angles, are part of it."""
    change = samples.update(
        text_before="[old](https://example.org/a_(b))",
        text_after="[wiki](https://example.org/Tide_(sea)) and [file](<my notes.pdf>), (see [here](/x/))",
    )
    text = shown(samples.plan(change))
    assert "links to https://example.org/Tide_(sea)\n" in text
    assert "links to my notes.pdf\n" in text
    assert "links to /x/\n" in text
    assert "no longer links to https://example.org/a_(b)\n" in text


def test_a_picture_that_has_no_address_yet_has_its_name() -> None:
    """The plan's own placeholder is nothing that a person could read."""
    upload = UploadFile(asset=samples.HARBOUR, used_by=())
    change = samples.create(sends=samples.fields(feature_image=placeholder(samples.HARBOUR.sha256)))
    text = shown(samples.plan(upload, change))
    assert "feature_image: posts/img/harbour.png (uploaded by this plan)" in text
    assert "ghostsync-upload" not in text


def test_a_conflict_shows_three_sides_who_and_the_way_out() -> None:
    """Somebody who meets a conflict at midnight knows what to do."""
    text = shown(samples.plan(conflicts=(samples.CONFLICT,)))
    assert "last in Ghost: edited by Ann Editor, 2026-11-23 10:15 UTC" in text
    assert "base   Short." in text
    assert "here   Shorter." in text
    assert "Ghost  Much longer." in text
    assert "The second line is [-old-]{+from Ghost+}." in text
    assert "hint: `ghostsync pull posts/both.md`" in text


def test_what_needs_a_person_stands_last() -> None:
    """Conflicts are next to the prompt, and the counts are the end."""
    text = shown(samples.full_plan())
    assert (
        text.index("notes (2)") < text.index("problems (2)") < text.index("conflicts (1)") < text.index("118 unchanged")
    )


def test_a_moved_address_of_a_published_post_is_loud() -> None:
    """The links that break are named; a draft that nobody links to is silent."""
    moved = {"sends": samples.fields(slug="new"), "before": samples.fields(slug="hello")}
    assert "links to /hello/ break without a redirect to /new/" in shown(samples.plan(samples.update(**moved)))
    assert "break" not in shown(samples.plan(samples.update(**moved, status="draft")))


def test_long_lists_are_shortened_for_eyes_only() -> None:
    """A terminal shows the first of 900 updates and how to see the rest; a pipe and `-v` show all."""
    plan = samples.plan(*(samples.update(path=DocPath(f"posts/{n:04}.md")) for n in range(900)))
    assert "posts/0899.md" not in shown(plan, stdout=Terminal())
    assert "and 860 more changes" in shown(plan, stdout=Terminal())
    assert "posts/0899.md" in shown(plan)
    assert "posts/0899.md" in shown(plan, stdout=Terminal(), verbosity=Verbosity.VERBOSE)


def test_deletes_are_never_shortened() -> None:
    """Whoever confirms a delete has seen it."""
    gone = [DeletePost(**samples.orphan(path=DocPath(f"p/{n:03}.md")), reason=Reason.PRUNE) for n in range(200)]
    assert "p/199.md" in shown(samples.plan(*gone), stdout=Terminal())


def test_control_characters_never_reach_the_terminal() -> None:
    """A title from Ghost cannot clear the screen, colour the prompt or turn the text around."""
    nasty = "a\x1b[2Jb\x07c\u202ed\x9be"
    text = shown(samples.plan(samples.update(title=nasty, text_after=nasty)), environ={"NO_COLOR": "1"})
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(text)
    assert "a\\x1b[2Jb" in text


def test_a_terminal_without_unicode_gets_letters_it_has() -> None:
    """An encoding that lacks an arrow or a letter ends no run."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    console = Console(stdout=out, stderr=io.StringIO(), environ={})
    show_plan(console, samples.plan(samples.update(title="Grüße")))
    out.flush()
    text = raw.getvalue().decode("ascii")
    assert "tags: News > News, #internal" in text
    assert "Gr\\xfc\\xdfe" in text


def test_nothing_to_do_is_said() -> None:
    """An empty plan is one clear sentence."""
    assert shown(samples.plan(unchanged=118)).endswith("nothing to do: 118 unchanged\n")
    stuck = samples.plan(unchanged=118, conflicts=(samples.CONFLICT,))
    assert shown(stuck).endswith("nothing will be done: 118 unchanged, 1 conflict\n")


def report_of(
    report: Report,
    *,
    stdout: io.StringIO | None = None,
    environ: dict[str, str] | None = None,
    width: int | None = None,
) -> str:
    """Return what `show_report` prints."""
    out = io.StringIO() if stdout is None else stdout
    show_report(Console(stdout=out, stderr=io.StringIO(), environ=environ or {}, width=width), report)
    return out.getvalue()


@pytest.mark.parametrize(
    ("stdout", "environ", "is_link"),
    [
        (Terminal(), {"TERM": "xterm-256color"}, True),
        (Terminal(), {"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm-256color"}, False),
    ],
)
def test_addresses_are_links_where_a_terminal_can(
    stdout: io.StringIO, environ: dict[str, str], *, is_link: bool
) -> None:
    """OSC 8 around the address, and nothing but the address where nobody could click."""
    text = report_of(samples.full_report(), stdout=stdout, environ=environ)
    found = re.findall(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\", text)
    assert ("https://example.com/launch/" in found) is is_link
    assert ("\x1b" in text) is is_link
    assert text.count("https://example.com/launch/") == 1 + found.count("https://example.com/launch/")


def test_a_report_links_what_was_done_and_explains_what_was_not() -> None:
    """Addresses to look at, errors with the way out, counts at the end."""
    text = report_of(samples.full_report())
    assert "✓ created posts/launch.md → https://example.com/launch/" in text
    assert (
        "✗ failed: update posts/hello.md: Ghost refuses the excerpt\n    hint: shorten it to 300 characters\n" in text
    )
    assert "1 skipped and 1 failed" in text or "1 skipped, 1 failed" in text


def test_an_interrupted_report_says_that_it_goes_on() -> None:
    """What was not tried is counted, not listed."""
    plan = samples.plan(samples.update(), samples.create())
    outcomes = (
        Outcome(change=plan.changes[0], status=Status.APPLIED),
        Outcome(change=plan.changes[1], status=Status.SKIPPED),
    )
    text = report_of(Report(plan=plan, outcomes=outcomes, is_interrupted=True))
    assert "1 post updated; 1 skipped" in text
    assert "the same command goes on from here" in text
    assert "launch.md" not in text


def test_conflicts_say_what_becomes_of_them() -> None:
    """A push writes nothing to them; a pull has merged what it could, so that sentence would be false there."""
    pushed = samples.full_plan()
    pulled = replace(pushed, direction=Direction.PULL)
    for show in (shown, plan_to_markdown, plan_to_html):
        assert "nothing is written to these" in show(pushed)
        assert "nothing is written to these" not in show(pulled)
        assert "only a person can settle these" in show(pulled)


def test_a_habit_of_many_documents_is_told_once_wherever_a_person_reads() -> None:
    """Ninety notes that say one thing hide the one that says another; `--verbose` and JSON have each of them."""
    habit = [Note(kind=NoteKind.WARNING, path=f"posts/{n}.md", line=2, message="unknown key `mood`") for n in range(4)]
    rare = [Note(kind=NoteKind.WARNING, path=f"posts/{n}.md", line=3, message="unknown key `tune`") for n in range(2)]
    gone = [Note(kind=NoteKind.ORPHAN, path=f"posts/x{n}.md", message="is gone") for n in range(3)]
    plan = samples.plan(notes=(*habit, *rare, *gone))
    for text in (shown(plan), plan_to_markdown(plan), plan_to_github(plan), plan_to_html(plan)):
        assert text.count("mood") == 1
        assert "(as in 3 more documents)" in text
        assert text.count("tune") == 2
        assert text.count("is gone") == 3  # each says what became of one post
        assert "posts/0.md" in text
        assert "9 notes" in text
    assert shown(plan, verbosity=Verbosity.VERBOSE).count("mood") == 4
    assert len(plan_to_json(plan)["plan"]["notes"]) == 9
