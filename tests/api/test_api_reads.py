"""Reads over HTTP: as new as the log, masked, cheap to ask again, and honest when the tail sees nothing."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from ops.api import records
from processors.access import Caller
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.entities import Entity
from schemas.records import SourceRecord
from schemas.topics import DEAD_LETTERS, MATCH_RESULTS, RECORDS
from sinks.forgotten import Forgotten
from sinks.mongodb import COLLECTIONS
from streams import tail
from streams.matching import result_message
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi


@pytest.fixture(autouse=True)
def seeing(running: RunningApi) -> None:
    """The tails see."""
    running.call(running.api.reads.tail.begun.wait())
    running.call(running.api.views.tail.begun.wait())
    until(lambda: not running.api.reads.tail.is_blind)


def stored(running: RunningApi, entity: Entity, entity_id: str, revision: int, fields: dict[str, Any]) -> SourceRecord:
    """Store a record in MongoDB, as a worker would."""
    provenance = {name: {"source": "crm", "time": "2026-01-05T08:00:00.000000Z", "event_id": "e1"} for name in fields}
    record = SourceRecord(entity, entity_id, revision, False, fields, provenance)
    conflicts: list[dict[str, Any]] = []
    document = {
        "_id": entity_id, "revision": revision, "retold": 0, "deleted": False, "fields": fields,
        "provenance": provenance, "contributions": [], "deleted_by": None, "policy": DEFAULT.version,
        "conflicts": conflicts, "conflicts_decided": 0,
    }  # fmt: skip
    assert StoredRecord.from_document(entity, document).record == record
    collection = running.api.database[COLLECTIONS[entity]]
    running.call(collection.replace_one({"_id": entity_id}, document, upsert=True))
    return record


def told(cluster: Cluster, *said: SourceRecord) -> None:
    """Publish records on their topic, as a worker does before it stores them."""
    cluster.publish([(RECORDS[r.entity], r.id.encode(), r.to_json(), []) for r in said])


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_record_is_answered_from_memory_once_it_was_read(
    running: RunningApi, http: httpx.Client, prefix: str
) -> None:
    stored(running, "talent", prefix, 1, {"title": "数据工程师", "skills": [{"name": "Python"}]})
    first = http.get(f"/v1/talents/{prefix}")
    assert first.json() == {
        "entity": "talent", "id": prefix, "fields": {"title": "数据工程师", "skills": [{"name": "Python"}]},
    }  # fmt: skip
    assert first.headers["cache-status"] == "looma; fwd=miss"
    again = http.get(f"/v1/talents/{prefix}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-status"] == "looma; hit"
    assert abs(time.time() * 1000 - int(again.headers["looma-visible-at"])) < 30_000


USUAL = {"content-length": "0"}
"""A request with a body, however short, takes the usual way."""


def told_by(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    varies = ("date", "traceparent", "looma-visible-at", "ratelimit")
    return answer.status_code, {n: v for n, v in answer.headers.items() if n not in varies}, answer.content


def test_the_short_way_says_what_the_usual_one_does(
    running: RunningApi, api_cluster: Cluster, http: httpx.Client, prefix: str
) -> None:
    stored(running, "talent", prefix, 1, {"title": "数据工程师", "name": "王芳"})
    whole, masked, other = (
        json.loads(api_cluster.looma("keys", "create", "k", *(f"--scope={each}" for each in scopes), "--json"))["key"]
        for scopes in (("talents:read", "pii:read"), ("talents:read",), ("jobs:read",))
    )
    path = f"/v1/talents/{prefix}"
    etag = http.get(path).headers["etag"]
    until(lambda: http.get(path, headers={"authorization": f"Bearer {other}"}).status_code == 403)
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    for method in ("GET", "HEAD"):
        for key in (None, whole, masked, other, "lk_nobody"):
            for more in ({}, {"if-none-match": etag}, {"if-none-match": "*"}, {"host": "elsewhere"}):
                sent = {**more, **({"authorization": f"Bearer {key}"} if key else {}), "traceparent": trace}
                short, usual = (http.request(method, path, headers=sent | way) for way in ({}, USUAL))
                assert told_by(short) == told_by(usual), (method, sent)
                assert short.headers["traceparent"].split("-")[1] == "a" * 32
                if key == masked and method == "GET" and not more:
                    assert short.json()["fields"]["name"] == "王**"
                    left = [int(a.headers["ratelimit"].partition("r=")[2].partition(";")[0]) for a in (short, usual)]
                    assert left[0] - left[1] in (0, 1), "each is counted once"


def test_what_is_published_shows_before_it_is_stored_and_stays(
    running: RunningApi, api_cluster: Cluster, http: httpx.Client, prefix: str
) -> None:
    old = stored(running, "talent", prefix, 1, {"title": "old"})
    etag = http.get(f"/v1/talents/{prefix}").headers["etag"]
    told(api_cluster, SourceRecord("talent", prefix, 2, False, {"title": "new"}, old.provenance))
    until(lambda: http.get(f"/v1/talents/{prefix}").json()["fields"] == {"title": "new"})
    assert http.get(f"/v1/talents/{prefix}").headers["etag"] != etag
    # A correction comes last and holds, whatever its revision; then MongoDB says the same.
    told(api_cluster, SourceRecord("talent", prefix, 1, False, {"title": "old"}, old.provenance))
    until(lambda: http.get(f"/v1/talents/{prefix}").json()["fields"] == {"title": "old"})
    assert http.get(f"/v1/talents/{prefix}").headers["etag"] == etag


def test_a_blind_tail_is_passed_by_and_the_answer_says_so(
    running: RunningApi, http: httpx.Client, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(running, "job", prefix, 1, {"title": "one"})
    assert http.get(f"/v1/jobs/{prefix}").json()["fields"] == {"title": "one"}
    stored(running, "job", prefix, 1, {"title": "two"})  # told on no topic: the cache cannot know
    assert http.get(f"/v1/jobs/{prefix}").json()["fields"] == {"title": "one"}
    monkeypatch.setattr(tail, "BLIND_SECONDS", -1.0)
    answer = http.get(f"/v1/jobs/{prefix}")
    assert answer.json()["fields"] == {"title": "two"}
    assert answer.headers["cache-status"].startswith("looma; fwd=bypass")


def test_fields_and_provenance(running: RunningApi, http: httpx.Client, prefix: str) -> None:
    stored(running, "talent", prefix, 3, {"title": "数据工程师", "remote": True})
    assert http.get(f"/v1/talents/{prefix}", params={"fields": "title"}).json()["fields"] == {"title": "数据工程师"}
    whole = http.get(f"/v1/talents/{prefix}", params={"provenance": True, "fields": "remote"}).json()
    assert (whole["revision"], whole["fields"], list(whole["provenance"])) == (3, {"remote": True}, ["remote"])
    strange = http.get(f"/v1/talents/{prefix}", params={"fields": "title,secret"})
    assert (strange.status_code, strange.json()["code"]) == (422, "unknown_field")
    assert "secret" not in strange.text


def test_what_there_is_not_is_404_and_what_was_deleted_410(
    running: RunningApi, api_cluster: Cluster, http: httpx.Client, prefix: str
) -> None:
    for path in (f"/v1/talents/{prefix}", "/v1/talents/no such id", f"/v1/talents/{prefix}?provenance=true"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    told(api_cluster, SourceRecord("talent", prefix, 1, True, {}, {}))
    until(lambda: http.get(f"/v1/talents/{prefix}").status_code == 410)


def test_the_forgotten_are_gone_from_memory(running: RunningApi, http: httpx.Client, prefix: str) -> None:
    stored(running, "talent", prefix, 1, {"name": "王芳"})
    assert http.get(f"/v1/talents/{prefix}").status_code == 200
    running.call(Forgotten(running.api.database).begin(prefix))
    until(lambda: http.get(f"/v1/talents/{prefix}").status_code == 404)


def test_who_may_not_see_what_is_personal_gets_it_masked_with_its_own_etag(
    running: RunningApi, http: httpx.Client, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(running, "talent", prefix, 1, {"name": "王芳", "title": "会计", "emails": ["fang@example.com"]})
    whole = http.get(f"/v1/talents/{prefix}")

    def reader() -> Caller:
        return Caller("key", "k1", frozenset(("talents:read",)))

    monkeypatch.setattr(Caller, "local", reader)
    masked = http.get(f"/v1/talents/{prefix}", headers={"if-none-match": whole.headers["etag"]})
    assert masked.status_code == 200
    assert masked.json()["fields"] == {"name": "王**", "title": "会计", "emails": ["***"]}
    refused = http.get("/v1/jobs/J1")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_many_readers_of_one_record_ask_mongodb_once(running: RunningApi, prefix: str) -> None:
    stored(running, "company", prefix, 1, {"name": "织云科技"})
    reads = running.api.reads
    asked = 0
    stored_ = reads._stored

    async def counted(key: Any) -> Any:
        nonlocal asked
        asked += 1
        return await stored_(key)

    async def race() -> None:
        reads._stored = counted  # type: ignore[method-assign]
        try:
            await asyncio.gather(*(reads.read(records.Key("company", prefix)) for _ in range(50)))
        finally:
            reads._stored = stored_  # type: ignore[method-assign]

    running.call(race())
    assert asked == 1


def match(talent: str, job: str, score: float, **changes: Any) -> Any:
    from schemas.messages import Match

    body = {
        "talent_id": talent, "job_id": job, "talent_revision": 1, "job_revision": 1, "status": "active",
        "score": score, "language": "en", "features": [], "model": "m", **changes,
    }  # fmt: skip
    return Match.model_validate(body)


def results(cluster: Cluster, *matches: Any) -> None:
    messages = [result_message(each) for each in matches]
    cluster.publish([(MATCH_RESULTS, m.key, m.value, list(m.headers)) for m in messages])


def test_matches_of_the_last_moment_are_listed_page_by_page(
    api_cluster: Cluster, http: httpx.Client, prefix: str
) -> None:
    results(api_cluster, *(match(prefix, f"{prefix}J{n}", n / 10) for n in range(5)))
    results(api_cluster, match(prefix, f"{prefix}J4", 0.4, status="withdrawn"))
    path = f"/v1/talents/{prefix}/matches"
    until(lambda: [m["job_id"][-2:] for m in http.get(path).json()["items"]] == ["J3", "J2", "J1", "J0"])
    first = http.get(path, params={"limit": 3}).json()
    rest = http.get(path, params={"limit": 3, "cursor": first["next"]}).json()
    assert [m["job_id"][-1] for m in (*first["items"], *rest["items"])] == ["3", "2", "1", "0"]
    assert rest["next"] is None
    of_job = http.get(f"/v1/jobs/{prefix}J2/matches").json()["items"]
    assert [m["talent_id"] for m in of_job] == [prefix]
    forged = http.get(path, params={"cursor": first["next"][:-1] + "A"})
    other = http.get(f"/v1/talents/{prefix}x/matches", params={"cursor": first["next"]})
    assert [r.json()["code"] for r in (forged, other)] == ["bad_cursor", "bad_cursor"]


def letter(topic: str, offset: int, value: bytes, reason: str = "invalid_data") -> tuple[str, bytes, bytes, Any]:
    headers = {
        "dlq_topic": topic, "dlq_partition": "0", "dlq_offset": str(offset), "dlq_timestamp": "1", "dlq_reason": reason,
        "dlq_detail": "years_experience: at most 70", "dlq_failed_at": f"2026-01-05T08:00:0{offset}.000000Z",
        "ce_id": f"e{offset}",
    }  # fmt: skip
    return (DEAD_LETTERS, b"T1", value, [(name, text.encode()) for name, text in headers.items()])


def test_dead_letters_are_listed_shown_masked_and_redriven(
    running: RunningApi, api_cluster: Cluster, http: httpx.Client, prefix: str
) -> None:
    values = [orjson.dumps({"name": "王芳", "note": prefix, "years_experience": n}) for n in (71, 72, 72)]
    api_cluster.publish([letter("talent-events", n, value) for n, value in enumerate(values)])

    def own() -> list[dict[str, Any]]:
        letters = http.get("/v1/dead-letters").json()["items"]
        # A worker of another test may refuse what is redriven, for another reason.
        return [x for x in letters if (x["topic"], x["reason"]) == ("talent-events", "invalid_data")]

    until(lambda: [x["repeats"] for x in own()] == [1, 0])
    last = own()[0]
    shown = http.get(f"/v1/dead-letters/{last['id']}").json()
    assert "王芳" in shown["value"]
    assert http.get("/v1/dead-letters/talent-events/0/99/00000000").status_code == 404
    dry = http.post("/v1/dead-letters/redrive", json={"ids": [last["id"]], "dry_run": True})
    assert dry.json() == {"redriven": [last["id"]], "dry_run": True}
    assert len(own()) == 2
    assert http.post("/v1/dead-letters/redrive", json={"ids": [last["id"]]}).status_code == 200
    assert [x["id"] for x in own()] != [last["id"]]
    assert len(own()) == 1
    assert values[1] in [r.value for r in api_cluster.read("talent-events")]


def test_the_rest_answers(http: httpx.Client, prefix: str) -> None:
    topics = http.get("/v1/topics").json()
    assert topics["generation"] == "base"
    assert {"talent-events", "match-results"} <= {t["name"] for t in topics["topics"]}
    assert http.get("/v1/models").json()
    assert http.get("/v1/syncs").json() == []
    assert http.get("/v1/conflicts").json() == {"items": [], "next": None}
    assert http.get("/v1/golden/talents").json()["items"] == []
    assert http.get(f"/v1/golden/talents/{prefix}").status_code == 404
    assert http.get(f"/v1/traces/{prefix}").status_code == 404
    assert http.get(f"/v1/talents/{prefix}/matches/J1/history").status_code == 404
    nothing = http.get("/v1/search/talents", params={"q": "Java"})
    assert nothing.status_code in (200, 422)
