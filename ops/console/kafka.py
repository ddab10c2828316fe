"""Kafka, as pages ask it."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError

from ops.api.problems import Problem
from sinks.sealing import NoKeyError


@contextmanager
def asking_kafka(*also: type[Exception]) -> Iterator[None]:
    """Raise Problem, 503, if Kafka does not answer in the block, or `also` comes of it; NoKeyError says what lacks."""
    try:
        yield
    except NoKeyError:
        raise
    except (KafkaError, *also):
        raise Problem(503, "unavailable", "Kafka does not answer") from None
