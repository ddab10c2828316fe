"""The consumer without its thread, and the thread's object without a thread."""

from dataclasses import dataclass
from types import SimpleNamespace

from aiokafka import TopicPartition
from faust.types import TP

from streams import consumer as consumer_module
from streams.consumer import Consumer, Span

PLACE = TP("talent-events", 0)


def bare_thread() -> consumer_module._Thread:
    """The thread's object without a thread."""
    thread = object.__new__(consumer_module._Thread)
    thread._ended, thread._fetching, thread.sealed = {}, None, {}
    return thread


@dataclass(eq=False)
class Fetched:
    """A message as Faust hands it on."""

    offset: int
    tp: TP = PLACE
    acked: bool = False


class Committing(Consumer):
    """The consumer without its thread: commits go to a list, or fail."""

    def __init__(self) -> None:
        self._offsets, self._committed, self._unacked_messages = {}, {}, set()
        self._full, self._heavy = set(), set()
        self.assigned = {PLACE}
        self.commits: list[dict[TP, int]] = []
        self.fails = False
        self.next_fetch: object = None
        self._thread = SimpleNamespace(getmany=self._fetched, give_back=self._give_back)
        self.given_back: list[TP] = []
        self.end: int | None = None
        self.app = SimpleNamespace(consumer_generation_id=1)
        self.rebalances = False
        self.value = b""

    async def _give_back(self, partitions: set[TP]) -> None:
        self.given_back += partitions
        self.end = None

    async def _fetched(self, *_: object) -> object:
        if self.rebalances:
            self.app.consumer_generation_id += 1
        return self.next_fetch

    def assignment(self) -> set[TP]:
        return self.assigned

    async def _commit(self, offsets: dict[TP, int]) -> bool:
        self.commits.append(dict(offsets))
        return not self.fails

    async def fetch(self, *offsets: int, position: int | None = None, anew: bool = False) -> list[Fetched]:
        """Fetch what begins where the fetch before it ended, or anew; return what the agents are given of it."""
        records = [SimpleNamespace(offset=o, key=b"k", value=self.value, headers=[("h", b"1")]) for o in offsets]
        place = TopicPartition(*PLACE)
        span = Span(None if anew else self.end, position or offsets[-1] + 1)
        self.end = span.end
        self.next_fetch = ({place: records} if records else {}, {place: span})
        given = await self._getmany({PLACE}, 1.0)
        return [Fetched(record.offset) for batch in given.values() for record in batch]
