"""Whether data would be accepted, and what else there is to say of it: one answer for the API and the commands."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from processors.quality.score import findings, judge
from schemas.entities import MODELS, Entity
from schemas.problems import Fault, faults
from schemas.quality import Finding, Validation

MAX_FAULTS = 50


def validate(entity: Entity, data: Any, now: datetime, heard: datetime | None = None) -> Validation:
    """Return what an event with this data would be told, and how good a record of it alone would be."""
    try:
        fields = MODELS[entity].model_validate(data).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        found = [_of_fault(fault) for fault in faults(MODELS[entity], error)[:MAX_FAULTS]]
        return Validation(entity=entity, valid=False, quality=None, findings=found)
    quality, reasons = judge(entity, fields, now, heard)
    return Validation(entity=entity, valid=True, quality=quality, findings=findings(reasons))


def _of_fault(fault: Fault) -> Finding:
    return Finding(level="error", code=fault.rule, path=fault.path, text={"zh": fault.zh, "en": fault.en})
