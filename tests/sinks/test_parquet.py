"""Parquet files: read by DuckDB, which is not ours, and whole after a crash at any step."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import dataset

from schemas.base import Model
from schemas.records import SourceRecord
from schemas.settings import KafkaSettings
from schemas.topics import MATCH_RESULTS, RECORDS
from sinks.base import TABLES, Chunk, Origin, SinkError
from sinks.parquet import GROUP_ROWS, ParquetFolder, arrow_type, schema
from streams.delivery import Inbound
from streams.export import Export, row_of
from streams.rolling import Limits

TALENTS = RECORDS["talent"]
TABLE = TABLES[TALENTS]
ORIGIN = Origin(TALENTS, "aa")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
ROOT = Path(__file__).parents[2]

FIELDS: dict[str, Any] = {
    "name": "王芳",
    "emails": ["wang@example.com"],
    "skills": [{"name": "Python", "years": 6.5, "last_used": "2025-06-01"}],
    "employments": [{"company": "甲公司", "title": "工程师", "start": "2019-03-01"}],
    "salary_expected": {"minimum": 30000, "currency": "CNY", "period": "month"},
    "years_experience": 6,
}
ORIGIN_OF = {"source": "crm", "time": "2026-02-28T10:00:00.000000Z", "event_id": "e-1"}


def record(offset: int, entity_id: str = "t-1", *, partition: int = 0, at: float = NOON, **fields: Any) -> Inbound:
    fields = fields or FIELDS
    value = SourceRecord("talent", entity_id, offset + 1, False, fields, dict.fromkeys(fields, ORIGIN_OF)).to_json()
    headers = [
        ("ce_id", f"r-{offset}".encode()),
        ("ce_source", b"looma/sync"),
        ("ce_time", b"2026-03-01T10:00:00.000000Z"),
        ("looma_cause", b"e-1"),
    ]
    return Inbound(TALENTS, partition, offset, entity_id.encode(), value, headers, at)


def chunk(*messages: Inbound, day: date = date(2026, 3, 1)) -> Chunk:
    first, last = messages[0], messages[-1]
    return Chunk(first.partition, first.offset, last.offset, day, (row_of(TABLE, m) for m in messages))


def select(folder: Path, what: str, rest: str = "") -> list[tuple[Any, ...]]:
    files = f"read_parquet('{folder}/*/*.parquet', hive_partitioning = true, union_by_name = true)"
    return duckdb.sql(f"SELECT {what} FROM {files} {rest}").fetchall()


@pytest.fixture
def sink(tmp_path: Path):
    with ParquetFolder(tmp_path) as opened:
        opened.prepare(TABLE, ORIGIN)
        yield opened


def test_a_foreign_reader_has_typed_columns_at_once(sink: ParquetFolder, tmp_path: Path) -> None:
    sink.write(TABLE, chunk(record(0), record(1, "t-2", name="李雷")))
    what = "id, revision, deleted, name, skills[1].name, skills[1].last_used, employments[1].start, dt, _source, _time"
    (first, second) = select(tmp_path / TALENTS, what, "ORDER BY _offset")
    day, used = date(2026, 3, 1), date(2025, 6, 1)
    assert first[:9] == ("t-1", 1, False, "王芳", "Python", used, date(2019, 3, 1), day, "looma/sync")
    assert first[9].astimezone(UTC) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert second[:5] == ("t-2", 2, False, "李雷", None)
    origins = select(
        tmp_path / TALENTS, "provenance['name'].source, provenance['name'].event_id, salary_expected.minimum"
    )
    assert origins[0] == ("crm", "e-1", 30000.0)
    raw, cause, event = select(tmp_path / TALENTS, "_json, _cause, _event_id", "ORDER BY _offset")[0]
    assert (json.loads(raw)["fields"], cause, event) == (FIELDS, "e-1", "r-0")


def test_an_erased_key_is_a_row_that_says_so(sink: ParquetFolder, tmp_path: Path) -> None:
    sink.write(TABLE, chunk(record(0), Inbound(TALENTS, 0, 1, b"t-1", None, [], NOON)))
    assert select(tmp_path / TALENTS, "id, deleted, revision, _json", "WHERE _offset = 1") == [
        ("t-1", True, None, None)
    ]


def matches(sink: ParquetFolder) -> None:
    feature = {"name": "skills", "score": 1.0, "weight": 0.5, "contribution": 0.5, "reason": "有全部技能"}
    match = {"talent_id": "t-1", "job_id": "j-1", "talent_revision": 3, "job_revision": 1, "status": "active"}
    match |= {"score": 0.5, "language": "zh", "features": [feature], "model": "m"}
    message = Inbound(MATCH_RESULTS, 0, 7, b"t-1|j-1", json.dumps(match).encode(), [("ce_id", b"m-1")], NOON)
    table = TABLES[MATCH_RESULTS]
    sink.prepare(table, Origin(MATCH_RESULTS, "bb"))
    sink.write(table, Chunk(0, 7, 7, date(2026, 3, 1), [row_of(table, message)]))


def test_matches_are_a_table_too(sink: ParquetFolder, tmp_path: Path) -> None:
    matches(sink)
    assert select(tmp_path / MATCH_RESULTS, "talent_id, features[1].reason, score, _event_id") == [
        ("t-1", "有全部技能", 0.5, "m-1")
    ]


def test_the_guides_queries_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ParquetFolder(tmp_path / "exported") as sink:
        sink.prepare(TABLE, ORIGIN)
        sink.write(TABLE, chunk(record(0, title="a"), record(1, title="b"), record(2, "t-2", title="c")))
        sink.write(TABLE, chunk(Inbound(TALENTS, 0, 3, b"t-2", None, [], NOON)))
        matches(sink)
    page = (ROOT / "docs" / "guides" / "export-to-parquet.md").read_text("utf-8")
    (sql,) = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    now, days = [duckdb.sql(statement).fetchall() for statement in sql.split(";") if statement.strip()]
    assert now == [("t-1", "b", None, None)]
    assert days == [(date(2026, 3, 1), 1, 0.5)]


def test_a_folder_is_a_dataset_for_arrow_and_what_is_hidden_is_no_part_of_it(
    sink: ParquetFolder, tmp_path: Path
) -> None:
    sink.write(TABLE, chunk(record(0), record(1)))
    (tmp_path / TALENTS / "dt=2026-03-01" / ".x.parquet.tmp").write_bytes(b"half")
    found = dataset.dataset(tmp_path / TALENTS, partitioning="hive", format="parquet")
    assert found.count_rows() == 2
    assert {*schema(TABLE.model).names, "dt"} == set(found.schema.names)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_field_of_a_model_is_a_column(table) -> None:
    names = schema(table.model).names
    assert len(set(names)) == len(names)
    inner = table.model.model_fields.get("fields")
    fields = {*table.model.model_fields, *(inner.annotation.model_fields if inner else ())} - {"fields"}
    assert fields <= set(names)
    assert table.person is None or table.person in names


def test_a_type_that_no_column_has_is_refused() -> None:
    class Odd(Model):
        either: int | str

    with pytest.raises(ValueError):
        schema(Odd)
    assert arrow_type(list[int] | None) == pa.list_(pa.int64())


def test_more_rows_than_a_group_has_go_into_one_file(sink: ParquetFolder, tmp_path: Path) -> None:
    messages = [record(n, name="x") for n in range(GROUP_ROWS + 1)]
    sink.write(TABLE, chunk(*messages))
    assert select(tmp_path / TALENTS, "count(*), max(_offset)") == [(GROUP_ROWS + 1, GROUP_ROWS)]


class Killed(Exception):
    pass


class Crash:
    """Lets the process end at one of the steps by which a file comes to be; nothing cleans up after that."""

    STEPS: ClassVar = [(os, "fsync"), (Path, "replace"), (Path, "mkdir"), (pq.ParquetWriter, "write_table")]

    def __init__(self, patch: pytest.MonkeyPatch, at: int, after: bool) -> None:
        self.left, self.after = at, after
        for owner, name in self.STEPS:
            patch.setattr(owner, name, self._step(getattr(owner, name)))
        unlink = Path.unlink
        patch.setattr(Path, "unlink", lambda path, **o: None if self.left < 0 else unlink(path, **o))

    def _step(self, action):
        def step(*arguments, **options):
            self.left -= 1
            if self.left >= 0:
                return action(*arguments, **options)
            if self.left == -1 and self.after:
                action(*arguments, **options)
            raise Killed

        return step


async def export(folder: Path, log: list[ConsumerRecord[bytes, bytes]], limits: Limits) -> Export:
    """Run an export over a log as it is read, from where the folder says."""

    async def always() -> bool:
        return True

    with ParquetFolder(folder) as sink:
        work = Export(KafkaSettings(), sink, {TALENTS: TABLE}, limits, is_current=always)
        starts = sink.prepare(TABLE, ORIGIN)
        work._next = {(TALENTS, p): starts.get(p, 0) for p in range(3)}
        for each in log:
            if each.offset >= starts.get(each.partition, 0):
                await work._take(each)
        await work._write(work._rolling.rest())
    return work


def as_kept(message: Inbound) -> ConsumerRecord[bytes, bytes]:
    value, key = message.value, message.key
    time = int(message.timestamp * 1000)
    return ConsumerRecord(
        message.topic, message.partition, message.offset, time, 1, key, value, None, 0, 0, message.headers
    )


logs = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 2), st.booleans()), min_size=1, max_size=30
)
crashes = st.lists(st.tuples(st.integers(0, 16), st.booleans(), st.integers(1, 6)), max_size=4)


@given(logs, crashes)
def test_after_any_crash_the_rows_are_the_topics(said, crashes) -> None:
    """However often it ends, wherever, and however the files are cut then: each message is a row, and one."""
    ends = Counter({0: -1, 1: -1, 2: -1})
    log, good = [], set()
    for partition, step, day, is_good in said:
        ends[partition] += step
        message = record(ends[partition], partition=partition, at=NOON + day * 86_400, name="x")
        if is_good:
            good.add((partition, message.offset))
        else:
            message = Inbound(TALENTS, partition, message.offset, b"t", b"{", [], message.timestamp)
        log.append(as_kept(message))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "out"
        for at, after, rows in crashes:
            with pytest.MonkeyPatch.context() as patch:
                Crash(patch, at, after)
                try:
                    asyncio.run(export(folder, log, Limits(rows, 2000)))
                except Killed:
                    continue
        last = asyncio.run(export(folder, log, Limits(4)))
        found = Counter(select(folder / TALENTS, "_partition, _offset"))
        assert found == Counter(good)
        assert not list(folder.rglob("*.tmp"))
        again = asyncio.run(export(folder, log, Limits(4)))
        assert (again.report.chunks, again.report.refused_count) == (0, 0)
        assert last.report.refused_count <= len(log) - len(good)


def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    bad = [
        Inbound(TALENTS, 0, 0, b"t-1", b"{", [], NOON),
        Inbound(TALENTS, 0, 1, b"t-2", record(1, "t-1").value, [], NOON),
        Inbound(TALENTS, 0, 2, b"\xff", record(2).value, [], NOON),
        Inbound(TALENTS, 0, 3, b"t-1", b'{"entity": "talent", "id": "t-1", "name": "x"}', [], NOON),
        Inbound(TALENTS, 0, 4, b"", b"", [("looma_unreadable", b"why")], NOON),
    ]
    work = asyncio.run(export(tmp_path, [as_kept(m) for m in bad], Limits()))
    found = [(each.offset, each.code) for each in work.report.refused]
    assert found == [
        (0, "invalid_json"),
        (1, "bad_key"),
        (2, "bad_key"),
        (3, "invalid_data"),
        (4, "unreadable_batch"),
    ]
    assert select(tmp_path / TALENTS, "count(*)") == [(0,)]


def test_a_log_that_begins_anew_is_no_continuation(tmp_path: Path) -> None:
    log = [as_kept(record(n)) for n in (0, 1, 0)]
    with pytest.raises(SinkError, match="made anew"):
        asyncio.run(export(tmp_path, log, Limits()))
    with ParquetFolder(tmp_path) as sink, pytest.raises(SinkError, match="another folder"):
        sink.prepare(TABLE, Origin(TALENTS, "bb"))


def test_a_person_is_erased_and_nobody_else(sink: ParquetFolder, tmp_path: Path) -> None:
    sink.write(TABLE, chunk(record(0), record(1, "t-2"), record(2)))
    sink.write(TABLE, chunk(record(3, "t-2")))
    sink.write(TABLE, chunk(record(4)))
    assert sink.about(TABLE, "t-1") == 3
    untouched = tmp_path / TALENTS / "dt=2026-03-01" / f"{TALENTS}+0+0000000003+0000000003.parquet"
    before = untouched.stat().st_mtime_ns
    assert sink.erase(TABLE, "t-1") == 3
    assert select(tmp_path / TALENTS, "id, _offset", "ORDER BY 2") == [("t-2", 1), ("t-2", 3)]
    assert untouched.stat().st_mtime_ns == before
    assert sink.prepare(TABLE, ORIGIN) == {0: 5}  # the export goes on where it was
    assert (sink.erase(TABLE, "t-1"), sink.about(TABLE, "t-1")) == (0, 0)
    for file in tmp_path.rglob("*.parquet"):
        assert b"t-1" not in file.read_bytes()


def test_one_process_writes_to_a_folder(sink: ParquetFolder, tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="another process"), ParquetFolder(tmp_path):
        pass


FULL = """
import resource, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import test_parquet as t
with t.ParquetFolder(t.Path({folder!r})) as sink:
    sink.prepare(t.TABLE, t.ORIGIN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        sink.write(t.TABLE, t.chunk(*[t.record(n, name=str(n)) for n in range(500)]))
    except OSError as error:
        print(error.errno, error.filename)
    print([str(p) for p in t.Path({folder!r}).rglob("*.parquet*")])
"""


@pytest.mark.slow
def test_a_full_disk_leaves_no_piece_and_names_the_file(tmp_path: Path) -> None:
    """By a limit that the system enforces."""
    code = FULL.format(root=str(ROOT), tests=str(Path(__file__).parent), folder=str(tmp_path / "out"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said, left = done.stdout.splitlines()
    assert said.startswith("27 ")
    assert said.endswith("+0+0000000000+0000000499.parquet")
    assert left == "[]"
