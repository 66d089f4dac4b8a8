"""What Ghost holds, as Markdown in the author's own style.

Addresses become the references that the author wrote, sizes that follow from files disappear, and the difference
between base and Ghost is patched into base's own text: what nobody edited keeps its wrapping, bullets and links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ghostsync.core.base import Base
from ghostsync.core.measure import measured_as, without_measures
from ghostsync.core.references import InTree, classify
from ghostsync.lexical import (
    compile_markdown,
    decompile_lexical,
    find_references,
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
                tail = (f"?{place.query}" if place.query else "") + (f"#{place.fragment}" if place.fragment else "")
                address = images[place.path].url + tail
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
) -> str:
    """Return the post's body as Markdown: base's text with Ghost's edit patched in, or a text of its own.

    `written` adds address → reference for what base does not know (files that pull downloads, other documents).
    """
    known = dict(written or {})
    if base is not None and base_body is not None:
        before = compile_markdown(base_body, dialect=dialect)
        known |= written_references(before, base.path, images=base.images, links=base.links)
        after = measured_as(localise(remote, known, site_url=site_url), before)
        return patch_markdown(base_body, before, after)
    return decompile_lexical(without_measures(localise(remote, known, site_url=site_url)))
