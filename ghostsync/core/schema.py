"""JSON Schemas for front matter and configuration, and the reference pages, made from the tables that validate.

Editors complete and check from the schemas; both are shipped as files (`ghostsync/schemas/`), and a test compares them
with what is made here. A schema says less than validation: contradictions between keys and most of what a text may
hold are found by `ghostsync check` only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ghostsync.core.aliases import PRESETS, Special
from ghostsync.core.configuration import CONFIG_KEYS, ConfigKind, ConfigSpec
from ghostsync.core.fields import FIELDS, TAG_FIELDS, FieldSpec, Removal, ValueKind
from ghostsync.model import Kind

# The draft that editors' tools read: Taplo and Ajv's default know none later, and nothing here needs one.
_DRAFT = "http://json-schema.org/draft-07/schema#"
_NAMES = {"type": "array", "items": {"type": "string"}}
_KIND_NAMES: Mapping[ValueKind, str] = {
    ValueKind.TEXT: "text",
    ValueKind.HTML: "HTML",
    ValueKind.URL: "address",
    ValueKind.IMAGE: "file or address",
    ValueKind.FLAG: "true or false",
    ValueKind.DATE: "date",
    ValueKind.CHOICE: "one of",
    ValueKind.SLUG: "slug",
    ValueKind.TAGS: "list of names",
    ValueKind.AUTHORS: "list of slugs or emails",
    ValueKind.TIERS: "list of slugs",
}


def front_matter_schema() -> dict[str, Any]:
    """Return the JSON Schema of a document's front matter."""
    properties: dict[str, Any] = {}
    for spec in FIELDS.values():
        _add(properties, spec)
    properties["draft"] = {
        "description": "`true` is the status draft, `false` the status published.",
        "type": ["boolean", "null"],
    }
    properties["type"] = {
        "description": "Whether it is a post or a page; without it, what lies under a folder `pages/` is a page.",
        "enum": ["post", "page", None],
    }
    return {
        "$schema": _DRAFT,
        "title": "Front matter of a document for Ghost",
        "type": "object",
        "properties": dict(sorted(properties.items())),
        "additionalProperties": True,
    }


def tags_schema() -> dict[str, Any]:
    """Return the JSON Schema of `tags.yaml`."""
    properties: dict[str, Any] = {}
    for spec in TAG_FIELDS.values():
        _add(properties, spec)
    tag = {"type": "object", "properties": dict(sorted(properties.items())), "additionalProperties": False}
    return {
        "$schema": _DRAFT,
        "title": "Tags of a Ghost site",
        "anyOf": [
            {"type": "array", "items": {"anyOf": [{**tag, "required": ["name"]}, {"type": "string"}]}},
            {"type": "object", "additionalProperties": {"anyOf": [tag, {"type": "null"}]}},
            {"type": "null"},
        ],
    }


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of `ghostsync.toml`."""
    root: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    for spec in CONFIG_KEYS:
        here = root
        *folders, last = spec.path.split(".")
        for folder in folders:
            here = _child(here, folder)
        if last == "*":
            here["additionalProperties"] = _config_value(spec)
        else:
            here["properties"][last] = _config_value(spec)
    return {"$schema": _DRAFT, "title": "Configuration of ghostsync", **root}


def _child(here: dict[str, Any], name: str) -> dict[str, Any]:
    fresh = {"type": "object", "properties": {}, "additionalProperties": False}
    if name != "*":
        child: dict[str, Any] = here["properties"].setdefault(name, fresh)
        return child
    if not isinstance(here["additionalProperties"], dict):
        here["additionalProperties"] = fresh
    below: dict[str, Any] = here["additionalProperties"]
    return below


def _config_value(spec: ConfigSpec) -> dict[str, Any]:
    value: dict[str, Any] = {"description": spec.about}
    match spec.kind:
        case ConfigKind.TEXT:
            value |= {"type": ["string", "boolean"] if spec.path == "marker_tag" else "string"}
        case ConfigKind.FLAG:
            value |= {"type": "boolean"}
        case ConfigKind.NUMBER:
            value |= {"type": "integer", "minimum": spec.least, "maximum": spec.most}
        case ConfigKind.CHOICE:
            value |= {"enum": [str(choice) for choice in spec.choices]}
        case ConfigKind.NAMES:
            value |= _NAMES
        case ConfigKind.TABLE:
            value |= {"type": "object"}
    if spec.default is not None:
        value["default"] = list(spec.default) if isinstance(spec.default, tuple) else spec.default
    return value


def _add(properties: dict[str, Any], spec: FieldSpec) -> None:
    for path in spec.paths:
        value = _field_value(spec)
        if len(path) == 1:
            nested = properties.get(path[0])
            properties[path[0]] = {"anyOf": [value, nested]} if nested else value
            continue
        holder = properties.get(path[0])
        if holder is None:
            holder = properties[path[0]] = _mapping()
        elif "properties" not in holder and "anyOf" not in holder:
            description = holder.pop("description", "")
            holder = properties[path[0]] = {"description": description, "anyOf": [holder, _mapping()]}
        target = next(one for one in holder.get("anyOf", [holder]) if "properties" in one)
        target["properties"][path[1]] = value


def _mapping() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _field_value(spec: FieldSpec) -> dict[str, Any]:
    value: dict[str, Any] = {"description": spec.about}
    match spec.value:
        case ValueKind.FLAG:
            value |= {"type": ["boolean", "null"]}
        case ValueKind.CHOICE:
            value |= {"enum": [*spec.choices, None]}
        case ValueKind.TAGS | ValueKind.AUTHORS | ValueKind.TIERS:
            # YAML reads an unquoted 2024 as a number; it is a fine name.
            item = {"type": ["string", "number", "boolean"], "maxLength": spec.limit}
            value |= {"anyOf": [{"type": "array", "items": item}, {"type": ["string", "number", "null"]}]}
        case _:
            value |= {"type": ["string", "number", "boolean", "null"]}
            if spec.limit is not None and spec.value not in {ValueKind.SLUG, ValueKind.URL}:
                value["maxLength"] = spec.limit
    return value


def render_field_table(specs: Iterable[FieldSpec]) -> str:
    """Return the fields as a Markdown table."""
    rows = ["| key | also written | value | at most | key removed | what it says |", "|---|---|---|---|---|---|"]
    for spec in specs:
        also = ", ".join(f"`{'.'.join(path)}`" for path in spec.spellings)
        value = _KIND_NAMES[spec.value]
        if spec.value is ValueKind.CHOICE:
            value = ", ".join(f"`{choice}`" for choice in spec.choices)
        removed = (
            "stays as it is in Ghost" if spec.removal is Removal.HANDED_BACK else f"becomes {_shown(spec.default)}"
        )
        only = "" if len(spec.kinds) > 1 else (" Posts only." if Kind.POST in spec.kinds else " Pages only.")
        limit = f"{spec.limit:,}" if spec.limit is not None else ""
        about = (spec.about + only).replace("|", "\\|")
        rows.append(f"| `{spec.name}` | {also} | {value} | {limit} | {removed} | {about} |")
    return "\n".join(rows) + "\n"


def render_config_table() -> str:
    """Return the configuration keys as a Markdown table."""
    rows = ["| key | value | default | what it says |", "|---|---|---|---|"]
    for spec in CONFIG_KEYS:
        match spec.kind:
            case ConfigKind.CHOICE:
                value = ", ".join(f"`{choice}`" for choice in spec.choices)
            case ConfigKind.NUMBER:
                value = f"{spec.least} to {spec.most:,}"
            case ConfigKind.FLAG:
                value = "`true`, `false`"
            case ConfigKind.NAMES:
                value = "list of texts"
            case ConfigKind.TEXT | ConfigKind.TABLE as kind:
                value = kind.value
        about = spec.about.replace("|", "\\|")
        rows.append(f"| `{spec.path}` | {value} | {_shown(spec.default, none='')} | {about} |")
    return "\n".join(rows) + "\n"


def _shown(value: object, none: str = "empty") -> str:
    match value:
        case None | ():
            return none
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return ", ".join(f"`{item}`" for item in value)
        case _:
            return f"`{value}`"


def render_preset_table() -> str:
    """Return what the presets read, as a Markdown table."""
    rows = ["| preset | key → field, in order of precedence |", "|---|---|"]
    for name, pairs in PRESETS.items():
        read = [f"`{key}` → `{target.means}`" for key, target in pairs if target.means is not Special.IGNORED]
        rows.append(f"| `{name}` | {', '.join(read)} |")
    return "\n".join(rows) + "\n"
