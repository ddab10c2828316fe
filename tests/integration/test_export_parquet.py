"""`looma export parquet` on a real Kafka: killed at any moment, the files hold exactly what the topics do."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions, RecordsToDelete
from test_pipeline import JOB, TALENT

from schemas.exits import Exit
from schemas.records import SourceRecord
from schemas.topics import MATCH_RESULTS, RECORDS
from sinks.base import TABLES, Chunk, Origin, SinkError, Table
from sinks.kafka import admin, producer
from streams.export import Export
from streams.reading import partitions_of, reader
from streams.rolling import Limits
from tests.support.cluster import run_looma

TALENTS = RECORDS["talent"]


def message(entity_id: str, revision: int = 1, **fields: Any) -> tuple[str, bytes, bytes, list[tuple[str, bytes]]]:
    fields = fields or {"name": "王芳", "summary": "经" * random.randrange(200)}
    value = SourceRecord("talent", entity_id, revision, False, fields, {}).to_json()
    return TALENTS, entity_id.encode(), value, [("ce_id", f"{entity_id}-{revision}".encode())]


def rows(
    folder: Path, what: str = "_partition, _offset", topic: str = TALENTS, rest: str = ""
) -> list[tuple[Any, ...]]:
    files = f"read_parquet('{folder}/{topic}/*/*.parquet', hive_partitioning = true)"
    return duckdb.sql(f"SELECT {what} FROM {files} {rest}").fetchall()


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.parquet"))


def started(cluster, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ops.cli", "export", "parquet", *arguments]
    return subprocess.Popen(command, env=cluster.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def until(condition, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.long
def test_killed_at_any_moment_the_files_hold_what_the_topic_does(cluster, prefix: str, tmp_path: Path) -> None:
    cluster.publish([message(f"{prefix}-{n % 300}", n) for n in range(3000)])
    cluster.publish([(TALENTS, f"{prefix}-bad".encode(), b"{", [])])
    folder = tmp_path / "out"
    draw = random.Random()
    for _ in range(5):
        before = len(files(folder))
        process = started(cluster, str(folder), "--topics", TALENTS, "--rows", "40", "--seconds", "0.2")
        until(lambda: len(files(folder)) > before, process)  # noqa: B023
        time.sleep(draw.uniform(0, 0.15))
        process.kill()
        process.communicate()
    cluster.publish([message(f"{prefix}-late")])
    said = json.loads(cluster.looma("export", "parquet", str(folder), "--once", "--json", "--topics", TALENTS, code=1))
    assert sum(said["rows"].values()) > 0
    kept = cluster.read(TALENTS)
    good = Counter((r.partition, r.offset) for r in kept if r.value != b"{")
    assert Counter(rows(folder)) == good
    assert good.total() == 3001
    assert not list(folder.rglob("*.tmp"))
    mine = {r.offset: r.value.decode() for r in kept if r.partition == 0 and r.value != b"{"}
    assert dict(rows(folder, "_offset, _json", rest="WHERE _partition = 0")) == mine


def test_what_cannot_be_read_is_told_once_and_ends_with_1(cluster, prefix: str, tmp_path: Path) -> None:
    cluster.publish([(TALENTS, f"{prefix}-bad".encode(), b"[]", [])])
    arguments = ("export", "parquet", str(tmp_path / "out"), "--once", "--topics", TALENTS)
    done = run_looma(cluster.environment, *arguments)
    assert done.code == Exit.REFUSED
    assert f"not exported: {TALENTS}/" in done.stderr
    assert "invalid_data" in done.stderr
    assert "0 files" in cluster.looma(*arguments)


def test_ctrl_c_writes_what_was_read_and_ends_with_130(cluster, prefix: str, tmp_path: Path) -> None:
    cluster.looma("export", "parquet", str(tmp_path / "out"), "--once", "--topics", TALENTS, code=1)
    before = len(rows(tmp_path / "out"))
    process = started(cluster, str(tmp_path / "out"), "--topics", TALENTS, "--json", "--rows", "5")
    cluster.publish([message(f"{prefix}-one") for _ in range(7)])
    until(lambda: len(rows(tmp_path / "out")) == before + 5, process)  # two wait for their file
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (Exit.INTERRUPTED, b"")
    assert json.loads(out)["rows"] == {TALENTS: 7}
    assert len(rows(tmp_path / "out")) == before + 7


def test_it_says_in_one_line_why_it_cannot(cluster, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments, code, says in (
        ([str(tmp_path / "file" / "out")], Exit.FILES, "file"),
        ([str(tmp_path / "out"), "--topics", "talent-events"], Exit.USAGE, "talent-events"),
    ):
        done = run_looma(cluster.environment, "export", "parquet", *arguments)
        assert done.code == code, done.stderr
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert "another process" in _while_held(cluster, tmp_path / "held")


def _while_held(cluster, folder: Path) -> str:
    process = started(cluster, str(folder), "--topics", TALENTS)
    try:
        until(lambda: (folder / TALENTS).exists(), process)
        return cluster.refused("export", "parquet", str(folder), "--once")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("held", [True, pytest.param(False, marks=pytest.mark.long)])
def test_the_workers_records_and_matches_and_a_forgotten_person(
    cluster, make, prefix: str, tmp_path: Path, held: bool
) -> None:
    if held:  # while an export runs nothing is forgotten, half of it neither
        process = started(cluster, str(tmp_path / "out"), "--topics", TALENTS)
        until(lambda: (tmp_path / "out" / TALENTS).exists(), process)
        assert "another process" in cluster.refused("forget", "t-0", "--yes", "--export", str(tmp_path / "out"))
        process.kill()
        process.communicate()
        return
    worker = cluster.worker()
    one, two, job = f"{prefix}-t1", f"{prefix}-t2", f"{prefix}-j"
    cluster.publish([make("job", job, JOB)])
    cluster.drained()
    cluster.publish([make("talent", each, TALENT) for each in (one, two)])
    cluster.drained()
    folder = tmp_path / "out"
    said = json.loads(cluster.looma("export", "parquet", str(folder), "--once", "--json", code=1))
    assert said["rows"][MATCH_RESULTS] >= 2
    mine = f"WHERE talent_id IN ('{one}', '{two}')"
    assert sorted(rows(folder, "talent_id, job_id, status", MATCH_RESULTS, mine)) == [
        (one, job, "active"),
        (two, job, "active"),
    ]
    stored = {d["_id"]: d["fields"] for d in cluster.documents("talents", {"_id": {"$in": [one, two]}})}
    exported = rows(folder, "id, _json", TALENTS, f"WHERE id IN ('{one}', '{two}')")
    assert {i: json.loads(raw)["fields"] for i, raw in exported} == stored

    planned = json.loads(cluster.looma("forget", one, "--dry-run", "--json", "--export", str(folder)))
    assert planned[0]["stores"][f"rows in {folder}"] == 2
    cluster.looma("forget", one, "--yes", "--export", str(folder))
    assert not rows(folder, "id", TALENTS, f"WHERE id = '{one}'")
    assert rows(folder, "talent_id", MATCH_RESULTS, mine) == [(two,)]
    assert worker.stop() == 0


class Remembering:
    """A sink that says that it has come so far."""

    def __init__(self, next_offset: int) -> None:
        self.next_offset = next_offset
        self.rows = 0

    def prepare(self, table: Table, origin: Origin) -> dict[int, int]:
        return dict.fromkeys(range(4), self.next_offset) if self.next_offset else {}

    def write(self, table: Table, chunk: Chunk) -> None:
        self.rows += len(list(chunk.rows))


def exported(cluster, sink: Remembering, once: bool = True, **options: Any) -> Export:
    work = Export(cluster.settings.kafka, sink, {MATCH_RESULTS: TABLES[MATCH_RESULTS]}, Limits(), **options)
    asyncio.run(work.run(once=once))
    return work


def test_what_retention_took_first_is_told(cluster, prefix: str) -> None:
    match = {"talent_id": prefix, "job_id": "j", "talent_revision": 1, "job_revision": 1, "status": "active"}
    match |= {"score": 0.5, "language": "zh", "features": [], "model": "m"}
    cluster.publish([(MATCH_RESULTS, f"{prefix}|{n}".encode(), json.dumps(match).encode(), []) for n in range(100)])

    async def delete() -> dict[TopicPartition, int]:
        async with admin(cluster.settings.kafka) as asked, reader(cluster.settings.kafka) as log:
            ends = await log.end_offsets(await partitions_of(asked, [MATCH_RESULTS]))
            await asked.delete_records({p: RecordsToDelete(end - 1) for p, end in ends.items()})
            return ends

    ends = asyncio.run(delete())
    sink = Remembering(1)
    assert exported(cluster, sink).report.expired == {MATCH_RESULTS: sum(end - 2 for end in ends.values())}
    assert sink.rows == 4
    assert exported(cluster, Remembering(0)).report.expired == {}


def test_it_does_not_go_on_in_another_topic_or_generation(cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SinkError, match="lost messages"):
        exported(cluster, Remembering(10**6))

    async def never() -> bool:
        return False

    monkeypatch.setattr("streams.export.LOOK_SECONDS", 0.0)
    with pytest.raises(SinkError, match="another generation"):
        exported(cluster, Remembering(0), once=False, is_current=never)


def test_partitions_that_a_topic_gets_meanwhile_are_followed(
    cluster, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = {"talent_id": prefix, "job_id": "j", "talent_revision": 1, "job_revision": 1, "status": "active"}
    value = json.dumps(match | {"score": 0.5, "language": "zh", "features": [], "model": "m"}).encode()
    monkeypatch.setattr("streams.export.LOOK_SECONDS", 0.0)

    class Kept(Remembering):
        offsets: ClassVar[list[tuple[int, int]]] = []

        def write(self, table: Table, chunk: Chunk) -> None:
            self.offsets += [(row.partition, row.offset) for row in chunk.rows]

    async def follow() -> None:
        work = Export(cluster.settings.kafka, Kept(0), {MATCH_RESULTS: TABLES[MATCH_RESULTS]}, Limits(seconds=0.1))
        following = asyncio.create_task(work.run(once=False))
        async with admin(cluster.settings.kafka) as asked, producer(cluster.settings.kafka) as sender:
            count = len(await partitions_of(asked, [MATCH_RESULTS]))
            await asked.create_partitions({MATCH_RESULTS: NewPartitions(count + 1)})
            first = await sender.send_and_wait(MATCH_RESULTS, value, f"{prefix}|j".encode(), partition=0)
            last = await sender.send_and_wait(MATCH_RESULTS, value, f"{prefix}|j".encode(), partition=count)
        wanted = {(0, first.offset), (count, last.offset)}
        async with asyncio.timeout(60):
            while not wanted <= set(Kept.offsets):
                assert not following.done(), following.result()
                await asyncio.sleep(0.1)
        work.stop.set()
        await following

    asyncio.run(follow())
    assert len(Kept.offsets) == len(set(Kept.offsets)), "nothing is read twice"
