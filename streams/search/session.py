"""Searches that follow the active generation and a model's rollout, for a process that outlives one question."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger
from pymongo.errors import PyMongoError

from processors.embedding.rollout import Evidence, Verdict
from processors.embedding.trial import Trial
from schemas.settings import Settings
from sinks.mongodb import Database
from streams.cache_metrics import report_cache, report_lexicons
from streams.generations.database import base_database
from streams.generations.generation import VIEW_SECONDS, Active, ActiveView, Generation, read_active
from streams.models import rollouts
from streams.models.built_with import model_path
from streams.models.encoders import encoder_at
from streams.models.registry import RegistryError
from streams.models.rollouts import Rollout
from streams.search.cache import Answer, AnswerCache
from streams.search.request import Request

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient

    from streams.search.searcher import Searcher


@asynccontextmanager
async def search_session(
    settings: Settings, *, follow_rollouts: bool = False
) -> AsyncIterator[Callable[[Request], Awaitable[Answer]]]:
    """Open a search as `Searcher.search`: the generation that is active, or was a second ago, answers.

    A model is loaded once for each generation, and answers are kept for a moment. Raises `RegistryError` when asked,
    if the generation's model is not on this machine. With `follow_rollouts` it takes part in a model's rollout,
    judges it by its own questions, and promotes the model or rolls it back; a decision under way is waited for.
    """
    async with base_database(settings) as base:
        session = _Session(settings, base)
        follower = asyncio.create_task(session.follow()) if follow_rollouts else None
        try:
            yield session.search
        finally:
            if follower:
                follower.cancel()
                with suppress(asyncio.CancelledError):
                    await follower
            await session.close()


class _Session:
    """The generations that are open, which of them is active, and the trial of another one that is on."""

    def __init__(self, settings: Settings, base: Database) -> None:
        self._settings = settings
        self._base = base
        self._client: AsyncQdrantClient | None = None
        report_lexicons()
        self._open: dict[str, asyncio.Future[tuple[str, Searcher]]] = {}
        self._view = ActiveView(base)
        self._active = Active(generation="")
        self._rollout = Rollout()
        self._tried = ""
        self._trial: Trial[Request, Answer] | None = None
        self._deciding: asyncio.Task[None] | None = None
        self._searcher: Searcher
        self._cache: AnswerCache

    async def search(self, request: Request) -> Answer:
        active = await self._view.get()
        _, searcher = await self._opened(active.generation)
        if active != self._active:
            self._active, self._searcher = active, searcher
            self._renew()
            self._forget()
        return await self._cache.search(request)

    async def follow(self) -> None:
        """Look for a rollout every VIEW_SECONDS, and take part in the one that is running."""
        while True:
            try:
                await self._step()
            except Exception as error:
                logger.warning("the rollout could not be followed: {!r}", error)
            await asyncio.sleep(VIEW_SECONDS)

    async def close(self) -> None:
        """Leave the trial, wait for a decision under way, and disconnect."""
        try:
            await self._end_trial()
            if self._deciding:
                await asyncio.wait([self._deciding])
        finally:
            if self._client:
                await self._client.close()

    def _renew(self) -> None:
        """Forget the answers of before; from now on the trial answers, or the active generation alone."""
        tried = self._trial if self._active.generation == self._rollout.baseline else None
        self._cache = AnswerCache(tried.answer if tried and tried.judging else self._searcher.search)
        report_cache("searches", lambda: self._cache)

    def _forget(self) -> None:
        """Let go of what is not in use; the generation before stays open, so that a rollback needs no loading."""
        used = {self._active.generation, self._active.previous}
        used.add(self._rollout.generation if self._rollout.running else None)
        self._open = {name: opened for name, opened in self._open.items() if name in used}

    async def _step(self) -> None:
        self._rollout = rollout = await rollouts.read(self._base)
        running = rollout.state == "running"
        if self._trial and not (running and rollout.id == self._tried):
            await self._end_trial()
            if rollout.state != "promoted":  # or else the next question needs it
                self._forget()
        if not running:
            return
        if (await read_active(self._base)).generation != rollout.baseline:
            await rollouts.end(self._settings, rollout, "stopped", reason=rollouts.OVERTAKEN)
        elif rollout.id != self._tried:
            await self._begin_trial(rollout)
            self._tried = rollout.id
        elif self._trial and self._trial.judging:
            await rollouts.report(self._base, rollout, self._trial.evidence.figures())

    async def _begin_trial(self, rollout: Rollout) -> None:
        _, active = await self._opened(rollout.baseline)
        try:
            version, candidate = await self._opened(rollout.generation)
            if version != rollout.vector_version:
                raise RegistryError(f"{rollout.model} here is not the one that is rolled out")
        except PyMongoError:
            raise
        except Exception as error:  # once promoted it would fail every question that is asked here
            logger.warning("{} could not be loaded: {!r}", rollout.model, error)
            await rollouts.end(self._settings, rollout, "rolled back", reason=f"it could not be loaded: {error}")
            return
        self._trial = Trial(
            active.seen,
            candidate.seen,
            partial(self._decided, rollout),
            mode=rollout.mode,
            share=rollout.share,
            limits=rollout.limits,
        )
        if self._active.generation:
            self._renew()

    async def _end_trial(self) -> None:
        trial, self._trial = self._trial, None
        if trial:
            if self._active.generation:
                self._renew()
            await trial.close()

    def _decided(self, rollout: Rollout, verdict: Verdict) -> None:
        self._renew()  # the candidate's answers are over, those that were kept as well
        assert self._trial
        self._deciding = asyncio.create_task(self._decide(rollout, verdict, self._trial.evidence))

    async def _decide(self, rollout: Rollout, verdict: Verdict, evidence: Evidence) -> None:
        try:
            if verdict == "promote":
                await rollouts.promote(self._settings, rollout, evidence.figures())
            else:
                reason = evidence.reason(rollout.limits)
                await rollouts.end(self._settings, rollout, "rolled back", figures=evidence.figures(), reason=reason)
        except Exception as error:
            logger.error("{}: the decision to {} could not be written: {!r}", rollout.model, verdict, error)

    async def _opened(self, generation: str) -> "tuple[str, Searcher]":
        """Return a generation's model version and its search; loaded once, however many ask at once."""
        opened = self._open.get(generation)
        if opened is None:
            opened = self._open[generation] = asyncio.ensure_future(self._load(generation))
        try:
            return await asyncio.shield(opened)
        except BaseException:
            if opened.done() and self._open.get(generation) is opened:
                del self._open[generation]  # the next question tries again
            raise

    async def _load(self, name: str) -> "tuple[str, Searcher]":
        generation = Generation(name)
        path = await model_path(self._settings, name)
        loading = asyncio.create_task(asyncio.to_thread(encoder_at, path))
        await asyncio.sleep(0)
        # Here, since qdrant-client takes 0.7 s to import, in which the model is loaded beside it.
        from streams.search.searcher import Searcher
        from streams.search.store import SearchStore
        from streams.vector_metrics import connect

        encoder = await loading
        self._client = self._client or connect(self._settings.qdrant)
        store = SearchStore(self._client, generation.suffix)
        return encoder.version, Searcher(store, generation.database(self._base), encoder)
