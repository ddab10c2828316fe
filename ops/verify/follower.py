"""Keeps a ledger at what the consumer group has committed, and says what is under way beyond that."""

from collections.abc import Callable, Collection

from ops.verify.ledger import Ledger
from ops.verify.log import EventLog, Offsets

Counted = Callable[[int, int], None]


class Follower:
    """Follows one entity's log.

    Why a live system gives no false alarm: whoever judges a record asks for `settled` first, then reads the record, and
    only then asks which keys are `in_flight` beyond that. A key that is not was settled when it was read, so it must be
    exactly what the committed events say; of a key that is, nothing can be said yet.
    """

    def __init__(self, log: EventLog, ledger: Ledger) -> None:
        self._log = log
        self._ledger = ledger
        self._marks: Offsets | None = None

    async def catch_up(self, progress: Counted | None = None) -> int:
        """Add to the ledger what has been committed since the last time; return the number of records read."""
        marks = await self._log.committed(self._log.events_topic)
        starts = await self._log.beginnings(self._log.events_topic) if self._marks is None else self._marks
        await self._log.read_letters()  # which are there before their messages are committed
        total = sum(end - starts.get(p, 0) for p, end in marks.items())
        done = 0
        async for events, count in self._log.events(starts, marks):
            self._ledger.apply(events)
            done += count
            if progress:
                progress(done, total)
        self._marks = marks
        return done

    @property
    def marks(self) -> Offsets:
        """Up to where the ledger has come."""
        return dict(self._marks or {})

    async def settled(self, *, vectors: bool) -> Offsets:
        """Catch up; return the offsets up to which MongoDB, or the vectors as well, have everything."""
        published = await self._log.committed(self._log.records_topic) if vectors else {}
        await self.catch_up()
        return {**(self._marks or {}), **published}

    async def in_flight(self, settled: Offsets, range_keys: Collection[str]) -> set[str]:
        """Return which of `range_keys` have anything beyond what was settled."""
        return await self._log.keys_beyond(settled, range_keys) if range_keys else set()
