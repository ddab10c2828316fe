"""`looma sync`: bulk syncs, their accounts, consistency and policies."""

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "run": "sync_run:run_command",
    "status": "sync_run:status",
    "report": "sync_run:report",
    "verify": "sync_verify:verify",
    "policy": "policy:policy",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def sync() -> None:
    """Keep records in step with their sources."""
