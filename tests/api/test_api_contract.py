"""The API against its own OpenAPI document: requests that nobody here thought of, and a client that knows none of us."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from ops.api.problems import MEDIA_TYPE
from tests.support.cluster import Cluster, Worker
from tests.support.running_api import RunningApi, running_api

ST = [str(Path(sys.executable).parent / "st"), "--config-file", str(Path(__file__).with_name("schemathesis.toml"))]
WRITES = r"^/v1/(events|companies/.id.)$"


def explored(folder: Path, url: str, *arguments: str) -> None:
    """Run schemathesis. Streams have no end; a plan of forgetting reads the whole log; without keys none is ignored.

    What operators do begins processes that change the stack for all that comes after: tests/api/test_api_tasks.py.
    """
    left_out = "subscriptions|forget|/stream$|replays|generations|rollouts"
    fixed = ["--seed", "1", "--continue-on-failure", "--exclude-path-regex", left_out]
    command = [*ST, "run", f"{url}/v1/openapi.json", *fixed, "--exclude-checks", "ignored_auth", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_every_route_keeps_its_contract(running: RunningApi, worker: Worker, tmp_path: Path) -> None:
    url = str(running.client.base_url)
    explored(tmp_path, url, "--phases", "examples,fuzzing,stateful", "--max-examples", "2")


@pytest.mark.long
def test_writes_keep_their_contract_at_every_boundary(running: RunningApi, worker: Worker, tmp_path: Path) -> None:
    explored(tmp_path, str(running.client.base_url), "--phases", "coverage", "--include-path-regex", WRITES)


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
def test_curl_is_client_enough(running: RunningApi, worker: Worker, prefix: str) -> None:
    def curl(path: str, *arguments: str) -> str:
        command = ["curl", "--silent", "--fail-with-body", *arguments, f"{running.client.base_url}/{path}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    sent = json.dumps({"title": "数据工程师"})
    kind = ["-H", "content-type: application/merge-patch+json"]
    written = json.loads(curl(f"v1/talents/{prefix}", "-X", "PATCH", *kind, "-H", "prefer: wait=10", "-d", sent))
    assert written == json.loads(curl(f"v1/talents/{prefix}"))
    assert written["fields"] == {"title": "数据工程师"}


def read(cluster: Cluster) -> list[Any]:
    """Return the events; a broker that stood still lists itself only when the controller has heard of it again."""
    for _ in range(50):
        with suppress(KafkaError):
            return cluster.read("talent-events")
        time.sleep(0.2)
    return cluster.read("talent-events")


def test_a_write_that_kafka_does_not_take_is_never_accepted(api_cluster: Cluster, prefix: str) -> None:
    (kafka,) = [each for each in api_cluster.stack.status() if each.name == "kafka"]
    assert kafka.pid
    with running_api(api_cluster.settings.changed(api__publish_seconds=1.0)) as own:
        once = {"idempotency-key": prefix}
        os.kill(kafka.pid, signal.SIGSTOP)
        try:
            refused = own.client.put(f"/v1/talents/{prefix}", json={"title": "A"}, headers=once)
            unready = own.client.get("/v1/ready")
        finally:
            os.kill(kafka.pid, signal.SIGCONT)
        assert (refused.status_code, refused.headers["content-type"]) == (503, MEDIA_TYPE)
        assert (int(refused.headers["retry-after"]), unready.status_code) == (1, 503)
        while (again := own.client.put(f"/v1/talents/{prefix}", json={"title": "A"}, headers=once)).status_code != 202:
            assert again.status_code == 503
    found = [r for r in read(api_cluster) if r.key == prefix.encode()]
    assert {dict(r.headers)["ce_id"].decode() for r in found} == {again.json()["operations"][0]["event"]}
