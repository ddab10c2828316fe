"""`looma bench`: measurements on this machine."""

import click

from ops.cli.bench_backfill import backfill
from ops.cli.bench_embed import embed
from ops.cli.bench_faults import bench_faults
from ops.cli.bench_ingest import ingest
from ops.cli.bench_match import match
from ops.cli.bench_resume import bench_resume
from ops.cli.bench_search import search
from ops.cli.bench_verify import bench_verify


@click.group()
def bench() -> None:
    """Measure on this machine."""


for command in (ingest, backfill, embed, search, bench_verify, bench_faults, bench_resume, match):
    bench.add_command(command)
