"""Reads what processes show at `/metrics`, as Prometheus does: with `job`, `instance` and `up`."""

import asyncio
from collections.abc import Iterable

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from ops.alerts.bodies import body_of
from ops.alerts.history import NAME, History, Labels, labels_of

MAX_PAGE_BYTES = 8 * 1024 * 1024
UNKNOWN_JOB = "looma"


def samples(page: str) -> list[tuple[str, dict[str, str], float]]:
    """Return each sample of a page: name, labels, value. Raises ValueError."""
    families = text_string_to_metric_families(page)
    return [(s.name, dict(s.labels), float(s.value)) for family in families for s in family.samples]


class Target:
    """One page; its job is what the process calls itself, once it has said so.

    What it shows at the first look is taken to have been so `assumed_seconds` before: a counter that has long been
    there is not new because somebody has begun to look.
    """

    def __init__(self, url: str, timeout_seconds: float, assumed_seconds: float) -> None:
        self.url = url
        self.is_up: bool | None = None
        """Whether it answered at the last look; None before the first."""
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._instance = URL(url).authority
        self._job = UNKNOWN_JOB
        self._seen: set[Labels] = set()
        self._assumed_seconds: float | None = assumed_seconds

    async def scrape(self, session: aiohttp.ClientSession, history: History, at: float) -> bool:
        """Add what the page shows, and the end of each series that it shows no more; whether it answers."""
        try:
            found = samples(await self._page(session))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, IndexError):
            found = None
        self._add(history, at, found or [])
        pairs = {NAME: "up", "job": self._job, "instance": self._instance}
        self.is_up = found is not None
        history.add(labels_of(pairs), at, float(self.is_up))
        return self.is_up

    async def _page(self, session: aiohttp.ClientSession) -> str:
        async with session.get(self.url, timeout=self._timeout, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            return (await body_of(answer, MAX_PAGE_BYTES)).decode()

    def _add(self, history: History, at: float, found: Iterable[tuple[str, dict[str, str], float]]) -> None:
        told = list(found)
        for name, labels, _ in told:
            if name == "target_info" and (job := labels.get("service_name")) and job != self._job:
                self._job = job
                history.forget(self._instance)  # what was under the name of nobody
        seen = set()
        for name, labels, value in told:
            of = labels_of({**labels, NAME: name, "job": self._job, "instance": self._instance})
            if self._assumed_seconds is not None:
                history.add(of, at - self._assumed_seconds, value)
            history.add(of, at, value)
            seen.add(of)
        if told:
            self._assumed_seconds = None
        for gone in self._seen - seen:
            history.add(gone, at, None)
        self._seen = seen


async def scrape_all(targets: Iterable[Target], session: aiohttp.ClientSession, history: History, at: float) -> None:
    """Read all pages side by side."""
    await asyncio.gather(*(target.scrape(session, history, at) for target in targets))
