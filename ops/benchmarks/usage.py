"""What a stretch of work costs: CPU by process, and documents written, as the database itself counts them."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import psutil
from pymongo.errors import PyMongoError

from ops.local.embedded.stack import Stack
from ops.runtime.credentials import LOCAL_HOSTS
from schemas.settings import Settings
from sinks import mongodb

Processes = Mapping[str, psutil.Process]
_WRITES = frozenset("iud")


def cpu_seconds(process: psutil.Process) -> float:
    """Return what a process and its children have used, children that have ended included; 0 for one that is gone."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                total += sum(child.cpu_times()[:2])
    return total


class Costs:
    """CPU-milliseconds an event by process, from when it is made."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._before = {name: cpu_seconds(process) for name, process in processes.items()}

    def per_event(self, events: int) -> dict[str, float]:
        """Return what each has used since, per event; workers, named `worker…`, are one."""
        used: Counter[str] = Counter()
        for name, process in self._processes.items():
            name_of_all = "worker" if name.startswith("worker") else name
            used[name_of_all] += cpu_seconds(process) - self._before[name]  # type: ignore[assignment]
        return {name: round(seconds * 1000 / events, 3) for name, seconds in used.items()}


async def servers(settings: Settings) -> dict[str, psutil.Process]:
    """Return the processes of a stack's servers by name; a MongoDB on another machine has none here."""
    pids = {each.name: each.pid for each in Stack(settings).status()}
    if pids["mongodb"] is None and urlsplit(settings.mongodb.url.get_secret_value()).hostname in LOCAL_HOSTS:
        pids["mongodb"] = (await _admin(settings, "serverStatus")).get("pid")
    return {name: psutil.Process(int(pid)) for name, pid in pids.items() if pid is not None}


async def mongodb_server(settings: Settings) -> str:
    """Return the name and version of the MongoDB that is measured."""
    built = await _admin(settings, "buildInfo")
    own = built.get("secantusVersion")
    return f"SecantusDB {own}" if own else f"MongoDB {built['version']}"


async def _admin(settings: Settings, command: str) -> dict[str, Any]:
    client, _ = mongodb.connect(settings.mongodb)
    try:
        return dict(await client.admin.command(command))
    finally:
        await client.close()


class Writes:
    """Documents that MongoDB has written into a database, by its oplog: counters differ from server to server.

    A bulk of a hundred changes is a hundred; what changes nothing is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._since: Any = None

    async def begin(self) -> None:
        """Count from now on."""
        self._since = (await _admin(self._settings, "ping")).get("operationTime")

    async def by_collection(self) -> Counter[str] | None:
        """Return how many there were since; None where there is no oplog, or it is not for us to read."""
        if self._since is None:
            return None
        prefix = f"{self._settings.mongodb.database}."
        client, _ = mongodb.connect(self._settings.mongodb)
        found: Counter[str] = Counter()
        wanted = {"op": 1, "ns": 1, "o.applyOps.op": 1, "o.applyOps.ns": 1}
        try:
            async for entry in client.local["oplog.rs"].find({"ts": {"$gt": self._since}}, wanted):
                for each in entry.get("o", {}).get("applyOps", (entry,)):  # a transaction's are one entry
                    if each["op"] in _WRITES and each["ns"].startswith(prefix):
                        found[each["ns"].removeprefix(prefix)] += 1
        except PyMongoError:
            return None
        finally:
            await client.close()
        return found
