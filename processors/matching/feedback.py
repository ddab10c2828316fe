"""What became of a pair, as a pure function of the set of feedback events, whatever their order and repetition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from processors.matching.learning import GRADES, Outcome, comparable
from schemas.feedback import FeedbackEvent, FeedbackOutcome
from schemas.history import MatchRevision

MAX_SAID = 50
"""Feedback that is kept of a pair: the newest."""

Stamp = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What one event says became of a pair; `match` is the pair's result as it was at that time, if it is known."""

    time: str
    event_id: str
    source: str
    outcome: FeedbackOutcome
    reason: str | None = None
    match: MatchRevision | None = None

    @classmethod
    def of(cls, event: FeedbackEvent, history: Sequence[MatchRevision]) -> "Said":
        """Return what an event says of a pair that has this history."""
        envelope, feedback = event.envelope, event.feedback
        match = as_of(history, envelope.timestamp)
        return cls(envelope.timestamp, envelope.id, envelope.source, feedback.outcome, feedback.reason, match)

    @property
    def stamp(self) -> Stamp:
        """The total order: event time, then event id, and for safety all that two events of one id may differ in."""
        return self.time, self.event_id, self.source, self.outcome, self.reason or ""


def as_of(history: Sequence[MatchRevision], time: str) -> MatchRevision | None:
    """Return the result that held at `time`, of a history in the order in which results were published.

    None if the pair had none yet, or one that is no longer remembered.
    """
    return max((r for r in reversed(history) if r.time <= time), key=lambda r: r.time, default=None)


def join(known: Iterable[Said], new: Iterable[Said]) -> tuple[Said, ...]:
    """Return all that was said, the oldest first: each event once, and no more than the newest MAX_SAID.

    Commutative, associative and idempotent. Of two events that claim one id of a source the greater stamp counts. The
    match that was found first stays with an event.
    """
    found: dict[tuple[str, str], Said] = {}
    for said in (*known, *new):
        key = said.source, said.event_id
        other = found.get(key)
        if other is None or said.stamp > other.stamp:
            found[key] = said
        elif said.stamp == other.stamp and other.match is None:
            found[key] = replace(other, match=said.match)
    return tuple(sorted(found.values(), key=lambda s: s.stamp)[-MAX_SAID:])


def standing(said: Iterable[Said]) -> dict[str, Said]:
    """Return what each source says now: its newest event, ties by event id."""
    return {s.source: s for s in sorted(said, key=lambda s: s.stamp)}


def outcome_of(job_id: str, said: Sequence[Said]) -> Outcome | None:
    """Return what is to be learned of a pair: of what its sources say now, the newest; None without a match then."""
    newest = max(standing(said).values(), key=lambda s: s.stamp, default=None)
    if newest is None or newest.match is None:
        return None
    features = comparable({name: part.score for name, part in newest.match.features.items()})
    return Outcome(job_id, features, GRADES[newest.outcome], newest.match.model)
