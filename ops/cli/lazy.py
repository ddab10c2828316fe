"""A group that imports a command when it is used: all together take seconds."""

import ast
import gc
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from ops.cli.interrupts import interruptible

PACKAGE = "ops.cli"


class LazyGroup(click.Group):
    """A click group that knows of each command only where it is: `module:function` in this package."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they were given."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        if cmd_name not in self._lazy:
            return None
        module, _, name = self._lazy[cmd_name].partition(":")
        # Up to a fifth of the time: nothing of what is imported is garbage, here and when the command runs.
        gc.set_threshold(100_000, 50, 50)
        with interruptible():
            command: click.Command = getattr(import_module(f"{PACKAGE}.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command is for, as its docstring says, without importing any."""
        room = formatter.width - 6 - max(map(len, self._lazy))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(n, click.Command(n, help=_docstring(w)).get_short_help_str(room)) for n, w in self._lazy.items()]
            )


def _docstring(where: str) -> str | None:
    module, _, name = where.partition(":")
    spec = find_spec(f"{PACKAGE}.{module}")
    assert spec
    assert spec.origin
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    functions = (n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((ast.get_docstring(f) for f in functions if f.name == name), None)
