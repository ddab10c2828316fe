"""The benchmarks of the main job, as commands."""

import json
import os
from pathlib import Path

import pytest
from pymongo import MongoClient

from tests.support.cluster import run_looma
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.long


def test_the_benchmark_reports_what_it_promises() -> None:
    sizes = ("--events", "300", "--full-events", "10", "--jobs", "10", "--rounds", "1", "--again", "0.3")
    done = run_looma(dict(os.environ), "bench", "ingest", *sizes, "--no-quix", "--json")
    assert done.code == 0, done.stderr
    figures = json.loads(done.stdout)
    sync, full = figures["sync"], figures["full"]
    assert sync["events_per_s"] > 0
    assert sync["ratio_to_handwritten"] > 0
    assert sync["ratio_to_publishing"] > 0
    assert sync["ratio_cold"] > 0
    assert sync["share"] == {"of_new_talents": 0.7, "of_talents_seen_before": 0.3}
    assert sync["cpu_ms"].keys() == {"worker", "mongodb", "kafka", "handwritten", "publishing"}
    assert sync["latency_ms"].keys() == {"p50", "p99"}
    assert full["events_per_s"] > 0
    assert full["cpu_ms"].keys() == {"worker", "mongodb", "kafka", "qdrant", "sum"}
    assert full["writes_by_collection"]["talents"] == 1  # one document an event, whatever the bulks were
    assert full["writes_per_event"] >= 2  # a person, too
    assert full["outcomes"]["talent-events: applied"] == 10
    assert full["latency_ms"]["p99"] >= full["matched_ms"]["p99"] > 0
    assert figures["mongodb"].startswith("SecantusDB ")
    assert figures["machine"]["aiokafka"]


def test_scale_is_measured_with_a_given_mongodb_and_nothing_stays_there(tmp_path: Path) -> None:
    with mongodb_alone(tmp_path) as settings:
        url = settings.mongodb.url.get_secret_value()
        environment = {**os.environ, "LOOMA_BENCH_MONGODB_URL": url}
        options = ("--events", "1200", "--workers", "2", "--full-events", "0", "--json")
        done = run_looma(environment, "bench", "scale", *options)
        with MongoClient[dict[str, object]](url) as client:
            left = [name for name in client.list_database_names() if name.startswith("looma-bench")]
            written = client.admin.command("serverStatus")["opcounters"]["insert"]
    assert done.code == 0, done.stderr
    figures = json.loads(done.stdout)["sync"]["1200"]["2"]
    assert figures["events_per_s"] > 0
    assert figures["cpu_ms"].keys() == {"worker", "mongodb", "kafka", "qdrant"}
    assert figures["resident_mb"].keys() == {"1000", "end"}
    assert written
    assert not left
