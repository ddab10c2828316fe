"""Conflicts from detection to a person's decision, and a policy change by replay."""

import json
from pathlib import Path

import pytest

from processors.sync.policy import DEFAULT, load_policy
from schemas.topics import EVENTS, SYNC_CONFLICTS

TALENTS = (EVENTS["talent"],)


def notices(cluster, entity_id: str) -> list[dict]:
    return [json.loads(m.value) for m in cluster.read(SYNC_CONFLICTS) if m.key == entity_id.encode()]


def test_a_contradiction_waits_for_a_person_and_their_word_is_an_event(cluster, make, prefix) -> None:
    talent = f"{prefix}-t"
    cluster.worker("--sync-only")
    cluster.publish(
        [
            make("talent", talent, {"name": "王芳", "title": "Nurse"}, source="crm", minute=0),
            make("talent", talent, {"name": "王方"}, source="zervigo", minute=5),
        ]
    )
    cluster.drained(TALENTS)
    (document,) = cluster.documents("talents", {"_id": talent})
    assert document["fields"]["name"] == "王方", "the record stays usable"
    assert document["policy"] == DEFAULT.version
    (found,) = [c for c in json.loads(cluster.looma("conflicts", "list", "--json")) if c["entity_id"] == talent]
    assert found["field"] == "name"
    assert {(c["source"], c["value"]) for c in found["candidates"]} == {("crm", "王芳"), ("zervigo", "王方")}
    assert "zervigo" in cluster.looma("conflicts", "show", found["id"])
    assert [(n["status"], n["id"]) for n in notices(cluster, talent)] == [("open", found["id"])]

    cluster.looma("conflicts", "resolve", found["id"], code=2)
    cluster.looma("conflicts", "resolve", found["id"], "--value", "7", code=2)
    plan = json.loads(cluster.looma("conflicts", "resolve", found["id"], "--value", '"王芳"', "--dry-run", "--json"))
    assert plan["fields"] == {"name": "王芳"}
    cluster.looma("conflicts", "resolve", found["id"], "--take", "2")
    cluster.drained(TALENTS)
    (document,) = cluster.documents("talents", {"_id": talent})
    assert document["fields"]["name"] == "王芳"
    assert document["provenance"]["name"]["source"] == "looma/decision"
    assert document["conflicts"] == []
    assert [n["status"] for n in notices(cluster, talent)] == ["open", "settled"]
    cluster.looma("conflicts", "show", found["id"], code=1)
    audited = json.loads(cluster.looma("audit", "show", "--about", f"talent:{talent}", "--json"))
    assert [(event["action"], event["caller"]) for event in audited] == [("conflict.decided", "local")]


@pytest.mark.long
def test_a_policy_is_previewed_and_applied_by_replay(cluster, make, prefix, tmp_path: Path) -> None:
    talent = f"{prefix}-t"
    events = [
        make("talent", talent, {"title": "Data Engineer"}, source="crm", minute=0),
        make("talent", talent, {"title": "Staff Engineer"}, source="resume", minute=5),
    ]
    first = cluster.worker("--sync-only")
    cluster.publish(events)
    cluster.drained(TALENTS)
    assert first.stop() == 0
    (document,) = cluster.documents("talents", {"_id": talent})
    assert document["fields"]["title"] == "Data Engineer", "the CRM is trusted more than a resume"

    text = Path("processors/sync/policy.toml").read_text("utf-8")
    changed = tmp_path / "policy.toml"
    changed.write_text(text.replace('[["crm", "zervigo", "*"], ["resume"]', '[["resume"], ["crm", "zervigo", "*"]'))
    assert load_policy(changed).version != DEFAULT.version
    preview = json.loads(cluster.looma("sync", "policy", "diff", str(changed), "--examples", "1000", "--json"))
    (field,) = [f for f in preview["fields"] if (f["entity"], f["field"]) == ("talent", "title")]
    assert {"id": talent, "before": "Data Engineer", "after": "Staff Engineer"} in field["examples"]
    assert preview["changed"]["talent"] >= 1
    assert "would change" in cluster.looma("sync", "policy", "diff", str(changed))

    second = cluster.worker("--sync-only", sync__policy=changed)
    cluster.publish(events[:1])
    cluster.drained(TALENTS)
    assert second.stop() == 0
    (document,) = cluster.documents("talents", {"_id": talent})
    assert document["fields"]["title"] == "Staff Engineer"
    assert document["policy"] == load_policy(changed).version
