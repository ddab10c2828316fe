"""Writes over HTTP: one event each, once however often they are sent, and an honest word on what became of them."""

import json
from typing import Any

import httpx
import pytest

from tests.support.cluster import Cluster, Worker
from tests.support.running_api import RunningApi

WAIT = {"prefer": "wait=10"}
PATCH = {"content-type": "application/merge-patch+json"}


def patch(http: httpx.Client, id: str, fields: dict[str, Any], source: str = "crm", **headers: str) -> httpx.Response:
    body = json.dumps(fields).encode()
    return http.patch(f"/v1/talents/{id}?source={source}", content=body, headers=PATCH | headers)


def put(http: httpx.Client, id: str, fields: dict[str, Any], source: str = "crm", **headers: str) -> httpx.Response:
    return http.put(f"/v1/talents/{id}?source={source}", json=fields, headers=headers)


def events(cluster: Cluster, id: str, topic: str = "talent-events") -> list[Any]:
    return [r for r in cluster.read(topic) if r.key == id.encode()]


def test_a_write_that_waits_is_answered_with_the_record(http: httpx.Client, worker: Worker, prefix: str) -> None:
    answer = patch(http, prefix, {"title": "数据工程师"}, **WAIT)
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait=10")
    assert answer.json()["fields"] == {"title": "数据工程师"}
    status = http.get(answer.headers["location"]).json()
    assert (status["state"], status["revision"], status["indexed"]) == ("merged", 1, False)


def test_put_withdraws_what_its_source_said_and_nobody_elses(http: httpx.Client, worker: Worker, prefix: str) -> None:
    patch(http, prefix, {"locations": ["上海"], "summary": "…"}, source="board", **WAIT)
    put(http, prefix, {"title": "Engineer", "seniority": "senior"}, **WAIT)
    answer = put(http, prefix, {"title": "Engineer"}, **WAIT)
    assert answer.json()["fields"] == {"title": "Engineer", "locations": ["上海"], "summary": "…"}


def test_delete_and_unchanged_are_told_apart(http: httpx.Client, worker: Worker, prefix: str) -> None:
    first = patch(http, prefix, {"title": "A"}, **WAIT)
    assert first.status_code == 200
    repeated = http.post(
        "/v1/events",
        headers={"content-type": "application/cloudevents+json"},
        json={
            "specversion": "1.0",
            "id": "older",
            "source": "crm",
            "type": "looma.talent.upserted",
            "subject": prefix,
            "time": "2020-01-01T00:00:00Z",
            "data": {"title": "Z"},
        },
    )
    status = http.get(repeated.headers["location"], headers=WAIT).json()
    assert status["state"] == "unchanged"
    gone = http.delete(f"/v1/talents/{prefix}?source=crm", headers=WAIT)
    assert (gone.status_code, gone.json()["state"]) == (200, "merged")


def test_what_a_worker_refuses_is_told(http: httpx.Client, worker: Worker, api_cluster: Cluster, prefix: str) -> None:
    # More sources than a record may have, which nobody knows but the worker.
    limit = 100
    api_cluster.publish(
        [
            (
                "talent-events",
                prefix.encode(),
                b'{"title": "x"}',
                [
                    ("ce_specversion", b"1.0"),
                    ("ce_id", str(n).encode()),
                    ("ce_source", b"s%d" % n),
                    ("ce_type", b"looma.talent.upserted"),
                    ("ce_time", b"2026-01-01T00:00:00Z"),
                ],
            )
            for n in range(limit)
        ]
    )
    answer = patch(http, prefix, {"title": "y"}, source="one-more", **WAIT)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_sources")
    assert http.get(answer.headers["location"]).json()["state"] == "dead_lettered"


def test_a_key_makes_a_request_once_and_no_other(http: httpx.Client, api_cluster: Cluster, prefix: str) -> None:
    once = {"idempotency-key": prefix}
    first, again = patch(http, prefix, {"title": "A"}, **once), patch(http, prefix, {"title": "A"}, **once)
    assert (first.status_code, again.json()) == (202, first.json())
    assert len(events(api_cluster, prefix)) == 1
    other = patch(http, prefix, {"title": "B"}, **once)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_leaves_its_key_free(http: httpx.Client, prefix: str) -> None:
    once = {"idempotency-key": prefix}
    assert patch(http, prefix, {"years_experience": 99}, **once).status_code == 422
    assert patch(http, prefix, {"years_experience": 9}, **once).status_code == 202


def test_a_request_under_way_is_not_begun_again_and_one_that_crashed_is_taken_up(
    running: RunningApi, prefix: str
) -> None:
    store = running.api.requests

    async def story() -> None:
        begun = await store.begin("local", prefix, "f")
        assert await store.begin("local", prefix, "f") is None
        await store.release(begun)  # type: ignore[arg-type]
        again = await store.begin("local", prefix, "f")
        assert again
        assert again[:2] == begun[:2]  # type: ignore[index]

    running.call(story())


def test_resumes_feedback_and_verdicts_are_events(http: httpx.Client, api_cluster: Cluster, prefix: str) -> None:
    resume = http.post(f"/v1/talents/{prefix}/resume?source=ats", content=b"%PDF-1.7 x")
    feedback = http.post(f"/v1/talents/{prefix}/matches/J1/feedback", json={"outcome": "hired"})
    verdict = http.post(
        "/v1/identities/verdicts", json={"action": "merge", "entity": "talent", "left": "b", "right": "a"}
    )
    assert [a.status_code for a in (resume, feedback, verdict)] == [202, 202, 202], verdict.text
    assert json.loads(events(api_cluster, prefix, "resume-events")[0].value)["talent_id"] == prefix
    assert json.loads(events(api_cluster, f"{prefix}|J1", "match-feedback")[0].value)["outcome"] == "hired"
    assert dict(events(api_cluster, "talent:a|b", "identity-events")[0].headers)["ce_source"] == b"looma/decision"


def test_a_conflict_is_decided(http: httpx.Client, worker: Worker, api_cluster: Cluster, prefix: str) -> None:
    patch(http, prefix, {"name": "王芳"}, source="crm", **WAIT)
    patch(http, prefix, {"name": "王方"}, source="zervigo", **WAIT)
    (found,) = [c for c in json.loads(api_cluster.looma("conflicts", "list", "--json")) if c["entity_id"] == prefix]
    assert http.post(f"/v1/conflicts/{found['id']}/decision", json={}).status_code == 422
    assert http.post(f"/v1/conflicts/{found['id']}/decision", json={"value": 7}).status_code == 422
    decided = http.post(f"/v1/conflicts/{found['id']}/decision", json={"take": 1}, headers=WAIT)
    assert decided.json()["state"] == "merged", decided.text
    assert http.get(decided.headers["location"]).json()["entity_id"] == prefix
    (record,) = api_cluster.documents("talents", {"_id": prefix})
    assert record["fields"]["name"] == found["candidates"][0]["value"]
    assert record["provenance"]["name"]["source"] == "looma/decision"
    assert http.post(f"/v1/conflicts/{found['id']}/decision", json={"take": 1}).status_code == 404


def test_what_would_be_forgotten_is_counted(http: httpx.Client, worker: Worker, prefix: str) -> None:
    patch(http, prefix, {"name": "王芳"}, **WAIT)
    plan = http.post(f"/v1/talents/{prefix}/forget", json={"dry_run": True}).json()
    assert plan["stores"]["talents"] == 1
    assert plan["topics"]["talent-events"] == 1
    assert http.post(f"/v1/talents/{prefix}/forget", json={"dry_run": False}).status_code == 422


@pytest.mark.parametrize("id", ["not-one", "AAAA", "%00"])
def test_an_operation_of_nobody_is_not_found(http: httpx.Client, id: str) -> None:
    assert http.get(f"/v1/operations/{id}").status_code == 404
