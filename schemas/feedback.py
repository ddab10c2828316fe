"""Feedback on matches: what became of a pair, as recruiters and their systems say it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from schemas.base import EntityId, Model, read_data
from schemas.envelope import MAX_VALUE_BYTES, Envelope, parse_headers
from schemas.errors import BadMessageError

FEEDBACK: Final = "looma.match.feedback"
VERSION = 1
FeedbackOutcome = Literal["shortlisted", "interviewed", "hired", "rejected"]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class MatchFeedback(Model):
    """What became of one talent on one job; when, and who says so, are the event's time and source."""

    talent_id: EntityId
    job_id: EntityId
    outcome: FeedbackOutcome
    reason: ReasonCode | None = Field(default=None, description="a code of the publisher's own, never free text")


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """Feedback with the envelope of its event."""

    envelope: Envelope
    feedback: MatchFeedback


def pair_id(talent_id: str, job_id: str) -> str:
    """Return the key of a pair's messages and documents; neither id can hold the bar."""
    return f"{talent_id}|{job_id}"


def decode_feedback(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> FeedbackEvent:
    """Decode a message of `match-feedback`, whose key is the pair's id. Raises BadMessageError and nothing else."""
    envelope, kind = parse_headers(key, headers)
    if envelope.type != FEEDBACK:
        raise BadMessageError("unknown_type", f"known type: {FEEDBACK}")
    if kind not in (None, "match-feedback"):
        raise BadMessageError("wrong_topic", "this topic carries match feedback only")
    if envelope.version != VERSION:
        raise BadMessageError("unknown_version", f"match-feedback version {envelope.version}; known: {VERSION}")
    if len(value or b"") > MAX_VALUE_BYTES:
        raise BadMessageError("oversized", f"{len(value or b'')} bytes; at most {MAX_VALUE_BYTES} are accepted")
    feedback = read_data(MatchFeedback, value)
    if envelope.subject != pair_id(feedback.talent_id, feedback.job_id):
        raise BadMessageError("bad_key", "the message key must be `talent id|job id`, as in the data")
    return FeedbackEvent(envelope, feedback)
