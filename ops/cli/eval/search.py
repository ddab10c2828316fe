"""`looma eval search`: how well keyword, semantic, hybrid and reranked search answer, and what has no answer."""

import asyncio
from typing import Any

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table


@click.command()
@click.option("--documents", default=800, show_default=True, type=click.IntRange(50, 20_000))
@json_option
def search(documents: int, as_json: bool) -> None:
    """Answer labelled queries over generated talents and jobs, of which it is known who is relevant.

    First 42 queries, half of which avoid the words of the records: nDCG@10 of each way, without a floor. The interval
    is the bootstrap's, over queries. Then these and others, some of which nobody answers, as search is served: how
    often nothing is said, and rightly; how much of what is relevant stays. Weights were chosen on the tuning half.
    """
    from ops.evaluation.search import METHODS, evaluate
    from ops.evaluation.search_floor import evaluate_floor
    from streams.models.encoders import default_encoder

    with errors.status("embedding and searching"):
        model = default_encoder(load_settings().models)
        figures = evaluate(model, documents)
        figures["floor"] = asyncio.run(evaluate_floor(model, documents))
    if as_json:
        print_json(figures)
        return
    table = Table(title=f"{figures['queries']} queries, {figures['documents']} records", title_justify="left")
    for heading in ("method", "nDCG@10", "95 %"):
        table.add_column(heading)
    for name in METHODS:
        low, high = figures[name]["interval"]
        table.add_row(name, f"{figures[name]['ndcg10']:.3f}", f"{low:.3f}–{high:.3f}")
    console.print(table)
    console.print(floor_table(figures["floor"]))


def floor_table(figures: dict[str, Any]) -> Table:
    """Return what both halves of the labelled queries say of the floor."""
    table = Table("", "tuning", "reporting", title="with a floor", title_justify="left")
    halves = figures["tuning"], figures["reporting"]
    for name in ("answerable", "unanswerable"):
        table.add_row(name, *(str(half[name]) for half in halves))
    for name in ("no hit", "nothing at all"):
        for part in ("precision", "recall"):
            table.add_row(f"{name}: {part}", *(_number(half[name][part]) for half in halves))
    for name in ("kept as hits", "kept", "ndcg10 without a floor", "ndcg10", "probability", "relevant"):
        table.add_row(name, *(_number(half[name]) for half in halves))
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
