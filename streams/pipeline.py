"""The stages, and the topic that each reads, declared once: worker, replay and forgetting take them from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processors.embedding.pool import EmbeddingPool
from processors.matching.weights import load_weights
from processors.resolution.facts import Resolvable
from processors.sync.policy import Policy
from schemas.entities import ENTITIES, Entity
from schemas.settings import MatchingSettings
from schemas.topics import EVENTS, IDENTITY_EVENTS, MATCH_FEEDBACK, MATCH_REQUESTS, RECORDS
from sinks import qdrant
from sinks.identities import GOLDEN, IdentityStore
from sinks.kept import Kept
from sinks.mongodb import Database, MatchStore, RecordStore
from sinks.resumes import ResumeStore
from sinks.topics import TopicSink
from streams.delivery import Stage
from streams.matching import MatchLimits, MatchStage
from streams.resolution import ResolutionStage, Resolver, VerdictStage
from streams.resume_index import ResumeIndexStage
from streams.sync import SyncStage
from streams.vectors import VectorStage

SYNC: Mapping[str, str] = {f"sync {entity}": EVENTS[entity] for entity in ENTITIES}
"""The stages that a worker without a model has, by the names in its log, metrics and /ready, and what each reads."""
DERIVED: Mapping[str, str] = {
    **{f"embed {side}": RECORDS[side] for side in qdrant.COLLECTIONS},
    **{f"resolve {kind}": RECORDS[kind] for kind in GOLDEN},
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
        for kind in GOLDEN
    }


def sync_stages(
    database: Database, results: TopicSink, policy: Policy, found: Mapping[Resolvable, Resolver]
) -> dict[Entity, SyncStage]:
    """Return the stages that merge events, by entity. Each brings up the golden records that its events decide."""
    return {
        entity: SyncStage(
            entity,
            RecordStore(database, entity),
            results,
            policy,
            None if entity == "job" else found[entity],
        )
        for entity in ENTITIES
    }


def resolution_stages(found: Mapping[Resolvable, Resolver], policy: Policy) -> list[Stage[Any]]:
    """Return the stages that resolve records and hear people's verdicts."""
    return [*map(ResolutionStage, found.values()), VerdictStage(found, policy)]


@dataclass(frozen=True, slots=True)
class Matching:
    """The stages from records to matches, and what they keep in memory."""

    stages: list[Stage[Any]]
    kept: Mapping[str, Kept[Any, Any]]


def matching_stages(
    pool: EmbeddingPool,
    vectors: qdrant.VectorStore,
    texts: ResumeStore,
    matches: MatchStore,
    results: TopicSink,
    settings: MatchingSettings,
) -> Matching:
    """Return the stages that embed records, index resumes and match."""
    limits = MatchLimits(settings.candidates, settings.results, settings.threshold, load_weights(settings.weights))
    matching = MatchStage(vectors, matches, results, limits)
    embedding = [VectorStage(side, pool, vectors, results, settings.parts) for side in qdrant.COLLECTIONS]
    stages: list[Stage[Any]] = [*embedding, ResumeIndexStage(pool, texts), matching]
    return Matching(stages, {"points": vectors.kept, **matching.kept})
