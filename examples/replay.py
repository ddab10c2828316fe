"""Replay: what a record was at any time, computed from the events that Kafka keeps, with the rules of the worker."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any

from ops.runtime.settings_errors import read_settings
from processors.sync.merge import State, apply, survivors
from processors.sync.policy import load_policy
from schemas.entities import Entity
from schemas.errors import BadMessageError
from schemas.settings import Settings
from schemas.topics import EVENTS
from streams.decoding import inbound, stages_to_read
from streams.delivery import decoded
from streams.reading import read_topic


async def record_at(settings: Settings, entity: Entity, entity_id: str, time: datetime) -> dict[str, Any]:
    """Return the fields of a record as all events that had happened by `time` say. Changes nothing."""
    policy, state = load_policy(settings.sync.policy), State()
    stage = stages_to_read(policy)[EVENTS[entity]]
    async for message in read_topic(settings.kafka, EVENTS[entity]):
        if message.key != entity_id.encode():
            continue
        try:
            event = decoded(stage, inbound(message))
        except BadMessageError:
            continue  # the worker has written a dead letter of it
        if event.envelope.time <= time:
            state = apply(state, [event])
    return survivors(state, policy).fields


async def main(entity: Entity, entity_id: str, time: datetime) -> None:
    """Print it."""
    print(json.dumps(await record_at(read_settings(), entity, entity_id, time), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    when = datetime.fromisoformat(sys.argv[3]) if len(sys.argv) > 3 else datetime.now(UTC)
    asyncio.run(main(sys.argv[1], sys.argv[2], when))  # type: ignore[arg-type]
