"""Addresses of the site itself, however an author spells them: Ghost rewrites them all, and none is ever a change."""

from __future__ import annotations

from engine.ghosts import Ghost
from engine.push_steps import CloneMaker, document, push
from world import errors, in_agreement


def spellings(ghost: Ghost) -> dict[str, str]:
    """Return what to call a spelling, and the spelling for this site."""
    site = ghost.site.url
    scheme, _, host = site.partition("://")
    return {
        "root-relative": "/about/",
        "bare": site,
        "absolute": f"{site}/about",
        "capitals": f"{scheme}://{host.upper()}/about/",
        "letters": "/ärger/",
        "query": f"{site}/a?b=ü#c",
        "elsewhere": "https://EXAMPLE.com",
        "lookalike": f"{site}.example.com/x",
    }


def test_no_spelling_of_an_address_is_a_change(clone: CloneMaker, ghost: Ghost) -> None:
    """In fields that hold an address, in HTML, in the body and in tags: it is stored, and the next plan is empty."""
    a, remembering = clone("a"), clone("b", cached=True)
    tags = ""
    for name, address in spellings(ghost).items():
        html = f'<a href="{address}">x</a>'
        fields = {"canonical_url": address, "codeinjection_head": html, "codeinjection_foot": html, "excerpt": html}
        a.write(f"posts/{name}.md", document(name, body=f"[a]({address}) and more\n", **fields))
        tags += f"- name: {name}\n  canonical_url: '{address}'\n  codeinjection_head: '{html}'\n"
    a.write("tags.yaml", tags)
    for path in sorted(a.root.rglob("*.[my]*")):
        remembering.write(path.relative_to(a.root).as_posix(), path.read_bytes())
    push(remembering)
    ghost.pass_time(600)
    for machine in (a, remembering):
        plan = machine.plan()
        assert (plan.changes, plan.notes, plan.conflicts) == ((), (), ())


def test_the_placeholder_is_no_text(clone: CloneMaker, ghost: Ghost) -> None:
    """In an address it is the site's own; as text, Ghost would put something else in its place for readers."""
    a = clone("a")
    a.write("posts/a.md", document("A", body='Words\n\n[see](__GHOST_URL__/about/) <a href="__GHOST_URL__/x/">x</a>\n'))
    for number, body in enumerate(("Ghost says `__GHOST_URL__` for it\n", "```\n__GHOST_URL__/x\n```\n")):
        a.write(f"posts/b{number}.md", document(f"B {number}", body=body))
    report = a.push()
    assert {problem.path for problem in report.plan.problems} == {"posts/b0.md", "posts/b1.md"}
    assert all("in the place of `__GHOST_URL__`" in problem.message for problem in report.plan.problems)
    assert errors(report) == []
    assert ghost.body("a").count(f'href="{ghost.site.url}/') == 2
    ghost.pass_time(600)
    for number in range(2):
        a.remove(f"posts/b{number}.md")
    assert in_agreement(a.plan())
