"""Answers kept for a moment: none too old, none twice, none that failed."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.benchmarks.search_cache import KEPT, hit_rates
from processors.search.criteria import Criteria
from streams.search.cache import AnswerCache
from streams.search.request import Request, SearchError


class World:
    """An index that changes, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.state = 0
        self.searches = 0

    async def search(self, request: Request) -> dict[str, Any]:
        self.searches += 1
        seen = self.state, self.now
        await asyncio.sleep(0)
        return {"seen": seen, "for": request}


def asked(text: str, **more: Any) -> Request:
    return Request("talent", text, **more)


@given(st.lists(st.tuples(st.floats(0, 4), st.sampled_from("abc")), max_size=40), st.integers(1, 3))
def test_no_answer_is_too_old_or_for_another_request(steps: list[tuple[float, str]], size: int) -> None:
    async def scenario() -> None:
        world = World()
        cache = AnswerCache(world.search, seconds=5, size=size, clock=lambda: world.now)
        for pause, text in steps:
            world.now += pause
            answer = await cache.search(asked(text))
            assert answer["for"].text == text
            assert world.now - answer["seen"][1] <= 5
        assert cache.misses == world.searches
        assert cache.hits + cache.misses == len(steps)

    asyncio.run(scenario())


async def test_everything_that_changes_the_answer_is_part_of_the_key() -> None:
    world = World()
    cache = AnswerCache(world.search)
    requests = [
        asked("a"),
        Request("job", "a"),
        asked("a", page=2),
        asked("a", mode="keyword"),
        asked("a", rerank=True),
        asked("a", facets=("place",)),
        asked("a", criteria=Criteria(places=("shanghai",))),
        asked("", like="t-1"),
    ]
    for request in requests * 2:
        await cache.search(request)
    assert (cache.hits, cache.misses, cache.hit_rate) == (len(requests), len(requests), 0.5)


async def test_callers_at_once_share_a_search_and_one_that_leaves_takes_nothing() -> None:
    world = World()
    cache = AnswerCache(world.search)
    first, *others = (asyncio.create_task(cache.search(asked("a"))) for _ in range(5))
    await asyncio.sleep(0)
    first.cancel()
    assert len({id(a) for a in await asyncio.gather(*others)}) == 1
    assert world.searches == 1


async def test_a_failure_is_not_kept() -> None:
    calls = []

    async def failing(request: Request) -> dict[str, Any]:
        calls.append(request)
        raise SearchError("no")

    cache = AnswerCache(failing)
    for _ in range(2):
        with pytest.raises(SearchError):
            await cache.search(asked("a"))
    assert len(calls) == 2


async def test_more_requests_a_second_hit_more_often() -> None:
    found = await hit_rates(requests=1000)
    for kept in KEPT:
        rates = [row["hit_rate"] for row in found if row["kept_s"] == kept]
        assert rates == sorted(rates)
        assert 0 <= rates[0] < rates[-1] < 1
