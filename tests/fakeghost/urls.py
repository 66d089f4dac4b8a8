"""How Ghost rewrites addresses of its own site: to `__GHOST_URL__` when it stores, back to absolute when it reads.

After `@tryghost/url-utils`. The fake stores the absolute form at once, which is what a reader gets, also
where a placeholder is sent. (What of a body moves with a site is a matter for real Ghost; `moving` moves all of it.)
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, urlsplit

# Card type → property → how it is rewritten. A dotted name is a path; a dict means: for each entry of the list.
CARD_URLS: dict[str, dict[str, Any]] = {
    "image": {"src": "url", "caption": "html", "href": "url"},
    "gallery": {"caption": "html", "images": {"src": "url", "caption": "html"}},
    "bookmark": {"url": "url", "caption": "html", "metadata.icon": "url", "metadata.thumbnail": "url"},
    "embed": {"url": "url", "caption": "html"},
    "button": {"buttonUrl": "url"},
    "codeblock": {"caption": "html"},
    "html": {"html": "html"},
    "markdown": {"markdown": "markdown"},
    "toggle": {"heading": "html", "content": "html"},
    "header": {"buttonUrl": "url", "header": "html", "subheader": "html", "backgroundImageSrc": "url"},
    "file": {"src": "url"},
    "audio": {"src": "url"},
    "video": {"src": "url", "caption": "html", "thumbnailSrc": "url", "customThumbnailSrc": "url"},
    "product": {"productImageSrc": "url", "productTitle": "html", "productDescription": "html"},
    "email": {"html": "html"},
    "email-cta": {"buttonUrl": "url", "html": "html"},
}
# Cards without any property of that kind still are cards: their `url`, if they have one, is left alone.
_OTHER_CARDS = frozenset({"callout", "call-to-action", "signup", "transistor", "horizontalrule", "paywall"})

_ATTRIBUTE = re.compile(
    r"""(<[a-zA-Z][^>]*?\s(?:href|src|data-kg-background-image|data-kg-custom-thumbnail|data-kg-thumbnail)=)"""
    r"""(["'])(.*?)\2""",
    re.DOTALL,
)
_CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
_MARKDOWN_INLINE = re.compile(r"(\]\(\s*<?)(/[^\s)>]*|https?:[^\s)>]+)")
_MARKDOWN_CODE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`\n]*`)", re.DOTALL)
_SAFE = "!#$%&'()*+,-./:;=?@_~[]|^`{}\\\""


def rewrite_url(url: str, site: str, *, ignore_scheme: bool = True) -> str:
    """The address as Ghost gives it back: root-relative and own addresses absolute, foreign ones untouched."""
    root = urlsplit(site)
    base = root.path.rstrip("/")
    if url.startswith("/") and not url.startswith("//"):
        path = url if not base or url == base or url.startswith(f"{base}/") else base + url
        return f"{root.scheme}://{root.netloc}{_percent(re.sub('/{2,}', '/', path))}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    own = parts.netloc.lower() == root.netloc and (parts.path or "/").startswith(f"{base}/")
    if not own or (parts.scheme and parts.scheme.lower() not in {"http", "https"}):
        return url
    if not parts.scheme and not url.startswith("//"):
        return url
    if not ignore_scheme and parts.scheme != root.scheme:
        return url
    rest = (
        (parts.path or "/")
        + (f"?{parts.query}" if parts.query else "")
        + (f"#{parts.fragment}" if parts.fragment else "")
    )
    return f"{root.scheme}://{root.netloc}{_percent(rest)}"


def _percent(path: str) -> str:
    return quote(path, safe=_SAFE).replace('"', "%22").replace("`", "%60")


def rewrite_html(html: str, site: str) -> str:
    """Quoted, lower-case `href` and `src` outside of `<code>`; every other byte stays."""
    if "=" not in html:
        return html
    pieces = _CODE.split(html)
    for at in range(0, len(pieces), 2):
        pieces[at] = _ATTRIBUTE.sub(
            lambda found: f"{found[1]}{found[2]}{rewrite_url(found[3], site)}{found[2]}", pieces[at]
        )
    return "".join(pieces)


def rewrite_markdown(text: str, site: str) -> str:
    """Inline links and pictures and raw HTML; reference definitions and code stay as they are."""
    pieces = _MARKDOWN_CODE.split(text)
    for at in range(0, len(pieces), 2):
        inline = _MARKDOWN_INLINE.sub(lambda found: found[1] + rewrite_url(found[2], site), pieces[at])
        pieces[at] = rewrite_html(inline, site)
    return "".join(pieces)


def _rewrite(value: str, how: str, site: str) -> str:
    match how:
        case "url":
            return rewrite_url(value, site)
        case "html":
            return rewrite_html(value, site)
        case _:
            return rewrite_markdown(value, site)


def _rewrite_property(holder: Any, path: str, how: Any, site: str) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        holder = holder.get(parent) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        return
    value = holder.get(last)
    if isinstance(how, dict):
        for entry in value if isinstance(value, list) else ():
            for name, inner in how.items():
                _rewrite_property(entry, name, inner, site)
    elif isinstance(value, str) and value:
        holder[last] = _rewrite(value, how, site)


def _rewrite_nodes(nodes: Any, site: str) -> None:
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict):
            continue
        kind = node.get("type")
        if kind in CARD_URLS:
            for path, how in CARD_URLS[kind].items():
                _rewrite_property(node, path, how, site)
        elif kind not in _OTHER_CARDS and isinstance(node.get("url"), str) and node["url"]:
            node["url"] = rewrite_url(node["url"], site)
        if node.get("children"):
            _rewrite_nodes(node["children"], site)


def filled_in(text: str, site: str) -> str:
    """The text as Ghost gives it back."""
    return text.replace("__GHOST_URL__", site.rstrip("/"))


def _js_float(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _js_int(text: str) -> int | float:
    number = int(text)
    return number if abs(number) <= 2**53 else int(float(text))


def rewrite_lexical(text: str, site: str) -> str:
    """The document as Ghost stores it: parsed, addresses rewritten, written compactly; unknown keys and order kept."""
    document = json.loads(text, parse_float=_js_float, parse_int=_js_int)
    if not isinstance(document, dict) or not isinstance(document.get("root"), dict):
        return text
    if document["root"].get("children") is None:
        return text
    _rewrite_nodes(document["root"]["children"], site)
    text = json.dumps(document["root"]["children"], ensure_ascii=False)
    document["root"]["children"] = json.loads(filled_in(text, site))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
