"""Validation over HTTP and by the command, and the score that is stored and shown."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.envelope import Envelope
from schemas.events import EntityEvent
from sinks.mongodb import RecordStore
from tests.support.cluster import Cluster, run_looma
from tests.support.running_api import RunningApi


def test_each_record_gets_its_errors_warnings_and_score(http: httpx.Client) -> None:
    records = [
        {"title": "数据工程师", "name": "张晓明"},
        {"years_experience": 99},
        {"name": "测试", "salary_expected": None},
    ]
    answer = http.post("/v1/validate", json={"entity": "talent", "records": records})
    assert answer.status_code == 200
    good, refused, doubtful = answer.json()["results"]
    assert (good["valid"], refused["valid"], doubtful["valid"]) == (True, False, True)
    assert good["quality"]["score"] > doubtful["quality"]["score"]
    assert refused["quality"] is None
    assert [(f["level"], f["path"]) for f in refused["findings"]] == [("error", "years_experience")]
    assert doubtful["findings"][0]["code"] == "name_unlikely"
    assert set(doubtful["findings"][0]["text"]) == {"zh", "en"}


def test_what_is_no_list_of_records_is_refused(http: httpx.Client) -> None:
    for sent in ({"entity": "person", "records": [{}]}, {"entity": "talent", "records": []}, {"entity": "talent"}, []):
        answer = http.post("/v1/validate", json=sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    answer = http.post("/v1/validate", json={"entity": "job", "records": [{}] * 101})
    assert answer.status_code == 422


def test_a_file_is_checked_and_nothing_of_it_published(api_cluster: Cluster, tmp_path: Path, prefix: str) -> None:
    file = tmp_path / "talents.jsonl"
    lines: list[dict[str, Any]] = [
        {"entity": "talent", "id": f"{prefix}-1", "fields": {"name": "张晓明", "title": "数据工程师"}},
        {"entity": "talent", "id": f"{prefix}-2", "fields": {"name": "测试"}},
        {"entity": "talent", "id": f"{prefix}-3", "fields": {"years_experience": 99}},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    done = run_looma(api_cluster.environment, "validate", str(file), "--json")
    assert done.code == 1
    told = json.loads(done.stdout)
    assert [(r["id"], r["valid"]) for r in told["records"]] == [(f"{prefix}-1", True), (f"{prefix}-2", True)]
    assert [r["line"] for r in told["refused"]] == [3]
    assert 0 < told["score"] < 1
    shown = run_looma(api_cluster.environment, "validate", str(file), "--language", "zh").stdout
    assert "不像姓名或名称" in shown
    assert not [r for r in api_cluster.read("talent-events") if (r.key or b"").startswith(prefix.encode())]


def test_the_score_is_stored_with_the_record_and_shown(api_cluster: Cluster, running: RunningApi, prefix: str) -> None:
    said = {"name": "测试", "title": "数据工程师"}
    envelope = Envelope(f"{prefix}-e", "crm", "looma.talent.upserted", prefix, datetime(2026, 11, 1, tzinfo=UTC))
    state = apply(State(), [EntityEvent(envelope, "talent", "upserted", said)])
    stored = StoredRecord.of("talent", prefix, 1, state, DEFAULT)
    running.call(RecordStore(running.api.database, "talent").save([stored], {}))
    (document,) = api_cluster.documents("talents", {"_id": prefix})
    assert 0 < document["quality"]["score"] < 1
    assert "name_unlikely:name" in document["quality"]["codes"]
    read = running.call(RecordStore(running.api.database, "talent").load([prefix]))
    assert read == {prefix: stored}  # it takes no part in what is compared
    shown = json.loads(api_cluster.looma("show", "talent", prefix, "--json"))
    assert shown["quality"]["freshness"] < 1
    assert shown["quality"]["findings"][0]["code"] == "name_unlikely"
    assert "looks like a name" not in api_cluster.looma("show", "talent", prefix, "--language", "zh")
    assert "quality" in running.client.get(f"/v1/talents/{prefix}?provenance=true").json()
