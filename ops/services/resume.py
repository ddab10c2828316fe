"""What a resume says, field by field, each value with its place and how sure it is."""

import json
from datetime import date
from typing import Any

from ops.services.documents import Document
from ops.services.house import House


class Resume(Document):
    """A resume."""


async def answer(house: House, request: Resume) -> dict[str, Any]:
    """Return the profile; read and parsed in confined processes. Raises BadMessageError."""
    resumes = await house.resumes()
    understood = await resumes.parse("resume", await resumes.read(request.data), date.today())
    parsed = json.loads(understood.parsed)
    parsed.pop("talent_id", None)
    return {**parsed, "talent": understood.talent.model_dump(mode="json", exclude_unset=True)}
