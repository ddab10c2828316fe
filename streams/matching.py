"""The matching stage: a changed talent is matched against jobs, a changed job against talents."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from opentelemetry.trace import SpanKind

from processors.matching import ranking
from processors.matching.filters import OPEN_STATUSES
from processors.matching.history import revision_of
from processors.matching.ranking import OTHER, Limits, pair_of, partner_of
from schemas import semconv
from schemas.base import read_data
from schemas.entities import Side
from schemas.envelope import Envelope, derived_id, timestamp
from schemas.errors import BadMessageError
from schemas.feedback import pair_id
from schemas.messages import Match, MatchRequest
from schemas.topics import MATCH_RESULTS
from sinks.cache import Cache
from sinks.mongodb import MatchStore
from sinks.qdrant import Hit, Point, VectorStore, cosine
from sinks.topic_sink import Message, TopicSink
from streams import metrics
from streams.delivery import Delivery, Inbound
from streams.pair_scores import PairScores
from streams.tracing import Attributes, batch_span


class MatchStage:
    """Scores pairs; publishes what changed to `match-results`, then stores it in MongoDB."""

    name = "match"
    operation = "process"

    def __init__(self, vectors: VectorStore, matches: MatchStore, results: TopicSink, limits: Limits) -> None:
        self._vectors = vectors
        self._matches = matches
        self._results = results
        self._limits = limits
        self._scores = PairScores()
        self.kept: Mapping[str, Cache[Any, Any]] = {
            "scores": self._scores.totals,
            "explanations": self._scores.explanations,
        }

    def decode(self, message: Inbound) -> MatchRequest:
        """Return the request; raises BadMessageError."""
        request = read_data(MatchRequest, message.value)
        if message.key != request.id.encode():
            raise BadMessageError("bad_key", "the message key must be the entity's id")
        return request

    def attributes(self, item: MatchRequest) -> dict[str, str]:
        """Return what identifies the request on its span."""
        return {semconv.ENTITY: item.entity, semconv.MESSAGE_KEY: item.id}

    async def process(self, deliveries: Sequence[Delivery[MatchRequest]]) -> None:
        """Match each entity of the batch once, as Qdrant now has it."""
        newest: dict[tuple[Side, str], Delivery[MatchRequest]] = {}
        for delivery in deliveries:
            newest[delivery.item.entity, delivery.item.id] = delivery
        for delivery in deliveries:
            delivery.outcome = "applied"  # a batch that failed comes again in halves
            chosen = newest[delivery.item.entity, delivery.item.id]
            if chosen is not delivery:
                delivery.superseded_by(chosen)
        for side in OTHER:
            wanted = {d.item.id: d for (s, _), d in newest.items() if s == side}
            if wanted:
                await self._match(side, wanted)

    async def _match(self, side: Side, wanted: Mapping[str, Delivery[MatchRequest]]) -> None:
        other = OTHER[side]
        causes = list(wanted.values())
        with batch_span(f"query {other}s", causes, {semconv.DB_SYSTEM: "qdrant", semconv.DB_OPERATION: "query"}):
            points = await self._vectors.get(side, wanted)
            found = list(points.values())
            hits = await self._vectors.nearest(
                other,
                [p.vector for p in found],
                model=str(found[0].payload["model"]) if found else "",
                statuses=OPEN_STATUSES[other],
                limit=self._limits.candidates,
            )
        partners = {p.id: {h.point.id: h for h in near} for p, near in zip(found, hits, strict=True)}
        active = await self._matches.active(side, wanted)
        await self._add_known_partners(side, points, partners, active)
        scored = {}
        for entity_id, near in partners.items():
            known = {partner_of(side, m) for m in active.get(entity_id, ())}
            best = ranking.best_matches(
                side,
                points[entity_id].candidate,
                (h.near for h in near.values()),
                self._limits,
                known,
                self._scores,
            )
            scored[entity_id] = [s.match() for s in best]
        await self._settle(side, wanted, scored, active)

    async def _add_known_partners(
        self,
        side: Side,
        points: Mapping[str, Point],
        partners: Mapping[str, dict[str, Hit]],
        active: Mapping[str, Sequence[Match]],
    ) -> None:
        """Active matches are scored again even if the search no longer finds them."""
        missing = {i: {partner_of(side, m) for m in active.get(i, ())} - near.keys() for i, near in partners.items()}
        extra = await self._vectors.get(OTHER[side], set().union(*missing.values()))
        for entity_id, ids in missing.items():
            vector = points[entity_id].vector
            for point in (extra[i] for i in ids if i in extra):
                partners[entity_id][point.id] = Hit(point, cosine(vector, point.vector))

    async def _settle(
        self,
        side: Side,
        wanted: Mapping[str, Delivery[MatchRequest]],
        scored: Mapping[str, Sequence[Match]],
        active: Mapping[str, Sequence[Match]],
    ) -> None:
        """Publish what changed, then store everything: a crash in between publishes again under the same ids."""
        stored = {pair_of(m): m for matches in active.values() for m in matches}
        new = {pair_of(m) for matches in scored.values() for m in matches} - stored.keys()
        stored |= await self._matches.load(new)
        changed: list[tuple[Match, Delivery[MatchRequest]]] = []
        to_store: list[Match] = []
        for entity_id, delivery in wanted.items():
            changes = ranking.changes(
                side, delivery.item.revision, scored.get(entity_id, ()), active.get(entity_id, ()), stored
            )
            delivery.span.set_attribute(semconv.MATCHES_CHANGED, len(changes.news))
            changed += [(m, delivery) for m in changes.news]
            to_store += changes.stored
        causes = list({id(d): d for _, d in changed}.values())
        now = timestamp(datetime.now(UTC))  # before anybody can answer to what is published
        if changed:
            attributes: Attributes = {
                semconv.SYSTEM: "kafka",
                semconv.OPERATION_TYPE: "send",
                semconv.DESTINATION: MATCH_RESULTS,
                semconv.BATCH_SIZE: len(changed),
            }
            with batch_span(f"publish {MATCH_RESULTS}", causes, attributes, SpanKind.PRODUCER):
                messages = [(result_message(m), delivery) for m, delivery in changed]
                await self._results.publish(m._replace(headers=d.derived_headers(m.headers)) for m, d in messages)
        if to_store:
            attributes = {semconv.DB_SYSTEM: "mongodb", semconv.DB_COLLECTION: "matches"}
            with batch_span("bulkWrite matches", causes, attributes):
                revisions = {pair_of(m): revision_of(m, time=now, cause=d.cause) for m, d in changed}
                await self._matches.save(to_store, revisions)
        else:
            await self._matches.save(())  # what says that nothing is to do may be another worker's, of a moment ago
        for match, delivery in changed:
            metrics.match_results.add(1, metrics.of_stage(self.name, delivery.inbound.topic, status=match.status))


def result_message(match: Match) -> Message:
    """Return the match result's message; the key is the pair, so that a pair's results stay in order."""
    key = pair_id(match.talent_id, match.job_id)
    envelope = Envelope(
        id=derived_id(
            "match", key, str(match.talent_revision), str(match.job_revision), match.status, str(match.score)
        ),
        source="looma/match",
        type=f"looma.match.{match.status}",
        subject=key,
        time=datetime.now(UTC),
    )
    return Message(MATCH_RESULTS, key.encode(), match.model_dump_json().encode(), envelope.headers("match"))
