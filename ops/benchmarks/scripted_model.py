"""A provider without a model: it words the facts that it is sent, at a steady pace, for `looma bench chat --model`."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

TOKENS_PER_S = 50
"""As a small model writes on a good CPU, or a large one behind a busy API."""
CHARACTERS = 2
"""Of a token."""
SENTENCES = 6
"""Of an answer, as the prompt asks for."""
_FACT = re.compile(r"^(f\d+) \| \w+ (\S+) \| (?:company|locations|salary|score) \| (.+)$", re.MULTILINE)


def worded(prompt: str) -> str:
    """Return a sentence for each of a prompt's first facts, in its language."""
    form = "{}: {} [{}]." if "Asked by" in prompt else "{}：{}[{}]。"
    return "\n".join(form.format(record, said, fact) for fact, record, said in _FACT.findall(prompt)[:SENTENCES])


async def _answer(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    text = worded("\n".join(message.get("content") or "" for message in body["messages"]))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    now = asyncio.get_running_loop().time
    begun = now()
    for place in range(0, len(text), CHARACTERS):
        await asyncio.sleep(begun + place / CHARACTERS / TOKENS_PER_S - now())
        await response.write(_event({"content": text[place : place + CHARACTERS]}, None))
    await response.write(_event({}, "stop") + b"data: [DONE]\n\n")
    return response


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    body = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


@asynccontextmanager
async def scripted_model() -> AsyncIterator[str]:
    """Serve for the block; gives the address."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
