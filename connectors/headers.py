"""Recognises the columns of tables by their headers, in English and Chinese; the synonyms are data."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from connectors.mapping import SALARY, TARGETS
from schemas.base import Salary
from schemas.entities import ENTITIES, MODELS, Entity, fields_of

COLUMNS = TARGETS - {"salary", "salary_expected"}
_IGNORED = re.compile(r"[\s_\-.:：*]+")


def recognise(header: str, entity: Entity | None) -> str | None:
    """Return the field that a column's header means, if it means one: of `entity`, or of all that have it."""
    key = folded(header)
    if entity is not None:
        return _names(entity).get(key)
    found = {name for each in ENTITIES if (name := _names(each).get(key))}
    return found.pop() if len(found) == 1 else None


def value_of(field: str, cell: str) -> str:
    """Return the schema's name of a cell's value, or the cell."""
    return _values().get(field, {}).get(folded(cell), cell)


def synonyms(entity: Entity, field: str) -> list[str]:
    """Return what a column of a field may be called beside its name."""
    table = _table()
    return [each for section in ("shared", entity) for each in table.get(section, {}).get(field, ())]


def folded(text: str) -> str:
    """Return what counts of a header: no case, width, spaces, dashes or underscores."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())


@cache
def _names(entity: Entity) -> dict[str, str]:
    table = _table()
    salary = set(SALARY) if fields_of(entity, Salary) else set()
    fields = set(MODELS[entity].model_fields) | salary | (COLUMNS - _fields())
    names: dict[str, str] = {}
    for section in ("event", "shared", entity):
        for field, synonyms in table.get(section, {}).items():
            if field in fields:
                names |= {folded(each): field for each in synonyms}
    return names | {folded(field): field for field in fields & COLUMNS}


def _fields() -> set[str]:
    return {name for model in MODELS.values() for name in model.model_fields} | set(SALARY)


@cache
def _values() -> dict[str, dict[str, str]]:
    return {
        field: {folded(each): value for value, synonyms in values.items() for each in synonyms}
        for field, values in _table()["values"].items()
    }


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("connectors") / "data" / "headers.toml").read_text("utf-8"))
