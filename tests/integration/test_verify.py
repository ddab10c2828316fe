"""Everything that is not as its events say is found, explained and repaired, and nothing else is."""

import asyncio
import copy
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from bson import ObjectId
from click.testing import CliRunner
from qdrant_client import models as q

import processors.sync.policy
from ops.cli.bench.verify import bench_verify
from ops.cli.sync.verify import verify
from ops.verify import RepairRefusedError, Report, Verification
from ops.verify.log import EventLog
from ops.verify.repair import refuse_improbable
from ops.verify.report import Address, Difference
from processors.sync.merge import State
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from sinks import mongodb, qdrant
from sinks.qdrant import point_id
from sinks.topic_sink import TopicSink

SECRET = "绝密姓名"
TALENTS, JOBS, COMPANIES = 60, 4, 4
Found = set[tuple[str, str, str, str]]


def run_verify(cluster, *arguments: str, code: int = 0, **environment: str) -> str:
    result = CliRunner().invoke(verify, list(arguments), env={**cluster.environment, **environment})
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    return result.output


def report_of(cluster, *arguments: str, code: int = 0, **environment: str) -> dict[str, Any]:
    output = run_verify(cluster, "--json", *arguments, code=code, **environment)
    return json.loads(next(line for line in output.splitlines() if line.startswith("{")))


def found_in(report: dict[str, Any]) -> Found:
    return {(d["entity"], d["replica"], d["kind"], d["id"]) for e in report["entities"] for d in e["differences"]}


def talent(number: int) -> dict[str, Any]:
    return {
        "name": f"{SECRET}{number}",
        "title": ("后端工程师", "Data Engineer", "产品经理")[number % 3],
        "skills": [{"name": ("Python", "Kafka", "Go")[number % 3], "years": number % 9}],
        "emails": [f"someone{number}@example.com"],
        "years_experience": number % 20,
        "locations": ["上海"],
    }


def open_ended(number: int) -> dict[str, Any]:
    """A talent whose years of experience grow with the calendar."""
    fields = talent(number)
    del fields["years_experience"]
    return {**fields, "employments": [{"company": "x", "title": "engineer", "start": "2019-03-01"}]}


def history(make, prefix: str) -> list[Any]:
    events = []
    for n in range(TALENTS):
        events.append(make("talent", f"{prefix}-t{n}", talent(n) if n % 5 else open_ended(n)))
        events.append(make("talent", f"{prefix}-t{n}", {"title": "架构师", "remote": True}, minute=5, source="zervigo"))
    for n in range(JOBS):
        fields = {"title": "工程师", "skills": [{"name": "Python"}], "locations": ["上海"], "description": f"第{n}号"}
        events.append(make("job", f"{prefix}-j{n}", fields))
    events += [make("company", f"{prefix}-c{n}", {"name": f"公司{n}", "size": "50-199"}) for n in range(COMPANIES)]
    events += [make("talent", f"{prefix}-t{n}", {}, minute=9, action="deleted") for n in (51, 52)]
    events.append(("company-events", b"bad", b"{not json", []))
    return events


class Vandal:
    """Damages what is stored, and remembers what verification has to say about it."""

    def __init__(self, cluster, prefix: str) -> None:
        self._settings = cluster.settings
        self._prefix = prefix
        self.planted: Found = set()

    async def run(self) -> None:
        s = self._settings
        client, self.database = mongodb.connect(s.mongodb)
        self.points = qdrant.connect(s.qdrant)
        try:
            await self._records()
            await self._vectors()
        finally:
            await client.close()
            await self.points.close()

    def _plant(self, entity: str, replica: str, kind: str, identifier: str) -> str:
        self.planted.add((entity, replica, kind, identifier))
        return identifier

    async def _change(self, kind: str, number: int, change) -> None:
        key = self._plant("talent", "mongodb", kind, f"{self._prefix}-t{number}")
        talents = self.database["talents"]
        document = await talents.find_one({"_id": key})
        change(document)
        await talents.replace_one({"_id": key}, document)

    async def _records(self) -> None:
        def tampered(document) -> None:
            """Field and state changed together: the record is consistent in itself."""
            document["fields"]["locations"] = ["北京"]
            next(c for c in document["contributions"] if c["field"] == "locations")["value"] = ["北京"]

        def older(document) -> None:
            """What the record was before Zervigo spoke."""
            state = StoredRecord.from_document("talent", document).state
            first = State({k: c for k, c in state.contributions.items() if k[1] == "crm"})
            document.update(StoredRecord.of("talent", document["_id"], 1, first, DEFAULT).to_document())

        await self._change("corrupt", 1, lambda d: d["fields"].update(title="x"))
        await self._change("corrupt", 2, lambda d: d["fields"].pop("skills"))
        await self._change("corrupt", 3, lambda d: d["fields"].update({f"{SECRET}": SECRET}))
        await self._change("corrupt", 4, tampered)
        await self._change("corrupt", 6, lambda d: d["contributions"].pop())
        await self._change("corrupt", 7, lambda d: d.update(contributions="gone"))
        await self._change("corrupt", 8, lambda d: d.update(revision="two"))
        await self._change("corrupt", 9, lambda d: d.pop("revision"))
        await self._change("corrupt", 11, lambda d: d["provenance"]["title"].update(event_id="forged"))
        await self._change("corrupt", 12, lambda d: d.update(deleted=True))
        await self._change("corrupt", 13, lambda d: d["fields"].update(remote=1))
        await self._change("corrupt", 14, lambda d: d.update(surplus=SECRET))
        await self._change("stale", 16, older)
        await self._change("corrupt", 52, lambda d: d.update(deleted=False))
        talents, companies = self.database["talents"], self.database["companies"]
        key = f"{self._prefix}-t17"
        spare = copy.deepcopy(await talents.find_one({"_id": key}))
        await talents.delete_one({"_id": self._plant("talent", "mongodb", "missing", key)})
        await companies.delete_one({"_id": self._plant("company", "mongodb", "missing", f"{self._prefix}-c1")})
        extra, odd = f"{self._prefix}-never", ObjectId()
        await talents.insert_one({**spare, "_id": self._plant("talent", "mongodb", "extra", extra)})
        self._plant("talent", "mongodb", "extra", repr(odd))
        await talents.insert_one({"_id": odd})

    async def _vectors(self) -> None:
        upsert, delete = self.points.upsert, self.points.delete

        async def stored(key: str) -> Any:
            return (await self.points.retrieve("talents", [point_id(key)], with_payload=True, with_vectors=True))[0]

        async def put(identifier: str, payload, vector) -> None:
            await upsert("talents", [q.PointStruct(id=identifier, payload=payload, vector=vector)], wait=True)

        key = self._plant("talent", "qdrant", "missing", f"{self._prefix}-t21")
        await delete("talents", [point_id(key)], wait=True)
        await delete("jobs", [point_id(self._plant("job", "qdrant", "missing", f"{self._prefix}-j1"))], wait=True)
        for number, kind, change in (
            (22, "stale", {"revision": 1, "title": "旧", "text_hash": "0" * 64}),
            (23, "stale", {"model": "another@1"}),
            (24, "corrupt", {"status": "hired"}),
            (26, "corrupt", {"id": "somebody-else"}),
            (25, "corrupt", {"years": 99.0}),
            (27, "corrupt", {SECRET: SECRET}),
        ):
            key = self._plant("talent", "qdrant", kind, f"{self._prefix}-t{number}")
            point = await stored(key)
            revision = {"revision": 3} if kind == "corrupt" else {}
            await put(point_id(key), {**point.payload, **revision, **change}, point.vector)
        point = await stored(f"{self._prefix}-t28")
        named = self._plant("talent", "qdrant", "extra", f"{self._prefix}-ghost")
        await put(point_id(named), {**point.payload, "id": named}, point.vector)
        nameless = self._plant("talent", "qdrant", "extra", point_id(f"{self._prefix}-nobody"))
        await put(nameless, {}, point.vector)
        deleted = self._plant("talent", "qdrant", "extra", f"{self._prefix}-t51")
        await put(point_id(deleted), {**point.payload, "id": deleted}, point.vector)


def without_revisions(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for document in documents:
        del document["revision"]
        document["contributions"].sort(key=lambda c: (c["field"], c["source"]))
    return {d["_id"]: d for d in documents}


def test_every_kind_of_damage_is_found_explained_and_repaired(cluster, make, prefix) -> None:
    cluster.worker()
    events = history(make, prefix)
    later = [e for e in events if b"zervigo" in dict(e[3]).values()]
    cluster.publish([e for e in events if e not in later])
    cluster.drained()
    cluster.publish(later)
    cluster.drained()
    query = {"_id": {"$gte": prefix, "$lt": prefix + "~"}}
    before = without_revisions(cluster.documents("talents", query))
    assert len(before) == TALENTS
    baseline = report_of(cluster)
    assert found_in(baseline) == set()

    vandal = Vandal(cluster, prefix)
    asyncio.run(vandal.run())
    plan = report_of(cluster, "--repair", "--dry-run", code=1)
    assert sum(e["would_repair"] for e in plan["entities"]) == len({(e, i) for e, _, _, i in vandal.planted})
    report = report_of(cluster, code=1)
    found = found_in(report)
    assert found == found_in(plan), "a dry run changes nothing"
    assert vandal.planted - found == set(), "missed"
    assert found - vandal.planted == set(), "nothing else"
    by_entity = {e["entity"]: e for e in report["entities"]}
    assert by_entity["talent"]["log_complete"]
    assert by_entity["talent"]["counts"]["qdrant"] == {"missing": 1, "stale": 2, "extra": 3, "corrupt": 4}
    assert not by_entity["talent"]["consistent"]
    assert "qdrant" not in by_entity["company"]["records"], "companies have no vectors"
    details = {(d["replica"], d["id"]): d["details"] for d in by_entity["talent"]["differences"]}
    assert details["mongodb", f"{prefix}-t1"] == ["fields.title: another value"]
    assert details["mongodb", f"{prefix}-t3"] == ["fields.(unknown): not expected"]
    assert details["mongodb", f"{prefix}-t12"] == ["deleted: expected False, found True"]
    assert details["mongodb", f"{prefix}-t14"] == ["(unknown): not expected"]
    assert "revision: not a positive whole number" in details["mongodb", f"{prefix}-t9"]
    assert details["mongodb", f"{prefix}-t16"][0].startswith("newest contribution: expected 2026-01-05T08:05:00")
    assert "contributions.remote: missing" in details["mongodb", f"{prefix}-t16"]
    assert details["qdrant", f"{prefix}-t24"][-1] == "payload.status: another value"
    assert "payload.text_hash: another value" in details["qdrant", f"{prefix}-t22"]
    assert details["qdrant", f"{prefix}-t51"] == ["its record is deleted"]

    text = run_verify(cluster, "--entity", "talent", code=1)
    assert f"{prefix}-t16" in text
    for personal in (SECRET, "someone", "北京", "旧"):
        assert personal not in text
        assert personal not in json.dumps(report, ensure_ascii=False)

    repaired = report_of(cluster, "--repair")
    assert all(e.get("not_repaired", []) == [] for e in repaired["entities"])
    cluster.drained()
    assert found_in(report_of(cluster)) == set()
    assert without_revisions(cluster.documents("talents", query)) == before
    assert all(d["revision"] > 1 for d in cluster.documents("talents", {"_id": f"{prefix}-t17"})), (
        "a lost record does not begin again at revision 1"
    )


@pytest.mark.long
def test_golden_records_are_what_links_and_events_make(cluster, make, prefix) -> None:
    cluster.worker()
    a, b, c, d, e, f = (f"{prefix}-{n}" for n in "abcdef")
    firm = f"{prefix}-firm"

    def person(key: str, number: int, minute: int, **more: Any) -> Any:
        fields = {"name": f"王{'甲乙丙丁'[number]}明", "phones": [f"+8613812345{number}78"], "locations": ["上海"]}
        fields["emails"] = [f"wang.number{number}@example.com"]
        return make("talent", key, {**fields, **more}, minute=minute, source="crm" if minute < 5 else "zervigo")

    cluster.publish([person(k, n, 0, title="工程师") for n, k in enumerate((a, c, e, f))])
    cluster.publish([make("company", firm, {"name": "织星智能科技有限公司"})])
    cluster.drained()
    alone = cluster.documents("golden_talents", {"_id": c})[0]
    cluster.publish([person(b, 0, 6, title="架构师"), person(d, 1, 6, title=SECRET)])
    cluster.drained()
    query = {"_id": {"$gte": prefix, "$lt": prefix + "~"}}
    before = {d["_id"]: d for d in cluster.documents("golden_talents", query)}
    assert {k: g["members"] for k, g in before.items()} == {a: [a, b], c: [c, d], e: [e], f: [f]}
    baseline = report_of(cluster)
    assert found_in(baseline) == set()
    assert [e["records"]["golden"] for e in baseline["entities"] if e["entity"] == "company"] == [
        len(cluster.documents("golden_companies", {}))
    ]

    async def damage() -> None:
        s = cluster.settings
        client, database = mongodb.connect(s.mongodb)
        golden, identities = database["golden_talents"], database["identities"]
        await golden.update_one({"_id": a}, {"$set": {"fields.locations": [SECRET]}})
        await golden.replace_one({"_id": c}, alone)
        await golden.delete_one({"_id": e})
        await golden.insert_one({**alone, "_id": f"{prefix}-ghost"})
        await golden.insert_one({**alone, "_id": b})
        await identities.update_one({"_id": f"talent|{f}"}, {"$set": {"golden": e}})
        await identities.delete_one({"_id": f"company|{firm}"})
        await client.close()

    asyncio.run(damage())
    report = report_of(cluster, code=1)
    assert found_in(report) == {
        *(
            ("talent", "golden", kind, key)
            for kind, key in (("corrupt", a), ("stale", c), ("missing", e), ("stale", f))
        ),
        *(("talent", "golden", "extra", key) for key in (b, f"{prefix}-ghost")),
        ("company", "golden", "missing", firm),
    }
    details = {d["id"]: d["details"] for e in report["entities"] for d in e["differences"]}
    assert details[a] == ["fields.locations: another value", "provenance.locations: not of its events"]
    assert details[c][0].startswith("fields.")
    assert details[c][-1] == "members: expected 2, found 1"
    assert details[f] == ["identity: belongs to another golden record than it says"]
    assert details[b] == ["it is part of another golden record"]
    assert details[firm] == ["its record was never resolved"]
    assert SECRET not in json.dumps(report, ensure_ascii=False)

    repaired = report_of(cluster, "--repair")
    assert [e.get("repaired") for e in repaired["entities"]] == [6, None, 1]
    cluster.drained()
    assert found_in(report_of(cluster)) == set()
    after = {d["_id"]: d for d in cluster.documents("golden_talents", query)}
    assert after == before
    told = {m.key.decode(): json.loads(m.value)["members"] for m in cluster.read("identities")}
    assert (told[f"talent:{c}"], told[f"talent:{prefix}-ghost"]) == ([c, d], [])


@pytest.mark.long
def test_a_busy_system_gives_no_false_alarm(cluster, make, prefix) -> None:
    cluster.worker()
    done = threading.Event()

    def load() -> None:
        for minute in range(40):
            cluster.publish([make("talent", f"{prefix}-b{n}", talent(n + minute), minute=minute) for n in range(25)])
        done.set()

    thread = threading.Thread(target=load)
    thread.start()
    rounds = 0
    while not done.is_set() or rounds < 2:
        report = report_of(cluster, "--entity", "talent")
        assert found_in(report) == set()
        rounds += 1
    thread.join()
    cluster.drained()
    report = report_of(cluster, "--entity", "talent")
    assert report["consistent"]
    assert report["entities"][0]["in_flight"] == 0


@pytest.mark.long
def test_what_was_stored_but_not_yet_acknowledged_is_in_flight(cluster, make, prefix) -> None:
    """A worker that dies between its store and its commit leaves a record that is ahead of the committed log."""
    worker = cluster.worker("--sync-only")
    key = f"{prefix}-c"
    cluster.publish([make("company", key, {"name": "织星"})])
    cluster.drained(("company-events",))
    assert worker.stop() == 0
    cluster.publish([make("company", key, {"name": "新名"}, minute=1), make("company", f"{prefix}-new", {"name": "x"})])
    report = report_of(cluster, "--entity", "company")
    assert report["consistent"], "not yet processed is no difference"

    document = cluster.documents("companies", {"_id": key})[0]
    document["fields"]["name"] = document["contributions"][0]["value"] = "新名"

    async def store() -> None:
        s = cluster.settings
        client, database = mongodb.connect(s.mongodb)
        await database["companies"].replace_one({"_id": key}, document)
        await client.close()

    asyncio.run(store())
    entity = report_of(cluster, "--entity", "company")["entities"][0]
    assert (entity["in_flight"], entity["differences"]) == (1, [])
    assert "about to change" in run_verify(cluster, "--entity", "company")
    cluster.worker("--sync-only")
    cluster.drained(("company-events",))


@pytest.mark.long
def test_once_retention_has_removed_events_stored_states_stand_in_for_them(cluster, make, prefix, monkeypatch) -> None:
    cluster.worker("--sync-only")
    kept, expired = f"{prefix}-kept", f"{prefix}-expired"
    cluster.publish([make("company", key, {"name": "织星", "size": "50-199"}) for key in (kept, expired)])
    cluster.drained(("company-events",))
    marks = {r.partition: r.offset + 1 for r in cluster.read("company-events")}
    cluster.publish([make("company", kept, {"size": "200-999"}, minute=1)])
    cluster.drained(("company-events",))

    async def beginnings(self, topic: str) -> dict[TopicPartition, int]:
        return {p: marks.get(p.partition, 0) if topic == "company-events" else 0 for p in await self.partitions(topic)}

    monkeypatch.setattr(EventLog, "beginnings", beginnings)
    entity = report_of(cluster, "--entity", "company")["entities"][0]
    assert (entity["log_complete"], entity["consistent"]) == (False, True)

    async def damage() -> None:
        s = cluster.settings
        client, database = mongodb.connect(s.mongodb)
        await database["companies"].update_one({"_id": kept}, {"$set": {"fields.size": "1-49"}})
        await database["companies"].update_one({"_id": expired}, {"$set": {"fields.name": "x"}})
        await client.close()

    asyncio.run(damage())
    report = report_of(cluster, "--entity", "company", code=1)
    assert found_in(report) == {("company", "mongodb", "corrupt", key) for key in (kept, expired)}
    assert "only witness" in run_verify(cluster, "--entity", "company", "--repair")
    assert report_of(cluster, "--entity", "company")["consistent"]
    sizes = {d["_id"]: d["fields"] for d in cluster.documents("companies", {"_id": {"$in": [kept, expired]}})}
    assert sizes == {kept: {"name": "织星", "size": "200-999"}, expired: {"name": "织星", "size": "50-199"}}


@pytest.mark.long
def test_records_made_under_another_policy_are_stale(cluster, make, prefix, tmp_path) -> None:
    cluster.worker("--sync-only")
    key = f"{prefix}-c"
    cluster.publish([make("company", key, {"name": "织星"})])
    cluster.drained(("company-events",))
    policy = tmp_path / "policy.toml"
    built_in = Path(processors.sync.policy.__file__).with_name("policy.toml").read_text("utf-8")
    policy.write_text(re.sub(r"(?m)^label = .*$", 'label = "another"', built_in), "utf-8")
    report = report_of(cluster, "--entity", "company", code=1, LOOMA_SYNC__POLICY=str(policy))
    details = {d["id"]: (d["kind"], d["details"]) for d in report["entities"][0]["differences"]}
    assert details[key] == ("stale", ["policy: another value"])
    assert report_of(cluster, "--entity", "company")["consistent"]


def test_a_group_that_never_ran_has_nothing_to_answer_for(cluster, make, prefix) -> None:
    cluster.publish([make("company", f"{prefix}-c", {"name": "织星"})])
    entity = report_of(cluster, "--entity", "company", LOOMA_KAFKA__GROUP_ID="nobody", LOOMA_MONGODB__DATABASE="empty")
    assert entity["entities"][0]["records"] == {"log": 0, "mongodb": 0}
    assert entity["consistent"]


def test_a_repair_that_loses_against_a_worker_reads_and_publishes_again(cluster, make, prefix, monkeypatch) -> None:
    cluster.worker("--sync-only")
    key = f"{prefix}-c"
    cluster.publish([make("company", key, {"name": "织星"})])
    cluster.drained(("company-events",))
    publish, raced = TopicSink.publish, []

    async def scenario() -> Any:
        s = cluster.settings
        client, database = mongodb.connect(s.mongodb)
        companies = database["companies"]

        async def racing(self, messages) -> None:
            await publish(self, messages)
            if not raced:
                raced.append(await companies.update_one({"_id": key}, {"$inc": {"revision": 1}}))

        monkeypatch.setattr(TopicSink, "publish", racing)
        try:
            await companies.update_one({"_id": key}, {"$set": {"fields.name": "x"}})
            async with Verification(s, "company", lambda: "none") as verification:
                return await verification.repair(await verification.check())
        finally:
            await client.close()

    outcome = asyncio.run(scenario())
    assert (outcome.repaired, outcome.left, len(raced)) == (1, (), 1)
    document = cluster.documents("companies", {"_id": key})[0]
    records = [json.loads(r.value) for r in cluster.read("company-records") if r.key == key.encode()]
    assert [r["revision"] for r in records] == [1, 2, 3]
    assert document["revision"] == 3, "the newest message is what is stored"
    assert document["fields"] == records[-1]["fields"] == {"name": "织星"}


def test_a_repair_that_would_remove_most_records_is_refused() -> None:
    extra = [Difference("talent", "mongodb", "extra", str(n), (), Address(str(n), str(n))) for n in range(200)]
    with pytest.raises(RepairRefusedError, match="right Kafka cluster"):
        refuse_improbable(Report("talent", {"log": 0, "mongodb": 300}, extra))
    refuse_improbable(Report("talent", {"log": 0, "mongodb": 3000}, extra))


def test_a_dry_run_needs_a_repair(cluster) -> None:
    assert "--dry-run goes with --repair" in run_verify(cluster, "--dry-run", code=2)


@pytest.mark.long
def test_the_benchmark_finds_what_it_planted_and_nothing_else() -> None:
    result = CliRunner().invoke(bench_verify, ["--records", "200", "--json"])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    figures = json.loads(next(line for line in result.output.splitlines() if line.startswith("{")))
    assert (figures["planted"], figures["found"], figures["missed"], figures["false"]) == (13, 13, 0, 0)
    assert figures["repaired"] == 13
    assert figures["differences_after_repair"] == 0
    assert figures["read_again_share"] < 0.1, "only what is planted is read again"
