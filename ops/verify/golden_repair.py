"""Repair of golden records: they are computed again from links and events, told to `identities`, and stored."""

import asyncio
from collections.abc import Sequence

from ops.verify.batches import batches
from ops.verify.follower import Follower
from ops.verify.golden import GoldenReplica
from ops.verify.ledger import Ledger
from ops.verify.report import Difference, Progress
from sinks.qdrant import point_id
from sinks.topic_sink import TopicSink

ATTEMPTS = 5
PAUSE_SECONDS = 1.0


class GoldenRepair:
    """The repair of one entity's golden records. Doing it twice changes nothing."""

    def __init__(
        self, replica: GoldenReplica, ledger: Ledger, follower: Follower, sink: TopicSink, identities_topic: str
    ) -> None:
        self._replica = replica
        self._ledger = ledger
        self._follower = follower
        self._sink = sink
        self._topic = identities_topic

    async def run(self, differences: Sequence[Difference], progress: Progress) -> tuple[Difference, ...]:
        """Repair them; return those that are still changing under our hands, or cannot be computed."""
        left = list(differences)
        for attempt in range(ATTEMPTS if differences else 0):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS)
            left = [d for batch in batches(left) for d in await self._batch(batch)]
            progress(f"{differences[0].entity} golden repair", len(differences) - len(left), len(differences))
            if not left:
                break
        return tuple(left)

    async def _batch(self, differences: Sequence[Difference]) -> list[Difference]:
        """Repair some; return those that are not done.

        A worker may be faster, and what it has stored replaced by what was so before. Then its event lies beyond what
        was settled when we read, and the record is written once more.
        """
        settled = await self._follower.settled(vectors=True)
        ids = [d.address.id for d in differences]
        try:
            wanted = await self._replica.wanted(ids, self._ledger)
        except (KeyError, ValueError, TypeError):  # one is not readable: the others by themselves
            if len(differences) == 1:
                return list(differences)
            return [d for each in differences for d in await self._batch([each])]
        await self._sink.publish(self._replica.messages(wanted, self._topic))
        await self._replica.write(wanted)
        wrong = {v.difference.address.id for v in await self._replica.judge(ids, self._ledger)}
        flying = await self._follower.in_flight(
            settled, {point_id(m) for m in wanted.golden} | {point_id(str(i)) for i in ids}
        )
        moving = {root for member, root in wanted.golden.items() if point_id(member) in flying}
        return [
            d
            for d in differences
            if d.address.id in wrong or d.address.range_key in flying or wanted.golden.get(d.address.id) in moving
        ]
