"""From a document to what would be sent: references resolved, names resolved, sizes filled in.

Two steps, with the disk between them. `draft_document` compiles and tells which files and documents are referred to;
the session then measures those files; `prepare_document` puts addresses in their place. A file that the site does not
serve yet stands as a placeholder, so that the whole plan is known before the first byte is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ghostsync.core.addresses import Permalinks, Target, predict_address
from ghostsync.core.answers import Leads
from ghostsync.core.changes import placeholder
from ghostsync.core.compare import Prepared
from ghostsync.core.digest import body_digest
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.foreign_syntax import foreign_syntax
from ghostsync.core.markers import first_marker
from ghostsync.core.measure import measured
from ghostsync.core.near_paths import hint_for_nothing
from ghostsync.core.references import AsIs, InTree, Refused, SiteRelative, classify
from ghostsync.core.slugs import tag_slugs
from ghostsync.core.template_syntax import template_commands
from ghostsync.core.unknown_forms import unknown_forms
from ghostsync.errors import ContentError, Problem
from ghostsync.lexical import Reference, compile_markdown, find_references, rewrite_references
from ghostsync.lexical.dialect import DialectName
from ghostsync.lexical.site_addresses import PLACEHOLDER
from ghostsync.model import (
    Asset,
    Bucket,
    Digest,
    DocPath,
    Document,
    FieldName,
    FieldValue,
    Lexical,
    Slug,
    Upload,
)

_TAGS = FieldName("tags")
# Of a document that cannot be compiled.
_NOTHING: Lexical = {"root": {"type": "root", "children": []}}
# How the compiler's messages begin, where it knows the line.
_LINE_OF_BODY = re.compile(r"line (\d+): ")
_AUTHORS = FieldName("authors")
_TIERS = FieldName("tiers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document, compiled, with what it refers to inside the content root."""

    document: Document
    lexical: Lexical
    inside: Mapping[str, InTree]
    """Reference as written → where it leads."""
    problems: tuple[Problem, ...]
    as_is: Mapping[str, str] = field(default_factory=dict)
    """Reference as written → the address that it means literally."""
    on_site: tuple[str, ...] = ()
    """References to places of the site itself: `/about/`."""
    references: tuple[Reference, ...] = ()
    """Every reference of the body, each once."""
    faults: tuple[Problem, ...] = ()
    """Those of `problems` that are in the text itself, whatever it refers to."""
    warnings: tuple[Problem, ...] = ()

    @property
    def is_compiled(self) -> bool:
        """Whether the text could be read; otherwise there is nothing but a problem."""
        return self.lexical is not _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything about the site and the tree that a document needs to be sent."""

    site_url: str
    now: str
    permalinks: Permalinks
    targets: Mapping[DocPath, Target]
    """Every document, by path."""
    assets: Mapping[DocPath, Asset]
    uploads: Mapping[tuple[Bucket, Digest], str]
    """What the site already serves for us."""
    tag_slugs: Mapping[str, Slug]
    """Name → slug, of `tags.yaml` and of the site."""
    authors: Mapping[str, Slug] | None
    """Slug or lower-case email address → slug; None where no document names an author."""
    tiers: frozenset[Slug] | None
    """Paid tiers; None where no document names one."""
    newsletters: frozenset[Slug] | None = None
    near: Callable[[str], DocPath | None] = lambda _: None
    """Which file was probably meant by a path that leads to nothing."""
    leads: Leads = classify
    """What a reference in the document at a path leads to."""
    served: Mapping[DocPath, str] = field(default_factory=dict)
    """Files that came down from the site, are unchanged, and so are known at the very address they came from."""


def draft_document(document: Document, *, dialect: DialectName, leads: Leads = classify) -> Draft:
    """Compile a document and collect its references. What cannot be compiled is a problem of this document alone.

    `leads` says what a reference leads to; without it, its text alone does.
    """
    try:
        lexical = compile_markdown(document.body, dialect=dialect)
    except ContentError as wrong:
        fault = _fault_in_text(document, wrong)
        return Draft(document=document, lexical=_NOTHING, inside={}, problems=(fault,), faults=(fault,))
    inside: dict[str, InTree] = {}
    as_is: dict[str, str] = {}
    problems: list[Problem] = []
    marked = first_marker(document.source)
    if marked is not None:
        message = "an earlier pull marked places that both sides changed, and this one is not settled yet"
        hint = "keep what shall stand between `<<<<<<<` and `>>>>>>>`, and remove the marks"
        problems.append(Problem(path=document.path, line=marked, message=message, hint=hint))
    faults = tuple(problems)
    every = tuple(find_references(lexical))
    references = tuple(dict.fromkeys(every))
    if _says_placeholder(document, lexical, every):
        message = f"Ghost puts its own address in the place of `{PLACEHOLDER}`, wherever it stands"
        line = line_of_text(document, PLACEHOLDER)
        hint = "put a zero-width space into the word, so that readers see it"
        problems.append(Problem(path=document.path, line=line, message=message, hint=hint))
    on_site: list[str] = []

    def sort_out(value: str, line: int | None) -> None:
        match leads(value, document.path):
            case InTree() as found:
                inside[value] = found
            case AsIs(text):
                as_is[value] = text
            case SiteRelative():
                on_site.append(value)
            case Refused() as refused:
                problems.append(Problem(path=document.path, line=line, message=refused.reason))
            case _:
                pass

    for value in dict.fromkeys(reference.value for reference in references):
        sort_out(value, line_of_text(document, value))
    for name, given in document.fields.items():
        if FIELDS[name].value is ValueKind.IMAGE and isinstance(given, str):
            sort_out(given, document.line_of(name))
    return Draft(
        document=document,
        lexical=lexical,
        inside=inside,
        problems=tuple(problems),
        as_is=as_is,
        on_site=tuple(on_site),
        references=references,
        faults=faults,
        warnings=tuple(_commands(document, lexical)),
    )


def _commands(document: Document, lexical: Lexical) -> Iterator[Problem]:
    for command in template_commands(lexical):
        yield Problem(
            path=document.path,
            line=line_of_text(document, command.text),
            message=f"Ghost shows `{command.shown}` to readers as it stands; only a site generator carries it out",
            hint=command.hint,
        )
    for form in unknown_forms(lexical):
        yield Problem(
            path=document.path,
            line=line_of_text(document, form.text),
            message=f"Ghost shows `{form.shown}` to readers as it stands; it begins no card",
            hint=form.hint,
        )
    for foreign in foreign_syntax(lexical):
        yield Problem(
            path=document.path,
            line=line_of_text(document, foreign.text),
            message=f"Ghost shows `{foreign.shown}` to readers as it stands; only {foreign.tool} reads it",
            hint=foreign.hint,
        )


def _fault_in_text(document: Document, wrong: ContentError) -> Problem:
    """Return what the compiler refuses, on its line of the file: the compiler knows the body only."""
    found = _LINE_OF_BODY.match(wrong.message)
    line = document.body_line - 1 + (int(found[1]) if found else 1)
    message = wrong.message[found.end() :] if found else wrong.message
    return Problem(path=document.path, line=line, message=message, hint=wrong.hint)


def _says_placeholder(document: Document, lexical: Lexical, references: Iterable[Reference]) -> bool:
    """Whether the text has Ghost's placeholder where it is no address: what is stored would not be what was written."""
    if PLACEHOLDER not in document.body:
        return False
    in_addresses = sum(reference.value.count(PLACEHOLDER) for reference in references)
    return json.dumps(lexical, ensure_ascii=False).count(PLACEHOLDER) > in_addresses


def line_of_text(document: Document, text: str) -> int | None:
    """Return the line of the file on which `text` first stands in the body, or None where it is spelled otherwise."""
    offset = document.body.find(text)
    return None if offset < 0 else document.body_line + document.body.count("\n", 0, offset)


def prepare_document(draft: Draft, around: Surroundings) -> Prepared | tuple[Problem, ...]:
    """Return the document as it would be sent, or what keeps it from being sent."""
    document = draft.document
    problems = list(draft.problems)
    addresses: dict[str, str] = dict(draft.as_is)
    # A file or document that answers to such an address one day shows by this that the address then meant the site.
    links: dict[str, str] = {value: value for value in draft.on_site}
    assets: dict[str, Asset] = {}
    by_reference: dict[str, Asset] = {}
    known: dict[str, Upload] = {}
    for value, target in draft.inside.items():
        other = around.targets.get(target.path)
        if other is not None:
            address = predict_address(other, around.permalinks, site_url=around.site_url, now=around.now)
            if address is None:
                problems.append(
                    Problem(
                        path=document.path,
                        line=line_of_text(document, value),
                        message=f"the address of `{target.path}` is not known before it is published",
                        hint=f"publish `{target.path}` first, or link to its address",
                    )
                )
                continue
            addresses[value] = links[value] = address + target.tail
            continue
        asset = around.assets.get(target.path)
        if asset is None:
            problems.append(
                Problem(
                    path=document.path,
                    line=line_of_text(document, value) or _field_line(document, value),
                    message=f"`{value}` leads to nothing: there is no file `{target.path}`",
                    hint=hint_for_nothing(value, around.near(target.path)),
                )
            )
            continue
        by_reference[value] = asset
        assets[asset.path] = asset
        url = around.served.get(asset.path) or around.uploads.get((asset.bucket, asset.sha256))
        if url is not None:
            known[asset.path] = Upload(sha256=asset.sha256, url=url)
        addresses[value] = (url or placeholder(asset.sha256)) + target.tail
        if classify(value, document.path) != target:
            links[value] = addresses[value]  # the text alone does not say which file it is
    fields = _resolve_fields(document, around, addresses, problems)
    if problems:
        return tuple(problems)
    lexical = rewrite_references(measured(draft.lexical, by_reference), addresses)
    return Prepared(
        document=document,
        fields=fields,
        lexical=lexical,
        body=body_digest(lexical, site_url=around.site_url),
        assets=assets,
        known=known,
        links=links,
        source_body=document.body,
    )


def _field_line(document: Document, value: str) -> int | None:
    return next((document.line_of(name) for name, given in document.fields.items() if given == value), None)


def _resolve_fields(
    document: Document, around: Surroundings, addresses: Mapping[str, str], problems: list[Problem]
) -> dict[FieldName, FieldValue]:
    resolved: dict[FieldName, FieldValue] = {}
    for name, value in document.fields.items():
        if FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
            resolved[name] = addresses.get(value, value)
        elif name == _TAGS and isinstance(value, tuple):
            resolved[name] = tag_slugs(value, around.tag_slugs)
        elif name == _AUTHORS and isinstance(value, tuple):
            resolved[name] = _resolve_authors(document, value, around, problems)
        elif name == _TIERS and isinstance(value, tuple):
            _check_tiers(document, value, around, problems)
            resolved[name] = tuple(sorted(value))
        else:
            resolved[name] = value
    return resolved


def _resolve_authors(
    document: Document, names: tuple[str, ...], around: Surroundings, problems: list[Problem]
) -> tuple[str, ...]:
    """Ghost replaces an unknown author by the site's owner without a word; here it is a problem."""
    known = around.authors or {}
    found = []
    for name in names:
        slug = known.get(name) or known.get(name.lower())
        if slug is None:
            slugs = sorted(set(known.values()))
            problems.append(
                Problem(
                    path=document.path,
                    line=document.line_of(_AUTHORS),
                    message=f"there is no author `{name}` on {around.site_url}",
                    hint=f"the site's authors are: {', '.join(slugs)}" if slugs else None,
                )
            )
        else:
            found.append(slug)
    return tuple(dict.fromkeys(found))


def _check_tiers(document: Document, names: tuple[str, ...], around: Surroundings, problems: list[Problem]) -> None:
    """Ghost drops an unknown tier without a word, and then nobody can read the post; here it is a problem."""
    known = around.tiers or frozenset()
    problems.extend(
        Problem(
            path=document.path,
            line=document.line_of(_TIERS),
            message=f"there is no paid tier `{name}` on {around.site_url}",
            hint=f"the site's paid tiers are: {', '.join(sorted(known))}; all members, free ones too, are "
            "`visibility: members`",
        )
        for name in names
        if name not in known
    )
