"""The `looma` command and its parts."""

from typing import Any

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "demo": "demo:demo",
    "up": "stack:up",
    "down": "stack:down",
    "status": "stack:status",
    "topics": "provision:topics",
    "indexes": "provision:indexes",
    "worker": "work:worker",
    "models": "models:models",
    "publish": "publish:publish",
    "submit": "submit:submit",
    "text": "read_document:text",
    "parse": "parse:parse",
    "advise": "advise:advise_command",
    "sync": "sync:sync",
    "conflicts": "conflicts:conflicts",
    "identity": "identity:identity",
    "replay": "replay:replay",
    "forget": "forget:forget",
    "backup": "backup:backup",
    "search": "search:search",
    "index": "index:index",
    "match": "match:match",
    "matches": "results:matches",
    "consume": "results:consume",
    "dlq": "dlq:dlq",
    "trace": "tracing:trace",
    "bench": "bench:bench",
    "eval": "evaluate:evaluate",
    "train": "train:train",
    "config": "config:config",
}


class _Main(LazyGroup):
    """Says in one line what is wrong with the embedded stack, whichever command finds out."""

    def invoke(self, ctx: click.Context) -> Any:
        from ops.embedded import StackError

        try:
            return super().invoke(ctx)
        except StackError as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=_Main,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="looma-streams", prog_name="looma")
def main() -> None:
    """Looma Streams: talent and job events in, golden records and explained matches out.

    \b
    A first run:      looma demo
    Step by step:     looma up; looma topics apply; looma worker &
                      looma publish talents.jsonl; looma matches talent ID; looma trace EVENT_ID
    """
