"""Speed and memory of a model on this machine, measured in a process of its own.

`python -m ops.models.measure` reads a request as JSON and prints the figures as JSON.
"""

import asyncio
import ctypes
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from schemas.errors import LoomaError
from streams.models.manifest import Manifest
from streams.models.registry import Entry

TIMEOUT_SECONDS = 600


class MeasureError(LoomaError):
    """A model cannot be measured, because the process that loads and runs it fails; the text says how it ended."""

    code = "model_measure"


@dataclass(frozen=True, slots=True)
class Tuning:
    """How many texts a batch takes, how many batches run side by side, and on how many threads each."""

    batch_texts: int = 16
    workers: int = 1
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """`memory_mb` is what loading and running the model added to the process, see `_held`.

    Of it, `mapped_mb` are pages of the model's file: workers of a machine share them, and the kernel may drop them.
    """

    texts_per_second: float
    memory_mb: float
    mapped_mb: float = 0.0


def tunings(cores: int) -> list[Tuning]:
    """Return what is worth trying on so many cores: many small batches side by side, or one on all cores."""
    shares = [(1, cores)] if cores == 1 else [(1, cores), (cores, 1)]
    return [Tuning(texts, workers, threads) for texts in (8, 32) for workers, threads in shares]


async def measure(entry: Entry, texts: list[str], tuning: Tuning, seconds: float) -> Figures:
    """Return the figures for embedding `texts` over and over for so many seconds."""
    request: dict[str, Any] = {
        "folder": str(entry.folder),
        "manifest": entry.manifest.model_dump(mode="json"),
        "texts": texts,
    }
    request |= {"tuning": asdict(tuning), "seconds": seconds}
    return await asyncio.to_thread(_in_a_process, request)


def _in_a_process(request: dict[str, Any]) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "ops.models.measure"],
        input=json.dumps(request).encode(),
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise MeasureError(f"the model cannot be measured: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def _main() -> None:
    request = json.loads(sys.stdin.read())
    manifest, tuning = Manifest.model_validate(request["manifest"]), Tuning(**request["tuning"])
    encoder = manifest.encoder.model_copy(update={"batch_texts": tuning.batch_texts})
    _warm_imports(manifest)
    process = psutil.Process()
    folder = Path(request["folder"]).resolve()
    before = _held(process, folder)
    from streams.models.encoders import open_encoder

    entry = Entry(manifest.model_copy(update={"encoder": encoder}), folder)
    model = open_encoder(entry, threads=tuning.threads)
    texts: list[str] = request["texts"]
    chunks = [texts[i : i + tuning.batch_texts] for i in range(0, len(texts), tuning.batch_texts)]
    count = 0
    with ThreadPoolExecutor(tuning.workers) as pool:
        list(pool.map(model.embed, chunks))  # warm
        started = time.perf_counter()
        while time.perf_counter() - started < request["seconds"]:
            list(pool.map(model.embed, chunks))
            count += len(texts)
        elapsed = time.perf_counter() - started
    own, mapped = ((now - then) / 2**20 for now, then in zip(_held(process, folder), before, strict=True))
    print(json.dumps(asdict(Figures(round(count / elapsed, 1), round(own + mapped, 1), round(mapped, 1)))))


def _held(process: psutil.Process, folder: Path) -> tuple[int, int]:
    """Return the bytes that the process needs: its own, and what of the model's files is mapped and was read.

    Not the libraries' code, nor what was freed and the allocator keeps, which varies by tens of MB from run to run.
    """
    with suppress(AttributeError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
    info = process.memory_info()
    if not psutil.LINUX:
        return int(info.rss), 0
    mapped = sum(m.rss for m in process.memory_maps() if Path(m.path).is_relative_to(folder))
    return int(info.rss - info.shared), mapped


def _warm_imports(manifest: Manifest) -> None:
    """What the libraries take is not the model's memory."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    import processors.embedding.model

    if manifest.encoder.kind == "transformer":
        from transformers import AutoTokenizer  # noqa: F401

        import processors.embedding.transformer  # noqa: F401


if __name__ == "__main__":
    _main()
