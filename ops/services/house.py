"""What services work with, opened when the first of them needs it: models, readers of documents, the search."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from schemas.settings import Settings
from streams.search.request import Request

if TYPE_CHECKING:
    from connectors.documents import Document
    from connectors.resumes.understanding import ResumeUnderstanding
    from processors.embedding.model import Vectors
    from processors.embedding.pool import EmbeddingPool

Search = Callable[[Request], Awaitable[dict[str, Any]]]


class House:
    """Everything is opened once, however many ask for it at the same time."""

    def __init__(self, settings: Settings, stack: AsyncExitStack, search: Search | None) -> None:
        self.settings = settings
        self._stack = stack
        self._search = search
        self._pool: EmbeddingPool | None = None
        self._resumes: ResumeUnderstanding | None = None
        self._opening = asyncio.Lock()

    async def search(self, request: Request) -> dict[str, Any]:
        """Return what the active generation answers."""
        async with self._opening:
            if self._search is None:
                from streams.search.session import search_session

                self._search = await self._stack.enter_async_context(search_session(self.settings))
        return await self._search(request)

    async def embed(self, texts: Sequence[str]) -> "Vectors":
        """Return a row for each text, by the model that the settings name."""
        return await (await self.pool()).embed(texts)

    async def pool(self) -> "EmbeddingPool":
        """Return what embeds."""
        async with self._opening:
            if self._pool is None:
                from processors.embedding.pool import EmbeddingPool
                from streams.models.encoders import default_encoder

                encoder = await asyncio.to_thread(default_encoder, self.settings.models)
                self._pool = EmbeddingPool(encoder, workers=self.settings.models.embedding_threads)
                self._stack.push_async_callback(self._pool.close)
        return self._pool

    async def document(self, data: bytes) -> "Document":
        """Return a document, read in a confined process. Raises BadMessageError, TimeoutError if busy."""
        return await (await self.resumes()).read(data)

    async def resumes(self) -> "ResumeUnderstanding":
        """Return what reads and parses resumes."""
        async with self._opening:
            if self._resumes is None:
                from connectors.resumes.understanding import ResumeUnderstanding

                self._resumes = ResumeUnderstanding(self.settings)
                self._stack.push_async_callback(self._resumes.close)
        return self._resumes


class HouseEmbedder:
    """Embeds for the gateway, by this deployment's own model."""

    model = "looma-embedding"

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text."""
        vectors: list[list[float]] = (await self._house.embed(texts)).tolist()
        return vectors


@asynccontextmanager
async def house(settings: Settings, search: Search | None = None) -> AsyncIterator[House]:
    """Keep what services work with for the block; `search` is one that is open already."""
    async with AsyncExitStack() as stack:
        yield House(settings, stack, search)
