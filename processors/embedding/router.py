"""Serves concurrent callers while models change: shadow, share of the traffic, promotion, rollback."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from loguru import logger

from processors.embedding.model import Vectors
from processors.embedding.pool import EmbeddingPool
from processors.embedding.rollout import Evidence, Limits, Verdict

Mode = Literal["shadow", "share"]


class Embedded(NamedTuple):
    """Vectors, and the version of the one model that made all of them."""

    version: str
    vectors: Vectors


@dataclass(slots=True)
class Rollout:
    """A candidate beside the active model. In shadow nobody gets its vectors; else a `share` of requests do."""

    pool: EmbeddingPool
    mode: Mode
    share: float
    limits: Limits
    evidence: Evidence


class ModelRouter:
    """Answers every request with one model; changing models takes one assignment and fails no request.

    The model that was active before stays open, so that a rollback needs no loading. A request that the candidate
    fails is answered by the active model. The router judges the candidate itself, and promotes it or rolls it back.
    """

    def __init__(self, active: EmbeddingPool, *, seed: int | None = None) -> None:
        self._active = active
        self._previous: EmbeddingPool | None = None
        self._rollout: Rollout | None = None
        self._shadow: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._users: dict[EmbeddingPool, int] = {}
        self._random = random.Random(seed)
        self.last_verdict: tuple[Verdict, dict[str, float]] | None = None

    @property
    def version(self) -> str:
        """The version of the active model."""
        return self._active.version

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Return the texts' vectors, all by one model, and which one that was."""
        rollout = self._rollout
        if rollout and rollout.mode == "share" and self._random.random() < rollout.share:
            try:
                answer = await self._candidate(rollout, texts)
                if self._shadow is None or self._shadow.done():
                    self._shadow = asyncio.create_task(self._beside(rollout, texts, answer.vectors))
                return answer
            except Exception as error:
                logger.warning("the candidate {} failed: {!r}", rollout.pool.version, error)
        active = self._active
        started = time.perf_counter()
        vectors = await self._with(active, texts)
        if rollout and rollout is self._rollout:
            rollout.evidence.active_seconds.append((time.perf_counter() - started) / max(1, len(texts)))
            if rollout.mode == "shadow" and (self._shadow is None or self._shadow.done()):
                # One at a time: a slow candidate is measured less often, and holds nobody up.
                self._shadow = asyncio.create_task(self._in_shadow(rollout, texts, vectors))
        return Embedded(active.version, vectors)

    def roll_out(self, pool: EmbeddingPool, mode: Mode, *, share: float = 0.1, limits: Limits | None = None) -> None:
        """Begin to judge a candidate; one that was being judged is rolled back."""
        self._end("roll back")
        self._rollout = Rollout(pool, mode, share, limits or Limits(), Evidence())

    def activate(self, pool: EmbeddingPool) -> None:
        """Answer with this model from now on; requests in flight end with the one they began with."""
        if pool is self._active:
            return
        if self._previous not in (None, pool):
            self._retire(self._previous)
        self._previous, self._active = self._active, pool

    def rollback(self) -> str:
        """Answer with the model that was active before, or drop the candidate; return the version that is active."""
        if self._rollout:
            self._end("roll back")
        elif self._previous is None:
            raise LookupError("there is no earlier model")
        else:
            self._active, self._previous = self._previous, self._active
        return self._active.version

    async def close(self) -> None:
        """Close every model, after what is in flight."""
        if self._shadow:
            await asyncio.wait([self._shadow])
        self._end("roll back")
        for pool in {self._active, *([self._previous] if self._previous else [])}:
            self._retire(pool)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _candidate(self, rollout: Rollout, texts: Sequence[str]) -> Embedded:
        evidence = rollout.evidence
        evidence.requests += 1
        started = time.perf_counter()
        try:
            vectors = await self._with(rollout.pool, texts)
        except Exception:
            evidence.errors += 1
            self._judge(rollout)
            raise
        evidence.candidate_seconds.append((time.perf_counter() - started) / max(1, len(texts)))
        self._judge(rollout)
        return Embedded(rollout.pool.version, vectors)

    async def _in_shadow(self, rollout: Rollout, texts: Sequence[str], active: Vectors) -> None:
        try:
            candidate = (await self._candidate(rollout, texts)).vectors
        except Exception as error:
            logger.warning("the shadow {} failed: {!r}", rollout.pool.version, error)
        else:
            rollout.evidence.compare(active, candidate)

    async def _beside(self, rollout: Rollout, texts: Sequence[str], candidate: Vectors) -> None:
        """Compare what the active model makes of the texts that the candidate was asked for."""
        if rollout is self._rollout:
            rollout.evidence.compare(await self._with(self._active, texts), candidate)

    def _judge(self, rollout: Rollout) -> None:
        if rollout is self._rollout and (verdict := rollout.evidence.verdict(rollout.limits)) != "undecided":
            self._end(verdict)

    def _end(self, verdict: Verdict) -> None:
        rollout, self._rollout = self._rollout, None
        if rollout is None:
            return
        self.last_verdict = verdict, rollout.evidence.figures()
        logger.info("{}: {} {}", rollout.pool.version, *self.last_verdict)
        if verdict == "promote":
            self.activate(rollout.pool)
        elif rollout.pool not in (self._active, self._previous):
            self._retire(rollout.pool)

    async def _with(self, pool: EmbeddingPool, texts: Sequence[str]) -> Vectors:
        self._users[pool] = self._users.get(pool, 0) + 1
        try:
            return await pool.embed(texts)
        finally:
            self._users[pool] -= 1

    def _retire(self, pool: EmbeddingPool | None) -> None:
        """Close a pool when the last request that began with it has ended."""
        if pool is None:
            return

        async def later() -> None:
            while self._users.get(pool):  # noqa: ASYNC110 - a request lasts milliseconds
                await asyncio.sleep(0.01)
            self._users.pop(pool, None)
            await pool.close()

        task = asyncio.create_task(later())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
