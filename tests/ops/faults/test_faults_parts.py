"""The load, the schedule and the recovery times of a run under fire."""

from itertools import islice
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.faults.history import Place, Work
from ops.faults.load import POISON, SOURCES, load
from ops.faults.recovery import recovery_ms
from ops.faults.schedule import KINDS, PAUSES, QUIET_END, QUIET_START, Kind, schedule
from schemas.errors import BadMessageError
from schemas.events import decode

# Load


def test_a_seed_gives_the_same_load_always() -> None:
    assert list(islice(load(5), 500)) == list(islice(load(5), 500))
    assert list(islice(load(5), 500)) != list(islice(load(6), 500))


def test_the_load_is_what_it_says() -> None:
    messages = list(islice(load(5), 5000))
    events, reasons = [], set()
    for message in messages:
        try:
            events.append(decode("talent", message.key, message.value, message.headers))
        except BadMessageError as error:
            reasons.add(error.code)
    assert reasons == set(POISON)
    assert {e.envelope.source for e in events} == set(SOURCES)
    assert 0.01 < sum(e.action == "deleted" for e in events) / len(events) < 0.06
    ids = [e.envelope.id for e in events]
    assert 0.05 < 1 - len(set(ids)) / len(ids) < 0.15
    times = [e.envelope.time for e in events]
    assert times != sorted(times)
    by_source = [e.envelope.time for e in events if e.envelope.source == "import"]
    assert by_source != sorted(by_source)


@pytest.mark.parametrize("reason", POISON)
def test_poison_is_refused_for_its_reason(reason: str) -> None:
    for message in islice(load(1), 50):
        if message.envelope is None:
            continue  # spoiled already
        poison = POISON[reason](message)
        with pytest.raises(BadMessageError) as caught:
            decode("talent", poison.key, poison.value, poison.headers)
        assert caught.value.code == reason


# Schedule


ENOUGH = int(QUIET_START + PAUSES[1] * len(get_args(Kind)) + QUIET_END)


@given(st.integers(), st.integers(min_value=ENOUGH, max_value=900))
def test_a_schedule_has_every_kind_and_lies_within_the_load(seed: int, seconds: int) -> None:
    faults = schedule(seed, seconds)
    assert faults == schedule(seed, seconds)
    assert [f.at for f in faults] == sorted(f.at for f in faults)
    assert all(QUIET_START <= f.at <= seconds - QUIET_END for f in faults)
    assert all(
        (f.seconds > 0) == (f.kind not in ("kill", "rebalance", "topic_anew", "partitions_added")) for f in faults
    )
    assert not any(f.hard for f in faults if f.kind == "slow")
    kinds: set[Kind] = {f.kind for f in faults}
    assert kinds == set(get_args(Kind))


@given(st.integers(), st.sets(st.sampled_from(KINDS), min_size=1))
def test_only_the_kinds_asked_for_are_drawn(seed: int, among: set[Kind]) -> None:
    assert {f.kind for f in schedule(seed, 300, among=sorted(among))} == among


def test_workers_are_killed_most_often() -> None:
    kinds = [f.kind for f in schedule(1, 900)]
    assert max(set(kinds), key=kinds.count) == "kill"


# Recovery


def work(worker: int, partition: int, begun: float) -> Work:
    return Work(worker, Place(partition, 0), begun, begun + 0.5, "e", "applied")


def test_recovery_is_the_first_event_of_a_partition_that_the_dead_worker_held() -> None:
    before = [work(1, 0, 1), work(2, 0, 2), work(1, 1, 1), work(1, 2, 1), work(2, 3, 1)]
    after = [work(2, 0, 11), work(2, 3, 11), work(2, 1, 20), work(3, 2, 15)]
    assert recovery_ms(1, 10.0, [*before, *after]) == 5500.0


def test_the_dead_workers_own_last_event_is_no_recovery() -> None:
    assert recovery_ms(1, 10.0, [work(1, 0, 1), work(1, 0, 10.1)]) is None


def test_a_worker_that_held_nothing_has_no_recovery() -> None:
    assert recovery_ms(9, 10.0, [work(1, 0, 1), work(2, 0, 11)]) is None
