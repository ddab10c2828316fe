"""The settings as a page."""

from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from ops.reference.markdown import code, escaped, table
from ops.runtime.settings import OLD_NAMES, OTHER_VARIABLES, variable
from schemas.settings import Group, Settings, fields, tables

_NAMES = {int: "integer", float: "number", str: "text", bool: "boolean", Path: "path", SecretStr: "secret"}
_SIGNS = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<"}
_HEADS = ("setting", "in the environment", "type", "default", "meaning")


def page() -> str:
    """Return the page."""
    lines = [
        "# Settings",
        "",
        "Every setting, its default and its meaning.",
        "",
        "A setting is read from the environment, else from `looma.toml`, where it stands under its group: `group_id`",
        "under `[kafka]`. In the environment a list is written as JSON. `looma config` shows the values in use.",
    ]
    group = None
    for name, field in fields().items():
        of_group, _, last = name.rpartition(".")
        if of_group != group and not tables(field):
            group = of_group
            lines += ["", *_head(of_group), *table(_HEADS, [])]
        if item := tables(field):
            lines += ["", f"## `[[{name}]]`", "", item.__doc__ or "", "", *table(_HEADS, [])]
        lines += table((), [_row(last, code(variable(name)), field)])[2:]
        if item:
            lines += table((), [_row(inner, "", each) for inner, each in item.model_fields.items()])[2:]
    others = ((code(name), meaning) for name, meaning in OTHER_VARIABLES.items())
    lines += ["", "## Other variables", "", *table(("variable", "meaning"), others)]
    old = ((code(name), ", ".join(map(code, new))) for name, new in OLD_NAMES.items())
    lines += ["", "## Former names", "", "Still read, with a warning.", "", *table(("former", "now"), old)]
    return "\n".join(lines) + "\n"


def _row(name: str, in_environment: str, field: FieldInfo) -> tuple[str, ...]:
    return (code(name), in_environment, kind(field), default(field), escaped(field.description or ""))


def _head(group: str) -> list[str]:
    if not group:
        return []
    model = Settings.model_fields[group].annotation
    return [f"## `[{group}]`", "", model.__doc__ or "", ""]


def kind(field: FieldInfo) -> str:
    """Return what values a setting takes."""
    limits = [f"{sign} {limit:g}" for each in field.metadata for sign, limit in _limits(each)]
    return ", ".join([_kind(field.annotation), *limits])


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return ", ".join(map(code, get_args(annotation)))
    if get_origin(annotation) is list:
        return "list of tables" if isinstance(get_args(annotation)[0], type(Group)) else "list of texts"
    if isinstance(annotation, UnionType) or type(None) in get_args(annotation):
        return _kind(next(each for each in get_args(annotation) if each is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _kind(get_args(annotation)[0])
    return _NAMES[annotation]


def _limits(each: Any) -> list[tuple[str, float]]:
    return [(sign, getattr(each, kind.__name__.lower())) for kind, sign in _SIGNS.items() if isinstance(each, kind)]


def default(field: FieldInfo) -> str:
    """Return the value that a setting has if nobody sets it."""
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, SecretStr):  # a default is no secret
        value = value.get_secret_value()
    if value in (None, "", []):
        return ""
    return code(str(value).lower() if isinstance(value, bool) else value)
