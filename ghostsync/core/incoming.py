"""What Ghost holds, as Markdown in the author's own style.

Addresses become the references that the author wrote, sizes that follow from files disappear, and the difference
between base and Ghost is patched into base's own text: what nobody edited keeps its wrapping, bullets and links.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from ghostsync.core.base import Base
from ghostsync.core.measure import measured_as, without_measures
from ghostsync.core.references import InTree, classify
from ghostsync.lexical import (
    compile_markdown,
    decompile_lexical,
    find_references,
    normalise_lexical,
    patch_markdown,
    rewrite_references,
)
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import DocPath, Lexical, Upload


def written_references(
    lexical: Lexical, path: DocPath, *, images: Mapping[str, Upload], links: Mapping[str, str]
) -> dict[str, str]:
    """Return address → reference as the author wrote it, for a compiled document at `path`."""
    found: dict[str, str] = {}
    for reference in find_references(lexical):
        address = links.get(reference.value)
        if address is None:
            place = classify(reference.value, path)
            if isinstance(place, InTree) and place.path in images:
                address = images[place.path].url + place.tail
        if address is not None:
            found.setdefault(address, reference.value)
    return found


def localise(lexical: Lexical, written: Mapping[str, str], *, site_url: str) -> Lexical:
    """Return the document with the site's addresses replaced by what stands in `written`."""
    mapping: dict[str, str] = {}
    for reference in find_references(lexical):
        local = next((written[form] for form in _forms(reference.value, site_url) if form in written), None)
        if local is not None:
            mapping[reference.value] = local
    return rewrite_references(lexical, mapping) if mapping else lexical


def _forms(address: str, site_url: str) -> Iterable[str]:
    """Yield the spellings of an address on the site: Ghost gives absolute ones back for whatever was sent."""
    yield address
    bare = site_url.partition("://")[2]
    for scheme in ("https://", "http://"):
        if address.startswith(scheme + bare):
            rest = address[len(scheme + bare) :]
            yield f"/{rest}"
            yield f"https://{bare}{rest}"
            yield f"http://{bare}{rest}"
    if address.startswith("/") and not address.startswith("//"):
        yield site_url + address[1:]


def incoming_body(
    base: Base | None,
    base_body: str | None,
    remote: Lexical,
    *,
    site_url: str,
    dialect: DialectName,
    written: Mapping[str, str] | None = None,
    then: Lexical | None = None,
) -> str:
    """Return the post's body as Markdown: base's text with Ghost's edit patched in, or a text of its own.

    `written` adds address → reference for what base does not know (files that pull downloads, other documents). `then`
    is what Ghost held when both sides agreed, where it is known.
    """
    known = dict(written or {})
    if base is not None and base_body is not None:
        before = compile_markdown(base_body, dialect=dialect)
        known |= written_references(before, base.path, images=base.images, links=base.links)
        after = measured_as(localise(remote, known, site_url=site_url), before)
        if then is not None:
            after = _as_compiled_today(after, measured_as(localise(then, known, site_url=site_url), before), before)
        return patch_markdown(base_body, before, after, dialect=dialect)
    return decompile_lexical(without_measures(localise(remote, known, site_url=site_url)), dialect=dialect)


def _as_compiled_today(after: Lexical, then: Lexical, before: Lexical) -> Lexical:
    """Return `after` with every node that nobody edited as today's compiler would make it.

    `then` and `before` come from one text: the first by the compiler that sent it, perhaps an older one. Where they
    differ, an unedited node of `after` would look like an edit and be written anew.
    """
    old, new, now = (normalise_lexical(document)["root"]["children"] for document in (then, before, after))
    keys, others = [_key(node) for node in old], [_key(node) for node in new]
    if keys == others:
        return after
    today: dict[str, Any] = {}
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=keys, b=others, autojunk=False).get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            today |= dict(zip(keys[i1:i2], new[j1:j2], strict=True))
    children = [today.get(_key(node), node) for node in now]
    return {**after, "root": {**after["root"], "children": children}}


def _key(node: object) -> str:
    return json.dumps(node, sort_keys=True)
