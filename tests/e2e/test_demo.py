"""The main job, as a command."""

import json
import re

from ops.local.embedded.stack import free_ports


def test_the_demo_completes_every_trace_and_a_second_run_changes_nothing(cluster) -> None:
    port = str(free_ports(1)[0])
    first = json.loads(cluster.looma("demo", "--json", LOOMA_WORKER__PORT=port))
    assert first["published"] > 500
    assert first["traces_complete"] == 1.0
    assert first["vectors"] >= 300
    assert first["matches"] > 100
    assert first["dead_letters"] >= 8
    shown = cluster.looma("demo", LOOMA_WORKER__PORT=port)
    assert "traces complete" in shown
    expected = {
        "events published": first["published"],
        "changed a record": 0,
        "active matches": first["matches"],
        "dead letters": first["dead_letters"],
        **{name: first[name] for name in ("talents", "jobs", "companies", "vectors")},
    }
    for name, count in expected.items():
        assert re.search(rf"{name}[ │]+{count}\b", shown), (name, count, shown)
