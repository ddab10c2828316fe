"""The folder that commands belong to, whatever folder they are run in, and who may read what is in it.

As git does, a command looks for `looma.toml` or `.looma` in the working directory and above. Where there is neither, it
belongs to the stack that `looma up` started last, and else to the working directory.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

DATA = ".looma"
SETTINGS_FILE = "looma.toml"
PRIVATE = 0o700
UMASK = 0o077

Found = Literal["above", "started", "nothing"]


class Home(NamedTuple):
    """A folder with `looma.toml`, `.looma` or both, and how it was found."""

    folder: Path
    found: Found


def home() -> Home:
    """Return the folder that a command run in the working directory belongs to."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if any(_ours(folder / name, here) for name in (SETTINGS_FILE, DATA)):
            return Home(folder, "above")
    with suppress(OSError, ValueError):
        started = Path(_note().read_text(encoding="utf-8"))
        if started.is_absolute() and _ours(started / DATA, here):
            return Home(started, "started")
    return Home(here, "nothing")


def remember(data: Path) -> None:
    """Note that the stack of this data folder was started; where there is no place for the note, there is none.

    One of another name was chosen by a setting, which commands elsewhere need as well.
    """
    if data.name != DATA:
        return
    note = _note()
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(data.parent), encoding="utf-8")


def forget(data: Path) -> None:
    """Take the note back, if it is of this data folder."""
    with suppress(OSError, ValueError):
        if _note().read_text(encoding="utf-8") == str(data.parent):
            _note().unlink()


def make_private(folder: Path) -> Path:
    """Make the data folder, readable by its owner alone, or mend one that others can read; return it."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    mend(folder)
    return folder


def mend(folder: Path) -> None:
    """Take the rights of others from a data folder of ours. A home or a shared folder such as /tmp stays as it is."""
    try:
        found = folder.stat()
    except OSError:
        return
    shared = found.st_mode & stat.S_ISVTX or folder.resolve() in (Path.home(), *Path.home().parents)
    if found.st_mode & UMASK and found.st_uid == os.getuid() and not shared:
        with suppress(OSError):  # a volume that has no rights
            folder.chmod(stat.S_IMODE(found.st_mode) & ~UMASK)


def _ours(path: Path, here: Path) -> bool:
    """Whether a command may take it: above the working directory, nobody else may lay it in its way."""
    try:
        return (path.parent == here and path.exists()) or path.stat().st_uid == os.getuid()
    except OSError:
        return False


def _note() -> Path:
    configured = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(configured) if os.path.isabs(configured) else Path.home() / ".local" / "state"
    return folder / "looma" / "started"
