"""What commands share: settings, output for people or machines, and errors that say what to do."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.status import Status
from rich.text import Text

from ops.cli.failures import AS_JSON, failure_of
from ops.runtime.data_folder import home, mend
from ops.runtime.redaction import escaped, json_escaped

if TYPE_CHECKING:
    from schemas.settings import Settings

T = TypeVar("T")


class _Status(Status):
    """A spinner whose text is no markup: it may name a person or a file."""

    def __init__(self, status: RenderableType, **options: Any) -> None:
        super().__init__(_unmarked(status), **options)

    def update(self, status: RenderableType | None = None, **options: Any) -> None:
        """Show another text."""
        super().update(_unmarked(status), **options)


def _unmarked(text: Any) -> Any:
    return Text(text) if isinstance(text, str) else text


class _Console(Console):
    """Prints what may come from anybody: no markup, nothing that a terminal obeys, no word broken or cut short."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text to print, as wide as it will be shown."""
        return super().render_str(escaped(text, keep="\n"), **options)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """Return what is written: nothing that a terminal obeys but rich's own, of progress bars neither."""
        clean = (s if s.control else Segment(escaped(s.text, keep="\n"), s.style) for s in buffer)
        return super()._render_buffer(clean)

    def print(self, *objects: Any, crop: bool = False, soft_wrap: bool | None = None, **options: Any) -> None:
        """Print; lines are left to the terminal to break, so that an id can be copied whole."""
        lines = all(isinstance(each, str | Text) for each in objects)
        super().print(*objects, crop=crop, soft_wrap=lines if soft_wrap is None else soft_wrap, **options)

    def status(self, status: RenderableType, **options: Any) -> Status:
        """Return a spinner with a text, in which brackets mean nothing either."""
        return _Status(status, console=self, **options)

    def on_broken_pipe(self) -> None:
        """End quietly when the reader has gone."""
        raise BrokenPipeError


console = _Console(markup=False, emoji=False)
errors = _Console(stderr=True, emoji=False)


def _as_json(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    context.meta[AS_JSON] = value
    return value


json_option = click.option(
    "--json", "as_json", is_flag=True, is_eager=True, callback=_as_json, help="Print JSON, for machines."
)


def load_settings() -> "Settings":
    """Return the validated settings; wrong ones end the command with exit status 2, a line each.

    Takes others' rights from the data folder.
    """
    from ops.runtime.settings import old_names_in_use
    from ops.runtime.settings_errors import read_settings

    settings = read_settings()
    for said in old_names_in_use():
        _say_once(said)
    mend(settings.data_dir)
    _say_where(settings)
    return settings


def load_own_settings() -> "Settings":
    """Return the settings for a command that destroys data, or moves readers to other data.

    Refuses to be led to a stack of another folder, that happens to be the one that was started last.
    """
    settings = load_settings()
    if _is_elsewhere(settings):
        raise click.UsageError(
            f"this would change the stack in {home().folder}, and there is no looma.toml or .looma here: "
            "run it in that folder, or set LOOMA_DATA_DIR"
        )
    return settings


def _is_elsewhere(settings: "Settings") -> bool:
    found = home()
    return found.found == "started" and settings.data_dir.is_relative_to(found.folder)


@cache
def _say_once(text: str) -> None:
    errors.print(text, style="dim")


def _say_where(settings: "Settings") -> None:
    if _is_elsewhere(settings):
        _say_once(f"of the stack in {home().folder}: there is no looma.toml or .looma here or above")


def print_json(value: object) -> None:
    """Print one JSON value on one line."""
    click.echo(json_escaped(json.dumps(value, ensure_ascii=False, default=str)))


def run(command: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
    """Make a click command of a coroutine; an error that is no mistake of ours is said in one line."""
    return _running(command, asyncio.run)


def run_as_load(command: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
    """The same for a benchmark that makes load: it must leave the machine to what it measures."""

    def on_uvloop(work: Coroutine[Any, Any, T]) -> T:
        import uvloop

        from ops.runtime.interpreter import settle

        settle()
        return uvloop.run(work)

    return _running(command, on_uvloop)


def _running(
    command: Callable[..., Coroutine[Any, Any, T]], runner: Callable[[Coroutine[Any, Any, T]], T]
) -> Callable[..., T]:
    @wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> T:
        try:
            return runner(command(*args, **kwargs))
        except Exception as error:
            if said := failure_of(error):
                raise said from error
            raise

    return wrapper
