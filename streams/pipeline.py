"""The stages, and the topic that each reads, declared once: worker, replay and forgetting take them from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from processors.embedding.pool import EmbeddingPool
from processors.matching.ranking import Limits
from processors.matching.weights import load_weights
from processors.sync.policy import Policy
from schemas.entities import ENTITIES, RESOLVABLE, SIDES, Entity, Resolvable, is_resolvable
from schemas.settings import EVENTS_KEPT, MatchingSettings
from schemas.topics import EVENTS, IDENTITY_EVENTS, MATCH_FEEDBACK, MATCH_REQUESTS, RECORDS
from sinks import qdrant
from sinks.cache import Cache
from sinks.feedback import FeedbackStore
from sinks.identities import IdentityStore
from sinks.matches import MatchStore
from sinks.mongodb import Database, RecordStore
from sinks.restored import Ends
from sinks.resumes import ResumeStore
from sinks.topic_sink import TopicSink
from streams.delivery import Stage
from streams.feedback import ActiveHistories, FeedbackStage
from streams.generations.generation import ActiveView
from streams.matching import MatchStage
from streams.resolution import ResolutionStage, Resolver, VerdictStage
from streams.resume_index import ResumeIndexStage
from streams.sync import SyncStage
from streams.vectors import VectorStage

SYNC: Mapping[str, str] = {f"sync {entity}": EVENTS[entity] for entity in ENTITIES}
"""The stages that a worker without a model has, by the names in its log, metrics and /ready, and what each reads."""
DERIVED: Mapping[str, str] = {
    **{f"embed {side}": RECORDS[side] for side in SIDES},
    **{f"resolve {kind}": RECORDS[kind] for kind in RESOLVABLE},
    "match": MATCH_REQUESTS,
    "verdicts": IDENTITY_EVENTS,
    "feedback": MATCH_FEEDBACK,
    "index resumes": RECORDS["talent"],
}
"""The stages that need more. Two may read one topic."""


def resolvers(database: Database, results: TopicSink, policy: Policy) -> dict[Resolvable, Resolver]:
    """Return what brings golden records up to date, by the kind of entity."""
    return {
        kind: Resolver(kind, IdentityStore(database, kind), RecordStore(database, kind), results, policy)
        for kind in RESOLVABLE
    }


def sync_stages(
    database: Database,
    results: TopicSink,
    policy: Policy,
    found: Mapping[Resolvable, Resolver],
    kept: timedelta = EVENTS_KEPT,
) -> dict[Entity, SyncStage]:
    """Return the stages that merge events, by entity. Each brings up the golden records that its events decide."""
    return {
        entity: SyncStage(
            entity,
            RecordStore(database, entity),
            results,
            policy,
            found[entity] if is_resolvable(entity) else None,
            kept,
        )
        for entity in ENTITIES
    }


def resolution_stages(found: Mapping[Resolvable, Resolver], policy: Policy) -> list[Stage[Any]]:
    """Return the stages that resolve records and hear people's verdicts."""
    return [*map(ResolutionStage, found.values()), VerdictStage(found, policy)]


def outcome_stages(base: Database, view: ActiveView, policy: Policy, kept: timedelta = EVENTS_KEPT) -> list[Stage[Any]]:
    """Return the stages that hear what became of results; they belong to no generation."""
    return [FeedbackStage(FeedbackStore(base), ActiveHistories(base, view), policy, kept)]


@dataclass(frozen=True, slots=True)
class Matching:
    """The stages from records to matches, and what they keep in memory."""

    stages: list[Stage[Any]]
    kept: Mapping[str, Cache[Any, Any]]


def matching_stages(
    pool: EmbeddingPool,
    vectors: qdrant.VectorStore,
    texts: ResumeStore,
    matches: MatchStore,
    results: TopicSink,
    settings: MatchingSettings,
    restored: Ends,
) -> Matching:
    """Return the stages that embed records, index resumes and match; `restored` records may have their vectors."""
    limits = Limits(settings.candidates, settings.results, settings.threshold, load_weights(settings.weights))
    matching = MatchStage(vectors, matches, results, limits)
    embedding = [VectorStage(side, pool, vectors, results, settings.parts, restored) for side in SIDES]
    stages: list[Stage[Any]] = [*embedding, ResumeIndexStage(pool, texts, results), matching]
    return Matching(stages, {"points": vectors.kept, **matching.kept})
