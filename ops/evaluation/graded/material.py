"""The phrases from which the texts of the large set are made, read from data."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_FOLDER = files("ops.evaluation") / "data" / "match" / "large"


@dataclass(frozen=True, slots=True)
class Profession:
    """What is said in a profession. `pay` in thousand CNY a month by level; `field` in Chinese and English.

    Titles are two in Chinese, two in English; phrases of industries and skills: a CV's in Chinese twice, in English
    twice, an ad's in Chinese and in English. Skills are by specialty, and `shared`.
    """

    pay: Sequence[int]
    field: Sequence[str]
    other_field: Sequence[str]
    titles: Mapping[str, Sequence[str]]
    industries: Mapping[str, Sequence[str]]
    skills: Mapping[str, Mapping[str, Sequence[str]]]

    def phrase(self, skill: str) -> Sequence[str]:
        """Return how a skill is said."""
        return next(skills[skill] for skills in self.skills.values() if skill in skills)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


_NAMES = (
    "nurse", "accountant", "sales", "mechanical", "backend", "data", "product", "designer", "hr", "logistics", "lawyer",
    "teacher",
)  # fmt: skip
PROFESSIONS: Mapping[str, Profession] = {name: Profession(**_read(f"professions/{name}.toml")) for name in _NAMES}
WORDING: Mapping[str, Any] = _read("wording.toml")
CITIES: Sequence[Sequence[str]] = WORDING["cities"]["names"]
