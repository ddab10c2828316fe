"""Span attribute names, in one place: OpenTelemetry's semantic conventions where they have one, ours under `looma.`.

The text below each name is its row in docs/reference/spans.md.
"""

from typing import Final

from opentelemetry.semconv._incubating.attributes import (
    cloudevents_attributes,
    gen_ai_attributes,
    messaging_attributes,
)
from opentelemetry.semconv.attributes import db_attributes, error_attributes, http_attributes, url_attributes

EVENT_ID: Final = cloudevents_attributes.CLOUDEVENTS_EVENT_ID
"""The event's `ce_id`."""
EVENT_SOURCE: Final = cloudevents_attributes.CLOUDEVENTS_EVENT_SOURCE
"""The event's `ce_source`."""
EVENT_TYPE: Final = cloudevents_attributes.CLOUDEVENTS_EVENT_TYPE
"""The event's `ce_type`."""

DESTINATION: Final = messaging_attributes.MESSAGING_DESTINATION_NAME
"""The topic."""
PARTITION: Final = messaging_attributes.MESSAGING_DESTINATION_PARTITION_ID
"""The partition."""
CONSUMER_GROUP: Final = messaging_attributes.MESSAGING_CONSUMER_GROUP_NAME
"""The consumer group."""
OPERATION: Final = messaging_attributes.MESSAGING_OPERATION_NAME
"""What is done: `publish`, `process`, or a name of its own for the second stage of a topic."""
OPERATION_TYPE: Final = messaging_attributes.MESSAGING_OPERATION_TYPE
"""`send` or `process`."""
BATCH_SIZE: Final = messaging_attributes.MESSAGING_BATCH_MESSAGE_COUNT
"""Messages in the batch."""

# Renamed in semantic conventions 1.45, which the installed package does not carry yet.
SYSTEM: Final = "messaging.system.name"
"""`kafka`."""
OFFSET: Final = "kafka.offset"
"""The message's offset."""
MESSAGE_KEY: Final = "kafka.message.key"
"""The message's key: the entity's id."""

DB_SYSTEM: Final = db_attributes.DB_SYSTEM_NAME
"""`mongodb` or `qdrant`."""
DB_COLLECTION: Final = db_attributes.DB_COLLECTION_NAME
"""The collection."""
DB_OPERATION: Final = db_attributes.DB_OPERATION_NAME
"""The operation, as the database calls it."""
DB_BATCH_SIZE: Final = db_attributes.DB_OPERATION_BATCH_SIZE
"""Documents or points in the operation."""

MODEL: Final = gen_ai_attributes.GEN_AI_REQUEST_MODEL
"""The embedding model and its version."""

HTTP_METHOD: Final = http_attributes.HTTP_REQUEST_METHOD
"""The request's method."""
HTTP_ROUTE: Final = http_attributes.HTTP_ROUTE
"""The route that answered, with `{id}` for an id."""
HTTP_STATUS: Final = http_attributes.HTTP_RESPONSE_STATUS_CODE
"""The answer's status."""
URL_SCHEME: Final = url_attributes.URL_SCHEME
"""`http` or `https`."""
ERROR_TYPE: Final = error_attributes.ERROR_TYPE
"""The kind of error that ended the request."""

OUTCOME: Final = "looma.outcome"
"""What became of the message: `applied`, `unchanged`, `confirmed`, `superseded`, `dead_letter`, or `revoked` with its
partition."""
ENTITY: Final = "looma.entity"
"""The kind of entity: `talent`, `job` or `company`."""
LATE: Final = "looma.late"
"""True if the event was older than its topic's retention when it arrived."""
REASON: Final = "looma.dead_letter.reason"
"""Why the message became a dead letter: a code of [errors](errors.md)."""
MATCHES_CHANGED: Final = "looma.matches.changed"
"""How many match results the message caused."""
DOCUMENT_BYTES: Final = "looma.document.bytes"
"""The size of a resume's file."""
