"""What Ghost's editor does to a document that a person opens and saves after typing.

It drops what it does not know of (`root.ghostsync`), fills in the defaults of every card in its own order, names text
nodes `extended-text`, and wraps the text of nested editors (captions, callouts, toggles) in pre-wrap spans.
Settings saved without typing leave the document alone; so does publishing. Observed in Ghost 6.65.
"""

from __future__ import annotations

import json
import re
from typing import Any

_ROOT_KEYS = ("children", "direction", "format", "indent", "type", "version")
_RENAMED = {"text": "extended-text", "heading": "extended-heading", "quote": "extended-quote"}
_VISIBILITY = {
    "web": {"nonMember": True, "memberSegment": "status:free,status:-free"},
    "email": {"memberSegment": "status:free,status:-free"},
}
# Card → its properties in the editor's order, with their defaults.
CARDS: dict[str, dict[str, Any]] = {
    "image": {
        "src": "", "width": None, "height": None, "title": "", "alt": "", "caption": "", "cardWidth": "regular",
        "href": "",
    },
    "gallery": {"images": [], "caption": ""},
    "bookmark": {
        "url": "",
        "metadata": {"icon": "", "title": "", "description": "", "author": "", "publisher": "", "thumbnail": ""},
        "caption": "",
    },
    "embed": {"url": "", "embedType": "", "html": "", "metadata": {}, "caption": ""},
    "callout": {"calloutText": "", "calloutEmoji": "💡", "backgroundColor": "blue"},
    "toggle": {"heading": "", "content": ""},
    "button": {"buttonText": "", "alignment": "center", "buttonUrl": ""},
    "codeblock": {"code": "", "language": "", "caption": ""},
    "html": {"html": "", "visibility": _VISIBILITY},
    "markdown": {"markdown": ""},
    "file": {"src": "", "fileTitle": "", "fileCaption": "", "fileName": "", "fileSize": 0},
    "audio": {"duration": 0, "mimeType": "", "src": "", "title": "", "thumbnailSrc": ""},
    "video": {
        "src": "", "caption": "", "fileName": "", "mimeType": "", "width": None, "height": None, "duration": 0,
        "thumbnailSrc": "", "customThumbnailSrc": "", "thumbnailWidth": None, "thumbnailHeight": None,
        "cardWidth": "regular", "loop": False,
    },
    "email": {"html": ""},
    "email-cta": {
        "alignment": "left", "buttonText": "", "buttonUrl": "", "html": "", "segment": "status:free",
        "showButton": False, "showDividers": True,
    },
    "header": {
        "size": "small", "style": "dark", "buttonEnabled": False, "buttonUrl": "", "buttonText": "", "header": "",
        "subheader": "", "backgroundImageSrc": "", "accentColor": "#FF1A75", "alignment": "center",
        "backgroundColor": "#000000", "backgroundImageWidth": None, "backgroundImageHeight": None,
        "backgroundSize": "cover", "textColor": "#FFFFFF", "buttonColor": "#ffffff", "buttonTextColor": "#000000",
        "layout": "full", "swapped": False,
    },
    "product": {
        "productImageSrc": "", "productImageWidth": None, "productImageHeight": None, "productTitle": "",
        "productDescription": "", "productRatingEnabled": False, "productStarRating": 5, "productButtonEnabled": False,
        "productButton": "", "productUrl": "",
    },
    "signup": {
        "alignment": "left", "backgroundColor": "#F0F0F0", "backgroundImageSrc": "", "backgroundSize": "cover",
        "textColor": "#000000", "buttonColor": "accent", "buttonTextColor": "#FFFFFF", "buttonText": "Subscribe",
        "disclaimer": "", "header": "", "layout": "wide", "subheader": "",
        "successMessage": "Email sent! Check your inbox to complete your signup.", "swapped": False, "labels": [],
    },
    "call-to-action": {
        "layout": "minimal", "alignment": "left", "textValue": "", "showButton": True, "showDividers": True,
        "buttonText": "Learn more", "buttonUrl": "", "buttonColor": "#000000", "buttonTextColor": "#ffffff",
        "hasSponsorLabel": True, "sponsorLabel": '<p><span style="white-space: pre-wrap;">SPONSORED</span></p>',
        "backgroundColor": "grey", "linkColor": "text", "imageUrl": "", "imageWidth": None, "imageHeight": None,
        "visibility": _VISIBILITY,
    },
    "horizontalrule": {},
    "paywall": {},
    "transistor": {
        "accentColor": "", "backgroundColor": "",
        "visibility": {**_VISIBILITY, "web": {"nonMember": False, "memberSegment": "status:free,status:-free"}},
    },
}  # fmt: skip
_NESTED_EDITORS = {
    "image": ("caption",), "gallery": ("caption",), "bookmark": ("caption",), "embed": ("caption",),
    "codeblock": ("caption",), "video": ("caption",), "callout": ("calloutText",), "toggle": ("heading", "content"),
    "email": ("html",), "email-cta": ("html",), "header": ("header", "subheader"), "call-to-action": ("textValue",),
    "product": ("productTitle", "productDescription"), "signup": ("header", "subheader", "disclaimer"),
}  # fmt: skip
_SPAN = '<span style="white-space: pre-wrap;">'


def wrap_text(markup: str) -> str:
    """Every run of text in its own pre-wrap span, as nested editors write it; once is enough."""
    if _SPAN in markup:
        return markup
    return re.sub(r"(^|>)([^<]*[^<\s][^<]*)(?=<|$)", rf"\1{_SPAN}\2</span>", markup)


def _reserialise(node: dict[str, Any]) -> dict[str, Any]:
    kind = node.get("type")
    if kind in CARDS:
        filled = {name: node.get(name, default) for name, default in CARDS[kind].items()}
        for name in _NESTED_EDITORS.get(kind, ()):
            filled[name] = wrap_text(filled[name])
        return {"type": kind, "version": node.get("version", 1), **filled}
    if "text" in node:
        return {
            "detail": node.get("detail", 0),
            "format": node.get("format", 0),
            "mode": node.get("mode", "normal"),
            "style": node.get("style", ""),
            "text": node["text"],
            "type": _RENAMED.get(str(kind), kind),
            "version": 1,
        }
    if "children" not in node:
        return node
    extra = {name: value for name, value in node.items() if name not in _ROOT_KEYS}
    if kind == "link":
        extra = {"rel": None, "target": None, "title": None, "url": "", **extra}
    children = [_reserialise(child) for child in node["children"]]
    return {
        "children": children,
        "direction": "ltr" if _has_text(node) else node.get("direction"),
        "format": node.get("format", ""),
        "indent": node.get("indent", 0),
        "type": _RENAMED.get(str(kind), kind),
        "version": node.get("version", 1),
        **extra,
    }


def _has_text(node: dict[str, Any]) -> bool:
    return bool(node.get("text")) or any(_has_text(child) for child in node.get("children") or ())


def reserialise(lexical: str) -> str:
    """The document as the editor saves it after a keystroke: the same content, without what the editor knows not."""
    root = json.loads(lexical)["root"]
    kept = {name: value for name, value in _reserialise(root).items() if name in _ROOT_KEYS}
    return json.dumps({"root": kept}, ensure_ascii=False, separators=(",", ":"))


def type_text(lexical: str, old: str, new: str) -> str:
    """Replaces a piece of text in the first place where it occurs, as a person does who types. ValueError if none."""
    document = json.loads(lexical)
    if not _replace_first(document["root"], old, new):
        raise ValueError(f"the document holds no text {old!r}")
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _replace_first(value: Any, old: str, new: str) -> bool:
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name not in {"type", "tag", "version"} and old in inner:
                value[name] = inner.replace(old, new, 1)
                return True
            if name != "ghostsync" and _replace_first(inner, old, new):
                return True
    return isinstance(value, list) and any(_replace_first(inner, old, new) for inner in value)


def append_paragraph(lexical: str, text: str) -> str:
    """A new paragraph at the end."""
    document = json.loads(lexical)
    node = {
        "detail": 0, "format": 0, "mode": "normal", "style": "", "text": text, "type": "extended-text", "version": 1
    }  # fmt: skip
    paragraph = {
        "children": [node], "direction": "ltr", "format": "", "indent": 0, "type": "paragraph", "version": 1
    }  # fmt: skip
    document["root"]["children"].append(paragraph)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
