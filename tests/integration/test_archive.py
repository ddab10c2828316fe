"""`looma archive` on a real Kafka: what retention has deleted comes back byte for byte, and makes the same records."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from aiokafka.admin import RecordsToDelete

from schemas.topics import EVENTS
from sinks.kafka import admin
from streams.reading import partitions_of, reader

TALENTS = EVENTS["talent"]


def lying(cluster, prefix: str) -> Counter[tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]]:
    """Return the messages of a test that are in the topic, with all that they have."""
    own = [r for r in cluster.read(TALENTS) if (r.key or b"").startswith(prefix.encode())]
    return Counter((r.key, r.value, tuple((n, v) for n, v in r.headers)) for r in own)


async def expire(cluster) -> None:
    """Delete what the topic holds, as retention does."""
    kafka = cluster.settings.kafka
    async with admin(kafka) as asked, reader(kafka) as log:
        partitions = await partitions_of(asked, [TALENTS])
        ends = await log.end_offsets(partitions)
        await asked.delete_records({p: RecordsToDelete(before_offset=end) for p, end in ends.items()})


def built(cluster, prefix: str, name: str) -> dict[str, object]:
    """Return the records that a worker of its own makes of the whole topic."""
    worker = cluster.worker("--sync-only", kafka__group_id=name, mongodb__database=name)
    cluster.drained((TALENTS,), group=name)
    worker.stop()
    settings, cluster.settings = cluster.settings, cluster.settings.changed(mongodb__database=name)
    try:
        found = cluster.documents("talents", {"_id": {"$gte": prefix, "$lt": prefix + "~"}})
    finally:
        cluster.settings = settings
    return {d["_id"]: (d["fields"], d["deleted"], d["contributions"]) for d in found}


@pytest.mark.long
def test_what_retention_deleted_comes_back_and_makes_the_same_records(cluster, make, prefix, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    events = [
        make("talent", f"{prefix}-{n % 20}", {"name": f"王芳 {n}", "summary": "经" * n}, minute=n) for n in range(60)
    ]
    cluster.publish([*events, (TALENTS, b"\xff\xfe", b"{", [("h", b"\x00\xff")])])
    before, records = lying(cluster, prefix), built(cluster, prefix, f"{prefix}-a")
    said = json.loads(cluster.looma("archive", "run", str(folder), "--json"))
    assert said["messages"][TALENTS] >= 60
    assert said["left_out"] >= 1, "nobody can say whose the one with the unreadable key is"
    asyncio.run(expire(cluster))
    assert not lying(cluster, prefix)
    again = json.loads(cluster.looma("archive", "run", str(folder), "--json"))
    assert not again["messages"].get(TALENTS)
    assert not again["expired"], "all had been archived before it was deleted"
    restored = json.loads(cluster.looma("archive", "restore", str(folder), "--json"))
    assert restored[TALENTS] >= 60
    assert lying(cluster, prefix) == before
    assert built(cluster, prefix, f"{prefix}-b") == records
    days = json.loads(cluster.looma("archive", "list", str(folder), "--json"))
    assert sum(counts[TALENTS] for counts in days.values()) == said["messages"][TALENTS]
    nothing = json.loads(cluster.looma("archive", "restore", str(folder), "--until", "2020-01-01", "--json"))
    assert not nothing


def test_what_was_deleted_before_it_was_archived_is_told(cluster, make, prefix, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    cluster.publish([make("talent", f"{prefix}-1", {"name": "a"})])
    cluster.looma("archive", "run", str(folder))
    cluster.publish([make("talent", f"{prefix}-1", {"name": "b"}, minute=1)])  # in the same partition
    asyncio.run(expire(cluster))
    said = json.loads(cluster.looma("archive", "run", str(folder), "--json", code=1))
    assert said["expired"][TALENTS] >= 1


def test_what_expired_in_a_partition_that_was_empty_before_is_told(cluster, make, prefix, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    asyncio.run(expire(cluster))
    cluster.looma("archive", "run", str(folder))
    assert not list(folder.glob(f"{TALENTS}/dt=*")), "nothing was there to be archived"
    cluster.publish([make("talent", f"{prefix}-1", {"name": "a"})])
    asyncio.run(expire(cluster))
    said = json.loads(cluster.looma("archive", "run", str(folder), "--json", code=1))
    assert said["expired"] == {TALENTS: 1}
    assert json.loads(cluster.looma("archive", "run", str(folder), "--json"))["expired"] == {}, "it is told once"


def test_forgetting_a_person_reaches_the_archive(cluster, make, prefix, tmp_path: Path) -> None:
    folder, mark = tmp_path / "archive", f"Mark{prefix.replace('-', '')}"
    cluster.publish([make("talent", f"{prefix}-1", {"name": mark}), make("talent", f"{prefix}-2", {"name": "王芳"})])
    cluster.looma("archive", "run", str(folder))
    cluster.looma("forget", f"{prefix}-1", "--yes", "--export", str(folder))
    files = f"read_parquet('{folder}/{TALENTS}/*/*.parquet')"
    left = {
        key for (key,) in duckdb.sql(f"SELECT DISTINCT id FROM (SELECT unnest(people) AS id FROM {files})").fetchall()
    }
    assert f"{prefix}-1" not in left
    assert f"{prefix}-2" in left
    assert not [path for path in folder.rglob("*.parquet") if mark.encode() in path.read_bytes()]


def test_a_folder_without_an_archive_is_refused(cluster, tmp_path: Path) -> None:
    assert cluster.looma("archive", "restore", str(tmp_path), code=1) == ""
    broken = tmp_path / TALENTS / "dt=2026-01-01" / f"{TALENTS}+0+0000000000+0000000001.parquet"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PAR1")
    cluster.looma("archive", "restore", str(tmp_path), code=1)
