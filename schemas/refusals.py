"""Why a message becomes a dead letter: each code of `dlq_reason`, what it means, and what to do about it.

A resume's document has codes of its own (`connectors.documents.errors`). docs/reference/errors.md shows both.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Refusal(NamedTuple):
    """What a code means, and what whoever published the message, or runs the worker, can do."""

    meaning: str
    remedy: str


_AS_DESCRIBED = "Fix the publisher and publish the event again."

REFUSALS: Mapping[str, Refusal] = {
    "missing_header": Refusal("A required `ce_` header is missing.", _AS_DESCRIBED),
    "bad_header": Refusal("A header has a value that is not allowed, comes twice, or is not UTF-8.", _AS_DESCRIBED),
    "structured_mode": Refusal(
        "The CloudEvent is in structured mode.",
        "Publish in binary mode: attributes as `ce_` headers, data as the value.",
    ),
    "bad_key": Refusal(
        "The message key is missing, is not the id that `ce_subject` or the data names, or has characters outside "
        "`A-Z a-z 0-9 . _ : -`.",
        "Publish the event with the entity's id as its key.",
    ),
    "unknown_type": Refusal("`ce_type` is not one that this topic carries.", _AS_DESCRIBED),
    "wrong_topic": Refusal("The event belongs to another topic.", "Publish it to the topic of its entity."),
    "unknown_version": Refusal(
        "`ce_dataschema` names a version that this release does not know.",
        "Upgrade the workers, then redrive; or publish in a known version.",
    ),
    "invalid_json": Refusal(
        "The value is not JSON in UTF-8; or it is nested too deeply, has a number that is too long, or half a "
        "surrogate pair.",
        _AS_DESCRIBED,
    ),
    "invalid_data": Refusal(
        "The value does not match its schema; `dlq_detail` names the fields.",
        "Compare with the [JSON Schema](../schemas/), fix the publisher, publish again.",
    ),
    "oversized": Refusal(
        "The value is too large, or would make the record too large for its topic or for MongoDB.",
        "Send less; send a resume's file by reference.",
    ),
    "id_reused": Refusal(
        "A message of this conversation has come before under the same `ce_id`, with other content.",
        "Give each message an id of its own.",
    ),
    "participant_changed": Refusal(
        "The conversation belongs to another participant, who began it.",
        "Begin a conversation of its own for each participant.",
    ),
    "too_many_sources": Refusal(
        "The record already has values from as many sources as it may have.",
        "Use one `ce_source` for each system, not one for each message.",
    ),
    "clock_skew": Refusal(
        "`ce_time` lies further in the future than the survivorship policy allows.",
        "Set the publisher's clock, then publish again.",
    ),
    "bad_reference": Refusal(
        "A resume's reference leads outside the folder or the URLs that may be read.",
        "Set `resumes.folder` or `resumes.urls`, then redrive.",
    ),
    "not_found": Refusal("There is no file where a resume's reference points.", "Put it there, then redrive."),
    "unreadable_batch": Refusal(
        "A compressed batch is damaged, in an unknown codec, or unpacks to more than 64 MiB; the header "
        "`looma_unreadable` says which.",
        "Publish its events again, in smaller batches.",
    ),
    "sealed": Refusal(
        "The value is encrypted and cannot be opened: it was changed, or sealed for another topic or message key; or, "
        "in a topic that others write and `kafka.sealed_topics` does not name, `kafka.encryption_keys` lacks its key.",
        "Add the key, then redrive; or publish the event again.",
    ),
    "undecodable": Refusal(
        "Decoding the message failed in a way that nobody foresaw.",
        "Report it with `dlq_stack`; after an upgrade, redrive.",
    ),
    "processing_failed": Refusal(
        "Processing the message failed in a way that is not transient; `dlq_detail` names the error.",
        "Report it with `dlq_stack`; after an upgrade, redrive.",
    ),
}
"""By code, in the order in which a message is checked."""
