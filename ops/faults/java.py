"""Apache Kafka's own console clients: Java's partitioner, batches and codecs in the load; Java's reader of the results.

The producer takes lines from a pipe and says nothing of what became of them: each event is numbered, and the log tells.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from connectors.message import EventMessage
from ops.local.embedded import assets
from ops.local.embedded.kafka import class_path, java
from schemas.settings import KafkaSettings
from streams.models.downloads import cache_dir
from streams.reading import read_topic

NUMBER = "handed"
"""The header with an event's number."""

CLOSE_SECONDS = 150
READ_MS = 30_000
"""How long the console consumer waits for one more message."""

_PRODUCER, _CONSUMER = "org.apache.kafka.tools.ConsoleProducer", "org.apache.kafka.tools.consumer.ConsoleConsumer"
_NULL = "~null~"
_HEAP = "-Xmx96m"
_OPTIONS = {
    # It would drop an event after three tries.
    "message-send-max-retries": 2**31 - 1,
    "request-timeout-ms": 30_000,
    "max-block-ms": 90_000,
    "timeout": 20,  # how long a batch is waited for, in ms
    "producer-property": "delivery.timeout.ms=120000",
}
_FORMAT = ("print.partition=true", "print.offset=true", "print.key=true", f"null.literal={_NULL}")
_READER = ("parse.key=true", "parse.headers=true", f"null.marker={_NULL}")


class ConsoleProducer:
    """Sends events by the Java client, with one codec. `handed` gets their ids by their numbers, counting on."""

    def __init__(self, servers: str, topic: str, codec: str, folder: Path, handed: dict[int, str | None]) -> None:
        self._arguments = ["--bootstrap-server", servers, "--topic", topic, "--compression-codec", codec]
        self._arguments += [text for name, value in _OPTIONS.items() for text in (f"--{name}", str(value))]
        self._arguments += [text for each in _READER for text in ("--property", each)]
        self._log = folder / "console-producer.log"
        self._handed = handed

    async def __aenter__(self) -> "ConsoleProducer":
        with self._log.open("ab") as log:
            self._process = await _start(_PRODUCER, self._arguments, stdin=PIPE, stdout=log, stderr=log)
        return self

    async def __aexit__(self, failure: object, *_: object) -> None:
        """Close the pipe: it sends what it has, and ends."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            if failure is None:
                await asyncio.wait_for(self._process.wait(), CLOSE_SECONDS)
        except TimeoutError:
            pass  # what it has not sent by now will be missing
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    async def send(self, message: EventMessage, name: str | None) -> bool:
        """Hand an event over; False if a line cannot say it."""
        number = len(self._handed)
        text = line(message, number)
        if text is None:
            return False
        self._handed[number] = name
        assert self._process.stdin
        self._process.stdin.write(text)
        with suppress(ConnectionError):  # it has ended: the event will be missing
            await self._process.stdin.drain()
        return True


def line(message: EventMessage, number: int) -> bytes | None:
    """Return a message and its number as a line for the console producer; None if no line says it."""
    headers = [*message.headers, (NUMBER, str(number).encode())]
    fields = [b",".join(name.encode() + b":" + value for name, value in headers), message.key, message.value]
    if any(b"," in value for _, value in headers) or any(":" in name or "," in name for name, _ in headers):
        return None
    if any(field is not None and not _fits(field) for field in fields):
        return None
    return b"\t".join(_NULL.encode() if field is None else field for field in fields) + b"\n"


def _fits(field: bytes) -> bool:
    try:
        text = field.decode()
    except UnicodeDecodeError:
        return False
    return text != _NULL and not {"\t", "\n", "\r"} & set(text)


def numbers(headers: Iterable[tuple[str, bytes]]) -> Iterator[int]:
    """Yield the number of a message that the console producer was given."""
    return (int(value) for name, value in headers if name == NUMBER and value.isdigit())


async def misread(kafka: KafkaSettings, topic: str) -> list[str]:
    """Return what the console consumer reads otherwise than we do, of a topic whose values are text of one line."""
    ours = {
        (message.partition, message.offset): (message.key, message.value) async for message in read_topic(kafka, topic)
    }
    if not ours:
        return []
    arguments = ["--bootstrap-server", kafka.bootstrap_servers, "--topic", topic, "--from-beginning"]
    arguments += ["--isolation-level", "read_committed", "--timeout-ms", str(READ_MS)]
    arguments += ["--max-messages", str(len(ours))]
    arguments += [text for each in _FORMAT for text in ("--property", each)]
    process = await _start(_CONSUMER, arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    theirs = dict(map(_shown, output.splitlines()))
    return [
        f"{topic}, partition {place[0]}, offset {place[1]}"
        for place in sorted(ours.keys() | theirs.keys())
        if ours.get(place) != theirs.get(place)
    ]


def _shown(text: bytes) -> tuple[tuple[int, int], tuple[bytes | None, bytes | None]]:
    partition, offset, *fields = text.split(b"\t", 3)
    key, value = (None if field == _NULL.encode() else field for field in fields)
    return (int(partition.removeprefix(b"Partition:")), int(offset.removeprefix(b"Offset:"))), (key, value)


async def _start(
    tool: str, arguments: list[str], *, stdin: int, stdout: int | IO[bytes], stderr: int | IO[bytes]
) -> Process:
    cache = cache_dir()
    jars = [*assets.kafka_jars(cache), await asyncio.to_thread(assets.ensure_kafka_tools, cache)]
    return await asyncio.create_subprocess_exec(
        *(*java(_HEAP), "-XX:+UseSerialGC", tool, *arguments),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={"CLASSPATH": class_path(jars)},
    )
