"""The options by which commands map a source's columns to an entity's fields, and what they say of the source."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, errors

if TYPE_CHECKING:
    from connectors.mapping import ColumnMapping

_SHOWN_TEXT = 200
_SHOWN_VALUES = 8


def mapping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--map`, `--map-file` and `--ignore-unknown`."""
    for option in (
        click.option("--ignore-unknown", is_flag=True, help="Pass over columns that are no fields, with a warning."),
        click.option(
            "--map-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help='TOML: a table [map], "column" = "field"; ignore_unknown.',
        ),
        click.option(
            "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Which column is which field; may be repeated."
        ),
    ):
        command = option(command)
    return command


def mapping_of(maps: Iterable[str], map_file: Path | None, ignore_unknown: bool) -> "ColumnMapping":
    """Return the mapping that the options say; the command line's pairs come after the file's."""
    from connectors.mapping import ColumnMapping, parse_pairs, read_mapping

    said = read_mapping(map_file) if map_file else ColumnMapping()
    return ColumnMapping((*said.pairs, *parse_pairs(maps)), ignore_unknown or said.ignore_unknown)


def warn_ignored(names: Iterable[str]) -> None:
    """Say on stderr which columns were passed over."""
    if every := sorted(name.encode("unicode_escape").decode() if not name.isprintable() else name for name in names):
        errors.print(f"ignored, no fields: {', '.join(every)}", markup=False, highlight=False)


def say_taken(formats: Mapping[str, Iterable[str]]) -> None:
    """Say on stderr which formats of other systems were read in which files."""
    from connectors.formats.registry import by_name

    for file, names in formats.items():
        read = ", ".join(f"{by_name(name).title} (--format {name})" for name in names)
        errors.print(f"{file} was read as {read}", markup=False, highlight=False)


def show_record(record: Mapping[str, object]) -> None:
    """Print a record as JSON, long texts cut short."""
    text = json.dumps(_shortened(record), ensure_ascii=False, indent=2)
    console.print(f"the first record:\n{text}", markup=False, highlight=False)


def _shortened(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        more = [f"… {len(value) - _SHOWN_VALUES} more"] if len(value) > _SHOWN_VALUES else []
        return [*map(_shortened, value[:_SHOWN_VALUES]), *more]
    return f"{value[:_SHOWN_TEXT]}…" if isinstance(value, str) and len(value) > _SHOWN_TEXT else value
