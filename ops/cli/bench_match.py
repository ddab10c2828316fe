"""`looma bench match`: how fast one talent is matched with many jobs."""

import asyncio
import signal

import click

from ops.bench_match import bench_match
from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.machine import machine


@click.command("match")
@click.option("--jobs", default=1000, show_default=True, type=click.IntRange(100, 10_000_000))
@json_option
@run
async def match(jobs: int, as_json: bool) -> None:
    """Match talents one by one with JOBS jobs in an embedded Qdrant: candidates, scores, explanations of the best.

    It keeps every match whatever its score, so that as many as the limit allows are explained.
    """
    from ops.bench_vectors import VectorSource
    from ops.embedded.assets import cache_dir, ensure_model
    from processors.embedding.model import SentenceEncoder
    from streams.matching import MatchLimits

    settings = load_settings()
    model = await asyncio.to_thread(lambda: SentenceEncoder(settings.model_path or ensure_model(cache_dir())))
    errors.print("[dim]embedding the texts that the vectors are made of[/]")
    source = await asyncio.to_thread(lambda: VectorSource(model, records=2000, queries=200))
    task = asyncio.current_task()
    if task is not None:  # ended from outside, it still ends its server and removes its folder
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    limits = MatchLimits(settings.match_candidates, settings.match_results, threshold=0)
    figures = await bench_match(jobs, source, model, lambda text: errors.print(f"[dim]{text}[/]"), limits)
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        for name, value in figures.items():
            console.print(f"{name:24} {value}", highlight=False)
