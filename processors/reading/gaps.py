"""What a record's texts say and no source does: such gaps are filled, and their provenance says where from.

A value that a source gives is never touched, whenever it comes. What is read follows from the surviving texts alone,
and not from the day, so the record is still a function of its set of events.
"""

from collections.abc import Collection, Mapping
from copy import deepcopy
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from pydantic import ValidationError

from schemas.entities import MODELS, Entity

READING_VERSION = 5
"""Raise it when the same texts are read otherwise: records are then computed anew, as under a changed policy."""
LONGEST = 20_000
"""Characters of a text that are read."""

Fields = dict[str, Any]
Provenance = dict[str, dict[str, str]]

_TEXTS: Mapping[Entity, tuple[str, ...]] = {"job": ("description",), "talent": ("resume_text", "summary")}
_TOGETHER = (
    frozenset(("years_experience_min", "years_experience_max")),
    frozenset(("remote", "workplace", "remote_share")),
)
"""Fields that are one statement: if a source gives one of them, none is read."""
_STRUCTURE = ("skills", "employments")
"""A talent that has neither is known by texts only. Others are not read: their source has told what it knows."""
_PROFESSIONAL = frozenset(
    ("title", "seniority", "skills", "years_experience", "education_level", "education", "employments", "locations",
     "relocates", "salary_expected")
)  # fmt: skip
"""What is read of a talent. Who somebody is, sources say: a phone that was misread would make two people one."""


def filled(
    entity: Entity, fields: Fields, provenance: Provenance, withheld: Collection[str] = ()
) -> tuple[Fields, Provenance]:
    """Return a record's fields with what its texts say where there is nothing, and their provenance.

    What is read has the provenance of its text, with `read_from`, the field that it was read from. Fields that are
    `withheld` stay empty: a person has deleted them.
    """
    source = next((name for name in _TEXTS.get(entity, ()) if fields.get(name)), None)
    if source is None or (entity == "talent" and any(fields.get(name) for name in _STRUCTURE)):
        return fields, provenance
    open_ = MODELS[entity].model_fields.keys() - fields.keys() - set(withheld)
    for group in _TOGETHER:
        if not group <= open_:
            open_ -= group
    origin = {**provenance[source], "read_from": source} if source in provenance else {"read_from": source}
    found = read(entity, str(fields.get("title") or ""), fields[source], origin.get("time", "")[:10])
    found = {name: value for name, value in found.items() if name in open_}
    if not found:
        return fields, provenance
    return (
        dict(sorted({**fields, **found}.items())),
        dict(sorted({**provenance, **{name: dict(origin) for name in found}}.items())),
    )


def read(entity: Entity, title: str, text: str, day: str) -> Fields:
    """Return what a text says, as an event could say it. What lasted on `day`, when the text was written, lasts."""
    found: Fields = orjson.loads(_read(entity, title, text[:LONGEST], day if entity == "talent" else ""))
    return found


@lru_cache(maxsize=256)
def _read(entity: Entity, title: str, text: str, day: str) -> bytes:
    if entity == "job":
        from processors.reading.ad import ad_fields  # readers are imported where something is read

        found = ad_fields(title, text)
    else:
        found = _talent(text, date.fromisoformat(day) if day else date(1970, 1, 1))
    return orjson.dumps(sayable(entity, found))


def _talent(text: str, day: date) -> Fields:
    """Return what a resume says: its sections and positions, and what its sentences say besides."""
    from processors.fairness import without_origin
    from processors.lexicon.markup import plain_text
    from processors.reading.cv import cv_fields
    from processors.resume.parse import parse_resume
    from processors.resume.talent import talent

    text = without_origin(plain_text(text))
    told = {name: value for name, value in cv_fields(text, day).items() if value not in (None, [], False)}
    parsed = talent(parse_resume(text, today=day)).model_dump(mode="json", exclude_unset=True)
    found = {**told, **{name: value for name, value in parsed.items() if name in _PROFESSIONAL}}
    if any(e.get("start") for e in found.get("employments", ())):
        # Positions that last go on: the years are counted when they are asked for.
        found.pop("years_experience", None)
    return found


def sayable(entity: Entity, fields: Mapping[str, Any]) -> Fields:
    """Return fields as an event can say them: a value that events refuse was misread, and is left out.

    Raises ValidationError for a field that the entity does not have.
    """
    model = MODELS[entity]
    kept: Any = {name: value for name, value in fields.items() if value not in (None, [])}
    try:
        said = model.model_validate(kept)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        if any(problem["type"] == "extra_forbidden" for problem in problems):
            raise
        kept = deepcopy(kept)
        for problem in problems:
            *place, name = problem["loc"]
            holder = kept
            for step in place:
                holder = holder[step]
            holder[name] = None
        said = model.model_validate(kept)
    return said.model_dump(mode="json", exclude_none=True)
