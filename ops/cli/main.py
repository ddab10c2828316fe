"""The `looma` command and its parts."""

import logging
import os
import signal
import sys
import traceback
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

import click

from ops.cli.failures import AS_JSON, failure_of, for_machines, internal, plain
from ops.cli.interrupts import end_at_once
from ops.cli.lazy import LazyGroup
from ops.runtime.data_folder import UMASK
from schemas.exits import Exit

COMMANDS = {
    "demo": "demo:demo",
    "up": "stack:up",
    "down": "stack:down",
    "status": "stack:status",
    "topics": "provision:topics",
    "indexes": "provision:indexes",
    "migrate": "migrate:migrate",
    "worker": "work:worker",
    "watch": "alerts:watch",
    "alerts": "alerts:alerts",
    "api": "api:api",
    "console": "console:console_command",
    "serve": "serve:serve",
    "webhooks": "webhooks:webhooks",
    "keys": "keys:keys",
    "audit": "audit:audit",
    "models": "models.models:models",
    "publish": "publish:publish",
    "validate": "validate:validate_command",
    "show": "show:show",
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
    "drill": "drill:drill",
    "search": "search:search",
    "index": "index:index",
    "chat": "chat:chat",
    "match": "match:match",
    "matches": "results:matches",
    "consume": "results:consume",
    "export": "export:export",
    "archive": "archive:archive",
    "dlq": "dlq:dlq",
    "trace": "tracing:trace",
    "logs": "logs:logs",
    "bench": "bench:bench",
    "eval": "eval:evaluate",
    "train": "train:train",
    "config": "config:config",
    "doctor": "doctor:doctor",
}


class _Main(LazyGroup):
    """Ends every command as docs/reference/errors.md says: one line for an error, and the exit status of its kind."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line. What it writes is for its owner alone: it may be personal data."""
        if options.get("standalone_mode", True):
            os.umask(UMASK)
            for stream in (sys.stdout, sys.stderr):
                if isinstance(stream, TextIOWrapper):  # None if it was closed
                    stream.reconfigure(errors="backslashreplace")
            # The clients' own lines: what they mean for a command is said by it. A worker logs them.
            logging.getLogger().addHandler(logging.NullHandler())
        return super().main(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; Ctrl-C, a reader that has gone and every error end it as they should."""
        try:
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()  # here, where what it fails of can still be said
            return result
        except click.exceptions.Exit:
            raise
        except click.ClickException as error:
            raise _told(ctx, error) from error.__cause__
        except (KeyboardInterrupt, click.Abort) as error:
            if not _interrupted(error):
                raise
            signal.signal(signal.SIGINT, end_at_once)  # of the threads that are still at work
            click.echo("interrupted", err=True)
            raise click.exceptions.Exit(Exit.INTERRUPTED) from None
        except BrokenPipeError:
            _drop_output()
            raise click.exceptions.Exit(Exit.PIPE) from None
        except Exception as error:
            try:
                if sys.stdout is not None:
                    sys.stdout.flush()
            except OSError:
                _drop_output()
            said = failure_of(error) or internal(error)
            if os.environ.get("LOOMA_TELEMETRY__LOG_LEVEL") == "DEBUG":
                click.echo(plain("".join(traceback.format_exception(error))), err=True)
            raise _told(ctx, said) from error


def _told(ctx: click.Context, error: click.ClickException) -> click.ClickException:
    error.message = plain(error.message)
    return for_machines(error) if ctx.meta.get(AS_JSON) else error


def _drop_output() -> None:
    """Let what is still to be written go nowhere: the interpreter would complain at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupted(error: BaseException) -> bool:
    """Whether it comes of Ctrl-C, and not of a question answered by no."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__ or error.__context__, KeyboardInterrupt)


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
