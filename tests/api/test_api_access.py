"""Keys, limits and the audit log, through the running API and the commands."""

import json
import time
from typing import Any

import httpx
import pytest

from ops.runtime.secret import secret_of
from processors.audit import Verifier, named
from schemas.audit import AuditEvent, Head
from sinks import api_keys
from sinks.limit_cells import FILE
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi

EVENT = {
    "specversion": "1.0",
    "source": "crm",
    "type": "looma.talent.upserted",
    "time": "2026-11-24T08:00:00Z",
    "data": {"title": "数据工程师"},
}


@pytest.fixture
def audited(api_cluster: Cluster) -> Any:
    """Return the audit events that have come since."""
    before = len(api_cluster.read("audit"))

    def since() -> list[AuditEvent]:
        found = [AuditEvent.model_validate_json(r.value) for r in api_cluster.read("audit")]
        return sorted(found, key=lambda event: (event.time, event.number))[before:]

    return since


def make(cluster: Cluster, *arguments: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(cluster.looma("keys", "create", "test", *arguments, "--json"))
    return made


def post(http: httpx.Client, key: str, id: str, source: str = "crm") -> httpx.Response:
    event = {**EVENT, "id": f"{id}-{time.time_ns()}", "subject": id, "source": source}
    headers = {"authorization": f"Bearer {key}", "content-type": "application/cloudevents+json"}
    return http.post("/v1/events", json=event, headers=headers)


def wait_for(answer: Any, status: int) -> httpx.Response:
    """Ask until a change of the keys has been seen: within two seconds, says the guide; a loaded machine gets more."""
    deadline = time.monotonic() + 30
    while (found := answer()).status_code != status and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found.status_code == status, found.text
    return found


def test_a_key_opens_what_it_says_until_it_is_revoked(
    http: httpx.Client, api_cluster: Cluster, prefix: str, audited: Any
) -> None:
    key = make(api_cluster, "--scope", "events:write:crm", "--requests", "1000")
    assert key["key"].startswith("lk_")
    answer = wait_for(lambda: post(http, key["key"], prefix), 202)
    assert answer.headers["ratelimit-policy"] == '"requests";q=1000;w=60'
    assert 0 < int(answer.headers["ratelimit"].partition("r=")[2].partition(";")[0]) < 1000
    refused = post(http, key["key"], prefix, source="ats")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    other = make(api_cluster, "--scope", "talents:read")
    assert wait_for(lambda: post(http, other["key"], prefix), 403).json()["code"] == "forbidden"

    fresh = json.loads(api_cluster.looma("keys", "rotate", key["id"], "--grace", "1h", "--json"))["key"]
    wait_for(lambda: post(http, fresh, prefix), 202)
    assert post(http, key["key"], prefix).status_code == 202
    api_cluster.looma("keys", "revoke", key["id"])
    for secret in (fresh, key["key"]):
        refused = wait_for(lambda secret=secret: post(http, secret, prefix), 401)
        assert refused.headers["www-authenticate"] == "Bearer"
        assert secret not in refused.text

    listed = {k["id"]: k for k in json.loads(api_cluster.looma("keys", "list", "--json"))}
    assert listed[key["id"]]["state"] == "revoked"
    assert "lk_" not in json.dumps(listed)
    assert fresh not in str(api_cluster.read("audit"))
    told = [e for e in audited() if f"key:{key['id']}" in e.about]
    assert [e.action for e in told] == ["key.created", "key.rotated", "key.revoked"]
    assert {e.caller for e in told} == {"local"}
    api_cluster.looma("keys", "prune")
    assert key["id"] not in api_cluster.looma("keys", "list", "--json")


def test_what_is_stored_opens_nothing(api_cluster: Cluster, running: RunningApi) -> None:
    key = make(api_cluster, "--scope", "talents:read")

    async def stored() -> list[dict[str, Any]]:
        base = running.api.database
        database = base.client.get_database(f"{base.name}-keys")
        return [d async for d in database[api_keys.KEYS].find({})]

    kept = str(running.call(stored()))
    assert key["id"] in kept
    assert key["key"] not in kept
    assert key["key"][3:] not in kept


@pytest.mark.parametrize("key", ["lk_", "lk_" + "A" * 43, "lk_" + "é" * 43, "lk_" + "A" * 5000])
def test_what_is_no_key_is_refused(http: httpx.Client, prefix: str, key: str) -> None:
    sent = {"authorization": f"Bearer {key}".encode()}
    answer = http.post("/v1/events", json=EVENT, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_limit_is_kept_exactly_and_says_when_to_come_back(
    http: httpx.Client, api_cluster: Cluster, prefix: str
) -> None:
    key = make(api_cluster, "--scope", "events:write:crm", "--requests", "5")["key"]
    begun = time.monotonic()
    wait_for(lambda: post(http, key, prefix), 202)
    answers = [post(http, key, prefix) for _ in range(8)]
    refilled = int((time.monotonic() - begun) / 12) + 1
    passed = [a.status_code for a in answers].count(202)
    assert 4 <= passed <= 4 + refilled
    refused = answers[-1]
    if refused.status_code == 429:
        assert refused.json()["code"] == "rate_limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 12
    assert 429 in [a.status_code for a in answers]
    assert (api_cluster.settings.data_dir / "limits" / FILE).exists()


def test_who_reads_personal_data_is_in_the_log_without_her(
    running: RunningApi, api_cluster: Cluster, audited: Any, prefix: str
) -> None:
    audit = running.api.audit

    async def read() -> None:
        for _ in range(3):
            audit.note("personal_data.read", caller="local", about=audit.name("talent", prefix))
        await audit.flush()

    running.call(read())
    (event,) = [e for e in audited() if e.action == "personal_data.read"]
    assert event.about == [named(secret_of(api_cluster.settings), "talent", prefix)]
    assert event.details == {"reads": 3}
    assert prefix not in event.model_dump_json()
    shown = api_cluster.looma("audit", "show", "--about", f"talent:{prefix}", "--json")
    assert [e["action"] for e in json.loads(shown)] == ["personal_data.read"]


def test_the_log_is_whole_and_a_change_of_it_is_found(api_cluster: Cluster, tmp_path: Any) -> None:
    make(api_cluster, "--scope", "talents:read")
    whole = json.loads(api_cluster.looma("audit", "verify", "--json"))
    assert (whole["breaks"], whole["closed"] > 0) == ([], True)
    verifier = Verifier(secret_of(api_cluster.settings))
    records = sorted(api_cluster.read("audit"), key=lambda r: (r.partition, r.offset))
    for record in records[1:]:
        verifier.add(f"{record.partition}/{record.offset}", AuditEvent.model_validate_json(record.value))
    assert verifier.verdict().breaks

    head = Head(chain="f" * 16, number=3, hash="a" * 64)
    anchors = tmp_path / "heads.json"
    anchors.write_text(json.dumps({"heads": [head.model_dump()]}))
    refused = api_cluster.looma("audit", "verify", "--anchors", str(anchors), code=1)
    assert "the chain was there and is missing" in refused


def test_a_stream_ends_when_its_key_is_revoked(http: httpx.Client, api_cluster: Cluster) -> None:
    key = make(api_cluster, "--scope", "subscriptions", "--scope", "matches:read")
    sent = {"authorization": f"Bearer {key['key']}"}
    wait_for(lambda: http.get("/v1/talents/none", headers=sent), 403)
    with http.stream("GET", "/v1/subscriptions/matches", headers=sent) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        api_cluster.looma("keys", "revoke", key["id"])
        assert not [line for line in lines if line.startswith("event")]  # it ends by itself
