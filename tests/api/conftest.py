"""One stack and one API for all tests of routes."""

from collections.abc import Iterator

import httpx
import pytest
from loguru import logger

from tests.support.cluster import Cluster, Worker, running_cluster
from tests.support.plans import scanned, shapes_of
from tests.support.running_api import RunningApi, running_api


@pytest.fixture(scope="package")
def api_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The stack, without a worker."""
    with running_cluster(tmp_path_factory.mktemp("api"), "looma-api-test", 2) as cluster:
        yield cluster
        cluster.stop_workers()


@pytest.fixture(scope="package")
def running(api_cluster: Cluster) -> Iterator[RunningApi]:
    """The API, answering; each of its queries must have an index."""
    said: set[str] = set()
    sink = logger.add(lambda told: said.add(told.record["message"]), level="WARNING")
    with running_api(api_cluster.settings.changed(mongodb__slow_seconds=1e-6)) as api:
        yield api
    logger.remove(sink)
    asked = shapes_of(said)
    assert asked, "it is heard at all"
    assert not (found := scanned(api_cluster.settings, asked)), "\n".join(found)


@pytest.fixture(scope="package")
def worker(api_cluster: Cluster) -> Worker:
    """A worker that merges and stores."""
    return api_cluster.worker("--sync-only")


@pytest.fixture
def http(running: RunningApi) -> httpx.Client:
    """A client of the API."""
    return running.client


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the stack."""
    for item in items:
        if "api_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
