"""Compares a history with a model run: the same events, folded one by one in log order by the pure merge.

Only the log decides what should be there. A published record names, by its id, the event it is put down to, so its
content must be that of the model just after that event. What the counts mean, and why: docs/guides/faults.md.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from ops.faults.history import History, Letter, Place, Published
from ops.faults.load import ENTITY
from processors.sync.conflicts import conflicts
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT, Policy
from processors.sync.stored import StoredRecord
from schemas.events import EntityEvent
from schemas.records import SourceRecord
from streams.sync import record_id

MOST_RETOLD = 20
"""How often one revision may be told again, before that is taken for a defect."""

SETTLING_SECONDS = 30.0
"""How long after a disturbance its redeliveries may begin: a session's time-out, then a rebalance's."""

_EFFECTS = ("applied", "superseded", "confirmed")


class Finding(NamedTuple):
    """One thing that is not as it should be, of an entity, an event or a message."""

    subject: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What the checker found. `lost`, `duplicated`, `out_of_order` and `unaccounted` break a promise.

    `rewound` and `stale_notices` do not, but a consumer sees them. `repeats` are messages that it drops by their id.
    """

    lost: list[Finding] = field(default_factory=list)
    duplicated: list[Finding] = field(default_factory=list)
    out_of_order: list[Finding] = field(default_factory=list)
    unaccounted: list[Finding] = field(default_factory=list)
    rewound: list[Finding] = field(default_factory=list)
    stale_notices: list[Finding] = field(default_factory=list)
    repeats: int = 0

    @property
    def kept(self) -> bool:
        """Whether everything promised was kept."""
        return not (self.lost or self.duplicated or self.out_of_order or self.unaccounted)


class Model:
    """One record's states, one by one: `states[n]` is the record after n + 1 events that changed it, in log order."""

    def __init__(self, events: Sequence[EntityEvent]) -> None:
        self.states: list[State] = []
        self.causes: list[str] = []
        state = State()
        for event in events:
            after = apply(state, [event])
            if after != state or not self.states:
                self.states.append(after)
                self.causes.append(event.envelope.id)
            state = after
        self.final = state
        self.others = {event.envelope.id for event in events}.difference(self.causes)

    def find(self, message: Published, near: int, retold: int) -> tuple[int | None, int] | None:
        """Return which state a message publishes, or None if on account of an event without effect; and `retold`.

        Searched from what is likely on: the state `near`, told again as often as those before it. None: it is no
        event's.
        """
        value = message.record.to_json()
        for n in dict.fromkeys((retold, retold + 1, *range(MOST_RETOLD + 1))):
            for position in chain(range(near, len(self.causes)), reversed(range(near))):
                if message.ce_id == record_id(message.record, value, self.causes[position], retold=n):
                    return position, n
            if n and any(message.ce_id == record_id(message.record, value, name, retold=n) for name in self.others):
                return None, n
        return None


def check(history: History, policy: Policy = DEFAULT) -> Verdict:
    """Judge a history."""
    return _Check(history, policy).run()


class _Check:
    def __init__(self, history: History, policy: Policy) -> None:
        self._history = history
        self._policy = policy
        self._verdict = Verdict()
        self._models = {key: Model(events) for key, events in history.events.items()}

    def run(self) -> Verdict:
        history, verdict = self._history, self._verdict
        for place, event_id in history.acknowledged.items():
            if place not in history.log or history.log[place] != event_id:
                verdict.lost.append(Finding(str(event_id), f"was acknowledged, but is not at {_text(place)}"))
        in_log = set(history.log.values())
        for event_id in sorted(history.somewhere - in_log):
            verdict.lost.append(Finding(event_id, "was acknowledged, but is not in the log"))
        for number in sorted(history.handed.keys() - history.arrived):
            verdict.lost.append(Finding(str(history.handed[number]), "was handed to a client, but is not in the log"))
        verdict.lost += [Finding(place, "a foreign consumer reads something else") for place in history.misread]
        self._letters()
        for key, model in self._models.items():
            self._stored(key, model)
            self._published(key, model)
        for key in sorted((history.stored.keys() | history.published.keys()) - self._models.keys()):
            verdict.duplicated.append(Finding(key, "no event speaks of this record"))
        self._applied_twice()
        self._notices()
        self._every_offset()
        return verdict

    def _every_offset(self) -> None:
        """Each offset has a dead letter, a span that says what became of it, or a record that has all its events."""
        history = self._history
        known = {letter.place for letter in history.letters}
        known |= {w.place for w in history.work if w.outcome}
        whole = {k for k, m in self._models.items() if k in history.stored and history.stored[k].state == m.final}
        for place in history.log.keys() | history.acknowledged.keys():
            if place in known or history.places.get(place, ("", ""))[0] in whole:
                continue
            self._verdict.unaccounted.append(Finding(_text(place), "neither an effect nor a dead letter"))
        done = {w.event_id for w in history.work if w.outcome in _EFFECTS}
        for event_id in sorted(history.aborted & done):
            self._verdict.duplicated.append(Finding(event_id, "had an effect, though its transaction was aborted"))

    def _stored(self, key: str, model: Model) -> None:
        verdict, stored = self._verdict, self._history.stored.get(key)
        if stored is None:
            verdict.lost.append(Finding(key, "the record is missing"))
            return
        should, has = model.final, stored.state
        lacking = {c.event_id for name, c in should.contributions.items() if has.contributions.get(name) != c}
        if should.deleted is not None and should.deleted != has.deleted:
            lacking.add(should.deleted[1])
        verdict.lost += [Finding(event_id, f"the record of {key} lacks it") for event_id in sorted(lacking)]
        if not lacking and has != should:
            verdict.duplicated.append(Finding(key, "the record has contributions that its events do not make"))
        elif not lacking and not self._is_record_of(should, stored.record):
            verdict.lost.append(Finding(key, "the record is not what its contributions make"))
        if stored.record.revision > len(model.states):
            text = f"{stored.record.revision} revisions by {len(model.states)} events that change something"
            verdict.duplicated.append(Finding(key, text))

    def _is_record_of(self, state: State, record: SourceRecord) -> bool:
        return StoredRecord.of(record.entity, record.id, record.revision, state, self._policy).record == record

    def _is_made(self, model: Model, record: SourceRecord) -> bool:
        """Whether a record is what the model has at its revision; what shows nothing new is not published itself."""
        return record.revision <= len(model.states) and self._is_record_of(model.states[record.revision - 1], record)

    def _published(self, key: str, model: Model) -> None:
        """Judge what was told of one key, in log order."""
        verdict = self._verdict
        seen: dict[str, SourceRecord] = {}
        retold = 0
        top: tuple[int, int, float] | None = None  # greatest revision and position so far, and when that was told
        for message in self._history.published.get(key, ()):
            record = message.record
            if message.ce_id in seen:
                verdict.repeats += 1
                if seen[message.ce_id] != record:
                    verdict.duplicated.append(Finding(key, f"one id, two contents: revision {record.revision}"))
                continue
            found = model.find(message, top[1] if top else 0, retold)
            if found is None:
                seen[message.ce_id] = record
                verdict.duplicated.append(Finding(key, f"no event accounts for revision {record.revision}"))
                continue
            position, retold = found[0], max(retold, found[1])
            told_before = record in seen.values() or (position != record.revision - 1 and self._is_made(model, record))
            # One that brought nothing new was not told before; what was told behind it could not be stored.
            told_before = told_before or (
                position is not None
                and top is not None
                and record.revision < top[0]
                and self._is_record_of(model.states[position], record)
            )
            if position is None or (found[1] and told_before):
                verdict.repeats += 1  # a writer that lost a race, or could not store, tells what is stored
                continue
            seen[message.ce_id] = record
            if not self._is_record_of(model.states[position], record):
                text = f"revision {record.revision} is not what the events up to {model.causes[position]} make"
                verdict.out_of_order.append(Finding(key, text))
            if top is None:
                top = (record.revision, position, message.at)
                continue
            revision, furthest, at = top
            if record.revision < revision:
                verdict.out_of_order.append(Finding(key, f"revision {record.revision} after {revision}"))
            elif position <= furthest:
                text = f"revision {record.revision} by effect {position + 1} after {furthest + 1}"
                unexplained = verdict.duplicated if position == furthest else verdict.out_of_order
                (verdict.rewound if self._disturbed(at, message.at) else unexplained).append(Finding(key, text))
            top = (max(revision, record.revision), max(furthest, position), message.at if position > furthest else at)
        self._told_last(key, model)

    def _told_last(self, key: str, model: Model) -> None:
        """What was told last stays: compaction keeps it, and it must show every effect."""
        messages = self._history.published.get(key)
        if not messages:
            self._verdict.lost.append(Finding(key, "the record was never published"))
            return
        last = messages[-1].record
        made = StoredRecord.of(last.entity, key, last.revision, model.final, self._policy).record
        stored = self._history.stored.get(key)
        if stored is not None and (stored.record.fields, stored.record.deleted) == (last.fields, last.deleted):
            return  # if that is not as it should be, it has been said
        if (made.fields, made.deleted) != (last.fields, last.deleted):
            self._verdict.lost.append(Finding(key, "what was published last is not what the record is"))

    def _disturbed(self, begun: float, ended: float) -> bool:
        """Whether redeliveries may have fallen between two moments."""
        return any(begun - SETTLING_SECONDS <= moment <= ended for moment in self._history.disturbances)

    def _applied_twice(self) -> None:
        # Another entity's event of the same id is another event: foreign sources do not agree on ids.
        places = self._history.places
        counts = Counter(
            (w.event_id, places[w.place][0] if w.place in places else "")
            for w in self._history.work
            if w.outcome in _EFFECTS
        )
        for (event_id, _), count in counts.items():
            if count > 1:
                self._verdict.duplicated.append(Finding(event_id, f"was applied {count} times"))

    def _notices(self) -> None:
        verdict = self._verdict
        open_now = {
            conflict.id(ENTITY, key): key
            for key, model in self._models.items()
            for conflict in conflicts(model.final, self._policy)
            if conflict.undecided
        }
        told: dict[str, str] = {}
        seen: set[str] = set()
        for notice in self._history.notices:
            if notice.ce_id in seen:
                verdict.repeats += 1
                continue
            if notice.ce_id:
                seen.add(notice.ce_id)
            told[notice.conflict_id] = notice.status
        for conflict_id, key in open_now.items():
            if told.get(conflict_id) != "open":
                verdict.lost.append(Finding(key, "nobody was told of a conflict"))
        for notice in self._history.notices:
            if told.get(notice.conflict_id) == "open" and notice.conflict_id not in open_now:
                del told[notice.conflict_id]
                verdict.stale_notices.append(Finding(notice.entity_id, "a conflict was opened and never settled"))

    def _letters(self) -> None:
        verdict, poison = self._verdict, self._history.poison
        by_place: dict[Place, list[Letter]] = {}
        for letter in sorted(self._history.letters, key=lambda each: each.failed_at):
            by_place.setdefault(letter.place, []).append(letter)
        for place, original in poison.items():
            letters = by_place.pop(place, [])
            if not letters:
                verdict.lost.append(Finding(_text(place), f"no dead letter of this {original.reason}"))
            for letter in letters:
                if letter.original != original:
                    verdict.lost.append(Finding(_text(place), "the dead letter is not the original"))
            for one, other in pairwise(letters):
                verdict.repeats += 1
                if not self._disturbed(one.failed_at, other.failed_at):
                    verdict.duplicated.append(Finding(_text(place), "a dead letter twice, and nothing had happened"))
        for place, letters in by_place.items():
            text = f"was dead-lettered, {letters[0].original.reason}: {letters[0].detail}"
            verdict.lost.append(Finding(str(self._history.log.get(place)), text))


def _text(place: Place) -> str:
    life = f" of life {place.life + 1}" if place.life else ""
    return f"partition {place.partition}, offset {place.offset}{life}"
