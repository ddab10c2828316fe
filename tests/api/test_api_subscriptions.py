"""Server-sent events: nothing lost and nothing twice, across connections, processes and kills."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import orjson

from ops.local.embedded.stack import free_ports
from schemas.records import SourceRecord
from schemas.topics import MATCH_RESULTS, RECORDS
from streams.subscriptions import Position
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi


class Event(NamedTuple):
    name: str
    id: str
    data: Any


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Read events; one of comments and an id alone has no name."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            found[name] = value
        elif found:
            if "id" in found:
                yield Event(found.get("event", ""), found["id"], orjson.loads(found.get("data", "null")))
            found = {}


def taken(base: str, path: str, count: int, last: str | None) -> tuple[list[Event], str]:
    """Return the first `count` events behind an id, and the id of the last."""
    headers = {"last-event-id": last} if last else {}
    got: list[Event] = []
    with httpx.stream("GET", base + path, headers=headers, timeout=30, trust_env=False) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        for event in events(response.iter_lines()):
            last = event.id
            if event.name:
                got.append(event)
            if len(got) == count:
                break
    assert last
    return got, last


def tell(cluster: Cluster, prefix: str, numbers: range) -> None:
    cluster.publish(
        [
            (
                MATCH_RESULTS,
                f"{prefix}{n % 7}|J1".encode(),
                orjson.dumps({"talent_id": f"{prefix}{n % 7}", "job_id": "J1", "score": n, "features": []}),
                [("ce_id", f"{prefix}-{n}".encode())],
            )
            for n in numbers
        ]
    )


def base_of(running: RunningApi) -> str:
    return str(running.client.base_url).rstrip("/")


def test_a_stream_goes_on_behind_the_last_event(running: RunningApi, api_cluster: Cluster, prefix: str) -> None:
    path, base = "/v1/subscriptions/matches", base_of(running)
    _, last = taken(base, path, 0, None)
    tell(api_cluster, prefix, range(30))
    seen: list[str] = []
    for _ in range(3):
        got, last = taken(base, path, 10, last)
        seen += [event.data["event_id"] for event in got]
    assert sorted(seen) == sorted(f"{prefix}-{n}" for n in range(30))
    assert {event.name for event in got} == {"match"}
    for talent in range(7):
        of_talent = [n for n in (int(s.rpartition("-")[2]) for s in seen) if n % 7 == talent]
        assert of_talent == sorted(of_talent)


def test_a_filter_passes_over_the_others_and_keeps_its_place(
    running: RunningApi, api_cluster: Cluster, prefix: str
) -> None:
    path, base = f"/v1/subscriptions/matches?talent={prefix}3", base_of(running)
    _, last = taken(base, path, 0, None)
    tell(api_cluster, prefix, range(21))
    got, last = taken(base, path, 3, last)
    assert [event.data["score"] for event in got] == [3, 10, 17]


def test_records_as_they_change(running: RunningApi, api_cluster: Cluster, prefix: str) -> None:
    path, base = f"/v1/subscriptions/records?entity=talent&id={prefix}", base_of(running)
    _, last = taken(base, path, 0, None)
    said = [SourceRecord("talent", prefix, n, False, {"title": f"t{n}"}, {}) for n in (1, 2)]
    api_cluster.publish([(RECORDS["talent"], r.id.encode(), r.to_json(), []) for r in said])
    got, _ = taken(base, path, 2, last)
    assert [(e.name, e.data["revision"], e.data["fields"]) for e in got] == [
        ("record", 1, {"title": "t1"}),
        ("record", 2, {"title": "t2"}),
    ]


def test_a_position_of_another_log_is_gone_and_a_forged_one_is_refused(running: RunningApi, http: httpx.Client) -> None:
    _, last = taken(base_of(running), "/v1/subscriptions/matches", 0, None)
    purpose = f"position {MATCH_RESULTS}"
    position = Position.parse(running.api.signer.read(purpose, last) or "")
    anew = running.api.signer.sign(purpose, str(Position("00" * 16, position.offsets)))
    ahead = running.api.signer.sign(purpose, str(Position(position.topic_id, dict.fromkeys(position.offsets, 10**9))))
    for sent, status in ((anew, 410), (ahead, 410), (last[:-2] + "AA", 422), ("x", 422)):
        answer = http.get("/v1/subscriptions/matches", headers={"last-event-id": sent})
        assert answer.status_code == status, answer.text
    other = http.get("/v1/subscriptions/dead-letters", headers={"last-event-id": last})
    assert other.status_code == 422


@contextlib.contextmanager
def process(cluster: Cluster, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `looma api`; it answers in the block."""
    command = [sys.executable, "-m", "ops.cli", "api", "--port", str(port)]
    with (cluster.folder / "api.log").open("ab") as log:
        started = subprocess.Popen(command, env=cluster.environment, stdout=log, stderr=log, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/v1/health", trust_env=False).status_code == 200:
                    break
            assert started.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield started
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGTERM)
            assert started.wait(40) == 0


def test_a_killed_process_loses_nothing_and_repeats_nothing(api_cluster: Cluster, prefix: str) -> None:
    """The first process dies in mid-stream; another one serves the rest, and draining ends its stream by itself."""
    (port,) = free_ports(1)
    path, base = "/v1/subscriptions/matches", f"http://127.0.0.1:{port}"
    seen: list[str] = []
    with process(api_cluster, port) as first:
        _, last = taken(base, path, 0, None)
        tell(api_cluster, prefix, range(300))
        headers = {"last-event-id": last}
        with (
            contextlib.suppress(httpx.RemoteProtocolError),
            httpx.stream("GET", base + path, headers=headers, timeout=30, trust_env=False) as response,
        ):
            for event in events(response.iter_lines()):
                last = event.id
                if event.name:
                    seen.append(event.data["event_id"])
                if len(seen) == 100:
                    first.kill()
        assert first.wait(10) == -signal.SIGKILL
    assert len(seen) >= 100
    tell(api_cluster, prefix, range(300, 400))
    with process(api_cluster, port) as second:
        rest, last = taken(base, path, 400 - len(seen), last)
        seen += [event.data["event_id"] for event in rest]
        assert sorted(seen) == sorted(f"{prefix}-{n}" for n in range(400))
        with httpx.stream("GET", base + path, headers={"last-event-id": last}, timeout=30, trust_env=False) as response:
            lines = response.iter_lines()
            next(lines)
            second.send_signal(signal.SIGTERM)
            assert all(not line.startswith("event:") for line in lines)  # it ends whole
        assert second.wait(40) == 0
