"""`looma sync`: bulk syncs, their accounts, consistency and policies."""

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "run": "sync.run:run_command",
    "status": "sync.run:status",
    "report": "sync.run:report",
    "verify": "sync.verify:verify",
    "policy": "sync.policy:policy",
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def sync() -> None:
    """Keep records in step with their sources."""
