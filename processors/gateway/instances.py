"""Which instances of a service are there: those that said so lately."""

from schemas.services import Instance, Service

EVERY_SECONDS = 2.0
MISSES = 3
MOST = 256
"""Instances that are remembered; a flood of names must not fill the memory."""


class Instances:
    """What was heard, and when. Times are of this process's clock, so that no other's has to be right."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[Instance, float]] = {}

    def hear(self, instance: Instance, now: float) -> None:
        """An instance says that it is there."""
        if instance.instance not in self._heard and len(self._heard) >= MOST:
            self._forget(now)
            if len(self._heard) >= MOST:
                return
        self._heard[instance.instance] = (instance, now)

    def leave(self, name: str) -> None:
        """An instance says that it goes."""
        self._heard.pop(name, None)

    def of(self, service: Service, now: float) -> list[Instance]:
        """Return those of a service that have not missed three announcements, by name."""
        self._forget(now)
        return [each for _, (each, _) in sorted(self._heard.items()) if each.service == service]

    def _forget(self, now: float) -> None:
        gone = [name for name, (_, at) in self._heard.items() if now - at > MISSES * EVERY_SECONDS]
        for name in gone:
            del self._heard[name]
