"""Resumes on their way: in as a text, a file, or where a file lies; out as a profile."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Base64Bytes, Field, StringConstraints, model_validator

from schemas.base import EntityId, Model, read_data
from schemas.entities import Talent
from schemas.envelope import Envelope, parse_headers
from schemas.errors import BadMessageError
from schemas.resume import ResumeProfile

SUBMITTED = "looma.resume.submitted"
PARSED = "looma.resume.parsed"
VERSION = 1
MAX_INLINE_BYTES = 2 * 1024 * 1024
MAX_SUBMISSION_BYTES = 3 * 1024 * 1024
"""Of the message: Base64 makes four bytes of three."""
_EARLIEST_YEAR = 1970


class Resume(Model):
    """A talent's resume, in exactly one of three ways."""

    talent_id: EntityId
    text: Annotated[str, StringConstraints(min_length=1, max_length=500_000)] | None = Field(
        default=None, description="the resume itself, in any order of lines"
    )
    content: Annotated[Base64Bytes, Field(max_length=MAX_INLINE_BYTES)] | None = Field(
        default=None, description="a file of at most 2 MiB, in Base64; its format is told from its content"
    )
    reference: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = Field(
        default=None, description="a path in the folder for resumes (resume_folder), or a URL under resume_urls"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(way is not None for way in (self.text, self.content, self.reference)) != 1:
            raise ValueError("exactly one of text, content and reference is needed")
        return self


class ResumeParsed(Model):
    """What a resume says, with the facts of its document; the message of `resume-parsed`."""

    talent_id: EntityId
    format: str = Field(description="told from the content, for instance pdf")
    pages: int = Field(default=0, ge=0, description="0 where the format has none")
    ocr: bool = Field(default=False, description="whether any text was recognised rather than read")
    warnings: tuple[str, ...] = ()
    profile: ResumeProfile


@dataclass(frozen=True, slots=True)
class Submission:
    """A resume with the envelope of its event."""

    envelope: Envelope
    resume: Resume


def decode_submission(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Submission:
    """Decode a message of `resume-events`, whose key is the talent's id. Raises BadMessageError and nothing else."""
    envelope, kind = parse_headers(key, headers)
    if envelope.type != SUBMITTED:
        raise BadMessageError("unknown_type", f"known type: {SUBMITTED}")
    if kind not in (None, "resume"):
        raise BadMessageError("wrong_topic", "this topic carries resumes only")
    if envelope.version != VERSION:
        raise BadMessageError("unknown_version", f"resume version {envelope.version}; known: {VERSION}")
    if envelope.time.year < _EARLIEST_YEAR:
        raise BadMessageError("bad_header", f"ce_time, the day a resume is read as of, is before {_EARLIEST_YEAR}")
    if len(value or b"") > MAX_SUBMISSION_BYTES:
        raise BadMessageError("oversized", f"at most {MAX_SUBMISSION_BYTES} bytes; send a larger file by reference")
    resume = read_data(Resume, value)
    if resume.talent_id != envelope.subject:
        raise BadMessageError("bad_key", "the message key must be the talent's id")
    return Submission(envelope, resume)


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read from a resume: the message for `resume-parsed`, and the talent with the fields that it gives."""

    parsed: bytes
    talent: Talent
