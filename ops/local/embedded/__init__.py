"""The embedded stack: Kafka, a MongoDB-wire server and Qdrant's engine on one machine, without Docker."""


class StackError(Exception):
    """What keeps the embedded stack from working, and what to do about it."""


class PortTakenError(StackError):
    """A port that is wanted is somebody else's."""
