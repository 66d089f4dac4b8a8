"""The table of all fields: what a document can say about a post, and what Ghost accepts.

Everything that knows fields asks this table: validation, the documentation, the JSON Schema, front-matter editing, the
comparison of documents with posts. A field has ghostsync's own name; `ghostsync.ghost.wire` alone knows Ghost's.

Limits are the ones that Ghost really applies, which are tighter than its API schema in three places: titles (255, a
model validation), alternative text (191, the column of its revisions) and slugs (185, the generator's cut). Lengths
count code points, as Ghost's validators do. Facts: Ghost's `data/schema/schema.js`, `admin-api-schema` (`posts.json`,
`pages.json`, `tags.json`), `models/post.js`.

A *content* field that disappears from a document goes to Ghost's default; a field that is *handed back* stays what it
is in Ghost when its key is removed, since people decide there about publishing, readers and senders.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType

from ghostsync.model import FieldName, FieldValue, Kind


class ValueKind(StrEnum):
    """What kind of value a field holds, and so how its text is read."""

    TEXT = "text"
    HTML = "html"
    URL = "url"
    IMAGE = "image"
    FLAG = "flag"
    DATE = "date"
    CHOICE = "choice"
    SLUG = "slug"
    TAGS = "tags"
    AUTHORS = "authors"
    TIERS = "tiers"


class Removal(Enum):
    """What happens in Ghost when a key disappears from a document that had it."""

    RESETS = auto()
    """Content: goes to Ghost's default."""
    HANDED_BACK = auto()
    """Stays as it is in Ghost."""


_BOTH = frozenset({Kind.POST, Kind.PAGE})
_POSTS = frozenset({Kind.POST})
_PAGES = frozenset({Kind.PAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field: its name, what it holds, what Ghost accepts, how it may be spelled in front matter."""

    name: FieldName
    value: ValueKind
    about: str
    limit: int | None = None
    """Most code points (of each item, for lists)."""
    kinds: frozenset[Kind] = _BOTH
    removal: Removal = Removal.RESETS
    default: FieldValue = None
    choices: tuple[str, ...] = ()
    spellings: tuple[tuple[str, ...], ...] = ()
    """Key paths that mean this field beside its name: `("og", "title")` is `title` under `og`."""

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """Every key path that means this field, the preferred one first."""
        return ((self.name,), *self.spellings)

    @property
    def is_list(self) -> bool:
        """Whether its value is a list of names."""
        return self.value in {ValueKind.TAGS, ValueKind.AUTHORS, ValueKind.TIERS}


def _field(name: str, value: ValueKind, about: str, *spellings: str, **rest: object) -> FieldSpec:
    paths = tuple(tuple(spelling.split(".")) for spelling in spellings)
    return FieldSpec(name=FieldName(name), value=value, about=about, spellings=paths, **rest)  # type: ignore[arg-type]


def _handed_back(name: str, value: ValueKind, about: str, *spellings: str, **rest: object) -> FieldSpec:
    return _field(name, value, about, *spellings, removal=Removal.HANDED_BACK, **rest)


_URL_LIMIT = 2000
_CODE_LIMIT = 65535

_META = (
    _field("meta_title", ValueKind.TEXT, "Title for search engines.", "meta.title", limit=300),
    _field("meta_description", ValueKind.TEXT, "Description for search engines.", "meta.description", limit=500),
    _field(
        "og_image", ValueKind.IMAGE, "Picture of the Open Graph card: a file or a URL.", "og.image", limit=_URL_LIMIT
    ),
    _field("og_title", ValueKind.TEXT, "Title of the Open Graph card.", "og.title", limit=300),
    _field("og_description", ValueKind.TEXT, "Text of the Open Graph card.", "og.description", limit=500),
    _field(
        "twitter_image", ValueKind.IMAGE, "Picture of the X card: a file or a URL.", "twitter.image", limit=_URL_LIMIT
    ),
    _field("twitter_title", ValueKind.TEXT, "Title of the X card.", "twitter.title", limit=300),
    _field("twitter_description", ValueKind.TEXT, "Text of the X card.", "twitter.description", limit=500),
)
_CODE = (
    _field(
        "codeinjection_head",
        ValueKind.HTML,
        "HTML put into the page's head.",
        "codeinjection.head",
        limit=_CODE_LIMIT,
    ),
    _field(
        "codeinjection_foot",
        ValueKind.HTML,
        "HTML put before the end of the page.",
        "codeinjection.foot",
        limit=_CODE_LIMIT,
    ),
)

_TABLE = (
    _handed_back(
        "title",
        ValueKind.TEXT,
        "The title. Without it: a leading `# heading`, which leaves the body; else the file name.",
        limit=255,
    ),
    _handed_back(
        "slug",
        ValueKind.SLUG,
        "Last part of the address. Without it: the file name without a leading date.",
        limit=185,
    ),
    _handed_back(
        "status",
        ValueKind.CHOICE,
        "Whether readers see it. `scheduled` needs a date; `sent` is what Ghost says of a post that was only emailed. "
        "`draft: true|false` means draft or published. New posts are drafts.",
        choices=("draft", "published", "scheduled", "sent"),
        default="draft",
    ),
    _handed_back(
        "published_at",
        ValueKind.DATE,
        "When it was or will be published; without a zone, in the configured one. Without it: the file name's date.",
        "date",
    ),
    _field(
        "tags",
        ValueKind.TAGS,
        "Names of tags; the first is the primary tag, `#name` is internal.",
        limit=191,
        default=(),
    ),
    _handed_back(
        "authors",
        ValueKind.AUTHORS,
        "Slugs or email addresses of staff users; the first is the primary author.",
        "author",
        limit=191,
    ),
    _handed_back(
        "visibility",
        ValueKind.CHOICE,
        "Who may read it.",
        choices=("public", "members", "paid", "tiers"),
        default="public",
    ),
    _handed_back(
        "tiers",
        ValueKind.TIERS,
        "Slugs of the tiers that may read it; implies `visibility: tiers`.",
        limit=191,
        default=(),
    ),
    _field("featured", ValueKind.FLAG, "Whether it is featured.", default=False),
    _field("excerpt", ValueKind.TEXT, "Summary in lists, search and emails.", "custom_excerpt", limit=300),
    _field(
        "feature_image",
        ValueKind.IMAGE,
        "Picture at the top: a file or a URL, or a mapping with `src`, `alt`, `caption`.",
        "feature_image.src",
        limit=_URL_LIMIT,
    ),
    _field(
        "feature_image_alt",
        ValueKind.TEXT,
        "Alternative text of the picture at the top.",
        "feature_image.alt",
        limit=191,
    ),
    _field(
        "feature_image_caption",
        ValueKind.HTML,
        "Caption of the picture at the top; HTML.",
        "feature_image.caption",
        limit=65535,
    ),
    _field("template", ValueKind.TEXT, "Name of one of the theme's custom templates.", "custom_template", limit=100),
    _field(
        "show_title_and_feature_image",
        ValueKind.FLAG,
        "Whether a page shows its title and picture.",
        kinds=_PAGES,
        default=True,
    ),
    _field("canonical_url", ValueKind.URL, "Where the original stands, for search engines.", limit=_URL_LIMIT),
    *_META,
    *_CODE,
    _handed_back(
        "newsletter",
        ValueKind.SLUG,
        "Slug of the newsletter to send it with when it is published; nothing is sent without `--send-email`.",
        kinds=_POSTS,
        limit=191,
    ),
    _handed_back(
        "email_segment",
        ValueKind.TEXT,
        "Which members get the email, as Ghost's member filter says it.",
        kinds=_POSTS,
        limit=2000,
    ),
    _field("email_subject", ValueKind.TEXT, "Subject of the email.", kinds=_POSTS, limit=300),
    _handed_back("email_only", ValueKind.FLAG, "Whether it is only sent and never shown.", kinds=_POSTS, default=False),
)

FIELDS: MappingProxyType[FieldName, FieldSpec] = MappingProxyType({spec.name: spec for spec in _TABLE})
"""Every field of posts and pages, by name, in the order in which new front matter lists them.

`locale` is missing on purpose: Ghost takes it and never returns it, so it could not be compared.
"""

_TAG_TABLE = (
    _handed_back("name", ValueKind.TEXT, "The tag's name; `#name` is internal.", limit=191),
    _handed_back("slug", ValueKind.SLUG, "Last part of its address. Without it: made from the name.", limit=185),
    _field("description", ValueKind.TEXT, "What the tag is about.", limit=500),
    _field("feature_image", ValueKind.IMAGE, "Picture of the tag: a file or a URL.", limit=_URL_LIMIT),
    _field("accent_color", ValueKind.TEXT, "Colour such as `#ff8800`.", limit=50),
    _handed_back(
        "visibility",
        ValueKind.CHOICE,
        "`internal` for tags that readers never see.",
        choices=("public", "internal"),
        default="public",
    ),
    _field("canonical_url", ValueKind.URL, "Canonical address of the tag's page.", limit=_URL_LIMIT),
    *_META,
    *_CODE,
)

TAG_FIELDS: MappingProxyType[FieldName, FieldSpec] = MappingProxyType({spec.name: spec for spec in _TAG_TABLE})
"""Every field of a tag in `tags.yaml`."""

CONTENT_FIELDS = frozenset(spec.name for spec in _TABLE if spec.removal is Removal.RESETS)
"""Fields of posts and pages that go to Ghost's default when their key is removed."""


def fields_of(kind: Kind) -> tuple[FieldSpec, ...]:
    """Return the fields that a post or a page has."""
    return tuple(spec for spec in _TABLE if kind in spec.kinds)
