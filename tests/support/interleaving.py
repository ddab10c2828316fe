"""Coroutines run by turns: each operation is a step, and whoever draws the turns says how it ends."""

from collections.abc import Coroutine, Generator, Iterable
from itertools import chain, count
from types import coroutine


@coroutine
def step() -> Generator[None, int, int]:
    """Let others go on; returns a number that says how the operation that is due ends."""
    return (yield None)


def interleave(tasks: list[Coroutine[None, int, None]], turns: Iterable[tuple[int, int]]) -> None:
    """Run tasks by turns: each says whose it is, and how the operation that is due ends; then all to their ends."""
    for task in tasks:
        task.send(None)  # type: ignore[arg-type]  # up to its first operation
    for who, how in chain(turns, ((n, 9) for n in count())):
        task = tasks[who % len(tasks)]
        try:
            task.send(how)
        except StopIteration:
            tasks.remove(task)
            if not tasks:
                return
