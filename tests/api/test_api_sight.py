"""Whatever route is asked, nobody sees of a person what is not hers to see."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from ops.api.app import ROUTERS
from ops.api.signing import Signer
from ops.console.entry import COOKIE, new_session
from ops.runtime.secret import secret_of
from processors.sync.conflicts import Conflict
from processors.sync.contribution import Candidate
from schemas.access import SCOPES
from schemas.records import SourceRecord
from schemas.topics import DEAD_LETTERS, MATCH_RESULTS, RECORDS
from sinks.forgotten import Forgotten
from sinks.mongodb import COLLECTIONS
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi

NAME, EMAIL, PHONE = "Zebedee Quillfeather", "zebedee@quillfeather.example", "13987650042"
SECRETS = ("Quillfeather", "quillfeather", PHONE)
OWN_NAME = "Ottoline Marsh"
FIELDS = {
    "name": NAME,
    "emails": [EMAIL],
    "phones": [PHONE],
    "title": "Data engineer",
    "summary": f"{NAME} reads {EMAIL}, or call {PHONE}",
    "resume_text": f"Curriculum vitae of {NAME}",
    "employments": [{"company": "Acme", "title": "Engineer", "description": f"Write to {EMAIL}"}],
}
WAIT = 30


def provenance(fields: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {n: {"source": "crm", "time": "2026-01-05T08:00:00.000000Z", "event_id": "e1"} for n in fields}


def put(running: RunningApi, cluster: Cluster, id: str, fields: dict[str, Any]) -> None:
    """Store and publish a talent with an open conflict about its emails."""
    candidates = (Candidate("crm", "2026-01-05T08:00:00.000000Z", "e1", [EMAIL]),) * 2
    conflict = Conflict("emails", "values", candidates, candidates[0], [EMAIL], "undecided")
    document = {
        "_id": id, "revision": 1, "retold": 0, "deleted": False, "fields": fields, "provenance": provenance(fields),
        "contributions": [], "deleted_by": None, "policy": "p", "conflicts_decided": 0,
        "conflicts": [{"id": f"c-{id}", **conflict.to_dict()}] if fields is FIELDS else [],
    }  # fmt: skip
    running.call(running.api.database[COLLECTIONS["talent"]].replace_one({"_id": id}, document, upsert=True))
    golden = {n: v for n, v in document.items() if n not in ("revision", "retold", "contributions", "deleted_by")}
    collection = running.api.database["golden_talents"]
    running.call(collection.replace_one({"_id": id}, {**golden, "members": [id]}, upsert=True))
    record = SourceRecord("talent", id, 1, False, fields, provenance(fields))
    cluster.publish([(RECORDS["talent"], id.encode(), record.to_json(), [])])


def letter(cluster: Cluster, id: str) -> str:
    """Publish a dead letter; return how its id begins."""
    offset = str(time.time_ns())
    headers = {
        "topic": "talent-events", "partition": "0", "offset": offset, "reason": "invalid_data",
        "detail": "years_experience is at most 70", "failed_at": "2026-01-05T08:00:00Z", "timestamp": "1",
    }  # fmt: skip
    value = json.dumps({**FIELDS, EMAIL: NAME}).encode()
    cluster.publish([(DEAD_LETTERS, id.encode(), value, [(f"dlq_{n}", v.encode()) for n, v in headers.items()])])
    return f"talent-events/0/{offset}/"


def match(cluster: Cluster, talent: str) -> None:
    feature = {"name": "skills", "score": 1, "weight": 1, "contribution": 1, "reason": f"Wrote to {EMAIL} of it"}
    body = {
        "talent_id": talent, "job_id": f"{talent}J", "talent_revision": 1, "job_revision": 1, "status": "active",
        "score": 0.9, "language": "en", "features": [feature], "model": "m",
    }  # fmt: skip
    cluster.publish([(MATCH_RESULTS, f"{talent}|{talent}J".encode(), json.dumps(body).encode(), [])])


def key(cluster: Cluster, *arguments: str) -> dict[str, str]:
    """Return what the holder of a new key sends: to the API the key, to the console the cookie of her session."""
    made = json.loads(cluster.looma("keys", "create", "sight", "--requests", "100000", *arguments, "--json"))
    session = new_session(Signer(secret_of(cluster.settings)), made["id"])
    return {"authorization": f"Bearer {made['key']}", "cookie": f"{COOKIE}={session}"}


def paths(id: str, letters: list[str]) -> Iterator[str]:
    """Yield every address that can be read, of a talent."""
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                continue  # a socket sends what the conversation's routes show
            path: str = route.path
            if "GET" not in route.methods or "subscriptions" in path or "stream" in path:
                continue
            if "dead-letters/" in path:
                yield from (f"/v1/dead-letters/{each}" for each in letters)
                continue
            path = path.replace("{plural}", "talents").replace("{job_id}", f"{id}J")
            path = path.replace("/conflicts/{id}", f"/conflicts/c-{id}")
            path = path.replace("{conversation}", id)
            yield re.sub(r"\{[^}]*\}", id, path) + ("?q=data+engineer" if "search" in path else "")
    yield f"/v1/talents/{id}?provenance=true"
    yield f"/v1/jobs/{id}J/matches"
    for page in ("talents", f"talents/{id}", f"talents/{id}/matches", f"jobs/{id}J/matches", f"events/{id}", "events"):
        yield f"/console/{page}"
    for page in (
        "conflicts",
        "dead-letters",
        "flow",
        "system",
        "talents?q=data",
        "versions",
        "alerts",
        "audit",
        "chat/c",
    ):
        yield f"/console/{page}"
    yield from (f"/console/talents/{id}/resume{part}" for part in ("", "/1.webp"))
    yield f"/console/talents?after={id[:-1]}"
    yield from (f"/console/dead-letters/letter?id={each}" for each in letters)


@pytest.fixture(scope="module")
def seeded(running: RunningApi, api_cluster: Cluster) -> tuple[str, str, list[str]]:
    """Return a talent with secrets, another, and the dead letters of the first."""
    other, own = f"sight{time.time_ns():x}", f"own{time.time_ns():x}"
    put(running, api_cluster, other, FIELDS)
    put(running, api_cluster, own, {"name": OWN_NAME, "emails": ["o@marsh.example"], "title": "Nurse"})
    match(api_cluster, other)
    own_letter = letter(api_cluster, other)  # the files before this one leave others
    deadline = time.monotonic() + WAIT
    letters: list[str] = []
    while time.monotonic() < deadline:
        listed = running.client.get("/v1/dead-letters?limit=100").json()
        letters = [each["id"] for each in listed.get("items", ()) if each["id"].startswith(own_letter)]
        items = running.client.get(f"/v1/talents/{other}/matches").json().get("items")
        if letters and items:
            break
        time.sleep(0.1)
    assert letters
    return other, own, letters


def seen(http: httpx.Client, path: str, headers: dict[str, str]) -> httpx.Response:
    answer = http.get(path, headers=headers)
    assert answer.status_code < 500 or answer.status_code == 503, (path, answer.text)
    return answer


def test_without_the_right_to_personal_data_no_route_shows_any(
    http: httpx.Client, api_cluster: Cluster, seeded: tuple[str, str, list[str]]
) -> None:
    other, _, letters = seeded
    wide = [scope for scope in SCOPES if scope != "pii:read"]
    blind = key(api_cluster, *(part for scope in wide for part in ("--scope", scope)))
    sighted = key(api_cluster, *(part for scope in SCOPES for part in ("--scope", scope)))
    deadline = time.monotonic() + WAIT
    while http.get("/v1/topics", headers=sighted).status_code == 401 and time.monotonic() < deadline:
        time.sleep(0.1)
    leaks, shown = [], []
    for path in paths(other, letters):
        text = seen(http, path, blind).text
        leaks += [(path, secret) for secret in SECRETS if secret in text]
        if any(secret in seen(http, path, sighted).text for secret in SECRETS):
            shown.append(path)
    assert leaks == []
    # What the sweep is worth: these do show it to who has the right.
    parts = ("/v1/talents/", "/v1/golden/talents/", "/matches", "/v1/conflicts", "/v1/dead-letters/")
    pages = ("/console/talents/", "/console/talents?after", "/console/conflicts", "/console/dead-letters/letter")
    for part in (*parts, *pages):
        assert any(part in path for path in shown), (part, shown)


def test_a_candidate_sees_herself_and_nobody_else(
    http: httpx.Client, api_cluster: Cluster, seeded: tuple[str, str, list[str]]
) -> None:
    other, own, letters = seeded
    scopes = [part for spec in SCOPES.values() if spec.for_candidates for part in ("--scope", spec.name)]
    candidate = key(api_cluster, "--candidate", own, *scopes)
    deadline = time.monotonic() + WAIT
    while (found := http.get(f"/v1/talents/{own}", headers=candidate)).status_code == 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert found.json()["fields"]["name"] == OWN_NAME
    for path in paths(other, letters):
        answer = seen(http, path, candidate)
        assert not [s for s in (*SECRETS, "Data engineer", "Z. Q.") if s in answer.text], path
        if other in path:
            assert answer.status_code in (403, 404), (path, answer.text)
    strange = [seen(http, f"/console/find?q={id}", candidate).headers["location"] for id in (other, "nobody")]
    assert strange == [f"./talents?q={other}", "./talents?q=nobody"]  # nor does she learn whom there is


def test_of_a_forgotten_person_no_route_shows_anything(
    running: RunningApi, http: httpx.Client, api_cluster: Cluster
) -> None:
    id = f"gone{time.time_ns():x}"
    put(running, api_cluster, id, FIELDS)
    match(api_cluster, id)
    begin = letter(api_cluster, id)
    letters: list[str] = []
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        listed = http.get("/v1/dead-letters?limit=100").json()
        letters = [each["id"] for each in listed.get("items", ()) if each["id"].startswith(begin)]
        if letters and http.get(f"/v1/talents/{id}/matches").json().get("items"):
            break
        time.sleep(0.1)
    sighted = key(api_cluster, *(part for scope in SCOPES for part in ("--scope", scope)))
    while http.get("/v1/topics", headers=sighted).status_code == 401 and time.monotonic() < deadline:
        time.sleep(0.1)
    shown = [path for path in paths(id, letters) if NAME in seen(http, path, sighted).text]
    for part in ("/v1/talents/", "/v1/golden/talents/", "/v1/dead-letters/", "/console/talents/"):
        assert any(part in path for path in shown), (part, shown)
    running.call(Forgotten(running.api.database).begin(id))
    while http.get(f"/v1/talents/{id}").status_code != 404 and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [path for path in shown if any(secret in seen(http, path, sighted).text for secret in SECRETS)]
    others = {path for path in left if id not in path and not any(each in path for each in letters)}
    assert [path for path in left if path not in others] == []  # the others list everybody, and so somebody else
    for path in others:
        assert id not in seen(http, path, sighted).text, path


@pytest.fixture
def found_by_search(running: RunningApi, seeded: tuple[str, str, list[str]], monkeypatch: pytest.MonkeyPatch) -> str:
    """Have every search find the talent with secrets, by a passage that repeats them."""
    hit = {"id": seeded[0], "highlight": {"text": f"{NAME}, {EMAIL}: data engineer", "spans": [[0, 3]]}}
    answer = {
        "hits": [hit],
        "near": [hit],
        "mode": "hybrid",
        "searched": "x",
        "model": "m",
        "admitted": 1,
        "facets": {},
    }

    async def search(_: object) -> dict[str, Any]:
        return answer

    monkeypatch.setattr(running.api, "search", search)
    monkeypatch.setattr(running.api.ai.here, "search", search)
    return seeded[0]


def test_passages_that_searches_find_name_nobody(
    http: httpx.Client, api_cluster: Cluster, seeded: tuple[str, str, list[str]], found_by_search: str
) -> None:
    blind = key(api_cluster, "--scope", "search")
    candidate = key(api_cluster, "--scope", "search", "--candidate", seeded[1])
    deadline = time.monotonic() + WAIT
    while http.get("/v1/search/jobs?q=x", headers=candidate).status_code == 401 and time.monotonic() < deadline:
        time.sleep(0.1)
    for kind in ("talent", "resume"):
        asked = {"kind": kind, "query": "data engineer"}
        ways = (
            lambda headers, kind=kind: http.get(f"/v1/search/{kind}s?q=data", headers=headers),
            lambda headers, asked=asked: http.post("/v1/ai/search", json=asked, headers=headers),
        )
        for ask in ways:
            answer = ask(blind)
            assert answer.status_code == 200, answer.text
            assert "data engineer" in answer.text
            assert not [secret for secret in SECRETS if secret in answer.text]
            assert SECRETS[0] in ask({}).text
            assert ask(candidate).status_code == 403
