"""Events over HTTP: accepted once Kafka has them, refused with a reason, and never half a batch."""

import gzip
import json
import uuid
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings import http as foreign
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from connectors.cloudevents import BATCH, SINGLE
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi


def event(entity: str, **changes: Any) -> dict[str, Any]:
    made = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "crm",
        "type": "looma.talent.upserted",
        "subject": entity,
        "time": "2026-11-24T08:00:00Z",
        "data": {"title": "数据工程师"},
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def post(http: httpx.Client, sent: object, kind: str = SINGLE, **headers: str) -> httpx.Response:
    return http.post("/v1/events", content=json.dumps(sent).encode(), headers={"content-type": kind, **headers})


def test_an_accepted_event_is_in_the_log_with_the_callers_trace(
    http: httpx.Client, api_cluster: Cluster, running: RunningApi, prefix: str
) -> None:
    sent = event(prefix)
    trace = f"00-{uuid.uuid4().hex}-00f067aa0ba902b7-01"
    answer = post(http, sent, traceparent=trace)
    assert answer.status_code == 202
    (operation,) = answer.json()["operations"]
    assert (operation["event"], operation["url"]) == (sent["id"], answer.headers["location"])
    (record,) = [r for r in api_cluster.read("talent-events") if r.key == prefix.encode()]
    assert json.loads(record.value) == sent["data"]
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["ce_id"] == sent["id"]
    assert {each.split("-")[1] for each in (trace, headers["traceparent"], answer.headers["traceparent"])} == {
        trace.split("-")[1]
    }


@pytest.mark.parametrize("mode", [foreign.to_binary, foreign.to_structured])
def test_what_the_cloudevents_sdk_sends_is_taken(
    http: httpx.Client, api_cluster: Cluster, prefix: str, mode: Any
) -> None:
    attributes = {"source": "招聘/crm", "subject": prefix, "traceid": "an extension"}
    written = CloudEvent({**attributes, "type": "looma.talent.upserted"}, {"title": "数据工程师"})
    gone = CloudEvent({**attributes, "type": "looma.talent.deleted"})
    for sent in (written, gone):
        message = mode(sent, JSONFormat())
        answer = http.post("/v1/events", content=message.body, headers=message.headers)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == answer.json()["operations"][0]["url"]
    first, second = [r for r in api_cluster.read("talent-events") if r.key == prefix.encode()]
    assert json.loads(first.value) == {"title": "数据工程师"}
    for record, sent in ((first, written), (second, gone)):
        headers = {name: value.decode() for name, value in record.headers}
        assert headers["ce_id"] == sent.get_id()
        assert (headers["ce_source"], headers["ce_type"]) == ("招聘/crm", sent.get_type())


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"ce-time": ""}, b"{}", 422, "bad_header"),
        ({"ce-source": "%ff"}, b"{}", 422, "bad_header"),
        ({"ce-data": "x"}, b"{}", 422, "bad_header"),
        ({"ce-id": '"a\\"b"'}, b"[1]", 422, "invalid_data"),
        ({}, b"{", 422, "invalid_json"),
        ({"content-type": "text/plain"}, b"{}", 415, "unsupported_media_type"),
        ({"ce-source": "looma/decision"}, b"{}", 403, "forbidden"),
    ],
)
def test_what_is_wrong_in_binary_mode(
    http: httpx.Client, prefix: str, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    told = {f"ce-{name}": value for name, value in event(prefix).items() if name != "data"}
    answer = http.post("/v1/events", content=body, headers={"content-type": "application/json"} | told | headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_batch_keeps_its_order_and_may_be_packed(http: httpx.Client, api_cluster: Cluster, prefix: str) -> None:
    batch = [event(prefix, data={"title": str(n)}) for n in range(50)]
    packed = gzip.compress(json.dumps(batch).encode())
    answer = http.post("/v1/events", content=packed, headers={"content-type": BATCH, "content-encoding": "gzip"})
    assert answer.status_code == 202
    assert [o["event"] for o in answer.json()["operations"]] == [e["id"] for e in batch]
    found = [json.loads(r.value)["title"] for r in api_cluster.read("talent-events") if r.key == prefix.encode()]
    assert found == [str(n) for n in range(50)]


def test_a_batch_with_a_fault_is_refused_whole_and_says_where(
    http: httpx.Client, api_cluster: Cluster, prefix: str
) -> None:
    answer = post(http, [event(prefix), event(prefix, data={"years_experience": 99})], BATCH)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/1", "invalid_data")]
    assert "99" not in answer.text
    assert not [r for r in api_cluster.read("talent-events") if r.key == prefix.encode()]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"time": None}, 422, "missing_header"),
        ({"time": "2026-11-24T08:00:00"}, 422, "bad_header"),
        ({"time": "2126-11-24T08:00:00Z"}, 422, "clock_skew"),
        ({"id": 7}, 422, "bad_header"),
        ({"subject": None}, 422, "bad_key"),
        ({"type": "looma.chat.message"}, 422, "unknown_type"),
        ({"source": "looma/decision"}, 403, "forbidden"),
        ({"data_base64": "e30="}, 422, "invalid_data"),
    ],
)
def test_what_a_consumer_would_refuse_is_refused(
    http: httpx.Client, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = post(http, event("T1", **changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_bodies_are_bounded_packed_and_unpacked(http: httpx.Client, running: RunningApi) -> None:
    limit = running.api.settings.api.body_bytes
    bomb = gzip.compress(b" " * (limit + 1))
    kinds = {"content-type": SINGLE, "content-encoding": "gzip"}
    assert http.post("/v1/events", content=bomb, headers=kinds).status_code == 413
    assert http.post("/v1/events", content=bomb[:-9], headers=kinds).status_code in (400, 413)
    assert http.post("/v1/events", content=b" " * (limit + 1), headers={"content-type": SINGLE}).status_code == 413
    assert http.post("/v1/events", content=(b" " * 65536 for _ in range(limit // 65536 + 1))).status_code == 413


def test_other_media_types_and_pages_of_others_are_refused(http: httpx.Client) -> None:
    assert post(http, event("T1"), "text/plain").status_code == 415
    assert post(http, event("T1"), origin="https://elsewhere.example").status_code == 403
    assert http.get("/v1/health", headers={"host": "elsewhere.example"}).status_code == 200
    assert post(http, event("T1"), host="elsewhere.example").status_code == 403


def test_health_openapi_and_unknown_paths(http: httpx.Client) -> None:
    assert http.get("/v1/health").json() == http.get("/v1/ready").json() == {"status": "ok"}
    document = http.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/v1/events" in document["paths"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    missing = http.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert http.get("/v1/events").json()["code"] == "method_not_allowed"


def test_the_page_of_the_docs_loads_nothing_and_has_every_route(http: httpx.Client) -> None:
    page = http.get("/v1/docs")
    document = http.get("/v1/openapi.json").json()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "//" not in page.text.replace("https://github.com", "").replace("/1.1//", "")
    for path in document["paths"]:
        assert path in page.text
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.text
