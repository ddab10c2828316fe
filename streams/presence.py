"""Says that a worker is there: alerts count those that do, whatever they are assigned, and how often they restart."""

import time
from collections.abc import Callable, Iterator

from opentelemetry.metrics import CallbackOptions, Observation

from streams import metrics


def report_presence(is_present: Callable[[], bool]) -> None:
    """Report when this worker started, as long as it is present: one that ends at once, again and again, is not."""
    started = time.time()

    def observe(_: CallbackOptions) -> Iterator[Observation]:
        if is_present():
            yield Observation(started)

    metrics.WORKER_START_TIME.observe(observe)
