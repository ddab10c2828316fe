"""How a stream of events ends: the reader leaves, is too slow, or the process drains."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.api.event_stream import EventStream
from streams.subscriptions import Position, PositionError


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b": x\n\n"
        await asyncio.sleep(0)


class Wire:
    """A connection: what was sent, whether it takes more, and when the reader leaves."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.takes = asyncio.Event()
        self.left = asyncio.Event()
        self.closed = 0

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if len(self.sent) > 3:
            await self.takes.wait()

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def close(self) -> None:
        self.closed += 1


async def test_a_reader_who_takes_nothing_is_left() -> None:
    wire = Wire()
    stream = EventStream(_endless(), asyncio.Event(), wire.close, slow_seconds=0.05)
    with pytest.raises(ConnectionAbortedError):
        await stream({}, wire.receive, wire.send)
    assert wire.closed == 1
    assert all(message.get("more_body", True) for message in wire.sent)  # no clean end: it was cut


async def test_draining_ends_it_whole() -> None:
    wire, stopping = Wire(), asyncio.Event()
    wire.takes.set()
    stopping.set()
    await EventStream(_endless(), stopping, wire.close)({}, wire.receive, wire.send)
    assert (wire.sent[-1]["more_body"], wire.closed) == (False, 1)


async def test_a_reader_who_leaves_is_not_followed_any_more() -> None:
    wire = Wire()
    wire.left.set()
    await EventStream(_endless(), asyncio.Event(), wire.close)({}, wire.receive, wire.send)
    assert wire.closed == 1


@given(st.text("0123456789abcdef", max_size=32), st.dictionaries(st.integers(0, 999), st.integers(0, 2**60)))
def test_a_position_says_what_it_was_made_of(topic_id: str, offsets: dict[int, int]) -> None:
    assert Position.parse(str(Position(topic_id, offsets))) == Position(topic_id, offsets)


@pytest.mark.parametrize("text", ["", "ab", "ab:x", "ab:1", "ab:1.2,3"])
def test_no_position(text: str) -> None:
    with pytest.raises(PositionError):
        Position.parse(text)
