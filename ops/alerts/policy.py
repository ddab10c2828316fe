"""Who hears when: groups, inhibitions, repetitions and times of maintenance, from the file that Alertmanager reads.

What of it `looma watch` does not know is refused, but for receivers: those are in the settings.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from ops.alerts.intervals import Interval, interval
from ops.alerts.promql import QueryError
from ops.alerts.rules import bounded_text, seconds

OWN_POLICY = Path(__file__).with_name("alertmanager.yaml")
MAX_MATCHER = 500
_MATCHER = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"([^"\\]*)"|([^\s"\\]*))\s*')
_ROUTE = {"receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "routes"}
_BRANCH = {"receiver", "matchers", "mute_time_intervals", "active_time_intervals"}
_INHIBITION = {"source_matchers", "target_matchers", "equal"}


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition for the value of a label; one that is not there is empty."""

    name: str
    sign: Literal["=", "!=", "=~", "!~"]
    value: str

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds."""
        found = labels.get(self.name, "")
        is_it = _pattern(self.value).fullmatch(found) is not None if "~" in self.sign else found == self.value
        return is_it != self.sign.startswith("!")

    def __str__(self) -> str:
        return f'{self.name}{self.sign}"{self.value}"'


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)


def matcher(text: str) -> Matcher:
    """Return a matcher as Alertmanager writes it, `alertname =~ "A|B"`. Raises QueryError."""
    found = _MATCHER.fullmatch(text[:MAX_MATCHER])
    if not found:
        raise QueryError(f"{text[:80]!r} is no matcher, as alertname=LoomaNoEvents is")
    name, sign, quoted, bare = found.groups()
    made = Matcher(name, sign, quoted if quoted is not None else bare)  # type: ignore[arg-type]
    try:
        _pattern(made.value if "~" in sign else "")
    except re.error as error:
        raise QueryError(f"{text[:80]!r}: {error}") from None
    return made


def takes(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether all of them hold."""
    return all(each.takes(labels) for each in matchers)


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert that is a `source` fires, a `target` is not told that agrees with it in the labels `equal`."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def holds_back(self, alert: Mapping[str, str], firing: Iterable[Mapping[str, str]]) -> bool:
        """Whether an alert is not to be told; what is both source and target never inhibits itself."""
        if not takes(self.target, alert):
            return False
        is_source = takes(self.source, alert)
        return any(
            takes(self.source, other)
            and all(other.get(name, "") == alert.get(name, "") for name in self.equal)
            and not (is_source and takes(self.target, other))
            for other in firing
        )


@dataclass(frozen=True, slots=True)
class Route:
    """Alerts that are told at times of their own."""

    matchers: tuple[Matcher, ...]
    muted: tuple[Interval, ...]
    active: tuple[Interval, ...]

    def is_muted(self, at: datetime) -> bool:
        """Whether nothing of it is told at a time."""
        is_active = not self.active or any(each.holds(at) for each in self.active)
        return not is_active or any(each.holds(at) for each in self.muted)


@dataclass(frozen=True, slots=True)
class Policy:
    """The labels that make a group, the waits of Alertmanager in seconds, and what holds back what."""

    group_by: tuple[str, ...]
    group_wait: float
    group_interval: float
    repeat_interval: float
    inhibitions: Sequence[Inhibition]
    routes: Sequence[Route] = ()

    def group_of(self, labels: Mapping[str, str]) -> tuple[object, ...]:
        """Return what alerts of one notice have in common."""
        return (self._route_of(labels), *(labels.get(name, "") for name in self.group_by))

    def is_muted(self, labels: Mapping[str, str], at: datetime) -> bool:
        """Whether an alert is in a time of maintenance."""
        route = self._route_of(labels)
        return route is not None and self.routes[route].is_muted(at)

    def _route_of(self, labels: Mapping[str, str]) -> int | None:
        """Return the first route that takes an alert; None for that of all others."""
        return next((number for number, each in enumerate(self.routes) if takes(each.matchers, labels)), None)

    def is_inhibited(self, alert: Mapping[str, str], firing: Sequence[Mapping[str, str]]) -> bool:
        """Whether another alert that fires holds this one back."""
        return any(each.holds_back(alert, firing) for each in self.inhibitions)


def read_policy(path: Path) -> Policy:
    """Return what an Alertmanager configuration says. Raises QueryError for what is not known here, OSError."""
    text = bounded_text(path)
    try:
        content = yaml.safe_load(text)
        route, inhibitions = content["route"], content.get("inhibit_rules", [])
        _only_known(path, route, _ROUTE)
        times = {
            each["name"]: tuple(map(interval, each["time_intervals"])) for each in content.get("time_intervals", [])
        }
        return Policy(
            group_by=tuple(route.get("group_by", ())),
            group_wait=seconds(route.get("group_wait", "30s")),
            group_interval=seconds(route.get("group_interval", "5m")),
            repeat_interval=seconds(route.get("repeat_interval", "4h")),
            inhibitions=[_inhibition(path, each) for each in inhibitions],
            routes=[_route(path, each, times) for each in route.get("routes", [])],
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise QueryError(f"{path} is no configuration of Alertmanager: {type(error).__name__}") from None


def _route(path: Path, written: Mapping[str, Any], times: Mapping[str, tuple[Interval, ...]]) -> Route:
    _only_known(path, written, _BRANCH)
    muted, active = (written.get(f"{kind}_time_intervals", []) for kind in ("mute", "active"))
    if unknown := sorted({*muted, *active} - set(times)):
        raise QueryError(f"{path}: there are no time_intervals of the name {', '.join(unknown)}")
    return Route(
        tuple(map(matcher, written.get("matchers", []))),
        tuple(each for name in muted for each in times[name]),
        tuple(each for name in active for each in times[name]),
    )


def _inhibition(path: Path, written: Mapping[str, Any]) -> Inhibition:
    _only_known(path, written, _INHIBITION)
    source, target = (tuple(map(matcher, written[f"{side}_matchers"])) for side in ("source", "target"))
    return Inhibition(source, target, tuple(written.get("equal", ())))


def _only_known(path: Path, written: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(written) - known):
        raise QueryError(f"{path}: {', '.join(unknown)} is not supported by `looma watch`")
