"""A collector that is away must hold nobody back."""

import threading

from ops.runtime.telemetry import _within


def test_the_end_waits_for_a_collector_that_answers_and_not_for_one_that_is_away() -> None:
    never, done = threading.Event(), threading.Event()
    left = []

    def away() -> None:
        never.wait()
        left.append("away")

    _within(0.05, [away, done.set])
    assert left == []
    assert done.is_set()
    never.set()


def test_all_are_asked_side_by_side() -> None:
    first, second = threading.Event(), threading.Event()
    both = []

    def one() -> None:
        first.set()
        both.append(second.wait(60))

    def other() -> None:
        second.set()
        both.append(first.wait(60))

    _within(60, [one, other])
    assert both == [True, True]
