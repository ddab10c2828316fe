"""Subscribe to matches: each result once, going on after a restart where the group was."""

import asyncio
import sys
from collections.abc import AsyncIterator

from ops.runtime.settings_errors import read_settings
from schemas.messages import Match
from schemas.settings import KafkaSettings
from schemas.topics import MATCH_RESULTS
from sinks.kafka import consumer


async def matches(kafka: KafkaSettings, group: str) -> AsyncIterator[Match]:
    """Yield match results as they come. What is yielded is committed when the next one is asked for."""
    log = consumer(kafka, MATCH_RESULTS, group_id=group, auto_offset_reset="earliest")
    await log.start()
    seen: set[bytes] = set()  # delivery is at least once: a system that must not do it twice stores these
    try:
        async for message in log:
            event_id = dict(message.headers)["ce_id"]
            if event_id not in seen:
                yield Match.model_validate_json(message.value)
            seen.add(event_id)
            await log.commit()
    finally:
        await log.stop()


async def main(count: int) -> None:
    """Print so many matches with the reason that counts most."""
    async for match in matches(read_settings().kafka, "example-subscriber"):
        best = max(match.features, key=lambda feature: feature.contribution, default=None)
        print(f"{match.score:.2f} {match.status} {match.talent_id} {match.job_id}: {best.reason if best else ''}")
        count -= 1
        if not count:
            return


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
