"""The delivery layer, without a broker: every message ends as an effect or as a dead letter."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.privacy import ERASED
from schemas.errors import BadMessageError
from sinks.errors import ConflictError
from sinks.topics import Message
from streams.delivery import Courier, Delivery, Inbound, chunks


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


async def test_transient_failures_are_tried_again_and_never_dead_lettered() -> None:
    stage, results = Upper(transient_failures=5), Results()
    await courier(stage, results).deliver([inbound(0, b"a"), inbound(1, b"b")])
    assert stage.effects == ["a", "b"]
    assert results.published == []


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
