"""What commands share: settings, output for people or machines, and errors that say what to do."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import click
from aiokafka.errors import KafkaConnectionError
from pydantic import ValidationError
from pymongo.errors import ServerSelectionTimeoutError
from qdrant_client.http.exceptions import ResponseHandlingException
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
        except KafkaConnectionError as error:
            raise _unreachable("Kafka", "bootstrap_servers") from error
        except ServerSelectionTimeoutError as error:
            raise _unreachable("MongoDB", "mongodb_url") from error
        except ResponseHandlingException as error:
            raise _unreachable("Qdrant", "qdrant_url") from error

    return wrapper


def _unreachable(name: str, setting: str) -> click.ClickException:
    return click.ClickException(
        f"{name} does not answer. Start the embedded stack with `looma up`, or set LOOMA_{setting.upper()}."
    )
