"""Files that outlive a loss of power."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have a file's content, or a folder's names, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
