"""`looma bench match`: how fast one record is matched with many of the other side."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ops.cli.context import console, errors, json_option, load_settings, print_json, run

SIZE = click.IntRange(100, 10_000_000)


@click.command("match")
@click.option("--jobs", multiple=True, type=SIZE, help="Match a talent with so many jobs; may be repeated. [1000]")
@click.option("--talents", multiple=True, type=SIZE, help="Match a new job with so many talents; may be repeated.")
@click.option("--log", is_flag=True, help="How often what is kept serves, on a log as sources write one.")
@click.option(
    "--reuse",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the stored sets in this folder, and take them from there the next time.",
)
@json_option
@run
async def match(jobs: tuple[int, ...], talents: tuple[int, ...], log: bool, reuse: Path | None, as_json: bool) -> None:
    """Match records one by one with many of the other side in an embedded Qdrant: candidates, scores, explanations.

    \b
    looma bench match                                     1,000 jobs, half a minute
    looma bench match --jobs 100000 --jobs 1000000        a line of figures as each size is done
    looma bench match --talents 100000 --reuse sets       a new job; what was built is there the next time
    looma bench match --log                               the share of scores that need not be computed

    Each size is measured with nothing kept of earlier turns, and with everything kept. Every match counts whatever its
    score, so that as many as the limit allows are explained. 1,000,000 need 8 GB of disk and some 20 minutes on two
    cores, nearly all of it to build the index.
    """
    from ops.benchmarks.match import bench_match
    from ops.benchmarks.match_log import bench_log
    from ops.benchmarks.vectors import VectorSource
    from processors.matching.ranking import Limits
    from schemas.entities import Side
    from streams.models.encoders import default_encoder

    settings = load_settings()
    model = await asyncio.to_thread(default_encoder, settings.models)
    errors.print("embedding the texts that the vectors are made of", style="dim")
    source = await asyncio.to_thread(lambda: VectorSource(model, records=2000, queries=200))
    task = asyncio.current_task()
    if task is not None:  # ended from outside, it still ends its server and removes its folder
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    limits = Limits(settings.matching.candidates, settings.matching.results, threshold=0)
    sizes: list[tuple[Side, int]] = [("job", n) for n in jobs] + [("talent", n) for n in talents]
    for side, count in sizes or ([] if log else [("job", 1000)]):
        with _bar() as bar:
            figures = await bench_match(side, count, source, model, bar, limits, reuse)
        _show(figures, as_json)
    if log:
        with _bar() as bar:
            shares = await asyncio.to_thread(bench_log, source, model, bar, limits)
        _show({"kept": shares}, as_json)


def _show(figures: dict[str, Any], as_json: bool) -> None:
    from ops.runtime.machine import machine

    figures["machine"] = machine()
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        console.print(f"{name:24} {value}", highlight=False)


@contextmanager
def _bar() -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=errors) as bar:

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=done, total=total or None)

        yield show
