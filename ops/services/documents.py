"""A document that a service is asked about: its text, or its file's bytes."""

from typing import Annotated, Any

from pydantic import Base64Bytes, Field, StringConstraints, model_validator

from schemas.base import LongText, Model

MAX_FILE_BYTES = 2 << 20


class Document(Model):
    """Either `text` or `file`: base64 of a PDF, DOCX, ODT, RTF, DOC, HTML, text or image file, at most 2 MiB."""

    text: Annotated[LongText, StringConstraints(min_length=1)] | None = None
    file: Annotated[Base64Bytes, Field(max_length=MAX_FILE_BYTES)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Any:
        if (self.text is None) == (self.file is None):
            raise ValueError("give either text or file")
        return self

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.file if self.file is not None else (self.text or "").encode("utf-8", "replace")
