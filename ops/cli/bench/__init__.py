"""`looma bench`: measurements on this machine."""

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "ingest": "bench.ingest:ingest",
    "scale": "bench.scale:scale",
    "backfill": "bench.backfill:backfill",
    "embed": "bench.embed:embed",
    "match": "bench.match:match",
    "search": "bench.search:search",
    "verify": "bench.verify:bench_verify",
    "faults": "bench.faults:bench_faults",
    "soak": "bench.soak:bench_soak",
    "alerts": "bench.alerts:bench_alerts",
    "cli": "bench.cli:bench_cli",
    "resume": "bench.resume:bench_resume",
    "chat": "bench.chat:bench_chat",
    "api": "bench.api:bench_api",
    "gateway": "bench.gateway:bench_gateway",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def bench() -> None:
    """Measure on this machine."""
