"""The document: what is kept to the byte, what is rewritten, and what becomes of the HTML."""

from __future__ import annotations

import json
from typing import Any

from contract.backends import Site
from contract.bodies import BLANK, card, compact, document, element, link, paragraph, text

RECORD = {"v": 1, "op": "0d5a", "fields": {"title": "Ä"}, "n": 1.5}


def test_unknown_root_property_survives(site: Site) -> None:
    """What the root holds beside Ghost's own properties comes back byte for byte, after other edits too."""
    lexical = document(paragraph("hi"), ghostsync=RECORD)
    post = site.add(lexical=lexical)
    assert post["lexical"] == lexical
    assert site.change(post, title="Other", tags=["x"])["lexical"] == lexical
    assert site.read(post)["lexical"] == lexical


def test_record_is_not_public(site: Site) -> None:
    """Neither the HTML nor the excerpt shows the record."""
    post = site.add(lexical=document(paragraph("hi"), ghostsync={"secret": "marmalade"}))
    assert "marmalade" not in f"{post['html']}{post['excerpt']}"


def test_lexical_is_written_compactly(site: Site) -> None:
    """White space goes, `\\u00e9` becomes é, 1.0 becomes 1; the order of keys stays."""
    sent = (
        '{ "root": {"type":"root", "zeta": 1.0, "alpha": "\\u00e9", "children": [{"type":"paragraph","children":[]}]} }'
    )
    stored = '{"root":{"type":"root","zeta":1,"alpha":"é","children":[{"type":"paragraph","children":[]}]}}'
    assert site.add(lexical=sent)["lexical"] == stored


def test_minimal_nodes_are_not_filled_in(site: Site) -> None:
    """The server stores nodes as sent."""
    lexical = compact({"root": {"type": "root", "children": [{"type": "text", "text": "x"}]}})
    nodes = {"type": "root", "children": [{"type": "paragraph", "children": [{"type": "text", "text": "x"}]}]}
    assert site.add(lexical=compact({"root": nodes}))["lexical"] == compact({"root": nodes})
    assert site.add(lexical=lexical)["lexical"] == lexical


def test_blank_document_has_no_html(site: Site) -> None:
    """A post without a body holds the blank document, and its HTML is null."""
    post = site.add()
    assert json.loads(post["lexical"]) == {"root": BLANK}
    assert post["html"] is None


def test_null_lexical_wipes_the_body(site: Site) -> None:
    """`lexical: null` puts the blank document in place of the body."""
    post = site.change(site.add(lexical=document(paragraph("hi"))), lexical=None)
    assert json.loads(post["lexical"]) == {"root": BLANK}
    assert post["html"] is None


def test_invalid_structures(site: Site) -> None:
    """JSON that is no document is refused."""
    for lexical in ("{}", "[]", "null", '{"root":{}}', '{"root":{"children":[]}}'):
        answer = site.ask("POST", "posts/", {"posts": [{"title": "x", "lexical": lexical}]})
        status, words = site.refusal(answer)
        assert status == 422, lexical
        assert "Invalid lexical structure" in words


def test_unknown_node_ends_the_html(site: Site) -> None:
    """A node of an unknown type is accepted and stored, and the HTML stops before it."""
    lexical = document(paragraph("before"), {"type": "blockquote", "version": 1, "children": []}, paragraph("after"))
    post = site.add(lexical=lexical)
    assert post["lexical"] == lexical
    assert "before" in post["html"]
    assert "after" not in post["html"]


def test_unknown_nested_node_ends_the_html(site: Site) -> None:
    """The same inside of a paragraph."""
    broken = element("paragraph", text("inside"), {"type": "hashtag", "version": 1, "text": "#x"})
    post = site.add(lexical=document(paragraph("before"), broken, paragraph("after")))
    assert "before" in post["html"]
    assert "after" not in post["html"]


def test_unknown_first_node(site: Site) -> None:
    """An unknown node at the very start leaves nothing of the HTML, or is refused."""
    lexical = document({"type": "table", "version": 1, "children": []}, paragraph("after"))
    answer = site.ask("POST", "posts/", {"posts": [{"title": "x", "lexical": lexical}]}, formats="html")
    assert answer.status_code == 422 or not answer.json()["posts"][0]["html"]


def test_trailing_empty_paragraph_is_not_rendered(site: Site) -> None:
    """The blank paragraph that the editor keeps at the end leaves no trace."""
    html = site.add(lexical=document(paragraph("x"), element("paragraph")))["html"]
    assert html == "<p>x</p>"


NODES: list[tuple[dict[str, Any], str | None]] = [
    (paragraph("a & b"), "<p>a &amp; b</p>"),
    (element("extended-heading", text("Part one"), tag="h2"), '<h2 id="part-one">Part one</h2>'),
    (element("extended-quote", text("q")), "<blockquote>q</blockquote>"),
    (element("aside", text("q")), '<blockquote class="kg-blockquote-alt">q</blockquote>'),
    (card("horizontalrule"), "<hr>"),
    (card("paywall"), "<!--members-only-->"),
    (
        card("codeblock", code="a < b", language="py", caption=""),
        '<pre><code class="language-py">a &lt; b</code></pre>',
    ),
    (element("paragraph", text("b", bits=1), text("i", bits=2)), "<p><strong>b</strong><em>i</em></p>"),
    (element("paragraph", link("l", "https://example.com/")), '<p><a href="https://example.com/">l</a></p>'),
    (
        element("list", element("listitem", text("x"), value=1), listType="bullet", start=1, tag="ul"),
        "<ul><li>x</li></ul>",
    ),
    (card("image", src="", alt="x"), None),
    (card("email", html="<p>x</p>"), None),
    (card("html", html="<b>x</b>"), "\n<!--kg-card-begin: html-->\n<b>x</b>\n<!--kg-card-end: html-->\n"),
]


def test_html_of_common_nodes(site: Site) -> None:
    """The HTML of the plain nodes; nothing at all is null or empty."""
    post = site.add()
    for node, html in NODES:
        post = site.change(post, lexical=document(node))
        assert (post["html"] or None) == html


def test_repeated_headings_are_counted(site: Site) -> None:
    """The second heading of a name gets `-1`."""
    heading = element("extended-heading", text("Part"), tag="h2")
    html = site.add(lexical=document(heading, heading))["html"]
    assert html == '<h2 id="part">Part</h2><h2 id="part-1">Part</h2>'


def test_markdown_card_is_rendered_by_the_server(site: Site) -> None:
    """A markdown card's text becomes HTML."""
    html = site.add(lexical=document(card("markdown", markdown="some *emphasis*\n\n- one\n- two")))["html"]
    assert "<em>emphasis</em>" in html
    assert "<li>two</li>" in html


def test_gallery_pictures_need_their_measures(site: Site) -> None:
    """A picture without width, height, row and file name is left out of a gallery."""
    good = {"row": 0, "src": "https://example.com/a.png", "width": 10, "height": 10, "fileName": "a.png"}
    bad = {"row": 0, "src": "https://example.com/b.png"}
    html = site.add(lexical=document(card("gallery", images=[good, bad], caption="")))["html"]
    assert "a.png" in html
    assert "b.png" not in html


def test_default_formats(site: Site) -> None:
    """Without `formats`: mobiledoc and lexical; with it: exactly those."""
    post = site.add(lexical=document(paragraph("x")))
    plain = site.ask("GET", f"posts/{post['id']}/").json()["posts"][0]
    assert {"lexical", "mobiledoc"} <= plain.keys()
    assert not {"html", "plaintext"} & plain.keys()
    only = site.ask("GET", f"posts/{post['id']}/", formats="html").json()["posts"][0]
    assert "html" in only
    assert not {"lexical", "mobiledoc"} & only.keys()
    assert site.ask("GET", f"posts/{post['id']}/", formats="markdown").status_code == 422


def test_excerpt(site: Site) -> None:
    """The excerpt is the custom one, else the beginning of the text."""
    lexical = document(paragraph("Once upon"), paragraph("a time"))
    assert site.add(lexical=lexical)["excerpt"].split() == ["Once", "upon", "a", "time"]
    assert site.add(lexical=lexical, custom_excerpt="mine")["excerpt"] == "mine"


# Old posts

MOBILEDOC = compact(
    {"version": "0.3.1", "atoms": [], "cards": [], "markups": [], "sections": [[1, "p", [[0, [], 0, "old words"]]]]}
)


def test_mobiledoc_posts_are_read_as_they_are(site: Site) -> None:
    """An untouched old post has a mobiledoc and no Lexical."""
    post = site.add("Old")
    site.put_mobiledoc(post, MOBILEDOC)
    held = site.read(post, formats="mobiledoc,lexical")
    assert held["lexical"] is None
    assert json.loads(held["mobiledoc"]) == json.loads(MOBILEDOC)


def test_convert_to_lexical(site: Site) -> None:
    """`?convert_to_lexical=1` makes an old post a Lexical one."""
    post = site.add("Old")
    site.put_mobiledoc(post, MOBILEDOC)
    answer = site.put(site.read(post), query={"convert_to_lexical": "1", "formats": "mobiledoc,lexical"})
    assert answer.status_code == 200, answer.text
    held = site.read(post, formats="mobiledoc,lexical,html")
    assert held["mobiledoc"] is None
    assert "old words" in held["lexical"]


def test_lexical_sent_to_a_mobiledoc_post(site: Site) -> None:
    """Ghost 6.65 takes it; Ghost 5 discards it without a word."""
    post = site.add("Old")
    site.put_mobiledoc(post, MOBILEDOC)
    lexical = document(paragraph("new words"))
    answer = site.put(site.read(post), query={"formats": "mobiledoc,lexical"}, lexical=lexical)
    assert answer.status_code == 200, answer.text
    held = site.read(post, formats="mobiledoc,lexical")
    if site.major >= 6:
        assert (held["mobiledoc"], held["lexical"]) == (None, lexical)
    else:
        assert held["lexical"] is None
        assert json.loads(held["mobiledoc"]) == json.loads(MOBILEDOC)
