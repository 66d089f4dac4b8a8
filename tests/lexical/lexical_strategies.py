"""Generated Markdown and generated Lexical documents: what authors, editors and API clients may come up with.

Documents are made from Ghost's own list of nodes and properties (`tests/fixtures/ghost-nodes-6.65.0.json`, read from
`kg-default-nodes` and checked against the running Ghost by a test), not from ghostsync's, so that a card or property
that ghostsync has forgotten is generated all the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Node = dict[str, Any]

GHOST_NODES: dict[str, dict[str, Any] | None] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "ghost-nodes-6.65.0.json").read_text("utf-8")
)
CARDS = {kind: properties for kind, properties in GHOST_NODES.items() if properties is not None}
STRUCTURE = frozenset(GHOST_NODES) - CARDS.keys()

# ------------------------------------------------------------------------------------------------------- texts

_MARKUP = (*"*_`~=^[]()<>!#-+.:|\\{}&\"'/;@%$,?", " ", " ", "  ", "\n", "\n\n", "\t")
_LETTERS = (*"abcxyz019éß→木😀", "\u00a0", "\u200b", "\u200d", "\u00ad", "\u2028", "\u0301", "\ufeff")
HOSTILE = (
    "",
    " ",
    "\n",
    "  two  spaces  ",
    " leading",
    "trailing ",
    "trailing  \nbreak",
    "back\\slash\\",
    "\\*",
    "*a* **b** ***c***",
    "a*b_c`d",
    "_under_score_",
    "`code`",
    "``a`b``",
    "[x](y)",
    "![x](y)",
    "[x][y]",
    "[^1]",
    "[x]: /url",
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "<!-- comment -->",
    "-->",
    "]]>",
    "&amp; &lt; &#35; &nbsp;",
    "AT&T &copy",
    "# heading",
    "- item",
    "1. item",
    "1) item",
    "2026. A year",
    "> quote",
    "    code",
    "```",
    "````ghost:html",
    "```ghost:raw\n{}\n```",
    "~~~",
    "~~s~~ ==m== ~b~ ^p^",
    "---",
    "===",
    "***",
    "::: callout",
    ":::",
    "| a | b |",
    "a | b\n--- | ---",
    "{.wide}",
    "{caption=x}",
    "https://example.com/a_b_c?d=e&f=g",
    "www.example.com",
    "someone@example.com",
    "key: value",
    "- yaml\n- list",
    "{flow: [1, 2]}",
    "'quoted'",
    '"quoted"',
    "null",
    "true",
    "~",
    "0x1F",
    "1e3",
    "2026-11-23",
    "%TAG",
    "@at",
    "!tag",
    "&anchor",
    "*alias",
    "? question",
    "# comment",
    "a: b # c",
    "tab\there",
    "\tleading tab",
    "nul\x00nul",
    "bell\x07",
    "cr\rcr",
    "crlf\r\ncrlf",
    "\u0085next line",
    "\u2028\u2029",
    "\ufeffbom",
    "\u00a0nbsp\u00a0",
    "\u202eright to left",
    "e\u0301 é",
    "__GHOST_URL__/content/images/a.png",
    "</details>",
    "<details><summary>x</summary>",
    "<!--members-only-->",
    "<p></p>",
    "[//]: #",
    "x" * 120,
)


def _is_utf8(value: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in value)


soup = st.lists(st.sampled_from([*_MARKUP, *_LETTERS]), max_size=25).map("".join)
words = st.lists(
    st.sampled_from(["fox", "the", "quick", "brown", "jumps", "naïve", "木", "C++", "a_b", "2*3", "x<y", "R&D", "#1"]),
    min_size=1,
    max_size=8,
).map(" ".join)
text = st.one_of(words, words, st.sampled_from(HOSTILE), soup, st.text(max_size=12).filter(_is_utf8))
#: What JSON can hold and no file can.
surrogates = st.sampled_from(["\ud800", "a\udfffb"])


urls = st.one_of(
    st.sampled_from(
        [
            "https://example.com/",
            "https://example.com/a b",
            "https://example.com/(a)/b)",
            "/root/relative",
            "__GHOST_URL__/x/",
            "#anchor",
            "?q=1&r=2",
            "mailto:a@example.com",
            "relative/path.md",
            "javascript:alert(1)",
            "https://example.com/ä/木",
            "https://example.com/%20%5B",
            "<angle>",
            "back\\slash",
            "new\nline",
            'quo"te',
            "*",
        ]
    ),
    text,
)

# ------------------------------------------------------------------------------------------------- rich HTML

_inline_html = st.recursive(
    st.one_of(
        words,
        st.sampled_from(["&amp;", "&lt;b&gt;", "&nbsp;", "a*b", "[x]", "_u_", "<br>", "\\", "`"]),
        st.sampled_from(HOSTILE).map(lambda one: one.replace("&", "&amp;").replace("<", "&lt;")),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(st.sampled_from(["b", "strong", "i", "em", "u", "s", "code", "sub", "sup", "mark"]), inner).map(
            lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"
        ),
        inner.map(lambda one: f'<span style="white-space: pre-wrap;">{one}</span>'),
        inner.map(lambda one: f'<b><strong style="white-space: pre-wrap;">{one}</strong></b>'),
        st.tuples(st.sampled_from(["https://example.com/", "/x?a=1&amp;b=2", "#a"]), inner).map(
            lambda pair: f'<a href="{pair[0]}">{pair[1]}</a>'
        ),
        inner.map(lambda one: f'<a href="https://x.example" dir="ltr" rel="noopener">{one}</a>'),
    ),
    max_leaves=6,
)
_block_html = st.lists(
    st.one_of(
        _inline_html.map(lambda one: f"<p>{one}</p>"),
        _inline_html.map(lambda one: f'<p dir="ltr">{one}</p>'),
        st.lists(_inline_html, min_size=1, max_size=3).map(
            lambda items: "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
        ),
        st.lists(_inline_html, min_size=1, max_size=3).map(
            lambda items: "<ol>" + "".join(f'<li value="{n}">{item}</li>' for n, item in enumerate(items, 1)) + "</ol>"
        ),
        st.just('<ol><li value="1">one</li><li value="1">one again</li></ol>'),
        st.just("<p><br></p>"),
        st.just("<h2>heading</h2>"),
    ),
    max_size=3,
).map("".join)
rich_html = st.one_of(_inline_html, _inline_html.map(lambda one: f"<p>{one}</p>"), _block_html, text)

# ------------------------------------------------------------------------------------------------------- cards

_RICH = """
    caption calloutText heading content header subheader disclaimer html productTitle productDescription
    textValue sponsorLabel fileTitle fileCaption markdown
"""
RICH_NAMES = frozenset(_RICH.split())
CHOICES: dict[str, tuple[Any, ...]] = {
    "cardWidth": ("regular", "wide", "full"),
    "alignment": ("left", "center"),
    "backgroundColor": ("blue", "grey", "green", "accent", "transparent", "#F0F0F0", "not a color", "red"),
    "layout": ("minimal", "immersive", "regular", "wide", "full", "split"),
    "size": ("small", "medium", "large"),
    "style": ("dark", "light", "accent", "image"),
    "version": (1, 2),
    "segment": ("status:free", "status:-free", ""),
    "language": ("python", "c++", "js", "", "with space", "a`b", "{.x}", 'x"y'),
    "embedType": ("video", "twitter", "rich", ""),
    "calloutEmoji": ("💡", "", "⚠️", "ℹ️", "👩‍👩‍👧", ":)"),
    "productStarRating": (0, 1, 3, 5, 4.5),
    "linkColor": ("text", "accent"),
}
json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), text
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c d", "é:"]), inner, max_size=3)
    ),
    max_leaves=5,
)
_visibility = st.one_of(
    st.builds(
        lambda non_member, segment, email: {
            "web": {"nonMember": non_member, "memberSegment": segment},
            "email": {"memberSegment": email},
        },
        st.booleans(),
        st.sampled_from(["status:free,status:-free", "status:free", "status:-free", ""]),
        st.sampled_from(["status:free,status:-free", "status:free", "status:-free", ""]),
    ),
    st.sampled_from(
        [
            {"showOnWeb": True, "showOnEmail": True, "segment": ""},
            {"showOnWeb": False, "showOnEmail": True, "segment": "status:free"},
            {"emailOnly": True, "segment": "status:-free"},
            {"showOnEmail": False, "showOnWeb": True, "segment": "status:-free+status:-paid"},
        ]
    ),
)
_gallery_image = st.fixed_dictionaries(
    {"src": urls, "fileName": st.sampled_from(["a.png", "b c.jpg", ""])},
    optional={
        "row": st.integers(0, 3),
        "width": st.one_of(st.integers(1, 4000), st.none()),
        "height": st.one_of(st.integers(1, 4000), st.none()),
        "alt": text,
        "title": text,
        "caption": rich_html,
        "href": urls,
    },
)
_metadata = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("icon", "title", "description", "author", "publisher", "thumbnail"), text),
)


def _property(name: str, default: Any) -> st.SearchStrategy[Any]:
    if name == "visibility":
        return _visibility
    if name == "images":
        return st.lists(_gallery_image, max_size=7)
    if name == "metadata":
        return st.one_of(json_values.filter(lambda one: isinstance(one, dict)), _metadata)
    if name == "labels":
        return st.lists(text, max_size=3)
    if name in CHOICES:
        return st.one_of(st.sampled_from(CHOICES[name]), st.sampled_from(CHOICES[name]), text)
    if isinstance(default, bool):
        return st.booleans()
    if default is None or isinstance(default, int | float):
        return st.one_of(st.none(), st.integers(0, 10_000), st.sampled_from([0, 1.5, 640, 16.016]))
    if name in RICH_NAMES:
        return rich_html
    if name.lower().endswith(("url", "src", "href")):
        return urls
    return text


def _card(kind: str) -> st.SearchStrategy[Node]:
    properties = dict(CARDS[kind] or {})
    if kind == "bookmark":
        # Exported flat by the getters, stored under `metadata` by exportJSON.
        properties = {"url": "", "metadata": {}, "caption": ""}
    if kind == "header":
        properties.pop("version")
    optional = {name: _property(name, default) for name, default in properties.items()}
    required: dict[str, st.SearchStrategy[Any]] = {
        "type": st.just(kind),
        "version": st.sampled_from([1, 2]) if kind == "header" else st.just(1),
    }
    whole = st.fixed_dictionaries({**required, **optional})
    some = st.fixed_dictionaries(required, optional=optional)
    odd = st.tuples(some, st.sampled_from([*optional, "future", "x y"]), json_values).map(
        lambda three: {**three[0], three[1]: three[2]}
    )
    return st.one_of(whole, some, some, odd)


cards = st.sampled_from(sorted(CARDS)).flatmap(_card)

# --------------------------------------------------------------------------------------------------- structure


def _formats() -> st.SearchStrategy[int]:
    return st.one_of(st.just(0), st.just(0), st.sampled_from([1, 2, 3, 4, 8, 16, 17, 32, 64, 128]), st.integers(0, 255))


def _text_node(value: str, formats: int, kind: str) -> Node:
    return {
        "detail": 0,
        "format": formats,
        "mode": "normal",
        "style": "",
        "text": value,
        "type": kind,
        "version": 1,
    }


text_nodes = st.one_of(
    st.builds(_text_node, text, _formats(), st.sampled_from(["text", "extended-text"])),
    st.builds(_text_node, words, _formats(), st.just("extended-text")),
    st.builds(lambda value: {"type": "text", "text": value}, words),
    st.just({**_text_node("\t", 0, "tab"), "detail": 2}),
    st.just(_text_node("TK", 0, "tk")),
)
_zwnj = _text_node("\u200c", 0, "zwnj")
_at_link = st.builds(
    lambda query: {
        "type": "at-link",
        "version": 1,
        "linkFormat": 0,
        "direction": None,
        "format": "",
        "indent": 0,
        "children": [_zwnj, {**_text_node(query, 0, "at-link-search"), "placeholder": "Find"}],
    },
    words,
)
links = st.builds(
    lambda url, children, title, rel, target: {
        "children": children,
        "direction": "ltr",
        "format": "",
        "indent": 0,
        "type": "link",
        "version": 1,
        "rel": rel,
        "target": target,
        "title": title,
        "url": url,
    },
    urls,
    st.lists(text_nodes, min_size=1, max_size=2),
    st.one_of(st.none(), st.none(), text),
    st.sampled_from([None, None, "noopener", "noreferrer nofollow"]),
    st.sampled_from([None, None, "_blank"]),
)
linebreaks = st.just({"type": "linebreak", "version": 1})
inlines = st.lists(
    st.one_of(text_nodes, text_nodes, text_nodes, links, linebreaks, st.just(_zwnj), _at_link), max_size=5
)


def _element(kind: str, children: list[Node], **more: Any) -> Node:
    return {"children": children, "direction": "ltr", "format": "", "indent": 0, "type": kind, "version": 1, **more}


paragraphs = st.one_of(
    st.builds(lambda children: _element("paragraph", children), inlines),
    st.builds(lambda children: {"type": "paragraph", "children": children}, inlines),
    st.builds(
        lambda children, align: _element("paragraph", children, format=align, direction=None),
        inlines,
        st.sampled_from(["", "left", "center"]),
    ),
)
headings = st.builds(
    lambda kind, level, children: _element(kind, children, tag=f"h{level}"),
    st.sampled_from(["heading", "extended-heading"]),
    st.integers(1, 6),
    inlines,
)
quotes = st.builds(_element, st.sampled_from(["quote", "extended-quote", "aside"]), inlines)


def _list(kind: tuple[str, str], start: int, items: list[tuple[list[Node], Node | None, bool | None]]) -> Node:
    children: list[Node] = []
    value = start
    for inline, nested, checked in items:
        more = {} if checked is None else {"checked": checked}
        children.append(_element("listitem", inline, value=value, **more))
        value += 1
        if nested is not None:
            children.append(_element("listitem", [nested], value=value))
    return _element("list", _indented(children, 0), listType=kind[0], start=start, tag=kind[1])


def _indented(items: list[Node], depth: int) -> list[Node]:
    for item in items:
        item["indent"] = depth
        for child in item["children"]:
            if child.get("type") == "list":
                _indented(child["children"], depth + 1)
    return items


_kinds = st.sampled_from([("bullet", "ul"), ("bullet", "ul"), ("number", "ol"), ("check", "ul")])
_starts = st.sampled_from([1, 1, 1, 2, 0, 10, 1986])
_checked = st.sampled_from([None, None, None, True, False])
_flat_lists = st.builds(
    _list, _kinds, _starts, st.lists(st.tuples(inlines, st.none(), _checked), min_size=1, max_size=3)
)
lists = st.recursive(
    _flat_lists,
    lambda inner: st.builds(
        _list,
        _kinds,
        _starts,
        st.lists(st.tuples(inlines, st.one_of(st.none(), inner), _checked), min_size=1, max_size=3),
    ),
    max_leaves=4,
)
#: Nodes that no editor makes and every API accepts.
odd_nodes = st.one_of(
    st.builds(
        lambda kind, more: {"type": kind, "version": 1, **more},
        st.sampled_from(["future-card", "table", "blockquote", "code", "x y", "paywall2"]),
        st.dictionaries(st.sampled_from(["a", "b", "children", "text"]), json_values, max_size=3),
    ),
    st.builds(lambda nodes: _element("quote", nodes), st.lists(paragraphs, min_size=1, max_size=2)),
    st.builds(
        lambda inline, block: _element(
            "list",
            [_element("listitem", [*inline, block], value=1)],
            listType="bullet",
            start=1,
            tag="ul",
        ),
        inlines,
        st.one_of(paragraphs, cards, _flat_lists),
    ),
    st.builds(lambda inner: _element("paragraph", [inner]), cards),
    st.builds(lambda inner: {**inner, "children": [inner]}, links),
    surrogates.map(lambda value: _element("paragraph", [_text_node(value, 0, "text")])),
    st.builds(lambda bits: _element("paragraph", [_text_node("x", bits, "text")]), st.sampled_from([256, 1024, -1])),
    st.builds(lambda style: _element("paragraph", [{**_text_node("x", 0, "text"), "style": style}]), text),
    st.builds(lambda node, more: {**node, "future": more}, st.one_of(paragraphs, headings, lists), json_values),
    st.just(_element("heading", [], tag="h7")),
    st.just(_element("heading", [_text_node("no tag", 0, "text")])),
)
blocks = st.one_of(paragraphs, paragraphs, headings, quotes, lists, cards, cards, odd_nodes)


def _document(children: list[Node]) -> Node:
    return {"root": {"children": children, "direction": "ltr", "format": "", "indent": 0, "type": "root", "version": 1}}


documents = st.lists(blocks, min_size=1, max_size=5).map(_document)
#: Documents whose every node Ghost's renderer accepts.
sound_blocks = st.one_of(paragraphs, headings, quotes, lists, cards)
sound_documents = st.lists(sound_blocks, min_size=1, max_size=4).map(_document)

# ---------------------------------------------------------------------------------------------------- Markdown

_span = st.recursive(
    st.one_of(words, words, st.sampled_from(HOSTILE).map(lambda one: one.replace("\n", " ")), soup),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["*", "**", "_", "__", "~~", "==", "`", "~", "^", "***"]), inner).map(
            lambda pair: f"{pair[0]}{pair[1]}{pair[0]}"
        ),
        st.tuples(inner, st.sampled_from(["/u", "<a b>", '/u "t"', "", "pic.png"])).map(
            lambda pair: f"[{pair[0]}]({pair[1]})"
        ),
        st.tuples(inner, st.sampled_from(["pic.png", '/u "t"'])).map(lambda pair: f"![{pair[0]}]({pair[1]})"),
        inner.map(lambda one: f"[{one}][ref]"),
        inner.map(lambda one: f"<u>{one}</u>"),
        st.lists(inner, min_size=2, max_size=4).map(" ".join),
    ),
    max_leaves=5,
)
_lines = st.lists(_span, min_size=1, max_size=3).map("\n".join)


def _indent(block: str, first: str, rest: str) -> str:
    return "\n".join((first if not number else rest) + line for number, line in enumerate(block.split("\n")))


def _items(blocks_: list[str], bullet: str, gap: str) -> str:
    return gap.join(_indent(block, bullet, " " * len(bullet)) for block in blocks_)


_leaf_blocks = st.one_of(
    _lines,
    _lines,
    st.tuples(st.sampled_from(["# ", "## ", "### ", "###### "]), _span).map("".join),
    st.tuples(_span, st.sampled_from(["\n===", "\n---"])).map("".join),
    st.tuples(st.sampled_from(["```", "~~~", "````", "``` python", '``` js {caption="*x*"}']), soup).map(
        lambda pair: f"{pair[0]}\n{pair[1]}\n{pair[0][:3]}"
    ),
    soup.map(lambda one: _indent(one, "    ", "    ")),
    st.sampled_from(
        [
            "---",
            "***",
            "<div>\n*hi*\n</div>",
            "<div>\n\n*hi*\n\n</div>",
            "<!-- x -->",
            "<!--members-only-->",
            "<p></p>",
            "<table><tr><td>x</td></tr></table>",
            "| a | b |\n| --- | :-: |\n| *c* | d |",
            "![alt](pic.png)",
            '![alt](pic.png "title"){.wide caption="a *b*"}',
            "[![alt](pic.png)](/u)",
            "::: gallery\n![a](a.png)\n![b](b.png)\n:::",
            "::: callout {emoji=😀 color=red}\nhello *you*\n:::",
            "::: aside\nan aside\n:::",
            "> [!NOTE]\n> text",
            "<details>\n<summary>head</summary>\n\ncontent *x*\n\n</details>",
            "a note[^1] and[^b]",
            "[^1]: the note\n\n    goes on",
            "[^b]: other",
            "[ref]: /reference 'title'",
            "[//]: #",
            "```ghost:button\ntext: Go\nurl: https://example.com/\n```",
            "```ghost:bookmark\nurl: https://example.com/\ntitle: 'it''s'\n```",
            "- [ ] open\n- [x] done",
            "1. one\n2. two",
            "http://example.com www.example.com",
        ]
    ),
    st.sampled_from(HOSTILE),
    soup,
)
_blocks_md = st.recursive(
    _leaf_blocks,
    lambda inner: st.one_of(
        st.tuples(
            st.lists(inner, min_size=1, max_size=3),
            st.sampled_from(["- ", "* ", "+ ", "1. ", "2) ", "-   ", "10. "]),
            st.sampled_from(["\n", "\n\n"]),
        ).map(lambda three: _items(*three)),
        st.tuples(inner, st.sampled_from(["> ", ">"])).map(lambda pair: _indent(pair[0], pair[1], pair[1])),
        st.lists(inner, min_size=2, max_size=2).map("\n\n".join),
    ),
    max_leaves=5,
)
markdown = st.builds(
    lambda parts, gap, end: gap.join(parts) + end,
    st.lists(_blocks_md, max_size=5),
    st.sampled_from(["\n\n", "\n\n", "\n\n", "\n", "\n\n\n", "\r\n\r\n"]),
    st.sampled_from(["\n", "", "\n\n", "\n\n[ref]: /reference\n"]),
).filter(_is_utf8)
