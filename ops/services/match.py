"""How well a talent fits a job, with a reason for each feature, of records that need not be stored."""

from dataclasses import asdict
from typing import Any

from ops.services.house import House
from processors.matching.profile import Profile
from schemas.base import Language, Model
from schemas.entities import Job, Side, Talent
from schemas.records import SourceRecord


class Pair(Model):
    """The fields of a talent and of a job, as events have them."""

    talent: Talent
    job: Job
    language: Language = "zh"


async def answer(house: House, request: Pair) -> dict[str, Any]:
    """Return the score, by the same features and weights as the stream's matches."""
    from processors.matching.score import score
    from streams.vectors import embedded_texts, payload_of

    sides: tuple[tuple[Side, Model], ...] = (("talent", request.talent), ("job", request.job))
    version = (await house.pool()).version
    profiles: list[Profile] = []
    wholes: list[Any] = []
    for side, model in sides:
        record = SourceRecord(side, side, 1, False, model.model_dump(mode="json", exclude_none=True), {})
        rows = await house.embed(embedded_texts(side, record))
        profiles.append(payload_of(side, record, "", version, rows[1:]).profile)
        wholes.append(rows[0])
    talent, job = profiles
    total, features = score(talent, job, float(wholes[0] @ wholes[1]), request.language)
    return {"score": total, "features": [asdict(feature) for feature in features]}
