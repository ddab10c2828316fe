"""What commands share: settings, output for people or machines, and errors that say what to do."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import click
from pydantic import ValidationError
from rich.console import Console

from ops.settings import Settings

T = TypeVar("T")
console = Console()
errors = Console(stderr=True)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")


def load_settings() -> Settings:
    """Return the validated settings; an invalid one ends the command with exit code 2 and its name."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(map(str, problem["loc"]))
            errors.print(f"[red]setting {name}:[/] {problem['msg']} (environment: LOOMA_{name.upper()})")
        sys.exit(2)


def print_json(value: object) -> None:
    """Print one JSON value on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def run(command: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
    """Make a click command of a coroutine; what is not reachable is said in one line, with exit code 1."""

    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> T:
        try:
            return asyncio.run(command(*args, **kwargs))
        except Exception as error:
            if unreachable := _unreachable(error):
                raise unreachable from error
            raise

    return wrapper


def _unreachable(error: Exception) -> click.ClickException | None:
    # Here, since to import the three clients takes a second, and not every command has one.
    from aiokafka.errors import KafkaConnectionError
    from pymongo.errors import ServerSelectionTimeoutError
    from qdrant_client.http.exceptions import ResponseHandlingException

    services: tuple[tuple[type[Exception], str, str], ...] = (
        (KafkaConnectionError, "Kafka", "bootstrap_servers"),
        (ServerSelectionTimeoutError, "MongoDB", "mongodb_url"),
        (ResponseHandlingException, "Qdrant", "qdrant_url"),
    )
    for kind, name, setting in services:
        if isinstance(error, kind):
            return click.ClickException(
                f"{name} does not answer. Start the embedded stack with `looma up`, or set LOOMA_{setting.upper()}."
            )
    return None
