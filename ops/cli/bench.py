"""`looma bench`: measurements on this machine."""

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "ingest": "bench_ingest:ingest",
    "backfill": "bench_backfill:backfill",
    "embed": "bench_embed:embed",
    "match": "bench_match:match",
    "search": "bench_search:search",
    "verify": "bench_verify:bench_verify",
    "faults": "bench_faults:bench_faults",
    "resume": "bench_resume:bench_resume",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def bench() -> None:
    """Measure on this machine."""
