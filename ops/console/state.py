"""What the console's pages share in one process, beside what the API's requests do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from ops.api.context import Api
from ops.console.alerting import Alerts, open_alerts
from ops.console.flow.sampler import Flow
from ops.console.resumes import Resumes
from ops.console.wording import Wording
from sinks.qdrant import VectorStore, connect

COUNTED = 1000
"""Dead letters that are counted, at most."""


@dataclass(frozen=True, slots=True)
class Console:
    """How pipeline and alerts stand, what words reasons anew, resumes, and the vectors of a generation (by suffix)."""

    flow: Flow
    alerts: Alerts
    wording: Wording
    resumes: Resumes
    vectors: Callable[[str], VectorStore]


@asynccontextmanager
async def open_console(api: Api) -> AsyncIterator[Console]:
    """Begin to look at the pipeline; look no longer at the end."""
    async with AsyncExitStack() as stack:
        client = connect(api.settings.qdrant)
        stack.push_async_callback(client.close)

        async def letters() -> int:
            return len(await api.views.letters.pending(api.database, before=None, limit=COUNTED))

        flow = Flow(api.settings, api.reads, letters)
        looking = asyncio.create_task(flow.run())

        async def stop() -> None:
            looking.cancel()
            await asyncio.wait([looking])

        stack.push_async_callback(stop)

        def vectors(suffix: str) -> VectorStore:
            return VectorStore(client, suffix)

        alerts = await stack.enter_async_context(open_alerts(api.settings.alerts))
        resumes = Resumes(api.settings.kafka, api.ai.here.resumes)
        stack.push_async_callback(resumes.close)
        yield Console(flow, alerts, Wording(lambda: vectors(api.reads.generation.suffix)), resumes, vectors)


def console_of(request: Request) -> Console:
    """Return what the pages share."""
    console: Console = request.app.state.console
    return console


ConsoleOpened = Annotated[Console, Depends(console_of)]
