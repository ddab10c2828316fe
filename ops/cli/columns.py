"""The options by which commands map a source's columns to an entity's fields."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import errors

if TYPE_CHECKING:
    from connectors.mapping import ColumnMapping


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
