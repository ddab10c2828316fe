"""What a process keeps: bounded in number and age, and only as long as it holds."""

from sinks.cache import Cache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_used_longest_ago_goes_first() -> None:
    kept: Cache[str, int] = Cache(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("b"), kept.get("a"), kept.get("c")) == (None, 1, 3)
    assert (kept.hits, kept.misses, len(kept)) == (3, 1, 2)


def test_a_size_of_nothing_keeps_nothing() -> None:
    kept: Cache[str, int] = Cache(0)
    kept.put("a", 1)
    assert kept.get("a") is None
    assert len(kept) == 0


def test_a_value_that_no_longer_holds_is_a_miss_until_put_again() -> None:
    kept: Cache[str, int] = Cache(2)
    kept.put("a", 1)
    assert kept.get("a", lambda value: value == 2) is None
    kept.put("a", 2)
    assert kept.get("a", lambda value: value == 2) == 2


def test_what_nobody_uses_goes_by_itself_and_use_keeps_it() -> None:
    clock = Clock()
    kept: Cache[str, int] = Cache(9, seconds=10, clock=clock)
    kept.put("used", 1)
    kept.put("unused", 2)
    clock.now = 8
    assert kept.get("used") == 1
    clock.now = 11
    assert kept.get("unused") is None, "too old, though nothing has expired it yet"
    kept.expire()
    assert len(kept) == 1
    assert kept.get("used") == 1
    clock.now = 22
    kept.expire()
    assert len(kept) == 0


def test_discarded_is_gone() -> None:
    kept: Cache[str, int] = Cache(9)
    kept.put("a", 1)
    kept.discard("a")
    kept.discard("never there")
    assert kept.get("a") is None
    kept.put("b", 1)
    kept.clear()
    assert len(kept) == 0
