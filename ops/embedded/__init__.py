"""The embedded stack: Kafka, a MongoDB-wire server and Qdrant's engine on one machine, without Docker."""

from collections.abc import Callable

Progress = Callable[[str], None]


class StackError(Exception):
    """What keeps the embedded stack from working, and what to do about it."""


class PortTakenError(StackError):
    """A port that is wanted is somebody else's."""
