"""The embedded stack: Kafka, a MongoDB-wire server and Qdrant's engine on one machine, without Docker."""

from schemas.errors import LoomaError
from schemas.exits import Exit


class StackError(LoomaError):
    """What keeps the embedded stack from working, and what to do about it."""

    code = "stack"


class PortTakenError(StackError):
    """A port that is wanted is somebody else's."""

    code = "port_taken"
    exit_status = Exit.PORT
