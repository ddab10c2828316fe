"""docs/guides/add-an-entity.md is followed to the letter in a copy of the code, and its interviews go through it."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "add-an-entity.md").read_text("utf-8")
PACKAGES = ("schemas", "processors", "sinks", "connectors", "streams", "ops")
LARGE = 256 * 1024
DIFFS = re.findall(r"^```diff\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SAMPLES = re.findall(r"`(schemas/samples/\S+)`:\n\n```json\n(.*?)```", GUIDE, re.DOTALL)

FOLLOWED = """
import json
from datetime import UTC, datetime, timedelta

from connectors.headers import recognise
from connectors.message import build_message
from ops.backup.backup import STORED
from ops.reference import topics
from ops.runtime.traces import SpanRecord, missing_hops
from processors.privacy import Person, is_about, people_of
from processors.sync.conflicts import conflicts_of, decide
from processors.sync.merge import State, apply, survivors
from processors.sync.policy import DEFAULT
from schemas.entities import ENTITIES, MODELS, EntitySpec
from schemas.events import decode, encode
from schemas.export import asyncapi, documents
from schemas.records import SourceRecord
from schemas.topics import PIPELINE, TOPIC, TOPICS
from sinks.indexes import INDEXES
from sinks.people import people_in, records_of
from streams import pipeline
from streams.decoding import stages_to_read
from streams.delivery import Inbound, is_of
from streams.generations.generation import Generation

assert ENTITIES[-1] == "interview"
Interview = MODELS["interview"]

# Topics, stages, indexes, generations
assert TOPIC["interview-events"].is_personal and TOPIC["interview-records"].compacted
assert "interview-events" in PIPELINE
assert "interview-records" not in PIPELINE, "no stage reads it, so nobody would commit its offsets"
assert pipeline.SYNC["sync interview"] == "interview-events"
assert "interview-records-g2" in {spec.name for spec in Generation("g2").specs()}
assert [index.document["name"] for index in INDEXES["interviews"]] == ["conflicts"]
assert "interviews" in STORED

# Schemas
files = documents()
assert json.loads(files["interview.json"])["$id"] == "urn:looma:interview:1"
assert "`interview-records`" in topics.page()
assert {"looma.interview.upserted", "looma.interview.deleted"} <= asyncapi()["components"]["messages"].keys()
assert "interview" in json.loads(files["conflict.json"])["properties"]["entity"]["enum"]

# Columns
assert recognise("面试时间", "interview") == recognise("面试时间", None) == "at"
assert recognise("候选人编号", None) == "id", "what other entities' tables mean stays as it is"

# From the message to the record
hour = datetime(2026, 3, 2, tzinfo=UTC)
def event(fields, source="hr", hours=0):
    message = build_message("interview", "i-1", fields, source=source, time=hour + timedelta(hours=hours))
    return message, decode("interview", message.key, message.value, message.headers)
one, first = event(Interview(talent_id="t-1", interviewers=["李娜"], outcome="passed"))
two, second = event({"talent_id": "t-1", "interviewers": ["Ann"], "outcome": "failed"}, "zervigo", 1)
assert one.topic == "interview-events"
assert encode(first)[1] == one.value
merged = survivors(apply(State(), [first, second]), DEFAULT)
assert merged.fields == {"talent_id": "t-1", "interviewers": ["Ann", "李娜"], "outcome": "failed"}
record = SourceRecord("interview", "i-1", 1, False, merged.fields, merged.provenance)
assert SourceRecord.from_json(record.to_json()) == record
gone = SourceRecord("interview", "i-1", 2, True, {}, {})
assert SourceRecord.from_json(gone.to_json()) == gone
(conflict,) = (c for c in conflicts_of(merged, DEFAULT) if c.undecided)
said = decide(conflict, "interview", "i-1", "passed", hour, {"talent_id": "t-1"})
assert decode("interview", *encode(said)).fields == {"talent_id": "t-1", "outcome": "passed"}
try:
    event({"outcome": "passed"})
except ValueError as error:
    assert "talent_id" in str(error)
else:
    raise AssertionError("an event that does not tell whose it is")

# Whose it is
her, him = Person("t-1", records=frozenset({("interview", "i-1")})), Person("t-2")
for topic, value in (("interview-events", one.value), ("interview-records", record.to_json())):
    assert people_of(topic, b"i-1", value) == {"t-1"}
    assert people_of(topic, b"i-1", b"{}") == people_of(topic, b"i-1", None) == frozenset()
    assert people_of(topic, b"i-1", b'{"outcome": "passed"}') is None
    assert is_about(topic, b"i-1", value, [], her) and not is_about(topic, b"i-1", value, [], him)
    letter = [("dlq_topic", topic.encode())]
    assert is_about("dead-letters", b"i-1", value, letter, her)
    inbound = Inbound(f"{topic}-g2", 0, 0, b"i-1", value, [], 0.0)
    assert is_of(inbound, {"t-1"}) and not is_of(inbound, {"t-2"})
notice = json.dumps({"entity": "interview", "entity_id": "i-1"}).encode()
assert is_about("sync-conflicts", b"i-1", notice, [], her) and not is_about("sync-conflicts", b"i-1", notice, [], him)
document = {"_id": "i-1", "contributions": [{"field": "talent_id", "value": v} for v in ("t-1", "t-3", None)]}
assert people_in("interview", document) == {"t-1", "t-3"}
assert "interview" in records_of("t-1")
try:
    EntitySpec("interview", "interviews", Interview, person="outcome")
except ValueError as error:
    assert "must be a required field" in str(error)
else:
    raise AssertionError("an event could leave out whose it is")

# Traces, and what reads kept messages
def span(name, **attributes):
    return SpanRecord("t", name, "", name, "looma", 0, 1, attributes, (), False)
from schemas import semconv
root = span("process interview-events", **{semconv.OUTCOME: "applied"})
assert missing_hops([root]) == ["bulkWrite interviews", "publish interview-records"]
message = Inbound("interview-events", 0, 0, one.key, one.value, list(one.headers), hour.timestamp())
assert stages_to_read(DEFAULT)["interview-events"].decode(message).id == "i-1"
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages with the guide's changes."""
    folder = tmp_path_factory.mktemp("tree")

    def put(source: str, target: str) -> None:
        (os.symlink if os.path.getsize(source) > LARGE else shutil.copyfile)(source, target)

    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored, copy_function=put)
    for diff in DIFFS:
        done = subprocess.run(
            ["git", "apply", "--recount", "-"], cwd=folder, input=diff, text=True, capture_output=True
        )
        assert done.returncode == 0, f"the guide's block does not fit the code any more:\n{diff}\n{done.stderr}"
    for name, text in SAMPLES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


Run = Callable[..., str]


@pytest.fixture
def python(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs Python on the copy; every process of the test does so."""
    monkeypatch.setenv("PYTHONPATH", str(tree))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # else the working folder would come first

    def run(*arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tree,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_it_takes_few_files() -> None:
    changed = re.findall(r"^\+\+\+ b/(\S+)$", "\n".join(DIFFS), re.MULTILINE)
    assert 1 <= len(set(changed)) <= 4
    assert len(SAMPLES) == 1


def test_everything_follows(python: Run) -> None:
    python("-c", FOLLOWED)


def test_commands_know_it(python: Run) -> None:
    for command in (["publish"], ["sync", "run"], ["sync", "verify"], ["conflicts", "list"]):
        assert "company|interview" in python("-m", "ops.cli", *command, "--help", COLUMNS="200")
    assert "interview-events" in python("-m", "ops.cli", "replay", "--help", COLUMNS="200")


def test_the_promises_to_every_entity_are_kept(tree: Path, python: Run) -> None:
    shutil.copytree(ROOT / "tests" / "schemas", tree / "tests" / "schemas", dirs_exist_ok=True)
    python("-m", "ops.reference", str(tree / "docs"))
    assert "failed" not in python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/schemas")


def test_an_interview_is_merged_published_verified_and_forgotten_with_its_talent(
    cluster: Any, prefix: str, python: Run, tmp_path: Path
) -> None:
    def looma(*arguments: str) -> str:
        return python("-m", "ops.cli", *arguments, **cluster.environment)

    def stored() -> dict[str, Any]:
        return {d["_id"]: d["fields"] for d in cluster.documents("interviews", {"_id": {"$regex": f"^{prefix}"}})}

    def heard(topic: str) -> set[str]:
        return {r.key.decode() for r in cluster.read(topic) if r.value and prefix.encode() in r.value}

    def publish(*rows: str) -> None:
        file = tmp_path / f"{time.monotonic_ns()}.csv"
        file.write_text("\n".join(["编号,面试候选人编号,面试时间,面试官,面试结果", *rows]) + "\n", "utf-8")
        looma("publish", "--entity", "interview", "--source", "hr", str(file))
        cluster.drained(("interview-events",))

    assert "created" in looma("topics", "apply")
    looma("indexes", "apply")
    cluster.worker("--sync-only")
    one, two, late = (f"{prefix}-i{n}" for n in (1, 2, 3))
    publish(
        f"{one},{prefix}-t1,2026-03-02T14:00:00+08:00,李娜;Ann,passed",
        f"{two},{prefix}-t2,2026-03-03T14:00:00+08:00,李娜,failed",
    )
    assert stored()[one] == {
        "talent_id": f"{prefix}-t1",
        "at": "2026-03-02T14:00:00+08:00",
        "interviewers": ["李娜", "Ann"],
        "outcome": "passed",
    }
    assert heard("interview-records") == {one, two}
    assert json.loads(looma("sync", "verify", "--entity", "interview", "--json"))["consistent"]

    looma("forget", "--yes", f"{prefix}-t1")
    publish(f"{late},{prefix}-t1,2026-03-04T14:00:00+08:00,李娜,passed")
    assert stored().keys() == {two}
    assert heard("interview-records") == {two}
    assert heard("interview-events") == {two, late}, "what comes late is passed over, and goes with the next forget"
