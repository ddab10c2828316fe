"""The match stage gives a published result to its pair's history, and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry import trace

from processors.matching.ranking import Limits
from schemas.chain import CAUSE
from schemas.history import MatchRevision
from schemas.messages import Match, MatchFeature, MatchRequest
from sinks.topic_sink import Message
from streams.delivery import Delivery, Inbound
from streams.matching import MatchStage

PAIR = ("t", "j")


def match(score: float, revision: int) -> Match:
    feature = MatchFeature(name="skills", score=score, weight=1, contribution=score, reason="because")
    return Match(
        talent_id="t", job_id="j", talent_revision=revision, job_revision=1, status="active", score=score,
        language="en", features=[feature], model="m",
    )  # fmt: skip


class Sinks:
    """MongoDB and Kafka as far as the stage needs them."""

    def __init__(self) -> None:
        self.published: list[Message] = []
        self.saved: list[tuple[list[Match], Mapping[Any, MatchRevision]]] = []

    async def load(self, pairs: Iterable[Any]) -> dict[Any, Match]:
        return {}

    async def publish(self, messages: Iterable[Message]) -> None:
        self.published += messages

    async def save(self, matches: Iterable[Match], news: Mapping[Any, MatchRevision]) -> None:
        self.saved.append((list(matches), news))


async def settled(found: list[Match], active: list[Match]) -> Sinks:
    sinks: Any = Sinks()
    stage = MatchStage(sinks, sinks, sinks, Limits())
    inbound = Inbound("match-requests", 0, 0, b"t", b"", [(CAUSE, b"crm-17")], 0.0)
    delivery = Delivery(inbound, MatchRequest(entity="talent", id="t", revision=3), trace.INVALID_SPAN)
    await stage._settle("talent", {"t": delivery}, {"t": found}, {"t": active})
    found_sinks: Sinks = sinks
    return found_sinks


async def test_a_changed_score_and_a_withdrawal_are_remembered_with_the_event_that_caused_them() -> None:
    for found, status, score in (([match(0.8, 3)], "active", 0.8), ([], "withdrawn", 0.5)):
        sinks = await settled(found, [match(0.5, 2)])
        ((stored,), news) = sinks.saved[0]
        revision = news[PAIR]
        assert (stored.status, len(sinks.published)) == (status, 1)
        assert (revision.status, revision.score, revision.features) == (status, score, {"skills": (score, score)})
        assert (revision.talent_revision, revision.cause) == (3, "crm-17")


async def test_a_revision_alone_is_stored_but_is_no_history() -> None:
    sinks = await settled([match(0.5, 3)], [match(0.5, 2)])
    assert sinks.published == []
    assert sinks.saved == [([match(0.5, 3)], {})]
