"""Backups one after the other in a folder: each is verified before an older one goes."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ops.backup import BackupError
from ops.backup import backup as backups
from ops.runtime.data_folder import PRIVATE
from schemas.settings import Settings

_OURS = re.compile(r"looma-\d{8}T\d{6}Z\.backup")


class Rotated(NamedTuple):
    """A new backup, what it holds, and the older ones that went for it."""

    file: Path
    found: backups.Verified
    removed: tuple[Path, ...]


async def rotate(
    settings: Settings, folder: Path, keep: int, progress: Callable[[str], None] = lambda _: None
) -> Rotated:
    """Write a backup into a folder, open every part of it, and then remove all but the newest `keep`.

    Files of other names are left alone. If anything fails, nothing is removed, and what was written keeps the name of
    one that is not verified: it stands in for none that is. Raises BackupError.
    """
    await asyncio.to_thread(folder.mkdir, PRIVATE, parents=True, exist_ok=True)
    file = folder / f"looma-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"
    if file.exists():
        raise BackupError(f"{file} exists: another backup was begun in this second")
    unverified = file.with_name(file.name + ".unverified")
    counts = await backups.create(settings, unverified, lambda n: progress(f"backing up: {n:,} parts"))
    found = await backups.verify(settings, unverified, lambda n: progress(f"verifying: {n:,} parts"))
    if found.places.total() + found.unreadable != counts.total():
        raise BackupError(f"{unverified} holds other parts than were written")
    unverified.rename(file)
    await backups.note_kept(settings)
    removed = tuple(sorted(each for each in folder.iterdir() if _OURS.fullmatch(each.name))[:-keep])
    for each in removed:
        each.unlink()
    return Rotated(file, found, removed)
