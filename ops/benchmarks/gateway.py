"""`looma bench gateway`: what the AI gateway adds to a call, beside LiteLLM's proxy before the same provider.

Ours is the whole API on an embedded stack, with limits reserved and settled, personal data looked for, spans and usage
on a topic. LiteLLM runs as it comes, one process, without a database, keys or limits. A call's overhead is its latency
less the median of calls to the provider itself.
"""

import asyncio
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from ops.benchmarks.api import served
from ops.benchmarks.load import Load, offer
from ops.benchmarks.peers import provider as provider_module
from ops.benchmarks.peers.environment import LITELLM, PeerError
from ops.benchmarks.stack import Progress, fresh_stack, named
from ops.local.embedded.stack import free_ports
from ops.runtime.traces import percentiles
from schemas.settings import ProviderSettings

RUN = "gateway"
RATE = 50.0
"""Calls a second while latency is measured: each finds its gateway idle."""
MOST = 5000.0
"""Calls a second that are offered to find how many are answered."""
CONNECTIONS = 16
LIMIT = 20_000
START_SECONDS = 120
_BODY = json.dumps(
    {"model": "m", "messages": [{"role": "user", "content": "Reword this for a resume: I write Java. " * 4}]}
).encode()


async def bench_gateway(seconds: float, rounds: int, *, litellm: bool, progress: Progress) -> dict[str, Any]:
    """Return the figures. Raises PeerError, WorkerError."""
    if litellm:
        await asyncio.to_thread(LITELLM.install, progress)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(_provider())
        settings = named(await stack.enter_async_context(fresh_stack(progress)), RUN)
        settings.providers = [ProviderSettings(name="fake", url=f"http://127.0.0.1:{port}/v1", model="m")]
        settings = settings.changed(
            api__port=free_ports(1)[0], gateway__requests_per_minute=10**7, gateway__tokens_per_minute=10**10
        )
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        progress("starting looma api")
        await stack.enter_async_context(served(settings))
        doors = {"provider": (port, "/v1"), "looma": (settings.api.port, "/openai/v1")}
        if litellm:
            progress("starting LiteLLM's proxy")
            doors["litellm"] = (await stack.enter_async_context(_litellm(settings.data_dir, port)), "/v1")
        figures = await _measured(doors, seconds, rounds, progress)
        return figures | {"limit_error": await asyncio.to_thread(limit_error, settings.data_dir / "takers")}


async def _measured(
    doors: Mapping[str, tuple[int, str]], seconds: float, rounds: int, progress: Progress
) -> dict[str, Any]:
    for port, path in doors.values():
        await offer(port, _calls(path), RATE, 2.0, connections=CONNECTIONS)
    latencies: dict[str, list[list[float]]] = {name: [] for name in doors}
    answered: dict[str, list[float]] = {name: [] for name in doors}
    errors = dict.fromkeys(doors, 0)
    for number in range(rounds):
        order = list(doors.items())
        for name, (port, path) in order if number % 2 == 0 else reversed(order):
            progress(f"round {number + 1} of {rounds}: {name}")
            steady = await offer(port, _calls(path), RATE, seconds, connections=CONNECTIONS)
            full = await offer(port, _calls(path), MOST, seconds / 2, connections=CONNECTIONS)
            latencies[name].append([each * 1000 for each in steady.latencies.get(200, [])])
            answered[name].append(full.answered_per_s)
            errors[name] += _errors(steady) + _errors(full)
    added = {name: _added(latencies[name], latencies["provider"]) for name in doors if name != "provider"}
    told: dict[str, Any] = {
        "overhead_ms": added["looma"],
        "requests_per_s": round(statistics.median(answered["looma"]), 1),
        "ratio_to_litellm": None,
        "provider_ms": percentiles(list(itertools.chain(*latencies["provider"]))),
        "errors": errors["looma"],
        "rounds": rounds,
    }
    if "litellm" in doors:
        theirs: dict[str, Any] = {
            "overhead_ms": added["litellm"],
            "requests_per_s": round(statistics.median(answered["litellm"]), 1),
            "errors": errors["litellm"],
        }
        told["litellm"] = theirs
        told["ratio_to_litellm"] = {
            "overhead_p50": round(added["looma"]["p50"] / added["litellm"]["p50"], 3),
            "overhead_p99": round(added["looma"]["p99"] / added["litellm"]["p99"], 3),
            "requests_per_s": round(told["requests_per_s"] / max(0.1, theirs["requests_per_s"]), 2),
        }
    return told


def _added(rounds: list[list[float]], provider: list[list[float]]) -> dict[str, float]:
    """Return what was added in the median round; each call is compared with the provider's median of its round."""
    found = [
        percentiles([each - statistics.median(alone) for each in mine])
        for mine, alone in zip(rounds, provider, strict=True)
        if mine and alone
    ]
    return {name: round(statistics.median(each[name] for each in found), 3) for name in ("p50", "p99")}


def _errors(load: Load) -> int:
    """Return the answers that were none; what was offered beyond what can be answered waits, and is none."""
    return load.errors + load.statuses[503] + load.statuses[429]


def _calls(path: str) -> Iterator[bytes]:
    head = f"POST {path}/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    call = head.encode() + b"content-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
    return itertools.repeat(call)


@asynccontextmanager
async def _provider() -> AsyncIterator[int]:
    assert provider_module.__file__
    process = await asyncio.create_subprocess_exec(
        sys.executable, provider_module.__file__, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _litellm(folder: Path, port: int) -> AsyncIterator[int]:
    """Run LiteLLM's proxy; the block begins when it answers."""
    (own,) = free_ports(1)
    model = {"model": "openai/m", "api_base": f"http://127.0.0.1:{port}/v1", "api_key": "none"}
    config = folder / "litellm.yaml"  # JSON is YAML
    config.write_text(json.dumps({"model_list": [{"model_name": "m", "litellm_params": model}]}), encoding="utf-8")
    own_settings = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # ours asks for none on this machine either
    }
    log = folder / "litellm.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(str(LITELLM.program("litellm")), "--config", str(config), "--host", "127.0.0.1", "--port", str(own)),
            *("--telemetry", "False"),
            cwd=folder,
            env={**os.environ, **own_settings},
            stdout=output,
            stderr=output,
        )
    try:
        await _answers(own, log)
        yield own
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(port: int, log: Path) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + START_SECONDS
    while loop.time() < until:
        try:
            if (await offer(port, _calls("/v1"), RATE, 0.1, connections=1)).statuses[200]:
                return
        except OSError:
            pass
        await asyncio.sleep(0.5)
    raise PeerError(f"LiteLLM's proxy does not answer after {START_SECONDS} s; see {log}")


def limit_error(folder: Path) -> float:
    """Return by what share a limit was missed by two processes that took from it, one of which was killed."""
    command = (sys.executable, "-m", "ops.benchmarks.limit_takers", str(folder), str(LIMIT))
    folder.mkdir(parents=True)
    outputs = [folder / f"{n}.taken" for n in range(3)]
    first, second = (_taker(command, output) for output in outputs[:2])
    while outputs[0].stat().st_size < LIMIT // 10 and first.poll() is None:
        os.sched_yield()
    first.send_signal(signal.SIGKILL)
    first.wait()
    third = _taker(command, outputs[2])
    for process in (second, third):
        process.wait(START_SECONDS)
    return abs(sum(output.stat().st_size for output in outputs) - LIMIT) / LIMIT


def _taker(command: tuple[str, ...], output: Path) -> "subprocess.Popen[bytes]":
    with output.open("wb") as taken:
        return subprocess.Popen(command, stdout=taken, cwd=Path(__file__).parents[2])
