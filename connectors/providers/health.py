"""Whether providers can be reached, found out before a caller has to: by their list of models, never by a completion.

A check that fails only says who is asked last: traffic alone opens a breaker. So a provider that cannot be checked is
not taken from anybody.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from loguru import logger

from connectors.providers.openai import OpenAIProvider
from connectors.providers.targets import Target

CHECK_SECONDS = 15.0
"""Between checks of a provider that nobody has called meanwhile."""
ANSWER_SECONDS = 5.0


@asynccontextmanager
async def checked(targets: Sequence[Target[OpenAIProvider]]) -> AsyncIterator[None]:
    """Check for the block those that are not called."""
    checking = asyncio.create_task(_check(targets))
    try:
        yield
    finally:
        checking.cancel()
        with suppress(asyncio.CancelledError):
            await checking


async def _check(targets: Sequence[Target[OpenAIProvider]]) -> None:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        await asyncio.gather(*map(check, targets))


async def check(target: Target[OpenAIProvider]) -> None:
    """Note whether a provider can be reached, unless calls have said so lately."""
    if target.load.at > asyncio.get_running_loop().time() - CHECK_SECONDS:
        target.is_reachable = True  # it answers, or its breaker knows
        return
    was, target.is_reachable = target.is_reachable, await target.provider.is_reachable(ANSWER_SECONDS)
    if was != target.is_reachable:
        logger.warning("provider {} {}", target.provider.name, "is back" if target.is_reachable else "does not answer")
