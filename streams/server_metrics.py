"""Whether the servers answer that a worker needs: asked again and again, also while there is no work."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping

from opentelemetry.metrics import CallbackOptions, Observation

from streams import metrics

ASK_SECONDS = 5.0
ANSWER_SECONDS = 5.0
"""How long a server may take: one that stands still counts as away, one that is slow does not."""


class Servers:
    """Questions to servers, by name, and whether the last one of each was answered."""

    def __init__(self, questions: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
        self._questions = questions
        self._up: dict[str, bool] = {}
        metrics.SERVER_UP.observe(self._observe)

    async def watch(self) -> None:
        """Ask until cancelled, each server apart: one that is away delays no word of another."""
        await asyncio.gather(*map(self._ask_again, self._questions))

    async def ask_all(self) -> None:
        """Ask each server once."""
        await asyncio.gather(*map(self.ask, self._questions))

    async def ask(self, name: str) -> None:
        """Ask one server once."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._questions[name]()
        except Exception:  # whatever it is: what was to be known is that it does not answer
            self._up[name] = False
        else:
            self._up[name] = True

    async def _ask_again(self, name: str) -> None:
        while True:
            await self.ask(name)
            await asyncio.sleep(ASK_SECONDS)

    def _observe(self, _: CallbackOptions) -> Iterator[Observation]:
        for name, is_up in list(self._up.items()):
            yield Observation(float(is_up), {"server": name})
