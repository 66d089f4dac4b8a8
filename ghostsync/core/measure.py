"""What a file says about itself, put into the cards that show it, and taken out again.

Ghost's cards carry the size of pictures (its themes need it for `srcset`, and a gallery without sizes renders nothing)
and the name, size and type of files. None of that is a statement of the author: it follows from the bytes. So it is
filled in when a document is sent, left out when a post is compared, and not written into the Markdown on the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ghostsync.model import Asset, Lexical

# Card type → (key of the address, key of the width, key of the height).
_PICTURES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "image": (("src", "width", "height"),),
    "header": (("backgroundImageSrc", "backgroundImageWidth", "backgroundImageHeight"),),
    "product": (("productImageSrc", "productImageWidth", "productImageHeight"),),
    "call-to-action": (("imageUrl", "imageWidth", "imageHeight"),),
    "video": (("thumbnailSrc", "thumbnailWidth", "thumbnailHeight"),),
}

# Card type → (key of the address, keys filled from the file: name, size, type).
_FILES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "file": ("src", {"fileName": "name", "fileSize": "size"}),
    "video": ("src", {"fileName": "name", "mimeType": "mime"}),
    "audio": ("src", {"mimeType": "mime"}),
}

_DERIVED: Mapping[str, tuple[str, ...]] = {
    "image": ("width", "height"),
    "header": ("backgroundImageWidth", "backgroundImageHeight"),
    "product": ("productImageWidth", "productImageHeight"),
    "call-to-action": ("imageWidth", "imageHeight"),
    "video": ("thumbnailWidth", "thumbnailHeight", "fileName", "mimeType"),
    "audio": ("mimeType",),
    "file": ("fileName", "fileSize"),
}
_GALLERY_DERIVED: tuple[str, ...] = ("width", "height", "fileName")


def measured(document: Lexical, assets: Mapping[str, Asset]) -> Lexical:
    """Return the document with sizes and names filled in; `assets` is by reference as written in the document."""
    return _map_nodes(document, lambda node: _fill(node, assets))


def without_measures(document: Lexical) -> Lexical:
    """Return the document without what follows from the files that it shows."""
    return _map_nodes(document, _strip)


def measured_as(document: Lexical, before: Lexical) -> Lexical:
    """Return the document stating of its files what `before` states of them, no more and no less.

    Both say the same addresses. What Ghost or its editor filled in is then no edit, and what the author spelled out is
    not taken away, whatever else was changed in the card.
    """
    stated: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for node in before["root"]["children"]:
        for kind, address, measures in _stated(node):
            stated.setdefault((kind, address), []).append(measures)

    def measures_of(kind: str, address: str) -> dict[str, Any]:
        known = stated.get((kind, address), [{}])
        return known.pop(0) if len(known) > 1 else known[0]

    def state(node: dict[str, Any]) -> dict[str, Any]:
        kind = node.get("type", "")
        bare = _strip(node)
        if kind == "gallery":
            return _map_pictures(bare, lambda one: {**one, **measures_of(kind, str(one.get("src") or ""))})
        return {**bare, **measures_of(kind, _address(node))} if kind in _DERIVED else node

    return _map_nodes(document, state)


def _stated(node: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield card type, address, and what is said about the file there."""
    kind = node.get("type", "")
    if kind == "gallery":
        images = node.get("images")
        for image in (each for each in (images if isinstance(images, list) else ()) if isinstance(each, dict)):
            yield kind, str(image.get("src") or ""), {key: image[key] for key in _GALLERY_DERIVED if key in image}
    elif kind in _DERIVED:
        yield kind, _address(node), {key: node[key] for key in _DERIVED[kind] if key in node}


def _map_pictures(gallery: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Apply `change` to the pictures of a gallery. The API also takes a gallery with anything else in their place."""
    images = gallery.get("images")
    if not isinstance(images, list):
        return gallery
    return {**gallery, "images": [change(image) if isinstance(image, dict) else image for image in images]}


def _address(node: dict[str, Any]) -> str:
    kind = node["type"]
    return str(node.get(_FILES[kind][0] if kind in _FILES else _PICTURES[kind][0][0]) or "")


def _fill(node: dict[str, Any], assets: Mapping[str, Asset]) -> dict[str, Any]:
    kind = node.get("type", "")
    if kind == "gallery":
        return _map_pictures(node, lambda image: _fill_gallery_image(image, assets))
    filled = dict(node)
    for source, width, height in _PICTURES.get(kind, ()):
        asset = assets.get(str(node.get(source) or ""))
        if asset is not None and asset.width and asset.height and not (node.get(width) or node.get(height)):
            filled[width], filled[height] = asset.width, asset.height
    if kind in _FILES:
        source, keys = _FILES[kind]
        asset = assets.get(str(node.get(source) or ""))
        if asset is not None:
            facts = {"name": asset.path.rpartition("/")[2], "size": asset.size, "mime": asset.mime}
            filled |= {key: facts[fact] for key, fact in keys.items() if not node.get(key)}
    return filled


def _fill_gallery_image(image: dict[str, Any], assets: Mapping[str, Asset]) -> dict[str, Any]:
    asset = assets.get(str(image.get("src") or ""))
    if asset is None:
        return image
    filled = {**image, "fileName": image.get("fileName") or asset.path.rpartition("/")[2]}
    if asset.width and asset.height and not (image.get("width") or image.get("height")):
        filled |= {"width": asset.width, "height": asset.height}
    return filled


def _strip(node: dict[str, Any]) -> dict[str, Any]:
    kind = node.get("type", "")
    if kind == "gallery":
        return _map_pictures(node, lambda image: {k: v for k, v in image.items() if k not in _GALLERY_DERIVED})
    derived = _DERIVED.get(kind)
    return {k: v for k, v in node.items() if k not in derived} if derived else node


def _map_nodes(document: Lexical, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Lexical:
    """Apply `change` to every top-level node. Cards stand at the top level only: Ghost renders them nowhere else."""
    root = document.get("root")
    if not isinstance(root, dict) or not isinstance(root.get("children"), list):
        return document
    children = [change(node) if isinstance(node, dict) else node for node in root["children"]]
    return {**document, "root": {**root, "children": children}}
