"""The feedback stage: once, in any order, with the match of that time; clocks as for other events."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider

from connectors.message import build_feedback
from processors.sync.policy import DEFAULT
from schemas import semconv
from schemas.envelope import timestamp
from schemas.errors import BadMessageError
from schemas.history import MatchRevision, Part
from schemas.settings import EVENTS_KEPT
from sinks.errors import ConflictError
from sinks.feedback import StoredFeedback
from streams.delivery import Delivery, Inbound
from streams.feedback import FeedbackStage
from tests.support.events import BASE

PAIR = ("t", "j")


def result(minute: int, score: float) -> MatchRevision:
    return MatchRevision(
        time=timestamp(BASE + timedelta(minutes=minute)), talent_revision=1, job_revision=1, status="active",
        score=score, features={"skills": Part(score, score)}, weights="w", model="m",
    )  # fmt: skip


class Stores:
    """MongoDB as far as the stage needs it: documents, the guard, histories."""

    def __init__(self, *history: MatchRevision) -> None:
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}
        self.writes = 0
        self.history = list(history)

    async def load(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], StoredFeedback]:
        return {p: StoredFeedback.from_document(self.documents[p]) for p in pairs if p in self.documents}

    async def save(self, changed: Iterable[StoredFeedback]) -> None:
        for feedback in changed:
            pair = feedback.talent_id, feedback.job_id
            if self.documents.get(pair, {"revision": 0})["revision"] != feedback.revision - 1:
                raise ConflictError
            self.documents[pair] = feedback.to_document()
            self.writes += 1

    async def histories(self, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[MatchRevision]]:
        return {PAIR: self.history} if PAIR in pairs else {}


def stage_of(stores: Any) -> FeedbackStage:
    return FeedbackStage(stores, stores, DEFAULT)


def inbound(number: int, minute: float, outcome: Any = "hired", *, appended: datetime | None = None) -> Inbound:
    time = BASE + timedelta(minutes=minute)
    message = build_feedback(*PAIR, outcome, source="ats", event_id=f"e{number}", time=time)
    return Inbound("match-feedback", 0, 0, message.key, message.value, message.headers, (appended or time).timestamp())


async def taken(stage: FeedbackStage, *messages: Inbound) -> list[Delivery[Any]]:
    span = TracerProvider().get_tracer("t").start_span
    deliveries = [Delivery(m, stage.decode(m), span("s")) for m in messages]
    await stage.process(deliveries)
    return deliveries


async def test_each_word_has_the_match_of_its_time_whatever_changed_since() -> None:
    stores = Stores(result(1, 0.5), result(5, 0.9))
    await taken(stage_of(stores), inbound(1, 2, "shortlisted"), inbound(2, 0, "rejected"), inbound(3, 6))
    stored = (await stores.load([PAIR]))[PAIR]
    assert [(s.event_id, s.match and s.match.score) for s in stored.said] == [("e2", None), ("e1", 0.5), ("e3", 0.9)]
    assert stores.writes == 1, "one write a pair"


async def test_the_same_events_in_any_order_and_again_store_the_same() -> None:
    messages = [inbound(1, 2, "shortlisted"), inbound(2, 3, "interviewed"), inbound(3, 3, "rejected")]
    one, other = Stores(result(1, 0.5)), Stores(result(1, 0.5))
    await taken(stage_of(one), *messages)
    for message in reversed(messages):
        await taken(stage_of(other), message)
    assert (await one.load([PAIR]))[PAIR].said == (await other.load([PAIR]))[PAIR].said
    again = await taken(stage_of(one), *messages, messages[0])
    assert {d.outcome for d in again} == {"unchanged"}
    assert one.writes == 1


async def test_who_loses_against_another_writer_is_told_to_try_again() -> None:
    stores = Stores()
    stage = stage_of(stores)
    await taken(stage, inbound(1, 1))
    old = await stores.load([PAIR])

    async def stale(_: Any) -> dict[tuple[str, str], StoredFeedback]:
        return {**old, PAIR: StoredFeedback(*PAIR, 0, ())}

    stores.load = stale  # type: ignore[method-assign,assignment]
    with pytest.raises(ConflictError):
        await taken(stage, inbound(2, 2))


async def test_what_comes_from_the_future_is_refused_and_what_is_late_is_flagged() -> None:
    stage = stage_of(Stores())
    with pytest.raises(BadMessageError) as caught:
        stage.decode(inbound(1, 6, appended=BASE))
    assert caught.value.code == "clock_skew"
    late, on_time = inbound(1, 0, appended=BASE + EVENTS_KEPT + timedelta(seconds=1)), inbound(2, 5, appended=BASE)
    first, second = await taken(stage, late, on_time)
    assert (first.span.attributes[semconv.LATE], first.outcome) == (True, "applied")  # type: ignore[attr-defined]
    assert semconv.LATE not in second.span.attributes  # type: ignore[attr-defined]
