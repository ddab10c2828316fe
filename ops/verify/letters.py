"""The dead letters, by which messages that changed nothing are accounted for; spilled to disk as the ledger is."""

import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiokafka.structs import ConsumerRecord

from streams.dead_letters import letter_id, mark, original, place
from streams.delivery import Inbound


class Letters:
    """Which messages have a dead letter. A context manager.

    A letter stands for the message with its place, its bytes and, if the letter says so, its time: what has the place
    now may be another message than the one that failed there before the topic was made again.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE letters (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._any = False
        self.is_complete = True
        """Whether retention has removed none."""
        self.oldest: float | None = None
        """When the oldest that is kept was appended, in seconds since the epoch."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Add the dead letters in records of the topic."""
        for record in records:
            name = letter_id(record)
            if name.count("/") == 2:  # of an earlier version: it does not tell the time
                name += "/" + mark("", *original(record))
            self._database.execute("INSERT OR IGNORE INTO letters VALUES (?)", (name,))
            at = record.timestamp / 1000
            self.oldest = at if self.oldest is None else min(self.oldest, at)
            self._any = True

    def names(self, message: Inbound) -> bool:
        """Whether a message has a dead letter."""
        if not self._any:
            return False
        at = place(message.topic, message.partition, message.offset)
        found = self._database.execute("SELECT id FROM letters WHERE id BETWEEN ? AND ?", (f"{at}/", f"{at}0"))
        marks = {name.rpartition("/")[2] for (name,) in found.fetchall()}
        times = (str(round(message.timestamp * 1000)), "")
        return bool(marks) and any(mark(time, message.key, message.value) in marks for time in times)

    def may_be_gone(self, message: Inbound) -> bool:
        """Whether retention may have removed the message's dead letter, which is never older than the message."""
        return not self.is_complete and (self.oldest is None or message.timestamp <= self.oldest)
