"""The child process that builds the indexes of a shard's copy: the engine's calls hold Python's lock for minutes."""

import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import qdrant_edge as edge

from ops.local.embedded.qdrant.collection import CONFIG
from ops.local.embedded.qdrant.config import engine

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Optimise the shard in the folder named by the first argument, at the niceness in the second (default 10)."""
    with suppress(AttributeError, OSError):  # Linux only: end with the server, however it ends
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(int(sys.argv[2]) if len(sys.argv) > 2 else 10)
    path = Path(sys.argv[1])
    config = json.loads((path.parent / CONFIG).read_text("utf-8"))
    shard = edge.EdgeShard.load(str(path), engine(config))
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main()
