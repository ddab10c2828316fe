"""`looma api` as a process: where it listens, and how it ends."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from ops.api.server import ApiAddressError, require_safe
from schemas.settings import ApiSettings
from tests.support.cluster import Cluster


@contextmanager
def looma_api(cluster: Cluster, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    command = [sys.executable, "-m", "ops.cli", "api", "--port", "0", *arguments]
    process = subprocess.Popen(command, env=cluster.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()


def test_processes_share_a_port_and_drain(api_cluster: Cluster, prefix: str) -> None:
    with looma_api(api_cluster, "--processes", "2") as (process, url):
        taken = subprocess.run(
            [sys.executable, "-m", "ops.cli", "api", "--port", url.rpartition(":")[2]],
            env=api_cluster.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (taken.returncode, "--port" in taken.stderr, taken.stderr.count("\n")) == (5, True, 1)
        answers: list[httpx.Response] = []

        def waiting() -> None:
            wait = {"prefer": "wait=3"}
            answers.append(httpx.put(f"{url}/v1/jobs/{prefix}", json={"title": "x"}, headers=wait, timeout=30))

        thread = threading.Thread(target=waiting)
        thread.start()
        thread.join(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        thread.join()
        assert answers[0].status_code in (200, 202), "what had begun was answered"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/v1/health")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_others_reach_it_with_keys_and_encryption_alone(host: str) -> None:
    require_safe(ApiSettings())
    for unsafe in (
        ApiSettings(host=host),
        ApiSettings(host=host, keys=True),
        ApiSettings(host=host, behind_proxy=True),
    ):
        with pytest.raises(ApiAddressError):
            require_safe(unsafe)
    require_safe(ApiSettings(host=host, keys=True, behind_proxy=True))
