"""Versions of event data and the upcasters that bring every older one to the newest.

An upcaster takes data as version N said it and returns it as version N + 1 says it; reading chains them. A version that
only adds fields needs none: what an older one said means the same.
To change a schema in a way old readers would not understand: raise the version in schemas/entities.py, add an upcaster,
and store a sample of the version under `schemas/samples/`; a test reads every sample ever stored.
"""

from collections.abc import Callable
from typing import Any

from schemas.entities import CATALOGUE
from schemas.errors import BadMessageError

Data = dict[str, Any]
Upcaster = Callable[[Data], Data]

CURRENT: dict[str, int] = {spec.name: spec.version for spec in CATALOGUE}


def _skills_v1(data: Data) -> Data:
    """Version 1 listed skills as bare names."""
    skills = data.get("skills")
    if isinstance(skills, list):
        return {**data, "skills": [{"name": s} if isinstance(s, str) else s for s in skills]}
    return data


def _salary_v1(data: Data, target: str) -> Data:
    """Version 1 had two monthly numbers in CNY instead of a range."""
    rest = {k: v for k, v in data.items() if k not in ("salary_min", "salary_max")}
    if len(rest) == len(data):
        return data
    low, high = data.get("salary_min"), data.get("salary_max")
    both_deleted = low is None and high is None
    return {**rest, target: None if both_deleted else {"minimum": low, "maximum": high}}


UPCASTERS: dict[tuple[str, int], Upcaster] = {
    ("talent", 1): lambda data: _salary_v1(_skills_v1(data), "salary_expected"),
    ("job", 1): lambda data: _salary_v1(_skills_v1(data), "salary"),
}


def known_version(entity: str, version: int) -> None:
    """Raise BadMessageError (`unknown_version`) for a version that this release does not know."""
    if not 1 <= version <= CURRENT[entity]:
        raise BadMessageError("unknown_version", f"{entity} version {version}; known: 1 to {CURRENT[entity]}")


def upcast(entity: str, version: int, data: Data) -> Data:
    """Return `data` of a known `version` as the current version says it. Raises BadMessageError for another."""
    known_version(entity, version)
    for step in range(version, CURRENT[entity]):
        if upcaster := UPCASTERS.get((entity, step)):
            data = upcaster(data)
    return data


def means_the_same(entity: str, version: int) -> bool:
    """Return whether data of a known `version` says today what it said then. Raises BadMessageError for another."""
    known_version(entity, version)
    return not any((entity, step) in UPCASTERS for step in range(version, CURRENT[entity]))
