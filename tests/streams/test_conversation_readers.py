"""Readers of a conversation over a store and two topics: cut anywhere, they come back and miss nothing, twice nothing."""

import json
from collections.abc import AsyncIterator
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from processors.chat.conversation import Conversation
from processors.chat.listening import Frame
from schemas.chat import ChatDelta, ChatReply, Participant
from streams.chat import reply_id
from streams.conversations import MAX_BEHIND, BehindError, Conversations, Reader, frames

ANN = Participant(kind="candidate", id="t-1")
TRACE = "a" * 32


def record(topic: str, model: ChatDelta | ChatReply, id: str = "") -> Any:
    headers = (("ce_id", id.encode()), ("traceparent", f"00-{TRACE}-{'1' * 16}-01".encode()))
    return SimpleNamespace(
        topic=topic, partition=0, offset=0, key=b"c-1", value=model.model_dump_json().encode(), headers=headers
    )


def reply(number: int) -> ChatReply:
    return ChatReply(
        conversation_id="c-1", in_reply_to=f"e-{number}", number=number, outcome="replied", text=f"r{number}"
    )


def delta(number: int, position: int, text: str, attempt: str = "a", who: Participant = ANN) -> ChatDelta:
    return ChatDelta(
        conversation_id="c-1", participant=who, in_reply_to=f"e-{number}", number=number, attempt=f"{number}{attempt}",
        position=position, text=text,
    )  # fmt: skip


class World:
    """A worker that answers three messages, one step at a time; one reply is published twice."""

    def __init__(self) -> None:
        self.conversations = Conversations()
        self.stored = 0
        self.steps: list[Any] = [step for number in (1, 2, 3) for step in self._answer(number)]

    def _answer(self, number: int) -> list[Any]:
        published = record("chat-replies", reply(number), reply_id(f"turn-{number}"))
        return [
            lambda: self._receive(record("chat-deltas", delta(number, 0, "ab"))),
            lambda: self._receive(record("chat-deltas", delta(number, 2, "cd"))),
            lambda: setattr(self, "stored", number),
            lambda: self._receive(published),
            *([lambda: self._receive(published)] if number == 2 else []),
        ]

    def _receive(self, record: Any) -> None:
        self.conversations.receive([record])

    async def states(self, conversations: list[str]) -> dict[str, Conversation]:
        owner = ANN.name if self.stored else ""
        return {c: Conversation(c, number=self.stored, participant=owner) for c in conversations}

    async def turns(self, conversation: str, *, after: int = 0) -> AsyncIterator[Any]:
        for number in range(after + 1, self.stored + 1):
            yield SimpleNamespace(id=f"turn-{number}", reply=reply(number).model_dump_json().encode(), trace=TRACE)

    def read(self, heard: int | None, who: Participant = ANN) -> AsyncIterator[Frame | None]:
        store: Any = self
        return frames(
            self.conversations, store, "c-1", heard, may_read=lambda name: name == who.name, pause_seconds=0.0005
        )


class Client:
    """What a browser shows: the replies, and the partial text behind them."""

    def __init__(self) -> None:
        self.replies: list[str] = []
        self.heard = 0
        self.partial = ""

    def take(self, frame: Frame) -> None:
        if frame.kind == "delta":
            self.partial += frame.text
            assert "abcd".startswith(self.partial)
        else:
            self.partial = ""
        if frame.kind == "reply":
            assert frame.trace == TRACE, "told of the turn or of the topic, a reply has its trace"
            self.replies.append(frame.text)
            self.heard = frame.number

    async def take_all(self, stream: AsyncIterator[Frame | None]) -> None:
        async for frame in stream:
            if frame is None:
                return
            self.take(frame)


@pytest.mark.parametrize(("cut", "away"), list(product(range(14), (0, 1, 3))))
async def test_a_reader_who_is_cut_off_anywhere_misses_nothing_and_hears_nothing_twice(cut: int, away: int) -> None:
    world, client = World(), Client()
    stream = world.read(0)
    await client.take_all(stream)
    for number, step in enumerate(world.steps):
        step()
        if number == cut:  # while it was sent
            await stream.aclose()  # type: ignore[attr-defined]
            client.partial = ""
        if number == cut + away:
            stream = world.read(client.heard)
        if not cut <= number < cut + away:
            await client.take_all(stream)
    if cut + away >= len(world.steps):
        await client.take_all(world.read(client.heard))
    assert client.replies == ["r1", "r2", "r3"]
    assert not client.partial
    await stream.aclose()  # type: ignore[attr-defined]


async def test_who_comes_in_the_middle_of_an_answer_sees_it_from_its_beginning() -> None:
    world, client = World(), Client()
    for step in world.steps[:6]:
        step()
    await client.take_all(world.read(None))
    assert (client.partial, client.replies) == ("abcd", [])


async def test_nobody_reads_another_s_conversation_not_even_its_first_answer() -> None:
    other = Participant(kind="candidate", id="t-2")
    for begun in (0, 1, 3, 5):
        world = World()
        for step in world.steps[:begun]:
            step()
        stream = world.read(0, other)
        seen = [frame async for frame in stream] if begun else [await anext(stream)]
        for step in world.steps[begun:]:
            step()
        seen += [frame async for frame in stream]
        assert not any(seen)


async def test_a_conversation_that_was_forgotten_begins_anew() -> None:
    world, client = World(), Client()
    for step in world.steps[:4]:
        step()
    await client.take_all(world.read(17))
    assert client.replies == ["r1"]


async def test_a_slow_reader_is_bounded_and_has_to_come_back() -> None:
    reader = Reader(())
    for _ in range(MAX_BEHIND + 5):
        reader.put(delta(1, 0, "x"))
    for _ in range(MAX_BEHIND):
        assert await reader.get(0.001) is not None
    with pytest.raises(BehindError):
        await reader.get(0.001)


def test_what_no_worker_writes_is_passed_over() -> None:
    conversations = Conversations()
    with conversations.reading("c-1") as reader:
        for value in (b"", None, b"\x00", json.dumps({"text": 1}).encode()):
            odd = SimpleNamespace(topic="chat-replies", partition=0, offset=0, key=b"c-1", value=value, headers=())
            conversations.receive([odd])  # type: ignore[list-item]
        assert reader._items.empty()
