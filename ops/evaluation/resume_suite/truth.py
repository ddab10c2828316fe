"""What a careful reader takes from a resume: only what it shows, as precisely as it shows it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Truth:
    """What a resume's sections have shown so far."""

    facts: dict[str, Any] = field(default_factory=dict)
    work: list[dict[str, Any]] = field(default_factory=list)
    education: list[dict[str, Any]] = field(default_factory=list)
    projects: list[dict[str, Any]] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
