"""What a match feature is: one object with its name, its function, its default weight and its words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, NamedTuple

from processors.matching.closeness import Closeness
from processors.matching.profile import Profile
from schemas.base import Language
from schemas.entities import Side

NEUTRAL = 0.81
"""Missing information must neither help nor hurt: most of those who say nothing of a demand would meet it.

No share that something compared comes to, such as four years of five: who reads a score can tell the two apart.
"""
NOT_ASKED = NEUTRAL
"""What a job does not ask for is no obstacle. It scores as what is not said: on sets of other people both are as common
among pairs that suit as among others, so that a difference would only stir the order."""


class Text(NamedTuple):
    """The same words in both languages, with the same `{placeholders}`."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """Return the words of one language."""
        return self.zh if language == "zh" else self.en


class Finding(NamedTuple):
    """A score and its facts: `code` names the reason among the feature's, `facts` are what the reason says."""

    score: float
    code: str
    facts: tuple[Any, ...] = ()


class Change(NamedTuple):
    """What the talent could change, in words that stand alone, and the talent with the change made."""

    text: Text
    talent: Profile


Score = Callable[[Profile, Profile, Closeness], Finding]
"""Scores a talent, a job and how close they are in meaning."""
Sentence = Callable[[Profile, Profile, Language], str]
"""Composes a reason that no text with placeholders could say."""
Words = Callable[[tuple[Any, ...], Language], Mapping[str, str]]
"""Returns the words for the placeholders of a text."""
Changes = Callable[[Profile, Profile], Iterable[Change]]
Reader = Callable[[Mapping[str, Any]], Iterable[str]]
"""Reads a record's fields, without those that say who somebody is."""


def _no_words(facts: tuple[Any, ...], language: Language) -> Mapping[str, str]:
    return {}


def _no_changes(talent: Profile, job: Profile) -> Iterable[Change]:
    return ()


@dataclass(frozen=True, slots=True)
class Feature:
    """One named part of a pair's score, from 0 to 1, and everything that is said of it.

    `weight` is its share of the default weights, which are scaled to add up to 1. `changes` returns what would raise
    the score. `reads` returns, for a side, what the feature needs of a record and the profile does not have; it finds
    that in `Profile.terms` under its own name. Raises ValueError if a reason does not say the same in both languages.
    """

    name: str
    label: Text
    weight: float
    score: Score
    reasons: Mapping[str, Text | Sentence]
    words: Words = _no_words
    changes: Changes = _no_changes
    reads: Mapping[Side, Reader] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.weight >= 0:
            raise ValueError(f"{self.name}: the weight must not be negative")
        for code, reason in self.reasons.items():
            if isinstance(reason, Text) and _placeholders(reason.zh) != _placeholders(reason.en):
                raise ValueError(f"{self.name}.{code}: the placeholders of the two languages differ")

    def reason(self, finding: Finding, talent: Profile, job: Profile, language: Language) -> str:
        """Return the reason for a finding about this pair."""
        reason = self.reasons[finding.code]
        if not isinstance(reason, Text):
            return reason(talent, job, language)
        text = reason.of(language)
        if not finding.facts:
            return text
        words = text.format(**self.words(finding.facts, language))
        return capitalised(words) if language == "en" else words


def by_name(*features: Feature) -> dict[str, Feature]:
    """Return features by their names, in their order. Raises ValueError for two of one name."""
    found = {feature.name: feature for feature in features}
    if len(found) < len(features):
        raise ValueError(f"two features of one name: {[feature.name for feature in features]}")
    return found


def capitalised(text: str) -> str:
    """Return text with its first letter as a capital, the others as they are."""
    return text[0].upper() + text[1:]


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
