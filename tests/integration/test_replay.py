"""Replay in place and by generations, on a stack of its own, with live traffic going on."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ops.replay.checkpoint import load, replays_dir
from ops.runtime.telemetry import traces_dir
from ops.runtime.traces import read_spans
from processors.sync.policy import load_policy
from schemas.chain import REPLAY
from schemas.entities import ENTITIES
from schemas.feedback import pair_id
from schemas.topics import DEAD_LETTERS, EVENTS, MATCH_RESULTS, RECORDS
from sinks.matches import MATCHES
from sinks.mongodb import COLLECTIONS
from streams.generations.database import active_database, base_database
from streams.generations.generation import REGISTRY, Active, read_active
from streams.generations.sink import EPOCH
from streams.generations.switching import statuses
from tests.support.cluster import Cluster, run_looma, running_cluster

COMMAND = (sys.executable, "-m", "ops.cli", "replay")
TITLES = ("后端工程师", "高级后端工程师", "Data Engineer")
SKILLS = ("Python", "Kafka", "Go", "SQL")
HISTORY = 12  # entities of each side in the histories of the generations' tests
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A stack of the test's own: what is replayed is what it published."""
    with running_cluster(tmp_path_factory.mktemp("replay"), "looma-replay-test", 3) as cluster:
        yield cluster
        cluster.stop_workers()


def replay(cluster: Cluster, *arguments: str, code: int = 0, **environment: object) -> Any:
    """Run `looma replay`; return what it prints as JSON."""
    settings = {f"LOOMA_{k.upper()}": str(v) for k, v in environment.items()}
    done = run_looma({**cluster.environment, **settings}, "replay", *arguments)
    assert done.code == code, done.stdout + done.stderr
    return json.loads(done.stdout) if "--json" in arguments and done.stdout else done.stderr


def killed(
    cluster: Cluster, seconds: float, *arguments: str, when: Callable[[], bool] = lambda: False, **environment: object
) -> int | None:
    """Begin `looma replay` and kill it -9 after some seconds or `when`; return its exit code, None if it was killed."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**cluster.environment, **{f"LOOMA_{k.upper()}": str(v) for k, v in environment.items()}},
    )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not when():
        if process.poll() is not None:
            return process.returncode
        time.sleep(0.05)
    process.kill()
    process.wait(10)
    return None


SWITCHED_AND_KILLED = """
import os, signal
from ops.cli import main
from streams.generations import switching

async def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

switching._announce = killed
main(["replay", "switch", "g2"])
"""


def pointer(cluster: Cluster) -> Active:
    async def find() -> Active:
        async with base_database(cluster.settings) as base:
            return await read_active(base)

    return asyncio.run(find())


def history(make: Callable[..., Any], prefix: str, seed: int) -> list[Any]:
    """Return events of talents, jobs and companies by three systems, shuffled, some repeated, deleted, or not yet due."""
    draw = random.Random(seed)
    events = []
    for number in range(HISTORY):
        talent, job, company = f"{prefix}-t{number}", f"{prefix}-j{number % 10}", f"{prefix}-c{number % 5}"
        for minute, source in enumerate(("crm", "zervigo", "resume")):
            fields = {
                "title": draw.choice(TITLES),
                "status": "active",
                "skills": [{"name": s, "years": draw.randint(1, 9)} for s in draw.sample(SKILLS, 2)],
                "emails": [f"{source}{number}@example.com"],
                "years_experience": draw.randint(1, 15),
                "locations": ["上海"],
            }
            chosen = dict(draw.sample(sorted(fields.items()), 4))
            events.append(make("talent", talent, chosen, source=source, minute=minute + draw.randint(0, 500)))
        opening = {"title": draw.choice(TITLES), "status": "open", "skills": [{"name": draw.choice(SKILLS)}]}
        events.append(make("job", job, {**opening, "locations": ["上海"]}, minute=number))
        events.append(make("company", company, {"name": f"公司{number % 7}"}, source="crm", minute=number))
        if number % 9 == 0:
            events.append(make("talent", talent, {}, action="deleted", minute=draw.randint(0, 500)))
            events.append(make("talent", talent, {"title": "from the future"}, minute=100 * 365 * 24 * 60))
    draw.shuffle(events)
    return events + draw.sample(events, 30)


@contextmanager
def traffic(cluster: Cluster, make: Callable[..., Any], prefix: str) -> Iterator[list[int]]:
    """Publish some events a second, in the background, until the block ends."""
    over, sent = threading.Event(), [0]

    def publish() -> None:
        draw = random.Random(1)
        while not over.wait(0.3):
            sent[0] += 1
            fields = {"title": draw.choice(TITLES), "years_experience": draw.randint(1, 15)}
            cluster.publish([make("talent", f"{prefix}-t{draw.randrange(HISTORY)}", fields, minute=1000 + sent[0])])

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join(30)


def generation(cluster: Cluster, name: str, *arguments: str, **settings: object) -> Any:
    """Start a generation's worker."""
    return cluster.worker(*arguments, worker__generation=name, **settings)


def caught_up(cluster: Cluster, *names: str, topics: tuple[str, ...] | None = None) -> None:
    """Wait until generations have nothing left to do, seen twice in a row."""
    deadline, quiet = time.monotonic() + 300, 0
    while quiet < 2:
        found = {g.name: g.lag for g in asyncio.run(statuses(cluster.settings))}
        lag = {n: {t: v for t, v in found[n].items() if topics is None or t in topics} for n in names}
        quiet = 0 if any(sum(v.values()) for v in lag.values()) else quiet + 1
        assert time.monotonic() < deadline, f"{lag}\n{cluster.logs()}"
        time.sleep(0.3)


def stored(cluster: Cluster, prefix: str, suffix: str = "") -> dict[str, bytes]:
    """Return every record of a test as bytes, all of it but the revision, which depends on the events' order."""

    async def find() -> dict[str, bytes]:
        found = {}
        async with base_database(cluster.settings) as base:
            database = base.client.get_database(base.name + suffix)
            for entity in ENTITIES:
                async for document in database[COLLECTIONS[entity]].find(
                    {"_id": {"$gte": prefix, "$lt": prefix + "~"}}
                ):
                    assert document.pop("revision") >= 1
                    document["contributions"].sort(key=lambda c: (c["field"], c["source"]))  # a set, kept as a list
                    found[f"{entity} {document['_id']}"] = json.dumps(document, ensure_ascii=False).encode()
        return found

    return asyncio.run(find())


def active_matches(cluster: Cluster) -> dict[str, float]:
    async def find() -> dict[str, float]:
        async with active_database(cluster.settings) as database:
            return {
                pair_id(page["talent_id"], match["job_id"]): match["score"]
                async for page in database[MATCHES].find({})
                for match in page["matches"]
            }

    return asyncio.run(find())


def heard(cluster: Cluster) -> dict[str, float]:
    """Return the active matches as a consumer knows them: an id once, the newest by epoch and revisions."""
    known: dict[str, tuple[tuple[int, int, int], str, float]] = {}
    seen: set[str] = set()
    for message in cluster.read(MATCH_RESULTS):
        headers = {n: v.decode() for n, v in message.headers}
        if headers["ce_id"] in seen:
            continue
        seen.add(headers["ce_id"])
        value, key = json.loads(message.value), message.key.decode()
        age = int(headers.get(EPOCH, "0")), value["talent_revision"], value["job_revision"]
        if key not in known or age >= known[key][0]:
            known[key] = (age, value["status"], value["score"])
    return {key: score for key, (_, status, score) in known.items() if status == "active"}


@pytest.mark.long
def test_a_replay_in_place_continues_after_kill_9_and_has_its_effects_once(
    live: Cluster, make: Callable[..., Any], prefix: str, tmp_path: Path
) -> None:
    text = Path("processors/sync/policy.toml").read_text("utf-8")
    changed = tmp_path / "policy.toml"
    changed.write_text(text.replace('[["crm", "zervigo", "*"], ["resume"]', '[["resume"], ["crm", "zervigo", "*"]'))
    number = 500
    ids = [f"{prefix}-{n}" for n in range(number)]
    worker = live.worker("--sync-only")
    live.publish([make("talent", i, {"title": "Data Engineer"}, source="crm") for i in ids])
    live.publish([make("talent", i, {"title": "Staff Engineer"}, source="resume", minute=5) for i in ids])
    bad = ("talent-events", b"broken", b"{", [(n, v) for n, v in make("talent", "broken", {})[3]])
    live.publish([bad])
    parent = ("traceparent", f"00-{TRACE_ID}-00f067aa0ba902b7-01".encode())
    topic, key, value, headers = make("talent", ids[0], {"title": "Staff Engineer"}, source="resume", minute=6)
    live.publish([(topic, key, value, [*headers, parent])])
    live.drained((EVENTS["talent"],))
    worker.stop()
    letters = len(live.read(DEAD_LETTERS))
    before = {d["_id"]: d["revision"] for d in live.documents("talents", {})}
    events = 2 * number + 2

    common = ("--from-beginning", "--topic", EVENTS["talent"])
    plan = replay(live, *common, "--source", "resume", "--dry-run", "--json")
    assert plan["selected"] == number + 1
    assert plan["passed_over"] == number + 1
    assert not replays_dir(live.settings).exists() or not list(replays_dir(live.settings).glob("*.json"))

    worker = live.worker("--sync-only", sync__policy=changed)
    run = (*common, "--run", "r1", "--rate", "250/s")
    begun = partial(load, replays_dir(live.settings), "r1")
    assert killed(live, 60, *run, when=lambda: begun() is not None, sync_policy=changed) is None
    halfway = begun()
    assert halfway
    assert 0 < halfway.selected < events - 1
    assert not halfway.finished
    replay(live, *common, "--run", "r1", "--key", ids[0], code=1)  # another selection under the same name
    with traffic(live, make, f"{prefix}-live") as sent:
        done = replay(live, "--run", "r1", "--json", code=1, sync_policy=changed)
    assert done["finished"]
    assert done["rejected"] == 1
    assert done["selected"] == events - 1
    assert done["outcomes"]["unchanged"] >= number
    live.drained((EVENTS["talent"],))
    after = {d["_id"]: d for d in live.documents("talents", {})}
    assert len([i for i in after if i.startswith(f"{prefix}-live")]) > 0, sent
    for i in ids:
        assert after[i]["fields"]["title"] == "Staff Engineer"
        assert after[i]["policy"] == load_policy(changed).version
        assert after[i]["revision"] == before[i] + 1, "the effect is there once"
    marked: dict[str, set[bytes]] = {}
    for message in live.read(RECORDS["talent"]):
        found = dict(message.headers)
        if found.get(REPLAY) == b"r1":
            marked.setdefault(message.key.decode(), set()).add(found["ce_id"])
    assert marked.keys() == set(ids)
    assert {len(v) for v in marked.values()} == {1}, "a second delivery has the same id"
    assert len(live.read(DEAD_LETTERS)) == letters, "what was rejected then is not reported again"
    spans = [s for s in read_spans(traces_dir(live.settings)) if TRACE_ID in s.links]
    assert any(s.name == f"replay {EVENTS['talent']}" and s.trace_id != TRACE_ID for s in spans)

    again = replay(live, "--from-beginning", "--key", ids[0], "--json", sync_policy=changed)
    assert again["outcomes"] == {"unchanged": 3}
    replay(live, "--run", "none", code=1)
    replay(live, code=2)
    replay(live, "--from", "yesterday", code=2)


def test_a_new_generation_is_identical_and_switch_and_rollback_lose_nothing(
    live: Cluster, make: Callable[..., Any], prefix: str
) -> None:
    live.worker()
    live.publish(history(make, prefix, 1))
    live.drained()
    replay(live, "start", "BAD", code=1)
    replay(live, "start", "g2")
    replay(live, "start", "g2", code=1)
    replay(live, "switch", "g3", code=1)
    replay(live, "switch", "g2", "--wait", "0", code=1)
    replay(live, "rollback", code=1)
    assert replay(live, "status", "--json")["active"] == "base"
    letters, conflicts = len(live.read(DEAD_LETTERS)), len(live.read("sync-conflicts"))
    with traffic(live, make, prefix):
        generation(live, "g2")
        time.sleep(1)
    caught_up(live, "base", "g2")
    assert stored(live, prefix) == stored(live, prefix, "-g2")
    assert b"from the future" not in b"".join(stored(live, prefix).values())
    assert len(live.read(DEAD_LETTERS)) == letters, "only the active generation is heard"
    refused = {(dict(m.headers)["dlq_reason"], m.key) for m in live.read(f"{DEAD_LETTERS}-g2")}
    assert (
        {key for reason, key in refused if reason == b"clock_skew"}
        == {m.key for m in live.read(DEAD_LETTERS) if dict(m.headers)["dlq_reason"] == b"clock_skew"}
        != set()
    )
    assert len(live.read("sync-conflicts")) == conflicts
    assert live.read(f"{MATCH_RESULTS}-g2")
    assert heard(live) == active_matches(live) != {}

    with traffic(live, make, prefix):
        assert killed(live, 0.9, "switch", "g2") is None
        assert pointer(live).generation == "base", "killed before the switch, nothing has happened"
        switching = [sys.executable, "-c", SWITCHED_AND_KILLED]
        assert subprocess.run(switching, env=live.environment, timeout=120, check=False).returncode == -signal.SIGKILL
        assert pointer(live).generation == "g2"
        assert not pointer(live).announced, "killed after it, the same command does what is left"
        replay(live, "rollback", code=1)
        replay(live, "drop", "base", code=1)
        assert replay(live, "switch", "g2", "--json")["active"] == "g2"
        deadline = time.monotonic() + 60
        while not any(dict(m.headers).get(EPOCH) == b"1" for m in live.read(MATCH_RESULTS)):
            assert time.monotonic() < deadline, "the new generation is not heard"
            time.sleep(0.3)
    caught_up(live, "base", "g2")
    status = replay(live, "status", "--json")
    assert (status["active"], status["previous"], status["epoch"], status["announced"]) == ("g2", "base", 1, True)
    assert stored(live, prefix) == stored(live, prefix, "-g2")
    assert heard(live) == active_matches(live)
    talent = next(iter(active_matches(live))).partition("|")[0]
    assert json.loads(live.looma("matches", "talent", talent, "--json"))
    replay(live, "drop", "g2", code=1)

    with traffic(live, make, prefix):
        assert replay(live, "rollback", "--json")["active"] == "base"
    caught_up(live, "base", "g2")
    assert heard(live) == active_matches(live)
    assert replay(live, "status", "--json")["epoch"] == 2

    live.workers[-1].stop()
    plan = replay(live, "drop", "g2", "--json")
    assert not plan["dropped"]
    assert stored(live, prefix, "-g2")
    replay(live, "drop", "g2", "--yes")
    assert stored(live, prefix, "-g2") == {}
    assert [g["name"] for g in replay(live, "status", "--json")["generations"]] == ["base"]
    replay(live, "drop", "g2", code=1)
    replay(live, "rollback", code=1)
    assert stored(live, prefix), "the active generation is untouched"
    audited = {json.loads(record.value)["action"] for record in live.read("audit")}
    assert {f"generation.{done}" for done in ("started", "switched", "rolled_back", "dropped")} <= audited


@pytest.mark.long
def test_a_fix_is_rolled_out_without_a_half_state(
    live: Cluster, make: Callable[..., Any], prefix: str, tmp_path: Path
) -> None:
    """The fix in the merge is played by a changed survivorship policy: every record of this test changes."""
    text = Path("processors/sync/policy.toml").read_text("utf-8")
    fixed = tmp_path / "policy.toml"
    fixed.write_text(text.replace('[["crm", "zervigo", "*"], ["resume"]', '[["resume"], ["crm", "zervigo", "*"]'))
    ids = [f"{prefix}-{n}" for n in range(200)]
    live.worker("--sync-only", worker__generation="base")
    live.publish([make("talent", i, {"title": "wrong"}, source="crm") for i in ids])
    live.publish([make("talent", i, {"title": "right"}, source="resume", minute=5) for i in ids])
    live.drained((EVENTS["talent"],))
    replay(live, "start", "fix")
    generation(live, "fix", "--sync-only", sync_policy=fixed)
    caught_up(live, "base", "fix", topics=tuple(EVENTS.values()))
    titles: list[set[str]] = []
    over = threading.Event()

    async def read() -> None:
        while not over.is_set():
            async with active_database(live.settings) as database:
                query = {"_id": {"$in": ids}}
                found = [d["fields"]["title"] async for d in database["talents"].find(query, {"fields.title": 1})]
            assert len(found) == len(ids)
            titles.append(set(found))
            await asyncio.sleep(0.02)  # the server has two cores, and others ask it too

    reader = threading.Thread(target=lambda: asyncio.run(read()))
    reader.start()
    try:
        time.sleep(0.5)
        replay(live, "switch", "fix", "--force")
        replay(live, "rollback", "--force")
        replay(live, "switch", "fix", "--force")
        time.sleep(0.5)
    finally:
        over.set()
        reader.join(30)
    assert {frozenset(t) for t in titles} == {frozenset({"wrong"}), frozenset({"right"})}, "never a mixture"
    assert titles[0] == {"wrong"}
    assert titles[-1] == {"right"}
    assert pointer(live).generation == "fix"
    new = live.worker("--sync-only", sync__policy=fixed)  # no generation said: the active one
    assert "looma-replay-test-fix" in new.log.read_text()


def test_a_generation_that_has_no_topics_yet_is_shown(live: Cluster) -> None:
    """As a start that was interrupted leaves it."""

    async def seen() -> int:
        async with base_database(live.settings) as base:
            await base[REGISTRY].insert_one({"_id": "half", "state": "started"})
            found = {g.name: g for g in await statuses(live.settings)}
            await base[REGISTRY].delete_one({"_id": "half"})
        return found["half"].dead_letters

    assert asyncio.run(seen()) == 0
