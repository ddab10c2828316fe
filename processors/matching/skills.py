"""Skills as matching compares them: one name a skill, and what stands in for a skill that is missing."""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from processors.skills import Kind, normalise, taxonomy

IMPLIED = 0.9
"""Credit for a skill that another one implies: Spring Boot for Java."""
RELATED = 0.4
"""Credit for a skill related to the one demanded: React for Vue."""
SOFT_WEIGHT = 0.3
"""A soft skill counts less: everybody claims it."""


@lru_cache(maxsize=50_000)
def skill_name(name: str) -> str:
    """Return the id under which a skill is compared: `K8s` is `kubernetes`; one that is unknown is itself, folded."""
    return normalise(name) or " ".join(unicodedata.normalize("NFKC", name).casefold().split()) or name


@lru_cache(maxsize=50_000)
def stand_ins(skill: str) -> Mapping[str, float]:
    """Return the skills that earn part of another one's credit, with that part."""
    return {**dict.fromkeys(_related().get(skill, ()), RELATED), **dict.fromkeys(_implying().get(skill, ()), IMPLIED)}


@lru_cache(maxsize=50_000)
def weight_of(skill: str) -> float:
    """Return how much a skill counts beside others."""
    known = taxonomy().skills.get(skill)
    return SOFT_WEIGHT if known and known.kind is Kind.SOFT else 1.0


@lru_cache(maxsize=50_000)
def is_language(skill: str) -> bool:
    """Whether a skill is a human language."""
    known = taxonomy().skills.get(skill)
    return known is not None and known.kind is Kind.LANGUAGE


@lru_cache(maxsize=50_000)
def as_written(word: str) -> str:
    """Return a word without its plural as the taxonomy writes it, if it is a skill: `kubernete` as Kubernetes."""
    for name in (word, f"{word}s"):
        known = taxonomy().skills.get(taxonomy().names.get(name, ""))
        if known and known.en.casefold() == name:
            return known.en
    return word


@cache
def _implying() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for skill in taxonomy().skills:
        for implied in taxonomy().implied([skill]):
            found.setdefault(implied, set()).add(skill)
    return found


@cache
def _related() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for skill in taxonomy().skills.values():
        for other in skill.related:
            found.setdefault(skill.id, set()).add(other)
            found.setdefault(other, set()).add(skill.id)
    return found
