"""`looma sync`: bulk syncs, their accounts, consistency and policies."""

import click

from ops.cli.policy import policy


@click.group()
def sync() -> None:
    """Keep records in step with their sources."""


sync.add_command(policy)
