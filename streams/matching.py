"""The matching stage: a changed talent is matched against jobs, a changed job against talents."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opentelemetry.trace import SpanKind

from processors.matching.book import Book, Change, OutdatedError
from processors.matching.filters import OPEN_STATUSES
from processors.matching.ranking import OTHER, Limits, Pair, Scored, best_matches, not_outdone, pair_of
from schemas import semconv
from schemas.base import read_data
from schemas.chain import CAUSE
from schemas.entities import Side
from schemas.envelope import Envelope, derived_id, timestamp
from schemas.errors import BadMessageError, LoomaError
from schemas.feedback import pair_id
from schemas.messages import Match, MatchRequest
from schemas.topics import MATCH_RESULTS
from sinks.cache import Cache
from sinks.errors import ConflictError
from sinks.matches import MATCHES, MatchStore
from sinks.qdrant import Hit, Point, VectorStore, cosine
from sinks.topic_sink import Message, TopicSink
from streams import metrics
from streams.delivery import Delivery, Inbound
from streams.pair_scores import PairScores
from streams.tracing import Attributes, batch_span

MAX_TALENTS = 512
"""Talents whose matches are worked on, published and stored at a time."""
MAX_PARTNERS = 512
"""Partners of which the search knows nothing that are fetched and scored at a time."""
MAX_TRIES = 3
"""Of one entity that others come first with, before its batch is tried again."""
MAX_UNSETTLED = 10_000

Request = Delivery[MatchRequest]


class StaleVectorError(LoomaError, ConflictError):
    """Qdrant has an older vector than the one that matches were computed with; mostly for a moment."""

    code = "stale_vector"

    def __init__(self) -> None:
        super().__init__(
            "a vector is older than its stored matches; an event or `looma sync verify --repair` renews it"
        )


@dataclass(slots=True)
class Asking:
    """An entity that asks for its matches: as Qdrant has it, if it has, and the partners found near it.

    `matched` are the talents that a job is matched with. `totals` are those of its matches that were ranked before.
    """

    side: Side
    request: Request
    point: Point | None
    near: Mapping[str, Hit]
    matched: set[str] = field(default_factory=set)
    totals: list[float] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The entity's id."""
        return self.request.item.id


@dataclass(frozen=True, slots=True)
class Part:
    """What is ranked of an entity at a time: its matches among `talents`; what was found near it comes last."""

    asking: Asking
    talents: frozenset[str]
    is_last: bool = True


class MatchStage:
    """Scores pairs; publishes what changed to `match-results`, then stores it in MongoDB.

    A batch is ranked and settled in chunks of at most MAX_TALENTS talents, so that what is held in memory, published
    and stored at a time does not grow with the batch, nor with the number of talents that a job is matched with. Only
    of a single talent all matches are held together, as texts. Within a chunk a pair is settled once, whatever has
    touched it.
    """

    name = "match"
    operation = "process"

    def __init__(self, vectors: VectorStore, matches: MatchStore, results: TopicSink, limits: Limits) -> None:
        self._vectors = vectors
        self._matches = matches
        self._results = results
        self._limits = limits
        self._scores = PairScores()
        self._unsettled: dict[Pair, Match] = {}
        """What was published and, as far as is known, not stored."""
        self.kept: Mapping[str, Cache[Any, Any]] = {
            "scores": self._scores.scores,
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

    async def process(self, deliveries: Sequence[Request]) -> None:
        """Match each entity of the batch once, as Qdrant now has it."""
        newest: dict[tuple[Side, str], Request] = {}
        for delivery in deliveries:
            newest[delivery.item.entity, delivery.item.id] = delivery
        for delivery in deliveries:
            delivery.outcome = "applied"  # a batch that failed comes again in halves
            chosen = newest[delivery.item.entity, delivery.item.id]
            if chosen is not delivery:
                delivery.superseded_by(chosen)
        asking = [
            a for side in OTHER for a in await self._search(side, [d for (s, _), d in newest.items() if s == side])
        ]
        changed: Counter[int] = Counter()
        for chunk in chunks(asking, self._limits.results):
            for change in await self._match_or_halve(chunk):
                changed[id(change.cause)] += 1
        for delivery in newest.values():
            delivery.span.set_attribute(semconv.MATCHES_CHANGED, changed[id(delivery)])

    async def _search(self, side: Side, requests: Sequence[Request]) -> list[Asking]:
        """Find what is near each entity, and of jobs whom they are matched with."""
        if not requests:
            return []
        other = OTHER[side]
        ids = [request.item.id for request in requests]
        with batch_span(f"query {other}s", requests, {semconv.DB_SYSTEM: "qdrant", semconv.DB_OPERATION: "query"}):
            points = await self._vectors.get(side, ids)
            found = list(points.values())
            hits = await self._vectors.nearest(
                other,
                [p.vector for p in found],
                model=str(found[0].payload["model"]) if found else "",
                statuses=OPEN_STATUSES[other],
                limit=self._limits.candidates,
            )
        near = {p.id: {h.point.id: h for h in each} for p, each in zip(found, hits, strict=True)}
        matched = await self._matches.talents_of(ids) if side == "job" else {}
        for talent_id, job_id in self._unsettled:
            if job_id in matched:
                matched[job_id].add(talent_id)
        return [
            Asking(side, request, points.get(i), near.get(i, {}), matched.get(i, set()))
            for i, request in zip(ids, requests, strict=True)
        ]

    async def _match_or_halve(self, chunk: Sequence[Part]) -> list[Change[Request]]:
        """Do in two halves where another worker came first: who writes much at once is overtaken again and again."""
        try:
            return await self._match(chunk)
        except ConflictError:
            if len(chunk) == 1:
                if not chunk[0].is_last:
                    raise  # the parts behind it go on from its totals
                return await self._match_anew(chunk[0].asking)
        half = len(chunk) // 2
        return [*await self._match_or_halve(chunk[:half]), *await self._match_or_halve(chunk[half:])]

    async def _match_anew(self, asking: Asking) -> list[Change[Request]]:
        """Search for one entity again and match it, a few times: its batch would take longer, and be overtaken again.

        Raises ConflictError if another worker still comes first.
        """
        tries = MAX_TRIES
        while True:
            tries -= 1
            anew = await self._search(asking.side, [asking.request])
            try:
                return [c for chunk in chunks(anew, self._limits.results) for c in await self._match(chunk)]
            except ConflictError:
                if not tries:
                    raise

    async def _match(self, chunk: Sequence[Part]) -> list[Change[Request]]:
        """Rank and settle a chunk; return what was published of it."""
        wanted: dict[str, set[str] | None] = {}
        for part in chunk:
            for talent_id in part.talents:
                jobs = wanted.setdefault(talent_id, set())
                if part.asking.side == "talent":
                    wanted[talent_id] = None
                elif jobs is not None:
                    jobs.add(part.asking.id)
        told = {(t, j): m for (t, j), m in self._unsettled.items() if t in wanted and _has(wanted[t], j)}
        book: Book[Request] = Book(await self._matches.load(wanted), told)
        try:
            for side in OTHER:
                await self._rank(side, [part for part in chunk if part.asking.side == side], book)
        except OutdatedError:
            raise StaleVectorError from None
        news = await self._settle(book)
        for pair in told:
            self._unsettled.pop(pair, None)
        return news

    async def _rank(self, side: Side, parts: Sequence[Part], book: Book[Request]) -> None:
        """Active matches are scored again even if the search no longer finds them."""
        far = {p.asking.id: book.partners(side, p.asking.id) - p.asking.near.keys() for p in parts}
        ids = sorted(set[str]().union(*far.values()))
        for start in range(0, max(1, len(ids)), MAX_PARTNERS):
            some = set(ids[start : start + MAX_PARTNERS])
            points = await self._vectors.get(OTHER[side], some)
            is_end = start + MAX_PARTNERS >= len(ids)
            ranked = []
            for part in parts:
                asking, is_last = part.asking, is_end and part.is_last
                known = far[asking.id] & some
                if is_last:
                    known |= book.partners(side, asking.id) & asking.near.keys()
                ranked.append((asking, known, self._best(asking, known, points, is_last=is_last)))
            lacking: dict[str, set[str]] = {}
            for pair in (scored.pair for _, _, found in ranked for scored in found):
                if book.lacks(pair):
                    lacking.setdefault(pair[0], set()).add(pair[1])
            book.add(await self._matches.load(lacking))
            for asking, known, found in ranked:
                book.rank(side, asking.id, asking.request.item.revision, found, known, asking.request)

    def _best(
        self, asking: Asking, known: Collection[str], points: Mapping[str, Point], *, is_last: bool
    ) -> list[Scored]:
        """Return the matches among partners that were fetched and, at last, those that the search has found."""
        if asking.point is None:
            return []
        hits = dict(asking.near) if is_last else {}
        vector = asking.point.vector
        hits |= {i: Hit(points[i], cosine(vector, points[i].vector)) for i in known if i in points and i not in hits}
        near = (hit.near for hit in hits.values())
        found = best_matches(asking.side, asking.point.candidate, near, self._limits, known, self._scores)
        if is_last:
            return not_outdone(asking.side, found, known, asking.totals, self._limits)
        asking.totals += [scored.total for scored in found]
        return found

    async def _settle(self, book: Book[Request]) -> list[Change[Request]]:
        """Publish what changed, then store everything: a crash in between publishes again under the same ids."""
        news = book.news()
        causes = list({id(change.cause): change.cause for change in news}.values())
        now = timestamp(datetime.now(UTC))  # before anybody can answer to what is published
        if news:
            self._remember(news)
            attributes: Attributes = {
                semconv.SYSTEM: "kafka",
                semconv.OPERATION_TYPE: "send",
                semconv.DESTINATION: MATCH_RESULTS,
                semconv.BATCH_SIZE: len(news),
            }
            with batch_span(f"publish {MATCH_RESULTS}", causes, attributes, SpanKind.PRODUCER):
                await self._results.publish(_caused(result_message(change.match), change.cause) for change in news)
        pages = book.written(now, lambda request: request.cause)
        if pages:
            attributes = {
                semconv.DB_SYSTEM: "mongodb",
                semconv.DB_COLLECTION: MATCHES,
                semconv.DB_OPERATION: "bulkWrite",
                semconv.DB_BATCH_SIZE: len(pages),
            }
            with batch_span(f"bulkWrite {MATCHES}", causes, attributes):
                await self._matches.save(pages)
        else:
            await self._matches.save(())  # what says that nothing is to do may be another worker's, of a moment ago
        for change in news:
            self._unsettled.pop(pair_of(change.match), None)
            labels = metrics.of_stage(self.name, change.cause.inbound.topic, status=change.match.status)
            metrics.match_results.add(1, labels)
        return news

    def _remember(self, news: Sequence[Change[Request]]) -> None:
        self._unsettled |= {pair_of(change.match): change.match for change in news}
        while len(self._unsettled) > MAX_UNSETTLED:
            del self._unsettled[next(iter(self._unsettled))]


def _has(jobs: set[str] | None, job_id: str) -> bool:
    return jobs is None or job_id in jobs


def chunks(asking: Sequence[Asking], results: int) -> Iterator[list[Part]]:
    """Yield what is ranked together, in order: it speaks of at most MAX_TALENTS talents, if a job finds `results` new.

    A job that is matched with more is ranked by itself, in as many chunks as that takes.
    """
    chunk: list[Part] = []
    talents: set[str] = set()
    new = 0
    for each in asking:
        own, more = ({each.id}, 0) if each.side == "talent" else (each.matched, results)
        if chunk and len(talents | own) + new + more > MAX_TALENTS:
            yield chunk
            chunk, talents, new = [], set(), 0
        if len(own) + more > MAX_TALENTS:
            others = sorted(own - each.near.keys())
            for start in range(0, len(others), MAX_TALENTS):
                yield [Part(each, frozenset(others[start : start + MAX_TALENTS]), is_last=False)]
            own = own & each.near.keys()
        chunk.append(Part(each, frozenset(own)))
        talents |= own
        new += more
    if chunk:
        yield chunk


def _caused(message: Message, request: Request) -> Message:
    """Return a result's message as it is published: in its request's trace, with the event that began the chain."""
    cause = [(CAUSE, request.cause.encode())] if request.cause else []
    return message._replace(headers=request.derived_headers([*message.headers, *cause]))


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
