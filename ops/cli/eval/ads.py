"""`looma eval ads`: what is read of hand-written job ads and searches, field by field."""

from typing import Any

import click

from ops.cli.context import console, json_option, print_json
from ops.cli.eval.resume_layouts import shares_table
from ops.cli.tables import Table


@click.command()
@json_option
def ads(as_json: bool) -> None:
    """Read 60 job ads and 40 searches; count what is read as it was meant.

    Chinese and English, each written by hand: place, pay, years, education, workplace, skills that are required,
    welcome or not wanted; of searches, skills and places.
    """
    from ops.evaluation.ads import evaluate

    figures = evaluate()
    if as_json:
        print_json(figures)
    else:
        console.print(ads_table(figures))


def ads_table(figures: dict[str, Any]) -> Table:
    """Return shares: a row a field, then a language, then what searches name."""
    title = f"{figures['ads']} ads, {figures['searches']} searches; share read as it was meant"
    return shares_table(title, *(figures[part] for part in ("fields", "languages", "of searches")))
