"""Searches that follow the active generation, for a process that lives longer than one question."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ops.database import base_database
from ops.models.activation import model_path
from ops.models.encoders import encoder_at
from ops.search import Request, Searcher
from ops.search_cache import Answer, AnswerCache
from ops.settings import Settings
from sinks.qdrant import connect
from sinks.search import SearchStore
from streams.generation import Generation, read_active


@asynccontextmanager
async def search_session(settings: Settings) -> AsyncIterator[Callable[[Request], Awaitable[Answer]]]:
    """Open a search as `Searcher.search`: each question is answered by the generation that is active when it is asked.

    The model is loaded once for each generation, and answers are kept for a moment. Raises `RegistryError` when asked,
    if the generation's model is not on this machine.
    """
    client = connect(settings.qdrant_url, settings.request_timeout_seconds, settings.qdrant_api_key)
    caches: dict[str, AnswerCache] = {}

    try:
        async with base_database(settings) as base:

            async def search(request: Request) -> Answer:
                generation = Generation((await read_active(base)).generation)
                if generation.name not in caches:
                    encoder = await asyncio.to_thread(encoder_at, await model_path(settings, generation.name))
                    store = SearchStore(client, generation.suffix)
                    caches.clear()
                    caches[generation.name] = AnswerCache(Searcher(store, generation.database(base), encoder).search)
                return await caches[generation.name].search(request)

            yield search
    finally:
        await client.close()
