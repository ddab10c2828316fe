"""A server that speaks the protocol of chat completions, as well or as badly as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answerer = Callable[["Asked"], Awaitable[web.StreamResponse]]


class Asked:
    """One request: its body, and what its answer is written with."""

    def __init__(self, request: web.Request, body: dict[str, Any], number: int) -> None:
        self.request, self.body, self.number = request, body, number
        self.left = asyncio.Event()
        """Set when whoever asks has closed the connection before the answer's end."""

    @property
    def text(self) -> str:
        """All messages in one."""
        return "\n".join(m.get("content") or "" for m in self.body["messages"])

    async def complete(self, text: str, *, finish: str | None = "stop", usage: Any = None) -> web.StreamResponse:
        """Answer with a text at once."""
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        return web.json_response({"choices": [choice]} | ({"usage": usage} if usage else {}))

    async def stream(self, *chunks: bytes, pause: float = 0.0, ends: bool = True) -> web.StreamResponse:
        """Write bytes as a stream of events; without an end the connection is cut."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(self.request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(pause)
        if not ends and self.request.transport:
            self.request.transport.abort()
        return response

    async def say(self, text: str, *, size: int = 7, finish: str = "stop", usage: Any = None) -> web.StreamResponse:
        """Answer with a text in pieces, which do not keep to characters."""
        data = b"".join([*(event({"content": text[n : n + 3]}) for n in range(0, len(text), 3)), event({}, finish)])
        if usage is not None:
            data += sse({"choices": [], "usage": usage})
        data += b"data: [DONE]\n\n"
        return await self.stream(*(data[n : n + size * 40] for n in range(0, len(data), size * 40)))

    async def call(self, *calls: tuple[str, Any]) -> web.StreamResponse:
        """Answer with calls of tools, their arguments in two pieces."""
        data = b""
        for n, (name, arguments) in enumerate(calls):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            head = {
                "index": n,
                "id": f"c{self.number}-{n}",
                "type": "function",
                "function": {"name": name, "arguments": ""},
            }
            data += event({"tool_calls": [head]})
            for part in (text[:5], text[5:]):
                data += event({"tool_calls": [{"index": n, "function": {"arguments": part}}]})
        return await self.stream(data + event({}, "tool_calls") + b"data: [DONE]\n\n")


def sse(body: Any) -> bytes:
    """Return one event."""
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def event(delta: Any, finish: str | None = None) -> bytes:
    """Return one piece of an answer."""
    return sse({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


class ModelServer:
    """What it was asked; each answerer of the script answers once, the last one from then on."""

    def __init__(self, script: Sequence[Answerer]) -> None:
        self.asked: list[Asked] = []
        self.headers: list[dict[str, str]] = []
        self.script = list(script)
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        asked = Asked(request, await request.json(), len(self.asked))
        self.asked.append(asked)
        self.headers.append(dict(request.headers))
        try:
            return await self.script[min(asked.number, len(self.script) - 1)](asked)
        except (asyncio.CancelledError, ConnectionError):
            asked.left.set()
            raise


@asynccontextmanager
async def model_server(*script: Answerer) -> AsyncIterator[ModelServer]:
    """Run a server on a port of its own."""
    server = ModelServer(script)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    app.router.add_post("/v1/embeddings", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def saying(text: str, **more: Any) -> Answerer:
    """Return what answers with a text."""

    async def answer(asked: Asked) -> web.StreamResponse:
        if asked.body.get("stream") is False:
            return await asked.complete(text, **more)
        return await asked.say(text, **more)

    return answer


def status(code: int, **headers: str) -> Answerer:
    """Return what answers with a status."""

    async def answer(asked: Asked) -> web.StreamResponse:
        return web.Response(status=code, headers={n.replace("_", "-"): v for n, v in headers.items()}, text="{}")

    return answer


def calling(*calls: tuple[str, Any]) -> Answerer:
    """Return what answers with calls of tools."""

    async def answer(asked: Asked) -> web.StreamResponse:
        return await asked.call(*calls)

    return answer
