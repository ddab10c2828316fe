"""`looma sync`: bulk syncs, their accounts, consistency and policies."""

import click

from ops.cli.policy import policy
from ops.cli.sync_run import report, run_command, status
from ops.cli.sync_verify import verify


@click.group()
def sync() -> None:
    """Keep records in step with their sources."""


for command in (run_command, status, report, verify, policy):
    sync.add_command(command)
