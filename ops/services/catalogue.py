"""The services that answer one question at a time: what each takes, and what answers it in this process."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from ops.services import advice, embed, match, resume, search, skills
from ops.services.house import House
from schemas.base import Model
from schemas.services import Service

Answer = Callable[[House, Any], Coroutine[Any, Any, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A service. `scope` is what a caller needs."""

    name: Service
    summary: str
    takes: type[Model]
    answer: Answer
    scope: str = "ai:use"


CATALOGUE: Mapping[Service, ServiceSpec] = {
    spec.name: spec
    for spec in (
        ServiceSpec("resume", "Read a resume", resume.Resume, resume.answer),
        ServiceSpec("skills", "Find skills in a text", skills.SkillText, skills.answer),
        ServiceSpec("match", "Score a talent for a job", match.Pair, match.answer),
        ServiceSpec("search", "Search talents, jobs and resumes", search.Question, search.answer, "search"),
        ServiceSpec("embed", "Embed texts", embed.Texts, embed.answer),
        ServiceSpec("advice", "Advise on a resume", advice.Advised, advice.answer),
    )
}
"""Beside these there are `chat` and `models`, which are the gateway's own."""
