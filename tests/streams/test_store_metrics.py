"""Slow commands of MongoDB are told by their shape: nothing that a query asks about is in it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loguru import logger

from streams.store_metrics import MAX_RUNNING, MAX_SHAPES, CommandMetrics, PoolMetrics, shape, shape_of

SECRET = "s3cr3t"
values = st.sampled_from([SECRET, 7, 1.5, None, True])
queries = st.recursive(
    values,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "$in", "x.y", f"t:{SECRET}"]), inner)
    ),
    max_leaves=20,
)


@given(queries)
@settings(max_examples=30)
def test_no_value_is_in_a_shape(query: Any) -> None:
    for command in (
        {"find": "talents", "filter": query},
        {"update": "t", "updates": [{"q": query, "u": {"n": SECRET}}]},
    ):
        assert SECRET not in shape_of(command)
        assert "7" not in shape_of(command)


def test_a_shape_says_what_is_asked_for() -> None:
    find = {"find": "talents", "filter": {"_id": {"$in": ["a", "b"]}, "fields.name": "Li"}, "sort": {"_id": 1}}
    assert shape_of(find) == "find talents, filter {'_id': {'$in': ['?']}, 'fields.name': '?'}, sort {'_id': '?'}"
    assert shape_of({"getMore": 77, "collection": "jobs"}) == "getMore jobs"
    assert shape_of({"insert": "jobs", "documents": [{}, {}]}) == "insert jobs, 2 documents"
    deep: Any = "x"
    for _ in range(1000):
        deep = {"a": deep}
    assert str(shape(deep)).count("a") <= 6


def test_a_shape_is_logged_once_a_minute_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    sink = logger.add(lambda message: said.append(message.record["message"]), level="WARNING")
    listener = CommandMetrics(slow_seconds=0.5)

    def run(collection: str, micros: int, **more: Any) -> None:
        event: Any = SimpleNamespace(
            command_name="find", command={"find": collection, **more}, request_id=1, duration_micros=micros
        )
        listener.started(event)
        listener.succeeded(event)

    try:
        run("fast", 10)
        run("slow", 700_000, filter={"_id": "a"})
        run("slow", 900_000, filter={"_id": "b"})
        assert said == ["slow: 700 ms for find slow, filter {'_id': '?'}"]
        now = 61.0 + __import__("time").monotonic()
        monkeypatch.setattr("streams.store_metrics.time.monotonic", lambda: now)
        run("slow", 900_000, filter={"_id": "b"})
        assert len(said) == 2
        for number in range(3 * MAX_SHAPES):
            run("c" * (number + 1), 900_000)
        assert len(listener._said) <= MAX_SHAPES
        assert not listener._running
    finally:
        logger.remove(sink)


def test_commands_of_which_no_end_is_told_are_not_kept_for_ever() -> None:
    listener = CommandMetrics(slow_seconds=0.5)
    for number in range(5 * MAX_RUNNING):
        begun: Any = SimpleNamespace(command_name="find", command={"find": "t"}, request_id=number)
        listener.started(begun)
    assert len(listener._running) <= MAX_RUNNING


def test_connections_are_counted_open_in_use_and_waited_for() -> None:
    pool, nothing = PoolMetrics(), cast("Any", None)

    def told() -> dict[str, float]:
        return {str((o.attributes or {})["state"]): o.value for o in pool._observe(nothing)}

    for event in (
        pool.connection_check_out_started, pool.connection_created, pool.connection_ready, pool.connection_checked_out,
        pool.connection_check_out_started, pool.connection_check_out_started,
    ):  # fmt: skip
        event(nothing)
    assert told() == {"open": 1, "in use": 1, "waited for": 2}
    for event in (
        pool.connection_check_out_failed, pool.connection_checked_in, pool.connection_checked_out,
        pool.connection_checked_in, pool.connection_closed,
    ):  # fmt: skip
        event(nothing)
    assert told() == {"open": 0, "in use": 0, "waited for": 0}
