"""Ports of this machine that nobody listens on."""

import random
import socket
from contextlib import suppress
from itertools import chain

from ops.local.embedded import StackError

_PORTS = range(20_000, 32_000)
"""Systems take the local ports of connections from above these, so none takes one that is about to be listened on."""


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on, all different. Raises StackError if there are too few."""
    found: list[int] = []
    first = random.SystemRandom().randrange(len(_PORTS))  # anywhere: others look for ports at the same time
    for port in chain(_PORTS[first:], _PORTS[:first]):
        if len(found) == count:
            return found
        with socket.socket() as each, suppress(OSError):
            each.bind(("127.0.0.1", port))
            found.append(port)
    raise StackError(f"fewer than {count} ports from {_PORTS.start} to {_PORTS.stop - 1} are free")
