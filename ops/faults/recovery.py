"""How long after the kill of a worker the first event of its partitions was processed again, by the workers' spans."""

from collections.abc import Iterable, Sequence

from ops.faults.history import Happened, Work


def note_recoveries(happened: Iterable[Happened], work: Sequence[Work]) -> None:
    """Note how long it took after each kill, and after each return of a server, until work went on."""
    for each in happened:
        if each.fault.kind == "kill" and each.worker is not None:
            each.recovery_ms = recovery_ms(each.worker, each.begun, work)
        elif each.fault.kind in ("broker", "mongodb") and each.ended:
            each.recovery_ms = back_ms(each.ended, work)


def recovery_ms(worker: int, killed_at: float, work: Sequence[Work]) -> float | None:
    """Return the milliseconds until another worker finished an event of a partition that `worker` held.

    A worker held the partitions where the last event finished before the kill was its. None if it held none, or if
    none of them had another event.
    """
    last: dict[int, Work] = {}
    for done in work:
        known = last.get(done.place.partition)
        if done.ended <= killed_at and (known is None or known.ended < done.ended):
            last[done.place.partition] = done
    held = {partition for partition, done in last.items() if done.worker == worker}
    again = _first(w.ended for w in work if w.place.partition in held and w.begun > killed_at and w.worker != worker)
    return None if again is None else round((again - killed_at) * 1000, 1)


def back_ms(back_at: float, work: Sequence[Work]) -> float | None:
    """Return the milliseconds from when a server was back until the first event was finished; None if none was."""
    again = _first(w.ended for w in work if w.ended > back_at)
    return None if again is None else round((again - back_at) * 1000, 1)


def _first(times: Iterable[float]) -> float | None:
    return min(times, default=None)
