"""Linux's system calls that Python has no function for."""

import ctypes
import os
import platform
import sys

MACHINES = ("x86_64", "aarch64")


def machine() -> str:
    """Return the processor's kind. Raises OSError for one whose system calls are not known here."""
    # A 32-bit Python on a 64-bit kernel has other numbers.
    if platform.machine() not in MACHINES or sys.maxsize < 2**32:
        raise OSError(f"only 64-bit {' and '.join(MACHINES)} is supported, this is {platform.machine()}")
    return platform.machine()


def call(number: int, *arguments: int) -> int:
    """Make a system call. Raises OSError."""
    result = int(_LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(value) for value in arguments)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
