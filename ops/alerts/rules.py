"""Alert rules in Prometheus' own format, and which alerts they give as time goes on."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from loguru import logger

from ops.alerts import templates
from ops.alerts.history import LOOKBACK_SECONDS, NAME, History, Labels, Selection
from ops.alerts.promql import QueryError, evaluate, parsed, selections_in

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
MAX_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """An expression whose series are alerts once they have lasted for `wait_seconds`."""

    name: str
    expression: Any
    wait_seconds: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(slots=True)
class Alert:
    """What a rule has found; `labels` tell it from others. It is firing once it has lasted long enough."""

    name: str
    labels: Labels
    annotations: Mapping[str, str]
    value: float
    since: float
    state: Literal["pending", "firing"] = "pending"


def seconds(text: str) -> float:
    """Return a duration in seconds, as `1h30m`. Raises QueryError."""
    found = _DURATION.fullmatch(str(text))
    if not found or not any(found.groups()):
        raise QueryError(f"{text!r} is no duration, as 10m is")
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60.0 + rest


OWN_RULES = Path(__file__).with_name("alerts.yaml")
NOT_HERE = frozenset({"compose"})
"""Groups of rules about what `looma watch` does not know: how many workers there should be. It has their addresses."""


def bounded_text(path: Path) -> bytes:
    """Return what a file holds that somebody wrote for alerts. Raises QueryError for one that is too long, OSError."""
    text = path.read_bytes()
    if len(text) > MAX_FILE_BYTES:
        raise QueryError(f"{path} has more than {MAX_FILE_BYTES} bytes")
    return text


def read_rules(path: Path, without: Collection[str] = ()) -> list[Rule]:
    """Return the alert rules of a file, without those of some groups.

    Raises QueryError for what cannot be evaluated here, OSError.
    """
    text = bounded_text(path)
    try:
        content = yaml.safe_load(text)
        written = [rule for group in content["groups"] if group["name"] not in without for rule in group["rules"]]
        found = [_rule(rule) for rule in written if "alert" in rule]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise QueryError(f"{path} holds no rules: {type(error).__name__}") from None
    if len(found) < len(written):
        raise QueryError(f"{path} has recording rules, which are not supported")
    return found


def _rule(written: Mapping[str, Any]) -> Rule:
    for text in written.get("annotations", {}).values():
        templates.check(text)
    return Rule(
        name=str(written["alert"]),
        expression=parsed(written["expr"]),
        wait_seconds=seconds(written.get("for", "0s")),
        labels={name: str(value) for name, value in written.get("labels", {}).items()},
        annotations=dict(written.get("annotations", {})),
    )


def asked_for(rules: Sequence[Rule]) -> list[tuple[Selection, float]]:
    """Return which series rules ask for, and how old a sample of each may be of which one may still ask."""
    asked = (each for rule in rules for each in selections_in(rule.expression))
    return [(selection, LOOKBACK_SECONDS + back) for selection, back in asked]


@dataclass
class Evaluation:
    """Rules and what they have found so far; one that fails holds up no other."""

    rules: Sequence[Rule]
    active: dict[tuple[str, Labels], Alert] = field(default_factory=dict)

    def turn(self, history: History, at: float) -> list[Alert]:
        """Evaluate all rules; return the alerts that were firing and are over."""
        found: dict[tuple[str, Labels], Alert] = {}
        for rule in self.rules:
            try:
                found |= {(alert.name, alert.labels): alert for alert in self._of(rule, history, at)}
            except QueryError as error:  # two series where there should be one: its alerts stay as they were
                logger.error("{} cannot be evaluated: {}", rule.name, error.message)
                found |= {key: alert for key, alert in self.active.items() if alert.name == rule.name}
        over = [alert for key, alert in self.active.items() if key not in found and alert.state == "firing"]
        self.active = found
        return over

    def firing(self) -> list[Alert]:
        """Return the alerts that people should know of."""
        return [alert for alert in self.active.values() if alert.state == "firing"]

    def _of(self, rule: Rule, history: History, at: float) -> Iterator[Alert]:
        result = evaluate(rule.expression, history, at)
        vector = {frozenset[tuple[str, str]](): result} if isinstance(result, float) else result
        for series, value in vector.items():
            told = {name: text for name, text in series if name != NAME}
            labels = frozenset({**told, **rule.labels, "alertname": rule.name}.items())
            before = self.active.get((rule.name, labels))
            since = before.since if before else at
            texts = {name: templates.filled(text, told, value) for name, text in rule.annotations.items()}
            lasted = at - since >= rule.wait_seconds
            yield Alert(rule.name, labels, texts, value, since, "firing" if lasted else "pending")
