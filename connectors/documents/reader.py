"""Reads documents in a pool of confined processes, so that no file can harm, stall or outgrow the caller."""

import os
from base64 import b64decode
from typing import Any, Literal, Self

from pydantic import ValidationError

from connectors.documents.errors import CODES, DocumentError
from connectors.documents.model import Document, Limits
from connectors.documents.pool import WorkerPool

TEXT_MEMORY = 1 << 30
OCR_MEMORY = 4 << 30
"""Address space, most of it never touched: a dense page of A4 takes 600 MB of it resident."""
_PROGRAM = "connectors.documents.worker"
MAX_IMAGE = 8 << 20
Kind = Literal["text", "ocr"]


class DocumentReader:
    """A pool of long-lived workers: some for digital documents, as many for OCR, started when first needed.

    A slow document holds one worker and no more; scans never hold those of digital documents. `read` waits for a free
    worker; beyond `max_waiting` documents it refuses with `busy`, so that memory stays bounded. Use it as an async
    context manager, within one event loop.
    """

    def __init__(self, workers: int | None = None, max_waiting: int = 64) -> None:
        size = workers or os.cpu_count() or 1
        self._pools: dict[Kind, WorkerPool] = {
            "text": WorkerPool([_PROGRAM, "text", str(TEXT_MEMORY)], size),
            "ocr": WorkerPool([_PROGRAM, "ocr", str(OCR_MEMORY)], size),
        }
        self._max_waiting = max_waiting
        self._waiting = 0

    async def read(self, data: bytes, limits: Limits | None = None) -> Document:
        """Return what the bytes hold. Whatever they are, it raises nothing but `DocumentError`.

        `ReaderError` means that workers cannot start at all: something is not installed, or nothing confines them.
        """
        limits = limits or Limits()
        if not data:
            raise DocumentError("empty")
        if len(data) > limits.bytes:
            raise DocumentError("too_big", f"{len(data)} bytes, at most {limits.bytes}")
        if self._waiting >= self._max_waiting:
            raise DocumentError("busy")
        self._waiting += 1
        try:
            answer = await self._ask("text", data, limits, limits.cpu_seconds)
            if answer.get("needs_ocr"):
                answer = await self._ask("ocr", data, limits, limits.ocr_cpu_seconds)
        finally:
            self._waiting -= 1
        if (code := answer.get("code")) in CODES:
            raise DocumentError(code, str(answer.get("detail", ""))[:200])
        try:
            return Document.model_validate(answer.get("document"))
        except ValidationError:
            raise DocumentError("crashed", "the worker's answer is not a document") from None

    async def draw(self, data: bytes, document: Document, number: int, limits: Limits | None = None) -> bytes:
        """Return a page of a document that was read from these bytes, upright, as WebP.

        Raises DocumentError: `unsupported` for a format without pages, or a page that it does not have.
        """
        page = next((page for page in document.pages if page.number == number), None)
        if page is None:
            raise DocumentError("unsupported", "there is no such page")
        if self._waiting >= self._max_waiting:
            raise DocumentError("busy")
        self._waiting += 1
        limits = limits or Limits()
        wanted = {"limits": limits.model_dump(), "format": document.format, "page": number, "turned": page.turned}
        try:
            answer = await self._pools["text"].ask(wanted, data, limits.cpu_seconds)
        finally:
            self._waiting -= 1
        if (code := answer.get("code")) in CODES:
            raise DocumentError(code, str(answer.get("detail", ""))[:200])
        try:
            image = b64decode(answer.get("image", ""), validate=True)
        except (TypeError, ValueError):
            image = b""
        if not image.startswith(b"RIFF") or len(image) > MAX_IMAGE:
            raise DocumentError("crashed", "the worker's answer is no picture")
        return image

    async def _ask(self, kind: Kind, data: bytes, limits: Limits, cpu_seconds: int) -> dict[str, Any]:
        return await self._pools[kind].ask({"limits": limits.model_dump()}, data, cpu_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all workers; whoever still waits is refused."""
        for pool in self._pools.values():
            pool.close()


async def read_document(data: bytes, limits: Limits | None = None) -> Document:
    """Read one document in a worker of its own. Whoever reads many keeps a `DocumentReader`."""
    async with DocumentReader(workers=1) as reader:
        return await reader.read(data, limits)
