"""The score of a record, and the findings that it comes from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from processors.quality.rules import CODES, WORTH, Fields, Found, contradictions, doubts, missing
from schemas.entities import Entity
from schemas.quality import Finding, Quality

WEIGHTS = {"completeness": 0.4, "consistency": 0.25, "plausibility": 0.25, "freshness": 0.1}
_TOTAL = {entity: sum(worth.values()) for entity, worth in WORTH.items()}
HALF_LIFE_DAYS: Mapping[str, int] = {"talent": 365, "job": 60, "company": 730}
"""After which a record that nobody speaks of is half as fresh; of another entity as a talent."""
_STALE = 0.5


def judge(entity: Entity, fields: Fields, now: datetime, heard: datetime | None = None) -> tuple[Quality, list[Found]]:
    """Return a record's quality and what was found; `heard` is when a source last spoke of it."""
    parts, found = _parts(entity, fields, now.date().isoformat())
    if heard is not None:
        age = max(0.0, (now - heard).total_seconds() / 86_400)
        parts["freshness"] = 0.5 ** (age / HALF_LIFE_DAYS.get(entity, HALF_LIFE_DAYS["talent"]))
        if parts["freshness"] < _STALE:
            found.append(Found("stale", ""))
    return Quality(score=_score(parts), **{part: round(max(0.0, value), 3) for part, value in parts.items()}), found


def _parts(entity: Entity, fields: Fields, today: str) -> tuple[dict[str, float], list[Found]]:
    found = [*contradictions(entity, fields), *doubts(entity, fields, today)]
    parts = {"completeness": 1.0, "consistency": 1.0, "plausibility": 1.0}
    for code, _ in found:
        parts[CODES[code].part] *= 1 - CODES[code].cost
    for each, worth in missing(entity, fields):
        found.append(each)
        parts["completeness"] -= worth / _TOTAL[entity]
    return parts, found


def _score(parts: Mapping[str, float]) -> float:
    weights = sum(WEIGHTS[part] for part in parts)
    return round(max(0.0, sum(WEIGHTS[part] * value for part, value in parts.items()) / weights), 3)


def findings(found: list[Found]) -> list[Finding]:
    """Return what was found for people and programs: warnings first, then hints."""
    made = [
        Finding(
            level="hint" if CODES[code].part in ("completeness", "freshness") else "warning",
            code=code,
            path=path,
            text=CODES[code].text(),
        )
        for code, path in found
    ]
    return sorted(made, key=lambda each: each.level, reverse=True)


def stored_quality(entity: Entity, fields: Fields, heard: datetime) -> dict[str, Any]:
    """Return what is stored with a record: it follows from the record alone, so freshness, which passes, is not in it.

    Dates are judged as of when the record was last heard of.
    """
    parts, found = _parts(entity, fields, heard.date().isoformat())
    return {"score": _score(parts), "codes": sorted({f"{code}:{path.partition('.')[0]}" for code, path in found})}


def heard_of(provenance: dict[str, dict[str, str]]) -> datetime | None:
    """Return when a source last spoke of a record, as its provenance tells."""
    times = [origin["time"] for origin in provenance.values()]
    return datetime.fromisoformat(max(times)).astimezone(UTC) if times else None
