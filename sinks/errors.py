"""Whose fault a failure is: the message's, which will not do better, or the server's, so that trying again is right."""

import asyncio

from aiokafka.errors import (
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from bson.errors import BSONError
from httpx import HTTPError
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError


class ConflictError(Exception):
    """Somebody else wrote the same record in between: read again and repeat."""


_OF_MESSAGE = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTimestampError)
"""What Kafka refuses of one message; anything else that it or its client raises is about the cluster."""

_OF_DOCUMENT = frozenset((2, 9, 14, 15, 17, 28, 40, 52, 53, 54, 55, 56, 57, 67, 121, 10334, 17280, 17419, 17420))
"""Codes of what MongoDB refuses of one document: its types, names, depth, size, or a validator. Disk, rights, locks and
elections are not among them. https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml"""

_OF_REQUEST = frozenset((400, 413, 422))
"""Statuses of what Qdrant refuses of one request."""


def is_transient(error: BaseException) -> bool:
    """Whether `error` is about a server or the way to it: away, full, overloaded, locked, not permitted, in conflict.

    It holds the batch back until somebody has helped. What is about a message itself makes it a dead letter.
    """
    if isinstance(error, ConflictError | HTTPError | OSError | asyncio.TimeoutError):
        return True
    if isinstance(error, PyMongoError):
        return not _is_of_document(error)
    if isinstance(error, KafkaError):
        return not isinstance(error, _OF_MESSAGE)
    # Half a second to import, which commands without vectors need not wait for.
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    if isinstance(error, UnexpectedResponse):
        return error.status_code not in _OF_REQUEST
    return isinstance(error, ResponseHandlingException)


def _is_of_document(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        failures = (error.details or {}).get("writeErrors", [])
        return any(failure.get("code") in _OF_DOCUMENT for failure in failures)
    if isinstance(error, OperationFailure):
        return error.code in _OF_DOCUMENT
    return isinstance(error, BSONError | DocumentTooLarge)
