"""Looks at workers, evaluates the rules and tells receivers, again and again."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from loguru import logger

from ops.alerts.history import History, Labels
from ops.alerts.notice import Told
from ops.alerts.policy import Policy
from ops.alerts.rules import Alert, Evaluation, Rule, asked_for
from ops.alerts.scrape import Target, scrape_all
from ops.alerts.send import tell, wanted
from ops.alerts.silences import InFolder, SilenceError, silenced
from schemas.settings import AlertSettings, ReceiverSettings

ASSUMED_SECONDS = 40 * 60.0
"""For how long what is there at the first look is taken to have been there: longer than LoomaDeadLetters looks back."""


@dataclass
class _Group:
    """What one receiver has been told of alerts that belong together."""

    since: float
    sent: float | None = None
    told: dict[Labels, Told] = field(default_factory=dict)


class Desk:
    """What one receiver has been told, in groups and at times as Alertmanager does.

    What it did not take, it is told again at the next turn.
    """

    def __init__(self, receiver: ReceiverSettings, policy: Policy) -> None:
        self.receiver = receiver
        self._policy = policy
        self._groups: dict[tuple[object, ...], _Group] = {}

    async def tell(
        self, alerts: Sequence[Told], held: Collection[Labels], now: float, session: aiohttp.ClientSession
    ) -> None:
        """Tell of each group that has something new, or was told long ago, once it has waited as long as it should.

        `held`: alerts that fire and are not to be told; they are not over either.
        """
        firing: dict[tuple[object, ...], dict[Labels, Told]] = {}
        for alert in wanted(self.receiver, alerts):
            firing.setdefault(self._policy.group_of(alert.labels), {})[frozenset(alert.labels.items())] = alert
        for key in firing.keys() - self._groups.keys():
            self._groups[key] = _Group(now)
        for key, group in list(self._groups.items()):
            await self._tell(group, firing.get(key, {}), held, now, session)
            if key not in firing and not group.told:
                del self._groups[key]

    async def _tell(
        self,
        group: _Group,
        firing: Mapping[Labels, Told],
        held: Collection[Labels],
        now: float,
        session: aiohttp.ClientSession,
    ) -> None:
        at = datetime.fromtimestamp(now, UTC)
        group.told = {  # what ends in a time of maintenance ends silently
            key: each
            for key, each in group.told.items()
            if key in firing or key in held or not self._policy.is_muted(each.labels, at)
        }
        kept = {key: each for key, each in group.told.items() if key in held}
        over = [
            Told(each.labels, each.annotations, each.since, is_over=True)
            for key, each in group.told.items()
            if key not in firing and key not in held
        ]
        if group.sent is None:
            is_due = bool(firing) and now - group.since >= self._policy.group_wait
        else:
            has_news = bool(over) or bool(firing.keys() - group.told.keys())
            waited = now - group.sent
            is_due = waited >= (self._policy.group_interval if has_news else self._policy.repeat_interval)
        if is_due and await tell(self.receiver, [*firing.values(), *over], session):
            group.sent, group.told = now, {**kept, **firing}


def told(alert: Alert) -> Told:
    """Return an alert as people are told of it."""
    return Told(dict(alert.labels), alert.annotations, datetime.fromtimestamp(alert.since, UTC))


class Lookout:
    """What workers show, and what the rules make of it."""

    def __init__(self, settings: AlertSettings, rules: Sequence[Rule]) -> None:
        self.history = History(asked_for(rules))
        self.evaluation = Evaluation(rules)
        wait = min(10.0, settings.interval_seconds)
        self.targets = [Target(url, wait, ASSUMED_SECONDS) for url in settings.targets]

    async def look(self, session: aiohttp.ClientSession, now: float) -> list[Alert]:
        """Look once; return the alerts that were firing and are over."""
        await scrape_all(self.targets, session, self.history, now)
        self.history.prune(now)
        return self.evaluation.turn(self.history, now)


class Watch(Lookout):
    """Looks, and tells receivers."""

    def __init__(
        self,
        settings: AlertSettings,
        receivers: Sequence[ReceiverSettings],
        rules: Sequence[Rule],
        policy: Policy,
        silences: InFolder,
    ) -> None:
        super().__init__(settings, rules)
        self._interval_seconds = settings.interval_seconds
        self._policy = policy
        self._silences = silences
        self._desks = [Desk(receiver, policy) for receiver in receivers]

    async def run(self) -> None:
        """Look until cancelled."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            async for now in ticks(self._interval_seconds):
                await self.turn(session, now)

    async def turn(self, session: aiohttp.ClientSession, now: float) -> None:
        """Look once, and tell."""
        before = {(a.name, a.labels) for a in self.evaluation.firing()}
        over = await self.look(session, now)
        for alert in self.evaluation.firing():
            if (alert.name, alert.labels) not in before:
                logger.warning("alert: {}", told(alert).line)
        for alert in over:
            logger.info("alert is over: {}", told(alert).line)
        firing = [told(alert) for alert in self.evaluation.firing()]
        alerts = self._to_tell(firing, now)
        held = {frozenset(each.labels.items()) for each in firing if each not in alerts}
        await asyncio.gather(*(desk.tell(alerts, held, now, session) for desk in self._desks))

    def _to_tell(self, firing: Sequence[Told], now: float) -> list[Told]:
        """Return the alerts that fire, without those that another holds back or that nobody wants to hear of now."""
        try:
            silences = self._silences.read()
        except (SilenceError, OSError) as error:
            logger.error("nothing is silenced: {}", error)
            silences = []
        at = datetime.fromtimestamp(now, UTC)
        labels = [each.labels for each in firing]
        return [
            each
            for each in firing
            if not self._policy.is_inhibited(each.labels, labels)
            and not self._policy.is_muted(each.labels, at)
            and not silenced(each.labels, silences, at)
        ]


async def ticks(seconds: float) -> AsyncIterator[float]:
    """Yield the time, at most every so many seconds, for ever."""
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        yield time.time()
        await asyncio.sleep(max(0.0, seconds - (clock() - begun)))
