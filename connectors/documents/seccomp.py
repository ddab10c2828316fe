"""The system calls that a document reader may still make; the kernel refuses all others (seccomp).

A list of what is allowed: memory, threads, time, and the files already open. So calls that nobody thought of, and those
of kernels to come, are refused as well.
"""

import ctypes
import struct
from typing import NamedTuple

from connectors.documents import kernel


class Call(NamedTuple):
    """A system call's numbers, and what its arguments must be: (which, the bits that count, their value)."""

    x86_64: int
    aarch64: int
    arguments: tuple[tuple[int, int, int], ...] = ()


_NOT_EXECUTABLE = ((2, 0x4, 0),)
CALLS = {
    "read": Call(0, 63),
    "readv": Call(19, 65),
    "write": Call(1, 64),
    "writev": Call(20, 66),
    "lseek": Call(8, 62),
    "fstat": Call(5, 80),
    "close": Call(3, 57),
    "brk": Call(12, 214),
    "mmap": Call(9, 222, _NOT_EXECUTABLE),
    "mprotect": Call(10, 226, _NOT_EXECUTABLE),
    "mremap": Call(25, 216),
    "munmap": Call(11, 215),
    "madvise": Call(28, 233),
    # A thread as the C library makes it: a process, a namespace or a tracer has other flags.
    "clone": Call(56, 220, ((0, 0xFFBFFFFF, 0x003D0F00),)),
    "set_robust_list": Call(273, 99),
    "rseq": Call(334, 293),
    "futex": Call(202, 98),
    "gettid": Call(186, 178),
    "getpid": Call(39, 172),
    "sched_yield": Call(24, 124),
    "sched_getaffinity": Call(204, 123),
    "rt_sigaction": Call(13, 134),
    "rt_sigprocmask": Call(14, 135),
    "rt_sigreturn": Call(15, 139),
    "sigaltstack": Call(131, 132),
    "restart_syscall": Call(219, 128),
    "clock_gettime": Call(228, 113),
    "clock_getres": Call(229, 114),
    "clock_nanosleep": Call(230, 115),
    "nanosleep": Call(35, 101),
    "gettimeofday": Call(96, 169),
    "getrandom": Call(318, 278),
    "sysinfo": Call(99, 179),
    "exit": Call(60, 93),
    "exit_group": Call(231, 94),
}
OPEN_TO_READ = Call(257, 56, ((2, 0o30001103, 0),))
"""openat without O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_PATH and O_TMPFILE; which files, Landlock says."""
CLONE3 = 435

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SET_FILTER, _ALL_THREADS = 1, 1
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_LOAD, _AND, _IS, _AT_LEAST, _ANSWER = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _KILL, _NOT_PERMITTED, _NO_SUCH_CALL = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_X32 = 0x40000000

Step = tuple[int, int, int, int]


def restrict(files: bool) -> None:
    """Restrict every thread of this process, for ever. `files`: more may be opened to read. Raises OSError."""
    steps = program(kernel.machine(), files)
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    if stray := kernel.call(_SECCOMP[kernel.machine()], _SET_FILTER, _ALL_THREADS, ctypes.addressof(header)):
        raise OSError(f"thread {stray} cannot be restricted")


def program(machine: str, files: bool) -> list[Step]:
    """Return the filter's steps: (code, jump if true, jump if not, value)."""
    calls = [*CALLS.values(), *([OPEN_TO_READ] if files else [])]
    steps: list[Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IS, 1, 0, _AUDIT[machine]),
        (_ANSWER, 0, 0, _KILL),  # calls of 32-bit programs have other numbers
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_ANSWER, 0, 0, _KILL),
        # Its flags are in memory, which no filter sees: told that it does not exist, the C library uses clone.
        (_IS, 0, 1, CLONE3),
        (_ANSWER, 0, 0, _NO_SUCH_CALL),
    ]
    for call in calls:
        body = _checked(call.arguments)
        steps += [(_IS, 0, len(body), call.x86_64 if machine == "x86_64" else call.aarch64), *body]
    return [*steps, (_ANSWER, 0, 0, _NOT_PERMITTED)]


def _checked(arguments: tuple[tuple[int, int, int], ...]) -> list[Step]:
    steps: list[Step] = []
    for which, bits, value in arguments:  # all of them are ints to the kernel: the lower half of a word
        steps += [(_LOAD, 0, 0, _ARGUMENTS + 8 * which), (_AND, 0, 0, bits), (_IS, 1, 0, value)]
        steps.append((_ANSWER, 0, 0, _NOT_PERMITTED))
    return [*steps, (_ANSWER, 0, 0, _ALLOW)]
