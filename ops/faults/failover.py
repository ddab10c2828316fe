"""A rehearsal of failures one by one: a worker, the store and the broker die under load, and each must be got over."""

from typing import Any

from ops.benchmarks.stack import Progress
from ops.faults.run import Plan, under_fire
from ops.faults.schedule import Fault

SECONDS, WORKERS, RATE, SEED = 70, 2, 100, 1
FAULTS = (
    Fault(8, "kill"),
    Fault(22, "mongodb", seconds=5, hard=True),
    Fault(44, "broker", seconds=5, hard=True),
)
"""Far enough apart that each meets a group at rest."""
PROMISES = ("lost", "duplicated", "out_of_order", "unaccounted")


async def failover(progress: Progress) -> dict[str, Any]:
    """Let each fail once; return how long each was away, when work went on, and what was lost.

    Raises as `under_fire` does.
    """
    figures = await under_fire(Plan(SECONDS, WORKERS, SEED, RATE, FAULTS), progress)
    failures = {
        {"kill": "worker"}.get(each["kind"], each["kind"]): {
            "away_seconds": each["lasted"],
            "first_event_ms": each["recovery_ms"],
        }
        for each in figures["timeline"]
    }
    return {
        "events": figures["events"]["published"],
        **{name: figures[name] for name in PROMISES},
        "drained": figures["drained"],
        "drain_seconds": figures["drain_seconds"],
        "failures": failures,
    }
