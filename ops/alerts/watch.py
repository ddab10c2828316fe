"""Looks at workers, evaluates the rules and tells receivers, again and again."""

import asyncio
import time
from collections.abc import Sequence
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


class Watch:
    """One look after another."""

    def __init__(self, settings: AlertSettings, receivers: Sequence[ReceiverSettings], rules: Sequence[Rule]) -> None:
        self.history = History(keep_seconds(rules), names_asked_for(rules))
        self.evaluation = Evaluation(rules)
        self._interval_seconds = settings.interval_seconds
        wait, assumed = min(10.0, settings.interval_seconds), keep_seconds(rules) / 2
        self._targets = [Target(url, wait, assumed) for url in settings.targets]
        self._desks = [Desk(receiver, settings.repeat_hours * 3600) for receiver in receivers]

    async def run(self) -> None:
        """Look until cancelled."""
        clock = asyncio.get_running_loop().time
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                begun = clock()
                await self.turn(session, time.time())
                await asyncio.sleep(max(0.0, self._interval_seconds - (clock() - begun)))

    async def turn(self, session: aiohttp.ClientSession, now: float) -> None:
        """Look once."""
        await scrape_all(self._targets, session, self.history, now)
        self.history.prune(now)
        before = {(a.name, a.labels) for a in self.evaluation.firing()}
        over = self.evaluation.turn(self.history, now)
        alerts = [told(alert) for alert in self.evaluation.firing()]
        for alert in self.evaluation.firing():
            if (alert.name, alert.labels) not in before:
                logger.warning("alert: {}", told(alert).line)
        for alert in over:
            logger.info("alert is over: {}", told(alert).line)
        await asyncio.gather(*(desk.tell(alerts, now, session) for desk in self._desks))
