"""The stages are declared once: what reads what, and who builds them."""

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from processors.sync.policy import DEFAULT
from schemas.settings import KafkaSettings, MatchingSettings
from schemas.topics import PIPELINE
from sinks.identities import GOLDEN
from sinks.topic_sink import TopicSink
from streams import pipeline
from streams.generations.generation import ActiveView

ROOT = Path(__file__).parents[2]
BUILT_ONCE = {
    "SyncStage",
    "ResolutionStage",
    "VerdictStage",
    "MatchStage",
    "ResumeIndexStage",
    "Resolver",
    "FeedbackStage",
}
ALLOWED = {
    ("streams/decoding.py", "SyncStage"): "reads messages and stores nothing",
    ("streams/decoding.py", "VerdictStage"): "the same",
    ("streams/decoding.py", "FeedbackStage"): "the same",
}


@pytest.fixture
def database():
    return AsyncMongoClient("mongodb://localhost:1", connect=False)["looma"]


def test_what_the_catalogue_says_is_read_has_a_stage() -> None:
    assert {*pipeline.SYNC.values(), *pipeline.DERIVED.values()} == set(PIPELINE)


def test_every_stage_that_is_declared_is_built(database) -> None:
    """By one of the functions here, which is all that a worker calls: so a new stage touches no other file."""
    nothing: Any = SimpleNamespace(cached=None, kept=None)
    results = TopicSink(KafkaSettings(), client_id="c")
    golden = pipeline.resolvers(database, results, DEFAULT)
    syncing = pipeline.sync_stages(database, results, DEFAULT, golden)
    assert {stage.name for stage in syncing.values()} == set(pipeline.SYNC)
    others = [
        *pipeline.resolution_stages(golden, DEFAULT),
        *pipeline.matching_stages(nothing, nothing, nothing, nothing, results, MatchingSettings(), {}).stages,
        *pipeline.outcome_stages(database, ActiveView(database), DEFAULT),
    ]
    assert sorted(stage.name for stage in others) == sorted(pipeline.DERIVED)


def test_every_sync_stage_brings_up_the_golden_records_that_its_events_decide(database) -> None:
    """An event that changes nothing its own record shows may decide a golden record, also when it is replayed."""
    results = TopicSink(KafkaSettings(), client_id="c")
    stages = pipeline.sync_stages(database, results, DEFAULT, pipeline.resolvers(database, results, DEFAULT))
    assert {entity for entity, stage in stages.items() if stage._resolver} == set(GOLDEN)


def test_stages_are_built_in_one_place() -> None:
    built = {
        (str(file.relative_to(ROOT)), node.func.id)
        for package in ("streams", "ops")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILT_ONCE
    }
    assert {place for place in built if place[0] != "streams/pipeline.py"} == set(ALLOWED)
