"""How often what a process keeps saves work: every cache by its name, in one metric."""

from collections.abc import Callable, Iterator
from functools import partial

from opentelemetry.metrics import CallbackOptions, Observation

from processors.lexicon import kept_words
from processors.lexicon.kept_words import Counted
from streams import metrics

_caches: dict[str, Callable[[], Counted | None]] = {}


def report_cache(name: str, look: Callable[[], Counted | None]) -> None:
    """Report a cache from now on, in place of one that had the name before; None: it is not there yet."""
    _caches[name] = look


def report_lexicons() -> None:
    """Report what is kept of words. A module that the process has not loaded is not loaded for that."""
    for module, function in kept_words.names():
        report_cache(f"{module.rpartition('.')[2]}.{function}", partial(_counted, module, function))


def _counted(module: str, function: str) -> Counted | None:
    keeping = kept_words.keeping(module, function)
    return keeping.cache_info() if keeping else None


def _observe(_: CallbackOptions) -> Iterator[Observation]:
    for name, look in list(_caches.items()):
        if (counted := look()) is not None:
            yield Observation(counted.hits, {"cache": name, "outcome": "hit"})
            yield Observation(counted.misses, {"cache": name, "outcome": "miss"})


metrics.CACHE_LOOKUPS.observe(_observe)
