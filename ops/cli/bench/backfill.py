"""`looma bench backfill`: how fast and in how much memory a backfill publishes."""

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table


@click.command()
@click.option(
    "--records",
    "sizes",
    multiple=True,
    type=click.IntRange(1, 10_000_000),
    help="How many; may be repeated.  [default: 10000, 100000, 1000000]",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["jsonl", "parquet"]),
    help="Of the files; may be repeated.  [default: both]",
)
@json_option
@run
async def backfill(sizes: tuple[int, ...], formats: tuple[str, ...], as_json: bool) -> None:
    """Records published a second and peak memory of `looma sync run`, from JSON Lines and from Parquet.

    Uses a stack of its own in a temporary folder and removes it.
    """
    from ops.benchmarks import backfill as runner
    from ops.runtime.machine import machine

    kinds = tuple(dict.fromkeys(formats)) or runner.FORMATS
    figures = await runner.backfill(sizes or runner.SIZES, kinds, lambda text: errors.print(text, style="dim"))
    if as_json:
        print_json({"backfill": figures, "machine": machine()})
        return
    table = Table("records", "file", "records/s", "seconds", "with start", "peak memory, MB")
    for count, by_kind in figures.items():
        for kind, f in by_kind.items():
            row = (f["records_per_s"], f["seconds"], f["seconds_with_start"], f["peak_memory_mb"])
            table.add_row(count, kind, *map(str, row))
    console.print(table)
