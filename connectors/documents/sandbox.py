"""What a worker process may do: so much memory and processor time, no network, no other program, no file written."""

import ctypes
import platform
import resource
import struct
import sys
from typing import Any

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: with EPERM
_CALLS = {  # audit architecture; socket, connect, execve, execveat, ptrace
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117)),
}
_REFUSED_EVENTS = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.fork",
    "urllib.",
)


def confine(memory_bytes: int) -> None:
    """Bound this process's address space and take its network, other programs and core dumps. There is no way back."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        _refuse_calls()
    sys.addaudithook(_refuse_event)


def allow_cpu(seconds: int) -> None:
    """Give this process so many more seconds of processor time; the kernel ends it when they are spent."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + seconds, hard))


def _refuse_event(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not for document readers")


def _refuse_calls() -> None:
    """Have the kernel refuse sockets and programs (seccomp); the audit hook alone does not see native code."""
    if platform.machine() not in _CALLS:
        return
    architecture, numbers = _CALLS[platform.machine()]
    load, jump_equal, answer = 0x20, 0x15, 0x06
    program = [(load, 0, 0, 4), (jump_equal, 1, 0, architecture), (answer, 0, 0, _KILL), (load, 0, 0, 0)]
    for i, number in enumerate(numbers):
        program.append((jump_equal, len(numbers) - i, 0, number))
    program += [(answer, 0, 0, _ALLOW), (answer, 0, 0, _REFUSE)]
    code = b"".join(struct.pack("<HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.c_char_p(header), 0, 0)
