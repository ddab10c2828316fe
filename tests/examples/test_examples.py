"""Every script of examples/ does what it says, on the real stack."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.messages import Match
from schemas.topics import RECORDS

EXAMPLES = Path(__file__).parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))
from custom_stage import shortlisted  # noqa: E402


@pytest.fixture(scope="module")
def published(module_cluster):
    """The stack after examples/publish.py and a worker that has handled it."""
    before = datetime.now(UTC)
    said = example(module_cluster, "publish.py")
    worker = module_cluster.worker()
    module_cluster.drained()
    assert len(said.splitlines()) == 3
    assert worker.stop() == 0
    return module_cluster, before


def process(cluster, name: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(EXAMPLES / name), *arguments],
        env={**os.environ, **cluster.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def example(cluster, name: str, *arguments: str) -> str:
    running = process(cluster, name, *arguments)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    return out


def test_what_is_published_is_a_record_and_a_match_that_subscribers_get(published) -> None:
    cluster, _ = published
    (talent,) = cluster.documents("talents", {"_id": "example-t1"})
    assert talent["fields"]["title"] == "高级后端工程师"
    out = example(cluster, "subscribe.py", "1")
    assert "active example-t1 example-j1: " in out


def test_a_sink_of_ones_own_has_every_message_once(published, tmp_path: Path) -> None:
    cluster, _ = published
    for _ in range(2):
        example(cluster, "custom_sink.py", str(tmp_path / "looma.db"))
    kept = {(r.partition, r.offset, r.value.decode()) for r in cluster.read(RECORDS["talent"])}
    with sqlite3.connect(tmp_path / "looma.db") as database:
        query = "SELECT partition, offset, json FROM messages WHERE topic = ?"
        assert set(database.execute(query, (RECORDS["talent"],))) == kept


def test_a_stage_of_ones_own_keeps_its_list(published) -> None:
    cluster, _ = published
    cluster.publish([("match-results", b"t|j", b"{", [])])
    running = process(cluster, "custom_stage.py")
    deadline = time.monotonic() + 120
    while not cluster.documents("shortlist", {}) or not cluster.read("dead-letters"):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.2)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert [d["_id"] for d in cluster.documents("shortlist", {})] == ["example-t1|example-j1"]
    (letter,) = cluster.read("dead-letters")
    assert dict(letter.headers)["dlq_reason"] == b"invalid_json"


def test_a_record_is_replayed_as_it_was(published) -> None:
    cluster, before = published
    now = json.loads(example(cluster, "replay.py", "talent", "example-t1"))
    (stored,) = cluster.documents("talents", {"_id": "example-t1"})
    assert now == stored["fields"]
    assert json.loads(example(cluster, "replay.py", "talent", "example-t1", before.isoformat())) == {}


def test_the_rule_of_the_shortlist() -> None:
    def match(score: float, status: str = "active", job: str = "j-1") -> Match:
        return Match.model_validate(
            {"talent_id": "t-1", "job_id": job, "talent_revision": 1, "job_revision": 1, "status": status}
            | {"score": score, "language": "zh", "features": [], "model": "m"}
        )

    good, poor = match(0.9), match(0.5)
    assert shortlisted([poor, good]) == {"t-1|j-1": good}
    assert shortlisted([good, poor]) == {"t-1|j-1": None}
    assert shortlisted([good, match(0.9, "withdrawn")]) == {"t-1|j-1": None}
    assert set(shortlisted([good, match(0.8, job="j-2")])) == {"t-1|j-1", "t-1|j-2"}


def test_every_example_is_run() -> None:
    text = Path(__file__).read_text("utf-8")
    text += (Path(__file__).parents[1] / "integration" / "test_sealed_topics.py").read_text("utf-8")
    assert [e.name for e in EXAMPLES.glob("*.py") if f'"{e.name}"' not in text] == []
