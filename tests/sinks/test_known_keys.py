"""A task looks each key up once, and keeps no more than it may."""

from collections.abc import Collection

import pytest

from sinks import person_keys
from sinks.person_keys import KnownKeys


class Keys:
    def __init__(self) -> None:
        self.asked: list[set[bytes]] = []

    async def named(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        self.asked.append(set(names))
        return {name: name * 2 for name in names if name != b"forgotten"}


async def test_a_key_is_looked_up_once_and_one_that_is_gone_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_keys, "MOST_KNOWN", 3)
    keys = Keys()
    known = KnownKeys(keys)  # type: ignore[arg-type]
    assert await known.named({b"a", b"forgotten"}) == {b"a": b"aa"}
    assert await known.named({b"a", b"b", b"forgotten"}) == {b"a": b"aa", b"b": b"bb"}
    assert keys.asked == [{b"a", b"forgotten"}, {b"b", b"forgotten"}]
    assert await known.named({b"a", b"c", b"d"}) == {b"a": b"aa", b"c": b"cc", b"d": b"dd"}, "there is no room for all"
    assert await known.named({b"a", b"d"}) == {b"a": b"aa", b"d": b"dd"}
    assert keys.asked[2:] == [{b"c", b"d"}, {b"a"}]
