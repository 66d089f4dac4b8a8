"""The yardstick itself: what the DOM comparison forgives, and beside each the nearest thing that it must not."""

from __future__ import annotations

import pytest
from lexical_dom import Equivalence, canonical, equivalent

SAME = {
    "white space collapses": ("<p>a  b\n c</p>", "<p>a b c</p>"),
    "white space between blocks": ("<p>a</p>\n\n<p>b</p>\n", "<p>a</p><p>b</p>"),
    "white space around a line break": ("<p>a <br />\nb</p>", "<p>a<br>b</p>"),
    "white space across inline elements": ("<p>a <em> b</em></p>", "<p>a <em>b</em></p>"),
    "unclosed paragraphs": ("<p>a<p>b", "<p>a</p><p>b</p>"),
    "a tag never closed": ('<p>a</p><div id="x"\n*hi*', "<p>a</p>"),
    "heading ids": ('<h2 id="x-1">a</h2>', "<h2>a</h2>"),
    "loading": ('<p><img src="a" alt="" loading="lazy">b</p>', '<p><img src="a" alt="">b</p>'),
    "rel of a link": ('<a href="x" rel="nofollow">a</a>', '<a href="x">a</a>'),
    "title of a link": ('<a href="x" title="t">a</a>', '<a href="x">a</a>'),
    "kg classes": ('<blockquote class="kg-blockquote-alt">a</blockquote>', "<blockquote>a</blockquote>"),
    "comments": ("<!--kg-card-begin: html--><div>a</div><!--kg-card-end: html-->", "<div>a</div>"),
    "figure of an image card": (
        '<figure class="kg-card kg-image-card"><img src="a" class="kg-image" alt="b"></figure>',
        '<p><img src="a" alt="b" /></p>',
    ),
    "figure of a linked image": (
        '<figure class="kg-card kg-image-card"><a href="x"><img src="a" alt="b"></a></figure>',
        '<p><a href="x" title="t"><img src="a" alt="b" /></a></p>',
    ),
    "del is s": ("<del>a</del>", "<s>a</s>"),
    "one line end before the end of pre": ("<pre><code>a\n</code></pre>", "<pre><code>a</code></pre>"),
    "quote of paragraphs": (
        "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>",
        "<blockquote>a<br><br>b</blockquote>",
    ),
    "quote of one paragraph": ("<blockquote><p>a <em>b</em></p></blockquote>", "<blockquote>a <em>b</em></blockquote>"),
    "loose list": ("<ul>\n<li>\n<p>a</p>\n</li>\n<li><p>b</p></li></ul>", "<ul><li>a</li><li>b</li></ul>"),
    "loose list with a nested list": (
        "<ol><li><p>a</p><ul><li>b</li></ul></li></ol>",
        "<ol><li>a<ul><li>b</li></ul></li></ol>",
    ),
    "loose list with an empty item": ("<ul><li><p>a</p></li><li></li></ul>", "<ul><li>a</li><li></li></ul>"),
    "nested identical emphasis": ("<em>a<em>b</em></em>", "<em>ab</em>"),
    "order of nesting": ("<strong><em>a</em></strong>", "<em><strong>a</strong></em>"),
    "format inside or around a link": ('<em><a href="x">a</a></em>', '<a href="x"><em>a</em></a>'),
    "boolean attributes": ('<input type="checkbox" checked="">', '<input type="checkbox" checked="checked">'),
    "white space in style": ("<style>a\n\nb\n</style>", "<style>a b</style>"),
    "a link in two halves": ('<a href="x">a</a><a href="x">b</a>', '<a href="x">ab</a>'),
}

DIFFERENT = {
    "white space in pre": ("<pre>a  b</pre>", "<pre>a b</pre>"),
    "two line ends before the end of pre": ("<pre><code>a\n\n</code></pre>", "<pre><code>a</code></pre>"),
    "no white space and white space": ("<p>ab</p>", "<p>a b</p>"),
    "a no-break space is no white space": ("<p>a\u00a0b</p>", "<p>a b</p>"),
    "a line break and a space": ("<p>a<br>b</p>", "<p>a b</p>"),
    "one paragraph or two": ("<p>a</p><p>b</p>", "<p>a b</p>"),
    "a paragraph or bare text": ("<p>a</p>", "a"),
    "id of anything else": ('<div id="x">a</div>', "<div>a</div>"),
    "target of a link": ('<a href="x">a</a>', '<a href="y">a</a>'),
    "a link or none": ('<a href="x">a</a>', "a"),
    "an empty link or none": ('<p><a href="x"></a></p>', "<p></p>"),
    "title of an image": ('<img src="a" title="t">', '<img src="a">'),
    "alt text of an image": ('<img src="a" alt="t">', '<img src="a" alt="">'),
    "an image in a line of text": ('<p><img src="a"> b</p>', '<p><img src="a"></p><p>b</p>'),
    "an emphasised image": ('<p><em><img src="a"></em></p>', '<p><img src="a"></p>'),
    "two images in one paragraph or in two": (
        '<p><img src="a"><img src="b"></p>',
        '<p><img src="a"></p><p><img src="b"></p>',
    ),
    "other classes": ('<code class="language-a">x</code>', '<code class="language-b">x</code>'),
    "a figure of somebody else": ('<figure><img src="a"></figure>', '<p><img src="a"></p>'),
    "ins is not s": ("<ins>a</ins>", "<s>a</s>"),
    "b is not strong": ("<b>a</b>", "<strong>a</strong>"),
    "emphasis": ("<em>a</em>", "a"),
    "extent of emphasis": ("<em>a</em>b", "<em>ab</em>"),
    "quote of paragraphs glued": ("<blockquote><p>a</p><p>b</p></blockquote>", "<blockquote>ab</blockquote>"),
    "quote of paragraphs with one break": (
        "<blockquote><p>a</p><p>b</p></blockquote>",
        "<blockquote>a<br>b</blockquote>",
    ),
    "quote with a list": (
        "<blockquote><p>a</p><ul><li>b</li></ul></blockquote>",
        "<blockquote>a<ul><li>b</li></ul></blockquote>",
    ),
    "quote or two quotes": (
        "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>",
        "<blockquote>a<br><br>b</blockquote>",
    ),
    "items of two paragraphs": ("<ul><li><p>a</p><p>b</p></li></ul>", "<ul><li>ab</li></ul>"),
    "one item of two paragraphs": (
        "<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>",
        "<ul><li>a</li><li><p>b</p><p>c</p></li></ul>",
    ),
    "item with a code block": ("<ul><li><p>a</p><pre>b</pre></li></ul>", "<ul><li>a<pre>b</pre></li></ul>"),
    "start of a list": ('<ol start="2"><li>a</li></ol>', "<ol><li>a</li></ol>"),
    "kind of a list": ("<ol><li>a</li></ol>", "<ul><li>a</li></ul>"),
    "one list or two": ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
    "level of a heading": ("<h1>a</h1>", "<h2>a</h2>"),
    "unknown elements": ("<p><x-y>a</x-y></p>", "<p>a</p>"),
    "their attributes": ('<x-y q="1">a</x-y>', '<x-y q="2">a</x-y>'),
    "alignment of a cell": (
        '<table><tr><td style="text-align:left">a</td></tr></table>',
        "<table><tr><td>a</td></tr></table>",
    ),
    "a box ticked or not": ('<input type="checkbox" checked>', '<input type="checkbox">'),
    "a checkbox": ('<ul><li><input type="checkbox"> a</li></ul>', "<ul><li>a</li></ul>"),
}


@pytest.mark.parametrize(("left", "right"), SAME.values(), ids=SAME.keys())
def test_forgives(left: str, right: str) -> None:
    """What a reader cannot see, or what Ghost's renderer adds, makes no difference."""
    assert canonical(left) == canonical(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_tells_apart(left: str, right: str) -> None:
    """What a reader can see makes a difference."""
    assert not equivalent(left, right)


ONLY_SEEN = {
    "the editor's spans": ('<p><span style="white-space: pre-wrap;">a</span></p>', "<p>a</p>"),
    "an empty link": ('<p>a<a href="x"></a></p>', "<p>a</p>"),
    "an empty paragraph": ("<p>a</p><p></p>", "<p>a</p>"),
    "white space in a text field": ("<textarea>\n\na</textarea>", "<textarea>\na</textarea>"),
}


@pytest.mark.parametrize(("left", "right"), ONLY_SEEN.values(), ids=ONLY_SEEN.keys())
def test_milder_equivalence_forgives_what_is_empty(left: str, right: str) -> None:
    """Of what is not seen, the exact equivalence still counts what was written."""
    assert equivalent(left, right, up_to=Equivalence.SEEN)
    assert not equivalent(left, right)


def test_content_pushed_out_of_a_table_is_kept() -> None:
    """What a browser moves before a malformed table is part of the page."""
    assert canonical("<table><p>a</p><tr><td>b</td></tr></table>") == canonical(
        "<p>a</p><table><tr><td>b</td></tr></table>"
    )
    assert not equivalent("<table><p>a</p></table>", "<table></table>")
