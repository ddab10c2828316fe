"""`looma console`: the way into the console."""

import click

from ops.cli.context import console, load_settings


@click.command("console")
def console_command() -> None:
    """Print the console's address with a token that opens it once, within an hour.

    `looma api` serves the console. Whoever opens the address may do all that the commands on this machine do; others
    sign in with an API key.
    """
    from ops.console.address import console_address

    console.print(console_address(load_settings()))
