"""A stage says whether it has work, when it last got anywhere, and what holds it back."""

import pytest

from streams import progress as module
from streams.progress import Outage, Progress


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_stage_without_work_never_stalls(clock) -> None:
    stage = Progress("s", "t")
    clock[0] += 1000
    assert stage.stalled_seconds == stage.silent_seconds == 0
    stage.received()
    assert stage.stalled_seconds == 0, "it has only just been given work"


def test_work_without_progress_stalls_and_a_retry_is_a_sign_of_life(clock) -> None:
    stage = Progress("s", "t")
    stage.received()
    stage.received()
    clock[0] += 50
    stage.held_back("batch", "ServerSelectionTimeoutError", "2026-01-05T16:00:00Z")
    clock[0] += 20
    assert stage.stalled_seconds == 70
    assert stage.silent_seconds == 20
    assert stage.to_dict()["held_back_by"] == "ServerSelectionTimeoutError"
    assert stage.to_dict()["held_back_since"] == "2026-01-05T16:00:00Z"
    stage.released("batch")
    stage.handled(1)
    clock[0] += 5
    assert stage.stalled_seconds == stage.silent_seconds == 5
    assert stage.to_dict() | {"last_progress": 0} == {
        "topic": "t",
        "queued": 1,
        "last_progress": 0,
        "stalled_seconds": 5,
        "held_back_by": None,
        "held_back_since": None,
    }


def test_what_is_fetched_again_is_not_waited_for_twice(clock) -> None:
    stage = Progress("s", "t")
    stage.received()
    stage.dropped()
    clock[0] += 99
    assert stage.stalled_seconds == 0


def test_a_batch_that_is_held_back_shows_while_other_partitions_get_on(clock) -> None:
    stage = Progress("s", "t")
    stage.received()
    stage.held_back("poison", "WriteError", "2026-01-05T16:00:00Z")
    for _ in range(10):
        stage.received()
        clock[0] += 10
        stage.held_back("poison", "WriteError", "2026-01-05T16:00:00Z")
        stage.handled(1)
    assert stage.stalled_seconds == 100
    assert stage.silent_seconds == 0
    shown = stage.to_dict()
    assert (shown["held_back_by"], shown["held_back_since"]) == ("WriteError", "2026-01-05T16:00:00Z")
    stage.released("poison")
    assert stage.stalled_seconds == 0
    assert stage.to_dict()["held_back_by"] is None


def test_a_stage_that_hangs_is_silent_though_a_partition_of_it_waits_for_a_key(clock) -> None:
    stage = Progress("s", "t")
    stage.received()
    for _ in range(10):
        clock[0] += 10
        stage.waits("sealed", "NoKeyError", "2026-01-05T16:00:00Z")
    assert stage.silent_seconds == 100
    assert stage.held_back_by == "NoKeyError"
    assert stage.stalled_seconds == 100


def test_while_no_broker_answers_a_stage_with_work_waits_for_it_and_is_alive(clock) -> None:
    busy, idle, outage = Progress("busy", "t"), Progress("idle", "t"), Outage()
    busy.received()
    for _ in range(10):
        clock[0] += 100
        outage.note((busy, idle), is_answering=False)
    assert busy.silent_seconds == 0, "it is not ended for that"
    assert busy.stalled_seconds == 1000, "and is not ready"
    assert busy.held_back_by == "KafkaConnectionError"
    assert busy.held_back_since
    assert (idle.held_back_by, idle.stalled_seconds) == (None, 0)
    outage.note((busy, idle), is_answering=True)
    assert busy.held_back_by is None
    clock[0] += 301
    assert busy.silent_seconds == 301, "from here on it is the stage's own silence"
