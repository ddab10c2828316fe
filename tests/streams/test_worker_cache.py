"""A worker that has nothing to do lets go of what matching keeps."""

import asyncio

import pytest

from schemas.settings import Settings
from sinks.cache import Cache
from streams import app


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
