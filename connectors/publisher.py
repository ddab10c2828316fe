"""Publishes entity events to Kafka: idempotent, bounded, traced from the first header on."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from connectors.message import EventMessage, Fields, build_chat, build_feedback, build_message, build_resume
from connectors.rows import RawRow, Row, RowError
from schemas import semconv
from schemas.base import Language
from schemas.chat import ANONYMOUS, DEFAULT_ZONE, Participant
from schemas.entities import Entity
from schemas.envelope import Headers
from schemas.errors import BadMessageError
from schemas.events import Action
from schemas.feedback import FeedbackOutcome
from schemas.propagation import inject
from schemas.settings import KafkaSettings
from sinks.iteration import each
from sinks.kafka import LOST_SEQUENCE, Producer, producer

AnyRow = Row | RawRow | RowError


class Receipt(NamedTuple):
    """Where Kafka durably stored a record."""

    topic: str
    partition: int
    offset: int


class EventPublisher:
    """Publishes the events of one upstream system; an async context manager.

        async with EventPublisher("127.0.0.1:9092", source="crm") as publisher:
            delivered = await publisher.publish("talent", "T0001", {"title": "数据工程师"})
            print(await delivered)

    Records of one key keep the order of the calls. At most `max_in_flight` records wait for Kafka's
    acknowledgement; `publish` waits while that many do. Leaving the context waits for all of them and raises
    the first failure, whether its future was awaited or not: none is lost silently.
    """

    def __init__(
        self,
        kafka: KafkaSettings | str,
        source: str = "crm",
        *,
        client_id: str = "looma-publisher",
        tracer: Tracer | None = None,
        max_in_flight: int = 2000,
        delivery_timeout: float = 60.0,
    ) -> None:
        self.source = source
        self._kafka = KafkaSettings(bootstrap_servers=kafka) if isinstance(kafka, str) else kafka
        self._client_id = client_id
        self._tracer = tracer or trace.get_tracer("looma.publisher")
        self._slots = asyncio.Semaphore(max_in_flight)
        self._delivery_timeout = delivery_timeout
        self._pending: set[asyncio.Future[Receipt]] = set()
        self._failure: BaseException | None = None
        self._producer: Producer | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()
        if kind is None:
            self._raise_failure()

    async def start(self) -> None:
        """Connect, for who cannot use a context."""
        opened = producer(
            self._kafka,
            client_id=self._client_id,
            linger_ms=5,
            max_batch_size=128 * 1024,
        )
        async with asyncio.timeout(self._delivery_timeout):
            await opened.start()
        self._producer = opened

    async def stop(self) -> None:
        """Wait for all that was handed over, and disconnect; what failed, its futures have said."""
        try:
            await self._settled()
        finally:
            stopped, self._producer = self._producer, None
            if stopped is not None:
                await stopped.stop()

    async def ping(self) -> bool:
        """Whether a broker answers."""
        return self._producer is not None and await self._producer.client.force_metadata_update()

    async def flush(self) -> None:
        """Wait until every record handed over so far has settled; raise the first failure since the last flush."""
        await self._settled()
        self._raise_failure()

    async def publish(
        self,
        entity: Entity,
        id: str,
        fields: Fields | None = None,
        *,
        action: Action = "upserted",
        event_id: str | None = None,
        time: datetime | None = None,
        version: int | None = None,
        source: str | None = None,
    ) -> asyncio.Future[Receipt]:
        """Hand one event over and return the future of its delivery.

        Repeat a call with the same `event_id` and `time` as often as you like: consumers drop duplicates.
        Raises BadMessageError before anything is sent; the future raises KafkaError or TimeoutError.
        """
        return await self.send(
            build_message(
                entity,
                id,
                fields,
                source=source or self.source,
                action=action,
                event_id=event_id,
                time=time,
                version=version,
            )
        )

    async def publish_resume(
        self,
        talent_id: str,
        *,
        text: str | None = None,
        content: bytes | None = None,
        reference: str | None = None,
        event_id: str | None = None,
        time: datetime | None = None,
        source: str | None = None,
    ) -> asyncio.Future[Receipt]:
        """Submit a talent's resume: its text, its file's bytes (at most 2 MiB), or where the workers find the file.

        Raises BadMessageError before anything is sent; the future raises KafkaError or TimeoutError.
        """
        return await self.send(
            build_resume(
                talent_id,
                text=text,
                content=content,
                reference=reference,
                source=source or self.source,
                event_id=event_id,
                time=time,
            )
        )

    async def publish_feedback(
        self,
        talent_id: str,
        job_id: str,
        outcome: FeedbackOutcome,
        *,
        reason: str | None = None,
        event_id: str | None = None,
        time: datetime | None = None,
        source: str | None = None,
    ) -> asyncio.Future[Receipt]:
        """Say what became of a pair, as of `time`; `reason` is a code of your own (`[a-z][a-z0-9_]*`, at most 64).

        Raises BadMessageError before anything is sent; the future raises KafkaError or TimeoutError.
        """
        return await self.send(
            build_feedback(
                talent_id,
                job_id,
                outcome,
                reason=reason,
                source=source or self.source,
                event_id=event_id,
                time=time,
            )
        )

    async def publish_chat(
        self,
        conversation_id: str,
        text: str,
        *,
        participant: Participant = ANONYMOUS,
        language: Language | None = None,
        timezone: str = DEFAULT_ZONE,
        channel: str = "api",
        contacts: bool = False,
        event_id: str | None = None,
        time: datetime | None = None,
        source: str | None = None,
    ) -> asyncio.Future[Receipt]:
        """Say something in a conversation, as a participant whom the caller has authenticated.

        `contacts` grants a recruiter candidates' contact data.

        Raises BadMessageError before anything is sent; the future raises KafkaError or TimeoutError.
        """
        return await self.send(
            build_chat(
                conversation_id,
                text,
                participant=participant,
                language=language,
                timezone=timezone,
                channel=channel,
                contacts=contacts,
                source=source or self.source,
                event_id=event_id,
                time=time,
            )
        )

    async def publish_raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers
    ) -> asyncio.Future[Receipt]:
        """Send bytes unchecked (only `traceparent` is added), for instance to show what dead letters are for."""
        return await self.send(EventMessage(topic, key, value, headers))

    async def publish_row(
        self, row: Row | RawRow, headers: Sequence[tuple[str, bytes]] = ()
    ) -> asyncio.Future[Receipt]:
        """Hand over what one row of a source says, with `headers` beside its own."""
        message = row.message()
        return await self.send(replace(message, headers=[*message.headers, *headers]))

    async def publish_many(
        self, rows: Iterable[AnyRow] | AsyncIterable[AnyRow], *, on_error: Callable[[RowError], None] | None = None
    ) -> int:
        """Publish `rows` in order, wait for every delivery and return their number.

        A RowError goes to `on_error` and the rest is published; without `on_error` it raises BadMessageError.
        The first failed delivery stops the run and is raised once the records under way have settled.
        """
        sent = 0
        try:
            async for row in each(rows):
                if self._failure is not None:
                    break
                if not isinstance(row, RowError):
                    await self.publish_row(row)
                    sent += 1
                elif on_error is not None:
                    on_error(row)
                else:
                    raise BadMessageError("bad_row", f"line {row.line}: {row.text}")
        finally:
            await self._settled()
        self._raise_failure()
        return sent

    async def _settled(self) -> None:
        if self._pending:
            await asyncio.wait(set(self._pending))

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def send(self, message: EventMessage) -> asyncio.Future[Receipt]:
        """Hand a message over and return the future of its delivery, which raises KafkaError or TimeoutError."""
        if self._producer is None:
            raise RuntimeError("use the publisher as an async context manager")
        used, epoch = self._producer, self._producer.epoch
        span = self._start_span(message)
        try:
            async with asyncio.timeout(self._delivery_timeout):
                await self._slots.acquire()
                try:
                    stored = await used.send(
                        message.topic,
                        value=message.value,
                        key=message.key,
                        headers=inject(message.headers, trace.set_span_in_context(span)),
                    )
                except BaseException:
                    self._slots.release()
                    raise
        except BaseException as error:
            _end_span(span, error)
            raise
        return self._track(stored, span, used, epoch)

    def _track(self, stored: "asyncio.Future[Any]", span: Span, used: Producer, epoch: int) -> asyncio.Future[Receipt]:
        """Return a future that settles with the record's fate, or fails when the delivery timeout has passed."""
        loop = asyncio.get_running_loop()
        delivered: asyncio.Future[Receipt] = loop.create_future()
        self._pending.add(delivered)

        def fail(error: BaseException) -> None:
            _end_span(span, error)
            self._failure = self._failure or error
            self._pending.discard(delivered)
            if not delivered.cancelled():
                delivered.set_exception(error)
                delivered.exception()  # marks it as seen: flush and leaving the context raise it

        def expire() -> None:
            if not delivered.done():
                fail(TimeoutError(f"not acknowledged within {self._delivery_timeout:g} s; safe to publish again"))

        timer = loop.call_later(self._delivery_timeout, expire)

        def finish(done: "asyncio.Future[Any]") -> None:
            self._slots.release()
            timer.cancel()
            error = ConnectionAbortedError("the producer was stopped") if done.cancelled() else done.exception()
            if isinstance(error, LOST_SEQUENCE):
                used.begin_epoch(epoch)  # else later records would be refused, too
            if delivered.done() and not delivered.cancelled():
                return  # it has expired
            if error is not None:
                fail(error)
            else:
                metadata = done.result()
                span.set_attribute(semconv.PARTITION, str(metadata.partition))
                span.set_attribute(semconv.OFFSET, metadata.offset)
                span.end()
                self._pending.discard(delivered)
                if not delivered.cancelled():  # by a caller that was cancelled while awaiting it
                    delivered.set_result(Receipt(metadata.topic, metadata.partition, metadata.offset))

        stored.add_done_callback(finish)
        return delivered

    def _start_span(self, message: EventMessage) -> Span:
        attributes: dict[str, str] = {
            semconv.SYSTEM: "kafka",
            semconv.DESTINATION: message.topic,
            semconv.OPERATION: "publish",
            semconv.OPERATION_TYPE: "send",
        }
        if message.key is not None:
            attributes[semconv.MESSAGE_KEY] = message.key.decode("utf-8", "replace")
        if message.envelope is not None:
            attributes[semconv.EVENT_ID] = message.envelope.id
            attributes[semconv.EVENT_SOURCE] = message.envelope.source
            attributes[semconv.EVENT_TYPE] = message.envelope.type
        return self._tracer.start_span(f"publish {message.topic}", kind=SpanKind.PRODUCER, attributes=attributes)


def _end_span(span: Span, error: BaseException) -> None:
    span.record_exception(error)
    span.set_status(Status(StatusCode.ERROR, type(error).__name__))
    span.end()
