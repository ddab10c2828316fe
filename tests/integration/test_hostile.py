"""Hostile messages to every topic of a real worker: each ends as an effect or as a dead letter with its bytes."""

import sys
from pathlib import Path

from tests.support.cluster import Cluster

sys.path.append(str(Path(__file__).parents[1] / "fuzz"))
from through_worker import run


def test_every_hostile_message_and_every_neighbour_is_accounted_for(cluster: Cluster) -> None:
    worker = cluster.worker()
    found = run(cluster, 300, seed=7, full=True)
    assert found.is_whole, found.to_json()
    assert found.events == 300
    assert found.effects > 50
    assert len(found.dead_letters) > 5
    assert worker.stop() == 0
