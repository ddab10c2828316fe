"""An open-loop HTTP client: requests leave at a given rate, whatever the answers do, and latency counts from then.

A client that waits for an answer before it asks again hides what a slow server does to those who come meanwhile.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from ops.runtime.traces import percentiles

TICK_SECONDS = 0.001
_GRACE_SECONDS = 2.0
_LENGTH = re.compile(rb"(?i)\ncontent-length: *([0-9]+)")


@dataclass
class Load:
    """What came of a stretch of load. `latencies` are seconds from when a request was due to its whole answer."""

    offered: float
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: dict[int, list[float]] = field(default_factory=dict)
    hits: int = 0
    unsent: int = 0
    """Requests that no connection was free for until the end."""
    broken: int = 0
    """Requests whose connection ended, or that were not answered for seconds after the end."""

    @property
    def answered_per_s(self) -> float:
        """Requests answered with 200 a second."""
        return self.statuses[200] / self.seconds if self.seconds else 0.0

    @property
    def errors(self) -> int:
        """Answers that are neither what was asked for nor a refusal of load, and connections that broke."""
        return self.broken + sum(n for status, n in self.statuses.items() if status not in (200, 202, 429, 503))

    def latency_ms(self, status: int = 200) -> dict[str, float]:
        """Return percentiles."""
        return percentiles([seconds * 1000 for seconds in self.latencies.get(status, [])])


class _Connection(asyncio.Protocol):
    def __init__(self, done: "Callable[[_Connection, int, bytes], None]") -> None:
        self._done = done
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self.due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        assert self._transport
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        data = self._received + data  # nearly always the whole answer, which nobody has to copy
        self._received = b""
        end = data.find(b"\r\n\r\n")
        found = _LENGTH.search(data, 0, end) if end >= 0 else None
        if end < 0 or len(data) < end + 4 + (int(found[1]) if found else 0):
            self._received = data
            return
        self._done(self, int(data[9:12]), data[:end])


async def offer(
    port: int, requests: Iterator[bytes], per_second: float, seconds: float, *, connections: int = 64
) -> Load:
    """Offer requests at a rate for a time over so many connections; what none is free for waits and grows old."""
    loop = asyncio.get_running_loop()
    found = Load(per_second)
    waiting: deque[float] = deque()
    free: list[_Connection] = []

    def done(connection: _Connection, status: int, head: bytes) -> None:
        assert connection.due is not None
        found.statuses[status] += 1
        found.latencies.setdefault(status, []).append(loop.time() - connection.due)
        found.hits += b"looma; hit" in head
        connection.due = None
        if waiting:
            connection.send(next(requests), waiting.popleft())
        else:
            free.append(connection)

    opened = [
        (await loop.create_connection(lambda: _Connection(done), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    free += opened
    started = loop.time()
    sent = 0
    while (now := loop.time()) < started + seconds:
        for _ in range(int((now - started) * per_second) - sent):
            sent += 1
            due = started + sent / per_second
            while free and not free[-1].is_open:
                free.pop()
            if free:
                free.pop().send(next(requests), due)
            else:
                waiting.append(due)
        await asyncio.sleep(TICK_SECONDS)
    found.seconds = loop.time() - started
    found.unsent = len(waiting)
    waiting.clear()
    deadline = loop.time() + _GRACE_SECONDS
    while any(c.due is not None and c.is_open for c in opened) and loop.time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    found.broken = sum(c.due is not None for c in opened)
    for connection in opened:
        with suppress(OSError):
            connection.close()
    return found
