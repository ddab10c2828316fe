"""A stage of your own: a shortlist of the best matches in MongoDB, kept up to date by their results."""

import asyncio
from collections.abc import Iterable, Sequence

from pymongo import DeleteOne, ReplaceOne

from ops.runtime.settings_errors import read_settings
from schemas.base import read_data
from schemas.feedback import pair_id
from schemas.messages import Match
from schemas.topics import MATCH_RESULTS
from sinks.kafka import consumer
from sinks.mongodb import Database, connect
from sinks.topic_sink import TopicSink
from streams.decoding import inbound
from streams.delivery import Courier, Delivery, Inbound

GROUP = "example-shortlist"
THRESHOLD = 0.75


def shortlisted(matches: Iterable[Match]) -> dict[str, Match | None]:
    """Return the rule's word by pair: the match if it belongs on the list, None if it does not. The last one counts."""
    return {
        pair_id(m.talent_id, m.job_id): m if m.status == "active" and m.score >= THRESHOLD else None for m in matches
    }


class ShortlistStage:
    """Stores what the rule says. Done twice it comes to the same, as delivery is at least once."""

    name = "shortlist"
    operation = "process"

    def __init__(self, database: Database) -> None:
        self._shortlist = database["shortlist"]

    def decode(self, message: Inbound) -> Match:
        """Return the match; what is none raises BadMessageError and becomes a dead letter."""
        return read_data(Match, message.value)

    def attributes(self, item: Match) -> dict[str, str]:
        """Return nothing for the span: ids only would be allowed."""
        return {}

    async def process(self, deliveries: Sequence[Delivery[Match]]) -> None:
        """Apply a batch in order."""
        said = shortlisted(delivery.item for delivery in deliveries)
        await self._shortlist.bulk_write(
            [
                ReplaceOne({"_id": pair}, {"_id": pair, **match.model_dump(mode="json")}, upsert=True)
                if match
                else DeleteOne({"_id": pair})
                for pair, match in said.items()
            ]
        )


async def main() -> None:
    """Run the stage by itself, as a consumer group of its own. The courier retries, and writes the dead letters."""
    settings = read_settings()
    client, database = connect(settings.mongodb)
    log = consumer(settings.kafka, MATCH_RESULTS, group_id=GROUP, auto_offset_reset="earliest")
    async with client, TopicSink(settings.kafka, client_id=GROUP) as results:
        stage = ShortlistStage(database)
        courier = Courier(stage, results, group=GROUP, max_bytes=4 << 20, retry_max_seconds=10)
        await log.start()
        try:
            while True:
                for batch in (await log.getmany(timeout_ms=500)).values():
                    await courier.deliver([inbound(record) for record in batch])
                await log.commit()
        finally:
            await log.stop()


if __name__ == "__main__":
    asyncio.run(main())
