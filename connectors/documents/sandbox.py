"""What a worker process may do: so much memory and processor time; no file, network, program or other process."""

import ctypes
import errno
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from connectors.documents import kernel, landlock, seccomp

FONTS = tuple(
    map(Path, ("/usr/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF", "/usr/local/share/fonts"))
)
"""Where PDFium looks for fonts that are not in the file."""
_NO_NEW_PRIVILEGES = 38
_REFUSED_EVENTS = (
    "ctypes.dlopen",
    "open",
    "os.",
    "shutil.",
    "signal.",
    "socket.",
    "subprocess.",
    "urllib.",
)


class SandboxError(Exception):
    """This process cannot be confined, so it must read nothing. The text says why."""


def limit(memory_bytes: int) -> None:
    """Bound this process's address space and forbid core dumps and written files. There is no way back."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def confine() -> None:
    """Leave this process its memory, its threads and its open files, and nothing else. There is no way back.

    What it needs must be loaded before: afterwards only the system's fonts can be opened, on Linux with Landlock.
    Elsewhere nothing can. Raises SandboxError.
    """
    if sys.platform == "darwin":
        sys.addaudithook(_refuse_event)  # which native code does not ask
        return
    try:
        kernel.machine()
        _prctl(_NO_NEW_PRIVILEGES, 1)
        # Landlock binds the calling thread. Others that are there already keep their files, so then there are none.
        alone = len(os.listdir("/proc/self/task")) == 1
        seccomp.restrict(files=landlock.restrict(FONTS) and alone)
    except OSError as error:
        raise SandboxError(f"document readers cannot be confined here: {error}") from error


def allow_cpu(process: int, seconds: int) -> None:
    """Give a process so many more seconds of processor time; the kernel ends it when they are spent.

    From outside, for what is inside may be hostile. Only Linux knows how.
    """
    if sys.platform != "linux":
        return
    try:
        spent = time.clock_gettime(~process << 3 | 2)  # the clock of its processor time: clock_getcpuclockid(3)
        _, hard = resource.prlimit(process, resource.RLIMIT_CPU)
        resource.prlimit(process, resource.RLIMIT_CPU, (int(spent) + 1 + seconds, hard))
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ESRCH):  # it is gone: whoever waits for its answer will see
            raise


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *(ctypes.c_ulong(n) for n in (value, 0, 0, 0))):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _refuse_event(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not for document readers")
