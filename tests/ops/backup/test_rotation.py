"""Nightly backups: the oldest goes only when the newest was opened to its last byte."""

from collections import Counter
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Self

import pytest

from ops.backup import BackupError, rotation
from ops.backup.backup import Verified
from schemas.settings import Settings


class Tomorrow(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(datetime.now(tz).timestamp() + 86_400, tz)


OLD = [f"looma-202601{day:02}T023000Z.backup" for day in range(1, 6)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*OLD, "before-upgrade.backup", "notes.txt", "looma-20260101T023000Z.backup.part"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def backups(monkeypatch: pytest.MonkeyPatch, *, written: int = 3, opened: int = 2, forgotten: int = 1) -> list[str]:
    """Stand in for backups; return what is noted of those that are kept."""
    noted: list[str] = []

    async def create(_: Settings, path: Path, __: object) -> Counter[str]:
        path.write_bytes(b"new")
        return Counter(talents=written)

    async def verify(_: Settings, path: Path, __: object) -> Verified:
        assert path.read_bytes() == b"new"
        return Verified(Counter(talents=opened), forgotten, True)

    async def note_kept(_: Settings) -> None:
        noted.append("kept")

    for each in (create, verify, note_kept):
        monkeypatch.setattr(rotation.backups, each.__name__, each)
    return noted


async def test_the_oldest_go_and_other_files_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = backups(monkeypatch)
    done = await rotation.rotate(Settings(), folder, 3)
    assert noted == ["kept"]
    assert [each.name for each in done.removed] == OLD[:3]
    left = {each.name for each in folder.iterdir()}
    assert left == {*OLD[3:], done.file.name, "before-upgrade.backup", "notes.txt", f"{OLD[0]}.part"}
    assert done.file.name > OLD[-1]


async def test_nothing_goes_if_the_new_one_is_not_what_was_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = backups(monkeypatch, opened=1)
    with pytest.raises(BackupError, match="other parts"):
        await rotation.rotate(Settings(), folder, 1)
    assert noted == [], "no alert ends for it"
    assert {each.name for each in folder.iterdir()} >= set(OLD)
    backups(monkeypatch)
    monkeypatch.setattr(rotation, "datetime", Tomorrow)
    done = await rotation.rotate(Settings(), folder, len(OLD) + 1)
    assert done.removed == (), "what could not be verified takes nobody's place"
