"""An entity found in a resume, and what finds one."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A labelled stretch of text: characters `start` to `end` (exclusive)."""

    start: int
    end: int
    label: str
    confidence: float = 1.0


class Recogniser(Protocol):
    """Finds entities: the rules of one language, or a trained tagger."""

    @property
    def labels(self) -> frozenset[str]:
        """The labels it can give."""
        ...

    def recognise(self, text: str) -> list[Entity]:
        """Return the entities of a text in reading order; they do not overlap."""
        ...
