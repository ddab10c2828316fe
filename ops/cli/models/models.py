"""`looma models`: which embedding models there are, and what to do with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.context import run as coroutine
from ops.cli.models.rollout import rollout
from ops.cli.tables import Column, Table

if TYPE_CHECKING:
    from ops.models.task import Task
    from streams.models.manifest import Manifest
    from streams.models.registry import Entry
    from streams.models.sources import Progress as Told

if TYPE_CHECKING:
    from ops.models.optimize import Report

_model = click.argument("name", metavar="MODEL")
_task_options = (
    click.option(
        "--queries", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSONL: query, relevant."
    ),
    click.option("--corpus", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSONL: id, title."),
)


def _with_task(command: Any) -> Any:
    for option in reversed(_task_options):
        command = option(command)
    return command


@click.group()
def models() -> None:
    """Embedding models: versions side by side, each pinned by sha256.

    \b
    MODEL is a name for its newest version, or name@version.
    looma models pull all-minilm-l6-v2
    looma models optimize all-minilm-l6-v2
    looma models activate all-minilm-l6-v2 --generation g2     build beside what is in use; again to switch
    looma models rollout start all-minilm-l6-v2 --generation g2     try it on live searches first
    """


models.add_command(rollout)


@models.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the known models, which are on this machine, the size of their vectors and how good they were.

    MAP is what `looma models evaluate` measured here.
    """
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    entries, unreadable = Registry(cache_dir()).listing()
    for each in unreadable:
        errors.print(f"{each.id} is left out: {each.error}", style="yellow", highlight=False, soft_wrap=True)
    if as_json:
        print_json([_as_json(e) for e in entries])
        return
    table = Table(Column("model", no_wrap=True), "here", "dims", "languages", "licence", "MAP", "MB")
    for entry in entries:
        m = entry.manifest
        size = sum(f.size or 0 for f in m.files) / 2**20
        languages = " ".join(m.languages[:3]) + (f" +{len(m.languages) - 3}" if len(m.languages) > 3 else "")
        row = (m.id, "yes" if entry.folder else "", str(m.dimensions), languages, m.licence)
        table.add_row(*row, str(m.metrics.get("map", "")), f"{size:.1f}")
    console.print(table)


@models.command()
@_model
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a model's manifest: where it is from, its files with their sha256, how it encodes, what was measured."""
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    entry = Registry(cache_dir()).find(name)
    if as_json:
        print_json(_as_json(entry))
        return
    for key, value in _as_json(entry).items():
        for line in _lines(value):
            console.print(f"{key:15} {line}", highlight=False, soft_wrap=True)
            key = ""


@models.command()
@_model
@json_option
@coroutine
async def pull(name: str, as_json: bool) -> None:
    """Download a known model, or the one that a manifest file describes.

    What a manifest does not pin by sha256 is pinned to what comes. Interrupted, the same command goes on.
    """
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry, read_manifest

    registry = Registry(cache_dir())
    with _download_bar() as progress:
        manifest = read_manifest(Path(name)) if name.endswith(".json") else registry.find(name).manifest
        entry = await registry.pull(manifest, progress)
    if as_json:
        print_json(_as_json(entry))
    else:
        console.print(f"{entry.manifest.id} is in {entry.folder}", highlight=False, soft_wrap=True)


@models.command()
@click.argument("names", metavar="[MODEL]...", nargs=-1)
@json_option
def verify(names: tuple[str, ...], as_json: bool) -> None:
    """Read every file of models, of all without MODEL, and compare it with its sha256; exit code 1 if one differs."""
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    registry = Registry(cache_dir())
    known, unreadable = ([registry.pulled(n) for n in names], []) if names else registry.listing()
    found = {e.manifest.id: registry.verify(e) for e in known if e.folder}
    found |= {each.id: [str(each.error)] for each in unreadable}
    if as_json:
        print_json([{"model": i, "ok": not problems, "problems": problems} for i, problems in found.items()])
    else:
        if not found:
            console.print("no model is on this machine; `looma models pull MODEL`")
        for model_id, problems in found.items():
            console.print(f"{model_id}: {'; '.join(problems) or 'as pinned'}", highlight=False)
    if any(found.values()):
        raise click.exceptions.Exit(1)


@models.command("evaluate")
@_model
@_with_task
@json_option
def evaluate_(name: str, queries: Path | None, corpus: Path | None, as_json: bool) -> None:
    """Measure how well a model finds job titles that mean the same: mean average precision (MAP).

    Without files the built-in set of 50 jobs is used, in those of the model's languages that it has, and the figures
    are kept in the manifest.
    """
    from ops.models.task import evaluate
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    registry = Registry(cache_dir())
    with errors.status("evaluating"):
        entry = registry.pulled(name)
        task = _task(queries, corpus, entry)
        figures = evaluate(_open(entry), task)
        if queries is None:
            registry.measured(entry, figures)
    if as_json:
        print_json({"model": entry.manifest.id, "queries": len(task.queries), **figures})
    else:
        told = ", ".join(f"{name.upper()} {value:.4f}" for name, value in figures.items())
        console.print(f"{entry.manifest.id}: {told}, {len(task.queries)} queries", highlight=False)


@models.command()
@click.argument("names", metavar="MODEL MODEL...", nargs=-1, required=True)
@_with_task
@click.option("--seconds", default=2.0, show_default=True, type=click.FloatRange(0.1, 60))
@json_option
@coroutine
async def compare(
    names: tuple[str, ...], queries: Path | None, corpus: Path | None, seconds: float, as_json: bool
) -> None:
    """Compare models on one task and on this machine: MAP, texts a second, memory, size.

    On the built-in set only the languages that all of them have count. Their vectors are never compared.
    """
    from ops.models.measure import Tuning, measure
    from ops.models.task import evaluate
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    rows = []
    entries = [Registry(cache_dir()).pulled(n) for n in names]
    task = _task(queries, corpus, *entries)
    for entry in entries:
        with errors.status(f"measuring {entry.manifest.id}"):
            e = entry.manifest.encoder
            tuning = Tuning(e.batch_texts, e.workers, e.threads)
            figures = await measure(entry, list(task.queries)[:256], tuning, seconds)
            size = round(sum(f.size or 0 for f in entry.manifest.files) / 2**20, 1)
            row = {"model": entry.manifest.id, **evaluate(_open(entry), task)}
            rows.append(
                {
                    **row,
                    "texts_per_second": figures.texts_per_second,
                    "memory_mb": figures.memory_mb,
                    "size_mb": size,
                }
            )
    if as_json:
        print_json(rows)
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    console.print(table)


@models.command()
@_model
@_with_task
@click.option("--keep", default=0.98, show_default=True, type=click.FloatRange(0, 1), help="Share of MAP to keep.")
@click.option("--seconds", default=2.0, show_default=True, type=click.FloatRange(0.1, 60), help="For each measurement.")
@json_option
@coroutine
async def optimize(
    name: str, queries: Path | None, corpus: Path | None, keep: float, seconds: float, as_json: bool
) -> None:
    """Make a transformer faster and smaller, as a version beside it: the fastest that keeps its accuracy.

    Tries fusion, fp16, static and dynamic int8; prunes unused outputs; tunes batches and threads on this machine.
    Refuses, with exit code 1, if none keeps enough of the task's MAP.
    """
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    try:
        import onnx  # noqa: F401

        from ops.models.optimize import optimize as work
    except ImportError as error:
        raise click.ClickException("optimisation needs `pip install looma-streams[models]`") from error
    registry = Registry(cache_dir())
    with errors.status("optimising") as status:
        entry = registry.pulled(name)
        report = await work(
            registry, entry, _task(queries, corpus, entry), least_kept=keep, seconds=seconds, say=status.update
        )
    if as_json:
        print_json(report.as_json())
    else:
        console.print(_candidates(report))
        console.print(f"kept as {report.chosen}: {report.tuning}" if report.chosen else "nothing is kept")
    if report.chosen is None:
        raise click.exceptions.Exit(1)


_wait = click.option(
    "--wait", default=30.0, show_default=True, type=click.FloatRange(0, 3600), help="Seconds it has to catch up."
)
_force = click.option("--force", is_flag=True, help="Switch even to a generation that is behind.")


@models.command()
@_model
@click.option("--generation", required=True, help="What is built with the model, beside the active generation.")
@_force
@_wait
@json_option
@coroutine
async def activate(name: str, generation: str, force: bool, wait: float, as_json: bool) -> None:
    """Build a generation with a model; run again when it is built, to switch to it.

    Vectors of two models are never compared, so everything is embedded anew, beside what is in use. The switch is
    told in the topic `model-events`.
    """
    from ops.runtime.audit import record_now
    from streams.models import activation
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    settings = load_settings()
    begun = await activation.assign(settings, Registry(cache_dir()).pulled(name), generation)
    await record_now(settings, "generation.started" if begun else "generation.switched", f"generation:{generation}")
    event = None if begun else await activation.activate(settings, generation, wait_seconds=wait, force=force)
    if as_json:
        print_json({"begun": begun, "activated": event and event.model_dump()})
    elif event:
        console.print(f"{event.model} is active, in generation {event.generation}", highlight=False)
    else:
        console.print(f"LOOMA_WORKER__GENERATION={generation} looma worker    # builds it; then run this command again")


@models.command()
@_force
@_wait
@json_option
@coroutine
async def rollback(force: bool, wait: float, as_json: bool) -> None:
    """Go back to the generation, and so to the model, that was active before."""
    from ops.runtime.audit import record_now
    from streams.generations.database import active_now
    from streams.models import activation

    settings = load_settings()
    leaving = (await active_now(settings)).generation
    await record_now(settings, "generation.rolled_back", f"generation:{leaving}")
    event = await activation.rollback(settings, wait_seconds=wait, force=force)
    if as_json:
        print_json(event.model_dump())
    else:
        console.print(f"{event.model} is active, in generation {event.generation}", highlight=False)


@models.command()
@_model
@json_option
def remove(name: str, as_json: bool) -> None:
    """Delete a model's files from this machine."""
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    registry = Registry(cache_dir())
    entry = registry.pulled(name)
    registry.remove(entry)
    if as_json:
        print_json({"removed": entry.manifest.id})
    else:
        console.print(f"{entry.manifest.id} is removed", highlight=False)


@models.command("fetch")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def fetch(folder: Path | None) -> None:
    """Download the default embedding model alone, pinned by checksum, to FOLDER or the cache."""
    from streams.models.default_model import ensure_model
    from streams.models.downloads import cache_dir

    console.print(str(ensure_model(folder or cache_dir(), progress=lambda text: console.print(text, style="dim"))))


def _candidates(report: "Report") -> Table:
    table = Table("recipe", "MAP kept", "cosine", "texts/s", "speed-up", "memory", "saved", "MB", "")
    base = report.figures
    speed, memory = f"{base.texts_per_second:,.0f}", f"{base.memory_mb:.0f} MB"
    table.add_row("original", "", "", speed, "", memory, "", str(report.size_mb), "")
    for c in report.candidates:
        speed, memory = f"{c.figures.texts_per_second:,.0f}", f"{c.figures.memory_mb:.0f} MB"
        gains = (speed, f"{c.speed_up:.2f}×", memory, f"{c.memory_saved:.0%}", str(c.size_mb))
        table.add_row(c.recipe, f"{c.metric_kept:.1%}", f"{c.cosine:.4f}", *gains, c.reason)
    return table


def _lines(value: Any) -> list[str]:
    """Return a value as text: each file of several in a line of its own, of settings what is set."""
    if isinstance(value, list) and value:
        return [line for each in value for line in _lines(each)] if isinstance(value[0], dict) else [" ".join(value)]
    if isinstance(value, dict):
        return ["  ".join(f"{name} {part}" for name, part in value.items() if part not in (None, ""))]
    return [str(value)]


def _as_json(entry: "Entry") -> dict[str, Any]:
    m: Manifest = entry.manifest
    vector_version = m.vector_version if m.pinned else None
    return {"id": m.id, "here": str(entry.folder or ""), "vector_version": vector_version, **m.model_dump(mode="json")}


def _open(entry: "Entry") -> Any:
    from streams.models.encoders import open_encoder

    return open_encoder(entry)


def _task(queries: Path | None, corpus: Path | None, *entries: "Entry") -> "Task":
    from ops.models.task import builtin_task, load_task

    if (queries is None) != (corpus is None):
        raise click.UsageError("--queries and --corpus go together")
    if queries and corpus:
        return load_task(queries, corpus)
    shared = set.intersection(*(set(e.manifest.languages) or {"en", "zh"} for e in entries))
    return builtin_task(shared)


@contextmanager
def _download_bar() -> "Iterator[Told]":
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=errors) as bars:
        tasks: dict[str, Any] = {}

        def show_progress(path: str, done: int, total: int | None) -> None:
            if path not in tasks:
                tasks[path] = bars.add_task(path, total=total)
            bars.update(tasks[path], completed=done)

        yield show_progress
