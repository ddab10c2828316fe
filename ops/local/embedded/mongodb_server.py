"""SecantusDB's server, giving back to the system what it has freed.

WiredTiger allocates and frees pages of all sizes in a dozen threads. glibc keeps what it cannot cut off the end of a
heap: 120 MB after 160,000 documents, and ever more. https://man7.org/linux/man-pages/man3/malloc_trim.3.html
"""

import ctypes
import sys
import threading
import time

PAUSE_SECONDS = 20.0


def give_back() -> None:
    """Give back free memory again and again, in a thread; nothing where the C library has no such call."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        threading.Thread(target=_again_and_again, args=(trim,), name="trim", daemon=True).start()


def _again_and_again(trim: "ctypes._NamedFuncPointer") -> None:
    while True:
        time.sleep(PAUSE_SECONDS)
        trim(0)  # 2 to 35 ms for 340 MB


if __name__ == "__main__":
    from secantus.cli import main

    give_back()
    sys.exit(main())
