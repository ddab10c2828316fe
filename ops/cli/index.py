"""`looma index`: the vector collections, their indexes and their backups."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.tables import Table

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient
    from qdrant_client import models as q

_LONG_SECONDS = 120.0
"""What may be long for one call of an operation that is."""


@asynccontextmanager
async def _client(*, seconds: float = 0.0) -> "AsyncIterator[AsyncQdrantClient]":
    """Connect; a call may take as long as the settings say, or `seconds` of a server that has answered at all."""
    from qdrant_client.http.exceptions import UnexpectedResponse

    from sinks.qdrant import connect

    settings = load_settings().qdrant
    client = connect(settings)
    try:
        if seconds > settings.timeout_seconds:
            await client.get_collections()
            await client.close()
            client = connect(settings.model_copy(update={"timeout_seconds": seconds}))
        yield client
    except UnexpectedResponse as error:
        if error.status_code != 404:
            raise
        raise click.ClickException("there is no such collection; see `looma index list`") from error
    finally:
        await client.close()


@contextmanager
def _bar(text: str) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=max(done, total))


@click.group()
def index() -> None:
    """Vector collections: list, create, tune, back up, restore.

    \b
    Build new ones beside the old and switch:      looma replay start, switch, rollback
    Compare them with the events, and repair:      looma sync verify
    """


@index.command("list")
@json_option
@run
async def list_(as_json: bool) -> None:
    """Show every collection: its points, how many are indexed, and how."""
    async with _client() as client:
        names = sorted(c.name for c in (await client.get_collections()).collections)
        rows = [describe(name, await client.get_collection(name)) for name in names]
    if as_json:
        print_json(rows)
        return
    table = Table(
        "collection", "points", "indexed", "segments", "status", "m", "ef", "quantization", "vectors", "words"
    )
    for r in rows:
        table.add_row(
            r["name"],
            f"{r['points']:,}",
            f"{r['indexed']:,}",
            str(r["segments"]),
            r["status"],
            str(r["m"]),
            str(r["ef_construct"]),
            r["quantization"],
            "on disk" if r["on_disk"] else "in memory",
            ", ".join(r["sparse"]),
        )
    console.print(table)


def describe(name: str, info: "q.CollectionInfo") -> dict[str, Any]:
    """Return what matters of a collection."""
    vectors: Any = info.config.params.vectors
    quantization: Any = info.config.quantization_config
    kinds = {"scalar": "int8", "binary": "binary", "product": "product", "turbo": "turbo"}
    return {
        "name": name,
        "points": info.points_count or 0,
        "indexed": info.indexed_vectors_count or 0,
        "segments": info.segments_count,
        "status": str(getattr(info.status, "value", info.status)),
        "dimensions": getattr(vectors, "size", None),
        "m": info.config.hnsw_config.m,
        "ef_construct": info.config.hnsw_config.ef_construct,
        "quantization": next((told for kind, told in kinds.items() if hasattr(quantization, kind)), "none"),
        "on_disk": bool(getattr(vectors, "on_disk", False)),
        "sparse": sorted(info.config.params.sparse_vectors or ()),
    }


@index.command()
@run
async def create() -> None:
    """Create the active generation's collections, or add to them what an older version did not make.

    Workers do the same at start. Points stored before get their words when they are embedded again: `looma replay`.
    """
    from sinks.qdrant import VectorStore
    from sinks.resumes import ResumeStore
    from streams.generations.database import active_generation
    from streams.models.built_with import model_path
    from streams.models.encoders import encoder_at

    settings = load_settings()
    async with _client(seconds=_LONG_SECONDS) as client, active_generation(settings) as (generation, _):
        encoder = encoder_at(await model_path(settings, generation.name))
        store = VectorStore(client, generation.suffix)
        await store.prepare(encoder.dimensions)
        resumes = ResumeStore(client, generation.suffix)
        await resumes.prepare(encoder.dimensions)
    for name in (*store.collections.values(), resumes.collection):
        console.print(f"{name} is ready")


@index.command()
@click.argument("name")
@click.option("--m", type=click.IntRange(4, 128), help="Edges of a node: more recall, memory and time to build.")
@click.option("--ef-construct", type=click.IntRange(4, 2000), help="Candidates while building: recall against time.")
@click.option("--quantization", type=click.Choice(["none", "int8", "binary"]), help="Of the copies kept in memory.")
@click.option("--on-disk/--in-memory", default=None, help="Where the full vectors are.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Until the index is built anew.")
@run
async def tune(
    name: str, m: int | None, ef_construct: int | None, quantization: str | None, on_disk: bool | None, wait: bool
) -> None:
    """Change how the collection NAME is indexed; it answers from the old index until the new one is built."""
    if (m, ef_construct, quantization, on_disk) == (None, None, None, None):
        raise click.UsageError("say what to change")
    from qdrant_client import models as q

    from sinks.vector_index import QUANTIZATION

    quantizations: dict[str, Any] = {
        "none": q.Disabled.DISABLED,
        "int8": QUANTIZATION,
        "binary": q.BinaryQuantization(binary=q.BinaryQuantizationConfig(always_ram=True)),
    }
    hnsw = q.HnswConfigDiff(m=m, ef_construct=ef_construct)
    async with _client(seconds=_LONG_SECONDS) as client:
        await client.update_collection(
            name,
            hnsw_config=hnsw if m or ef_construct else None,
            quantization_config=quantizations[quantization] if quantization else None,
            vectors_config={"": q.VectorParamsDiff(on_disk=on_disk)} if on_disk is not None else None,
        )
        if wait:
            with errors.status(f"building the index of {name}"):
                await _green(client, name)
        info = describe(name, await client.get_collection(name))
    console.print(f"{name}: m {info['m']}, ef {info['ef_construct']}, {info['quantization']}, {info['status']}")


async def _green(client: "AsyncQdrantClient", name: str) -> None:
    from qdrant_client import models as q

    green = 0
    while green < 2:  # a server may not have begun yet
        await asyncio.sleep(0.5)
        green = green + 1 if (await client.get_collection(name)).status == q.CollectionStatus.GREEN else 0


@index.command("backup")
@click.argument("name")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@run
async def backup_(name: str, path: Path) -> None:
    """Write the collection NAME to the Parquet file PATH: ids, payloads, vectors, words.

    Points that change meanwhile are in it as they were when their turn came.
    """
    from ops.backup.index import backup

    if path.exists():
        raise click.ClickException(f"{path} exists")
    async with _client(seconds=_LONG_SECONDS) as client:
        with _bar(f"backing up {name}") as progress:
            points = await backup(client, name, path, progress)
    console.print(f"{points:,} points of {name} are in {path}, {path.stat().st_size / 1e6:,.1f} MB", highlight=False)


@index.command("restore")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "name", help="Another name than the collection had.")
@run
async def restore_(path: Path, name: str | None) -> None:
    """Make a collection of the backup PATH. There must be none of its name, or an empty one."""
    from ops.backup.index import restore

    async with _client(seconds=_LONG_SECONDS) as client:
        with _bar(f"restoring {path}") as progress:
            target, points = await restore(client, path, name, progress)
    console.print(f"{points:,} points are in {target}", highlight=False)
