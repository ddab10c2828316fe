"""The commands as a page."""

import inspect
import re
from collections.abc import Iterator

import click

from ops.cli import main
from ops.reference.markdown import escaped

_WIDTH = 1000
"""So that click breaks no line."""


def page() -> str:
    """Return the page."""
    lines = [
        "# Commands",
        "",
        "Every command of `looma`, as `--help` shows it.",
        "",
        "`--help` is an option of each. `--json` prints JSON, for machines. What a command's end says:",
        "[exit statuses](errors.md#exit-statuses).",
    ]
    root = click.Context(main, info_name="looma", terminal_width=_WIDTH, max_content_width=_WIDTH)
    commands = list(_all(root))
    top = [context for context in commands if context.parent is root]
    lines += ["", " · ".join(f"[{each.info_name}](#{each.command_path.replace(' ', '-')})" for each in top)]
    for context in commands:
        depth = min(context.command_path.count(" ") + 1, 4)
        lines += ["", f"{'#' * depth} {context.command_path}", "", *_command(context)]
    return "\n".join(lines) + "\n"


def _all(context: click.Context) -> Iterator[click.Context]:
    """Yield a context for each command, in the order in which help lists them."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            inner = click.Context(command, context, name)
            yield inner
            yield from _all(inner)


def _command(context: click.Context) -> list[str]:
    command = context.command
    lines = [f"`{_usage(context)}`", "", *_prose(command.help or "")]
    options = [each for each in command.params if isinstance(each, click.Option) and each.name != "as_json"]
    records = [record for each in options if (record := each.get_help_record(context))]
    if records:
        lines += ["", *(_option(*record) for record in records)]
    return lines


def _usage(context: click.Context) -> str:
    """Return the usage line: of a group the commands, of a command its arguments."""
    command = context.command
    words = [context.command_path]
    if any(each.name == "as_json" for each in command.params):
        words.append("[--json]")
    if any(isinstance(each, click.Option) and each.name != "as_json" for each in command.params):
        words.append("[OPTIONS]")
    words += [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    if isinstance(command, click.Group):
        words.append("COMMAND" if not command.invoke_without_command else "[COMMAND]")
    return " ".join(words)


def _option(names: str, text: str) -> str:
    return f"- `{names}`" + (f": {escaped(re.sub(r'  +', ' ', text))}" if text else "")


def _prose(text: str) -> list[str]:
    """Return a docstring's paragraphs; those whose lines are to stay as they are come in a listing."""
    lines: list[str] = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b\n"):
            lines += ["```", paragraph.removeprefix("\b\n"), "```", ""]
        else:
            lines += [escaped(" ".join(paragraph.split())), ""]
    return lines[:-1]
