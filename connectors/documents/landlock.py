"""Which files a document reader may open: Linux's Landlock, which binds root as well."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from connectors.documents import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION, _BENEATH = 1, 1
_READ_FILE = 1 << 2
_RIGHTS = (13, 14, 15, 15, 16)
"""How many rights the versions know: all that a kernel knows are taken."""


def restrict(readable: Iterable[Path]) -> bool:
    """Let this thread, and those it starts, open no file but to read those below `readable`.

    False where the kernel has no Landlock. Raises OSError if it has and refuses.
    """
    try:
        version = kernel.call(_CREATE, 0, 0, _ASK_VERSION)
    except OSError:
        return False
    rights = (1 << _RIGHTS[min(version, len(_RIGHTS)) - 1]) - 1
    attributes = ctypes.create_string_buffer(struct.pack("@Q", rights), 8)
    rules = kernel.call(_CREATE, ctypes.addressof(attributes), 8, 0)
    try:
        for path in filter(Path.is_dir, readable):
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = ctypes.create_string_buffer(struct.pack("=Qi", _READ_FILE, folder), 12)
                kernel.call(_ADD, rules, _BENEATH, ctypes.addressof(rule), 0)
            finally:
                os.close(folder)
        kernel.call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)
    return True
