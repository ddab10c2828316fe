"""The skill taxonomy: loading, checking and extending its data, and walking its relations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson

from processors.skills.fold import fold_name
from processors.skills.models import Category, Kind, Skill
from schemas.errors import LoomaError
from schemas.exits import Exit

_DATA = files("processors.skills") / "data"
_TEXTS = {"id", "en", "zh", "category", "source"}
_LISTS = {"aliases", "guarded", "cased", "implies", "related"}
_MAX_NAME = 80
_MAX_SKILLS = 100_000


class TaxonomyError(LoomaError, ValueError):
    """A taxonomy file is not valid; the message says where and why."""

    code = "taxonomy"
    exit_status = Exit.USAGE


@dataclass(frozen=True)
class Taxonomy:
    """Skills by id and the category tree. Immutable; `extended` returns another one."""

    skills: Mapping[str, Skill]
    categories: Mapping[str, Category]

    def __len__(self) -> int:
        return len(self.skills)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Folded spelling → id. Where two skills share a spelling, the earlier skill has it."""
        names: dict[str, str] = {}
        for skill in self.skills.values():
            for spelling in skill.spellings:
                names.setdefault(fold_name(spelling), skill.id)
        return names

    def path(self, category: str) -> list[Category]:
        """Return a category and its ancestors, the root first."""
        node = self.categories[category]
        return [*(self.path(node.parent) if node.parent else []), node]

    def implied(self, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return what skills imply, transitively, each with the skills among `ids` it follows from."""
        reasons: dict[str, list[str]] = {}
        given = dict.fromkeys(ids)
        for origin in given:
            stack = list(self.skills[origin].implies) if origin in self.skills else []
            seen = {origin}
            while stack:
                current = stack.pop()
                if current not in seen:
                    seen.add(current)
                    reasons.setdefault(current, []).append(origin)
                    stack += self.skills[current].implies
        return {skill: tuple(why) for skill, why in reasons.items() if skill not in given}

    def extended(self, path: Path) -> "Taxonomy":
        """Return this taxonomy with a user's file on top: new skills, and rows that replace those with their id.

        Rows `{"id": …, "aliases": […]}` without `en` add to the skill of that id. Raises `TaxonomyError`.
        """
        return _checked({**self.skills}, dict(self.categories), path.name, _rows(path))


def load_taxonomy(*extensions: Path) -> Taxonomy:
    """Return the taxonomy that comes with the package, extended by users' files in order. Raises `TaxonomyError`."""
    result = taxonomy()
    for path in extensions:
        result = result.extended(path)
    return result


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """Return the taxonomy that comes with the package; a test checks its rows, not every process."""
    categories = {}
    for _, row in _rows(_DATA / "categories.jsonl"):
        categories[row["id"]] = Category(row["id"], row.get("parent"), row["en"], row["zh"])
    return Taxonomy({row["id"]: _skill(row) for _, row in _rows(_DATA / "skills.jsonl")}, categories)


def _rows(path: Path | Traversable) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"{path.name}: {error}") from error
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except (ValueError, RecursionError) as error:
            raise TaxonomyError(f"{path.name}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise TaxonomyError(f"{path.name}:{number}: not a JSON object")
        yield number, row


def _checked(
    skills: dict[str, Skill], categories: dict[str, Category], file: str, rows: Iterable[tuple[int, dict[str, Any]]]
) -> Taxonomy:
    lines: dict[str, int] = {}
    for number, row in rows:
        where = f"{file}:{number}"
        skill = _skill(_valid(row, skills, categories, where))
        if skill.id in lines:
            raise TaxonomyError(f"{where}: id {skill.id!r} is already on line {lines[skill.id]}")
        if len(lines) >= _MAX_SKILLS:
            raise TaxonomyError(f"{where}: more than {_MAX_SKILLS:,} skills")
        lines[skill.id] = number
        skills[skill.id] = skill
    for skill_id, number in lines.items():
        skill = skills[skill_id]
        for field, ids in (("implies", skill.implies), ("related", skill.related)):
            for other in ids:
                if other not in skills:
                    raise TaxonomyError(f"{file}:{number}: {field} names an unknown skill {other!r}")
    return Taxonomy(skills, categories)


def _valid(
    row: dict[str, Any], skills: dict[str, Skill], categories: dict[str, Category], where: str
) -> dict[str, Any]:
    """Return a row that is whole: one that adds to a known skill, together with that."""
    unknown = row.keys() - _TEXTS - _LISTS
    if unknown:
        raise TaxonomyError(f"{where}: unknown fields {sorted(unknown)}; known are {sorted(_TEXTS | _LISTS)}")
    for field in _TEXTS & row.keys():
        if not isinstance(row[field], str) or not row[field].strip() or len(row[field]) > _MAX_NAME:
            raise TaxonomyError(f"{where}: {field} must be a text of 1 to {_MAX_NAME} characters")
    for field in _LISTS & row.keys():
        values = row[field]
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() and len(v) <= _MAX_NAME for v in values
        ):
            raise TaxonomyError(f"{where}: {field} must be a list of texts of 1 to {_MAX_NAME} characters")
    if "id" not in row:
        raise TaxonomyError(f"{where}: id is missing")
    known = skills.get(row["id"])
    if known and "en" not in row:
        row = {**_as_row(known), **row, **{f: [*getattr(known, f), *row.get(f, [])] for f in _LISTS}}
    missing = {"en", "category"} - row.keys()
    if missing:
        raise TaxonomyError(f"{where}: {' and '.join(sorted(missing))} missing")
    if row["category"] not in categories:
        shown = ", ".join(sorted(c for c in categories if c.startswith(row["category"].partition("/")[0])))
        raise TaxonomyError(f"{where}: unknown category {row['category']!r}; known: {shown or ', '.join(Kind)}")
    return row


def _skill(row: Mapping[str, Any]) -> Skill:
    return Skill(
        id=row["id"],
        en=row["en"],
        category=row["category"],
        zh=row.get("zh"),
        aliases=tuple(dict.fromkeys(row.get("aliases", ()))),
        guarded=frozenset(map(fold_name, row.get("guarded", ()))),
        cased=frozenset(map(fold_name, row.get("cased", ()))),
        implies=tuple(dict.fromkeys(row.get("implies", ()))),
        related=tuple(dict.fromkeys(row.get("related", ()))),
        source=row.get("source", "user"),
    )


def _as_row(skill: Skill) -> dict[str, Any]:
    row = {"en": skill.en, "category": skill.category, "source": skill.source}
    return {**row, "zh": skill.zh} if skill.zh else row
