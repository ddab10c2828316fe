"""The feedback stage: what became of a pair is stored, with the match as it was when it was said."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from processors.matching.feedback import Said, join
from processors.sync.clock import in_time, is_late
from processors.sync.policy import Policy
from schemas import semconv
from schemas.feedback import FeedbackEvent, decode_feedback
from schemas.history import MatchRevision
from schemas.settings import EVENTS_KEPT
from sinks.feedback import FEEDBACK, FeedbackStore, Pair, StoredFeedback
from sinks.matches import MatchStore
from sinks.mongodb import Database
from streams import metrics
from streams.delivery import Delivery, Inbound
from streams.generations.generation import ActiveView, Generation
from streams.tracing import Attributes, batch_span, event_attributes


class Histories(Protocol):
    """Where the results are that readers have seen."""

    async def histories(self, pairs: Collection[Pair]) -> dict[Pair, list[MatchRevision]]:
        """Return the published results that are remembered of pairs, the oldest first."""
        ...


class ActiveHistories:
    """The histories of the active generation, which is the one that whoever gave the feedback has seen."""

    def __init__(self, base: Database, view: ActiveView) -> None:
        self._base = base
        self._view = view

    async def histories(self, pairs: Collection[Pair]) -> dict[Pair, list[MatchRevision]]:
        """Return the published results that are remembered of pairs, the oldest first."""
        active = await self._view.get()
        return await MatchStore(Generation(active.generation).database(self._base)).histories(pairs)


class FeedbackStage:
    """Joins feedback with what is stored of its pairs."""

    name = "feedback"
    operation = "process"

    def __init__(self, store: FeedbackStore, matches: Histories, policy: Policy, kept: timedelta = EVENTS_KEPT) -> None:
        self._kept = kept
        self._store = store
        self._matches = matches
        self._policy = policy

    def decode(self, message: Inbound) -> FeedbackEvent:
        """Return the event; raises BadMessageError."""
        return in_time(decode_feedback(message.key, message.value, message.headers), message.timestamp, self._policy)

    def attributes(self, item: FeedbackEvent) -> dict[str, str]:
        """Return what identifies the event on its span."""
        return event_attributes(item.envelope)

    async def process(self, deliveries: Sequence[Delivery[FeedbackEvent]]) -> None:
        """Store what is new, a pair in one write; what is known already changes nothing."""
        pairs = {_pair(d): None for d in deliveries}
        stored = await self._store.load(pairs)
        histories = await self._matches.histories(pairs)
        said = {pair: found.said for pair, found in stored.items()}
        for delivery in deliveries:
            pair = _pair(delivery)
            before = said.get(pair, ())
            said[pair] = join(before, [Said.of(delivery.item, histories.get(pair, ()))])
            delivery.outcome = "applied" if said[pair] != before else "unchanged"
        changed = []
        for pair, words in said.items():
            known = stored.get(pair)
            if known is None or words != known.said:
                changed.append(StoredFeedback(*pair, (known.revision if known else 0) + 1, words))
        if changed:
            attributes: Attributes = {
                semconv.DB_SYSTEM: "mongodb",
                semconv.DB_COLLECTION: FEEDBACK,
                semconv.DB_OPERATION: "bulkWrite",
                semconv.DB_BATCH_SIZE: len(changed),
            }
            causes = [d for d in deliveries if d.outcome == "applied"]
            with batch_span(f"bulkWrite {FEEDBACK}", causes, attributes):
                await self._store.save(changed)
        else:
            await self._store.save(())  # what is known may be another worker's, of a moment ago
        for delivery in deliveries:
            if is_late(delivery.item.envelope.time, delivery.inbound.timestamp, self._kept):
                delivery.span.set_attribute(semconv.LATE, True)
                metrics.late_events.add(1, metrics.of_stage(self.name, delivery.inbound.topic))


def _pair(delivery: Delivery[FeedbackEvent]) -> Pair:
    return delivery.item.feedback.talent_id, delivery.item.feedback.job_id
