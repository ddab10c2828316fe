"""`looma bench embed`: how many texts a second, and how long one waits, under concurrent callers."""

import os

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table


@click.command("embed")
@click.option("--model", "names", multiple=True, help="A pulled model, name[@version]; may be repeated.")
@click.option("--seconds", default=3.0, show_default=True, type=click.FloatRange(0.1, 60), help="For each load.")
@click.option("--workers", default=os.cpu_count() or 1, show_default="cores", type=click.IntRange(1, 64))
@json_option
@run
async def embed(names: tuple[str, ...], seconds: float, workers: int, as_json: bool) -> None:
    """Embed short texts for 1, 8 and 64 concurrent callers; print texts a second and latency.

    Without --model the default one is measured. Every text is new, so no cache helps.
    """
    from ops.benchmarks.embed import bench_embed
    from ops.runtime.machine import machine
    from streams.models.builtin import DEFAULT
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    registry = Registry(cache_dir())
    results = []
    for name in names or (DEFAULT.name,):
        entry = registry.find(name)
        if entry.manifest == DEFAULT:
            entry = await registry.pull(DEFAULT, lambda *_: None)
        with errors.status(f"embedding with {entry.manifest.id}"):
            results.append(await bench_embed(entry, seconds=seconds, workers=workers))
    if as_json:
        print_json({"models": results, "machine": machine()})
        return
    table = Table("model", "callers", "texts/s", "p50 ms", "p99 ms")
    for result in results:
        for callers, figures in result["callers"].items():  # type: ignore[attr-defined]
            table.add_row(str(result["model"]), callers, *(f"{f:,.2f}" for f in figures.values()))
    console.print(table)
