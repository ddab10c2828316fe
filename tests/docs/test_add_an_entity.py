"""docs/guides/add-an-entity.md is followed to the letter in a copy of the code; what it promises follows."""

import re
import shutil

import pytest

from tests.support.guided_copy import DIFFS, ROOT, SAMPLES, GuidedCopy

pytestmark = pytest.mark.slow

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
assert [index.document["name"] for index in INDEXES["interviews"]] == ["conflicts", "deleted"]
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
def copy(tmp_path_factory: pytest.TempPathFactory) -> GuidedCopy:
    return GuidedCopy(tmp_path_factory.mktemp("copy"))


def test_it_takes_few_files() -> None:
    changed = re.findall(r"^\+\+\+ b/(\S+)$", "\n".join(DIFFS), re.MULTILINE)
    assert 1 <= len(set(changed)) <= 4
    assert len(SAMPLES) == 1


def test_everything_follows(copy: GuidedCopy) -> None:
    copy.python("-c", FOLLOWED)


def test_commands_know_it(copy: GuidedCopy) -> None:
    for command in (["publish"], ["sync", "verify"]):
        assert "company|interview" in copy.python("-m", "ops.cli", *command, "--help", COLUMNS="200")
    assert "interview-events" in copy.python("-m", "ops.cli", "replay", "--help", COLUMNS="200")


def test_the_promises_to_every_entity_are_kept(copy: GuidedCopy) -> None:
    shutil.copytree(ROOT / "tests" / "schemas", copy.folder / "tests" / "schemas", dirs_exist_ok=True)
    copy.python("-m", "ops.reference", str(copy.folder / "docs"))
    asked = [f"tests/schemas/test_{name}.py" for name in ("entities", "versions", "export", "topic_catalogue")]
    assert "failed" not in copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", *asked)
