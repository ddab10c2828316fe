"""Whose fault a failure is: the message's, which will not do better, or the server's, so that trying again is right."""

import asyncio

from bson.errors import BSONError
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError

from schemas.errors import LoomaError
from schemas.exits import Exit


class ConflictError(Exception):
    """Somebody else wrote the same record in between: read again and repeat."""


_OF_DOCUMENT = frozenset((2, 9, 14, 15, 17, 28, 40, 52, 53, 54, 55, 56, 57, 67, 121, 10334, 17280, 17419, 17420))
"""Codes of what MongoDB refuses of one document: its types, names, depth, size, or a validator. Disk, rights, locks and
elections are not among them. https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml"""

_OF_REQUEST = frozenset((400, 413, 422))
"""Statuses of what Qdrant refuses of one request."""


_REFUSED_LOGIN = frozenset((13, 18, 8000))
"""Not authorized, authentication failed, and the latter as Atlas says it."""


class DatabaseLoginError(LoomaError):
    """MongoDB refuses the user, its password or its rights."""

    code = "mongodb_login"
    exit_status = Exit.AWAY

    def __init__(self) -> None:
        super().__init__("MongoDB refuses the user or the password of mongodb.url, or the user lacks rights")


def is_refused_login(error: BaseException) -> bool:
    """Whether MongoDB does not let this user in."""
    return isinstance(error, OperationFailure) and error.code in _REFUSED_LOGIN


def for_log(error: BaseException | None) -> str:
    """Return what a log says of a failure: its kind, and the text of our own. Others' may name a person."""
    name = type(error).__name__
    return f"{name} ({error})" if isinstance(error, LoomaError) else name


def is_transient(error: BaseException) -> bool:
    """Whether `error` is about a server or the way to it: away, full, overloaded, locked, not permitted, in conflict.

    It holds the batch back until somebody has helped. What is about a message itself makes it a dead letter.
    """
    if isinstance(error, ConflictError | OSError | asyncio.TimeoutError):
        return True
    if isinstance(error, PyMongoError):
        return not _is_of_document(error)
    return _is_of_kafka(error) or _is_of_qdrant(error)


def _is_of_kafka(error: BaseException) -> bool:
    """Whether it is about the cluster: all that is not about one message."""
    from aiokafka.errors import InvalidTimestampError, KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

    of_message = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTimestampError)
    return isinstance(error, KafkaError) and not isinstance(error, of_message)


def _is_of_qdrant(error: BaseException) -> bool:
    from httpx import HTTPError
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    if isinstance(error, UnexpectedResponse):
        return error.status_code not in _OF_REQUEST
    return isinstance(error, ResponseHandlingException | HTTPError)


def _is_of_document(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        failures = (error.details or {}).get("writeErrors", [])
        return any(failure.get("code") in _OF_DOCUMENT for failure in failures)
    if isinstance(error, OperationFailure):
        return error.code in _OF_DOCUMENT
    return isinstance(error, BSONError | DocumentTooLarge)
