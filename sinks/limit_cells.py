"""The cells of rate limits in one mapped file, shared by every process of this machine without a server.

A cell is read and written under a lock on its own bytes, which the kernel releases when a process dies. So limits are
exact over any number of processes, take microseconds, and survive `kill -9`: what a dead process had reserved comes
back with time, as everything that was taken does.
"""

import fcntl
import hashlib
import mmap
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from processors.gateway.limits import Decision, Limit, charge, refund, take

FILE = "limits-1.cells"
"""Its name has the layout's version: another layout is another file."""

_BUCKETS, _SLOTS = 4096, 8
_SLOT = 2  # the digest of who and what, and the cell: each written by one instruction, so that a kill tears none
_BUCKET_BYTES = _SLOTS * _SLOT * 8
_BYTES = _BUCKETS * _BUCKET_BYTES


class LimitCells:
    """Limits by who is limited. The clock is the machine's monotonic one, which all of its processes share.

    There is room for 32,768 cells that are not full, eight in each bucket. The ninth of one bucket takes the place of
    the fullest of them, which then is full early.
    """

    def __init__(self, folder: Path, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._threads = threading.Lock()  # the kernel's locks are a process's, not a thread's
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            missing = _BYTES - os.fstat(self._file).st_size
            if missing > 0:  # written, not only declared: on a full disk a hole ends the process that writes there
                os.pwrite(self._file, bytes(missing), _BYTES - missing)
            fcntl.lockf(self._file, fcntl.LOCK_UN)
            self._map = mmap.mmap(self._file, _BYTES)
        except BaseException:
            os.close(self._file)
            raise
        self._cells = memoryview(self._map).cast("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file. What was taken stays taken."""
        self._cells.release()
        self._map.close()
        os.close(self._file)

    def take(self, who: str, limit: Limit, units: int = 1) -> Decision:
        """Take units of somebody's limit, all or none."""
        with self._cell(who, limit) as (at, now):
            cell, decision = take(limit, self._cells[at], now, units)
            if decision.allowed:
                self._cells[at] = cell
            return decision

    def charge(self, who: str, limit: Limit, units: int) -> None:
        """Take units that have been used already, whether they are there or not."""
        with self._cell(who, limit) as (at, now):
            self._cells[at] = charge(limit, self._cells[at], now, units)

    def refund(self, who: str, limit: Limit, units: int) -> None:
        """Give back units that were taken and not used."""
        with self._cell(who, limit) as (at, now):
            self._cells[at] = refund(limit, self._cells[at], now, units)

    def settle(self, who: str, limit: Limit, reserved: int, used: int) -> None:
        """Count what was used in place of what was taken for it."""
        if used > reserved:
            self.charge(who, limit, used - reserved)
        elif used < reserved:
            self.refund(who, limit, reserved - used)

    @contextmanager
    def _cell(self, who: str, limit: Limit) -> Iterator[tuple[int, int]]:
        """Lock the cell of who and what; yield its place and the time."""
        name = f"{limit.name}\0{who}".encode()
        digest = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big", signed=True) or 1
        bucket = digest % _BUCKETS
        start = bucket * _BUCKET_BYTES
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _BUCKET_BYTES, start)
            try:
                yield self._place(bucket * _SLOTS * _SLOT, digest), self._clock()
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _BUCKET_BYTES, start)

    def _place(self, first: int, digest: int) -> int:
        """Return where the cell of a digest is; a new one takes the place of the fullest."""
        places = range(first, first + _SLOTS * _SLOT, _SLOT)
        for at in places:
            if self._cells[at] == digest:
                return at + 1
        at = min(places, key=lambda place: self._cells[place + 1])
        self._cells[at] = 0  # nobody's, should this process die between the two
        self._cells[at + 1] = 0
        self._cells[at] = digest
        return at + 1
