"""What calls have used, as events on a topic: none holds up its call, and none is lost while Kafka comes back."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from loguru import logger

from connectors.message import EventMessage
from connectors.publisher import EventPublisher
from schemas.envelope import Envelope
from schemas.services import USED, AiUsed
from schemas.topics import AI_USAGE
from streams.metrics import ai_calls, ai_tokens, ai_untold

MOST_WAITING = 10_000
"""Events that wait for Kafka; beyond them a call is counted in the metrics alone."""
DRAIN_SECONDS = 10.0


class UsageLog:
    """Publishes what calls have used."""

    def __init__(self, publisher: EventPublisher) -> None:
        self._publisher = publisher
        self._waiting: set[asyncio.Task[None]] = set()

    def tell(self, used: AiUsed) -> None:
        """Have a call's event published."""
        measure(used)
        if len(self._waiting) >= MOST_WAITING:
            ai_untold.add(1)
            return
        task = asyncio.create_task(self._publish(used))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def drain(self) -> None:
        """Wait for those that are being published, for a while."""
        if self._waiting:
            await asyncio.wait(set(self._waiting), timeout=DRAIN_SECONDS)

    async def _publish(self, used: AiUsed) -> None:
        envelope = Envelope(id=used.call, source="looma/gateway", type=USED, subject=used.caller, time=used.at)
        value = used.model_dump_json().encode()
        message = EventMessage(AI_USAGE, used.caller.encode(), value, envelope.headers("ai-used"), envelope)
        try:
            await (await self._publisher.send(message))
        except Exception as error:
            ai_untold.add(1)
            logger.warning("the usage of a call could not be published: {}", type(error).__name__)


@asynccontextmanager
async def usage_log(publisher: EventPublisher) -> AsyncIterator[UsageLog]:
    """Open the log for the block; leaving it waits for what is being published."""
    log = UsageLog(publisher)
    try:
        yield log
    finally:
        await log.drain()


def measure(used: AiUsed) -> None:
    """Count a call in the metrics."""
    ai_calls.add(1, {"service": used.service, "provider": used.provider or "", "outcome": used.outcome})
    ai_tokens.add(used.prompt_tokens, {"service": used.service, "direction": "in"})
    ai_tokens.add(used.completion_tokens, {"service": used.service, "direction": "out"})


def call_id() -> str:
    """Return the id of a call."""
    return str(uuid.uuid4())


def now() -> datetime:
    """Return the time of a call."""
    return datetime.now(UTC)
