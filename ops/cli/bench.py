"""`looma bench`: measurements on this machine."""

import click

from ops.cli.bench_backfill import backfill
from ops.cli.bench_ingest import ingest


@click.group()
def bench() -> None:
    """Measure on this machine."""


for command in (ingest, backfill):
    bench.add_command(command)
