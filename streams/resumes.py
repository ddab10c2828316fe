"""The resume stage: a resume becomes a profile on `resume-parsed` and an event of its talent."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from opentelemetry.trace import SpanKind

from schemas import semconv
from schemas.envelope import Envelope, derived_id
from schemas.events import EntityEvent, decode, encode, event_type
from schemas.submissions import PARSED, Resume, Submission, Understood, decode_submission
from schemas.topics import EVENTS, RESUMES_PARSED
from schemas.versions import CURRENT
from sinks.topic_sink import Message, TopicSink, refuse_oversized
from streams.delivery import Delivery, Inbound
from streams.tracing import batch_span, event_attributes

SOURCE = "resume"


class ResumeReader(Protocol):
    """Understands resumes in three steps, off the event loop and within limits.

    Each raises BadMessageError for what no retry can make good, or something transient.
    """

    async def fetch(self, resume: Resume) -> bytes:
        """Return the document's bytes."""
        ...

    async def read(self, data: bytes) -> Any:
        """Return the document: its text and where it stands."""
        ...

    async def parse(self, talent_id: str, document: Any, today: date) -> Understood:
        """Return what a document says as of `today`."""
        ...

    async def close(self) -> None:
        """End what it has started."""
        ...


class ResumeStage:
    """Reads resumes one at a time; publishes the profile, then the talent's event, under ids made from their cause."""

    name = "read resume"
    operation = "process"

    def __init__(self, reader: ResumeReader, results: TopicSink) -> None:
        self._reader = reader
        self._results = results

    def decode(self, message: Inbound) -> Submission:
        """Return the submission; raises BadMessageError."""
        return decode_submission(message.key, message.value, message.headers)

    def attributes(self, item: Submission) -> dict[str, str]:
        """Return what identifies the event on its span."""
        return event_attributes(item.envelope)

    async def process(self, deliveries: Sequence[Delivery[Submission]]) -> None:
        """Understand each resume and publish what it says."""
        for delivery in deliveries:
            understood = await self._understand(delivery)
            messages = [_parsed(delivery, understood), _talent_event(delivery, understood)]
            refuse_oversized(messages)
            attributes = {
                semconv.SYSTEM: "kafka",
                semconv.OPERATION_TYPE: "send",
                semconv.DESTINATION: RESUMES_PARSED,
            }
            with batch_span(f"publish {RESUMES_PARSED}", [delivery], attributes, SpanKind.PRODUCER):
                await self._results.publish(messages)

    async def _understand(self, delivery: Delivery[Submission]) -> Understood:
        resume, today = delivery.item.resume, delivery.item.envelope.time.date()  # a replay reads the same
        with batch_span("fetch resume", [delivery], {}, SpanKind.CLIENT):
            data = await self._reader.fetch(resume)
        with batch_span("read document", [delivery], {semconv.DOCUMENT_BYTES: len(data)}, SpanKind.INTERNAL):
            document = await self._reader.read(data)
        with batch_span("parse resume", [delivery], {}, SpanKind.INTERNAL):
            return await self._reader.parse(resume.talent_id, document, today)


def _parsed(delivery: Delivery[Submission], understood: Understood) -> Message:
    cause = delivery.item.envelope
    envelope = Envelope(
        id=derived_id("resume-parsed", cause.source, cause.id),
        source="looma/resume",
        type=PARSED,
        subject=cause.subject,
        time=cause.time,
    )
    headers = delivery.derived_headers(envelope.headers("resume-parsed"))
    return Message(RESUMES_PARSED, cause.subject.encode(), understood.parsed, headers)


def _talent_event(delivery: Delivery[Submission], understood: Understood) -> Message:
    """Return the event as any upstream system would publish it; its time is the submission's, so replays agree."""
    cause = delivery.item.envelope
    envelope = Envelope(
        id=derived_id("resume-talent", cause.source, cause.id),
        source=SOURCE,
        type=event_type("talent", "upserted"),
        subject=cause.subject,
        time=cause.time,
        version=CURRENT["talent"],
    )
    fields = understood.talent.model_dump(mode="json", exclude_unset=True)
    key, value, headers = encode(EntityEvent(envelope, "talent", "upserted", fields))
    decode("talent", key, value, headers)  # what the talent's topic would refuse is refused here, with the resume
    return Message(EVENTS["talent"], key, value, delivery.derived_headers(headers))
