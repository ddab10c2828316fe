"""Records of one person or company become one golden record, and a person's word holds against what is computed."""

import json

import pytest

from schemas.topics import IDENTITIES

WANG = {
    "name": "王小明",
    "phones": ["+86 138 1234 5678"],
    "emails": ["wang.xm@example.com"],
    "employments": [{"company": "织星科技有限公司", "title": "工程师", "start": "2019-03-01"}],
    "locations": ["上海"],
}
WANG_TOO = {
    "name": "Wang Xiaoming",
    "phones": ["13812345678"],
    "emails": ["wang.xm@example.com"],
    "title": "Data Engineer",
    "locations": ["上海"],
}
LI = {"name": "李雷", "phones": ["+86 139 0000 1111"], "emails": ["lilei@example.com"], "locations": ["北京"]}


def shown(cluster, entity: str, record: str) -> dict:
    return json.loads(cluster.looma("identity", "show", entity, record, "--json"))


def told(cluster, prefix: str) -> list[tuple[str, list[str]]]:
    bodies = [json.loads(m.value) for m in cluster.read(IDENTITIES) if prefix.encode() in m.key]
    return [(b["id"].removeprefix(prefix), [m.removeprefix(prefix) for m in b["members"]]) for b in bodies]


def related(cluster, record: str) -> set[tuple[str, str, str]]:
    found = json.loads(cluster.looma("identity", "relations", "company", record, "--json"))
    return {(r["source"]["id"], r["type"], r["target"]["id"]) for r in found}


def test_records_of_one_person_become_one_and_verdicts_hold(cluster, make, prefix) -> None:
    worker = cluster.worker()
    a, b, c = f"{prefix}-a", f"{prefix}-b", f"{prefix}-c"
    events = [
        make("talent", a, WANG, source="crm", minute=0),
        make("talent", b, WANG_TOO, source="zervigo", minute=5),
        make("talent", c, LI, source="crm", minute=6),
    ]
    cluster.publish(events)
    cluster.drained()
    assert shown(cluster, "talent", b)["members"] == [a, b]
    assert shown(cluster, "talent", c)["members"] == [c]
    (golden,) = cluster.documents("golden_talents", {"_id": a})
    assert golden["members"] == [a, b]
    assert golden["fields"]["title"] == "Data Engineer", "each record adds what it knows"
    assert golden["fields"]["employments"]
    assert golden["fields"]["phones"] == ["+8613812345678"]
    assert not cluster.documents("golden_talents", {"_id": b})
    (link,) = shown(cluster, "talent", a)["links"]
    assert link["decision"] == "same"
    assert "a phone number in common" in cluster.looma("identity", "show", "talent", a)
    assert any(d["members"] == [a, b] for d in json.loads(cluster.looma("identity", "list", "talent", "--json")))
    assert ("-a", ["-a", "-b"]) in told(cluster, prefix)
    count = len(told(cluster, prefix))

    cluster.publish(events)
    cluster.drained()
    assert len(told(cluster, prefix)) == count, "what is known changes nothing"

    cluster.publish([make("talent", b, WANG_TOO, source="zervigo", minute=8)])
    cluster.drained()
    (golden,) = cluster.documents("golden_talents", {"_id": a})
    (record,) = cluster.documents("talents", {"_id": b})
    assert golden["provenance"]["title"] == record["provenance"]["title"], "also where the value is as before"

    cluster.looma("identity", "unmerge", "talent", a, b)
    cluster.drained()
    assert shown(cluster, "talent", a)["members"] == [a]
    (golden,) = cluster.documents("golden_talents", {"_id": b})
    assert golden["fields"]["name"] == "Wang Xiaoming"
    cluster.publish([make("talent", b, {"title": "Staff Engineer"}, source="zervigo", minute=9)])
    cluster.drained()
    assert shown(cluster, "talent", a)["members"] == [a], "a person's un-merge holds whatever comes"

    cluster.looma("identity", "merge", "talent", a, c)
    cluster.drained()
    assert shown(cluster, "talent", c)["members"] == [a, c]
    assert ("-c", []) in told(cluster, prefix), "a golden record that became part of another has no members"

    cluster.publish([make("talent", c, {}, source="crm", minute=20, action="deleted")])
    cluster.drained()
    (golden,) = cluster.documents("golden_talents", {"_id": a})
    assert golden["fields"]["emails"] == ["wang.xm@example.com"], "what a deleted record said is gone"
    assert worker.stop() == 0


@pytest.mark.long
def test_companies_by_alias_and_suffix_but_not_branches(cluster, make, prefix) -> None:
    worker = cluster.worker()
    one, two, branch = f"{prefix}-one", f"{prefix}-two", f"{prefix}-branch"
    cluster.publish(
        [
            make("company", one, {"name": "上海织星智能科技有限公司", "website": "https://zhixing.example"}, minute=0),
            make("company", two, {"name": "织星智能科技（上海）", "website": "zhixing.example"}, minute=1),
            make("company", branch, {"name": "上海织星智能科技有限公司杭州分公司"}, minute=2),
            make("job", f"{prefix}-j", {"title": "工程师", "company_id": two}, minute=3),
            make("job", f"{prefix}-k", {"title": "工程师", "company_id": branch}, minute=3),
            make(
                "talent",
                f"{prefix}-t",
                {"employments": [{"company": "织星", "title": "工程师", "company_id": one}]},
                minute=3,
            ),
        ]
    )
    cluster.drained()
    assert shown(cluster, "company", one)["members"] == [one, two]
    assert shown(cluster, "company", branch)["members"] == [branch]
    hired, posted = (f"{prefix}-t", "worked_at"), (f"{prefix}-j", "posted_by")
    assert related(cluster, one) == related(cluster, two) == {(*hired, one), (*posted, one)}
    (employer,) = json.loads(cluster.looma("identity", "relations", "talent", f"{prefix}-t", "--json"))
    assert employer["target"] == {"kind": "company", "id": one}
    cluster.looma("identity", "unmerge", "company", one, two)
    cluster.drained()
    assert related(cluster, one) == {(*hired, one)}
    assert related(cluster, two) == {(*posted, two)}
    cluster.looma("identity", "merge", "company", branch, two)
    cluster.drained()
    (golden,) = {target for _, _, target in related(cluster, two)}
    assert related(cluster, branch) == {(*posted, golden), (f"{prefix}-k", "posted_by", golden)}
    assert "posted_by" in cluster.looma("identity", "relations", "company", branch)
    cluster.looma("identity", "merge", "company", one, one, code=2)
    cluster.looma("identity", "show", "company", f"{prefix}-nobody", code=1)
    assert json.loads(cluster.looma("identity", "review", "company", "--json")) is not None
    assert worker.stop() == 0
