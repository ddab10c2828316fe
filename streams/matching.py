"""The matching stage: a changed talent is matched against jobs, a changed job against talents."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opentelemetry.trace import SpanKind

from processors.matching.filters import JOB_STATUSES, TALENT_STATUSES, admissible
from processors.matching.history import revision_of
from processors.matching.weights import DEFAULT, Weights
from schemas import semconv
from schemas.base import read_data
from schemas.entities import Side
from schemas.envelope import Envelope, derived_id, timestamp
from schemas.errors import BadMessageError
from schemas.feedback import pair_id
from schemas.messages import Match, MatchRequest
from schemas.topics import MATCH_RESULTS
from sinks.kept import Kept
from sinks.mongodb import MatchStore
from sinks.qdrant import Hit, Point, VectorStore, cosine
from sinks.topics import Message, TopicSink
from streams import metrics
from streams.delivery import Delivery, Inbound
from streams.pair_scores import PairScores
from streams.tracing import Attributes, batch_span

OTHER: Mapping[Side, Side] = {"talent": "job", "job": "talent"}
OPEN_STATUSES: Mapping[Side, Sequence[str]] = {"talent": sorted(TALENT_STATUSES), "job": sorted(JOB_STATUSES)}
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MatchLimits:
    """How wide to look, and what is worth a result."""

    candidates: int = 30
    results: int = 10
    threshold: float = 0.6
    weights: Weights = DEFAULT


class MatchStage:
    """Scores pairs; publishes what changed to `match-results`, then stores it in MongoDB."""

    name = "match"
    operation = "process"

    def __init__(self, vectors: VectorStore, matches: MatchStore, results: TopicSink, limits: MatchLimits) -> None:
        self._vectors = vectors
        self._matches = matches
        self._results = results
        self._limits = limits
        self._scores = PairScores()
        self.kept: Mapping[str, Kept[Any, Any]] = {
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
            known = {_partner(side, m) for m in active.get(entity_id, ())}
            scored[entity_id] = best_matches(side, points[entity_id], near.values(), self._limits, known, self._scores)
        await self._settle(side, wanted, scored, active)

    async def _add_known_partners(
        self,
        side: Side,
        points: Mapping[str, Point],
        partners: Mapping[str, dict[str, Hit]],
        active: Mapping[str, Sequence[Match]],
    ) -> None:
        """Active matches are scored again even if the search no longer finds them."""
        missing = {i: {_partner(side, m) for m in active.get(i, ())} - near.keys() for i, near in partners.items()}
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
        stored = {_pair(m): m for matches in active.values() for m in matches}
        new = {_pair(m) for matches in scored.values() for m in matches} - stored.keys()
        stored |= await self._matches.load(new)
        changed: list[tuple[Match, Delivery[MatchRequest]]] = []
        to_store: list[Match] = []
        for entity_id, delivery in wanted.items():
            current = [in_language_of(m, stored.get(_pair(m))) for m in scored.get(entity_id, ())]
            still = {_pair(m) for m in current}
            gone = [
                _withdrawn(side, m, delivery.item.revision) for m in active.get(entity_id, ()) if _pair(m) not in still
            ]
            news = [m for m in current if differs(m, stored.get(_pair(m)))] + gone
            delivery.span.set_attribute(semconv.MATCHES_CHANGED, len(news))
            changed += [(m, delivery) for m in news]
            to_store += [m for m in current if m != stored.get(_pair(m))] + gone
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
                revisions = {_pair(m): revision_of(m, time=now, cause=d.cause) for m, d in changed}
                await self._matches.save(to_store, revisions)
        for match, delivery in changed:
            metrics.match_results.add(1, metrics.of_stage(self.name, delivery.inbound.topic, status=match.status))


def best_matches(
    side: Side,
    point: Point,
    near: Iterable[Hit],
    limits: MatchLimits,
    known: Collection[str] = (),
    scores: PairScores | None = None,
) -> list[Match]:
    """Return the matches of `point` worth having: the best, and of the partners in `known` all that still hold.

    What `scores` has kept is not computed again; it changes no result.
    """
    scores = scores or PairScores(0, 0)
    ranked = []
    for partner, similarity in near:
        if partner.payload.get("model") != point.payload.get("model"):
            continue  # vectors of two models are never compared
        talent, job = (point, partner) if side == "talent" else (partner, point)
        if not admissible(talent.profile, job.profile):
            continue
        total = scores.total(talent, job, similarity, limits.weights)
        if total >= limits.threshold:
            ranked.append((total, partner.id, talent, job, similarity))
    ranked.sort(key=lambda r: (-r[0], r[1]))
    kept = [r for rank, r in enumerate(ranked) if rank < limits.results or r[1] in known]
    language = point.profile.language
    return [
        Match(
            talent_id=talent.id,
            job_id=job.id,
            talent_revision=talent.profile.revision,
            job_revision=job.profile.revision,
            status="active",
            score=round(total, 6),
            language=language,
            features=scores.explain(talent, job, similarity, limits.weights, language),
            model=str(point.payload["model"]),
        )
        for total, _, talent, job, similarity in kept
    ]


def _pair(match: Match) -> Pair:
    return match.talent_id, match.job_id


def _partner(side: Side, match: Match) -> str:
    return match.job_id if side == "talent" else match.talent_id


def in_language_of(match: Match, before: Match | None) -> Match:
    """Keep the stored wording when only the language differs: which side asked last is no change of the match."""
    if before is None or before.status != "active" or before.language == match.language:
        return match
    same = [(f.score, f.weight) for f in before.features] == [(f.score, f.weight) for f in match.features]
    if not same:
        return match
    return match.model_copy(update={"language": before.language, "features": before.features})


def differs(match: Match, before: Match | None) -> bool:
    """Whether consumers need to hear of it: revisions alone are no news."""
    if before is None:
        return True
    ignored = {"talent_revision", "job_revision"}
    return match.model_dump(exclude=ignored) != before.model_dump(exclude=ignored)


def _withdrawn(side: Side, match: Match, revision: int) -> Match:
    name = "talent_revision" if side == "talent" else "job_revision"
    newest = max(revision, match.talent_revision if side == "talent" else match.job_revision)
    return match.model_copy(update={"status": "withdrawn", name: newest})


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
