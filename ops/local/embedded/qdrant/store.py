"""All collections and aliases in a folder, the thread that the engine runs in, and its upkeep."""

import asyncio
import ctypes
import json
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from loguru import logger

from ops.local.embedded.qdrant.collection import CONFIG, Collection, write_json
from ops.local.embedded.qdrant.errors import ApiError, malformed
from ops.local.embedded.qdrant.filters import Json

T = TypeVar("T")
UPKEEP_SECONDS = 1.0
REBUILD_TIMEOUT_SECONDS = 7200.0


class Store:
    """Opens every collection of the folder. One thread runs the engine: its calls hold Python's lock anyway."""

    def __init__(self, folder: Path, optimize_after: int) -> None:
        self._folder = folder / "collections"
        self._aliases_file = folder / "aliases.json"
        self._optimize_after = optimize_after
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="qdrant-edge")
        self._tasks: list[asyncio.Task[None]] = []
        self._folder.mkdir(parents=True, exist_ok=True)
        self.collections: dict[str, Collection] = {}
        self.aliases: dict[str, str] = {}
        if self._aliases_file.exists():
            self.aliases = json.loads(self._aliases_file.read_text("utf-8"))
        for path in sorted(p for p in self._folder.iterdir() if p.is_dir()):
            if (path / CONFIG).exists():
                self.collections[path.name] = Collection.open(path)
            else:  # half created or half dropped
                shutil.rmtree(path, ignore_errors=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in the engine's thread, after what came before it."""

        def guarded() -> T:
            try:
                return work()
            except BaseException as error:
                if isinstance(error, Exception):
                    raise
                raise RuntimeError("the engine panicked") from error  # pyo3's panics are no Exceptions

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)

    def get(self, name: str) -> Collection:
        """Return a collection by name or alias. Raises ApiError."""
        collection = self.collections.get(self.aliases.get(name, name))
        if collection is None:
            raise ApiError(404, f"Not found: Collection `{name}` doesn't exist!")
        return collection

    def create(self, name: str, kept: Json) -> None:
        """Create a collection. Raises ApiError if the name is taken."""
        if name in self.collections or name in self.aliases:
            raise ApiError(409, f"Wrong input: Collection `{name}` already exists!")
        self.collections[name] = Collection.create(self._folder / name, kept)

    def wants_rebuild(self, collection: Collection) -> bool:
        """Say whether the collection's indexes are behind, being rebuilt or about to be."""
        return collection.rebuilding or collection.wants_rebuild(self._optimize_after)

    def drop(self, name: str) -> bool:
        """Remove a collection and its aliases; False if there is none."""
        collection = self.collections.pop(name, None)
        if collection is None:
            return False
        self._save_aliases({alias: target for alias, target in self.aliases.items() if target != name})
        collection.drop()
        return True

    def change_aliases(self, actions: list[Json]) -> None:
        """Apply all actions or, on an ApiError, none."""
        aliases = dict(self.aliases)
        for action in actions:
            ((kind, body),) = action.items()
            if kind == "create_alias":
                target, alias = body["collection_name"], body["alias_name"]
                if target not in self.collections:
                    raise ApiError(404, f"Not found: Collection `{target}` doesn't exist!")
                if alias in self.collections:
                    raise ApiError(409, f"Wrong input: Collection `{alias}` already exists!")
                aliases[alias] = target
            elif kind == "delete_alias":
                aliases.pop(body["alias_name"], None)
            elif kind == "rename_alias":
                old = body["old_alias_name"]
                if old not in aliases:
                    raise ApiError(404, f"Not found: Alias {old} does not exist!")
                aliases[body["new_alias_name"]] = aliases.pop(old)
            else:
                raise malformed(f"{kind} not supported")
        self._save_aliases(aliases)

    def _save_aliases(self, aliases: dict[str, str]) -> None:
        if aliases != self.aliases:
            write_json(self._aliases_file, aliases)
            self.aliases = aliases

    def start(self) -> None:
        """Begin the upkeep: a flush of what nobody waited for, and rebuilds of what changed much."""
        self._tasks = [asyncio.create_task(self._flush()), asyncio.create_task(self._rebuild())]

    async def close(self) -> None:
        """End the upkeep, flush and release everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for collection in self.collections.values():
            await self.run(collection.close)
        self._thread.shutdown()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(UPKEEP_SECONDS)
            for name, collection in list(self.collections.items()):
                try:
                    await self.run(collection.keep_up)
                except Exception as error:
                    logger.error("flush of {} failed: {}", name, error)

    async def _rebuild(self) -> None:
        while True:
            await asyncio.sleep(UPKEEP_SECONDS)
            for name, collection in list(self.collections.items()):
                try:
                    if await self.run(partial(collection.wants_rebuild, self._optimize_after)):
                        collection.rebuilding = True
                        await self._rebuild_one(name, collection)
                except Exception as error:
                    logger.error("rebuild of {} failed: {}", name, error)
                finally:
                    collection.rebuilding = False

    async def _rebuild_one(self, name: str, collection: Collection) -> None:
        started = time.monotonic()
        path = await self.run(collection.begin_rebuild)
        good = False
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "ops.local.embedded.qdrant.optimize", str(path)
            )
            try:
                good = await asyncio.wait_for(child.wait(), REBUILD_TIMEOUT_SECONDS) == 0
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        finally:
            replaced = await self.run(lambda: collection.finish_rebuild(path, good=good))
            await self.run(_give_back)
        logger.info("{} {} in {:.1f} s", name, "rebuilt" if replaced else "not rebuilt", time.monotonic() - started)


def _give_back() -> None:
    """Return to the system what loading has freed: half of the process's own memory after a bulk load (measured)."""
    with suppress(AttributeError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
