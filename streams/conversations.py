"""Conversations as they go on: replies and partial text of all of them, handed to whoever reads one.

A reader comes back with the number of the last turn whose reply she has. What she lacks is read from the turns, which
are stored before they are published; what follows comes from the topics.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeVar

from aiokafka.structs import ConsumerRecord
from loguru import logger
from pydantic import ValidationError

from processors.chat.listening import Frame, Listener
from schemas.base import Model
from schemas.chat import ChatDelta, ChatReply
from schemas.topics import CHAT_DELTAS, CHAT_REPLIES
from sinks.conversations import ConversationStore
from streams.chat import reply_id

TOPICS = (CHAT_REPLIES, CHAT_DELTAS)
MAX_BEHIND = 500
"""What may wait for one reader; who is slower has to come back."""
MAX_BEGUN = 1000
"""Answers under way whose partial text is kept for readers who come meanwhile."""
MAX_PIECES = 200
"""Of the partial text of one of them."""

M = TypeVar("M", bound=Model)


class Published(NamedTuple):
    """A reply with its `ce_id` and the id of its trace."""

    reply: ChatReply
    id: str
    trace: str


Item = ChatDelta | Published


class BehindError(Exception):
    """A reader takes less than comes; she has to come back with the number that she has."""


class Reader:
    """What waits for one reader of a conversation."""

    def __init__(self, begun: Sequence[ChatDelta]) -> None:
        self._items: asyncio.Queue[Item] = asyncio.Queue()
        self._is_behind = False
        for delta in begun:
            self._items.put_nowait(delta)

    def put(self, item: Item) -> None:
        """Have an item wait."""
        if self._items.qsize() < MAX_BEHIND:
            self._items.put_nowait(item)
        else:
            self._is_behind = True

    async def get(self, timeout_seconds: float) -> Item | None:
        """Return the next item; None if none comes in time. Raises BehindError."""
        if self._is_behind and self._items.empty():
            raise BehindError
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                return await self._items.get()
        return None


class Conversations:
    """Takes what a tail of the `TOPICS` brings."""

    def __init__(self) -> None:
        self._readers: defaultdict[str, set[Reader]] = defaultdict(set)
        self._begun: OrderedDict[str, list[ChatDelta]] = OrderedDict()

    def receive(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Hand on what the tail has brought."""
        for record in records:
            conversation = (record.key or b"").decode("utf-8", "replace")
            if record.topic == CHAT_DELTAS:
                if delta := _read(ChatDelta, record):
                    self._keep(conversation, delta)
                    self._tell(conversation, delta)
            elif reply := _read(ChatReply, record):
                self._begun.pop(conversation, None)
                headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
                trace = headers.get("traceparent", "").split("-")[1:2]
                self._tell(conversation, Published(reply, headers.get("ce_id", ""), "".join(trace)))

    @contextmanager
    def reading(self, conversation: str) -> Iterator[Reader]:
        """Give a reader of what comes from now on, and of the answer that is under way."""
        reader = Reader(self._begun.get(conversation, ()))
        self._readers[conversation].add(reader)
        try:
            yield reader
        finally:
            self._readers[conversation].discard(reader)
            if not self._readers[conversation]:
                del self._readers[conversation]

    def _tell(self, conversation: str, item: Item) -> None:
        for reader in self._readers.get(conversation, ()):
            reader.put(item)

    def _keep(self, conversation: str, delta: ChatDelta) -> None:
        pieces = self._begun.setdefault(conversation, [])
        if delta.position == 0:
            pieces.clear()
        if len(pieces) < MAX_PIECES:
            pieces.append(delta)
        self._begun.move_to_end(conversation)
        if len(self._begun) > MAX_BEGUN:
            self._begun.popitem(last=False)


async def frames(
    conversations: Conversations,
    store: ConversationStore,
    conversation: str,
    heard: int | None,
    *,
    may_read: Callable[[str], bool],
    pause_seconds: float,
) -> AsyncGenerator[Frame | None, None]:
    """Yield what a reader is told who has the replies up to the turn `heard`; None: from now on.

    Yields None whenever nothing has come for `pause_seconds`, and ends where the conversation turns out to be of a
    participant (`kind:id`) whom the reader may not read. Raises BehindError.
    """
    with conversations.reading(conversation) as reader:
        state = (await store.states([conversation]))[conversation]
        owner, now = state.participant, state.number
        if owner and not may_read(owner):
            return
        # A conversation that was forgotten has begun anew.
        listener = Listener(now if heard is None else heard if heard <= now else 0)
        async for turn in store.turns(conversation, after=listener.heard):
            if turn.reply is not None:
                for frame in listener.reply(ChatReply.model_validate_json(turn.reply), reply_id(turn.id), turn.trace):
                    yield frame
        while True:
            item = await reader.get(pause_seconds)
            if item is None:
                yield None
                continue
            if not owner:  # until its first turn is stored, only the partial text says whose it is
                stored = (await store.states([conversation]))[conversation].participant
                owner = stored or (item.participant.name if isinstance(item, ChatDelta) else "")
                if not may_read(owner):
                    return
            told = listener.delta(item) if isinstance(item, ChatDelta) else listener.reply(*item)
            for frame in told:
                yield frame


def _read(model: type[M], record: ConsumerRecord[bytes, bytes]) -> M | None:
    """Return a message; None for what no worker writes, as the notice that something was erased."""
    try:
        return model.model_validate_json(record.value or b"")
    except ValidationError:
        if record.value:
            logger.warning("{}/{}/{} is no {}", record.topic, record.partition, record.offset, model.__name__)
        return None
