"""Embedding off the event loop: a bounded thread pool with a bounded cache."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from processors.embedding.model import EmbeddingModel, Vectors
from processors.embedding.texts import text_hash


class EmbeddingPool:
    """Embeds texts in one worker thread; the model has its own threads within a call."""

    def __init__(self, model: EmbeddingModel, *, cache_size: int = 10_000) -> None:
        self._model = model
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._cache_size = cache_size
        self.version = model.version

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return L2-normalised vectors, shape (texts, dimensions)."""
        keys = [text_hash(text) for text in texts]
        found = {key: self._cache[key] for key in keys if key in self._cache}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            loop = asyncio.get_running_loop()
            vectors = await loop.run_in_executor(self._executor, self._model.embed, list(missing.values()))
            found |= dict(zip(missing, vectors, strict=True))
        for key in keys:
            self._cache[key] = found[key]
            self._cache.move_to_end(key)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        return np.stack([found[key] for key in keys])

    async def close(self) -> None:
        """Wait for the batch in work, then end the thread."""
        await asyncio.to_thread(self._executor.shutdown)
