"""What the benchmarks are made of: their events, what they count, and the peer that they compare with."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo import DeleteOne, InsertOne, MongoClient, ReplaceOne
from pymongo.errors import BulkWriteError

from connectors.files import read_events
from connectors.rows import Row
from ops.benchmarks import ingest
from ops.benchmarks.peers.environment import QUIX, PeerError
from ops.benchmarks.stack import MeasuredServerError, given_mongodb, named
from ops.benchmarks.usage import Writes
from ops.benchmarks.workload import talents
from ops.local.sample import sample_paths
from processors.sync.stored import StoredRecord
from schemas.settings import Settings
from tests.support.cluster import Cluster
from tests.support.mongodb_alone import mongodb_alone


@given(st.integers(1, 3000), st.floats(0, 1))
def test_as_many_events_are_about_a_talent_seen_before_as_was_said(count: int, again: float) -> None:
    numbers = list(talents(count, again))
    assert len(numbers) == count
    assert len(set(numbers)) == max(1, round(count * (1 - again)))
    assert numbers[: len(set(numbers))] == list(range(len(set(numbers)))), "first those that are new"


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mongodb_alone(tmp_path_factory.mktemp("usage")) as found:
        yield found


_KEYS = st.integers(0, 5)
_OPERATIONS = st.one_of(
    st.builds(lambda key, v: InsertOne({"_id": key, "v": v}), _KEYS, st.integers(0, 2)),
    st.builds(lambda key, v: ReplaceOne({"_id": key}, {"v": v}, upsert=True), _KEYS, st.integers(0, 2)),
    st.builds(lambda key: DeleteOne({"_id": key}), _KEYS),
)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["a", "b.c"]), st.lists(_OPERATIONS, min_size=1, max_size=8)), max_size=4))
def test_documents_written_are_counted_whatever_bulks_they_come_in(
    mongodb: Settings, bulks: list[tuple[str, list[Any]]]
) -> None:
    own = named(mongodb, "counted")
    writes = Writes(own)
    expected: Counter[str] = Counter()
    with MongoClient[dict[str, Any]](mongodb.mongodb.url.get_secret_value()) as client:
        asyncio.run(writes.begin())
        client["other"].a.insert_one({})  # of another database: not counted
        for collection, operations in bulks:
            try:
                result = client[own.mongodb.database][collection].bulk_write(operations, ordered=False).bulk_api_result
            except BulkWriteError as error:
                result = error.details
            changed = ("nInserted", "nUpserted", "nModified", "nRemoved")
            if number := sum(result[kind] for kind in changed):
                expected[collection] += number
    assert asyncio.run(writes.by_collection()) == expected


def test_a_given_mongodb_is_checked_and_its_password_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given_mongodb() is None
    monkeypatch.setenv("LOOMA_BENCH_MONGODB_URL", "mongodb://u:geheim@db:27017")
    url = given_mongodb()
    assert url is not None
    assert "geheim" in url.get_secret_value()
    monkeypatch.setenv("LOOMA_BENCH_MONGODB_URL", "http://u:geheim@db:27017")
    with pytest.raises(MeasuredServerError) as caught:
        given_mongodb()
    assert "geheim" not in str(caught.value)


@pytest.mark.long
def test_a_peer_that_cannot_be_installed_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOMA_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(PeerError) as caught:
        QUIX.install(lambda _: None)
    said = str(caught.value)
    assert "\n" not in said
    assert "--no-quix" in said
    assert not QUIX.is_installed()
    assert not QUIX.folder().exists(), "nothing half made stays"


_IMPORTED = """
import sys
from importlib.metadata import packages_distributions
import pymongo, processors.sync.merge, processors.sync.policy, processors.sync.stored, schemas.events, schemas.topics
found = packages_distributions()
print(*{name for module in list(sys.modules) for name in found.get(module.partition(".")[0], ())})
"""


def test_the_peers_environment_has_what_decoding_and_merging_import() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORTED], capture_output=True, text=True, check=True)
    imported = {name.lower().replace("_", "-") for name in done.stdout.split()} - {"looma-streams", "setuptools"}
    locked = {line.partition("==")[0] for line in QUIX.lock.read_text("utf-8").splitlines() if "==" in line}
    assert {"pydantic", "pymongo"} <= imported, "something was looked at"
    assert imported <= locked


@pytest.mark.skipif(not QUIX.is_installed(), reason="`looma bench ingest` has not installed Quix Streams here")
def test_the_peer_stores_what_the_hand_written_loop_stores(cluster: Cluster) -> None:
    """Sample events, with repetitions and changes, in two runs of which the second finds records stored."""
    rows = [row for path in sample_paths() for row in read_events(path, allow_raw=True)]
    messages = [row.message() for row in rows if isinstance(row, Row) and row.entity == "talent"]
    sent = [(m.topic, m.key, m.value, m.headers) for m in messages]
    half = len(sent) * 2 // 3
    for part in (sent[:half], sent[half:] + sent[: half // 4]):
        cluster.publish(part)
        own = {name: named(cluster.settings, name) for name in ("quix", "hand")}
        done = asyncio.run(ingest.quix_round(own["quix"], len(part)))
        assert done["events"] == len(part)
        asyncio.run(ingest.handwritten_round(own["hand"], len(part)))
    with MongoClient[dict[str, Any]](cluster.settings.mongodb.url.get_secret_value(), tz_aware=True) as client:
        quixs, hands = (
            {d["_id"]: StoredRecord.from_document("talent", d) for d in client[s.mongodb.database].talents.find()}
            for s in own.values()
        )
    assert quixs.keys() == hands.keys() == {m.key.decode() for m in messages if m.key}
    for key, stored in quixs.items():
        assert stored.state == hands[key].state
        assert stored.record.fields == hands[key].record.fields
