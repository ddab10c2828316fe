"""Real parts for the tests: one embedded stack a file, and workers as processes of their own."""

import gc
import os
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

if "PYTEST_XDIST_WORKER" in os.environ:
    # Lines that processes beside the tests run are not counted, which slows them by a half: they have unit tests.
    os.environ["COVERAGE_PROCESS_CONFIG"] = ""
os.environ["COLUMNS"] = "200"  # before rich is imported: what tests look for in tables must not be wrapped
# A broker that lives for a minute spends half of its time on compiling for the hours to come.
os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

from tests.support.cluster import Cluster, running_cluster
from tests.support.events import Encoded, encoded

gc.disable()  # until the tests are collected: all that this makes stays

# Commands speak of the stack that was started last, but not of a developer's own.
_state = tempfile.TemporaryDirectory()
os.environ["XDG_STATE_HOME"] = _state.name

# A busy machine draws slowly; how long an example takes is no property of the code.
# 30 examples, not 100: the suite must be short. More: pytest --hypothesis-profile=default
hypothesis.settings.register_profile(
    "tests", max_examples=30, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that none is left alone at the end."""
    items.sort(key=lambda item: _place(item.path))
    for item in items:
        if "module_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@cache
def _place(path: Path) -> int:
    names = path.stem, path.parent.name
    return next((n for n, name in enumerate(LONGEST) if name in names), len(LONGEST))


class _ByStack(LoadFileScheduling):  # type: ignore[misc]
    """Gives a process whole files, and all files of the API, which share a stack and would start one in each process."""

    def _split_scope(self, nodeid: str) -> str:
        return SHARED if nodeid.startswith(SHARED) else str(super()._split_scope(nodeid))


SHARED = "tests/api/"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Keep together what shares a stack."""
    return _ByStack(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Let the collector pass over modules and tests, which stay: walking them took a fifth of the time."""
    gc.enable()
    gc.set_threshold(100_000, 50, 50)
    gc.freeze()


LONGEST = (
    "test_verify",
    "api",
    "test_export_parquet",
    "test_replay",
    "test_forget",
    "test_backfill",
    "test_under_fire",
    "test_cli",
    "test_delivery_faults",
    "test_servers_stop",
    "test_bench_ingest",
    "test_identity",
    "test_telemetry",
    "test_demo",
)


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """What a worker's guard blocks in this process, children of later tests would inherit."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.fixture(scope="module")
def module_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster"), "looma-test", 4) as cluster:
        yield cluster


@pytest.fixture
def cluster(module_cluster: Cluster) -> Iterator[Cluster]:
    """The stack; workers that a test leaves running are ended after it."""
    yield module_cluster
    module_cluster.stop_workers()


@pytest.fixture
def prefix() -> str:
    """The beginning of a test's own entity ids."""
    return f"x{uuid.uuid4().hex[:8]}"


@pytest.fixture
def make() -> Callable[..., Encoded]:
    """A maker of encoded events: make(entity, id, fields, minute=0, source="crm", ...)."""
    return encoded
