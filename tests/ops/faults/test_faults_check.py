"""The checker finds what it is there to find: each test doctors a history that is right."""

import pickle
from collections import Counter
from dataclasses import replace
from itertools import count

import pytest

from connectors.message import EventMessage
from ops.faults.check import Model, Verdict, check
from ops.faults.history import History, Letter, Notice, Place, Poison, Published, Work
from ops.faults.load import load
from processors.sync.conflicts import conflicts
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.entities import Entity
from schemas.errors import BadMessageError
from schemas.events import EntityEvent, decode
from streams.sync import record_id

TALENT: Entity = "talent"
REASON = Poison(b"t1", b"{", [], "invalid_json")


def run(events: list[EntityEvent], cuts: list[int]) -> tuple[list[Published], StoredRecord]:
    """Do what the sync stage does with one key's events, in batches that end at `cuts`."""
    published: list[Published] = []
    state, stored, begin = State(), None, 0
    for end in (*cuts, len(events)):
        cause = None
        for event in events[begin:end]:
            after = apply(state, [event])
            if after != state or (stored is None and cause is None):
                cause = event.envelope.id
            state = after
        begin = end
        if cause is None:
            continue
        before = stored.record if stored else None
        stored = StoredRecord.of(TALENT, events[0].id, before.revision + 1 if before else 1, state, DEFAULT)
        record = stored.record
        if before is None or (before.fields, before.deleted) != (record.fields, record.deleted):
            ce_id = record_id(record, record.to_json(), cause)
            published.append(Published(ce_id, record, at=0.0))
    assert stored is not None
    return published, stored


def read_back(history: History, message: EventMessage, place: Place, told_at: float) -> None:
    """Note a message of the log as a run does that went well: an event, or a dead letter."""
    try:
        event = decode(TALENT, message.key, message.value, message.headers)
    except BadMessageError as error:
        history.log[place] = None
        history.poison[place] = Poison(message.key, message.value, message.headers, error.code)
        history.letters.append(Letter(place, history.poison[place], "", told_at))
    else:
        history.log[place] = event.envelope.id
        history.places[place] = (event.id, event.envelope.id)
        history.events.setdefault(event.id, []).append(event)


def settle(history: History, every: int) -> None:
    """Do the rest of what went well, with a batch boundary at each `every`-th event of a key."""
    history.acknowledged = dict(history.log)
    for key, events in history.events.items():
        published, stored = run(events, list(range(every, len(events), every)))
        history.published[key], history.stored[key] = published, stored
        history.notices += [Notice(c.id(TALENT, key), key, "open") for c in conflicts(stored.state) if c.undecided]


def good(seed: int = 1, size: int = 600, every: int = 7) -> History:
    """Return a history that is as it should be, with a batch boundary at each `every`-th event of a key."""
    history, source = History(), load(seed)
    for offset in range(size):
        read_back(history, next(source), Place(0, offset), 100.0 + offset)
    settle(history, every)
    return history


@pytest.fixture(scope="module")
def pickled() -> bytes:
    return pickle.dumps(good())


@pytest.fixture
def history(pickled: bytes) -> History:
    """A history to doctor: a copy, since making one costs ten times as much."""
    history: History = pickle.loads(pickled)
    return history


def counted(verdict: Verdict) -> dict[str, int]:
    names = ("lost", "duplicated", "out_of_order", "rewound", "stale_notices")
    return {name: len(getattr(verdict, name)) for name in names if getattr(verdict, name)}


def longest(history: History) -> str:
    return max(history.published, key=lambda key: len(history.published[key]))


@pytest.mark.parametrize("every", [1, 3, 1000])
def test_a_right_history_is_clean_however_it_was_cut_into_batches(every: int) -> None:
    history = good(every=every)
    verdict = check(history)
    assert counted(verdict) == {}
    assert verdict.kept
    assert len(history.poison) > 3
    assert history.notices


def told_again(history: History, key: str, revision: int, *, retold: int) -> list[Published]:
    """Return what a writer tells on behalf of the record's state at a revision, and of the news behind it."""
    model, told = Model(history.events[key]), {p.record.revision: p for p in history.published[key]}
    messages = []
    for number in (revision, *(n for n in sorted(told) if n > revision)):
        record = StoredRecord.of(TALENT, key, number, model.states[number - 1], DEFAULT).record
        ce_id = record_id(record, record.to_json(), model.causes[number - 1], retold=retold)
        messages.append(Published(ce_id, record, at=0.0))
    return messages


def test_a_revision_without_news_that_is_told_again_is_a_repeat() -> None:
    """What was told behind it could not be stored; in a smaller batch, what is stored is told, then that again."""
    history = good(every=1)
    key, revision = next(
        (key, number)
        for key, stored in sorted(history.stored.items())
        for number in range(2, stored.record.revision)
        if number not in {p.record.revision for p in history.published[key]}
    )
    told = history.published[key]
    history.published[key] = [*told, *told_again(history, key, revision, retold=1)]
    assert counted(check(history)) == {}
    history.published[key] = [*told, *told_again(history, key, revision, retold=0)]
    assert check(history).out_of_order  # no writer says that it tells it again


# Lost


def test_a_lost_event_is_found(history: History) -> None:
    """The worker skipped the newest event of a key that still shows in its record."""
    key = longest(history)
    events = history.events[key]
    shown = {c.event_id for c in history.stored[key].state.contributions.values()}
    skipped = next(e for e in reversed(events) if e.envelope.id in shown)
    left = [e for e in events if e.envelope.id != skipped.envelope.id]
    history.published[key], history.stored[key] = run(left, [3])
    verdict = check(history)
    assert skipped.envelope.id in {f.subject for f in verdict.lost}
    assert not verdict.kept


def test_a_lost_delete_is_found(history: History) -> None:
    key = next(k for k, s in history.stored.items() if s.state.deleted)
    history.published[key], history.stored[key] = run([e for e in history.events[key] if e.action == "upserted"], [])
    assert check(history).lost


def test_a_lost_record_is_found(history: History) -> None:
    del history.stored["t000"]
    assert [f.what for f in check(history).lost] == ["the record is missing"]


def test_a_record_that_its_contributions_do_not_make_is_found(history: History) -> None:
    key = longest(history)
    stored = history.stored[key]
    history.stored[key] = replace(stored, record=replace(stored.record, fields={**stored.record.fields, "title": "?"}))
    assert counted(check(history)) == {"lost": 1}


def test_a_lost_publication_is_found(history: History) -> None:
    history.published[longest(history)].pop()
    assert [f.what for f in check(history).lost] == ["what was published last is not what the record is"]
    del history.published[longest(history)]
    assert "the record was never published" in [f.what for f in check(history).lost]


def test_an_acknowledged_event_that_the_log_lost_is_found(history: History) -> None:
    del history.log[Place(0, 5)]
    history.log[Place(0, 6)] = "another"
    assert counted(check(history)) == {"lost": 2}


def test_what_was_acknowledged_without_a_place_is_anywhere_in_the_log(history: History) -> None:
    """librdkafka names no offset for what the broker had from an earlier try."""
    history.somewhere = {str(history.log[Place(0, 5)])}
    assert counted(check(history)) == {}
    history.somewhere.add("e-nowhere")
    assert [f.subject for f in check(history).lost] == ["e-nowhere"]


def test_a_conflict_that_nobody_was_told_of_is_found(history: History) -> None:
    notice = history.notices.pop()
    assert counted(check(history)) == {"lost": 1}
    history.notices += [notice, replace(notice, status="settled")]
    assert counted(check(history)) == {"lost": 1}


def test_a_missing_dead_letter_is_found(history: History) -> None:
    history.letters.pop()
    assert counted(check(history)) == {"lost": 1}


def test_a_dead_letter_that_is_not_the_original_is_found(history: History) -> None:
    letter = history.letters[0]
    history.letters[0] = replace(letter, original=replace(letter.original, value=b"?"))
    assert counted(check(history)) == {"lost": 1}


def test_a_good_event_among_the_dead_letters_is_found(history: History) -> None:
    place = next(place for place in history.log if place not in history.poison)
    history.letters.append(Letter(place, REASON, "", 0.0))
    assert counted(check(history)) == {"lost": 1}


# Duplicated


def test_a_doubled_effect_is_found_by_the_revision(history: History) -> None:
    """A worker counted an event that had been done before as a change."""
    key = longest(history)
    stored = history.stored[key]
    revision = len(history.events[key]) + 1
    history.stored[key] = replace(stored, record=replace(stored.record, revision=revision))
    assert counted(check(history)) == {"duplicated": 1}


def test_a_doubled_effect_is_found_by_the_publication(history: History) -> None:
    key = longest(history)
    last = history.published[key][-1]
    cause = next(
        e.envelope.id
        for e in history.events[key]
        if last.ce_id == record_id(last.record, last.record.to_json(), e.envelope.id)
    )
    again = replace(last.record, revision=last.record.revision + 1)
    ce_id = record_id(again, again.to_json(), cause)
    history.published[key].append(Published(ce_id, again, last.at))
    assert counted(check(history)) == {"duplicated": 1}


def test_a_doubled_effect_is_found_by_the_spans(history: History) -> None:
    for worker, outcome in ((1, "applied"), (2, "unchanged"), (3, "superseded")):
        history.work.append(Work(worker, Place(0, 0), 1.0, 2.0, "e1", outcome))
    assert [f.what for f in check(history).duplicated] == ["was applied 2 times"]


def test_an_id_that_two_entities_have_is_of_two_events(history: History) -> None:
    for offset, key in ((900, "hostile-1"), (901, "hostile-2")):
        history.places[Place(0, offset)] = (key, "same")
        history.work.append(Work(1, Place(0, offset), 1.0, 2.0, "same", "applied"))
    assert counted(check(history)) == {}


def test_one_id_with_two_contents_is_found(history: History) -> None:
    messages = history.published[longest(history)]
    messages.insert(1, replace(messages[0], record=replace(messages[0].record, deleted=not messages[0].record.deleted)))
    assert counted(check(history)) == {"duplicated": 1}


def test_a_publication_without_a_cause_is_found(history: History) -> None:
    messages = history.published[longest(history)]
    messages.insert(0, replace(messages[0], ce_id="made up"))
    assert counted(check(history)) == {"duplicated": 1}


def test_a_record_without_events_is_found(history: History) -> None:
    history.stored["ghost"] = history.stored["t000"]
    assert counted(check(history)) == {"duplicated": 1}


def test_a_contribution_that_a_delete_should_have_erased_is_found(history: History) -> None:
    key = longest(history)
    stored = history.stored[key]
    (name, _), contribution = next(iter(stored.state.contributions.items()))
    state = State({**stored.state.contributions, (name, "nobody"): contribution}, stored.state.deleted)
    history.stored[key] = replace(stored, state=state)
    assert counted(check(history)) == {"duplicated": 1}


def test_a_dead_letter_twice_is_found_unless_a_fault_explains_it(history: History) -> None:
    letter = history.letters[0]
    history.letters.append(replace(letter, failed_at=letter.failed_at + 12))
    assert counted(check(history)) == {"duplicated": 1}
    history.disturbances = [letter.failed_at + 2]
    verdict = check(history)
    assert counted(verdict) == {}
    assert verdict.repeats == 1
    history.disturbances = [letter.failed_at + 13]
    assert counted(check(history)) == {"duplicated": 1}


# Out of order


def test_an_order_inversion_is_found(history: History) -> None:
    messages = history.published[longest(history)]
    messages[0], messages[1] = messages[1], messages[0]
    assert counted(check(history)) == {"out_of_order": 1}


def test_events_applied_in_another_order_are_found(history: History) -> None:
    """The merge makes the same record of them in the end, but what was told meanwhile was no prefix of the log."""
    key = longest(history)
    events = list(history.events[key])
    history.published[key], history.stored[key] = run([*events[1:4], events[0], *events[4:]], list(range(len(events))))
    verdict = check(history)
    assert not verdict.lost
    assert verdict.out_of_order


def test_effects_that_go_back_are_out_of_order_unless_a_fault_explains_it(history: History) -> None:
    """Revision 1 was published with more events than it was stored with: a crash, and batches cut anew."""
    key = longest(history)
    events = history.events[key]
    times = count(10.0, 10.0)
    ahead, _ = run(events[:4], [])
    anew, history.stored[key] = run(events, list(range(1, len(events))))
    history.published[key] = [replace(m, at=next(times)) for m in (*ahead, *anew)]
    assert set(counted(check(history))) == {"out_of_order", "duplicated"}
    history.disturbances = [15.0]
    verdict = check(history)
    assert set(counted(verdict)) == {"rewound"}
    assert verdict.kept


def test_repeats_by_id_are_no_effects(history: History) -> None:
    messages = history.published[longest(history)]
    messages[1:1] = messages[:1]
    verdict = check(history)
    assert counted(verdict) == {}
    assert verdict.repeats == 1


def test_a_conflict_that_is_never_settled_is_found(history: History) -> None:
    history.notices += [Notice("c", "t1", "settled"), Notice("c", "t1", "open"), Notice("d", "t1", "settled")]
    assert counted(check(history)) == {"stale_notices": 1}
    assert Counter(n.status for n in history.notices)["open"] > 1


# Offsets


def test_an_offset_without_an_end_is_found(history: History) -> None:
    place = next(iter(history.poison))
    history.letters = [each for each in history.letters if each.place != place]
    assert [f.subject for f in check(history).unaccounted] == [f"partition 0, offset {place.offset}"]


def test_an_event_that_nothing_shows_is_unaccounted_unless_a_span_tells_of_it(history: History) -> None:
    key = longest(history)
    places = [place for place, (entity_id, _) in history.places.items() if entity_id == key]
    del history.stored[key]
    assert len(check(history).unaccounted) == len(places)
    history.work = [Work(1, place, 1.0, 2.0, f"w{place.offset}", "applied") for place in places]
    assert not check(history).unaccounted


def test_what_was_acknowledged_and_lies_nowhere_is_unaccounted(history: History) -> None:
    history.acknowledged[Place(3, 7)] = "e-gone"
    verdict = check(history)
    assert verdict.lost
    assert verdict.unaccounted


def test_an_effect_of_an_aborted_transaction_is_found(history: History) -> None:
    history.aborted = {"x1"}
    assert check(history).kept
    history.work.append(Work(1, Place(0, 10_000), 1.0, 2.0, "x1", "applied"))
    assert [f.subject for f in check(history).duplicated] == ["x1"]
