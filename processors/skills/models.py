"""What the taxonomy holds and what extraction returns."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """The root of a skill's category: what sort of skill it is."""

    HARD = "hard"
    TOOL = "tool"
    DOMAIN = "domain"
    SOFT = "soft"
    LANGUAGE = "language"


class Level(IntEnum):
    """How well somebody masters a skill, or must; comparable."""

    BASIC = 1
    FAMILIAR = 2
    PROFICIENT = 3
    EXPERT = 4


class Requirement(StrEnum):
    """How much a job ad wants a skill, or that it says it does not."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the category tree; a root has no parent and is a `Kind`."""

    id: str
    parent: str | None
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill with its names and relations.

    `guarded` spellings are ordinary words or letters too, and count only in a fitting context; `cased` ones count
    without a context when they are written in capitals. `implies` names what somebody with this skill also has.
    """

    id: str
    en: str
    category: str
    zh: str | None = None
    aliases: tuple[str, ...] = ()
    guarded: frozenset[str] = frozenset()
    cased: frozenset[str] = frozenset()
    implies: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    source: str = "user"

    @property
    def kind(self) -> Kind:
        """The root of its category."""
        return Kind(self.category.partition("/")[0])

    @property
    def spellings(self) -> tuple[str, ...]:
        """All its names, the canonical ones first."""
        return (self.en, *((self.zh,) if self.zh else ()), *self.aliases)

    def name(self, language: str | None) -> str:
        """Return the name to show in a language: the Chinese one for `zh` where there is one, else the English one."""
        return self.zh if language == "zh" and self.zh else self.en


@dataclass(frozen=True, slots=True)
class SkillMention:
    """One place where a text names a skill.

    `text[start:end]` is the evidence. Level, years and requirement are what the words around it say, or None.
    `confidence` is 1 for an unambiguous spelling, less for one that context had to confirm or that has a typing error.
    """

    skill_id: str
    name: str
    category: str
    start: int
    end: int
    text: str
    level: Level | None = None
    years: float | None = None
    requirement: Requirement | None = None
    confidence: float = 1.0

    @property
    def kind(self) -> Kind:
        """The root of its category."""
        return Kind(self.category.partition("/")[0])
