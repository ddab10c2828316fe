"""The commands, as a person or a script runs them."""

import asyncio
import json
import time
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient

from connectors.message import build_feedback
from ops.models.task import builtin_task
from processors.embedding.model import SentenceEncoder
from processors.matching.features import FEATURES
from processors.matching.history import revision_of
from processors.matching.pages import entry_of
from processors.matching.weights import DEFAULT as DEFAULT_WEIGHTS
from processors.matching.weights import load_weights
from schemas.envelope import timestamp
from schemas.history import MatchRevision
from schemas.messages import Match, MatchFeature
from schemas.topics import MODEL_EVENTS, TOPICS
from sinks import mongodb
from sinks.matches import MatchStore
from streams.generations.generation import VIEW_SECONDS
from streams.models import activation, built_with
from streams.models.builtin import DEFAULT
from streams.models.default_model import MODEL_NAME, ensure_model
from streams.models.downloads import cache_dir
from streams.reading import reader
from streams.search.cache import Answer
from streams.search.request import Request
from streams.search.session import search_session
from tests.streams.models.test_models import tiny
from tests.support.events import BASE
from tests.tiny_bert import write_tiny_bert

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


async def test_offsets_are_asked_for_once_all_topics_are_known_and_not_topic_by_topic(cluster, monkeypatch) -> None:
    partitions = [TopicPartition(topic.name, 0) for topic in TOPICS]
    asked: list[set[str]] = []
    update = AIOKafkaClient._metadata_update

    async def heard(self: AIOKafkaClient, metadata: Any, topics: set[str]) -> Any:
        asked.append(set(topics))
        return await update(self, metadata, topics)

    monkeypatch.setattr(AIOKafkaClient, "_metadata_update", heard)
    for question in ("beginning_offsets", "end_offsets", "offsets_for_times"):
        async with reader(cluster.settings.kafka) as log:
            found = await getattr(log, question)(dict.fromkeys(partitions, 0))
        assert found.keys() == set(partitions)
    assert {len(topics) for topics in asked} == {len(TOPICS)}


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


def pretended(pair: tuple[str, str], salary: float, minute: int) -> tuple[Match, MatchRevision]:
    """A match whose title is the better the worse its salary, and what its history remembers of it."""
    scores = {**dict.fromkeys(FEATURES, 0.5), "salary": salary, "title": 1 - salary}
    features = [MatchFeature(name=n, score=s, weight=0.05, contribution=s / 20, reason="-") for n, s in scores.items()]
    match = Match(
        talent_id=pair[0], job_id=pair[1], talent_revision=minute, job_revision=1, status="withdrawn", score=0.5,
        language="en", features=features, model="m",
    )  # fmt: skip
    return match, revision_of(match, time=timestamp(BASE + timedelta(minutes=minute)), cause=None)


def test_outcomes_come_in_make_a_history_and_teach_weights(cluster, make, prefix: str, tmp_path: Path) -> None:
    talent, job = f"{prefix}-t", f"{prefix}-j"
    worker = cluster.worker()
    cluster.publish([make("job", job, JOB)])
    cluster.drained()
    cluster.publish([make("talent", talent, TALENT)])
    cluster.drained()
    cluster.publish([make("talent", talent, {"locations": ["北京"], "remote": False}, minute=1)])
    cluster.drained()
    cluster.publish([make("talent", talent, {"name": "no news of the match"}, minute=2)])
    cluster.drained()
    say = ("match", "feedback", talent, job, "interviewed", "--source", "ats", "--reason", "salary", "--json")
    said = json.loads(cluster.looma(*say))
    again = cluster.looma(*say, "--time", said["time"])
    assert json.loads(again)["event_id"] == said["event_id"]

    # Other pairs, whose better outcomes were the better paid. Since then their matches have turned round.
    outcomes = ("rejected", "shortlisted", "interviewed", "hired")
    pairs = {(f"{prefix}-t{n}", f"{prefix}-j{m}"): n for m in range(10) for n in range(4)}

    async def pretend(minute: int, turned: bool) -> None:
        s = cluster.settings
        client, database = mongodb.connect(s.mongodb)
        found = [pretended(pair, (3 - n if turned else n) / 3, minute) for pair, n in pairs.items()]
        store = MatchStore(database)
        pages = await store.load({talent_id: None for talent_id, _ in pairs})
        for page in pages:
            own = [(m, revision) for m, revision in found if m.talent_id == page.talent_id]
            page.put([entry_of(m) for m, _ in own], [(m.job_id, revision) for m, revision in own])
        await store.save(pages)
        await client.close()

    asyncio.run(pretend(1, turned=False))
    asyncio.run(pretend(3, turned=True))
    messages = [
        build_feedback(*pair, outcomes[n], source="ats", time=BASE + timedelta(minutes=2)) for pair, n in pairs.items()
    ]
    unknown = build_feedback(f"{prefix}-nobody", job, "hired", source="ats")
    bad = build_feedback(talent, job, "hired", source="ats")
    events = [(m.topic, m.key, m.value, m.headers) for m in (*messages, unknown, *messages[:5])]
    cluster.publish([*events, (bad.topic, bad.key, b'{"outcome": "?"}', bad.headers)])
    cluster.drained()
    assert worker.stop() == 0
    letters = [dict(r.headers) for r in cluster.read("dead-letters") if r.value == b'{"outcome": "?"}']
    assert [h["dlq_reason"] for h in letters] == [b"invalid_data"]

    first, moved, interviewed = json.loads(cluster.looma("match", "history", talent, job, "--json"))
    assert (first["what"], first["event"]) == ("active", f"{talent}-0-crm-upserted")
    assert (moved["what"], moved["event"]) == ("active", f"{talent}-1-crm-upserted")
    assert next(iter(moved["parts"])) == "location"
    assert moved["change"] == pytest.approx(moved["score"] - first["score"], abs=1e-6) != 0
    assert (interviewed["what"], interviewed["by"], interviewed["why"]) == ("interviewed", "ats", ["salary"])
    assert interviewed["score"] == moved["score"], "the score that it had when it was said"
    shown = cluster.looma("match", "history", talent, job)
    assert "interviewed, says ats" in shown
    assert "location -0." in shown
    cluster.looma("match", "history", talent, f"{prefix}-none", code=1)

    out = tmp_path / "weights.toml"
    learned = json.loads(cluster.looma("match", "learn", "--out", str(out), "--json"))
    assert (learned["outcomes"], learned["without_match"], learned["written"]) == (41, 1, True)
    assert learned["after"] > learned["before"] == 0
    weights = load_weights(out)
    assert weights["salary"] > 2 * DEFAULT_WEIGHTS["salary"], "from the matches as they were, not as they are now"
    assert weights["title"] < DEFAULT_WEIGHTS["title"] / 2


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
    assert topics["talent-events"]["kept"]["partitions"] == cluster.settings.kafka.partitions
    assert topics["talent-events"]["kept"]["retention_days"] == 90
    assert topics["talent-events"]["kept"]["complete"]
    assert topics["talent-records"]["kept"]["compacted"]
    assert topics["identity-events"]["kept"]["retention_days"] is None
    table = cluster.looma("topics", "list", COLUMNS="200")
    assert "dead-letters" in table
    assert "newest of each key" in table
    assert "matches.job" in json.loads(cluster.looma("indexes", "apply", "--json"))["indexes"]


def test_topics_keep_messages_for_as_long_as_the_settings_say_once_they_are_told_to(cluster) -> None:
    longer = {"LOOMA_RETENTION__REPORTS_DAYS": "120"}
    differs = {"topic": "sync-reports", "name": "retention.ms", "has": "7776000000", "wanted": "10368000000"}
    different: list[dict[str, str]] = []
    for _ in range(60):  # a broker may not know yet of topics that were made a moment ago
        different = json.loads(cluster.looma("topics", "apply", "--json", **longer))["different"]
        if differs in different:
            break
        time.sleep(0.5)
    assert differs in different
    listed = {t["name"]: t for t in json.loads(cluster.looma("topics", "list", "--json", **longer))}["sync-reports"]
    assert (listed["retention_days"], listed["kept"]["retention_days"]) == (120, 90)
    assert "settings:" in cluster.looma("topics", "list", COLUMNS="200", **longer)
    said = cluster.looma("topics", "apply", **longer)
    assert "sync-reports: retention.ms has 7776000000, the settings say 10368000000" in said
    assert differs in json.loads(cluster.looma("topics", "apply", "--retention", "--json", **longer))["changed"]
    assert json.loads(cluster.looma("topics", "apply", "--json", **longer))["different"] == []
    kept = {t["name"]: t for t in json.loads(cluster.looma("topics", "list", "--json"))}["sync-reports"]["kept"]
    assert (kept["retention_days"], kept["compacted"]) == (120, False)
    cluster.looma("topics", "apply", "--retention")


def test_config_says_where_each_setting_came_from_and_masks_secrets(cluster) -> None:
    shown = json.loads(cluster.looma("config", "--json", LOOMA_MONGODB__URL="mongodb://user:hunter2@h:1"))
    assert shown["kafka.group_id"] == {"value": "looma-test", "origin": "environment"}
    assert shown["worker.batch_events"]["origin"] == "default"
    assert "hunter2" not in json.dumps(shown)
    assert tomllib.loads(cluster.looma("config"))["kafka"]["group_id"] == "looma-test"


def test_an_invalid_setting_is_named(cluster) -> None:
    cluster.looma("config", code=2, LOOMA_WORKER__BATCH_EVENTS="0")


def test_status_tells_and_a_stack_away_is_said_plainly(cluster) -> None:
    assert {s["state"] for s in json.loads(cluster.looma("status", "--json"))} == {"running"}
    cluster.looma("topics", "list", code=3, LOOMA_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1")


@pytest.mark.parametrize("command", [[], ["publish"], ["worker"], ["dlq"], ["demo"], ["bench", "ingest"]])
def test_help_teaches(cluster, command: list[str]) -> None:
    assert "Usage" in cluster.looma(*command, "--help")


@pytest.fixture(scope="module")
def worker(module_cluster) -> Iterator[None]:
    """One worker for the tests that only need results; `cluster` would end it after the first."""
    started = module_cluster.worker()
    module_cluster.workers.remove(started)
    yield
    started.stop()


@pytest.mark.usefixtures("worker")
def test_what_was_published_is_found_by_words_by_meaning_and_by_likeness(
    cluster, make, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.models.encoders.SentenceEncoder", lru_cache(SentenceEncoder))
    skilled = {"skills": [{"name": "Kubernetes"}, {"name": "Terraform"}], "locations": ["上海"], "years_experience": 6}
    nurse = {"title": "儿科护士", "skills": [{"name": "静脉输液"}], "locations": ["上海"]}
    cluster.publish(
        [
            make(
                "talent", f"{prefix}-ops", {"title": "运维开发工程师", "summary": "负责容器平台的稳定性。", **skilled}
            ),
            make("talent", f"{prefix}-sre", {**skilled, "title": "Site Reliability Engineer", "locations": ["Berlin"]}),
            make("talent", f"{prefix}-nurse", nurse),
        ]
    )
    cluster.drained()

    def search(*arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            cluster.looma("search", "--in", "talents", "--json", "--limit", "100", *arguments)
        )
        return found

    def ids(answer: dict[str, Any]) -> list[str]:
        return [hit["id"] for hit in answer["hits"] if hit["id"].startswith(prefix)]

    answer = search("k8s 集群", "--mode", "keyword", "--facet", "place")
    assert set(ids(answer)) == {f"{prefix}-ops", f"{prefix}-sre"}
    hit = next(h for h in answer["hits"] if h["id"] == f"{prefix}-ops")
    marked = [hit["highlight"]["text"][a:b] for a, b in hit["highlight"]["spans"]]
    assert "Kubernetes" in marked
    assert hit["updated"]
    assert any(v["value"] == "shanghai" and v["count"] >= 2 for v in answer["facets"]["place"])
    assert ids(search("pediatric nurse", "--mode", "semantic"))[0] == f"{prefix}-nurse"
    assert ids(search("Kubernetes", "--place", "Shanghai", "--years", "5-"))[0] == f"{prefix}-ops"
    assert f"{prefix}-sre" not in ids(search("Kubernetes", "--place", "Shanghai"))
    assert ids(search("--like", f"{prefix}-ops"))[0] == f"{prefix}-sre"
    assert ids(search("Kubernetes 运维", "--rerank"))[0] == f"{prefix}-ops"
    shown = cluster.looma("search", "运维", "--in", "talents", "--limit", "100")
    assert f"运维开发工程师 · {prefix}-ops\n  技能 运维 · 上海 · 6 年" in shown
    nothing = search("asdfgh qwerty zzz")
    assert (nothing["hits"], nothing["near"]) == ([], [])
    assert "No talent fits" in cluster.looma("search", "asdfgh qwerty zzz", "--in", "talents")
    elsewhere = search("kuberntes", "--place", "Atlantis")
    assert (elsewhere["hits"], elsewhere["searched"]) == ([], "kubernetes")
    assert {(h["band"], *h["outside"]) for h in elsewhere["near"]} == {("near", "place")}
    assert {f"{prefix}-ops", f"{prefix}-sre"} <= {h["id"] for h in elsewhere["near"]}
    read = search("kuberntes", "--place", "Berlin")
    assert (ids(read), read["searched"]) == ([f"{prefix}-sre"], "kubernetes")
    cluster.looma("search", "--in", "talents", code=2)
    (tmp_path / "queries").write_text("k8s 集群\n\nKubernetes\n")
    lines = cluster.looma("search", "--in", "talents", "--limit", "100", "--queries", str(tmp_path / "queries"))
    answers = [json.loads(line) for line in lines.splitlines()]
    assert [a["query"] for a in answers] == ["k8s 集群", "Kubernetes"]
    assert all({f"{prefix}-ops", f"{prefix}-sre"} <= set(ids(a)) for a in answers)
    cluster.looma("search", "--in", "talents", "--like", "nobody", code=1)

    path = tmp_path / "talents.parquet"
    assert "points of talents" in cluster.looma("index", "backup", "talents", str(path))
    cluster.looma("index", "backup", "talents", str(path), code=1)
    cluster.looma("index", "restore", str(path), code=1)
    assert f"{prefix}-again" in cluster.looma("index", "restore", str(path), "--as", f"{prefix}-again")
    cluster.looma("index", "backup", f"{prefix}-none", str(tmp_path / "x"), code=1)
    assert "m 8" in cluster.looma("index", "tune", f"{prefix}-again", "--m", "8", "--quantization", "none")
    listed = {row["name"]: row for row in json.loads(cluster.looma("index", "list", "--json"))}
    assert listed[f"{prefix}-again"]["points"] == listed["talents"]["points"] > 0
    assert listed["talents"]["sparse"] == ["bm25"]
    assert (listed["talents"]["quantization"], listed[f"{prefix}-again"]["quantization"]) == ("int8", "none")
    assert "jobs is ready" in cluster.looma("index", "create")


TITLES = builtin_task().queries


class Callers:
    """Callers that ask a session without a pause, each time something else, and note when they had which model."""

    def __init__(self, ask: Callable[[Request], Awaitable[Answer]], count: int = 2) -> None:
        self.answers: list[tuple[datetime, str]] = []
        self._ask = ask
        self._over = False
        self._tasks = [asyncio.create_task(self._run(n)) for n in range(count)]

    async def _run(self, caller: int) -> None:
        while not self._over:
            number = 7 * len(self.answers) + caller  # different titles: all models find like ones alike
            text = f"{TITLES[number % len(TITLES)]} {number}"
            answer = await self._ask(Request("talent", text, mode="semantic"))
            self.answers.append((datetime.now(UTC), answer["model"]))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.02)
                assert not any(t.done() for t in self._tasks), await self.end()

    async def end(self) -> None:
        """Stop; a request that failed fails the test here."""
        self._over = True
        await asyncio.gather(*self._tasks)

    def last(self, model: str) -> datetime:
        return max(at for at, found in self.answers if found == model)


@pytest.mark.long
@pytest.mark.usefixtures("worker")
async def test_a_model_is_built_beside_tried_promoted_and_rolled_back_in_seconds(
    cluster, make, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers of both generations take live traffic, callers of two sessions never pause, and no request fails."""
    own, generation, old = tmp_path / "cache", f"m{prefix}", DEFAULT.vector_version
    (own / "models").mkdir(parents=True)
    (own / "models" / MODEL_NAME).symlink_to(ensure_model(cache_dir()))
    monkeypatch.setenv("LOOMA_CACHE_DIR", str(own))
    write_tiny_bert(tmp_path)

    async def looma(*arguments: str, code: int = 0) -> Any:
        out = await asyncio.to_thread(cluster.looma, *arguments, "--json", code=code, LOOMA_CACHE_DIR=str(own))
        return json.loads(out) if out else out

    async def refused(*arguments: str) -> str:
        said: str = await asyncio.to_thread(cluster.refused, *arguments, LOOMA_CACHE_DIR=str(own))
        return said

    for name in ("tiny", "other"):
        (tmp_path / f"{name}.json").write_text(tiny(tmp_path, name=name).model_dump_json())
    new = (await looma("models", "pull", str(tmp_path / "tiny.json")))["vector_version"]
    await looma("models", "pull", str(tmp_path / "other.json"))
    await asyncio.to_thread(
        cluster.publish, [make("job", f"{prefix}-j", JOB), make("talent", f"{prefix}-t", TALENT | {"title": "nurse"})]
    )

    # What cannot be tried is refused, and says why.
    activate, rollout = ("models", "activate"), ("models", "rollout")
    start = (*rollout, "start", "tiny", "--generation", generation, "--requests", "20", "--max-latency", "1000")
    assert "there is no generation" in await refused(*start)
    assert (await looma(*activate, "tiny", "--generation", generation))["begun"]
    assert "behind" in await refused(*start, "--wait", "0"), "nobody builds it yet"
    assert "built with tiny@1" in await refused(*activate, "other", "--generation", generation)
    assert "without a model" in await refused(*activate, "tiny", "--generation", "base")
    assert "built with tiny@1" in await refused(*rollout, "start", "other", "--generation", generation)
    assert "active already" in await refused(*rollout, "start", "tiny", "--generation", "base")
    assert "no model nobody" in await refused(*rollout, "start", "nobody", "--generation", generation)
    assert "no rollout" in await refused(*rollout, "stop")
    await asyncio.to_thread(cluster.worker, generation=generation, cache_dir=own)

    async def state() -> dict[str, Any]:
        found: dict[str, Any] = await looma(*rollout, "status")
        return found

    async def ended() -> dict[str, Any]:
        async with asyncio.timeout(60):
            while (found := await state())["state"] in ("running", "promoting"):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        return found

    async with AsyncExitStack() as sessions:
        opened = [
            await sessions.enter_async_context(search_session(cluster.settings, follow_rollouts=True)) for _ in "ab"
        ]
        callers = [Callers(ask) for ask in opened]

        # In shadow nobody has an answer of a candidate that finds other similarities; by the usual limits it goes.
        begun = await looma(*start, "--mode", "shadow", "--wait", "60")
        assert "tiny@1 is being rolled out" in await refused(*start)
        assert "rolled out with it" in await refused("replay", "drop", generation, "--yes")
        drifted = await ended()
        assert (drifted["id"], drifted["state"]) == (begun["id"], "rolled back")
        assert "score_psi" in drifted["reason"]
        assert drifted["figures"]["requests"] >= 20
        assert {model for c in callers for _, model in c.answers} == {old}

        # With a share of the searches it has answered some of them, until it is rolled back.
        await looma(*start, "--mode", "share", "--share", "0.5")
        gone = await ended()
        assert gone["state"] == "rolled back"
        judged = datetime.fromisoformat(gone["changed_at"])
        await asyncio.sleep(VIEW_SECONDS)
        assert {model for c in callers for _, model in c.answers} == {old, new}
        assert all((at - judged).total_seconds() < 5 for c in callers for at, model in c.answers if model == new)

        # Somebody ends it.
        await looma(*start, "--mode", "share", "--share", "0.5", "--requests", "4000")
        assert (await looma(*rollout, "stop"))["state"] == "stopped"

        # By limits for another family of models it is promoted: the switch that `activate` makes.
        for_others = ("--max-psi", "1000", "--max-shift", "2")
        await looma(*start, "--mode", "share", "--share", "0.2", *for_others)
        promoted = await ended()
        assert promoted["state"] == "promoted", promoted
        for c in callers:
            await c.until(lambda c=c: c.answers[-1][1] == new)
        found = await looma("search", "nurse", "--in", "talents", "--mode", "semantic")
        assert found["model"] == new
        assert f"{prefix}-t" in {hit["id"] for hit in found["hits"]}
        assert any(m["job_id"] == f"{prefix}-j" for m in await looma("matches", "talent", f"{prefix}-t"))

        asked = datetime.now(UTC)
        back = await looma("models", "rollback")
        for c in callers:
            await c.until(lambda c=c: c.answers[-1][1] == old)
            assert (c.last(new) - asked).total_seconds() < 5
            await c.end()
        assert back["generation"] == "base"

    events = [
        (dict(r.headers)["ce_type"].decode(), json.loads(r.value))
        for r in await asyncio.to_thread(cluster.read, MODEL_EVENTS)
    ]
    told: dict[str, list[str]] = {}
    for kind, event in events:
        if kind == "looma.model.rollout":  # in order within each rollout, which is the key
            told.setdefault(event["id"], []).append(event["status"])
    ends = ["rolled back", "rolled back", "stopped", "promoted"]
    assert [told[i] for i in sorted(told)] == [["started", end] for end in ends]
    async with activation.activations(cluster.settings) as following:
        async for event in following:
            if event.epoch == back["epoch"]:
                break

    await asyncio.to_thread(cluster.workers[-1].stop)
    await looma("replay", "drop", generation, "--yes")
    assert await built_with.model_of(cluster.settings, generation) is None, "another model may take its name"
