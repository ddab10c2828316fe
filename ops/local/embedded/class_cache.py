"""Kafka's classes, loaded and linked once for all its starts, which cost half the CPU then.

The JVM takes the file only if it fits its own build and the jars. Without one it starts all the same.
"""

import asyncio
import fcntl
import os
import subprocess
import time
from pathlib import Path

from ops.local.embedded import StackError
from ops.local.embedded.kafka import Kafka, class_cache, class_path, java
from ops.local.embedded.ports import free_ports
from streams.models.downloads import Progress, say, scratch

START_SECONDS = 60.0
DUMP_SECONDS = 120.0
CHECK_SECONDS = 30.0
_POLL_SECONDS = 0.1


def ensure_class_cache(jars: list[Path], progress: Progress | None = None) -> None:
    """Make the file beside the jars, unless it is there or another process is making it; never raise for it."""
    file = class_cache(jars)
    if file.exists():
        return
    try:
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not file.exists():
                say(progress, "Kafka: preparing its classes, once (67 MB)")
                with scratch(file.parent) as folder:
                    _make(folder, jars).replace(file)
    except BlockingIOError:
        return
    except (OSError, StackError, subprocess.SubprocessError) as error:
        say(progress, f"Kafka: it will start more slowly, its classes could not be prepared: {error}")


def _make(folder: Path, jars: list[Path]) -> Path:
    """Start a node that records what it loads, end it, and return the file it leaves."""
    made = folder / "classes.aot"
    node = Kafka(folder / "node", *free_ports(2))
    node.prepare(jars)
    # What a machine sets for every JVM must not decide what is recorded: only some collectors can keep objects.
    environment = {**os.environ, "CLASSPATH": class_path(jars), "JDK_JAVA_OPTIONS": ""}
    command = node.command(f"-XX:AOTCacheOutput={made}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=node.folder, env=environment, stdout=log, stderr=log)
        try:
            asyncio.run(_answered(node, process))
            process.terminate()
            process.wait(DUMP_SECONDS)
        finally:
            process.kill()
            process.wait()
    check = [*java("-Xmx128m"), "-XX:AOTMode=on", f"-XX:AOTCache={made}", "-XX:+VerifySharedSpaces", "-version"]
    subprocess.run(check, env=environment, capture_output=True, timeout=CHECK_SECONDS, check=True)
    return made


async def _answered(node: Kafka, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not await node.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise StackError("the node that records did not start")
        await asyncio.sleep(_POLL_SECONDS)
