"""Understands resumes: fetches, reads the document in a confined process, parses in a pool of processes."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date

from connectors.documents import Document, DocumentError, DocumentReader
from connectors.references import References
from ops.resume_profile import parse_submission
from ops.settings import Settings
from schemas.errors import BadMessageError
from schemas.submissions import Resume
from streams.resumes import Understood


class ResumeUnderstanding:
    """Turns submissions into profiles, at most `settings.resume_workers` at a time."""

    def __init__(self, settings: Settings) -> None:
        self._documents = DocumentReader(settings.resume_workers)
        self._references = References(
            settings.resume_folder,
            settings.resume_urls,
            max_bytes=settings.resume_max_bytes,
            timeout_seconds=settings.request_timeout_seconds,
        )
        self._workers = settings.resume_workers
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, mp_context=multiprocessing.get_context("spawn"))

    async def fetch(self, resume: Resume) -> bytes:
        """Return the bytes behind a reference, or those sent."""
        if resume.reference is not None:
            return await self._references.read(resume.reference)
        return resume.content if resume.content is not None else (resume.text or "").encode("utf-8", "replace")

    async def read(self, data: bytes) -> Document:
        """Return the document. Raises BadMessageError with its code, for instance `encrypted`; TimeoutError if busy."""
        try:
            return await self._documents.read(data)
        except DocumentError as error:
            if error.transient:
                raise TimeoutError("too many documents wait") from error
            raise BadMessageError(error.code, str(error)) from error

    async def parse(self, talent_id: str, document: Document, today: date) -> Understood:
        """Return what a document says. Raises BadMessageError (`crashed`) if it ended the parser's process."""
        pool = self._pool
        try:
            loop = asyncio.get_running_loop()
            return Understood(*await loop.run_in_executor(pool, parse_submission, talent_id, document, today))
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = self._start()
            raise BadMessageError("crashed", "the resume made its parser fail") from None

    async def close(self) -> None:
        """End all processes and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        await self._documents.close()
        await self._references.close()
