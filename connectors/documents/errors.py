"""Why a document could not be read, as stable codes with advice for the person who sent it."""

from typing import Literal, get_args

from schemas.errors import LoomaError

Code = Literal[
    "empty",
    "too_big",
    "too_many_pages",
    "too_slow",
    "unsupported",
    "ambiguous",
    "encrypted",
    "damaged",
    "bomb",
    "no_text",
    "crashed",
    "busy",
]

CODES: tuple[Code, ...] = get_args(Code)

ADVICE: dict[Code, str] = {
    "empty": "The file is empty. Send it again.",
    "too_big": "The file is too large. Send a smaller one, or raise the limit.",
    "too_many_pages": "The document has too many pages. Send only the pages that matter, or raise the limit.",
    "too_slow": "The document takes too long to read. Save it again as a simple PDF or DOCX, or raise the limit.",
    "unsupported": "The format is not one that can be read. Send a PDF, DOCX, ODT, RTF, DOC, HTML, text or image file.",
    "ambiguous": "The file is valid as two formats at once. Save it again as one of them.",
    "encrypted": "The document is protected by a password. Remove the password and send it again.",
    "damaged": "The file is incomplete or damaged. Save it again and send the new copy.",
    "bomb": "The file unpacks to far more than it should. Save it again from the program that made it.",
    "no_text": "The document holds no readable text. Send one with text, or a sharper scan.",
    "crashed": "The document made its reader fail. Save it again as a simple PDF or DOCX.",
    "busy": "Too many documents are waiting. Try again later.",
}


class ReaderError(LoomaError, ChildProcessError):
    """The process that reads documents does not start, or cannot be confined; the text says why.

    As every OSError it is no document's fault: a worker holds what it reads back until somebody has helped.
    """

    code = "document_reader"


class DocumentError(LoomaError):
    """A document that cannot be read. `code` is stable; the text says what to do and holds nothing of the document."""

    code = "document"

    def __init__(self, code: Code, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{ADVICE[code]} ({detail})" if detail else ADVICE[code])

    @property
    def message(self) -> str:
        """The code and the text."""
        return f"{self.code}: {self}"

    @property
    def transient(self) -> bool:
        """Whether the same document may be readable later."""
        return self.code == "busy"
