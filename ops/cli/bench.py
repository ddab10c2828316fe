"""`looma bench`: measurements on this machine."""

import click

from ops.cli.bench_backfill import backfill
from ops.cli.bench_faults import bench_faults
from ops.cli.bench_ingest import ingest
from ops.cli.bench_resume import bench_resume
from ops.cli.bench_verify import bench_verify


@click.group()
def bench() -> None:
    """Measure on this machine."""


for command in (ingest, backfill, bench_verify, bench_faults, bench_resume):
    bench.add_command(command)
