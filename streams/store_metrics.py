"""How long MongoDB's commands take, and which were slow: told by the driver, by their shape and never by a value.

And how many connections there are, are in use, and are waited for.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loguru import logger
from opentelemetry.metrics import CallbackOptions, Observation
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)

from schemas.settings import MongoDBSettings
from streams import metrics

WATCHED = frozenset(
    {"aggregate", "count", "delete", "distinct", "find", "findAndModify", "getMore", "insert", "update"}
)
SAY_AGAIN_SECONDS = 60.0
MAX_SHAPES = 256
MAX_RUNNING = 100
"""More than a client has connections. Of a command whose caller was cancelled the driver tells no end."""
_FIELD = re.compile(r"\$?[A-Za-z_][A-Za-z_.]{0,63}")
_MAX_DEPTH = 6
_MAX_KEYS = 20


def shape(value: Any, depth: int = _MAX_DEPTH) -> Any:
    """Return what a query asks for without what it asks about: each value is a `?`, and of a list only one stays."""
    if depth == 0:
        return "?"
    if isinstance(value, Mapping):
        return {_name(key): shape(value[key], depth - 1) for key in list(value)[:_MAX_KEYS]}
    if isinstance(value, list | tuple):
        shapes: list[Any] = []
        for each in value[:_MAX_KEYS]:
            if (found := shape(each, depth - 1)) not in shapes:
                shapes.append(found)
        return shapes
    return "?"


def _name(key: str) -> str:
    """Return a field's name; one that could be an id of somebody is none."""
    return key if _FIELD.fullmatch(key) else "?"


def shape_of(command: Mapping[str, Any]) -> str:
    """Return the shape of a command: its collection, its filter and its order, the stages of a pipeline."""
    name = next(iter(command))
    collection = command.get("collection", command[name])  # getMore names a cursor first
    parts = [f"{name} {collection if isinstance(collection, str) else '?'}"]
    for key in ("filter", "query", "sort", "pipeline"):
        if key in command:
            parts.append(f"{key} {shape(command[key])}")
    for key in ("updates", "deletes", "documents"):
        if isinstance(several := command.get(key), Sequence) and several:
            guard = f" {shape(several[0]['q'])}" if "q" in several[0] else ""
            parts.append(f"{len(several)} {key}{guard}")
    return ", ".join(parts)


class CommandMetrics(CommandListener):
    """Measures each command of a client, and logs the slow ones: each shape once a minute."""

    def __init__(self, slow_seconds: float) -> None:
        self._slow_seconds = slow_seconds
        self._running: dict[int, Mapping[str, Any]] = {}
        self._said: dict[str, float] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """Note a command."""
        if event.command_name in WATCHED:
            if len(self._running) >= MAX_RUNNING:
                self._running.clear()
            self._running[event.request_id] = event.command

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Measure it."""
        self._ended(event, "done")

    def failed(self, event: CommandFailedEvent) -> None:
        """Measure it, too."""
        self._ended(event, "failed")

    def _ended(self, event: CommandSucceededEvent | CommandFailedEvent, outcome: str) -> None:
        command = self._running.pop(event.request_id, None)
        if command is None:
            return
        seconds = event.duration_micros / 1e6
        collection = command.get("collection", command.get(event.command_name))
        metrics.store_duration.record(
            seconds, {"command": event.command_name, "collection": str(collection), "outcome": outcome}
        )
        if seconds >= self._slow_seconds:
            self._say(shape_of(command), seconds)

    def _say(self, what: str, seconds: float) -> None:
        now = time.monotonic()
        if now - self._said.get(what, float("-inf")) < SAY_AGAIN_SECONDS:
            return
        if len(self._said) >= MAX_SHAPES:
            self._said.clear()
        self._said[what] = now
        logger.warning("slow: {:.0f} ms for {}", seconds * 1000, what)


OPEN, IN_USE, WAITED_FOR = "open", "in use", "waited for"


class PoolMetrics(ConnectionPoolListener):
    """Counts the connections of a client."""

    def __init__(self) -> None:
        self._counts = Counter({OPEN: 0, IN_USE: 0, WAITED_FOR: 0})
        metrics.STORE_CONNECTIONS.observe(self._observe)

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """Count one more."""
        self._counts[OPEN] += 1

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """Count one less."""
        self._counts[OPEN] -= 1

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Count who waits."""
        self._counts[WAITED_FOR] += 1

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """Count who has one."""
        self._counts[WAITED_FOR] -= 1
        self._counts[IN_USE] += 1

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """Count who waits no more."""
        self._counts[WAITED_FOR] -= 1

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """Count who has given hers back."""
        self._counts[IN_USE] -= 1

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Pass: connections are counted one by one."""

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Pass."""

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Pass."""

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Pass."""

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Pass."""

    def _observe(self, _: CallbackOptions) -> Iterator[Observation]:
        for state, count in self._counts.items():
            yield Observation(count, {"state": state})


def listeners(settings: MongoDBSettings) -> tuple[CommandMetrics, PoolMetrics]:
    """Return what measures a client of MongoDB."""
    return CommandMetrics(settings.slow_seconds), PoolMetrics()
