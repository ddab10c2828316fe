"""What operators do over HTTP: tried first, done once, in a process of its own, and told to its end."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from schemas.topics import AUDIT, EVENTS, MODEL_EVENTS
from streams.models.builtin import TITLES
from streams.models.rollouts import PROMOTING_SECONDS
from tests.support.cluster import Cluster
from tests.support.console import say, until

pytestmark = pytest.mark.usefixtures("worker")


def ended(http: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """Return a task once it has ended."""
    assert answer.status_code in (200, 202), answer.text
    place = answer.headers["location"]
    task: dict[str, Any] = until(
        lambda: (t := http.get(place, headers={"prefer": "wait=10"}).json())["state"] != "running" and t,
        PROMOTING_SECONDS,
    )
    return task


@pytest.fixture
def generation(http: httpx.Client, api_cluster: Cluster) -> Iterator[str]:
    name = "gtask"
    assert ended(http, http.post("/v1/generations", json={"generation": name}))["result"] == {"generation": name}
    yield name
    api_cluster.looma("replay", "drop", name, "--yes")


def test_a_replay_is_counted_then_done_once(http: httpx.Client, api_cluster: Cluster, prefix: str) -> None:
    say(http, f"talents/{prefix}", {"title": "Engineer"})
    say(http, f"jobs/{prefix}", {"title": "Engineer", "status": "open"})
    wanted = {"beginning": True, "topics": [EVENTS["talent"]], "keys": [prefix]}
    tried = ended(http, http.post("/v1/replays", json={**wanted, "dry_run": True}))
    assert (tried["state"], tried["result"]["selected"]) == ("done", 1), tried
    assert tried["result"]["counts"] == {"talent-events looma.talent.upserted": 1}

    once = {"idempotency-key": prefix}
    first = http.post("/v1/replays", json=wanted, headers=once)
    again = http.post("/v1/replays", json=wanted, headers=once)
    assert first.json()["id"] == again.json()["id"]
    assert http.post("/v1/replays", json={**wanted, "rate": 9}, headers=once).status_code == 422
    done = ended(http, first)
    assert (done["result"]["finished"], done["result"]["outcomes"]) == (True, {"unchanged": 1}), done
    assert done["progress"] == {"share": 1.0, "events": 1.0}
    (document,) = api_cluster.documents("talents", {"_id": prefix})
    assert document["revision"] == 1
    audited = [json.loads(r.value) for r in api_cluster.read(AUDIT)]
    assert [e["about"] for e in audited if e["action"] == "replay.started"][-1] == [f"task:{done['id']}"]
    assert done["id"] in [task["id"] for task in http.get("/v1/tasks").json()]


def test_a_generation_is_compared_switched_to_and_left(
    http: httpx.Client, generation: str, api_cluster: Cluster
) -> None:
    busy = [http.post(f"/v1/generations/{generation}/compare") for _ in range(2)]
    assert [each.status_code for each in busy] == [202, 409]
    assert busy[1].json()["code"] == "task_busy"
    compared = ended(http, busy[0])["result"]
    assert (compared["generation"], compared["active"]) == (generation, "base")
    assert compared["stored"]["talents"][1] == 0 < compared["behind"]

    refused = ended(http, http.post(f"/v1/generations/{generation}/switch", json={"wait_seconds": 0}))
    assert (refused["state"], refused["error"]["code"]) == ("failed", "generation"), refused
    assert "behind" in refused["error"]["detail"]
    assert http.get("/v1/generations").json()["active"] == "base"

    switched = ended(http, http.post(f"/v1/generations/{generation}/switch", json={"force": True}))
    assert switched["result"]["active"] == generation, switched
    known = http.get("/v1/generations").json()
    assert (known["active"], known["previous"], known["announced"]) == (generation, "base", True)
    back = http.post(f"/v1/generations/{generation}/rollback", json={"force": True})
    assert ended(http, back)["result"]["active"] == "base"
    # Whoever asks once more does not switch forth again.
    later = ended(http, http.post(f"/v1/generations/{generation}/rollback", json={"force": True}))
    assert later["error"]["code"] == "generation", later
    assert http.get("/v1/generations").json()["active"] == "base"
    actions = [json.loads(r.value)["action"] for r in api_cluster.read(AUDIT)]
    assert {"generation.started", "generation.switched", "generation.rolled_back"} <= set(actions)


@pytest.mark.long
def test_a_model_is_tried_stopped_and_promoted_over_http(http: httpx.Client, api_cluster: Cluster, prefix: str) -> None:
    say(http, f"talents/{prefix}", {"title": "Engineer"})
    model, name = TITLES.id, "gtitles"
    api_cluster.looma("models", "pull", model)
    begun = ended(http, http.post("/v1/generations", json={"generation": name, "model": model}))
    assert begun["result"] == {"generation": name}, begun
    builder = api_cluster.worker(generation=name)
    start = ("models", "rollout", "start", model, "--generation", name, "--wait", "60", "--json")
    try:
        first = json.loads(api_cluster.looma(*start))["id"]
        (seen,) = http.get("/v1/rollouts").json()
        assert (seen["id"], seen["state"], seen["model"]) == (first, "running", model)
        stopped = ended(http, http.post(f"/v1/rollouts/{first}/stop"))
        assert (stopped["state"], stopped["result"]["state"]) == ("done", "stopped"), stopped
        late = ended(http, http.post(f"/v1/rollouts/{first}/promote"))
        assert (late["state"], late["error"]["code"]) == ("failed", "rollout"), late

        second = json.loads(api_cluster.looma(*start))["id"]
        other = ended(http, http.post(f"/v1/rollouts/{first}/promote"))
        assert other["error"]["code"] == "rollout", "whoever means an earlier one promotes no later one"
        once = {"idempotency-key": prefix}
        asked = [http.post(f"/v1/rollouts/{second}/promote", headers=once) for _ in range(2)]
        assert asked[0].json()["id"] == asked[1].json()["id"]
        promoted = ended(http, asked[0])
        shown = {"id": second, "state": "promoted", "model": model, "generation": name, "reason": ""}
        assert promoted["result"] == shown, promoted
        known = http.get("/v1/generations").json()
        assert (known["active"], known["previous"], known["announced"]) == (name, "base", True)
        assert http.get("/v1/rollouts").json()[0]["state"] == "promoted"

        back = ended(http, http.post(f"/v1/generations/{name}/rollback", json={"force": True}))
        assert back["result"]["active"] == "base", back
    finally:
        builder.stop()
    api_cluster.looma("replay", "drop", name, "--yes")
    told = [json.loads(r.value) for r in api_cluster.read(MODEL_EVENTS) if r.key in (first.encode(), second.encode())]
    assert [(e["id"], e["status"]) for e in sorted(told, key=lambda e: e["id"])] == [
        (first, "started"),
        (first, "stopped"),
        (second, "started"),
        (second, "promoted"),
    ]
    audited = [e for r in api_cluster.read(AUDIT) if (e := json.loads(r.value))["action"].startswith("rollout.")]
    assert {(e["action"], e["about"][-1]) for e in audited} >= {
        ("rollout.stopped", f"rollout:{first}"),
        ("rollout.promoted", f"rollout:{second}"),
    }


def test_what_cannot_be_meant_is_refused(http: httpx.Client) -> None:
    for body in (
        {},
        {"beginning": True, "since": "2026-01-05T00:00:00Z"},
        {"beginning": True, "topics": ["match-results"]},
        {"run": "r", "beginning": True},
        {"beginning": True, "rate": 0},
    ):
        assert http.post("/v1/replays", json=body).status_code == 422, body
    for name in ("G2", "a" * 17, "g-2"):
        assert http.post(f"/v1/generations/{name}/switch", json={}).status_code == 422
    stopped = ended(http, http.post("/v1/rollouts/nothing/stop"))
    assert (stopped["state"], stopped["error"]["code"]) == ("failed", "rollout")
    assert http.get("/v1/tasks/nothing").status_code == 404
    assert http.delete(f"/v1/tasks/{stopped['id']}").status_code == 409


def test_only_an_operator_may(running: Any, http: httpx.Client, api_cluster: Cluster) -> None:
    key = json.loads(api_cluster.looma("keys", "create", "eye", "--scope", "status:read", "--json"))
    mine = {"authorization": f"Bearer {key['key']}"}
    assert until(lambda: http.get("/v1/generations", headers=mine).status_code == 200)
    for path in ("/v1/replays", "/v1/generations/g2/switch", "/v1/generations/g2/compare", "/v1/rollouts/r/promote"):
        body = {"beginning": True} if path == "/v1/replays" else {}
        assert http.post(path, json=body, headers=mine).status_code == 403, path
