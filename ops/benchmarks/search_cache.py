"""How often a kept answer serves: a log of queries, played against the cache at several rates.

Few queries are asked often and most are rare: their frequencies follow Zipf's law, with the exponent 0.8 (for requests
of web users, Breslau et al., INFOCOM 1999, found 0.64 to 0.83). Arrivals are a Poisson process. Time is the log's own,
so the figures do not depend on the machine.
"""

from itertools import product
from typing import Any

import numpy as np

from streams.search.cache import KEPT_SECONDS, AnswerCache
from streams.search.request import Request

EXPONENT = 0.8
QUERIES = 10_000
RATES = (1, 10, 100)
KEPT = (KEPT_SECONDS, 60.0)


async def hit_rates(*, requests: int = 20_000, seed: int = 7) -> list[dict[str, Any]]:
    """Return the share of requests that need no search, by how long answers are kept and requests a second."""
    random = np.random.default_rng(seed)
    weights = np.arange(1, QUERIES + 1) ** -EXPONENT
    log = random.choice(QUERIES, requests, p=weights / weights.sum()).tolist()
    found = []
    for seconds, rate in product(KEPT, RATES):
        now = 0.0
        cache = AnswerCache(_nothing, seconds=seconds, clock=lambda: now)  # noqa: B023
        for number, pause in zip(log, random.exponential(1 / rate, requests).tolist(), strict=True):
            now += pause
            await cache.search(Request("talent", str(number)))
        found.append({"requests_per_s": rate, "kept_s": seconds, "hit_rate": round(cache.hit_rate, 3)})
    return found


async def _nothing(request: Request) -> dict[str, Any]:
    return {}
