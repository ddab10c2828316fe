"""Which model a generation is built with, and where its files are."""

import asyncio
from pathlib import Path
from typing import Any

from schemas.settings import Settings
from streams.generations.database import base_database
from streams.generations.generation import MODELS
from streams.models.default_model import ensure_model
from streams.models.downloads import cache_dir
from streams.models.registry import Registry, RegistryError


async def model_of(settings: Settings, generation: str) -> dict[str, Any] | None:
    """Return the record of the model that a generation is built with; None for one that has the default."""
    async with base_database(settings) as base:
        found: dict[str, Any] | None = await base[MODELS].find_one({"_id": generation})
        return found


async def model_path(settings: Settings, generation: str) -> Path:
    """Return where the model is that a generation is built with, for `encoder_at`; downloads the default one.

    Raises RegistryError as `own_model` does.
    """
    own = await own_model(settings, generation)
    if own is not None:
        return own
    return await asyncio.to_thread(ensure_model, cache_dir())


async def own_model(settings: Settings, generation: str) -> Path | None:
    """Return the model in the settings, or else the one that a generation is built with; None for the default one.

    Raises RegistryError if it is not on this machine, or is not the one that the generation was begun with.
    """
    if settings.models.embedding_path:
        return settings.models.embedding_path
    known = await model_of(settings, generation)
    if known is None:
        return None
    entry = Registry(cache_dir()).pulled(known["model"])
    if entry.manifest.vector_version != known["vector_version"]:
        raise RegistryError(f"{known['model']} here is not the one that generation {generation} was begun with")
    return entry.folder
