"""Which failures of a sink pass by themselves, so that trying again is right."""

import asyncio

from aiokafka.errors import KafkaError
from httpx import HTTPError
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError

from sinks.topics import LOST_SEQUENCE


class ConflictError(Exception):
    """Somebody else wrote the same record in between: read again and repeat."""


def is_transient(error: BaseException) -> bool:
    """Whether `error` may pass by itself: network, time-outs, elections, overload, write conflicts."""
    if isinstance(error, ConflictError | ConnectionFailure | ExecutionTimeout | HTTPError | OSError):
        return True
    if isinstance(error, PyMongoError):
        return error.has_error_label("RetryableWriteError") or error.has_error_label("TransientTransactionError")
    if isinstance(error, KafkaError):
        return bool(error.retriable) or isinstance(error, LOST_SEQUENCE)
    # Half a second to import, which commands without vectors need not wait for.
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    if isinstance(error, UnexpectedResponse):
        return error.status_code is None or error.status_code >= 500 or error.status_code in (408, 429)
    return isinstance(error, ResponseHandlingException | asyncio.TimeoutError)
