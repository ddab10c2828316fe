"""The rules as `looma watch` evaluates them: the same cases that promtool runs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.alerts import templates
from ops.alerts.history import History, Selection
from ops.alerts.promql import QueryError
from ops.alerts.rules import NOT_HERE, OWN_RULES, Evaluation, asked_for, read_rules, seconds
from tests.support.promql_scripts import load

ALERT_TESTS = Path(__file__).parents[3] / "compose" / "prometheus" / "alerts.test.yaml"
CASES = yaml.safe_load(ALERT_TESTS.read_text("utf-8"))["tests"]


def written(tmp_path: Path, rule: dict[str, Any]) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}))
    return file


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_alerts_fire_when_promtool_says_so_with_the_same_words(case: dict[str, Any]) -> None:
    """Four times as often as the case's samples come: nothing may depend on how often rules are evaluated."""
    history = History()
    for given in case["input_series"]:
        load(history, seconds(case["interval"]), f"{given['series']} {given['values']}")
    asked = {check["alertname"] for check in case["alert_rule_test"]}
    evaluation, now = Evaluation([rule for rule in read_rules(OWN_RULES) if rule.name in asked]), 0.0
    for check in sorted(case["alert_rule_test"], key=lambda check: seconds(check["eval_time"])):
        while now <= seconds(check["eval_time"]):
            evaluation.turn(history, now)
            now += 15
        expected = [
            ({**alert["exp_labels"], "alertname": check["alertname"]}, alert["exp_annotations"])
            for alert in check["exp_alerts"]
        ]
        firing = [(dict(a.labels), a.annotations) for a in evaluation.firing() if a.name == check["alertname"]]
        assert sorted(map(str, map(sorted_pairs, firing))) == sorted(map(str, map(sorted_pairs, expected)))


def sorted_pairs(alert: tuple[dict[str, str], dict[str, str]]) -> list[list[tuple[str, str]]]:
    return [sorted(part.items()) for part in alert]


def test_an_alert_waits_fires_and_is_over(tmp_path: Path) -> None:
    rules = read_rules(written(tmp_path, {"alert": "A", "expr": "x > 1", "for": "1m", "labels": {"severity": "s"}}))
    history, evaluation = History(), Evaluation(rules)
    load(history, 60, 'x{a="b"} 0 2x3 0')
    seen = []
    for minute in range(6):
        over = evaluation.turn(history, 60.0 * minute)
        seen.append(([alert.state for alert in evaluation.active.values()], [alert.name for alert in over]))
    assert seen == [([], []), (["pending"], []), (["firing"], []), (["firing"], []), (["firing"], []), ([], ["A"])]


def test_samples_are_kept_as_long_as_a_rule_asks_for_them_and_no_others_are(tmp_path: Path) -> None:
    rule = {"alert": "A", "expr": 'x{a="b"} unless last_over_time(x{a="b"}[10m] offset 5m) and rate(y[2m]) > 0'}
    history = History(asked_for(read_rules(written(tmp_path, rule))))
    for series in ('x{a="b"} 1x60', 'x{a="c"} 1x60', "y 1x60", "z 1x60"):
        load(history, 60, series)
    history.prune(3600)
    kept = {(s.name, of): len(samples) for s in map(named, "xyz") for of, samples in history.within(s, 3600, 9e9)}
    assert {(name, dict(of).get("a")): count for (name, of), count in kept.items()} == {
        ("x", "b"): 20,  # 15 minutes, and what may be old
        ("y", None): 7,
    }


def test_a_rule_that_asks_by_labels_alone_may_mean_any_series(tmp_path: Path) -> None:
    history = History(asked_for(read_rules(written(tmp_path, {"alert": "A", "expr": '{job="x"} > 0'}))))
    for series in ('a{job="x"} 1', 'b{job="x"} 1', 'c{job="y"} 1'):
        load(history, 60, series)
    assert [name for name in "abc" if list(history.latest(named(name), 0))] == ["a", "b"]


def named(name: str) -> Selection:
    return Selection(name, [])


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"alert": "A", "expr": "topk(1, x)"}, "topk is not supported"),
        ({"alert": "A", "expr": "x", "for": "soon"}, "no duration"),
        ({"alert": "A", "expr": "x", "annotations": {"summary": "{{ printf $value }}"}}, "only .labels"),
        ({"alert": "A", "expr": "x", "annotations": {"summary": "{{ $value | title }}"}}, "only .labels"),
        ({"record": "x:y", "expr": "x"}, "recording rules"),
        ({"alert": "A"}, "no rules"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_refused_when_it_is_read(
    tmp_path: Path, rule: dict[str, Any], why: str
) -> None:
    with pytest.raises(QueryError, match=why):
        read_rules(written(tmp_path, rule))


# From the tests of Prometheus' templates (template/template_test.go, Apache-2.0).
@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (1234567.0, "1.235M"), (0.12, "120m"), (-1234567.0, "-1.235M"), (float("inf"), "+Inf")],
)
def test_numbers_are_humanized_as_prometheus_does(value: float, text: str) -> None:
    assert templates.humanize(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0s"), (1.0, "1s"), (60.0, "1m 0s"), (3600.0, "1h 0m 0s"), (86400.0, "1d 0h 0m 0s"),
        (86400.0 + 3600, "1d 1h 0m 0s"), (-(86400.0 * 2 + 3600 * 3 + 60 * 4 + 5), "-2d 3h 4m 5s"), (899.99, "14m 59s"),
        (0.1, "100ms"), (0.0001, "100us"), (0.12345, "123.5ms"), (60.1, "1m 0s"), (12.345, "12.35s"),
    ],
)  # fmt: skip
def test_durations_are_humanized_as_prometheus_does(value: float, text: str) -> None:
    assert templates.humanize_duration(value) == text


@pytest.mark.parametrize("page", ["runbook.md", "runbook.zh.md"])
def test_each_alert_has_a_section_in_the_runbook_that_it_leads_to(page: str) -> None:
    rules = read_rules(OWN_RULES)
    text = (ALERT_TESTS.parents[2] / "docs" / "guides" / page).read_text("utf-8")
    sections = dict(zip(*[iter(re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert list(sections)
    assert set(sections) == {rule.name for rule in rules}
    for rule in rules:
        assert rule.annotations["runbook"] == f"docs/guides/runbook.md#{rule.name.lower()}"
        assert "\n1. " in sections[rule.name], "what to do, in order"
        is_critical = rule.labels["severity"] == "critical"
        assert re.search(r"\*(critical|严重)\*", sections[rule.name]) is not None if is_critical else True


def test_the_dashboard_counts_availability_and_workers_as_the_alerts_do() -> None:
    dashboard = json.loads((ALERT_TESTS.parents[1] / "grafana" / "dashboards" / "looma.json").read_text("utf-8"))
    shown = {p["title"]: [t["expr"] for t in p.get("targets", ()) if "expr" in t] for p in dashboard["panels"]}
    groups = yaml.safe_load(OWN_RULES.read_text("utf-8"))["groups"]
    asked = {rule["alert"]: " ".join(rule["expr"].split()) for group in groups for rule in group["rules"]}
    for burns, alert in zip(
        shown["Burn of the error budget"], ("LoomaAvailabilityBurns", "LoomaAvailabilityBurnsSlowly"), strict=True
    ):
        assert asked[alert].startswith(burns.removesuffix(" / 0.001"))
    jobs = re.compile(r'job="([\w-]+)"')
    assert set(jobs.findall(" ".join(shown["Workers reporting"]))) == set(jobs.findall(asked["LoomaWorkerDown"]))


def test_watch_knows_no_numbers_of_workers() -> None:
    left_out = {r.name for r in read_rules(OWN_RULES)} - {r.name for r in read_rules(OWN_RULES, NOT_HERE)}
    assert left_out == {"LoomaWorkerDown", "LoomaWorkersFew"}


def test_a_rule_that_fails_keeps_its_alerts_and_holds_up_no_other(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    rules = [{"alert": "A", "expr": "x + on () y"}, {"alert": "B", "expr": "x"}]
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}))
    history, evaluation = History(), Evaluation(read_rules(file))
    load(history, 60, "x 1x9")
    load(history, 60, "y 1x9")
    load(history, 60, 'x{a="b"} _ 1x9')
    assert evaluation.turn(history, 0) == []
    assert sorted(alert.name for alert in evaluation.firing()) == ["A", "B"]
    assert evaluation.turn(history, 60) == []
    assert sorted(alert.name for alert in evaluation.firing()) == ["A", "B", "B"]
