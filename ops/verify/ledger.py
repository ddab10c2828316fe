"""The ledger: every key's state as its events give it, in a private temporary SQLite database.

Events of one key are scattered over its partition, so all states of a partition are needed until its end is read; in
memory that would be gigabytes for millions of records. SQLite keeps 64 MB of pages and spills the rest to a file that
has no name and is gone with the connection: nothing personal stays behind.
"""

import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import NamedTuple, Self

from processors.sync.merge import State, apply, merge
from processors.sync.merkle import leaf_range, position
from schemas.events import EntityEvent
from sinks.qdrant import point_id

CACHE_KIB = 64 * 1024
EMPTY = State()


class Entry(NamedTuple):
    """A key with what its events amount to."""

    key: str
    state: State


class Ledger:
    """States by range key. A range key is the id of a key's point in Qdrant: the one name that every store knows."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in (f"cache_size = -{CACHE_KIB}", "journal_mode = OFF", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE states (range_key TEXT PRIMARY KEY, position INTEGER, entry BLOB)")
        self._database.execute("CREATE INDEX by_position ON states (position)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM states").fetchone()[0])

    def apply(self, events: Iterable[EntityEvent]) -> None:
        """Add what events say."""
        by_key: dict[str, list[EntityEvent]] = {}
        for event in events:
            by_key.setdefault(event.id, []).append(event)
        self._update(by_key, lambda state, key: apply(state, by_key[key]))

    def absorb(self, states: Mapping[str, State]) -> None:
        """Add what stored states know; where an event and a stored state tell of the same, the event counts."""
        self._update(states, lambda state, key: merge(state, states[key]))

    def _update(self, keys: Iterable[str], change: Callable[[State, str], State]) -> None:
        names = {point_id(key): key for key in keys}
        known = self.get(names)
        rows = []
        for range_key, key in names.items():
            before = known[range_key].state if range_key in known else EMPTY
            # Only this process writes and reads the file, so pickle's freedom harms nobody; it keeps all of a state.
            rows.append((range_key, position(range_key), pickle.dumps(Entry(key, change(before, key)), 5)))
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", rows)
        self._database.execute("COMMIT")

    def get(self, range_keys: Iterable[str]) -> dict[str, Entry]:
        """Return the entries of the keys that have any."""
        statement = "SELECT entry FROM states WHERE range_key = ?"
        found = ((k, self._database.execute(statement, (k,)).fetchone()) for k in range_keys)
        return {k: _entry(row[0]) for k, row in found if row}

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield all entries by range key, in no order."""
        for range_key, entry in self._database.execute("SELECT range_key, entry FROM states"):
            yield range_key, _entry(entry)

    def in_leaves(self, leaves: Iterable[int], depth: int) -> Iterator[tuple[str, str]]:
        """Yield (range key, key) of what lies in the leaves of a tree of `depth`."""
        statement = "SELECT range_key, entry FROM states WHERE position BETWEEN ? AND ?"
        for leaf in leaves:
            for range_key, entry in self._database.execute(statement, leaf_range(leaf, depth)).fetchall():
                yield range_key, _entry(entry).key


def _entry(data: bytes) -> Entry:
    entry: Entry = pickle.loads(data)  # noqa: S301 - written by this process
    return entry
