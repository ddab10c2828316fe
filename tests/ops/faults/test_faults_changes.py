"""Eras: a run whose topic was made anew or got partitions is judged as one log, and each life has its own offsets."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.faults.check import check
from ops.faults.history import History, Place, Work
from ops.faults.load import load
from tests.ops.faults.test_faults_check import read_back, run, settle

SIZE = 300
ADDED = 2
"""What a run is like whose topic is made anew after SIZE messages, and gets a second partition after as many more."""


def places() -> Iterator[Place]:
    yield from (Place(0, n) for n in range(SIZE))
    yield from (Place(0, n, life=1) for n in range(SIZE))
    yield from (Place(1, n, life=1) for n in range(SIZE))


def good() -> History:
    """Return a history of three eras that is as it should be."""
    history = History(lives=[0.0, 1000.0])
    for message, place in zip(islice(load(3), 3 * SIZE), places(), strict=True):
        read_back(history, message, place, 100.0)
    settle(history, every=5)
    return history


@pytest.fixture(scope="module")
def pickled() -> bytes:
    return pickle.dumps(good())


@pytest.fixture
def history(pickled: bytes) -> History:
    history: History = pickle.loads(pickled)
    return history


def busiest(history: History, life: int) -> str:
    keys = [key for place, (key, _) in history.places.items() if place.life == life]
    return max(set(keys), key=keys.count)


def test_a_right_history_of_three_eras_is_clean(history: History) -> None:
    verdict = check(history)
    assert verdict.kept
    assert not verdict.rewound
    assert {p.life for p in history.poison} == {0, 1}


def test_an_event_of_a_later_era_that_is_lost_is_found(history: History) -> None:
    later = {name for place, (_, name) in history.places.items() if place.life}
    key, skipped = next(
        (key, contribution.event_id)
        for key, stored in history.stored.items()
        for contribution in stored.state.contributions.values()
        if contribution.event_id in later and len(history.events[key]) > 3
    )
    left = [e for e in history.events[key] if e.envelope.id != skipped]
    history.published[key], history.stored[key] = run(left, [3])
    assert skipped in {f.subject for f in check(history).lost}


def test_a_later_era_of_which_nothing_was_read_is_lost_and_unaccounted(history: History) -> None:
    """What a worker does that keeps its place in the old log, and takes the new one for read."""
    first = {name for place, (_, name) in history.places.items() if not place.life}
    for key, events in history.events.items():
        if left := [e for e in events if e.envelope.id in first]:
            history.published[key], history.stored[key] = run(left, [])
        else:
            del history.published[key], history.stored[key]
    verdict = check(history)
    assert len(verdict.lost) > 100
    assert any("of life 2" in f.subject for f in verdict.unaccounted)


def test_an_event_of_a_later_era_that_is_applied_twice_is_found(history: History) -> None:
    name = next(name for place, (_, name) in history.places.items() if place.life)
    place = next(p for p, n in history.log.items() if n == name)
    history.work = [Work(worker, place, 0, 1, name, "applied") for worker in (1, 2)]
    assert [f.subject for f in check(history).duplicated] == [name]


def test_effects_of_eras_that_are_told_in_the_wrong_order_are_found(history: History) -> None:
    """As when what was left of one era were done after the next had begun."""
    key = busiest(history, 1)
    events = history.events[key]
    history.published[key], history.stored[key] = run([*events[len(events) // 2 :], *events[: len(events) // 2]], [4])
    assert not check(history).kept


def test_a_dead_letter_of_one_life_is_none_of_another(history: History) -> None:
    place = next(place for place in history.poison if place.life)
    at = next(n for n, letter in enumerate(history.letters) if letter.place == place)
    history.letters[at] = replace(history.letters[at], place=place._replace(life=0))
    assert any("no dead letter" in f.what and "of life 2" in f.subject for f in check(history).lost)


def test_an_acknowledged_event_of_a_later_life_must_be_in_its_log(history: History) -> None:
    history.acknowledged[Place(0, SIZE, life=1)] = "e-lost"
    history.log[Place(0, SIZE)] = "e-lost"
    assert "e-lost" in {f.subject for f in check(history).lost}


# Which life


@given(st.lists(st.floats(1, 1e9), max_size=5, unique=True).map(sorted), st.floats(0, 1e9))
def test_a_moment_lies_in_the_last_life_that_has_begun(begun: list[float], moment: float) -> None:
    history = History(lives=[0.0, *begun])
    assert history.life_at(moment) == sum(b <= moment for b in begun)


def test_the_work_on_an_event_is_of_the_life_that_has_it_there(history: History) -> None:
    for place, name in history.log.items():
        if name is not None:
            assert history.life_of(place.partition, place.offset, name) == place.life
    assert history.life_of(7, 7, "e-unknown") == 1
