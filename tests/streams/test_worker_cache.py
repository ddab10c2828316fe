"""A worker that has nothing to do lets go of what matching keeps, and tells how often it served."""

import asyncio
from typing import Any

import pytest

from schemas.settings import Settings
from sinks.cache import Cache
from streams import app, metrics


@pytest.fixture
def resources() -> app.Resources:
    found = app.Resources(Settings(), None)
    found.kept = {"points": Cache(10, seconds=0.001)}
    found.kept["points"].put("her", "what is known of her")
    return found


def test_an_idle_worker_lets_go_by_itself(monkeypatch: pytest.MonkeyPatch, resources: app.Resources) -> None:
    monkeypatch.setattr(app, "CACHE_SECONDS", 0.001)

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(resources._expire(), 0.2))
    assert not len(resources.kept["points"])


def test_lookups_are_told_by_cache_and_outcome(monkeypatch: pytest.MonkeyPatch, resources: app.Resources) -> None:
    registered: list[Any] = []

    class Meter:
        def create_observable_counter(self, name: str, callbacks: list[Any], **_: Any) -> None:
            assert name == "looma.match.lookups"
            registered.extend(callbacks)

    monkeypatch.setattr(metrics, "meter", Meter())
    app._add_kept(resources)
    resources.kept["points"].get("nobody")
    told = {(o.attributes["cache"], o.attributes["outcome"]): o.value for o in registered[0](None)}
    assert told == {("points", "hit"): 0, ("points", "miss"): 1}
