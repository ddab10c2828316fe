"""A disk that is full, for one process: none of its writes succeeds."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """Let every write of a process to a file fail (RLIMIT_FSIZE, Linux), until there is room again.

    Harder than a full disk, which still takes what goes over old bytes.
    """
    process = psutil.Process(pid)
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            process.rlimit(psutil.RLIMIT_FSIZE, before)
