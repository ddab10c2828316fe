"""A batch in runs that a server takes: bounded in number and in bytes."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def runs(items: Iterable[T], most: int, max_bytes: int, size: Callable[[T], int]) -> Iterator[list[T]]:
    """Split items into runs within the bounds, in order; a larger single one is a run of its own."""
    run: list[T] = []
    total = 0
    for item in items:
        own = size(item)
        if run and (len(run) == most or total + own > max_bytes):
            yield run
            run, total = [], 0
        run.append(item)
        total += own
    if run:
        yield run
