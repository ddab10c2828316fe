"""The delivery layer, without a broker: every message ends as an effect or as a dead letter."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import cramjam
import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger
from opentelemetry.context import Context
from opentelemetry.trace import format_trace_id, get_current_span

from processors.privacy import ERASED
from schemas.errors import BadMessageError
from schemas.topics import EVENTS
from sinks.batches import UNREADABLE
from sinks.errors import ConflictError
from sinks.kafka import MAX_MESSAGE_BYTES
from sinks.owners import Owner, RevokedError
from sinks.sealing import SEALED, Ring, Sealed
from sinks.topic_sink import Message
from streams import metrics
from streams.dead_letters import letter_of
from streams.delivery import Courier, Delivery, Inbound, chunks, dead_letter
from streams.progress import Progress


class Results:
    """Takes the place of the producer."""

    def __init__(self) -> None:
        self.published: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.published += messages


class Upper:
    """A stage that fails as its messages say."""

    name = "upper"
    operation = "process"

    def __init__(self, transient_failures: int = 0) -> None:
        self.effects: list[str] = []
        self.transient_failures = transient_failures

    def decode(self, message: Inbound) -> str:
        if message.value == b"bad":
            raise BadMessageError("invalid_data", "bad")
        return (message.value or b"").decode()

    def attributes(self, item: str) -> dict[str, str]:
        return {}

    async def process(self, deliveries: Sequence[Delivery[str]]) -> None:
        if self.transient_failures:
            self.transient_failures -= 1
            raise ConflictError("again")
        if any(d.item == "poison" for d in deliveries):
            raise ZeroDivisionError
        self.effects += [d.item for d in deliveries]


def inbound(offset: int, value: bytes) -> Inbound:
    return Inbound("talent-events", 0, offset, b"k", value, [("ce_id", b"e")], 0.0)


def courier(stage: Upper, results: Results, max_bytes: int = 1 << 20) -> Courier[str]:
    return Courier(stage, results, group="g", max_bytes=max_bytes, retry_max_seconds=0.001)  # type: ignore[arg-type]


async def test_bad_and_poisonous_messages_are_isolated_and_order_is_kept() -> None:
    stage, results = Upper(), Results()
    values = [b"a", b"bad", b"b", b"poison", b"c"]
    await courier(stage, results).deliver([inbound(n, v) for n, v in enumerate(values)])
    assert stage.effects == ["a", "b", "c"]
    letters = {m.value: dict(m.headers) for m in results.published}
    assert letters.keys() == {b"bad", b"poison"}
    assert letters[b"bad"]["dlq_reason"] == b"invalid_data"
    assert letters[b"poison"]["dlq_reason"] == b"processing_failed"
    assert letters[b"poison"]["dlq_detail"] == b"ZeroDivisionError"
    assert b"test_delivery.py" in letters[b"poison"]["dlq_stack"]
    assert letters[b"poison"]["dlq_offset"] == b"3"
    assert letters[b"poison"]["ce_id"] == b"e"


class Hostile(Upper):
    """A stage whose decoding fails in ways that nobody thought of."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def decode(self, message: Inbound) -> str:
        if message.value == b"bad":
            raise self.error
        return super().decode(message)


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("date value out of range"),
        RecursionError(),
        ValueError("Exceeds the limit"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "why"),
        MemoryError(),
        KeyError("secret"),
        AssertionError("secret"),
    ],
)
async def test_whatever_decoding_raises_is_a_dead_letter_and_its_neighbours_are_unharmed(error: Exception) -> None:
    stage, results = Hostile(error), Results()
    await courier(stage, results).deliver([inbound(n, v) for n, v in enumerate([b"a", b"bad", b"b"])])
    assert stage.effects == ["a", "b"]
    (letter,) = results.published
    headers = dict(letter.headers)
    assert (letter.value, headers["dlq_reason"]) == (b"bad", b"undecodable")
    assert headers["dlq_detail"] == f"upper cannot decode it: {type(error).__name__}".encode()
    assert b"secret" not in b"".join(headers.values())


async def test_what_is_no_failure_of_the_message_escapes_and_gives_no_letter() -> None:
    stage, results = Hostile(KeyboardInterrupt()), Results()
    with pytest.raises(KeyboardInterrupt):
        await courier(stage, results).deliver([inbound(0, b"bad")])
    assert results.published == []


@given(
    st.none() | st.binary(max_size=50),
    st.none() | st.binary(max_size=50),
    st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=20)), max_size=5),
)
def test_a_dead_letter_can_be_sent_and_has_the_original_bytes(key, value, raw) -> None:
    headers = [(name.decode("utf-8", "surrogateescape"), content) for name, content in raw]
    letter = dead_letter(Inbound("t", 1, 2, key, value, headers, 3.0), "code", "detail", "", Context())
    assert (letter.key, letter.value) == (key, b"" if key is None and value is None else value)
    for name, _ in letter.headers:
        name.encode()
    kept = [content for name, content in raw if not name.startswith((b"dlq_", b"traceparent", b"tracestate"))]
    assert [content for _, content in letter.headers][: len(kept)] == kept


def test_what_is_too_large_for_a_message_is_packed_again() -> None:
    key, value = b"k" * 300_000, b"v" * 20_000_000
    headers = [(f"h{n}", b"x" * 1000) for n in range(2000)] + [(SEALED, b"x" * 5_000_000)]
    letter = dead_letter(Inbound("t", 0, 0, key, value, headers, 0.0), "oversized", "", "", Context())
    found = dict(letter.headers)
    assert bytes(cramjam.zstd.decompress(letter.value)) == value
    assert bytes(cramjam.zstd.decompress(found["dlq_key"])) == key
    assert found["dlq_encoding"] == b"zstd"
    kept = sum(name.startswith("h") for name, _ in letter.headers)
    assert kept + int(found["dlq_headers_left_out"]) == 2000
    assert len(letter.value) + sum(len(n) + len(v) for n, v in letter.headers) < MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    ("key", "value", "left_out"),
    [
        (2_900_000, 2_900_000, "value"),
        (4_000_000, 3, "key"),
        (1_000_000, 3_080_000, "value"),
        (1_000_000, 2_000_000, ""),
    ],
)
def test_what_has_no_room_even_packed_is_left_out_so_that_no_message_stops_its_partition(
    key: int, value: int, left_out: str
) -> None:
    """A batch of one message packs the noise that key, value and headers share once; a letter cannot."""
    noise = os.urandom(4_000_000)
    message = Inbound("t", 1, 2, noise[:key], noise[:value], [("x", noise[:500_000])], 3.0)
    letter = dead_letter(message, "code", "detail", "", Context())
    held = (letter.key or b"", letter.value or b"", *(part for n, v in letter.headers for part in (n.encode(), v)))
    assert sum(map(len, held)) + 4096 < MAX_MESSAGE_BYTES
    record: Any = SimpleNamespace(key=letter.key, value=letter.value, headers=letter.headers)
    told = letter_of(record)
    assert told.left_out == left_out
    assert left_out == "key" or told.key == message.key
    assert left_out == "value" or told.value == message.value


async def test_a_batch_that_could_not_be_unpacked_and_a_name_that_is_no_text_are_dead_letters() -> None:
    stage, results = Upper(), Results()
    packed = Inbound("t", 0, 0, None, b"\x28", [(UNREADABLE, b"a batch of zstd")], 0.0)
    named = Inbound("t", 0, 1, b"k", b"v", [("x\udcff", b"1"), ("ce_source", b"s")], 0.0)
    await courier(stage, results).deliver([packed, named, inbound(2, b"ok")])
    assert stage.effects == ["ok"]
    first, second = results.published
    assert dict(first.headers)["dlq_reason"] == b"unreadable_batch"
    assert dict(second.headers)["dlq_reason"] == b"bad_header"
    assert ("x\\xff", b"1") in second.headers


async def test_what_others_have_sealed_by_a_key_that_is_not_here_is_redriven_as_it_was_once_it_is() -> None:
    talents, key = EVENTS["talent"], os.urandom(32)
    value, headers = Ring([key], [talents]).seal(talents, b"t-1", b"x", [("ce_id", b"1")])
    results = Results()
    await courier(Upper(), results).deliver([Inbound(talents, 0, 0, b"t-1", value, headers, 0.0)])
    (letter,) = results.published
    assert dict(letter.headers)["dlq_reason"] == b"sealed"
    read = ConsumerRecord(letter.topic, 0, 0, 0, 0, letter.key, letter.value, None, 0, 0, tuple(letter.headers))
    assert Ring([], ()).opened(read) is read, "the letter itself is not sealed"
    again = letter_of(read)
    opened = Ring([key], ()).open(again.topic, again.key, Sealed(again.value, again.headers))
    assert (opened.value, dict(opened.headers)["ce_id"]) == (b"x", b"1")


async def test_what_is_held_back_until_its_partition_is_another_s_is_left_to_that() -> None:
    class Reassigned(Results):
        def require(self, owners: Iterable[Owner]) -> None:
            if stage.transient_failures == 0 and any(owner.generation == 1 for owner in owners):
                raise RevokedError

    stage = Upper(transient_failures=1)
    with pytest.raises(RevokedError):
        await courier(stage, Reassigned()).deliver([replace(inbound(0, b"a"), generation=1)])
    assert stage.effects == [], "the new owner may have brought what follows to its effect"
    await courier(stage, Reassigned()).deliver([replace(inbound(0, b"a"), generation=2)])
    assert stage.effects == ["a"]


async def test_a_stage_that_is_held_back_says_so(monkeypatch) -> None:
    said: list[tuple[str, str]] = []
    lines: list[str] = []
    progress = Progress("upper", "t")
    monkeypatch.setattr(progress, "held_back", lambda _, reason, since: said.append((reason, since)))
    sink = logger.add(lines.append, format="{message}", level="WARNING")
    stage, results = Upper(transient_failures=2), Results()
    worker = Courier(stage, results, group="g", max_bytes=99, retry_max_seconds=0.001, progress=progress)  # type: ignore[arg-type]
    try:
        await worker.deliver([inbound(0, b"a")])
    finally:
        logger.remove(sink)
    (reason, since), again = said
    assert (reason, since) == again, "since the first failure, whichever try it is"
    assert reason == "ConflictError"
    assert len(lines) == 2
    assert all(f"upper is held back by ConflictError since {since} (try" in line for line in lines)
    assert progress.held_back_by is None


async def test_a_batch_that_is_given_up_or_cancelled_holds_nothing_back() -> None:
    progress = Progress("upper", "t")
    worker = Courier(
        Upper(transient_failures=10**6), Results(), group="g", max_bytes=99, retry_max_seconds=0.001, progress=progress
    )  # type: ignore[arg-type]
    work = asyncio.create_task(worker.deliver([inbound(0, b"a")]))
    while progress.held_back_by is None:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    assert progress.held_back_since
    work.cancel()
    await asyncio.wait([work])
    assert progress.held_back_by is None


async def test_transient_failures_are_tried_again_and_never_dead_lettered() -> None:
    stage, results = Upper(transient_failures=5), Results()
    await courier(stage, results).deliver([inbound(0, b"a"), inbound(1, b"b")])
    assert stage.effects == ["a", "b"]
    assert results.published == []


class Away(Upper):
    """A stage whose sink is away for some partitions, until it is back."""

    def __init__(self, away: set[int]) -> None:
        super().__init__()
        self.away = away
        self.order: list[tuple[int, int]] = []

    async def process(self, deliveries: Sequence[Delivery[str]]) -> None:
        if any(d.item == "poison" for d in deliveries):
            raise ZeroDivisionError
        if any(d.inbound.partition in self.away for d in deliveries):
            raise ConflictError("away")
        self.order += [(d.inbound.partition, d.inbound.offset) for d in deliveries]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([b"a", b"bad", b"poison"])), max_size=12),
    st.sets(st.integers(0, 3)),
    st.integers(1, 20),
)
async def test_what_is_held_back_holds_up_its_own_partition_only(
    sent: list[tuple[int, bytes]], away: set[int], max_bytes: int
) -> None:
    batch = [Inbound("talent-events", p, n, b"k", value, [], 0.0) for n, (p, value) in enumerate(sent)]
    sound = [(m.partition, m.offset) for m in batch if m.value == b"a"]
    stage, results = Away(set(away)), Results()
    held = await courier(stage, results, max_bytes).attempt(batch)
    for partition in {p for p, _ in sent} - held.keys():
        assert [o for p, o in stage.order if p == partition] == [o for p, o in sound if p == partition]
    assert held.keys() >= away & {p for p, _ in sound}, "what is away has no effects yet"
    for partition in held.keys() - away:  # it came together with what is away, and goes on alone
        await held[partition]()
    stage.away.clear()
    await asyncio.gather(*(held[p]() for p in held.keys() & away))
    for partition in range(4):
        assert [o for p, o in stage.order if p == partition] == [o for p, o in sound if p == partition]
    assert len(results.published) == len(sent) - len(sound), "each of the others is a dead letter, once"


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 100))
def test_chunks_keep_all_in_order_within_the_limit(sizes: list[int], limit: int) -> None:
    batch = [inbound(n, b"x" * size) for n, size in enumerate(sizes)]
    runs = list(chunks(batch, limit))
    assert [m for run in runs for m in run] == batch
    assert all(len(run) == 1 or sum(m.size for m in run) <= limit for run in runs)


@pytest.mark.parametrize("count", [0, 1, 7])
async def test_every_message_has_exactly_one_fate(count: int) -> None:
    stage, results = Upper(), Results()
    await courier(stage, results, max_bytes=3).deliver([inbound(n, b"poison") for n in range(count)])
    assert len(results.published) == count
    assert stage.effects == []


class Forgotten(set[str]):
    """Takes the place of the list in MongoDB."""

    async def refresh(self) -> None:
        """Nothing changes."""


@pytest.mark.parametrize(
    "topic", ["talent-events", "talent-records-g2", "resume-events", "match-feedback", "job-events"]
)
async def test_what_forgotten_people_say_and_notices_of_erasure_are_passed_over(topic: str) -> None:
    stage, results = Upper(), Results()
    worker = Courier(
        stage,
        results,  # type: ignore[arg-type]
        group="g",
        max_bytes=1 << 20,
        retry_max_seconds=0.001,
        forgotten=Forgotten({"her"}),  # type: ignore[arg-type]
    )
    of_pair = b"|j" if topic == "match-feedback" else b""
    messages = [
        Inbound(topic, 0, 0, b"her" + of_pair, b"bad", [], 0.0),
        Inbound(topic, 0, 1, None, b"hers", [("ce_subject", b"her" + of_pair)], 0.0),
        Inbound(topic, 0, 2, b"other" + of_pair, b"kept", [], 0.0),
        Inbound(topic, 0, 3, None, b"", [("ce_type", ERASED.encode())], 0.0),
    ]
    await worker.deliver(messages)
    if topic == "job-events":
        assert stage.effects == ["hers", "kept"], "an id of a job is none of a person"
        assert [m.value for m in results.published] == [b"bad"]
    else:
        assert (stage.effects, results.published) == (["kept"], [])


@pytest.mark.parametrize("name", ["event_latency", "process_duration"])
async def test_an_exemplar_leads_from_a_measurement_to_the_trace_of_its_message(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"  # of the standard's own example
    recorded: list[Context | None] = []

    class Histogram:
        def record(self, value: float, labels: object, context: Context | None = None) -> None:
            recorded.append(context)

    monkeypatch.setattr(metrics, name, Histogram())
    headers = [("ce_id", b"e"), ("traceparent", f"00-{trace_id}-00f067aa0ba902b7-01".encode())]
    await courier(Upper(), Results()).deliver([Inbound("talent-events", 0, 0, b"k", b"a", headers, 0.0)])
    (context,) = recorded
    assert format_trace_id(get_current_span(context).get_span_context().trace_id) == trace_id
