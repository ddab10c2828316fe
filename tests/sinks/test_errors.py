"""What passes by itself is tried again; what does not is not."""

import httpx
import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError
from pymongo.errors import AutoReconnect, OperationFailure, WriteError
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from sinks.errors import ConflictError, is_transient


def response(status: int) -> UnexpectedResponse:
    return UnexpectedResponse(status, "", b"", httpx.Headers())


@pytest.mark.parametrize(
    "error",
    [
        ConflictError("x"),
        AutoReconnect("x"),
        OperationFailure("x", details={"errorLabels": ["RetryableWriteError"]}),
        KafkaConnectionError("x"),
        ResponseHandlingException(ValueError("x")),
        response(503),
        response(429),
        TimeoutError(),
        WriteError("disk full", code=14031),
        OperationFailure("not permitted", code=13),
        response(404),
        ConnectionRefusedError(),
    ],
)
def test_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), WriteError("x", code=10334), MessageSizeTooLargeError("x"), response(400)]
)
def test_permanent(error: Exception) -> None:
    assert not is_transient(error)
