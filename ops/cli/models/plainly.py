"""What the commands about models share: refusals said in one line, waiting for a generation."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

wait_option = click.option(
    "--wait", default=30.0, show_default=True, type=click.FloatRange(0, 3600), help="Seconds it has to catch up."
)


@contextmanager
def said_plainly() -> Iterator[None]:
    """End the command with exit code 1 and what the refusal says."""
    # Here: these modules take a while to import.
    from ops.models.task import TaskError
    from streams.generations.generation import GenerationError
    from streams.models.registry import RegistryError
    from streams.models.rollouts import RolloutError
    from streams.models.sources import SourceError

    try:
        yield
    except (GenerationError, RegistryError, RolloutError, SourceError, TaskError) as error:
        raise click.ClickException(str(error)) from error
