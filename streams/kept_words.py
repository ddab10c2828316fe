"""A process keeps words of what it reads no longer than it keeps records."""

import asyncio

from processors.lexicon import kept_words
from sinks.cache import CACHE_SECONDS


async def let_go() -> None:
    """Let go of words again and again, until cancelled: nobody knows which of them are a forgotten person's."""
    while True:
        await asyncio.sleep(CACHE_SECONDS)
        kept_words.let_go()
