"""The local Qdrant server's log: what was waited for outlives a loss of power, although the shard was not flushed."""

import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest

pytest.importorskip("qdrant_edge")

import qdrant_edge as edge

from ops.local.embedded.qdrant import collection as module
from ops.local.embedded.qdrant.collection import LOG, Collection
from ops.local.embedded.qdrant.config import kept

pytestmark = pytest.mark.slow

SIZE = 4
LARGE = "x" * (1024 * 1024)
"""So that forty points fill one of the log's files, of 32 MiB, and begin another."""


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection.create(tmp_path / "talents", kept({"vectors": {"size": SIZE, "distance": "Cosine"}}))


def put(collection: Collection, number: int, *, wait: bool, payload: str = "") -> None:
    point = edge.Point(number, [1.0, 0.0, 0.0, float(number)], {"text": payload})
    collection.update(edge.UpdateOperation.upsert_points([point]), 1, durable=wait)


def after_a_loss_of_power(flushed: Path, synced: dict[str, bytes], folder: Path) -> set[int]:
    """Return what a shard has of which the disk got no more than its last flush and the log's synced files."""
    shutil.copytree(flushed, folder)
    shutil.rmtree(folder / LOG)
    (folder / LOG).mkdir()
    for name, content in synced.items():
        (folder / LOG / name).write_bytes(content)
    shard = edge.EdgeShard.load(str(folder))
    try:
        found, _ = shard.scroll(edge.ScrollRequest(limit=1000))
        return {int(str(record.id)) for record in found}
    finally:
        shard.close()


def test_what_was_waited_for_outlives_a_loss_of_power(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(collection, 0, wait=True)
    collection.flush()
    [shard] = collection.folder.glob("shard-*")
    shutil.copytree(shard, tmp_path / "flushed")
    synced: dict[str, bytes] = {}
    names: set[str] = set()
    sync = module.sync

    def noted(path: Path) -> None:
        sync(path)
        if path.is_dir():
            names.update(each.name for each in path.iterdir())
        else:
            synced[path.name] = path.read_bytes()

    monkeypatch.setattr(module, "sync", noted)
    for number in range(1, 40):
        put(collection, number, wait=False, payload=LARGE)
    assert after_a_loss_of_power(tmp_path / "flushed", synced, tmp_path / "unsynced") == {0}
    put(collection, 40, wait=True)
    assert len(names & synced.keys()) > 2  # the log has gone on in another file meanwhile
    assert after_a_loss_of_power(tmp_path / "flushed", synced, tmp_path / "first") == set(range(41))
    put(collection, 41, wait=False)
    collection.keep_up()
    assert after_a_loss_of_power(tmp_path / "flushed", synced, tmp_path / "second") == set(range(42))
    collection.close()


def test_the_shard_is_flushed_after_so_many_changes_or_so_long(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes: list[int] = []
    shard = collection.shard
    collection.shard = Mock(wraps=shard, flush=lambda: flushes.append(1))
    monkeypatch.setattr(module, "FLUSH_POINTS", 3)
    for number in range(3):
        put(collection, number, wait=True)
        collection.keep_up()
        assert len(flushes) == (number == 2)
    put(collection, 3, wait=True)
    collection.keep_up()
    assert len(flushes) == 1
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0)
    collection.keep_up()
    collection.keep_up()
    assert len(flushes) == 2
    collection.shard = shard
    collection.close()
