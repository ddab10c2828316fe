"""The AI gateway's doors on a socket, before providers of the tests, with usage noted in place of a topic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn
from aiohttp import ClientSession
from fastapi import FastAPI

from connectors.message import EventMessage
from connectors.providers.chain import opened
from ops.api.access import caller_of
from ops.api.problems import Problems
from ops.api.routes import ai, openai
from ops.services.ai import Ai
from ops.services.gateway import Gateway
from ops.services.house import House
from ops.services.metering import Meter
from ops.services.remote import Remotes
from ops.services.usage import usage_log
from processors.access import Caller
from processors.gateway.instances import Instances
from schemas.services import AiUsed
from schemas.settings import ProviderSettings, Settings
from sinks.limit_cells import LimitCells


@dataclass
class Published:
    """Takes messages as a publisher does."""

    messages: list[EventMessage] = field(default_factory=list)

    async def send(self, message: EventMessage) -> asyncio.Future[None]:
        """Note a message."""
        self.messages.append(message)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


@dataclass
class Doors:
    """A gateway that is served, and a client of it."""

    client: httpx.AsyncClient
    gateway: Gateway
    instances: Instances
    server: uvicorn.Server
    serving: asyncio.Task[None]
    published: Published

    async def used(self, count: int) -> list[AiUsed]:
        """Return the calls that were accounted for, once there are so many."""
        async with asyncio.timeout(10):
            while len(self.published.messages) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return [AiUsed.model_validate_json(message.value or b"") for message in self.published.messages]

    async def ask(self, text: str = "你好", **body: Any) -> httpx.Response:
        """Complete a chat."""
        said = {"model": "looma", "messages": [{"role": "user", "content": text}], **body}
        return await self.client.post("/openai/v1/chat/completions", json=said)


@asynccontextmanager
async def doors(folder: Path, *providers: ProviderSettings, **gateway: Any) -> AsyncIterator[Doors]:
    """Serve a gateway with these settings for the block."""
    settings = Settings().changed(data_dir=folder, **{f"gateway__{name}": value for name, value in gateway.items()})
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(opened(providers))
        session = await stack.enter_async_context(ClientSession())
        published = Published()
        log = await stack.enter_async_context(usage_log(published))  # type: ignore[arg-type]
        cells = stack.enter_context(LimitCells(folder / "limits"))
        made = Gateway(found, settings.gateway, Meter(cells, settings.gateway), log)
        instances = Instances()
        key = settings.gateway.service_key
        remotes = Remotes(instances, session, key.get_secret_value() if key else None)
        house = House(settings, await stack.enter_async_context(AsyncExitStack()), None)
        app = FastAPI()
        app.add_middleware(Problems)
        app.include_router(openai.router)
        app.include_router(ai.router)
        app.dependency_overrides[caller_of] = Caller.local
        app.state.api = SimpleNamespace(settings=settings, ai=Ai(made, house, remotes, 5.0))
        server = uvicorn.Server(
            uvicorn.Config(app, port=0, lifespan="off", log_config=None, http="httptools", timeout_graceful_shutdown=1)
        )
        server.capture_signals = _no_signals  # type: ignore[method-assign,assignment]
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False)
        )
        try:
            yield Doors(client, made, instances, server, serving, published)
        finally:
            server.should_exit = True
            await serving


def _no_signals() -> Any:
    from contextlib import nullcontext

    return nullcontext()
