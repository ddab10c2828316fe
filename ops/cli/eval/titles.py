"""`looma eval titles`: whether titles of the same work are near each other."""

from pathlib import Path

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--data", required=True, type=_FILE, help="JSON Lines: id, query, relevant [ids of the corpus].")
@click.option("--corpus", required=True, type=_FILE, help="JSON Lines: id, title.")
@json_option
def titles(data: Path, corpus: Path, as_json: bool) -> None:
    """Rank the titles of a corpus for each query; measure how high those come that people call the same work.

    The order is that of the encoder of titles, as in matching. Beside it stand the embedding model alone, TF-IDF over
    characters, and the sum of these two, standardised. Queries of which no relevant title is in the corpus are left out
    and counted.
    """
    from ops.evaluation.titles import load, measure
    from streams.models.encoders import default_encoder

    with errors.status("ranking"):
        figures = measure(load(data, corpus), default_encoder(load_settings().models))
    if as_json:
        print_json(figures)
        return
    table = Table(
        title=f"{figures['queries']:,} queries, {figures['titles']:,} titles; 95 % intervals", title_justify="left"
    )
    for heading in ("", "MAP", "interval", "MRR", "P@5"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, row in {"titles": figures, **figures["baselines"]}.items():
        low, high = row["interval"]
        table.add_row(name, f"{row['map']:.3f}", f"{low:.3f} to {high:.3f}", f"{row['mrr']:.3f}", f"{row['p5']:.3f}")
    console.print(table)
