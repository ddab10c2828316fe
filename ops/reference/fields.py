"""The fields of the entities as a page."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from connectors.headers import synonyms
from ops.reference.markdown import code, escaped, sentence, table
from schemas.base import EntityId, PartialDate, PostalCode
from schemas.entities import CATALOGUE, Email

_HEADS = ("field", "中文表头", "type", "meaning")
_TEXTS = {
    get_args(kind)[1].pattern: said
    for kind, said in (
        (EntityId, "id"),
        (PartialDate, "a year, month or day: `1990-05`"),
        (PostalCode, "postal code"),
        (Email, "e-mail address"),
    )
}
"""What a text is that has a pattern."""
_SCALARS = {"string": "text", "number": "number", "integer": "whole number", "boolean": "boolean"}


def page() -> str:
    """Return the page."""
    lines = [
        "# Fields",
        "",
        "What events may say of a talent, a job or a company: each field, its type and its meaning.",
        "",
        "Every field is optional: an event names only those that it changes, and a null deletes one. An unknown field",
        "is an error. Columns of CSV files may be called by the field's name or by a header in Chinese; the first of",
        "those known is shown, and others stand in `connectors/data/headers.toml`.",
    ]
    parts: dict[str, dict[str, Any]] = {}
    for spec in CATALOGUE:
        schema = spec.model.model_json_schema()
        parts |= schema.get("$defs", {})
        chinese = {field: _chinese(synonyms(spec.name, field)) for field in schema["properties"]}
        lines += ["", f"## {spec.name.capitalize()}", "", schema["description"], "", *_table(schema, chinese)]
    for name, schema in sorted(parts.items()):
        said = " ".join(schema["description"].split())
        lines += ["", f"## {name}", "", escaped(said), "", *_table(schema, {})]
    return "\n".join(lines) + "\n"


def _table(schema: Mapping[str, Any], chinese: Mapping[str, str]) -> list[str]:
    required = schema.get("required", ())
    rows = [
        (code(name), chinese.get(name, ""), kind(field) + (", required" if name in required else ""), _meaning(field))
        for name, field in schema["properties"].items()
    ]
    if not chinese:
        return table((_HEADS[0], *_HEADS[2:]), [(name, *rest) for name, _, *rest in rows])
    return table(_HEADS, rows)


def kind(field: Mapping[str, Any]) -> str:
    """Return what values a field of a JSON Schema takes; null goes without saying."""
    if "anyOf" in field:
        return ", ".join(kind(each) for each in field["anyOf"] if each.get("type") != "null")
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return ", ".join(map(code, field["enum"]))
    if field["type"] == "array":
        return f"list, at most {field['maxItems']}: {kind(field['items'])}"
    if field["type"] == "string":
        return _text(field)
    limits = [f"{sign} {field[name]:,.12g}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in field]
    return ", ".join([_SCALARS[field["type"]], *limits])


def _text(field: Mapping[str, Any]) -> str:
    if "format" in field:
        return {"date": "date", "date-time": "time with a zone"}[field["format"]]
    longest = f" of at most {field['maxLength']:,} characters" if "maxLength" in field else ""
    return _TEXTS.get(field.get("pattern"), "text") + longest


def _meaning(field: Mapping[str, Any]) -> str:
    said = [sentence(escaped(field["description"]))] if "description" in field else []
    if field.get("default") is not None:
        default = field["default"]
        said.append(f"Default: {code(default if isinstance(default, str) else json.dumps(default))}.")
    if field.get("personal"):
        said.append("Personal data.")
    return " ".join(said)


def _chinese(headers: list[str]) -> str:
    return next((each for each in headers if not each.isascii()), "")
