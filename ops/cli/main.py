"""The `looma` command and its parts."""

from typing import Any

import click

from ops.cli import (
    bench,
    config,
    conflicts,
    demo,
    dlq,
    evaluate,
    provision,
    publish,
    results,
    stack,
    sync,
    tracing,
    work,
)
from ops.embedded.stack import StackError


class _Commands(click.Group):
    """Says in one line what is wrong with the embedded stack, whichever command finds out."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StackError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="looma-streams", prog_name="looma")
def main() -> None:
    """Looma Streams: talent and job events in, golden records and explained matches out.

    \b
    A first run:      looma demo
    Step by step:     looma up; looma topics apply; looma worker &
                      looma publish talents.jsonl; looma matches talent ID; looma trace EVENT_ID
    """


for command in (
    demo.demo,
    stack.up,
    stack.down,
    stack.status,
    provision.topics,
    provision.indexes,
    work.worker,
    work.models,
    publish.publish,
    results.matches,
    results.consume,
    sync.sync,
    conflicts.conflicts,
    dlq.dlq,
    tracing.trace,
    bench.bench,
    evaluate.evaluate,
    config.config,
):
    main.add_command(command)
