"""What an archive of old events gives back: messages go into their topics again, as they were."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from processors.sync.policy import load_policy
from schemas.errors import LoomaError
from schemas.settings import Settings
from sinks.base import ARCHIVE
from sinks.forgotten import Forgotten
from sinks.parquet import files
from sinks.sealing import Ring, Sealed, ring
from sinks.topic_sink import Message, TopicSink
from streams import decoding
from streams.delivery import Inbound
from streams.generations.database import base_database

BATCH = 500
_COLUMNS = ["people", "key", "value", "headers", "_partition", "_offset", "_appended"]


class ArchiveError(LoomaError):
    """An archive cannot be read; the text says why."""

    code = "archive"


def days(folder: Path) -> dict[date, Counter[str]]:
    """Return how many messages of each topic an archive holds, by the day on which Kafka appended them."""
    found: dict[date, Counter[str]] = {}
    for topic in ARCHIVE:
        for file in files(folder / topic):
            path = Path(file.string)
            rows = _open(path).metadata.num_rows
            found.setdefault(_day(path), Counter())[topic] += rows
    return dict(sorted(found.items()))


async def restore(
    settings: Settings,
    folder: Path,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Counter[str]:
    """Publish archived messages of these days into their topics; return how many of each.

    Events merge in any order and by their ids, so what is in a topic still changes nothing. Passed over are messages of
    forgotten people, and those that were refused when they came: by a later clock they might be accepted. Raises
    NoKeyError.
    """
    if not any((folder / topic).is_dir() for topic in ARCHIVE):
        raise ArchiveError(f"{folder} holds no archive")
    counts: Counter[str] = Counter()
    stages, keys = decoding.stages_to_read(load_policy(settings.sync.policy)), ring(settings.kafka)
    async with base_database(settings) as base, TopicSink(settings.kafka, client_id="looma-archive") as sink:
        forgotten = Forgotten(base)
        for topic in ARCHIVE:
            for path in _of_days(folder / topic, since, until):
                rows = _rows(path)
                while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):  # noqa: B023
                    await forgotten.refresh()
                    inbound = [
                        _inbound(topic, row, keys)
                        for row in batch
                        if not any(person in forgotten for person in row["people"])
                    ]
                    messages = [
                        Message(topic, m.key, m.value, m.headers)
                        for m in inbound
                        if decoding.refusal(stages[topic], m) is None
                    ]
                    await sink.publish(messages)
                    counts[topic] += len(messages)
                    progress(counts.total())
    return counts


def _of_days(folder: Path, since: date | None, until: date | None) -> Sequence[Path]:
    """Return the files of these days, each partition's in the order of its offsets."""
    found = sorted(files(folder), key=lambda file: (int(file["partition"]), int(file["first"])))
    paths = [Path(file.string) for file in found]
    return [p for p in paths if (since is None or _day(p) >= since) and (until is None or _day(p) <= until)]


def _day(path: Path) -> date:
    try:
        return date.fromisoformat(path.parent.name.removeprefix("dt="))
    except ValueError:
        raise ArchiveError(f"{path.parent} is named by no day") from None


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise ArchiveError(f"{path} is damaged") from error


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for batch in _open(path).iter_batches(BATCH, columns=_COLUMNS):
            yield from batch.to_pylist()
    except (pa.ArrowInvalid, OSError) as error:
        raise ArchiveError(f"{path} is damaged") from error


def _headers(row: dict[str, Any]) -> list[tuple[str, bytes]]:
    return [(header["name"], header["value"]) for header in row["headers"]]


def _inbound(topic: str, row: dict[str, Any], keys: Ring) -> Inbound:
    appended: datetime | None = row["_appended"]
    at = appended.timestamp() if appended else 0.0
    opened = keys.open(topic, row["key"], Sealed(row["value"], _headers(row)), is_lenient=False)
    return Inbound(topic, row["_partition"], row["_offset"], row["key"], opened.value, opened.headers, at)
