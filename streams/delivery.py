"""The delivery layer of every agent: decode, validate, process, sinks, and only then acknowledge.

Raw bytes come in. A message that cannot be decoded, or that fails for good, goes to `dead-letters` with its original
bytes and the reason. A transient failure holds the batch back: it is retried with backoff and jitter, each partition
apart, so order is kept and no partition waits for another. Whoever calls `deliver` acknowledges its messages when it
returns, never before: at-least-once delivery, and since stages are idempotent, effectively-once results.
"""

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

import cramjam
from loguru import logger
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from processors.privacy import ERASED, SPEAKING, people_of
from schemas import chain, semconv
from schemas.chain import CAUSE, PUBLISHED, REPLAY
from schemas.envelope import Headers, timestamp
from schemas.errors import BadMessageError
from schemas.propagation import extract, inject, traced
from schemas.topics import DEAD_LETTERS, EVENTS, MATCH_FEEDBACK, RECORDS, RESUMES
from sinks.batches import UNREADABLE
from sinks.errors import for_log, is_transient
from sinks.forgotten import Forgotten
from sinks.kafka import MAX_MESSAGE_BYTES
from sinks.mongodb import Database
from sinks.owners import Owner, RevokedError
from sinks.restarts import one_process
from sinks.runs import runs
from sinks.sealing import MOST_OF_NAME, SEALED
from sinks.topic_sink import Message, TopicSink
from streams import metrics
from streams.lanes import Held
from streams.progress import Progress, failing_since
from streams.tracing import child_span, context_of, start_span

T = TypeVar("T")
MAX_STACK_BYTES = 16 * 1024
_KEY_ROOM = 256 * 1024
_HEADER_ROOM = 512 * 1024
_HEADER_OVERHEAD = 16
_ROOM = MAX_MESSAGE_BYTES - _HEADER_ROOM - 64 * 1024  # for key and value
_OF_TALENTS = (EVENTS["talent"], RECORDS["talent"], RESUMES, MATCH_FEEDBACK)  # of every generation


@dataclass(frozen=True, slots=True)
class Inbound:
    """A Kafka message as it came, before anything is trusted; `timestamp` is when the broker appended it.

    `generation` is the consumer group's when it was fetched; None outside of a group.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: float
    generation: int | None = None

    @property
    def owner(self) -> Owner | None:
        """Whose it is to work on it, if a group's."""
        return None if self.generation is None else Owner(self.topic, self.partition, self.generation)

    @property
    def size(self) -> int:
        """Bytes of key and value."""
        return len(self.key or b"") + len(self.value or b"")

    @property
    def is_replayed(self) -> bool:
        """Whether it is a replay's, or goes back to one."""
        return any(name == REPLAY for name, _ in self.headers)


@dataclass(slots=True)
class Delivery(Generic[T]):
    """One decoded message on its way through a stage, with the span of its own trace."""

    inbound: Inbound
    item: T
    span: Span
    outcome: str = field(default="applied")

    def superseded_by(self, other: "Delivery[T]") -> None:
        """Note that this message's effect is part of what `other` caused downstream."""
        self.outcome = "superseded"
        self.span.add_link(other.span.get_span_context())

    @property
    def cause(self) -> str | None:
        """The id of the event that the chain began with, as the stage before has told; None if it has not."""
        return chain.said(self.inbound.headers, CAUSE)

    def derived_headers(self, headers: Headers) -> Headers:
        """Return the headers of a message derived from this one, in this one's trace; a replay's mark goes on."""
        replay = chain.said(self.inbound.headers, REPLAY)
        mark = [(REPLAY, replay.encode())] if replay else []
        published = (PUBLISHED, str(round(self.inbound.timestamp * 1000)).encode())
        return traced([*headers, published, *mark], self.span.get_span_context())


class _HeldBackError(Exception):
    """A first try has failed for no fault of its messages."""

    def __init__(self, since: str, pause: float) -> None:
        super().__init__(since)
        self.since = since
        self.pause = pause


@dataclass(slots=True)
class _Rest(Generic[T]):
    """The messages of one partition that are held back, and those behind them that nobody has looked at."""

    reason: _HeldBackError
    deliveries: list[Delivery[T]] = field(default_factory=list)
    later: list[Inbound] = field(default_factory=list)


class Stage(Protocol[T]):
    """What a topic's messages go through. `process` must be idempotent and includes its sinks."""

    name: str
    operation: str
    """What spans call the work on one message: `process`, but for a second stage of the same topic."""

    def decode(self, message: Inbound) -> T:
        """Return the message's content. Raises BadMessageError."""
        ...

    def attributes(self, item: T) -> dict[str, str]:
        """Return span attributes that identify the item; no personal data."""
        ...

    async def process(self, deliveries: Sequence[Delivery[T]]) -> None:
        """Apply a batch, in order; return when every effect is durable. May set the outcome of each delivery."""
        ...


def decoded(stage: Stage[T], message: Inbound) -> T:
    """Return a message's content. Raises BadMessageError and nothing else, whatever the bytes."""
    for name, _ in message.headers:
        if name == UNREADABLE:
            # Anybody may write such a header: what it says stays in it.
            raise BadMessageError(
                "unreadable_batch", f"a batch that cannot be unpacked; the header {UNREADABLE} says why"
            )
        if name == SEALED:
            raise BadMessageError("sealed", "it is sealed for another place, was changed, or no key here opens it")
        if not is_utf8(name):
            raise BadMessageError("bad_header", "a header's name is not UTF-8")
    try:
        return stage.decode(message)
    except BadMessageError:
        raise
    except Exception as error:
        raise BadMessageError("undecodable", f"{stage.name} cannot decode it: {type(error).__name__}") from error


def is_utf8(text: str) -> bool:
    """Whether a header's name is text, so that it can be sent: bytes that are none come as surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def chunks(batch: Sequence[Inbound], max_bytes: int) -> Iterator[list[Inbound]]:
    """Split a batch into runs of at most `max_bytes`; a larger single message is a run of its own."""
    return runs(batch, len(batch), max_bytes, attrgetter("size"))


def owners_of(deliveries: Iterable[Delivery[Any]]) -> set[Owner]:
    """Return whose messages are, of a group's."""
    return {owner for delivery in deliveries if (owner := delivery.inbound.owner)}


class Courier(Generic[T]):
    """Takes batches of one topic through one stage."""

    def __init__(
        self,
        stage: Stage[T],
        results: TopicSink,
        *,
        group: str,
        max_bytes: int,
        retry_max_seconds: float,
        forgotten: Forgotten | None = None,
        progress: Progress | None = None,
        store: Database | None = None,
    ) -> None:
        self._stage = stage
        self._store = store
        self._progress = progress
        self._results = results
        self._group = group
        self._forgotten = forgotten
        self._max_bytes = max_bytes
        self._wait = wait_random_exponential(multiplier=0.2, max=retry_max_seconds)

    async def deliver(self, batch: Sequence[Inbound]) -> None:
        """Bring every message of `batch` to its effect or to `dead-letters`. Returns only when that is durable.

        Raises RevokedError if a message's partition is assigned anew: whoever has it now brings all of them there.
        """
        for go_on in (await self.attempt(batch)).values():
            await go_on()

    async def attempt(self, batch: Sequence[Inbound]) -> Held:
        """Do what `deliver` does, but return what a server that is away or a conflict holds back.

        The messages of all partitions that it does not return have had their effects.
        """
        held: dict[int, _Rest[T]] = {}
        with logger.contextualize(stage=self._stage.name):
            for run in chunks(batch, self._max_bytes):
                for message in run:
                    if message.partition in held:
                        held[message.partition].later.append(message)
                await self._deliver([m for m in run if m.partition not in held], held)
        return {partition: partial(self._go_on, rest) for partition, rest in held.items()}

    async def _go_on(self, rest: _Rest[T]) -> None:
        await asyncio.sleep(rest.reason.pause)
        with logger.contextualize(stage=self._stage.name):
            await self._process(rest.deliveries, None, rest.reason.since)
            self._end(rest.deliveries)
            for run in chunks(rest.later, self._max_bytes):
                await self._deliver(run, None)

    async def _deliver(self, batch: Sequence[Inbound], held: dict[int, _Rest[T]] | None) -> None:
        """Deliver a run; add to `held` what is held back, or else wait for it."""
        if not batch:
            return
        started = time.perf_counter()
        labels = metrics.of_stage(self._stage.name, batch[0].topic)
        batch = await self._wanted(batch)
        good: list[Delivery[T]] = []
        for message in batch:
            span = self._start(message)
            try:
                item = decoded(self._stage, message)
            except BadMessageError as error:
                await self._give_up(message, span, error.code, error.detail, _stack(error.__cause__))
                continue
            span.set_attributes(self._stage.attributes(item))
            good.append(Delivery(message, item, span))
        await self._process(good, held)
        self._end([d for d in good if d.inbound.partition not in held] if held else good)
        metrics.batch_size.record(len(batch), labels)
        of = context_of(good[0].span) if good else None  # the exemplar
        metrics.process_duration.record(time.perf_counter() - started, labels, of)

    def _end(self, deliveries: Sequence[Delivery[T]]) -> None:
        """Say what became of messages that are through."""
        if not deliveries:
            return
        labels = metrics.of_stage(self._stage.name, deliveries[0].inbound.topic)
        now, outcomes = time.time(), Counter[str]()
        slowest = min(deliveries, key=lambda each: each.inbound.timestamp)  # the exemplar
        for delivery in deliveries:
            if delivery.outcome != "dead_letter":
                delivery.span.set_attribute(semconv.OUTCOME, delivery.outcome)
                delivery.span.end()
                if not delivery.inbound.is_replayed:  # its age is not how long it took
                    of = context_of(delivery.span) if delivery is slowest else None
                    metrics.event_latency.record(max(0.0, now - delivery.inbound.timestamp), labels, of)
                outcomes[delivery.outcome] += 1
        for outcome, number in outcomes.items():
            metrics.events_processed.add(number, {**labels, "outcome": outcome})

    async def _wanted(self, batch: Sequence[Inbound]) -> Sequence[Inbound]:
        """Return the batch without what the log's erasure has left there, and without what forgotten people say."""
        topic = batch[0].topic
        batch = [m for m in batch if dict(m.headers).get("ce_type") != ERASED.encode()]
        forgotten = self._forgotten
        if forgotten is None:
            return batch
        await self._retrying(topic, forgotten.refresh)
        return [m for m in batch if not is_of(m, forgotten)]

    def _start(self, message: Inbound) -> Span:
        parent = extract(message.headers)
        return start_span(
            f"{self._stage.operation} {message.topic}",
            parent,
            {
                semconv.SYSTEM: "kafka",
                semconv.OPERATION: self._stage.operation,
                semconv.OPERATION_TYPE: "process",
                semconv.DESTINATION: message.topic,
                semconv.PARTITION: str(message.partition),
                semconv.OFFSET: message.offset,
                semconv.CONSUMER_GROUP: self._group,
            },
            SpanKind.CONSUMER,
        )

    async def _process(
        self, deliveries: Sequence[Delivery[T]], held: dict[int, _Rest[T]] | None, since: str | None = None
    ) -> None:
        """Process; if a batch fails for good, halve it until the message at fault stands alone.

        What is held back is added to `held`, and so is what comes behind it in the same partition. Without `held` it is
        retried here; `since` is when it failed first.
        """
        if held:
            for delivery in deliveries:
                if delivery.inbound.partition in held:
                    held[delivery.inbound.partition].deliveries.append(delivery)
            deliveries = [d for d in deliveries if d.inbound.partition not in held]
        if not deliveries:
            return
        topic, is_first = deliveries[0].inbound.topic, held is not None
        try:
            await self._retrying(topic, lambda: self._apply(deliveries), since, is_first=is_first)
        except RevokedError:
            for delivery in deliveries:
                delivery.outcome = "revoked"
                delivery.span.set_attribute(semconv.OUTCOME, delivery.outcome)
                delivery.span.end()
            raise
        except _HeldBackError as reason:
            assert held is not None
            for delivery in deliveries:
                held.setdefault(delivery.inbound.partition, _Rest(reason)).deliveries.append(delivery)
        except Exception as error:
            if len(deliveries) > 1:
                middle = len(deliveries) // 2
                await self._process(deliveries[:middle], held, since)
                await self._process(deliveries[middle:], held, since)
                return
            delivery = deliveries[0]
            delivery.outcome = "dead_letter"
            code = error.code if isinstance(error, BadMessageError) else "processing_failed"
            detail = error.detail if isinstance(error, BadMessageError) else type(error).__name__
            await self._give_up(delivery.inbound, delivery.span, code, detail, _stack(error))

    async def _apply(self, deliveries: Sequence[Delivery[T]]) -> None:
        """Apply a batch; if the store is restarted meanwhile, what was read there and relied on may be gone.

        What waited for a try until its partition was another's is left to that: it may know of later messages.
        """
        if owners := owners_of(deliveries):
            self._results.require(owners)
        async with one_process(self._store) if self._store is not None else nullcontext():
            await self._stage.process(deliveries)

    async def _retrying(
        self, topic: str, action: Callable[[], object], since: str | None = None, *, is_first: bool = False
    ) -> None:
        """Do it until it succeeds or fails for good; the first try alone raises _HeldBackError instead."""
        tries = AsyncRetrying(
            retry=retry_if_exception(is_transient),
            wait=self._wait,
            before_sleep=partial(self._before_retry, topic, since, is_first),
            sleep=asyncio.sleep,
            reraise=True,
        )
        try:
            async for attempt in tries:
                with attempt:
                    await action()  # type: ignore[misc]
        finally:
            if self._progress:
                self._progress.released(tries)

    def _before_retry(self, topic: str, since: str | None, is_first: bool, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        name, since = type(error).__name__, since or failing_since(state)
        metrics.retries.add(1, metrics.of_stage(self._stage.name, topic, error=name))
        if self._progress:
            self._progress.held_back(state.retry_object, name, since)
        logger.warning(
            "{} is held back by {} since {} (try {}), again in {:.1f} s",
            self._stage.name,
            for_log(error),
            since,
            state.attempt_number,
            state.upcoming_sleep,
        )
        if is_first:
            raise _HeldBackError(since, state.upcoming_sleep)

    async def _give_up(self, message: Inbound, span: Span, code: str, detail: str, stack: str) -> None:
        """Publish the dead letter; the message's own trace shows it."""
        letter = dead_letter(message, code, detail, stack, context_of(span))
        attributes = {semconv.DESTINATION: DEAD_LETTERS, semconv.SYSTEM: "kafka", semconv.REASON: code}
        with child_span(span, f"publish {DEAD_LETTERS}", attributes, SpanKind.PRODUCER):
            await self._retrying(message.topic, lambda: self._results.publish([letter]))
        labels = metrics.of_stage(self._stage.name, message.topic)
        metrics.events_processed.add(1, {**labels, "outcome": "dead_letter"})
        metrics.dead_letters.add(1, {**labels, "reason": code})
        logger.bind(trace_id=format_trace_id(span.get_span_context().trace_id)).warning(
            "dead letter: {} [{}] offset {}: {} ({})",
            message.topic,
            message.partition,
            message.offset,
            code,
            detail,
        )
        span.set_attribute(semconv.OUTCOME, "dead_letter")
        span.set_status(Status(StatusCode.ERROR, code))
        span.end()


def is_of(message: Inbound, people: Container[str]) -> bool:
    """Whether one of these people speaks in a message, or is spoken of."""
    if message.topic.startswith(_OF_TALENTS):
        return _talent(message) in people
    topic = next((name for name in SPEAKING if message.topic.startswith(name)), None)
    return topic is not None and any(p in people for p in people_of(topic, message.key, message.value) or ())


def _talent(message: Inbound) -> str:
    subject = (message.key or dict(message.headers).get("ce_subject", b"")).decode("utf-8", "replace")
    return subject.partition("|")[0] if message.topic == MATCH_FEEDBACK else subject


def _stack(error: BaseException | None) -> str:
    """Return where an error came from; never what it says, which may be personal data."""
    return "".join(traceback.format_tb(error.__traceback__)) if error else ""


def dead_letter(message: Inbound, code: str, detail: str, stack: str, context: Context) -> Message:
    """Return the dead letter: the original key, bytes and headers, and the reason in headers of its own.

    A message may be far larger than the packed batch that it came in. What has no room in a message is packed again,
    as `dlq_encoding` or `dlq_key` says. What has none even so is left out: headers are counted, `dlq_left_out` names
    the key or the value.
    """
    key, value, headers = message.key, message.value, dead_letter_headers(message, code, detail, stack)
    room, left_out = _ROOM, list[str]()
    if key and len(key) > _KEY_ROOM:
        if len(packed := bytes(cramjam.zstd.compress(key))) <= room:
            headers.append(("dlq_key", packed))
            room -= len(packed)
        else:
            left_out.append("key")
        key = None
    room -= len(key or b"")
    if value and len(value) > room:
        if len(packed := bytes(cramjam.zstd.compress(value))) <= room:
            value = packed
            headers.append(("dlq_encoding", b"zstd"))
        else:
            left_out.append("value")
            value = b""
    if left_out:
        headers.append(("dlq_left_out", " and ".join(left_out).encode()))
    if key is None and value is None and "dlq_key" not in dict(headers):
        value = b""  # aiokafka refuses a message that has neither
    headers += [("dlq_sealed", content[:MOST_OF_NAME]) for name, content in message.headers if name == SEALED][-1:]
    kept = [(name, content) for name, content in message.headers if name != SEALED and not name.startswith("dlq_")]
    original = [(_header_name(name), content) for name, content in kept]
    sizes = accumulate(len(name.encode()) + len(content) + _HEADER_OVERHEAD for name, content in original)
    room = sum(size <= _HEADER_ROOM for size in sizes)
    if room < len(original):
        headers.append(("dlq_headers_left_out", str(len(original) - room).encode()))
    return Message(DEAD_LETTERS, key, value, inject([*original[:room], *headers], context))


def _header_name(name: str) -> str:
    """Return a header's name as text that can be sent: bytes that are not UTF-8 as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def dead_letter_headers(message: Inbound, code: str, detail: str, stack: str) -> Headers:
    """Return the headers that say which message this was and why it was given up, each under `dlq_`."""
    return [
        ("dlq_reason", code.encode()),
        ("dlq_detail", detail.encode("utf-8", "replace")[:4096]),
        ("dlq_topic", message.topic.encode()),
        ("dlq_partition", str(message.partition).encode()),
        ("dlq_offset", str(message.offset).encode()),
        ("dlq_timestamp", str(round(message.timestamp * 1000)).encode()),
        ("dlq_failed_at", timestamp(datetime.now(UTC)).encode()),
        ("dlq_stack", stack.encode()[-MAX_STACK_BYTES:]),
    ]
