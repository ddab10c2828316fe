"""One collection: an engine shard in a folder, and its rebuilding beside it. Not thread-safe: one thread calls it."""

import json
import os
import shutil
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from ops.local.embedded.qdrant import config as configuration
from ops.local.embedded.qdrant.config import FLUSH_SECONDS
from ops.local.embedded.qdrant.filters import Json
from sinks.files import sync

CONFIG = "config.json"
LOG = "wal"
"""The folder of the engine's log within a shard's."""
FLUSH_POINTS = 5_000
"""Changes after which the shard is flushed: so many are applied in half a second when it is opened."""
# Updates made during a rebuild are kept in memory to be made again on the rebuilt shard.
MAX_BACKLOG_POINTS = 50_000


class Collection:
    """A shard with its configuration; `config.json` names the shard's folder, so that replacing it is atomic."""

    def __init__(self, folder: Path, config: Json) -> None:
        self.folder = folder
        self.config = config
        self.changed = 0
        self.closed = False
        self.rebuilding = False
        self._reconfigured = False
        self._unflushed = 0
        self._unsynced = False
        self._flushed_at = time.monotonic()
        self._logged: frozenset[str] = frozenset()
        self._backlog: list[tuple[edge.UpdateOperation, bool]] | None = None
        self._backlog_points = 0
        self.shard: Any = edge.EdgeShard.load(str(self._path))
        for path in folder.glob("shard-*"):
            if path != self._path:
                shutil.rmtree(path, ignore_errors=True)

    @classmethod
    def create(cls, folder: Path, kept: Json) -> "Collection":
        """Create an empty collection; without its `config.json` the folder is nothing."""
        shutil.rmtree(folder, ignore_errors=True)
        path = folder / "shard-1"
        path.mkdir(parents=True)
        edge.EdgeShard.create(str(path), configuration.engine(kept)).close()
        stored = {**kept, "shard": path.name}
        write_json(folder / CONFIG, stored)
        return cls(folder, stored)

    @classmethod
    def open(cls, folder: Path) -> "Collection":
        """Open a stored collection."""
        return cls(folder, json.loads((folder / CONFIG).read_text("utf-8")))

    @property
    def _path(self) -> Path:
        return self.folder / str(self.config["shard"])

    def wants_rebuild(self, at_least: int) -> bool:
        """Say whether enough has changed: a rebuild reads all points, so a quarter of them should have.

        As in Qdrant, an indexing threshold of 0 puts it off: what is loaded in bulk is indexed once, at the end.
        """
        if self.closed or self.config.get("indexing_threshold") == 0:
            return False
        if self._reconfigured:
            return True
        return self.changed >= max(at_least, int(self.shard.info().points_count) // 4)

    def reconfigure(self, config: Json) -> None:
        """Keep a new configuration; the next rebuild applies it."""
        if config != self.config:
            self._reconfigured = True
            self._keep(config)

    def add_sparse(self, name: str, params: Json) -> None:
        """Let points have one more sparse vector."""
        modifier = edge.Modifier.Idf if "modifier" in params else None
        operation = edge.UpdateOperation.create_sparse_vector(name, modifier)
        self.update(operation, 0, durable=False)
        self.flush()
        self._keep({**self.config, "sparse": {**self.config.get("sparse", {}), name: params}})

    def _keep(self, config: Json) -> None:
        write_json(self.folder / CONFIG, config)
        self.config = config

    def update(self, operation: edge.UpdateOperation, points: int, *, durable: bool) -> None:
        """Apply an update. The engine's log keeps it over a kill; if `durable`, it outlives a loss of power too.

        As in Qdrant, that is a sync of the log, which is applied again when the shard is opened. To flush the shard
        takes a hundred and fifty syncs.
        """
        self._unflushed += max(points, 1)
        self._unsynced = True
        self.changed += points
        try:
            self.shard.update(operation)
        except Exception:
            self._remember(operation, points, failed=True)  # it may have changed some of its points
            raise
        self._remember(operation, points, failed=False)
        if durable:
            self._sync_log()

    def _sync_log(self) -> None:
        """Have the log on disk. Files that it has closed do not change any more; the engine deletes them when it may.

        Linux writes back what was changed through another mapping of the file, as the engine's.
        """
        log = self._path / LOG
        names = frozenset(name for name in os.listdir(log) if name.startswith(("open-", "closed-")))
        for name in names:
            if name.startswith("open-") or name not in self._logged:
                sync(log / name)
        if names != self._logged:
            sync(log)
        self._logged = names
        self._unsynced = False

    def _remember(self, operation: edge.UpdateOperation, points: int, *, failed: bool) -> None:
        if self._backlog is None:
            return
        self._backlog.append((operation, failed))
        self._backlog_points += max(points, 1)
        if self._backlog_points > MAX_BACKLOG_POINTS:
            self._backlog = None

    def keep_up(self) -> None:
        """Have on disk what nobody waited for; flush the shard before its log is long to apply."""
        if self.closed:
            return
        if self._unflushed >= FLUSH_POINTS or time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()
        elif self._unsynced:
            self._sync_log()

    def flush(self) -> None:
        """Write what is not on disk yet."""
        if self._unflushed and not self.closed:
            self.shard.flush()
            self._unflushed, self._unsynced = 0, False
        self._flushed_at = time.monotonic()

    def begin_rebuild(self) -> Path:
        """Copy the shard; from now on updates are remembered."""
        self.changed, self._reconfigured = 0, False  # first, so that a full disk is not tried again at once
        self.shard.flush()
        path = self.folder / f"shard-{int(self._path.name.rpartition('-')[2]) + 1}"
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self._path, path)
        self._backlog = []
        self._backlog_points = 0
        return path

    def finish_rebuild(self, path: Path, *, good: bool) -> bool:
        """Put the rebuilt shard in the place of the old one; False if it is dropped instead."""
        backlog, self._backlog = self._backlog, None
        if self.closed or not good or backlog is None:
            shutil.rmtree(path, ignore_errors=True)
            return False
        fresh = edge.EdgeShard.load(str(path))
        try:
            for operation, failed in backlog:
                with suppress(Exception) if failed else nullcontext():
                    fresh.update(operation)
            fresh.flush()
        except Exception:
            fresh.close()
            shutil.rmtree(path, ignore_errors=True)
            raise
        old, old_path = self.shard, self._path
        self._keep({**self.config, "shard": path.name})
        self.shard, self._logged = fresh, frozenset()
        old.close()
        shutil.rmtree(old_path, ignore_errors=True)
        return True

    def close(self) -> None:
        """Flush and release the shard."""
        self.flush()
        self.closed = True
        self.shard.close()

    def drop(self) -> None:
        """Close it and remove its files, `config.json` first."""
        self.close()
        (self.folder / CONFIG).unlink()
        shutil.rmtree(self.folder, ignore_errors=True)


def write_json(path: Path, value: Any) -> None:
    """Replace a file in one step that a crash cannot halve."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
