"""A dead letter stands for one message: its place, its time and its bytes."""

import os
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import cramjam
import pytest
from aiokafka.errors import MessageSizeTooLargeError, UnknownTopicOrPartitionError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.context import Context

from ops.verify.letters import Letters
from streams import dead_letters as deadletters
from streams.dead_letters import DeadLetter, RedriveError, letter_id, original, redrive
from streams.delivery import Inbound, dead_letter

some_bytes = st.none() | st.binary(max_size=40)
messages = st.builds(
    Inbound,
    topic=st.sampled_from(["talent-events", "company-events"]),
    partition=st.integers(0, 3),
    offset=st.integers(0, 20),
    key=some_bytes,
    value=some_bytes,
    headers=st.lists(
        st.tuples(st.sampled_from(["ce_id", "dlq_topic", "dlq_timestamp", "\udcff"]), st.binary(max_size=5))
    ),
    timestamp=st.integers(-1, 2**62).map(lambda ms: ms / 1000),
)


def published(message: Inbound, *, timed: bool = True, at: int = 0) -> Any:
    letter = dead_letter(message, "bad_json", "?", "", Context())
    assert letter.key is not None or letter.value is not None, "no producer takes it"
    headers = [h for h in letter.headers if timed or h[0] != "dlq_timestamp"]
    return SimpleNamespace(key=letter.key, value=letter.value, headers=headers, timestamp=at)


def known(*records: Any) -> Letters:
    letters = Letters()
    letters.add(records)
    return letters


@given(messages, st.booleans())
def test_a_letter_names_its_message(message: Inbound, timed: bool) -> None:
    with known(published(message, timed=timed)) as letters:
        assert letters.names(message)
        assert not letters.names(replace(message, offset=message.offset + 1))
        assert not letters.names(replace(message, offset=message.offset * 10 + 3))
        assert not letters.names(replace(message, value=(message.value or b"") + b"x"))
        assert not letters.names(replace(message, key=(message.key or b"") + b"x"))


@given(messages)
def test_a_letter_of_a_former_life_names_nothing_of_the_new_one(message: Inbound) -> None:
    later = replace(message, timestamp=5.0 if message.timestamp != 5.0 else 6.0)
    with known(published(message)) as letters:
        assert not letters.names(later)
    assert letter_id(published(message)) != letter_id(published(later))


@given(st.lists(messages, max_size=6), st.lists(messages, max_size=6))
def test_exactly_the_messages_with_letters_are_named(dead: list[Inbound], others: list[Inbound]) -> None:
    def identity(m: Inbound) -> Any:
        return m.topic, m.partition, m.offset, m.key or b"", m.value or b"", round(m.timestamp * 1000)

    with known(*map(published, dead)) as letters:
        assert all(letters.names(m) for m in dead)
        assert [letters.names(m) for m in others] == [identity(m) in set(map(identity, dead)) for m in others]


def test_what_was_packed_into_a_letter_is_unpacked() -> None:
    message = Inbound("talent-events", 0, 1, b"k" * 300_000, b"v" * 5_000_000, [], 1.0)
    record = published(message)
    assert len(record.value) < 100_000
    assert original(record) == (message.key, message.value)
    with known(record) as letters:
        assert letters.names(message)


def test_what_pretends_to_be_packed_stays_as_it_is() -> None:
    record = SimpleNamespace(key=b"k", value=b"v", headers=[("dlq_encoding", b"zstd"), ("dlq_key", b"?")], timestamp=0)
    assert original(record) == (b"k", b"v")
    assert letter_id(record) == "?/?/?"


def test_letters_that_retention_may_have_removed() -> None:
    message = Inbound("talent-events", 0, 1, None, b"", [], 5.0)
    with known() as letters:
        assert not letters.may_be_gone(message)
        letters.is_complete = False
        assert letters.may_be_gone(message)
        letters.add([published(replace(message, offset=9), at=4000)])
        assert not letters.may_be_gone(message)
        assert letters.may_be_gone(replace(message, timestamp=4.0))


class Taking:
    """Take the place of a producer: a topic that takes 1 MB packed, and one that is gone."""

    def __init__(self, sent: list[bytes], options: dict[str, Any]) -> None:
        self.sent = sent
        self.options = options

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send_and_wait(self, topic: str, value: bytes | None, **_: object) -> None:
        content = value or b""
        if topic == "gone":
            raise UnknownTopicOrPartitionError
        packed = bytes(cramjam.zstd.compress(content))  # as every producer does
        if len(content) > self.options.get("max_request_size", 4 << 20) or len(packed) > 1 << 20:
            raise MessageSizeTooLargeError
        self.sent.append(content)


async def test_what_was_small_in_its_batch_is_redriven_and_what_no_topic_takes_is_named(monkeypatch) -> None:
    sent: list[bytes] = []
    settled: list[str] = []
    monkeypatch.setattr(deadletters, "producer", lambda _, **options: Taking(sent, options))

    async def settle(database: object, letter: DeadLetter, how: str) -> None:
        settled.append(letter.id)

    monkeypatch.setattr(deadletters, "_settle", settle)
    contents = {"noise": os.urandom(2 << 20), "large": b" " * (6 << 20), "lost": b"x", "small": b"x"}
    letters = [
        DeadLetter(name, "gone" if name == "lost" else "t", "r", "", "", "", b"k", value, [])
        for name, value in contents.items()
    ]
    letters.append(DeadLetter("cut", "t", "r", "", "", "", b"k", b"", [], left_out="value"))
    with pytest.raises(RedriveError) as told:
        await redrive(None, None, letters)  # type: ignore[arg-type]
    assert settled == ["large", "small"], "what is refused holds nothing else up"
    assert sent == [contents["large"], contents["small"]]
    assert "noise: raise max.message.bytes of t" in str(told.value)
    assert "lost: there is no topic gone" in str(told.value)
    assert "cut: its value had no room in the letter" in str(told.value)
