"""Partial text of answers, for `chat-deltas`: sent while an answer is worded, and lost rather than waited for."""

import asyncio
import uuid
from collections.abc import Callable

from loguru import logger

from schemas.chat import ANONYMOUS, DELTA, ChatDelta, ChatEvent, ChatMessage
from schemas.envelope import Envelope, derived_id
from schemas.topics import CHAT_DELTAS
from sinks.topic_sink import Message, TopicSink
from streams.delivery import Delivery

MAX_QUEUED = 1000
"""Deltas that wait for Kafka; more are dropped."""

Send = Callable[[Message], None]


class Deltas:
    """Publishes deltas behind the work: no answer waits for them, or fails because of them."""

    def __init__(self, results: TopicSink) -> None:
        self._results = results
        self._queue: asyncio.Queue[Message] = asyncio.Queue(MAX_QUEUED)

    def send(self, message: Message) -> None:
        """Have a delta published, if there is room for it."""
        if not self._queue.full():
            self._queue.put_nowait(message)

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._results.publish(batch)
            except Exception as error:
                logger.warning("partial text of answers is lost: {}", type(error).__name__)


class Partial:
    """What is shown of one answer before it is published."""

    def __init__(self, delivery: Delivery[ChatEvent], number: int, send: Send) -> None:
        self._delivery = delivery
        self._number = number
        self._send = send
        self._attempt = ""
        self._shown = ""

    def show(self, text: str) -> None:
        """Show a text, as a whole: what it adds to the one before, or, if it does not go on from there, all anew."""
        if not text.startswith(self._shown):
            self._say("reset")
            self._attempt, self._shown = "", ""
        if added := text[len(self._shown) :]:
            self._attempt = self._attempt or uuid.uuid4().hex
            self._say("text", added)
            self._shown = text

    def end(self, reply_id: str) -> None:
        """Say which reply the text has become, if any was shown."""
        if self._attempt:
            self._say("end", reply_id=reply_id)

    def _say(self, status: str, text: str = "", reply_id: str | None = None) -> None:
        cause, content = self._delivery.item.envelope, self._delivery.item.content
        delta = ChatDelta.model_validate(
            {
                "conversation_id": cause.subject,
                "participant": content.participant if isinstance(content, ChatMessage) else ANONYMOUS,
                "in_reply_to": cause.id,
                "number": self._number,
                "attempt": self._attempt,
                "status": status,
                "position": len(self._shown),
                "text": text,
                "reply_id": reply_id,
            }
        )
        envelope = Envelope(
            id=derived_id("chat-delta", self._attempt, status, str(delta.position)),
            source="looma/chat",
            type=DELTA,
            subject=cause.subject,
            time=cause.time,
        )
        headers = self._delivery.derived_headers(envelope.headers("chat-delta"))
        value = delta.model_dump_json(exclude_none=True).encode()
        self._send(Message(CHAT_DELTAS, cause.subject.encode(), value, headers))
