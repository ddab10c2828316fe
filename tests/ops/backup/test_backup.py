"""What is sealed in a backup: readable with every key, unreadable without one, and never half a file."""

import asyncio
import io

import bson
import pytest

from ops.backup import BackupError
from ops.backup.backup import Part, _frames, _opened, _part, _sealed

KEYS = {p: (bytes([n]) * 16, bytes([n]) * 32) for n, p in enumerate(("", "t-1", "t-2"), 1)}


def opened(sealed: bytes, *people: str) -> list[dict]:
    return _opened(bson.decode_all(sealed), dict(KEYS[p] for p in people))


def parts() -> list[Part]:
    talent = _part("talents", ("t-1",), {"document": {"_id": "t-1", "name": "secret"}})
    verdict = _part("identity-events", ("t-1", "t-2"), {"key": b"k", "value": None, "headers": [("a", b"b")]})
    return [talent, verdict, _part("jobs", (), {"document": {"_id": "j-1"}})]


def test_a_part_is_read_only_with_the_key_of_everybody_that_it_speaks_of() -> None:
    sealed = _sealed(parts(), KEYS)
    assert b"secret" not in sealed
    assert b"t-1" not in sealed
    assert [p["place"] for p in opened(sealed, "", "t-1", "t-2")] == ["talents", "identity-events", "jobs"]
    assert [p["place"] for p in opened(sealed, "", "t-2")] == ["jobs"]
    assert opened(sealed, "t-1") == [{"place": "talents", "document": {"_id": "t-1", "name": "secret"}}]
    assert opened(sealed) == []


def test_a_changed_part_is_refused() -> None:
    (frame, *_) = bson.decode_all(_sealed(parts(), KEYS))
    frame["sealed"] = frame["sealed"][:-1] + bytes([frame["sealed"][-1] ^ 1])
    with pytest.raises(BackupError, match="changed"):
        _opened([frame], dict([KEYS["t-1"]]))


def frames(content: bytes) -> int:
    async def count() -> int:
        return len([f async for f in _frames(io.BytesIO(content))])

    return asyncio.run(count())


def test_only_a_whole_file_is_a_backup() -> None:
    whole = bson.encode({"format": "looma-backup-1"}) + _sealed(parts(), KEYS) + bson.encode({"end": 3})
    assert frames(whole) == 3
    for broken in (whole[:-12], whole[:-20], whole[:100], b"", b"not a backup at all", bson.encode({"end": 0})):
        with pytest.raises(BackupError):
            frames(broken)
