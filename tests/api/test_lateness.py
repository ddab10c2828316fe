"""A process that a crowd makes late refuses what arrives, and only then."""

import asyncio
import time
from typing import Any

import pytest

from ops.api.lateness import CROWD, LATE_SECONDS, TICK_SECONDS, Lateness, Punctual


async def _turns(lateness: Lateness, count: int, arrivals: int, seconds: float) -> list[bool]:
    """Let the loop take turns of so long, with so many requests in each; whether it was late behind each of them."""
    late = []
    for _ in range(count):
        for _ in range(arrivals):
            lateness.arrived()
        time.sleep(seconds)  # noqa: ASYNC251 - what makes a loop late
        await asyncio.sleep(TICK_SECONDS / 10)
        late.append(lateness.is_late)
    return late


async def test_a_crowd_makes_it_late_until_it_is_gone() -> None:
    lateness = Lateness()
    lateness.start()
    late = await _turns(lateness, 4, CROWD, LATE_SECONDS + 3 * TICK_SECONDS)
    assert (late[0], late[-1]) == (False, True)
    assert (await _turns(lateness, 2, 0, LATE_SECONDS + 3 * TICK_SECONDS))[-1] is False  # the machine's fault
    lateness.stop()


class _Late:
    def __init__(self, is_late: bool) -> None:
        self.is_late = is_late
        self.requests = 0

    def arrived(self) -> None:
        self.requests += 1


class _App:
    """Has a state, as FastAPI has."""

    def __init__(self, lateness: _Late) -> None:
        self.state = self
        self.api = self
        self.lateness = lateness


@pytest.mark.parametrize(
    ("path", "is_late", "status"),
    [("/v1/talents/T1", False, 200), ("/v1/talents/T1", True, 503), ("/v1/health", True, 200)],
)
async def test_only_a_late_process_refuses_and_never_whoever_asks_for_its_health(
    path: str, is_late: bool, status: int
) -> None:
    answered: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        answered.append(message)

    async def receive() -> Any:
        return {}

    await Punctual(app)({"type": "http", "method": "GET", "path": path, "app": _App(_Late(is_late))}, receive, send)
    assert answered[0]["status"] == status
