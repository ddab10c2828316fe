"""A candidate model beside the active one, on live requests: in shadow or with a share of them, until it is judged."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from loguru import logger

from processors.embedding.model import Vectors
from processors.embedding.rollout import Evidence, Limits, Mode, Verdict

Asked = TypeVar("Asked")
Given = TypeVar("Given")
PATIENCE_SECONDS = 2.0


class Seen(NamedTuple, Generic[Given]):
    """An answer, and what tells of its model: the texts' vectors, and the ids of the hits, the best first."""

    answer: Given
    vectors: Vectors
    hits: Sequence[str]


class Trial(Generic[Asked, Given]):
    """Answers every request with one model, and judges the candidate by the same requests.

    No request fails that the active model can answer: it takes over where the candidate fails or has no answer within
    `patience` seconds. From the verdict on it answers alone; `decided` is told the verdict, once. Requests are
    compared one at a time, so a slow candidate is measured less often, and holds nobody up.
    """

    def __init__(
        self,
        active: Callable[[Asked], Awaitable[Seen[Given]]],
        candidate: Callable[[Asked], Awaitable[Seen[Given]]],
        decided: Callable[[Verdict], None],
        *,
        mode: Mode,
        share: float = 0.1,
        limits: Limits | None = None,
        patience: float = PATIENCE_SECONDS,
        seed: int | None = None,
    ) -> None:
        self._active = active
        self._candidate = candidate
        self._decided = decided
        self._share = share if mode == "share" else 0.0
        self._shadow = mode == "shadow"
        self._patience = patience
        self._random = random.Random(seed)
        self._beside: asyncio.Task[None] | None = None
        self.limits = limits or Limits()
        self.evidence = Evidence()
        self.judging = True

    async def answer(self, request: Asked) -> Given:
        """Return the answer of one model. Raises what the active model raises."""
        if self.judging and self._random.random() < self._share:
            return await self._by_candidate(request)
        active = await self._by_active(request)
        if self._shadow and self._free():
            self._beside = asyncio.create_task(self._compare_with(request, active))
        return active.answer

    async def close(self) -> None:
        """Judge no more, and wait for what is compared just now."""
        self.judging = False
        if self._beside:
            await asyncio.wait([self._beside])

    async def _by_active(self, request: Asked) -> Seen[Given]:
        started = time.perf_counter()
        seen = await self._active(request)
        self.evidence.active_seconds.append(time.perf_counter() - started)
        return seen

    async def _by_candidate(self, request: Asked) -> Given:
        try:
            seen = await self._tried(request)
        except Exception as error:
            active = await self._by_active(request)  # raises as well if it is the request that is wrong
            self._failed(error)
            return active.answer
        if self._free():
            self._beside = asyncio.create_task(self._compare(request, seen))
        return seen.answer

    async def _compare_with(self, request: Asked, active: Seen[Given]) -> None:
        try:
            candidate = await self._tried(request)
        except Exception as error:
            self._failed(error)
        else:
            self._compared(active, candidate)

    async def _compare(self, request: Asked, candidate: Seen[Given]) -> None:
        try:
            active = await self._by_active(request)
        except Exception as error:
            logger.warning("nothing to compare the candidate with: {!r}", error)
        else:
            self._compared(active, candidate)

    async def _tried(self, request: Asked) -> Seen[Given]:
        started = time.perf_counter()
        async with asyncio.timeout(self._patience):
            seen = await self._candidate(request)
        self.evidence.candidate_seconds.append(time.perf_counter() - started)
        self.evidence.requests += 1
        self._judge()
        return seen

    def _failed(self, error: Exception) -> None:
        logger.warning("the candidate failed: {!r}", error)
        self.evidence.requests += 1
        self.evidence.errors += 1
        self._judge()

    def _compared(self, active: Seen[Given], candidate: Seen[Given]) -> None:
        self.evidence.compare(active.vectors, candidate.vectors)
        self.evidence.compare_hits(active.hits, candidate.hits)
        self._judge()

    def _judge(self) -> None:
        if self.judging and (verdict := self.evidence.verdict(self.limits)) != "undecided":
            self.judging = False
            self._decided(verdict)

    def _free(self) -> bool:
        return self.judging and (self._beside is None or self._beside.done())
