"""What is sealed in a backup: readable with every key, unreadable without one, and never half a file."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import bson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops.backup import BackupError
from ops.backup import backup as backups
from ops.backup.backup import Part, _part, _sealed, opened
from ops.backup.frames import FORMAT, UNSEALED, Frames, Writer
from schemas.settings import Settings

KEYS = {p: (bytes([n]) * 16, bytes([n]) * 32) for n, p in enumerate(("", "t-1", "t-2"), 1)}


def opened_of(sealed: bytes, *people: str) -> list[dict]:
    return opened(bson.decode_all(sealed), dict(KEYS[p] for p in people))


def parts() -> list[Part]:
    talent = _part("talents", ("t-1",), {"document": {"_id": "t-1", "name": "secret"}})
    verdict = _part("identity-events", ("t-1", "t-2"), {"key": b"k", "value": None, "headers": [("a", b"b")]})
    return [talent, verdict, _part("jobs", (), {"document": {"_id": "j-1"}})]


def test_a_part_is_read_only_with_the_key_of_everybody_that_it_speaks_of() -> None:
    sealed = _sealed(parts(), KEYS)
    assert b"secret" not in sealed
    assert b"t-1" not in sealed
    assert [p["place"] for p in opened_of(sealed, "", "t-1", "t-2")] == ["talents", "identity-events", "jobs"]
    assert [p["place"] for p in opened_of(sealed, "", "t-2")] == ["jobs"]
    assert opened_of(sealed, "t-1") == [{"place": "talents", "document": {"_id": "t-1", "name": "secret"}}]
    assert opened_of(sealed) == []


def test_a_changed_part_is_refused() -> None:
    (frame, *_) = bson.decode_all(_sealed(parts(), KEYS))
    frame["sealed"] = frame["sealed"][:-1] + bytes([frame["sealed"][-1] ^ 1])
    with pytest.raises(BackupError, match="changed"):
        opened([frame], dict([KEYS["t-1"]]))


def written() -> bytes:
    file = io.BytesIO()
    writer = Writer(file, 2)
    writer.write(_sealed(parts(), KEYS))
    writer.end(3, KEYS[""])
    return file.getvalue()


WHOLE = written()


def read(content: bytes) -> int:
    """Read a backup as a restore does; return how many parts it has."""
    frames = Frames(io.BytesIO(content))
    count = len(list(frames))
    frames.check_end(dict([KEYS[""]]))
    return count


def test_only_a_whole_file_is_a_backup() -> None:
    assert read(WHOLE) == 3
    for broken in (
        WHOLE[:-12],
        WHOLE[:100],
        WHOLE + b"x",
        WHOLE * 2,
        b"",
        b"not a backup at all",
        bson.encode({"end": 0}),
    ):
        with pytest.raises(BackupError):
            read(broken)


@example(WHOLE.index(FORMAT.encode()) + FORMAT.index("2"), ord("2") ^ ord("1"))  # of an earlier version, it then says
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=30)
def test_not_one_byte_can_be_changed(place: int, by: int) -> None:
    changed = WHOLE[:place] + bytes([WHOLE[place] ^ by]) + WHOLE[place + 1 :]
    with pytest.raises(BackupError):
        read(changed)


def test_a_part_that_is_missing_exchanged_or_added_is_found_by_who_has_the_keys() -> None:
    first, *sealed, end = bson.decode_all(WHOLE)
    for other in (sealed[:-1], sealed[::-1], [*sealed, sealed[0]]):
        forged = [first, *other, {**end, "end": len(other)}]
        with pytest.raises(BackupError, match="changed since"):
            read(b"".join(map(bson.encode, forged)))
    with pytest.raises(BackupError, match="changed since"):  # sealed by somebody else
        read(b"".join(map(bson.encode, [first, *sealed, {**end, "seal": b"x"}])))
    frames = Frames(io.BytesIO(WHOLE))
    list(frames)
    with pytest.raises(BackupError, match="not in the database of keys"):
        frames.check_end({})


def test_a_backup_of_an_earlier_version_is_taken_by_who_knows_that_its_end_is_not_sealed() -> None:
    old = bson.encode({"format": UNSEALED, "migration": 1}) + _sealed(parts(), KEYS) + bson.encode({"end": 3})
    frames = Frames(io.BytesIO(old))
    assert len(list(frames)) == 3
    with pytest.raises(BackupError, match="--unsealed"):
        frames.check_end({})
    frames.check_end({}, unsealed=True)
    assert (frames.is_sealed, frames.migration) == (False, 1)


async def test_a_backup_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def database(_: object) -> AsyncIterator[None]:
        yield

    async def parts(*_: object) -> AsyncIterator[Part]:
        assert list(tmp_path.iterdir()), "it is written beside"
        raise ConnectionError
        yield

    monkeypatch.setattr(backups, "base_database", database)
    monkeypatch.setattr(backups, "_parts", parts)
    monkeypatch.setattr(backups, "PersonKeys", lambda _: None)
    with pytest.raises(ConnectionError):
        await backups.create(Settings(), tmp_path / "a.backup")
    assert list(tmp_path.iterdir()) == []
