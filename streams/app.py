"""The Faust app: one agent a topic, each handing batches of raw messages to the delivery layer."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import faust
from faust.web import Request, Response, View
from loguru import logger
from opentelemetry.metrics import CallbackOptions, Observation

from processors.embedding.model import EmbeddingModel, SentenceEncoder
from processors.embedding.pool import EmbeddingPool
from processors.sync.policy import load_policy
from schemas.settings import Settings
from schemas.topics import MATCH_REQUESTS
from sinks import mongodb, qdrant, restored, resumes, starts
from sinks.cache import CACHE_SECONDS, Cache
from sinks.forgotten import Forgotten
from sinks.matches import MatchStore
from sinks.owners import RevokedError
from sinks.sealing import NoKeyError
from sinks.topic_sink import TopicSink
from streams import kept_words, metrics, pipeline, vector_metrics
from streams.cache_metrics import report_cache, report_lexicons
from streams.census import Census
from streams.certificates import Certificates
from streams.consumer import Backlog, Transport, buffered
from streams.delivery import Courier, Inbound, Stage
from streams.generations.generation import BASE, ActiveView, Generation
from streams.generations.sink import GenerationSink
from streams.lag_gauge import watch_lag
from streams.lanes import Held, Lanes
from streams.membership import Leaver, Membership
from streams.presence import report_presence
from streams.process_metrics import report_process
from streams.progress import STALLED_SECONDS, Outage, Progress
from streams.server_metrics import Servers
from streams.starting import all_at_once, until_it_answers
from streams.store_metrics import listeners

LANES = 3  # partitions worked on side by side; more only contend for MongoDB and the interpreter (measured)
Ask = Callable[[], Awaitable[object]]
_SEALED = "sealed"
"""What holds a stage back until its worker has a key."""


class Resources:
    """What the agents share: opened when the worker starts, closed after its agents have drained."""

    _results: TopicSink

    def __init__(
        self,
        settings: Settings,
        model_path: Path | None,
        open_model: Callable[[Path], EmbeddingModel] = SentenceEncoder,
    ) -> None:
        self._open_model = open_model
        self.generation = Generation(settings.worker.generation or BASE)
        self.kept: Mapping[str, Cache[Any, Any]] = {}
        self._settings = settings
        self._model_path = model_path
        self._stages: dict[str, Stage[Any]] = {}
        self._opened = AsyncExitStack()
        self.progress: dict[str, Progress] = {}
        self.failure: str | None = None
        self.member: Callable[[], str] = lambda: ""
        self.ready = asyncio.Event()
        self.draining = False
        self.in_flight = 0
        self.idle = asyncio.Event()
        self.idle.set()

    @property
    def group(self) -> str:
        """The consumer group."""
        return self.generation.named(self._settings.kafka.group_id)

    async def open(self) -> None:
        """Connect to all sinks and build the stages; every sink must answer. What fails closes what it has opened."""
        worker = self._settings.worker
        async with AsyncExitStack() as opened:
            stages = await self._open(opened)
            started = partial(starts.record, self._base, self.group, worker.port, self._settings.configuration)
            await until_it_answers("MongoDB", started)
            self._beside(opened, self._expire())
            self._beside(opened, kept_words.let_go())
            self._opened = opened.pop_all()
        self._stages = {stage.name: stage for stage in stages}
        self.ready.set()

    def _beside(self, opened: AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
        """Do something that never ends, until the resources are closed."""
        opened.callback(asyncio.create_task(work).cancel)

    def _watch(self, opened: AsyncExitStack, base: mongodb.Database, database: mongodb.Database, **others: Ask) -> None:
        """Report whether the servers answer, what is stored, and when certificates end."""
        servers = Servers({"kafka": self._results.ping, "mongodb": lambda: base.command("ping"), **others})
        for each in (servers.watch(), Census(base, database).watch(), Certificates(self._settings).watch()):
            self._beside(opened, each)

    async def _open(self, opened: AsyncExitStack) -> list[Stage[Any]]:
        s = self._settings
        client, base = mongodb.connect(s.mongodb, *listeners(s.mongodb))
        opened.push_async_callback(client.close)
        database, view = self.generation.database(base), ActiveView(base)
        results = GenerationSink(
            s.kafka,
            client_id=f"{self.group}-results",
            generation=self.generation,
            view=view,
            group=self.group,
            member=lambda: self.member(),
        )
        await all_at_once(
            # A connection for each lane, before the first batches wait for it.
            *(until_it_answers("MongoDB", lambda: client.admin.command("ping")) for _ in range(LANES)),
            until_it_answers("Kafka", lambda: opened.enter_async_context(results)),
        )
        self._results, self._forgotten, self._base = results, Forgotten(base), base
        await results.prepare()
        policy, kept = load_policy(s.sync.policy), s.retention.events
        golden = pipeline.resolvers(database, results, policy)
        stages: list[Stage[Any]] = [*pipeline.sync_stages(database, results, policy, golden, kept).values()]
        if self._model_path is None:
            self._watch(opened, base, database)
            return stages
        encoder = await asyncio.to_thread(self._open_model, self._model_path)
        pool = EmbeddingPool(encoder, workers=s.models.embedding_threads)
        opened.push_async_callback(pool.close)
        points = vector_metrics.connect(s.qdrant)
        opened.push_async_callback(points.close)
        self._watch(opened, base, database, qdrant=points.get_collections)
        vectors = qdrant.VectorStore(points, self.generation.suffix)
        texts = resumes.ResumeStore(points, self.generation.suffix)
        for store in (vectors, texts):
            await until_it_answers("Qdrant", partial(store.prepare, encoder.dimensions))
        matches = MatchStore(database)
        ends = await restored.ends(base)
        matching = pipeline.matching_stages(pool, vectors, texts, matches, results, s.matching, ends)
        self.kept = matching.kept
        for name, cache in matching.kept.items():
            report_cache(name, lambda cache=cache: cache)  # type: ignore[misc]
        report_cache("embeddings", lambda: pool)
        report_lexicons()
        outcomes = pipeline.outcome_stages(base, view, policy, kept)
        return [*stages, *pipeline.resolution_stages(golden, policy), *matching.stages, *outcomes]

    async def _open_for_all(self, opened: AsyncExitStack) -> tuple[mongodb.Database, TopicSink]:
        """Connect to what stages have that work for all generations alike: the base database, and the results."""
        own = self._settings.mongodb
        client, base = mongodb.connect(own, *listeners(own))
        opened.push_async_callback(client.close)
        results = TopicSink(self._settings.kafka, client_id=f"{self.group}-results")
        await until_it_answers("MongoDB", lambda: client.admin.command("ping"))
        await until_it_answers("Kafka", results.__aenter__)
        opened.push_async_exit(results)
        self._results, self._forgotten, self._base = results, Forgotten(base), base
        self._watch(opened, base, base)
        return base, results

    async def _expire(self) -> None:
        """A worker that has nothing to do lets go of what it keeps, too."""
        while True:
            await asyncio.sleep(CACHE_SECONDS / 10)
            for kept in self.kept.values():
                kept.expire()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count a batch in flight, for as long as the block lasts."""
        self.in_flight += 1
        self.idle.clear()
        try:
            yield
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self.idle.set()

    def fail(self, what: str, error: BaseException) -> None:
        """End the process, by the way that a signal takes; the first failure is the one that is told."""
        logger.opt(exception=error).critical("{}: {}; the worker ends", what, type(error).__name__)
        if self.failure is None:
            self.failure = what
            os.kill(os.getpid(), signal.SIGTERM)

    def courier(self, stage: str) -> Courier[Any]:
        """Return the courier of a stage."""
        s = self._settings
        return Courier(
            self._stages[stage],
            self._results,
            group=self.group,
            max_bytes=s.worker.batch_bytes,
            retry_max_seconds=s.worker.retry_max_seconds,
            forgotten=self._forgotten,
            progress=self.progress.get(stage),
            store=self._base,
        )

    def revoke(self, generation: int) -> None:
        """Give up what is being published for partitions of earlier generations of the group."""
        if self.ready.is_set():
            self._results.revoke(generation)

    async def close(self) -> None:
        """Close whatever was opened."""
        self.ready.clear()
        await self._opened.aclose()


class LoomaApp(faust.App):  # type: ignore[misc]
    """A Faust app that opens its sinks first, and on stop lets every batch in flight finish and be committed."""

    def __init__(self, *args: Any, resources: Resources, settings: Settings, **kwargs: Any) -> None:
        self.kafka = settings.kafka
        super().__init__(*args, **kwargs)
        self.resources = resources
        resources.member = self._member_id
        self._drain_seconds = settings.worker.drain_seconds
        self._request_seconds = settings.kafka.timeout_seconds
        self._backlog = Backlog()
        self._outage = Outage()
        self._leaver = Leaver(self.kafka, resources.group)
        self._membership = Membership(
            settings.worker.members_dir or settings.data_dir / "members",
            self.kafka.bootstrap_servers,
            resources.group,
            self._member_id,
            self._leaver,
        )

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    async def on_start(self) -> None:
        """Open the sinks before the first partition is assigned."""
        await self.resources.open()
        await self._leaver.connect()
        await super().on_start()
        self.add_future(self._membership.watch())

    async def stop(self) -> None:
        """Drain, commit, then stop as Faust does."""
        if not self._stopped.is_set() and not self.resources.draining:
            self.resources.draining = True
            logger.info("draining: {} batches in flight", self.resources.in_flight)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.resources.idle.wait(), self._drain_seconds)
            if self.started:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.consumer.commit(), self._request_seconds)
        await super().stop()

    async def on_shutdown(self) -> None:
        """Close the sinks when nothing uses them any more."""
        await super().on_shutdown()
        await self.resources.close()
        await self._leaver.close()
        self._membership.close()

    def stalled(self) -> dict[str, float]:
        """Return for how many seconds each stage, or else a topic's partition, has had work and shown no sign of life.

        A stage that retries says what it waits for, which is a sign of life: its topic is not looked at either.
        """
        stages = self.resources.progress.values()
        is_away = self.started and not self.rebalancing and not self.consumer.in_contact
        self._outage.note(stages, is_answering=not is_away)
        waiting = self.consumer.sealed() if self.started else {}
        for each in stages:
            if each.topic in waiting:
                each.waits(_SEALED, NoKeyError.__name__, waiting[each.topic])
            else:
                each.released(_SEALED)
        silent = {each.stage: each.silent_seconds for each in stages}
        held_back = {each.topic for each in stages if each.held_back_by}
        if not self.started or self.rebalancing or not self.consumer.in_contact:
            self._backlog = Backlog()
            return silent
        behind = self._backlog.stalled(self.consumer.progress(), time.monotonic())
        return {topic: seconds for topic, seconds in behind.items() if topic not in held_back} | silent

    def _member_id(self) -> str:
        """Return what the group's coordinator calls this worker; "" while it has no name."""
        consumer = getattr(getattr(self.consumer, "_thread", None), "_consumer", None)
        return getattr(getattr(consumer, "_coordinator", None), "member_id", None) or ""


def create_app(
    settings: Settings, model_path: Path | None, open_model: Callable[[Path], EmbeddingModel] = SentenceEncoder
) -> LoomaApp:
    """Return the worker's app. Without a model it only syncs: no vectors, no matches."""
    resources = Resources(settings, model_path, open_model)
    app = bare_app(settings, resources, buffered_events=buffered(settings.worker.batch_events))
    stages = pipeline.SYNC if model_path is None else {**pipeline.SYNC, **pipeline.DERIVED}
    for stage, topic in stages.items():
        # Small batches of two lanes wait for each other, in Qdrant and in MongoDB: derived stages have one (measured).
        lanes = LANES if stage in pipeline.SYNC else 1
        # Both ends of a pair come by MATCH_REQUESTS: one at a time, so that a match is published once.
        add_agent(app, stage, topic, lanes=lanes, batch=settings.worker.batch_events, is_strict=topic == MATCH_REQUESTS)
    return app


def bare_app(settings: Settings, resources: Resources, *, buffered_events: int) -> LoomaApp:
    """Return an app with its health pages and its lag, and no agent yet."""
    datadir = settings.data_dir / "faust" / str(settings.worker.port)
    datadir.mkdir(parents=True, exist_ok=True)
    app = LoomaApp(
        resources.group,
        resources=resources,
        settings=settings,
        broker=[f"kafka://{server}" for server in settings.kafka.bootstrap_servers.split(",")],
        datadir=str(datadir),
        store="memory://",
        topic_disable_leader=True,
        topic_partitions=settings.kafka.partitions,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=10.0,
        broker_heartbeat_interval=0.1,  # also how long it may take until a worker hears of a rebalance
        broker_rebalance_timeout=20.0,
        broker_commit_interval=0.5,
        consumer_max_fetch_size=4 * 1024 * 1024,
        stream_wait_empty=False,
        stream_buffer_maxsize=buffered_events,
        web_port=settings.worker.port,
        web_bind=settings.worker.host,
        web_router_enabled=False,  # nothing but our own pages
        web_tables_enabled=False,
        worker_redirect_stdouts=False,
    )
    _add_pages(app, resources)
    watch_lag(app, settings.kafka, resources.group)
    report_presence(lambda: resources.ready.is_set() and not resources.draining)
    _add_progress(resources)
    app.task(report_process(settings.data_dir).watch, traced=False)
    return app


def add_agent(
    app: LoomaApp,
    stage: str,
    name: str,
    *,
    lanes: int,
    batch: int,
    max_queued: int | None = None,
    is_strict: bool = False,
    arriving: Callable[[Inbound], None] | None = None,
) -> None:
    """Have a stage work on a topic: `lanes` batches of at most `batch` messages side by side, of different partitions.

    At most `max_queued` messages wait for a lane, by default LANES batches. What is held back is retried by partition,
    beside the lanes; a strict stage waits for it instead, so that it never works on more than its lanes. `arriving` is
    told of each message as it comes, before its turn.

    What escapes a batch, which nothing should, ends the worker: its messages are neither handled nor committed, and
    whoever takes the partitions next gets them again.
    """
    resources = app.resources
    own_name = resources.generation.topic(name)
    topic = app.topic(own_name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    progress = resources.progress[stage] = Progress(stage, own_name)

    async def agent(stream: Any) -> None:
        await resources.ready.wait()
        courier = resources.courier(stage)
        progress.dropped()

        async def handle(events: list[Any]) -> Held:
            if resources.draining:
                await asyncio.Event().wait()  # not acknowledged: the next worker gets them
            # What was fetched before a rebalance is fetched again, here or elsewhere.
            current = [event for event in events if event.message.generation_id == app.consumer_generation_id]
            progress.handled(len(events) - len(current))
            bring = courier.deliver if is_strict else courier.attempt
            return await finish(current, partial(bring, [inbound(event.message) for event in current]))

        async def finish(events: list[Any], bring: Callable[[], Awaitable[Held | None]]) -> Held:
            """Bring messages to their effects, acknowledge them, and return what goes on with those held back."""
            held: Held = {}
            try:
                with resources.working():
                    held = await bring() or {}
                    for event in events:
                        if event.message.partition not in held:
                            event.ack()
            except RevokedError:
                logger.info("{}: {} messages are left to whoever has their partitions now", stage, len(events))
            except Exception as error:
                # Said here, since a Faust stream may swallow that its task is cancelled because a lane has died.
                resources.fail(f"{stage} cannot go on", error)
                await asyncio.Event().wait()
            of = {p: [e for e in events if e.message.partition == p] for p in held}
            progress.handled(len(events) - sum(map(len, of.values())))
            return {p: partial(finish, of[p], go_on) for p, go_on in held.items()}

        async with asyncio.TaskGroup() as group:
            work = Lanes(group, handle, lanes, batch, max_queued or LANES * batch)
            async for first in stream.noack().events():
                event, waiting = first, stream.channel.queue
                while True:
                    progress.received()
                    if arriving is not None:
                        arriving(inbound(event.message))
                    await work.put(event.message.partition, event)
                    if waiting.empty():
                        break
                    event = waiting.get_nowait()  # a stream takes a turn of the event loop for each

    app.agent(topic, name=f"looma-{stage.replace(' ', '-')}")(agent)


def inbound(message: Any) -> Inbound:
    """Return a Faust message as the delivery layer takes it."""
    return Inbound(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        [(n.decode() if isinstance(n, bytes) else n, v or b"") for n, v in _pairs(message.headers)],
        message.timestamp or 0.0,
        message.generation_id,
    )


def _pairs(headers: Any) -> Sequence[tuple[Any, Any]]:
    if not headers:
        return ()
    return list(headers.items()) if hasattr(headers, "items") else list(headers)


def _add_pages(app: faust.App, resources: Resources) -> None:
    """Liveness says the process turns; readiness that it has partitions and open sinks, and that no stage stalls."""

    @app.page("/health")  # type: ignore[untyped-decorator]
    async def health(view: View, request: Request) -> Response:
        return view.json({"status": "up"})

    @app.page("/ready")  # type: ignore[untyped-decorator]
    async def ready(view: View, request: Request) -> Response:
        stages = resources.progress.values()
        stalled = any(each.stalled_seconds > STALLED_SECONDS for each in stages)
        assigned = resources.ready.is_set() and not app.rebalancing and bool(app.consumer.assignment())
        is_ready = assigned and not stalled and not resources.failure
        shown = {"ready": is_ready, "stages": {each.stage: each.to_dict() for each in stages}}
        return view.json(shown, status=200 if is_ready else 503)


def _add_progress(resources: Resources) -> None:
    """Report for each stage how long it has had work and got nowhere, and when it last got somewhere."""

    def stalled(_: CallbackOptions) -> Iterator[Observation]:
        for each in resources.progress.values():
            yield Observation(each.stalled_seconds, {"stage": each.stage, "topic": each.topic})

    def last(_: CallbackOptions) -> Iterator[Observation]:
        for each in resources.progress.values():
            yield Observation(each.last_progress, {"stage": each.stage, "topic": each.topic})

    def queued(_: CallbackOptions) -> Iterator[Observation]:
        for each in resources.progress.values():
            yield Observation(each.queued, {"stage": each.stage, "topic": each.topic})

    metrics.STAGE_STALLED.observe(stalled)
    metrics.STAGE_LAST_PROGRESS.observe(last)
    metrics.STAGE_QUEUED.observe(queued)
