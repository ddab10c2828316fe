"""Takes units of a limit as fast as it can, and writes a byte for each.

`python -m ops.benchmarks.limit_takers FOLDER AMOUNT`, several at a time.
"""

import sys
from pathlib import Path

from processors.gateway.limits import Limit
from sinks.limit_cells import LimitCells

PERIOD_SECONDS = 400 * 24 * 3600
"""So long that nothing comes back while it runs."""


def main(folder: Path, amount: int) -> None:
    """Take until nothing is left."""
    limit = Limit("bench", amount, PERIOD_SECONDS)
    with LimitCells(folder) as cells:
        while cells.take("one", limit).allowed:
            sys.stdout.buffer.write(b".")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
