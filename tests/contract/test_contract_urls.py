"""Addresses: which of its own Ghost makes absolute, and what it leaves as it is."""

from __future__ import annotations

import json

from contract.backends import Site
from contract.bodies import card, document, element, link

ADDRESSES = [
    ("/about/", "SITE/about/"),
    ("/a//b", "SITE/a/b"),
    ("SITE/about/", "SITE/about/"),
    ("SITE", "SITE/"),
    ("/x?q=1#part", "SITE/x?q=1#part"),
    ("about/", "about/"),
    ("./a.png", "./a.png"),
    ("#part", "#part"),
    ("?q=1", "?q=1"),
    ("mailto:a@example.com", "mailto:a@example.com"),
    ("https://example.com", "https://example.com"),
    ("https://Example.com/About", "https://Example.com/About"),
]


def test_addresses(site: Site) -> None:
    """Root-relative and own addresses become absolute, in fields and in links; others stay to the letter."""
    sent = [address.replace("SITE", site.url) for address, _stored in ADDRESSES]
    stored = [address.replace("SITE", site.url) for _sent, address in ADDRESSES]
    post = site.add(lexical=document(*(element("paragraph", link("x", address)) for address in sent)))
    paragraphs = json.loads(post["lexical"])["root"]["children"]
    assert [one["children"][0]["url"] for one in paragraphs] == stored
    for address, wanted in zip(sent[:5], stored, strict=False):
        assert site.add(feature_image=address)["feature_image"] == wanted


def test_a_placeholder_that_is_sent_is_filled_in(site: Site) -> None:
    """Ghost's own spelling of its address: in nodes, in cards that it forgets when it rewrites, in what is rendered."""
    ready = "__GHOST_URL__/content/images/a.png"
    post = site.add(
        lexical=document(
            element("paragraph", link("x", "__GHOST_URL__/x/#part")),
            card("image", src=ready, alt=""),
            card(
                "call-to-action", imageUrl=ready, textValue='<p><a href="__GHOST_URL__/y/">y</a></p>', layout="minimal"
            ),
        )
    )
    first, image, call = json.loads(post["lexical"])["root"]["children"]
    assert first["children"][0]["url"] == f"{site.url}/x/#part"
    assert image["src"] == call["imageUrl"] == f"{site.url}/content/images/a.png"
    assert call["textValue"] == f'<p><a href="{site.url}/y/">y</a></p>'
    html = site.read(post, formats="html")["html"]
    assert f'href="{site.url}/x/#part"' in html
    assert f'src="{site.url}/content/images/a.png"' in html
    assert "__GHOST_URL__" not in html


def test_a_placeholder_stays_in_the_post_history(site: Site) -> None:
    """There nothing is filled in: the editor's preview of an old version would show no such picture."""
    ready = "__GHOST_URL__/content/images/a.png"
    post = site.add(lexical=document(card("image", src=ready, alt="")))
    site.change(post, lexical=document(card("image", src=ready, alt="b")), query={"save_revision": True})
    assert all(ready in version["lexical"] for version in site.revisions(post))


def test_scheme_counts_for_canonical_only(site: Site) -> None:
    """An own address with the other scheme is made right, but for the canonical one."""
    other = site.url.replace("http://", "https://") + "/x/"
    post = site.add(canonical_url=other, feature_image=other)
    assert post["feature_image"] == f"{site.url}/x/"
    assert post["canonical_url"] == other


def test_fields_with_addresses(site: Site) -> None:
    """These four are made absolute."""
    names = ("feature_image", "og_image", "twitter_image", "canonical_url")
    post = site.add(**dict.fromkeys(names, "/content/a.png"))
    assert {post[name] for name in names} == {f"{site.url}/content/a.png"}


def test_html_fields(site: Site) -> None:
    """Links in code injection and excerpts are made absolute; captions and meta texts stay as they are."""
    rewritten = ("codeinjection_head", "codeinjection_foot", "custom_excerpt")
    left_alone = ("feature_image_caption", "meta_description")
    sent = '<a href="/x/">x</a>'
    post = site.add(**dict.fromkeys((*rewritten, *left_alone), sent))
    assert {post[name] for name in rewritten} == {f'<a href="{site.url}/x/">x</a>'}
    assert {post[name] for name in left_alone} == {sent}


HTML = [
    ('<a href="/x/">x</a>', '<a href="SITE/x/">x</a>'),
    ("<img src='/a.png'>", "<img src='SITE/a.png'>"),
    ("<A HREF=/x/>x</A>", "<A HREF=/x/>x</A>"),
    ('<code><a href="/x/">x</a></code>', '<code><a href="/x/">x</a></code>'),
    ("<p>see /x/</p>", "<p>see /x/</p>"),
]


def test_html_in_cards(site: Site) -> None:
    """Quoted attributes in lower case are rewritten, nothing inside of code, and no other byte changes."""
    post = site.add(lexical=document(*(card("html", html=sent) for sent, _stored in HTML)))
    cards = json.loads(post["lexical"])["root"]["children"]
    assert [one["html"] for one in cards] == [stored.replace("SITE", site.url) for _sent, stored in HTML]


MARKDOWN = [
    ("[x](/x/) and ![y](/y.png)", "[x](SITE/x/) and ![y](SITE/y.png)"),
    ("[x](x.md)", "[x](x.md)"),
    ("`[x](/x/)`", "`[x](/x/)`"),
    ("[x][r]\n\n[r]: /x/", "[x][r]\n\n[r]: /x/"),
    ('<a href="/x/">x</a>', '<a href="SITE/x/">x</a>'),
]


def test_markdown_cards(site: Site) -> None:
    """Inline links, pictures and raw HTML are rewritten; reference definitions and code are not."""
    post = site.add(lexical=document(*(card("markdown", markdown=sent) for sent, _stored in MARKDOWN)))
    cards = json.loads(post["lexical"])["root"]["children"]
    assert [one["markdown"] for one in cards] == [stored.replace("SITE", site.url) for _sent, stored in MARKDOWN]


CARDS = [
    (card("image", src="/a.png", href="", caption="", alt=""), "src"),
    (card("image", src="/x.png", href="/a.png", caption="", alt=""), "href"),
    (card("bookmark", url="/a.png", metadata={}, caption=""), "url"),
    (card("button", buttonUrl="/a.png", buttonText="x", alignment="center"), "buttonUrl"),
    (card("file", src="/a.png", fileTitle="x", fileName="x", fileCaption="", fileSize=1), "src"),
    (card("audio", src="/a.png", title="x", duration=1, mimeType="x"), "src"),
    (card("video", src="/a.png", fileName="x", mimeType="x", width=1, height=1, duration=1), "src"),
    (card("video", src="/x", thumbnailSrc="/a.png", fileName="x", width=1, height=1), "thumbnailSrc"),
    (card("product", productImageSrc="/a.png", productTitle="x"), "productImageSrc"),
]


def test_addresses_in_cards(site: Site) -> None:
    """Addresses that cards hold are made absolute."""
    post = site.add(lexical=document(*(node for node, _name in CARDS)))
    nodes = json.loads(post["lexical"])["root"]["children"]
    held = {f"{node['type']} {name}": node[name] for node, (_sent, name) in zip(nodes, CARDS, strict=True)}
    assert held == dict.fromkeys(held, f"{site.url}/a.png")


LEFT_ALONE = [
    (card("callout", calloutText='<a href="/x/">x</a>', calloutEmoji="", backgroundColor="blue"), "calloutText"),
    (card("audio", src="/a", thumbnailSrc="/x/", title="x"), "thumbnailSrc"),
    (card("product", productUrl="/x/", productTitle="x"), "productUrl"),
    (card("call-to-action", buttonUrl="/x/", textValue=""), "buttonUrl"),
    (card("signup", header='<a href="/x/">x</a>'), "header"),
]


def test_addresses_that_stay(site: Site) -> None:
    """Some cards, and some properties of cards, are never looked into."""
    post = site.add(lexical=document(*(node for node, _name in LEFT_ALONE)))
    nodes = json.loads(post["lexical"])["root"]["children"]
    for node, (sent, name) in zip(nodes, LEFT_ALONE, strict=True):
        assert node[name] == sent[name], node["type"]


def test_gallery_and_captions(site: Site) -> None:
    """Pictures of galleries, and links in captions and toggles."""
    image = {"row": 0, "src": "/a.png", "width": 1, "height": 1, "fileName": "a.png", "caption": '<a href="/x/">x</a>'}
    post = site.add(
        lexical=document(
            card("gallery", images=[image], caption='<a href="/x/">x</a>'),
            card("toggle", heading='<a href="/x/">x</a>', content='<a href="/x/">x</a>'),
            card(
                "bookmark", url="https://example.com/", metadata={"icon": "/a.png", "thumbnail": "/a.png"}, caption=""
            ),
        )
    )
    gallery, toggle, bookmark = json.loads(post["lexical"])["root"]["children"]
    absolute = f'<a href="{site.url}/x/">x</a>'
    assert (gallery["images"][0]["src"], gallery["images"][0]["caption"]) == (f"{site.url}/a.png", absolute)
    assert (gallery["caption"], toggle["heading"], toggle["content"]) == (absolute,) * 3
    assert set(bookmark["metadata"].values()) == {f"{site.url}/a.png"}


def test_relative_addresses_make_every_save_a_change(site: Site) -> None:
    """The same root-relative address sent again moves `updated_at`, the absolute one does not."""
    post = site.add(feature_image="/content/a.png")
    site.pass_time(10)
    before = site.read(post)
    same = site.change(before, feature_image=f"{site.url}/content/a.png")
    assert same["updated_at"] == before["updated_at"]
    assert site.change(before, feature_image="/content/a.png")["updated_at"] > before["updated_at"]


def test_tag_addresses(site: Site) -> None:
    """A tag's picture as well."""
    answer = site.ask("POST", "tags/", {"tags": [{"name": "x", "feature_image": "/a.png"}]})
    assert answer.json()["tags"][0]["feature_image"] == f"{site.url}/a.png"
