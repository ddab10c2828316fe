"""`looma bench search`: vector search at 10,000, 100,000 or 1,000,000 vectors."""

import asyncio
import signal
from typing import Any

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run


@click.command("search")
@click.option("--vectors", default=10_000, show_default=True, type=click.IntRange(1000, 10_000_000))
@click.option("--url", help="A Qdrant server instead of an embedded one of the run's own; its memory is not seen.")
@click.option("--words", is_flag=True, help="Store BM25 vectors beside them, and measure keyword and hybrid search.")
@click.option("--cache", is_flag=True, help="How often a kept answer serves, on a log of queries as people ask them.")
@json_option
@run
async def search(vectors: int, url: str | None, words: bool, cache: bool, as_json: bool) -> None:
    """Load VECTORS vectors of 512 numbers, index them, search: recall, latency, memory, queries a second.

    The vectors are mixtures of real embeddings of generated talents and jobs, as hard to search as those (see
    docs/benchmarks/search.md). 10,000 take half a minute; 1,000,000 need 8 GB of disk and about half an hour on two
    cores.
    """
    from ops.benchmarks.search import bench_search
    from ops.benchmarks.search_cache import hit_rates
    from ops.benchmarks.vectors import VectorSource
    from ops.runtime.machine import machine
    from streams.models.encoders import default_encoder

    settings = load_settings()
    errors.print("embedding the texts that the vectors are made of", style="dim")
    source = await asyncio.to_thread(lambda: VectorSource(default_encoder(settings.models)))
    task = asyncio.current_task()
    if task is not None:  # ended from outside, it still ends its server and removes its folder
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    figures = await bench_search(
        vectors,
        source,
        lambda text: errors.print(text, style="dim"),
        words=words,
        url=url,
        api_key=settings.qdrant.api_key if url else None,
    )
    if cache:
        figures["cache"] = await hit_rates()
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        _show(figures)


def _show(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        console.print(f"{name:24} {value}", highlight=False)
