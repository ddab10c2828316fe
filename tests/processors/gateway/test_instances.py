"""Instances: there while they say so, gone after three misses, and never more than can be remembered."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.instances import EVERY_SECONDS, MISSES, MOST, Instances
from schemas.services import Instance


def instance(name: str, port: int = 1) -> Instance:
    return Instance(instance=name, service="embed", url=f"http://h:{port}", at=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["hear", "leave"]), st.floats(0, 8)), max_size=40))
def test_those_are_there_that_said_so_lately_and_have_not_left(steps: list[tuple[str, str, float]]) -> None:
    instances, heard, now = Instances(), dict[str, float](), 0.0
    for name, what, wait in steps:
        now += wait
        if what == "hear":
            instances.hear(instance(name), now)
            heard[name] = now
        else:
            instances.leave(name)
            heard.pop(name, None)
        there = sorted(n for n, at in heard.items() if now - at <= MISSES * EVERY_SECONDS)
        assert [each.instance for each in instances.of("embed", now)] == there
        assert instances.of("chat", now) == []


def test_a_flood_of_names_is_bounded_and_passes() -> None:
    instances = Instances()
    for n in range(MOST * 2):
        instances.hear(instance(f"i{n}"), 0.0)
    assert len(instances.of("embed", 0.0)) == MOST
    instances.hear(instance("new"), 100.0)
    assert [each.instance for each in instances.of("embed", 100.0)] == ["new"]


def test_an_instance_that_moves_is_found_where_it_is_now() -> None:
    instances = Instances()
    instances.hear(instance("a", 1), 0.0)
    instances.hear(instance("a", 2), 1.0)
    assert [each.url for each in instances.of("embed", 1.0)] == ["http://h:2"]
