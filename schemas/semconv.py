"""Span attribute names, in one place: OpenTelemetry's semantic conventions where they have one, ours under `looma.`."""

from typing import Final

from opentelemetry.semconv._incubating.attributes import cloudevents_attributes, messaging_attributes
from opentelemetry.semconv.attributes import db_attributes

EVENT_ID: Final = cloudevents_attributes.CLOUDEVENTS_EVENT_ID
EVENT_SOURCE: Final = cloudevents_attributes.CLOUDEVENTS_EVENT_SOURCE
EVENT_TYPE: Final = cloudevents_attributes.CLOUDEVENTS_EVENT_TYPE

DESTINATION: Final = messaging_attributes.MESSAGING_DESTINATION_NAME
PARTITION: Final = messaging_attributes.MESSAGING_DESTINATION_PARTITION_ID
CONSUMER_GROUP: Final = messaging_attributes.MESSAGING_CONSUMER_GROUP_NAME
OPERATION: Final = messaging_attributes.MESSAGING_OPERATION_NAME
OPERATION_TYPE: Final = messaging_attributes.MESSAGING_OPERATION_TYPE
BATCH_SIZE: Final = messaging_attributes.MESSAGING_BATCH_MESSAGE_COUNT

# Renamed in semantic conventions 1.45, which the installed package does not carry yet.
SYSTEM: Final = "messaging.system.name"
OFFSET: Final = "kafka.offset"
MESSAGE_KEY: Final = "kafka.message.key"

DB_SYSTEM: Final = db_attributes.DB_SYSTEM_NAME
DB_COLLECTION: Final = db_attributes.DB_COLLECTION_NAME
DB_OPERATION: Final = db_attributes.DB_OPERATION_NAME
DB_BATCH_SIZE: Final = db_attributes.DB_OPERATION_BATCH_SIZE

OUTCOME: Final = "looma.outcome"
ENTITY: Final = "looma.entity"
LATE: Final = "looma.late"
REVISION: Final = "looma.revision"
REASON: Final = "looma.dead_letter.reason"
MATCHES_CHANGED: Final = "looma.matches.changed"
DOCUMENT_BYTES: Final = "looma.document.bytes"
