"""A sink of your own: records and matches into SQLite, each exactly once."""

import asyncio
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.runtime.settings_errors import read_settings
from sinks.base import TABLES, Chunk, Origin, Table
from streams.export import Export
from streams.rolling import Limits


class SQLiteSink:
    """One table of all messages. A chunk is one transaction, and how far the sink has come is read from the rows."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        columns = "topic TEXT, partition INTEGER, offset INTEGER, key TEXT, json TEXT"
        self._database.execute(
            f"CREATE TABLE IF NOT EXISTS messages ({columns}, PRIMARY KEY (topic, partition, offset))"
        )

    def prepare(self, table: Table, origin: Origin) -> Mapping[int, int]:
        """Return the offset behind the last row of each partition."""
        query = "SELECT partition, max(offset) + 1 FROM messages WHERE topic = ? GROUP BY partition"
        return dict(self._database.execute(query, (table.name,)))

    def write(self, table: Table, chunk: Chunk) -> None:
        """Insert a chunk."""
        rows = [(table.name, row.partition, row.offset, row.key, row.json) for row in chunk.rows]
        with self._database:
            self._database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", rows)


async def main(path: Path) -> None:
    """Store all that the topics have now."""
    export = Export(read_settings().kafka, SQLiteSink(path), TABLES, Limits(rows=1000))
    await export.run(once=True)
    for topic, count in export.report.rows.items():
        print(f"{count} {topic}")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
