"""Events in, match results out: the whole way on real parts."""

import asyncio
import json
import os

import pytest
from aiokafka import AIOKafkaProducer

from ops.runtime.telemetry import traces_dir
from ops.runtime.traces import find_traces, missing_hops
from processors.matching.features import FEATURES
from schemas import semconv
from tests.support.plans import scanned, shapes

TALENT = {
    "name": "王小明",
    "title": "后端工程师",
    "language": "zh",
    "status": "active",
    "skills": [{"name": "Python", "level": "expert", "years": 6}, {"name": "Kafka", "level": "advanced", "years": 3}],
    "years_experience": 6,
    "education_level": "bachelor",
    "locations": ["上海"],
    "salary_expected": {"minimum": 30000, "maximum": 40000},
    "seniority": "senior",
    "summary": "六年后端开发经验，熟悉事件流平台。",
}
JOB = {
    "title": "高级后端工程师",
    "language": "zh",
    "status": "open",
    "skills": [{"name": "Python", "level": "advanced"}, {"name": "Kafka"}],
    "years_experience_min": 5,
    "education_level": "bachelor",
    "locations": ["上海"],
    "salary": {"minimum": 30000, "maximum": 45000},
    "seniority": "senior",
    "description": "负责事件流平台的后端开发。",
}
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def pair(prefix: str) -> tuple[str, str]:
    return f"{prefix}-t", f"{prefix}-j"


def results_of(cluster, pair: tuple[str, str]) -> list[tuple[dict, dict]]:
    key = "|".join(pair).encode()
    return [
        (json.loads(r.value), {n: v.decode() for n, v in r.headers})
        for r in cluster.read("match-results")
        if r.key == key
    ]


def test_a_bare_kafka_client_gets_a_match_with_reasons_and_one_trace(cluster, make, pair) -> None:
    """No code of ours publishes here: headers and JSON by a plain producer, as docs/guides/events.md says."""
    talent, job = pair
    worker = cluster.worker(telemetry__log_format="json", mongodb__slow_seconds=1e-6)
    cluster.publish([make("job", job, JOB)])
    cluster.drained()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{talent}-bare".encode()),
        ("ce_source", b"crm"),
        ("ce_type", b"looma.talent.upserted"),
        ("ce_time", b"2026-01-05T16:00:00+08:00"),
        ("ce_dataschema", b"urn:looma:talent:2"),
        ("content-type", b"application/json"),
        ("traceparent", f"00-{TRACE_ID}-00f067aa0ba902b7-01".encode()),
    ]
    cluster.publish([("talent-events", talent.encode(), json.dumps(TALENT).encode(), headers)])
    cluster.drained()

    results = results_of(cluster, pair)
    assert len(results) == 1
    match, sent = results[0]
    assert match["status"] == "active"
    assert match["score"] == pytest.approx(sum(f["contribution"] for f in match["features"]), abs=1e-5)
    assert [f["name"] for f in match["features"]] == list(FEATURES)
    assert all(f["reason"] for f in match["features"])
    assert "Python" in next(f["reason"] for f in match["features"] if f["name"] == "skills")
    assert sent["ce_type"] == "looma.match.active"
    assert sent["traceparent"].split("-")[1] == TRACE_ID
    (page,) = cluster.documents("matches", {"matches.job_id": job})
    assert page["talent_id"] == talent
    assert page["matches"][0]["score"] == match["score"]

    assert worker.stop() == 0
    started = json.loads(cluster.looma("config", "starts", "--json"))["starts"]
    (own,) = [start for start in started if start["port"] == worker.port]
    assert own["group"] == cluster.settings.kafka.group_id
    assert f"configuration {own['configuration']}" in worker.log.read_text("utf-8"), "as it says itself"
    asked = shapes(worker.log)
    reads = {(command, collection) for command, collection, _ in asked}
    assert {("find", "talents"), ("find", "identities"), ("find", "matches")} <= reads
    assert scanned(cluster.settings, asked) == [], "every query of a worker has its index"
    spans = find_traces(traces_dir(cluster.settings), f"{talent}-bare")[0]
    assert missing_hops(spans) == []
    assert {s.trace_id for s in spans} == {TRACE_ID}
    names = {s.span_id: s.name for s in spans}
    hops = {(names.get(s.parent_id), s.name) for s in spans} - {("link", "publish identities")}
    assert hops == {
        (None, "process talent-events"),
        ("process talent-events", "publish talent-records"),
        ("process talent-events", "bulkWrite talents"),
        ("process talent-events", "process talent-records"),
        ("process talent-records", "embed"),
        ("process talent-records", "upsert talents"),
        ("process talent-records", "publish match-requests"),
        ("process talent-records", "process match-requests"),
        ("process match-requests", "query jobs"),
        ("process match-requests", "publish match-results"),
        ("process match-requests", "bulkWrite matches"),
        ("process talent-events", "resolve talent-records"),
        ("resolve talent-records", "link"),
        ("process talent-events", "index talent-records"),
    }
    first = next(s for s in spans if s.name == "process talent-events")
    assert first.attributes[semconv.SYSTEM] == "kafka"
    assert first.attributes[semconv.EVENT_ID] == f"{talent}-bare"
    assert first.attributes[semconv.DESTINATION] == "talent-events"
    assert all(s.links for s in spans if s.name.startswith(("bulkWrite", "upsert"))), "batches are linked"


def test_redelivery_and_reversal_change_nothing(cluster, make, pair) -> None:
    talent, job = pair
    cluster.worker()
    events = [
        make("job", job, JOB),
        make("talent", talent, TALENT),
        make("talent", talent, {"title": "架构师"}, minute=5),
        make("talent", talent, {"title": "旧职位"}, minute=2, source="zervigo"),
    ]
    cluster.publish(events)
    cluster.drained()
    before = cluster.documents("talents", {"_id": talent})
    results = len(results_of(cluster, pair))
    cluster.publish(events[::-1] + events * 4)
    cluster.drained()
    assert cluster.documents("talents", {"_id": talent}) == before
    assert before[0]["fields"]["title"] == "架构师"
    assert before[0]["provenance"]["title"]["event_id"] == f"{talent}-5-crm-upserted"
    assert len(results_of(cluster, pair)) == results


def test_a_closed_job_and_a_deleted_talent_withdraw_their_matches(cluster, make, pair) -> None:
    talent, job = pair
    cluster.worker()
    cluster.publish([make("job", job, JOB), make("talent", talent, TALENT)])
    cluster.drained()
    cluster.publish([make("job", job, {"status": "closed"}, minute=1)])
    cluster.drained()
    assert [m["status"] for m, _ in results_of(cluster, pair)][-1] == "withdrawn"
    cluster.publish([make("job", job, {"status": "open"}, minute=2)])
    cluster.drained()
    assert [m["status"] for m, _ in results_of(cluster, pair)][-1] == "active"
    cluster.publish([make("talent", talent, {}, minute=3, action="deleted")])
    cluster.drained()
    assert [m["status"] for m, _ in results_of(cluster, pair)][-1] == "withdrawn"
    document = cluster.documents("talents", {"_id": talent})[0]
    assert document["deleted"]
    assert document["fields"] == {}
    ids = [headers["ce_id"] for _, headers in results_of(cluster, pair)]
    assert len(set(ids)) == len(ids)


def test_bad_messages_become_dead_letters_that_can_be_redriven(cluster, make, prefix) -> None:
    cluster.worker("--sync-only")
    good = make("company", f"{prefix}-c", {"name": "织星科技有限公司"})
    _, key, value, headers = make("company", f"{prefix}-v", {"name": "x"}, version=99)
    bad = {
        "missing_header": ("company-events", b"k", b"\xff\xfe\x00", [("x", b"1")]),
        "invalid_json": ("company-events", good[1], b"{not json", good[3]),
        "unknown_version": ("company-events", key, value, headers),
        "oversized": ("company-events", good[1], b" " * (600 * 1024), good[3]),
        "invalid_data": ("company-events", good[1], b'{"size": "huge"}', good[3]),
    }
    before = {letter["id"] for letter in json.loads(cluster.looma("dlq", "list", "--json"))}
    cluster.publish([*bad.values(), good])
    cluster.drained(("company-events",))
    assert cluster.count("companies", f"{prefix}-c") == 1
    letters = [x for x in json.loads(cluster.looma("dlq", "list", "--json")) if x["id"] not in before]
    assert sorted(x["reason"] for x in letters) == sorted(bad)
    originals = {r.value for r in cluster.read("dead-letters")}
    assert {m[2] for m in bad.values()} <= originals

    one = next(x for x in letters if x["reason"] == "invalid_data")
    shown = json.loads(cluster.looma("dlq", "show", one["id"], "--json"))
    assert shown["value"] == '{"size": "huge"}'
    assert "size" in shown["detail"]
    plan = json.loads(cluster.looma("dlq", "redrive", one["id"], "--dry-run", "--json"))
    assert plan == {"redriven": [one["id"]], "dry_run": True}
    cluster.looma("dlq", "redrive", one["id"])
    cluster.drained(("company-events",))
    again = [x for x in json.loads(cluster.looma("dlq", "list", "--json")) if x["id"] not in before]
    assert one["id"] not in {x["id"] for x in again}
    assert sorted(x["reason"] for x in again) == sorted(bad), "still broken, so it came back under a new id"

    async def publish_packed() -> None:
        packing = AIOKafkaProducer(
            bootstrap_servers=cluster.settings.kafka.bootstrap_servers,
            compression_type="gzip",
            max_request_size=16 << 20,
        )
        await packing.start()
        await packing.send_and_wait("company-events", b" " * (6 << 20), key=good[1], headers=good[3])
        huge = {"key": os.urandom(700_000), "headers": [("x", bytes(500_000))]}
        await packing.send_and_wait("company-events", b" " * 3_080_000, **huge)
        await packing.stop()

    asyncio.run(publish_packed())
    cluster.drained(("company-events",))
    assert 3_080_000 in {x["bytes"] for x in json.loads(cluster.looma("dlq", "list", "--json"))}, "it has room"
    (large,) = [x for x in json.loads(cluster.looma("dlq", "list", "--json")) if x["bytes"] == 6 << 20]
    cluster.looma("dlq", "redrive", large["id"])
    cluster.drained(("company-events",))
    (again,) = [x for x in json.loads(cluster.looma("dlq", "list", "--json")) if x["bytes"] == 6 << 20]
    assert again["id"] != large["id"], "still too large for an event, so it came back"
    cluster.looma("dlq", "discard", "--all")
    assert json.loads(cluster.looma("dlq", "list", "--json")) == []
    audited = [json.loads(record.value) for record in cluster.read("audit")]
    said = {(event["action"], event["caller"]) for event in audited if {one["id"], large["id"]} & {*event["about"]}}
    assert said == {(f"dead_letters.{done}", "local") for done in ("read", "redriven")}
    assert "dead_letters.discarded" in {event["action"] for event in audited}
