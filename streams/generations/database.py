"""Opens the MongoDB database that the settings name, and the one of the generation that is active."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from schemas.settings import Settings
from sinks import mongodb
from sinks.migrations.runner import require_current
from sinks.mongodb import Database
from streams.generations.generation import BASE, REGISTRY, Active, Generation, GenerationError, read_active


@asynccontextmanager
async def unchecked_database(settings: Settings, *listeners: mongodb.Listener) -> AsyncIterator[Database]:
    """Open the database of the base generation, whatever version has written it; close its client after."""
    client, opened = mongodb.connect(settings.mongodb, *listeners)
    try:
        yield opened
    finally:
        await client.close()


@asynccontextmanager
async def base_database(settings: Settings, *listeners: mongodb.Listener) -> AsyncIterator[Database]:
    """Open the database of the base generation, which also says what generations there are.

    Raises MigrationError if it is of another version. It is the last to be migrated: so the others are not, either.
    """
    async with unchecked_database(settings, *listeners) as opened:
        await require_current(opened)
        yield opened


@asynccontextmanager
async def active_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database of the generation that is active now: all that is read in the block is of one generation."""
    async with active_generation(settings) as (_, database):
        yield database


@asynccontextmanager
async def active_generation(settings: Settings) -> AsyncIterator[tuple[Generation, Database]]:
    """Open the database of the generation that is active now, and tell which it is: its vectors have its name."""
    async with base_database(settings) as base:
        generation = Generation((await read_active(base)).generation)
        yield generation, generation.database(base)


async def own_generation(settings: Settings) -> Generation:
    """Return the generation that a worker works for: the one set, or else the active one. Raises GenerationError."""
    async with base_database(settings) as base:
        generation = Generation(settings.worker.generation or (await read_active(base)).generation)
        await require_generation(base, generation)
        await require_current(generation.database(base))
        return generation


async def active_now(settings: Settings) -> Active:
    """Return which generation is active."""
    async with base_database(settings) as base:
        return await read_active(base)


async def known_generations(base: Database) -> dict[str, dict[str, Any]]:
    """Return the registered generations by name; a new installation has the base one alone."""
    found = {d["_id"]: d async for d in base[REGISTRY].find({"state": {"$exists": True}}).sort("started_at", 1)}
    return found or {BASE: {"state": "started"}}


async def all_databases(base: Database) -> list[Database]:
    """Return the databases of all generations, the base one last: it holds what they share, too."""
    others = [name for name, found in (await known_generations(base)).items() if found["state"] == "started"]
    return [*(Generation(name).database(base) for name in others if name != BASE), base]


async def require_generation(base: Database, generation: Generation) -> None:
    """Raise GenerationError unless there is such a generation, and it is not being dropped."""
    known = (await known_generations(base)).get(generation.name)
    if known is None:
        raise GenerationError(f"there is no generation {generation.name}; begin it with `looma replay start`")
    if known["state"] != "started":
        raise GenerationError(f"generation {generation.name} is being dropped")
