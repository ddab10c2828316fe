"""Publishes for one generation: to the public topics while it is the active one, else to topics of its own."""

from collections.abc import Callable, Iterable

from schemas.envelope import derived_id
from schemas.settings import KafkaSettings
from schemas.topics import MATCH_RESULTS
from sinks.topic_sink import Message, TopicSink
from streams.generations.generation import PUBLIC, Active, ActiveView, Generation

EPOCH = "looma_epoch"


class GenerationSink(TopicSink):
    """Publishes for one generation: results go to the public topics if it is active, else to its private ones."""

    def __init__(
        self,
        kafka: KafkaSettings,
        *,
        client_id: str,
        generation: Generation,
        view: ActiveView,
        group: str = "",
        member: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(kafka, client_id=client_id, group=group, member=member)
        self._generation = generation
        self._view = view

    async def publish(self, messages: Iterable[Message]) -> None:
        """Publish in order; a generation that becomes active meanwhile publishes again: nothing stays private."""
        batch = list(messages)
        if not any(m.topic in PUBLIC for m in batch):
            await super().publish(m._replace(topic=self._generation.topic(m.topic)) for m in batch)
            return
        name = self._generation.name
        active = await self._view.get()
        while True:
            await super().publish(route(m, self._generation, active) for m in batch)
            before, active = active, await self._view.get()
            if before.generation == name or active.generation != name:
                return


def route(message: Message, generation: Generation, active: Active) -> Message:
    """Return the message as `generation` publishes it while `active` is the active one."""
    if message.topic not in PUBLIC:
        return message._replace(topic=generation.topic(message.topic))
    if active.generation != generation.name:
        return message._replace(topic=generation.private(message.topic))
    return stamped(message, active.epoch) if message.topic == MATCH_RESULTS else message


def stamped(message: Message, epoch: int) -> Message:
    """Return a match result of an epoch: revisions of two generations do not compare, so epochs come first.

    The id is the epoch's own, since another generation may have said something else under the same revisions.
    """
    if not epoch:
        return message
    headers = [
        (name, derived_id("epoch", str(epoch), value.decode()).encode() if name == "ce_id" else value)
        for name, value in message.headers
    ]
    return message._replace(headers=[*headers, (EPOCH, str(epoch).encode())])
