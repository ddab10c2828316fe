"""How often what a process keeps saves work: every cache by its name, in one metric."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from opentelemetry.metrics import CallbackOptions, Observation

from streams import metrics


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


_caches: dict[str, Callable[[], Counted | None]] = {}


def report_cache(name: str, look: Callable[[], Counted | None]) -> None:
    """Report a cache from now on, in place of one that had the name before; None: it is not there yet."""
    _caches[name] = look


_LEXICONS = {
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
"""By module of `processors`, the functions that keep their answers: how words are folded, found, weighed and read."""


def report_lexicons() -> None:
    """Report what is kept of words. A module that the process has not loaded is not loaded for that."""
    for module, functions in _LEXICONS.items():
        for function in functions:
            name = f"{module.rpartition('.')[2]}.{function}"
            report_cache(name, partial(_of_module, f"processors.{module}", function))


def _of_module(module: str, function: str) -> Counted | None:
    keeping = getattr(sys.modules.get(module), function, None)
    return keeping.cache_info() if keeping else None


def _observe(_: CallbackOptions) -> Iterator[Observation]:
    for name, look in list(_caches.items()):
        if (counted := look()) is not None:
            yield Observation(counted.hits, {"cache": name, "outcome": "hit"})
            yield Observation(counted.misses, {"cache": name, "outcome": "miss"})


metrics.CACHE_LOOKUPS.observe(_observe)
