"""The HTTP API in a thread of the tests, on a socket of its own."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI

from ops.api.app import create_app
from ops.api.context import Api
from ops.api.server import bind, uvicorn_config
from schemas.settings import Settings

T = TypeVar("T")


@dataclass
class RunningApi:
    """An API that answers, and a client of it."""

    app: FastAPI
    client: httpx.Client
    loop: asyncio.AbstractEventLoop

    @property
    def api(self) -> Api:
        """What its requests share."""
        opened: Api = self.app.state.api
        return opened

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the API runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def running_api(settings: Settings) -> Iterator[RunningApi]:
    """Serve for the block."""
    settings = settings.changed(api__port=0)
    bound = bind(settings.api)
    app = create_app(settings)
    server = uvicorn.Server(uvicorn_config(settings.api, app))
    started: list[asyncio.AbstractEventLoop] = []
    failed: list[BaseException] = []
    ready = threading.Event()

    async def serve() -> None:
        try:
            async with app.router.lifespan_context(app):
                started.append(asyncio.get_running_loop())
                ready.set()
                await server.serve([bound])
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="api", daemon=True)
    thread.start()
    assert ready.wait(60), "the API did not start"
    for _ in range(6000):
        if server.started or failed:
            break
        time.sleep(0.01)  # bound is not yet listening
    else:
        raise AssertionError("the API does not listen")
    if failed:
        raise failed[0]
    port = bound.getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            yield RunningApi(app, client, started[0])
    finally:
        if thread.is_alive():  # who streams would be waited for
            started[0].call_soon_threadsafe(app.state.api.stopping.set)
        server.should_exit = True
        thread.join(30)
        if failed:
            raise failed[0]
