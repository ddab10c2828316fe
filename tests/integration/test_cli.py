"""The commands, as a person or a script runs them."""

import json
from pathlib import Path

import pytest

TALENT = {
    "title": "Data Engineer",
    "status": "active",
    "skills": [{"name": "Spark", "years": 4}],
    "locations": ["上海"],
}
JOB = {"title": "Data Engineer", "status": "open", "skills": [{"name": "Spark"}], "locations": ["Shanghai"]}


def write(path: Path, *lines: object) -> str:
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), "utf-8")
    return str(path)


def test_publish_match_trace_and_follow(cluster, prefix: str, tmp_path: Path) -> None:
    talent, job = f"{prefix}-t", f"{prefix}-j"
    worker = cluster.worker()
    job_file = write(tmp_path / "job.jsonl", {"entity": "job", "id": job, "event_id": f"{job}-e", "fields": JOB})
    cluster.looma("publish", job_file)
    cluster.drained()  # so that it is the talent's trace in which the match is found
    file = write(
        tmp_path / "events.jsonl",
        {"entity": "talent", "id": talent, "event_id": f"{talent}-e", "fields": TALENT},
        {"entity": "talent", "id": talent, "fields": {"nickname": "x"}},
        "{broken\n",
    )
    plan = json.loads(cluster.looma("publish", file, "--dry-run", "--json", code=1))
    assert plan["published"] == 1
    assert plan["dry_run"]
    report = json.loads(cluster.looma("publish", file, "--json", code=1))
    assert report["published"] == 1
    assert [e["line"] for e in report["refused"]] == [2, 3]
    cluster.drained()

    matches = json.loads(cluster.looma("matches", "talent", talent, "--json"))
    assert [m["job_id"] for m in matches if m["job_id"] == job]
    assert "Data Engineer" in cluster.looma("matches", "job", job)
    assert "no active matches" in cluster.looma("matches", "talent", f"{prefix}-nobody")
    followed = cluster.looma("consume", "match-results", "--from-beginning", "--max", "1", "--json")
    assert json.loads(followed)["status"] in ("active", "withdrawn")
    assert cluster.looma("consume", "match-results", "--from-beginning", "--max", "1").strip()
    assert worker.stop() == 0

    trace = json.loads(cluster.looma("trace", f"{talent}-e", "--json"))
    assert trace[0]["missing"] == []
    assert trace[0]["spans"][0]["name"] == "publish talent-events" or any(
        s["name"] == "publish talent-events" for s in trace[0]["spans"]
    )
    assert "publish match-results" in cluster.looma("trace", f"{talent}-e")
    cluster.looma("trace", f"{prefix}-unknown", code=1)


def test_csv_and_repeated_publication(cluster, prefix: str, tmp_path: Path) -> None:
    cluster.worker("--sync-only")
    file = tmp_path / "companies.csv"
    file.write_text(f"id,name,aliases\n{prefix}-c,织星科技有限公司,织星;Weaver\n", "utf-8")
    for _ in range(2):
        cluster.looma("publish", str(file), "--entity", "company", "--source", "crm")
    cluster.drained(("company-events",))
    document = cluster.documents("companies", {"_id": f"{prefix}-c"})[0]
    assert document["fields"]["aliases"] == ["织星", "Weaver"]
    assert document["revision"] == 1


def test_provisioning_is_idempotent_and_listed(cluster) -> None:
    assert json.loads(cluster.looma("topics", "apply", "--json"))["created"] == []
    topics = {t["name"]: t for t in json.loads(cluster.looma("topics", "list", "--json"))}
    assert topics["talent-records"]["compacted"]
    assert topics["talent-events"]["retention_days"] == 90
    assert topics["talent-events"]["kept"]["partitions"] == cluster.settings.partitions
    assert topics["talent-events"]["kept"]["retention_days"] == 90
    assert topics["talent-events"]["kept"]["complete"]
    assert topics["talent-records"]["kept"]["compacted"]
    assert topics["identity-events"]["kept"]["retention_days"] is None
    table = cluster.looma("topics", "list", COLUMNS="200")
    assert "dead-letters" in table
    assert "newest of each key" in table
    assert "matches.by_talent" in json.loads(cluster.looma("indexes", "apply", "--json"))["indexes"]


def test_config_says_where_each_setting_came_from_and_masks_secrets(cluster) -> None:
    shown = json.loads(cluster.looma("config", "--json", LOOMA_MONGODB_URL="mongodb://user:hunter2@h:1"))
    assert shown["group_id"] == {"value": "looma-test", "origin": "environment"}
    assert shown["batch_events"]["origin"] == "default"
    assert "hunter2" not in json.dumps(shown)
    assert "group_id" in cluster.looma("config")


def test_an_invalid_setting_is_named(cluster) -> None:
    cluster.looma("config", code=2, LOOMA_BATCH_EVENTS="0")


def test_status_tells_and_a_stack_away_is_said_plainly(cluster) -> None:
    assert {s["state"] for s in json.loads(cluster.looma("status", "--json"))} == {"running"}
    cluster.looma("topics", "list", code=1, LOOMA_BOOTSTRAP_SERVERS="127.0.0.1:1")


@pytest.mark.parametrize("command", [[], ["publish"], ["worker"], ["dlq"], ["demo"], ["bench", "ingest"]])
def test_help_teaches(cluster, command: list[str]) -> None:
    assert "Usage" in cluster.looma(*command, "--help")
