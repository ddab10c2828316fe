"""The child process that builds the indexes of a shard's copy: the engine's calls hold Python's lock for minutes."""

import ctypes
import os
import signal
import sys
from contextlib import suppress

import qdrant_edge as edge

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Optimise the shard in the folder named by the only argument."""
    with suppress(AttributeError, OSError):  # Linux only: end with the server, however it ends
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(10)
    shard = edge.EdgeShard.load(sys.argv[1])
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main()
