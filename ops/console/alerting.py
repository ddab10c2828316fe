"""How each alert rule stands: by the console's own look at the workers, or by the Prometheus that the settings name.

The rules are those of `looma watch`, evaluated as it does. What was seen is in this process, and bounded as there. The
look is in a thread with an event loop of its own: reading pages and evaluating rules would hold up requests.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import aiohttp
from loguru import logger
from pydantic import BaseModel, Field, ValidationError

from ops.alerts.bodies import body_of
from ops.alerts.promql import QueryError
from ops.alerts.rules import NOT_HERE, OWN_RULES, Alert, Rule, read_rules
from ops.alerts.tls import AlertTlsError, connector
from ops.alerts.watch import Lookout, ticks
from schemas.settings import AlertSettings

State = Literal["firing", "pending", "quiet", "unknown"]
_ORDER: Mapping[State, int] = {"firing": 0, "pending": 1, "unknown": 2, "quiet": 3}
_SEVERITIES = ("critical", "warning")
MAX_BODY = 4 * 1024 * 1024
ASK_SECONDS = 5.0
MAX_SHOWN = 100
"""Alerts of one rule that are shown, those that have lasted longest."""
_SHOWN_ELSEWHERE = frozenset(("alertname", "severity"))


class Shown(NamedTuple):
    """An alert as people are shown it. `is_firing`, or it has not lasted long enough yet."""

    labels: list[tuple[str, str]]
    summary: str
    description: str
    value: float
    since: datetime
    is_firing: bool


class Standing(NamedTuple):
    """A rule and how it stands. `problem` says why that is not known."""

    rule: Rule
    state: State
    alerts: list[Shown]
    problem: str = ""

    @property
    def severity(self) -> str:
        """How grave it is."""
        return self.rule.labels.get("severity", "")


class Board(NamedTuple):
    """All rules, those that fire first; what was looked at (an address, and whether it answers), and what is wrong."""

    rules: list[Standing]
    looked_at: list[tuple[str, bool | None]]
    by_prometheus: bool
    problem: str = ""


class Alerts(Protocol):
    """Says how the rules stand."""

    async def board(self) -> Board:
        """Return how they stand now."""
        ...


def shown(
    labels: Iterable[tuple[str, str]], annotations: Mapping[str, str], value: float, since: datetime, *, is_firing: bool
) -> Shown:
    """Return an alert as it is shown, without what its rule says already."""
    told = sorted(each for each in labels if each[0] not in _SHOWN_ELSEWHERE)
    return Shown(
        told, annotations.get("summary", ""), annotations.get("description", ""), value, since, is_firing=is_firing
    )


def standing(rule: Rule, alerts: Sequence[Shown], problem: str = "") -> Standing:
    """Return how a rule stands by its alerts."""
    state: State = "unknown" if problem else "quiet"
    if alerts:
        state = "firing" if any(each.is_firing for each in alerts) else "pending"
    ordered = sorted(alerts, key=lambda each: (not each.is_firing, each.since))
    return Standing(rule, state, ordered[:MAX_SHOWN], problem)


def ordered(rules: Iterable[Standing]) -> list[Standing]:
    """Return rules, those that fire first, of them the critical ones."""
    grave = {name: n for n, name in enumerate(_SEVERITIES)}
    return sorted(rules, key=lambda s: (_ORDER[s.state], grave.get(s.severity, len(grave)), s.rule.name))


class OwnLook:
    """The console's own look at the workers."""

    def __init__(self, settings: AlertSettings, rules: Sequence[Rule]) -> None:
        self._lookout = Lookout(settings, rules)
        self._interval_seconds = settings.interval_seconds

    async def board(self) -> Board:
        """Return what the last look has found; it is replaced as a whole by the next one."""
        active: dict[str, list[Alert]] = {}
        for alert in self._lookout.evaluation.active.values():
            active.setdefault(alert.name, []).append(alert)
        targets = [(target.url, target.is_up) for target in self._lookout.targets]
        unseen = "" if any(is_up for _, is_up in targets) else "unseen"
        found = (
            standing(rule, [_own(alert) for alert in active.get(rule.name, ())], unseen)
            for rule in self._lookout.evaluation.rules
        )
        return Board(ordered(found), targets, by_prometheus=False)

    async def run(self) -> None:
        """Look until cancelled."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            async for now in ticks(self._interval_seconds):
                try:
                    await self._lookout.look(session, now)
                except Exception as error:
                    logger.opt(exception=error).error("the console's look at the workers failed")


def _own(alert: Alert) -> Shown:
    since = datetime.fromtimestamp(alert.since, UTC)
    return shown(alert.labels, alert.annotations, alert.value, since, is_firing=alert.state == "firing")


class _Alert(BaseModel):
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    state: str
    active_at: datetime = Field(alias="activeAt")
    value: float


class _Rule(BaseModel):
    name: str
    alerts: list[_Alert] = []
    last_error: str = Field(default="", alias="lastError")


class _Group(BaseModel):
    rules: list[_Rule]


class _Groups(BaseModel):
    groups: list[_Group]


class _Answer(BaseModel):
    """https://prometheus.io/docs/prometheus/latest/querying/api/#rules"""

    data: _Groups


class OfPrometheus:
    """What Prometheus says of the same rules, asked whenever somebody looks."""

    def __init__(self, url: str, rules: Sequence[Rule], ca_file: Path | None = None) -> None:
        self._url = url.rstrip("/")
        self._ca_file = ca_file
        self._rules = rules

    async def board(self) -> Board:
        """Return how Prometheus has the rules; one that it does not have is unknown."""
        try:
            known = {rule.name: rule for group in await self._ask() for rule in group.rules}
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AlertTlsError) as error:
            rules = [standing(rule, [], "unseen") for rule in self._rules]
            return Board(ordered(rules), [(self._url, False)], True, type(error).__name__)
        rules = [_of(rule, known.get(rule.name)) for rule in self._rules]
        return Board(ordered(rules), [(self._url, True)], by_prometheus=True)

    async def _ask(self) -> list[_Group]:
        timeout, cookies = aiohttp.ClientTimeout(total=ASK_SECONDS), aiohttp.DummyCookieJar()
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=cookies, connector=connector(self._ca_file)) as session,
            session.get(f"{self._url}/api/v1/rules", params={"type": "alert"}, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            return _Answer.model_validate_json(await body_of(answer, MAX_BODY)).data.groups


def _of(rule: Rule, known: _Rule | None) -> Standing:
    if known is None:
        return standing(rule, [], "absent")
    alerts = [
        shown(a.labels.items(), a.annotations, a.value, a.active_at, is_firing=a.state == "firing")
        for a in known.alerts
    ]
    return standing(rule, alerts, "failed" if known.last_error else "")


class _Unreadable:
    """Rules that cannot be read, which hold up nothing else."""

    def __init__(self, problem: str) -> None:
        self._problem = problem

    async def board(self) -> Board:
        return Board([], [], by_prometheus=False, problem=self._problem)


@asynccontextmanager
async def open_alerts(settings: AlertSettings) -> AsyncIterator[Alerts]:
    """Look at the workers for the block, unless Prometheus does."""
    try:
        without = () if settings.prometheus else NOT_HERE
        rules = await asyncio.to_thread(read_rules, settings.rules or OWN_RULES, without)
    except (QueryError, OSError, ValidationError) as error:
        logger.error("the alert rules cannot be read: {}", error)
        yield _Unreadable(str(error))
        return
    if settings.prometheus:
        yield OfPrometheus(str(settings.prometheus), rules, settings.ca_file)
        return
    look = OwnLook(settings, rules)
    with _Thread(look):
        yield look


class _Thread:
    """Runs a look in a thread, with an event loop of its own."""

    def __init__(self, look: OwnLook) -> None:
        self._look = look
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._stopping: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._begun = threading.Event()

    def __enter__(self) -> None:
        self._thread.start()
        self._begun.wait()

    def __exit__(self, *_: object) -> None:
        assert self._stopping is not None
        loop, stop = self._stopping
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(ASK_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        stop = asyncio.Event()
        self._stopping = asyncio.get_running_loop(), stop
        self._begun.set()
        looking = asyncio.create_task(self._look.run())
        await stop.wait()
        looking.cancel()
        await asyncio.wait([looking])
