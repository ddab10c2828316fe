"""The benchmark of the main job, as a command."""

import json

from conftest import UNTRACED


def test_the_benchmark_reports_what_it_promises(cluster) -> None:
    options = ("--events", "1000", "--full-events", "20", "--rounds", "1", "--json")
    figures = json.loads(cluster.looma("bench", "ingest", *options, **UNTRACED))
    assert figures["sync"]["events_per_s"] > 0
    assert figures["sync"]["ratio_to_handwritten"] > 0
    assert figures["sync"]["latency_ms"].keys() == {"p50", "p99"}
    assert figures["full"]["events_per_s"] > 0
    assert figures["machine"]["aiokafka"]
