"""`looma eval search`: how well keyword, semantic, hybrid and reranked search answer."""

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table


@click.command()
@click.option("--documents", default=800, show_default=True, type=click.IntRange(50, 20_000))
@json_option
def search(documents: int, as_json: bool) -> None:
    """Answer 42 queries over generated talents and jobs, of which it is known who is relevant; print nDCG@10.

    Half of the queries avoid the words of the records. The interval is the bootstrap's, over queries.
    """
    from ops.evaluation.search import METHODS, evaluate
    from processors.embedding.model import SentenceEncoder
    from streams.models.default_model import ensure_model
    from streams.models.downloads import cache_dir

    with errors.status("embedding and searching"):
        figures = evaluate(
            SentenceEncoder(load_settings().models.embedding_path or ensure_model(cache_dir())), documents
        )
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
