"""Backfills that are killed, retried and raced by live writes: every record has its effect once, and counts add up."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import AsyncMongoClient

from connectors.checkpoint import CheckpointError, RunFile
from connectors.message import EventMessage
from connectors.publisher import EventPublisher
from connectors.rows import Row, RowError
from connectors.sources.base import Cursor, SourceError, Step
from connectors.sources.mongo import MongoSource
from ops.benchmarks import backfill as bench_backfill
from ops.local.embedded.stack import free_ports
from ops.sync.backfill import RUN_HEADER, Backfill, begin, runs_dir
from ops.sync.report import account, markdown, publish_report
from schemas.exits import Exit
from schemas.sync_reports import SyncReport
from schemas.topics import EVENTS
from sinks import mongodb
from tests.support.cluster import run_looma

TALENTS = EVENTS["talent"]
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def spawn(cluster: Any, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ops.cli", "sync", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**cluster.environment, **environment},
    )


def sync(cluster: Any, *arguments: str, code: int = 0, **environment: str) -> str:
    done = run_looma({**cluster.environment, **environment}, "sync", *arguments)
    assert done.code == code, done.stdout + done.stderr
    return done.stdout if code != 2 else done.stderr


def wait_for(condition: Callable[[], Any], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def of_run(cluster: Any, run: str, topic: str = TALENTS) -> list[Any]:
    return [r for r in cluster.read(topic) if dict(r.headers).get(RUN_HEADER) == run.encode()]


def counted(cluster: Any, file: RunFile) -> list[Any]:
    """Return the run's messages that its checkpoint counts: all but those that were sent again after a crash."""
    checkpoint = file.load()
    assert checkpoint is not None
    ranges = checkpoint.ranges[TALENTS]
    return [r for r in of_run(cluster, file.run) if any(a <= r.offset <= b for a, b in ranges.get(r.partition, []))]


def talents(path: Path, prefix: str, count: int, broken: tuple[int, ...] = ()) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            fields = {"nickname": "x"} if n in broken else {"name": f"n{n}", "summary": "x" * 300}
            file.write(json.dumps({"id": f"{prefix}-{n:05d}", "fields": fields}) + "\n")
    return path


@pytest.mark.long
def test_kill_minus_9_twice_in_mid_run(cluster: Any, prefix: str, tmp_path: Path) -> None:
    count, broken = 3000, (7, 1500, 2999)
    path = talents(tmp_path / "talents.jsonl", prefix, count, broken)
    arguments = ("run", str(path), "--entity", "talent", "--source", "crm", "--run", prefix)
    file = RunFile(runs_dir(cluster.settings), prefix)
    cluster.worker("--sync-only")
    for goal in (500, 1200):
        process = spawn(cluster, *arguments, "--rate", "300/s")
        wait_for(lambda goal=goal: (c := file.load()) is not None and c.read_count > goal)
        assert file.is_worked_on()
        with pytest.raises(CheckpointError, match="another process works on the run"), file.working():
            pass
        process.kill()
        process.wait(10)
        process.communicate()
        checkpoint = file.load()
        assert checkpoint is not None
        assert checkpoint.read_count < count, "the run was killed too late to prove anything"
        own = {s["run"]: s for s in json.loads(sync(cluster, "status", "--json"))}[prefix]
        assert own["state"] == "interrupted"
        assert own["seconds_left"] > 0

    report = json.loads(sync(cluster, *arguments, "--wait", "--json", code=1))

    assert report["adds_up"]
    assert report["state"] == "done"
    assert (report["read"], report["refused"], report["published"]) == (count, 3, count - 3)
    assert (report["dead_lettered"], report["handled"], report["waiting"]) == (0, count - 3, 0)
    assert [r["at"] for r in report["rejections"]] == [f"record {n + 1}" for n in broken]
    documents = cluster.documents("talents", {"_id": {"$gte": prefix, "$lt": prefix + "~"}})
    assert len(documents) == count - 3
    assert {d["revision"] for d in documents} == {1}, "every event changed its record exactly once"

    sent = of_run(cluster, prefix)
    events = Counter(dict(r.headers)["ce_id"] for r in sent)
    assert len(events) == count - 3
    [now] = {s["run"]: s for s in json.loads(sync(cluster, "status", "--json"))}[prefix]["counts"]
    assert (now["handled"], now["late"], now["conflicts"]) == (count - 3, 0, 0)
    assert 0 < now["freshness_p99_seconds"] < 3600
    assert "fresh p99" in sync(cluster, "status", COLUMNS="200")
    once = counted(cluster, file)
    assert len(once) == count - 3, "what was sent again after a crash lies outside of the ranges"
    assert {dict(r.headers)["ce_id"] for r in once} == set(events)

    again = json.loads(sync(cluster, *arguments, "--json", code=1))
    assert (again["read"], again["published"]) == (count, count - 3)
    assert len(of_run(cluster, prefix)) == len(sent), "a finished run has nothing left to publish"

    text = sync(cluster, "report", prefix, "--markdown", code=1)
    assert f"| {count} | 3 | {count - 3} | 0 | {count - 3} | 0 |" in text
    assert f"| record 1501 | {prefix}-01500 | no fields of a talent: nickname; " in text
    refused = [json.loads(line) for line in file.refusals_path.read_text().splitlines()]
    assert [each["id"] for each in refused] == [f"{prefix}-{n:05d}" for n in broken]
    assert all(json.loads(each["raw"])["fields"] == {"nickname": "x"} for each in refused)
    assert "3 refused" in sync(cluster, "run", str(path), "--entity", "talent", "--dry-run", code=1)
    stored = cluster.documents("sync_reports", {"_id": prefix})[0]
    assert (stored["handled"], stored["state"], len(stored["rejections"])) == (count - 3, "done", 3)
    published = [json.loads(r.value) for r in cluster.read("sync-reports") if r.key == prefix.encode()]
    assert published[-1]["handled"] == count - 3


def test_commands_say_what_is_wrong(cluster: Any, prefix: str, tmp_path: Path) -> None:
    path = talents(tmp_path / "t.jsonl", prefix, 3)
    planned = json.loads(sync(cluster, "run", str(path), "--entity", "talent", "--dry-run", "--json"))
    assert (planned["read"], planned["would_publish"], planned["dry_run"]) == (3, 3, True)
    name = planned["run"]
    assert not (runs_dir(cluster.settings) / f"{name}.json").exists()
    table = sync(cluster, "run", str(path), "--entity", "talent", "--rate", "2000/s")
    assert "published" in table
    os.utime(path, (1, 1))
    sync(cluster, "run", str(path), "--entity", "talent", "--run", name, code=1)
    sync(cluster, "run", str(path), "--entity", "talent", "--run", "../evil", code=1)
    sync(cluster, "run", "nowhere.csv", code=1)
    sync(cluster, "run", str(path), "--rate", "fast", code=2)
    sync(cluster, "report", "unknown", code=1)
    sync(cluster, "run", str(path), "--entity", "talent", code=3, LOOMA_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert name in sync(cluster, "status")
    assert "no runs yet" in sync(cluster, "status", LOOMA_DATA_DIR=str(tmp_path))


class Poison(Row):
    """A row whose message no consumer accepts."""

    def message(self) -> EventMessage:
        return replace(super().message(), value=b"{broken")


class Mixed:
    """Ten records: 0 and 4 are poison, 2, 5 and 8 are refused."""

    name = identity = "mixed"

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        for n in range(cursor["n"] if cursor else 0, 10):
            kind = Poison if n % 4 == 0 else Row
            row: Row | RowError = kind(n, "talent", f"{self.prefix}-{n}", {"name": "x"}, "crm", f"{self.prefix}{n}", AT)
            yield Step(RowError(n, "bad") if n % 3 == 2 else row, {"n": n + 1})

    def share(self, cursor: Cursor) -> float | None:
        return float(cursor["n"]) / 10


def test_dead_letters_are_part_of_the_account(cluster: Any, prefix: str) -> None:
    file = RunFile(runs_dir(cluster.settings), prefix)

    async def backfill() -> SyncReport:
        with file.working():
            checkpoint = begin(file, Mixed(prefix), None, "crm")
            async with EventPublisher(cluster.settings.kafka) as publisher:
                await Backfill(Mixed(prefix), checkpoint, file, publisher, rate=1000).run()
        [before] = await account(cluster.settings, [file])
        return before

    before = asyncio.run(backfill())
    assert (before.state, before.waiting, before.handled) == ("published", 7, 0)
    assert before.counts[0].lag_seconds > 0
    cluster.worker("--sync-only")
    cluster.drained((TALENTS,))

    async def done() -> SyncReport:
        [report] = await account(cluster.settings, [file])
        client, database = mongodb.connect(cluster.settings.mongodb)
        try:
            await publish_report(cluster.settings, database, report)
        finally:
            await client.close()
        return report

    report = asyncio.run(done())
    assert report.adds_up
    assert (report.read, report.refused, report.published) == (10, 3, 7)
    assert (report.dead_lettered, report.handled, report.waiting, report.state) == (2, 5, 0, "done")
    letters = {r.id: r for r in report.rejections if r.id}
    assert set(letters) == {f"{prefix}-0", f"{prefix}-4"}
    assert letters[f"{prefix}-0"].reason.startswith("invalid_json")
    assert "invalid\\_json" in "\n".join(markdown(report))


@contextmanager
def collection(cluster: Any, name: str) -> Iterator[tuple[str, Any]]:
    """An empty collection of a source system, by its address and as a function that runs commands on it."""
    url = cluster.settings.mongodb.url.get_secret_value()

    def call(method: str, *arguments: Any) -> Any:
        async def act() -> Any:
            async with AsyncMongoClient(url, serverSelectionTimeoutMS=5000) as client:
                return await getattr(client["upstream"][name], method)(*arguments)

        return asyncio.run(act())

    call("drop")
    yield urlsplit(url)._replace(path=f"/upstream.{name}").geturl(), call


def assert_same(cluster: Any, prefix: str, source: dict[str, dict[str, Any]], deleted: set[str]) -> None:
    """The golden records say what the collection says."""
    records = {d["_id"]: d for d in cluster.documents("talents", {"_id": {"$gte": prefix, "$lt": prefix + "~"}})}
    assert {i for i, d in records.items() if not d["deleted"]} == set(source)
    for entity_id, fields in source.items():
        assert {n: v for n, v in records[entity_id]["fields"].items() if v is not None} == fields
    assert {i for i, d in records.items() if d["deleted"]} <= deleted


def test_snapshot_with_live_writes_and_a_crash_has_no_gap_and_no_overlap(cluster: Any, prefix: str) -> None:
    count = 800
    with collection(cluster, prefix) as (url, call):
        source = {f"{prefix}-{n:05d}": {"name": f"n{n}", "title": "t"} for n in range(count)}
        call("insert_many", [{"_id": i, **f} for i, f in source.items()])
        arguments = ("run", url, "--entity", "talent", "--source", "crm", "--run", prefix)
        file = RunFile(runs_dir(cluster.settings), prefix)
        process = spawn(cluster, *arguments, "--rate", "120/s")
        wait_for(lambda: (c := file.load()) is not None and c.cursor is not None)
        writes, deleted = 0, set()

        def write(n: int) -> None:
            """One change of each kind, some before and some behind where the snapshot is."""
            nonlocal writes
            a, b, c, d = (f"{prefix}-{(n * 37 + k * 311) % count:05d}" for k in range(4))
            if a in source:
                call("update_one", {"_id": a}, {"$set": {"title": f"changed {n}"}})
                source[a]["title"] = f"changed {n}"
                writes += 1
            if b in source and "title" in source[b]:
                call("update_one", {"_id": b}, {"$unset": {"title": 1}})
                del source[b]["title"]
                writes += 1
            if c in source:
                call("delete_one", {"_id": c})
                del source[c]
                deleted.add(c)
                writes += 1
            if d in source:
                call("replace_one", {"_id": d}, {"name": f"replaced {n}", "title": "r"})
                source[d] = {"name": f"replaced {n}", "title": "r"}
                writes += 1
            new = f"{prefix}-new-{n:03d}"
            call("insert_one", {"_id": new, "name": f"new {n}"})
            source[new] = {"name": f"new {n}"}
            writes += 1

        early = 0
        while early == 0 or (c := file.load()) is None or c.read_count <= 200:
            if early < 20:
                write(early)
                early += 1
            else:
                time.sleep(0.05)
        process.kill()
        process.communicate()
        checkpoint = file.load()
        assert checkpoint is not None
        assert checkpoint.cursor is not None
        assert checkpoint.cursor["snapshot"], "the run was killed too late to prove anything"
        for n in range(early, 30):
            write(n)
        process = spawn(cluster, *arguments, "--rate", "800/s", "--follow", "--json")
        wait_for(lambda: (c := file.load()) is not None and c.cursor is not None and not c.cursor["snapshot"])
        before = c.read_count if (c := file.load()) else 0
        for n in range(30, 40):
            write(n)
        wait_for(lambda: (c := file.load()) is not None and c.read_count > before)
        process.send_signal(signal.SIGINT)
        followed = json.loads(process.communicate(timeout=60)[0])
        assert process.returncode == Exit.INTERRUPTED
        assert followed["adds_up"]
        for n in range(40, 50):
            write(n)
        cluster.worker("--sync-only")
        report = json.loads(sync(cluster, *arguments, "--wait", "--json"))
        assert report["adds_up"]
        assert report["refused"] == 0
        assert report["handled"] == report["published"] == report["read"]
        assert_same(cluster, prefix, source, deleted)

        once = [{n: v.decode() for n, v in r.headers} for r in counted(cluster, file)]
        assert len(once) == report["read"]
        assert len({headers["ce_id"] for headers in once}) == len(once), "no overlap"
        checkpoint = file.load()
        assert checkpoint is not None
        assert checkpoint.cursor is not None
        changes = [headers for headers in once if headers["ce_time"] > checkpoint.cursor["time"]]
        skipped = writes - len(changes)  # updates of documents that were deleted before they could be looked up
        assert 0 <= skipped <= len(deleted), "no gap"


def read(url: str, cursor: Cursor | None = None, **options: Any) -> list[Step]:
    async def every() -> list[Step]:
        return [s async for s in MongoSource(url, entity="talent", source="crm", **options).steps(cursor)]

    return asyncio.run(every())


def test_ids_of_every_kind_are_read_over_pages(cluster: Any, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sources.mongo.PAGE_DOCUMENTS", 3)
    ids = [*range(5), 2.5, "a", "b", "c", {"k": 1}, True, False, b"x"]
    with collection(cluster, prefix) as (url, call):
        call("insert_many", [{"_id": i, "name": "x"} for i in ids])
        call("insert_many", [{"_id": "d", "time": "x"}, {"_id": "e", "nickname": "x"}])
        steps = read(url)
        rows = [s.row for s in steps if s.row]
        assert len(rows) == len(ids) + 2
        assert {r.id for r in rows if isinstance(r, Row)} == {*"01234", *"abc"}
        texts = [r.text for r in rows if isinstance(r, RowError)]
        assert sum("_id must be text" in t for t in texts) == 5
        assert sum("without time" in t for t in texts) == 1
        for number, step in enumerate(steps, 1):
            if step.cursor and step.cursor["snapshot"]:
                rest = [s.row for s in read(url, json.loads(json.dumps(step.cursor))) if s.row]
                assert rest == [s.row for s in steps[number:] if s.row]


def test_a_dropped_collection_ends_the_run(cluster: Any, prefix: str) -> None:
    with collection(cluster, prefix) as (url, call):
        call("insert_one", {"_id": "a"})
        cursor = read(url)[-1].cursor
        call("drop")
        with pytest.raises(SourceError, match="begin a new run"):
            read(url, cursor)


def test_a_database_that_is_away_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sources.retry._wait", lambda _: 0.0)
    with pytest.raises(SourceError, match="ServerSelectionTimeoutError"):
        read("mongodb://127.0.0.1:1/a.b", timeout_seconds=0.1)


def test_a_failing_rest_api_is_synced_to_the_last_record(cluster: Any, prefix: str) -> None:
    """The API answers 500 and 429 now and then; the run is killed between two pages and taken up again."""
    script = (
        "import itertools, sys\n"
        "from aiohttp import web\n"
        "calls = itertools.count()\n"
        "async def page(request):\n"
        "    n = next(calls)\n"
        "    if n % 4 == 1: return web.Response(status=500)\n"
        "    if n % 4 == 2: return web.Response(status=429, headers={'Retry-After': '0'})\n"
        "    first = int(request.query.get('cursor', 0))\n"
        "    items = [{'id': f'{sys.argv[1]}-{i:04d}', 'name': f'n{i}'} for i in range(first, min(first + 50, 400))]\n"
        "    return web.json_response({'items': items, 'next_cursor': first + 50 if first + 50 < 400 else None})\n"
        "app = web.Application()\n"
        "app.router.add_get('/talents', page)\n"
        "web.run_app(app, host='127.0.0.1', port=int(sys.argv[2]), print=None)\n"
    )
    port = free_ports(1)[0]
    api = subprocess.Popen([sys.executable, "-c", script, prefix, str(port)])
    try:
        wait_for(lambda: not socket.socket().connect_ex(("127.0.0.1", port)))
        arguments = ("run", f"http://127.0.0.1:{port}/talents", "--entity", "talent", "--run", prefix)
        file = RunFile(runs_dir(cluster.settings), prefix)
        process = spawn(cluster, *arguments, "--rate", "200/s")
        wait_for(lambda: (c := file.load()) is not None and c.read_count >= 100)
        process.kill()
        process.communicate()
        report = json.loads(sync(cluster, *arguments, "--json"))
    finally:
        api.terminate()
        api.wait(10)
    assert report["adds_up"]
    assert (report["read"], report["published"]) == (400, 400)
    assert len({dict(r.headers)["ce_id"] for r in of_run(cluster, prefix)}) == 400


@pytest.mark.parametrize(
    "write", [pytest.param(bench_backfill.write_jsonl, marks=pytest.mark.long), bench_backfill.write_parquet]
)
def test_the_benchmark_measures_the_command(cluster: Any, prefix: str, tmp_path: Path, write: Any) -> None:
    path = tmp_path / f"{prefix}.{write.__name__.removeprefix('write_')}"
    write(path, 200)
    figures = bench_backfill.measure(cluster.settings, path)
    assert figures["records_per_s"] > 0
    assert figures["peak_memory_mb"] > 10
    with pytest.raises(bench_backfill.BenchError, match="there is no file"):
        bench_backfill.measure(cluster.settings, tmp_path / "nowhere.jsonl")
