import asyncio
from collections import namedtuple
from datetime import UTC, datetime

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id, get_current_span

from connectors import publisher as module
from connectors.publisher import EventPublisher, Receipt
from connectors.rows import RawRow, Row, RowError
from schemas import semconv
from schemas.errors import BadMessageError
from schemas.events import decode
from schemas.propagation import extract

Metadata = namedtuple("Metadata", "topic partition offset")
Sent = namedtuple("Sent", "topic key value headers future")
TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)


class FakeProducer:
    """Stands in for AIOKafkaProducer; acknowledges at once, or when told to."""

    def __init__(self, **options):
        self.options = options
        self.sent = []
        self.stopped = False
        self.hold = False
        self.error = None
        self.epoch = 0

    def begin_epoch(self, lost):
        self.epoch = lost + 1

    async def start(self):
        pass

    async def stop(self):
        self.stopped = True

    async def send(self, topic, value=None, key=None, headers=None):
        future = asyncio.get_running_loop().create_future()
        self.sent.append(Sent(topic, key, value, headers, future))
        if not self.hold:
            self.acknowledge(len(self.sent) - 1)
        return future

    def acknowledge(self, index):
        if self.error:
            self.sent[index].future.set_exception(self.error)
        else:
            self.sent[index].future.set_result(Metadata(self.sent[index].topic, 0, index))


@pytest.fixture
def producer(monkeypatch):
    made = FakeProducer()
    monkeypatch.setattr(module, "producer", lambda _, **options: made.options.update(options) or made)
    return made


@pytest.fixture
def spans():
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider.get_tracer("test")


def row(number):
    return Row(number, "talent", f"T{number}", {"title": "x"}, "zervigo", f"e{number}", TIME)


async def test_publish_returns_the_future_of_the_delivery(producer):
    async with EventPublisher("x:1", source="crm") as publisher:
        delivered = await publisher.publish("talent", "T1", {"title": "数据工程师"}, event_id="e1", time=TIME)
        assert await delivered == Receipt("talent-events", 0, 0)

    [sent] = producer.sent
    event = decode("talent", sent.key, sent.value, sent.headers)
    assert (event.id, event.envelope.source, event.fields) == ("T1", "crm", {"title": "数据工程师"})
    assert producer.stopped


async def test_a_bad_event_is_refused_and_nothing_is_sent(producer):
    async with EventPublisher("x:1") as publisher:
        with pytest.raises(BadMessageError):
            await publisher.publish("talent", "T1", {"shoe_size": 44})

    assert producer.sent == []


async def test_the_producer_span_is_the_parent_that_the_headers_name(producer, spans, tracer):
    async with EventPublisher("x:1", tracer=tracer) as publisher:
        with tracer.start_as_current_span("request"):
            await publisher.publish("talent", "T1", {"title": "x"}, event_id="e1")

    request, span = sorted(spans.get_finished_spans(), key=lambda span: span.parent is not None)
    carried = get_current_span(extract(producer.sent[0].headers)).get_span_context()
    assert span.name == "publish talent-events"
    assert span.kind is SpanKind.PRODUCER
    assert (carried.trace_id, carried.span_id) == (span.context.trace_id, span.context.span_id)
    assert format_trace_id(request.context.trace_id) == format_trace_id(span.context.trace_id)
    assert span.attributes[semconv.EVENT_ID] == "e1"
    assert span.attributes[semconv.EVENT_SOURCE] == "crm"
    assert span.attributes[semconv.EVENT_TYPE] == "looma.talent.upserted"
    assert span.attributes[semconv.DESTINATION] == "talent-events"
    assert span.attributes[semconv.MESSAGE_KEY] == "T1"
    assert span.attributes[semconv.OFFSET] == 0


async def test_a_failed_delivery_reaches_future_span_and_flush(producer, spans, tracer):
    producer.error = ConnectionError("broker gone")
    async with EventPublisher("x:1", tracer=tracer) as publisher:
        delivered = await publisher.publish("talent", "T1", {"title": "x"})
        with pytest.raises(ConnectionError):
            await delivered
        with pytest.raises(ConnectionError):
            await publisher.flush()

    [span] = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR


async def test_a_producer_that_lost_its_place_in_the_sequence_begins_another(producer):
    async with EventPublisher("x:1") as publisher:
        producer.error = OutOfOrderSequenceNumber()
        await publisher.publish("talent", "T1", {"title": "x"})
        with pytest.raises(OutOfOrderSequenceNumber):
            await publisher.flush()
        assert producer.epoch == 1
        producer.error = None
        await (await publisher.publish("talent", "T1", {"title": "x"}))
    assert producer.epoch == 1


async def test_leaving_the_context_raises_a_failure_nobody_awaited(producer):
    producer.error = ConnectionError("broker gone")

    with pytest.raises(ConnectionError):
        async with EventPublisher("x:1") as publisher:
            await publisher.publish("talent", "T1", {"title": "x"})

    assert producer.stopped


async def test_a_record_that_is_never_acknowledged_times_out(producer):
    producer.hold = True
    with pytest.raises(TimeoutError):
        async with EventPublisher("x:1", delivery_timeout=0.05) as publisher:
            await publisher.publish("talent", "T1", {"title": "x"})
    producer.acknowledge(0)  # too late, and harmless
    await asyncio.sleep(0)


async def test_a_cancelled_caller_does_not_disturb_the_others(producer):
    producer.hold = True
    async with EventPublisher("x:1") as publisher:
        first = await publisher.publish("talent", "T1", {"title": "x"})
        second = await publisher.publish("talent", "T2", {"title": "x"})
        first.cancel()
        producer.acknowledge(0)
        producer.acknowledge(1)
        assert (await second).offset == 1


async def test_no_more_than_the_bound_are_in_flight(producer):
    producer.hold = True
    async with EventPublisher("x:1", max_in_flight=2) as publisher:
        run = asyncio.create_task(publisher.publish_many(row(number) for number in range(5)))
        await asyncio.sleep(0.01)
        assert len(producer.sent) == 2
        for index in range(5):
            producer.acknowledge(index)
            await asyncio.sleep(0.01)
        assert await run == 5

    assert [sent.key for sent in producer.sent] == [b"T0", b"T1", b"T2", b"T3", b"T4"]


async def test_publish_many_keeps_a_rows_own_source_and_sends_raw_bytes(producer):
    async def rows():
        yield row(1)
        yield RawRow(2, "talent-events", None, b"\xff", [])

    async with EventPublisher("x:1", source="crm") as publisher:
        assert await publisher.publish_many(rows()) == 2

    assert ("ce_source", b"zervigo") in producer.sent[0].headers
    assert producer.sent[1].value == b"\xff"


async def test_publish_many_reports_bad_rows_or_stops_at_the_first(producer):
    rows = [row(1), RowError(2, "not JSON"), row(3)]
    seen = []

    async with EventPublisher("x:1") as publisher:
        assert await publisher.publish_many(rows, on_error=seen.append) == 2
        with pytest.raises(BadMessageError, match="line 2: not JSON"):
            await publisher.publish_many(rows)

    assert seen == [RowError(2, "not JSON")]


async def test_publish_many_stops_at_a_failed_delivery(producer):
    producer.error = ConnectionError("broker gone")

    async with EventPublisher("x:1", max_in_flight=1) as publisher:
        with pytest.raises(ConnectionError):
            await publisher.publish_many(row(number) for number in range(100))

    assert len(producer.sent) < 10


async def test_an_unentered_publisher_says_how_to_use_it():
    with pytest.raises(RuntimeError, match="context manager"):
        await EventPublisher("x:1").publish("talent", "T1", {"title": "x"})
