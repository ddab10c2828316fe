"""Which functions keep their answers about words, and how to let go of them: the words may be lines of a resume."""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol


class Counted(Protocol):
    """A cache that counts, or what `functools.lru_cache` says of one."""

    @property
    def hits(self) -> int:
        """How many questions it answered."""
        ...

    @property
    def misses(self) -> int:
        """How many it did not."""
        ...


class Keeping(Protocol):
    """A function that `functools.lru_cache`, or `kept_if_short`, has made."""

    cache_info: Callable[[], Counted]
    cache_clear: Callable[[], None]


FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "advice.titles": ("features", "tools"),
    "lexicon.dates": ("_remembered",),
    "lexicon.phrases": ("shares",),
    "lexicon.places": ("_place", "country_of_city"),
    "lexicon.seniority": ("_from_title",),
    "lexicon.titles": ("title_score",),
    "matching.reading.vocabulary": ("weighed",),
    "matching.skills": ("as_written", "is_language", "skill_name", "stand_ins", "weight_of"),
    "matching.weights": ("_version",),
    "reading.gaps": ("_read",),
    "resolution.contacts": ("phone",),
    "resolution.homes": ("home",),
    "resolution.names": ("least_rotation", "person_name"),
    "resolution.organisations": ("company_name", "domain", "industry", "school"),
    "resolution.short_names": ("words",),
    "resolution.text": ("fold", "pinyin"),
    "resume.roles": ("_is_place", "employer_score"),
    "search.bm25": ("word_index",),
    "search.exclusions": ("parted",),
    "search.terms": ("_terms",),
    "skills.extract": ("normalise",),
    "skills.fold": ("fold_name",),
    "sync.contact_points": ("parse",),
}
"""By module of `processors`: how words are folded, found, weighed and read."""


def keeping(module: str, function: str) -> Keeping | None:
    """Return one of FUNCTIONS; None if the process has not loaded its module, which is not loaded for that."""
    found: Keeping | None = getattr(sys.modules.get(f"processors.{module}"), function, None)
    return found


def let_go() -> None:
    """Keep no words any more."""
    for found in (keeping(module, function) for module, function in names()):
        if found:
            found.cache_clear()


def names() -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each of FUNCTIONS."""
    for module, functions in FUNCTIONS.items():
        for function in functions:
            yield module, function
