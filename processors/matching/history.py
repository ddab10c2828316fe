"""A pair's history: what is remembered of each published result, and what changed from one to the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from processors.matching.feedback import Said
from processors.matching.weights import version_of
from schemas.history import MatchRevision, Part
from schemas.messages import Match

_LEAST = 0.0005
"""A smaller change of a contribution is none that a person would see."""


def revision_of(match: Match, *, time: str, cause: str | None) -> MatchRevision:
    """Return what is remembered of a match that is published at `time` because of the event `cause`."""
    return MatchRevision.model_construct(  # of a model that is validated already
        time=time,
        talent_revision=match.talent_revision,
        job_revision=match.job_revision,
        status=match.status,
        score=match.score,
        features={f.name: Part(f.score, f.contribution) for f in match.features},
        weights=version_of({f.name: f.weight for f in match.features}),
        model=match.model,
        cause=cause,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of a pair's timeline: a result that was published, or feedback.

    `score` is the pair's at that time; `parts` the changes of its features' contributions, or of the first result the
    contributions, the largest first. `why` holds what else tells of the change: new weights, a new model, a reason.
    """

    time: str
    kind: Literal["match", "feedback"]
    what: str
    by: str | None
    score: float | None
    change: float | None
    parts: tuple[tuple[str, float], ...]
    why: tuple[str, ...]
    event: str | None


def timeline(history: Sequence[MatchRevision], said: Iterable[Said]) -> list[Moment]:
    """Return results and feedback of a pair in the order of their times."""
    moments = [_result(now, before) for before, now in zip((None, *history), history, strict=False)]
    moments += [_feedback(s) for s in said]
    return sorted(moments, key=lambda m: (m.time, m.kind == "feedback"))


def _result(now: MatchRevision, before: MatchRevision | None) -> Moment:
    old = before.features if before else {}
    names = dict.fromkeys((*now.features, *old))
    nothing = Part(0.0, 0.0)
    parts = [(n, round(now.features.get(n, nothing).contribution - old.get(n, nothing).contribution, 6)) for n in names]
    seen = sorted((p for p in parts if abs(p[1]) >= _LEAST), key=lambda p: -abs(p[1]))
    why = []
    if before and before.weights != now.weights:
        why.append(f"weights {before.weights} → {now.weights}")
    if before and before.model != now.model:
        why.append(f"model {before.model} → {now.model}")
    change = round(now.score - before.score, 6) if before else None
    return Moment(now.time, "match", now.status, None, now.score, change, tuple(seen), tuple(why), now.cause)


def _feedback(said: Said) -> Moment:
    why = (said.reason,) if said.reason else ()
    if said.match is None:
        why = (*why, "no match known then")
    score = said.match.score if said.match else None
    return Moment(said.time, "feedback", said.outcome, said.source, score, None, (), why, said.event_id)
