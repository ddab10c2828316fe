"""Maps a source's columns to an entity's fields: `full_name=name`, `offices.0.name=locations`, `skills.*.label=skills`.

A column is a name, or a path into nested values whose parts are names, positions, or `*` for all of a list. What is
mapped to a field of many values becomes a list; of several columns mapped to one field texts are joined by a space and
lists put together. A mapped column is used up: nothing else is made of it.
"""

import difflib
import re
import tomllib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.plain import EVENT_KEYS, FIELDS
from schemas.base import ContractType, Education, Employment, EmploymentType, Model, Salary, ShortText, Skill
from schemas.entities import ENTITIES, MODELS, Email, Entity, fields_of
from schemas.errors import LoomaError
from schemas.exits import Exit


def of_type(*kinds: Hashable) -> frozenset[str]:
    """Return every entity's fields of some types."""
    return frozenset(name for entity in ENTITIES for kind in kinds for name in fields_of(entity, kind))


LISTS = of_type(list[ShortText], list[Email], list[EmploymentType], list[ContractType]) | {"skills"}
SALARY = {
    "salary_min": "minimum", "salary_max": "maximum", "currency": "currency",
    "salary_period": "period", "salary_months": "months",
}  # fmt: skip
TARGETS = (FIELDS | set(SALARY) | EVENT_KEYS) - {"fields"}
_PARTS: dict[str, type[Model]] = {
    "skills": Skill,
    "employments": Employment,
    "education": Education,
    "salary": Salary,
    "salary_expected": Salary,
}
_SEPARATORS = re.compile("[;；]")
_NAME = re.compile(r"[^\W\d]\w{0,7}(?:[ \w.$/()-]{0,32})|[@_$][\w.$]{0,39}")
_SHOWN = 5


class MappingError(LoomaError, ValueError):
    """A mapping that cannot be meant; the text says what to write instead."""

    code = "mapping"
    exit_status = Exit.USAGE


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column is which field, in order; unknown columns are passed over if `ignore_unknown` says so."""

    pairs: tuple[tuple[str, str], ...] = ()
    ignore_unknown: bool = False

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.pairs) or self.ignore_unknown

    @property
    def identity(self) -> str:
        """What changes when the mapping does."""
        return repr((self.pairs, self.ignore_unknown)) if self else ""

    def apply(self, record: Mapping[str, Any], entity: Entity | None) -> tuple[dict[str, Any], set[str]]:
        """Return the record with the entity's own names, and the names that were passed over."""
        flat = dict(record)
        if isinstance(fields := flat.get("fields"), dict):
            del flat["fields"]
            flat = {**fields, **flat}
        found: dict[str, Any] = {}
        used: set[str] = set()
        for column, target in self.pairs:
            if top := _top(flat, column):
                used.add(top)
                for value in _values(flat, column):
                    found[target] = _joined(target, found.get(target), value)
        rest = {name: value for name, value in flat.items() if name not in used and name not in found}
        ignored: set[str] = set()
        if self.ignore_unknown:
            ignored = {name for name in rest if name not in _known(entity)}
            rest = {name: _known_parts(name, value, ignored) for name, value in rest.items() if name not in ignored}
        return _with_salary({**rest, **found}, entity), ignored

    def then(self, others: Mapping[str, str]) -> "ColumnMapping":
        """Return the mapping that also knows `others`, of columns and fields that it says nothing of."""
        said = self.columns | {target for _, target in self.pairs}
        more = tuple((column, target) for column, target in others.items() if not {column, target} & said)
        return replace(self, pairs=self.pairs + more)

    @property
    def columns(self) -> set[str]:
        """The columns that are mapped, wholly or in part."""
        return {name for column, _ in self.pairs for name in (column, column.split(".")[0])}


NO_MAPPING = ColumnMapping()


def parse_pairs(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the pairs that `COLUMN=FIELD` texts say. Raises MappingError."""
    pairs = []
    for text in texts:
        column, equals, target = text.rpartition("=")
        if not equals or not column.strip():
            raise MappingError("a mapping is COLUMN=FIELD, e.g. full_name=name")
        pairs.append(_pair(column, target))
    return tuple(pairs)


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping of a TOML file: a table `map`, `"column" = "field"`, and `ignore_unknown`.

    Raises MappingError, which names the file and what is wrong with it.
    """
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise MappingError(f"{path.name} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise MappingError(f"{path.name} is not TOML: {error}") from None
    pairs, ignore = data.pop("map", {}), data.pop("ignore_unknown", False)
    if data or not isinstance(pairs, dict) or not isinstance(ignore, bool):
        raise MappingError(
            f'{path.name} may hold a table [map], "column" = "field", and ignore_unknown = true; only that'
        )
    try:
        return ColumnMapping(tuple(_pair(column, target) for column, target in _flat(pairs)), ignore)
    except MappingError as error:
        raise MappingError(f"{path.name}: {error}") from None


def shown(names: Iterable[object]) -> str:
    """Return names of columns for a message: a few, and what may be a person's data only as a count."""
    every = sorted(map(str, names))
    fit = [name for name in every if _NAME.fullmatch(name) and not re.search(r"\d{5}", name)][:_SHOWN]
    more = len(every) - len(fit)
    return ", ".join([*fit, f"{more} more"] if fit and more else fit or [counted(more)])


def counted(columns: int) -> str:
    """Return a number of columns for a message."""
    return "1 column" if columns == 1 else f"{columns} columns"


def parts(text: str) -> list[str]:
    """Return the values of a text that lists them, with a semicolon between them."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def _pair(column: str, target: object) -> tuple[str, str]:
    name = target.strip() if isinstance(target, str) else ""
    if name not in TARGETS:
        near = difflib.get_close_matches(name, TARGETS, 1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(TARGETS))}"
        raise MappingError(
            f"{shown([name])} is no field; {hint}" if name else f"a column is mapped to no field; {hint}"
        )
    return column.strip(), name


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    # A dotted key without quotes is a table to TOML, and the same path to us.
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _top(record: Mapping[str, Any], column: str) -> str | None:
    """Return the column of the record that a path begins with; a column may have dots in its own name."""
    if column in record:
        return column
    top = column.split(".")[0]
    return top if top in record and "." in column else None


def _values(record: Mapping[str, Any], column: str) -> list[Any]:
    if column in record:
        return [record[column]]
    if record[column.split(".")[0]] is None:  # what is deleted is so in all its parts
        return [None]
    found: list[Any] = [record]
    for part in column.split("."):
        found = [inner for value in found for inner in _inner(value, part)]
    return found


def _inner(value: Any, part: str) -> Sequence[Any]:
    if isinstance(value, dict):
        return [value[part]] if part in value else []
    if isinstance(value, list):
        if part == "*":
            return value
        if part.isdecimal() and len(part) < 6 and int(part) < len(value):
            return [value[int(part)]]
    return []


def _joined(target: str, before: Any, value: Any) -> Any:
    if target in LISTS and value is not None:
        value = [_item(target, each) for each in _listed(value)]
        return [*before, *value] if isinstance(before, list) else value
    if isinstance(before, str) and isinstance(value, str):
        return f"{before} {value}".strip()
    return before if value is None and before is not None else value


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        return list(parts(value))
    return [each for each in value if each is not None] if isinstance(value, list) else [value]


def _item(target: str, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return {"name": value} if target == "skills" and isinstance(value, str) else value


def _known(entity: Entity | None) -> frozenset[str]:
    return (FIELDS if entity is None else frozenset(MODELS[entity].model_fields)) | EVENT_KEYS


def _known_parts(field: str, value: Any, ignored: set[str]) -> Any:
    """Return a field's value without what is unknown in its parts, as the `_id` that mongoose gives to each."""
    if isinstance(value, list):
        return [_known_parts(field, each, ignored) for each in value]
    if not isinstance(value, dict) or field not in _PARTS:
        return value
    known = _PARTS[field].model_fields
    ignored |= {f"{field}.{name}" for name in value if name not in known}
    return {name: inner for name, inner in value.items() if name in known}


def _with_salary(record: dict[str, Any], entity: Entity | None) -> dict[str, Any]:
    """Put the parts of a salary that have columns of their own into one."""
    said = {name: record[name] for name in SALARY if name in record}
    if not said:
        return record
    target = salary_field(entity)
    found = {name: value for name, value in record.items() if name not in said}
    salary = {SALARY[name]: value for name, value in said.items() if value is not None}
    return {**found, target: {**(found.get(target) or {}), **salary} if salary else None}


def salary_field(entity: Entity | None) -> str:
    """Return the field that holds an entity's salary."""
    return next(iter(fields_of(entity, Salary)), "salary") if entity else "salary"
