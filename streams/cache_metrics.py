"""How often what a process keeps saves work: every cache by its name, in one metric."""

from collections.abc import Callable, Iterator
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


_caches: dict[str, Callable[[], Counted]] = {}


def report_cache(name: str, look: Callable[[], Counted]) -> None:
    """Report a cache from now on, in place of one that had the name before."""
    _caches[name] = look


def report_lexicons() -> None:
    """Report what is kept of words: how they are folded, found in lexicons, weighed and read."""
    from processors.advice import titles
    from processors.lexicon import dates, phrases, places, seniority
    from processors.lexicon import titles as title_words
    from processors.matching import skills, weights
    from processors.matching.reading import vocabulary
    from processors.reading import gaps
    from processors.resolution import contacts, homes, names, organisations, short_names, text
    from processors.resume import roles
    from processors.search import bm25, exclusions, terms
    from processors.skills import extract, fold
    from processors.sync import contact_points

    of_matching = (
        skills.skill_name, skills.stand_ins, skills.weight_of, skills.is_language, skills.as_written,
        weights._version, vocabulary.weighed, gaps._read,
    )  # fmt: skip
    of_words = (
        extract.normalise, fold.fold_name, bm25.word_index, terms._terms, exclusions.parted, titles.features,
        titles.tools, phrases.shares, dates._remembered, seniority._from_title, places._place, places.country_of_city,
        title_words._remembered, roles._remembered, roles._is_place,
    )  # fmt: skip
    of_people = (
        contact_points.parse, contacts.phone, homes.home, names.person_name, names.least_rotation,
        organisations.company_name, organisations.industry, organisations.domain, organisations.school,
        short_names.words, text.fold, text.pinyin,
    )  # fmt: skip
    for function in (*of_matching, *of_words, *of_people):
        report_cache(f"{function.__module__.rpartition('.')[2]}.{function.__name__}", function.cache_info)


def _observe(_: CallbackOptions) -> Iterator[Observation]:
    for name, look in list(_caches.items()):
        counted = look()
        yield Observation(counted.hits, {"cache": name, "outcome": "hit"})
        yield Observation(counted.misses, {"cache": name, "outcome": "miss"})


metrics.CACHE_LOOKUPS.observe(_observe)
