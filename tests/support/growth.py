"""How the cost of something grows with its input, without holding any time to a figure."""

import time
from collections.abc import Callable, Iterator

FACTOR = 16
_LONG_ENOUGH = 0.002


def grows_no_faster_than_its_input(run: Callable[[int], object], size: int = 500, most: int = 64_000) -> bool:
    """Whether `run(n)` costs no more than in proportion to n, with room to spare: its square would cost 256 times.

    Costs are of processor time, the least of three, and compared with each other within one run. The size is raised until
    a run can be measured, or is `most`.
    """
    run(size)  # what is only done once
    while (before := min(_costs(run, size))) < _LONG_ENOUGH and size < most:
        size *= 2
    bound = 4 * FACTOR * max(before, _LONG_ENOUGH)
    return any(cost < bound for cost in _costs(run, size * FACTOR))  # the first that is low enough says it


def _costs(run: Callable[[int], object], size: int) -> Iterator[float]:
    for _ in range(3):
        began = time.process_time()
        run(size)
        yield time.process_time() - began
