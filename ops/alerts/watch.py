"""Looks at workers, evaluates the rules and tells receivers, again and again."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import aiohttp
from loguru import logger

from ops.alerts.history import History, Labels
from ops.alerts.notice import Told
from ops.alerts.rules import Alert, Evaluation, Rule, keep_seconds, names_asked_for
from ops.alerts.scrape import Target, scrape_all
from ops.alerts.send import tell, wanted
from schemas.settings import AlertSettings, ReceiverSettings


class Desk:
    """What one receiver has been told. What it did not take, it is told again at the next turn."""

    def __init__(self, receiver: ReceiverSettings, repeat_seconds: float) -> None:
        self.receiver = receiver
        self._repeat_seconds = repeat_seconds
        self._told: dict[Labels, tuple[Told, float]] = {}

    async def tell(self, alerts: Sequence[Told], now: float, session: aiohttp.ClientSession) -> bool:
        """Tell what is new, over, or was told long ago; whether there was anything, and it was taken."""
        firing = {frozenset(alert.labels.items()): alert for alert in wanted(self.receiver, alerts)}
        news = [
            alert
            for key, alert in firing.items()
            if key not in self._told or now - self._told[key][1] >= self._repeat_seconds
        ]
        over = [
            Told(told.labels, told.annotations, told.since, is_over=True)
            for key, (told, _) in self._told.items()
            if key not in firing
        ]
        if not (news or over) or not await tell(self.receiver, [*news, *over], session):
            return False
        kept = {key: self._told[key] for key in firing if key in self._told}
        self._told = kept | {frozenset(alert.labels.items()): (alert, now) for alert in news}
        return True


def told(alert: Alert) -> Told:
    """Return an alert as people are told of it."""
    return Told(dict(alert.labels), alert.annotations, datetime.fromtimestamp(alert.since, UTC))


class Lookout:
    """What workers show, and what the rules make of it."""

    def __init__(self, settings: AlertSettings, rules: Sequence[Rule]) -> None:
        self.history = History(keep_seconds(rules), names_asked_for(rules))
        self.evaluation = Evaluation(rules)
        wait, assumed = min(10.0, settings.interval_seconds), keep_seconds(rules) / 2
        self.targets = [Target(url, wait, assumed) for url in settings.targets]

    async def look(self, session: aiohttp.ClientSession, now: float) -> list[Alert]:
        """Look once; return the alerts that were firing and are over."""
        await scrape_all(self.targets, session, self.history, now)
        self.history.prune(now)
        return self.evaluation.turn(self.history, now)


class Watch(Lookout):
    """Looks, and tells receivers."""

    def __init__(self, settings: AlertSettings, receivers: Sequence[ReceiverSettings], rules: Sequence[Rule]) -> None:
        super().__init__(settings, rules)
        self._interval_seconds = settings.interval_seconds
        self._desks = [Desk(receiver, settings.repeat_hours * 3600) for receiver in receivers]

    async def run(self) -> None:
        """Look until cancelled."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            async for now in ticks(self._interval_seconds):
                await self.turn(session, now)

    async def turn(self, session: aiohttp.ClientSession, now: float) -> None:
        """Look once, and tell."""
        before = {(a.name, a.labels) for a in self.evaluation.firing()}
        over = await self.look(session, now)
        alerts = [told(alert) for alert in self.evaluation.firing()]
        for alert in self.evaluation.firing():
            if (alert.name, alert.labels) not in before:
                logger.warning("alert: {}", told(alert).line)
        for alert in over:
            logger.info("alert is over: {}", told(alert).line)
        await asyncio.gather(*(desk.tell(alerts, now, session) for desk in self._desks))


async def ticks(seconds: float) -> AsyncIterator[float]:
    """Yield the time, at most every so many seconds, for ever."""
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        yield time.time()
        await asyncio.sleep(max(0.0, seconds - (clock() - begun)))
