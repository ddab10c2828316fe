"""From a checked message to an answer: 202 once every replica has it, and where to ask what became of it."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

from fastapi import status
from loguru import logger
from pydantic import BaseModel, Field

from connectors.message import EventMessage
from connectors.publisher import Receipt
from ops.api.context import Api
from ops.api.problems import unavailable
from processors.sync.clock import refuse_ahead
from sinks.errors import is_transient

PURPOSE = "operation"
ACCEPTED = status.HTTP_202_ACCEPTED


class Operation(BaseModel):
    """A write that Kafka has. `url` says what became of it."""

    id: str = Field(description="names the operation", examples=["b3Blcm…"])
    url: str = Field(description="where to ask what became of it", examples=["/v1/operations/b3Blcm…"])
    event: str = Field(description="the event's id", examples=["0b1e…"])


class Accepted(BaseModel):
    """Writes that Kafka has, in the order of the request."""

    operations: list[Operation]


class Place(NamedTuple):
    """Where in the log a write is, and its event's id."""

    topic: str
    partition: int
    offset: int
    event: str


def token_of(api: Api, receipt: Receipt, event: str) -> str:
    """Return the id of an operation: all that its status needs, signed."""
    return api.signer.sign(PURPOSE, f"{receipt.topic} {receipt.partition} {receipt.offset} {event}")


def place_of(api: Api, token: str) -> Place | None:
    """Return what an operation's id says; None if it was not made here."""
    text = api.signer.read(PURPOSE, token)
    if text is None:
        return None
    topic, partition, offset, event = text.split(" ", 3)
    return Place(topic, int(partition), int(offset), event)


def check_clock(api: Api, message: EventMessage) -> None:
    """Raise BadMessageError, `clock_skew`, for an event that the worker would refuse as of the future."""
    if message.envelope is not None:
        refuse_ahead(message.envelope.time, time.time(), api.policy)


async def publish(api: Api, messages: Sequence[EventMessage]) -> list[Operation]:
    """Publish messages in their order, and wait until all are acknowledged. Raises Problem, 503, if any is not.

    Whatever has been appended then, the same request may be repeated: each event has its own id.
    """
    try:
        futures = [await api.publisher.send(message) for message in messages]
        receipts = await asyncio.gather(*futures)
    except Exception as error:
        if not is_transient(error):
            raise
        logger.warning("Kafka does not acknowledge a write: {}", type(error).__name__)
        raise unavailable("unavailable", "Kafka does not acknowledge the write; repeat the request as it is") from None
    made = []
    for message, receipt in zip(messages, receipts, strict=True):
        event = message.envelope.id if message.envelope else ""
        token = token_of(api, receipt, event)
        made.append(Operation(id=token, url=f"/v1/operations/{token}", event=event))
    return made
