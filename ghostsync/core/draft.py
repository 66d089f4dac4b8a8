"""A document, compiled, with everything that it refers to: the first of two steps towards what is sent.

Nothing is read here but the document: which files and documents it names, what is wrong with its text, and what only a
site generator would understand. `ghostsync.core.prepare` puts addresses in the place of what it names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ghostsync.core.answers import BY_TEXT, Leads
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.foreign_syntax import foreign_syntax
from ghostsync.core.markers import first_marker
from ghostsync.core.references import AsIs, InTree, Refused, SiteRelative
from ghostsync.core.references import Reference as Meaning
from ghostsync.core.template_syntax import template_commands
from ghostsync.core.unknown_forms import unknown_forms
from ghostsync.errors import ContentError, Problem
from ghostsync.lexical import Reference, ReferenceKind, compile_markdown, find_references
from ghostsync.lexical.dialect import DialectName
from ghostsync.lexical.site_addresses import PLACEHOLDER
from ghostsync.model import Document, Lexical

# Of a document that cannot be compiled.
_NOTHING: Lexical = {"root": {"type": "root", "children": []}}
# How the compiler's messages begin, where it knows the line.
_LINE_OF_BODY = re.compile(r"line (\d+): ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document, compiled, with what it refers to inside the content root."""

    document: Document
    lexical: Lexical
    inside: Mapping[str, InTree]
    """Reference as written in the body → where it leads."""
    problems: tuple[Problem, ...]
    pictures: Mapping[str, InTree] = field(default_factory=dict)
    """File as named in front matter → where it is."""
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
    def places(self) -> tuple[InTree, ...]:
        """Everything inside the content root that the document refers to."""
        return (*self.inside.values(), *self.pictures.values())

    @property
    def is_compiled(self) -> bool:
        """Whether the text could be read; otherwise there is nothing but a problem."""
        return self.lexical is not _NOTHING


def draft_document(document: Document, *, dialect: DialectName, leads: Leads = BY_TEXT) -> Draft:
    """Compile a document and collect its references. What cannot be compiled is a problem of this document alone.

    `leads` says what a reference leads to; without it, its text alone does.
    """
    try:
        lexical = compile_markdown(document.body, dialect=dialect)
    except ContentError as wrong:
        fault = _fault_in_text(document, wrong)
        return Draft(document=document, lexical=_NOTHING, inside={}, problems=(fault,), faults=(fault,))
    inside: dict[str, InTree] = {}
    pictures: dict[str, InTree] = {}
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

    def sort_out(value: str, place: Meaning, line: int | None, found: dict[str, InTree]) -> None:
        match place:
            case InTree():
                found[value] = place
            case AsIs(text):
                as_is[value] = text
            case SiteRelative():
                on_site.append(value)
            case Refused() as refused:
                problems.append(Problem(path=document.path, line=line, message=refused.reason))
            case _:
                pass

    for value in dict.fromkeys(reference.value for reference in references):
        sort_out(value, leads.of_reference(value, document.path), line_of_text(document, value), inside)
    for name, given in document.fields.items():
        if FIELDS[name].value is ValueKind.IMAGE and isinstance(given, str):
            sort_out(given, leads.of_name(given, document.path), document.line_of(name), pictures)
    return Draft(
        document=document,
        lexical=lexical,
        inside=inside,
        pictures=pictures,
        problems=tuple(problems),
        as_is=as_is,
        on_site=tuple(on_site),
        references=references,
        faults=faults,
        warnings=(*_commands(document, lexical), *_elsewhere(document, references, on_site, leads)),
    )


def _commands(document: Document, lexical: Lexical) -> Iterator[Problem]:
    """Warn of what other tools would have carried out, and Ghost shows to readers."""

    def warned(text: str, shown: str, hint: str | None, why: str) -> Problem:
        message = f"Ghost shows `{shown}` to readers as it stands; {why}"
        return Problem(path=document.path, line=line_of_text(document, text), message=message, hint=hint)

    for command in template_commands(lexical):
        yield warned(command.text, command.shown, command.hint, "only a site generator carries it out")
    for form in unknown_forms(lexical):
        yield warned(form.text, form.shown, form.hint, "it begins no card")
    for foreign in foreign_syntax(lexical):
        yield warned(foreign.text, foreign.shown, foreign.hint, f"only {foreign.tool} reads it")


def _elsewhere(
    document: Document, references: Iterable[Reference], on_site: Iterable[str], leads: Leads
) -> Iterator[Problem]:
    """Yield a warning for addresses from the root that were probably meant for something here, one for each folder."""
    pictures = {reference.value for reference in references if reference.kind is ReferenceKind.IMAGE}
    pictures |= {str(value) for name, value in document.fields.items() if FIELDS[name].value is ValueKind.IMAGE}
    told: dict[str, Problem] = {}
    for value in dict.fromkeys(on_site):
        hint = leads.why_on_site(value, is_picture=value in pictures)
        if hint is not None:
            what = "picture" if value in pictures else "page"
            shown = f"/{value.split('/')[1]}/…"
            message = f"`{shown}` is a {what} of the Ghost site itself: nothing here has this address"
            problem = Problem(path=document.path, line=line_of_text(document, value), message=message, hint=hint)
            told.setdefault(message, problem)
    yield from told.values()


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
