"""Understands resumes: fetches, reads the document in a confined process, parses in another one."""

from datetime import date

from connectors.documents import Document, DocumentError, DocumentReader
from connectors.documents.pool import WorkerPool
from connectors.references import References
from schemas.base import read_data
from schemas.entities import Talent
from schemas.errors import BadMessageError
from schemas.settings import Settings
from schemas.submissions import Resume, Understood

PARSE_SECONDS = 10
"""Of processor time for one resume, which takes a hundredth of it; four times as much may elapse."""
PARSE_MEMORY = 2 << 30
_PARSER = "connectors.resumes.parser"


class ResumeUnderstanding:
    """Turns submissions into profiles, at most `settings.resumes.workers` at a time."""

    def __init__(self, settings: Settings) -> None:
        self._documents = DocumentReader(settings.resumes.workers)
        self._references = References(
            settings.resumes.folder,
            settings.resumes.urls,
            max_bytes=settings.resumes.max_bytes,
            timeout_seconds=settings.kafka.timeout_seconds,
        )
        self._parsers = WorkerPool([_PARSER, str(PARSE_MEMORY)], settings.resumes.workers)

    async def fetch(self, resume: Resume) -> bytes:
        """Return the bytes behind a reference, or those sent."""
        if resume.reference is not None:
            return await self._references.read(resume.reference)
        return resume.content if resume.content is not None else (resume.text or "").encode("utf-8", "replace")

    async def read(self, data: bytes) -> Document:
        """Return the document.

        Raises BadMessageError with its code, for instance `encrypted`; TimeoutError if busy; ReaderError.
        """
        try:
            return await self._documents.read(data)
        except DocumentError as error:
            raise _refusal(error, str(error)) from error

    async def draw(self, data: bytes, document: Document, number: int) -> bytes:
        """Return a page of a document as WebP. Raises BadMessageError, TimeoutError if busy; ReaderError."""
        try:
            return await self._documents.draw(data, document, number)
        except DocumentError as error:
            raise _refusal(error, str(error)) from error

    async def parse(self, talent_id: str, document: Document, today: date) -> Understood:
        """Return what a document says.

        Raises BadMessageError: `too_slow` beyond its time, or `crashed`; TimeoutError if busy; ReaderError.
        """
        request = {"talent_id": talent_id, "today": today.isoformat()}
        try:
            answer = await self._parsers.ask(request, document.model_dump_json().encode(), PARSE_SECONDS)
        except DocumentError as error:
            raise _refusal(error, f"the resume could not be parsed: {error.detail}") from error
        if code := answer.get("code"):
            raise BadMessageError(code, f"the resume could not be parsed: {answer['detail']}")
        return Understood(answer["parsed"].encode(), read_data(Talent, answer["talent"].encode()))

    async def close(self) -> None:
        """End all processes and connections."""
        self._parsers.close()
        await self._documents.close()
        await self._references.close()


def _refusal(error: DocumentError, detail: str) -> Exception:
    """Return what a document's error is to whoever sent it; one that is about this worker passes by itself."""
    return TimeoutError("too many documents wait") if error.transient else BadMessageError(error.code, detail)
