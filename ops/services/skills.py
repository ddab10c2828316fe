"""The skills that a text names, and what a job ad demands of them."""

import asyncio
from dataclasses import asdict
from typing import Any, Literal

from ops.services.documents import Document
from ops.services.house import House
from schemas.base import Language


class SkillText(Document):
    """A text, for instance of a resume or of a job ad."""

    kind: Literal["text", "job_ad"] = "text"
    language: Language | None = None


async def answer(house: House, request: SkillText) -> dict[str, Any]:
    """Return each mention with its place in `text`; of a job ad also what is required and preferred."""
    text = request.text if request.text is not None else (await house.document(request.data)).text
    return await asyncio.to_thread(_found, text, request)


def _found(text: str, request: SkillText) -> dict[str, Any]:
    from processors.skills import extract_skills, read_job_ad

    if request.kind == "text":
        mentions = [asdict(mention) for mention in extract_skills(text, request.language)]
        return {"skills": list(dict.fromkeys(m["name"] for m in mentions)), "mentions": mentions}
    demands = asdict(read_job_ad(text, request.language))
    return {**demands, "mentions": demands.pop("skills")}
