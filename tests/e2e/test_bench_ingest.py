"""The benchmark of the main job, as a command."""

import json
import os

from conftest import run_looma


def test_the_benchmark_reports_what_it_promises() -> None:
    options = ("--events", "1000", "--full-events", "10", "--rounds", "1", "--json")
    done = run_looma(dict(os.environ), "bench", "ingest", *options)
    assert done.code == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["sync"]["events_per_s"] > 0
    assert figures["sync"]["ratio_to_handwritten"] > 0
    assert figures["sync"]["latency_ms"].keys() == {"p50", "p99"}
    assert figures["full"]["events_per_s"] > 0
    assert figures["machine"]["aiokafka"]
