"""The file that Alertmanager reads, as `looma watch` understands it."""

from pathlib import Path

import pytest

from ops.alerts.policy import OWN_POLICY, matcher, read_policy
from ops.alerts.promql import QueryError


@pytest.mark.parametrize(
    ("text", "takes", "leaves"),
    [
        ('alertname = "A"', {"alertname": "A"}, {"alertname": "AB"}),
        ("alertname!=A", {}, {"alertname": "A"}),
        ('alertname =~ "A|B"', {"alertname": "B"}, {"alertname": "AB"}),
        ("alertname!~A.*", {"alertname": "B"}, {"alertname": "AB"}),
        ("topic=", {}, {"topic": "x"}),
    ],
)
def test_matchers_are_alertmanagers(text: str, takes: dict[str, str], leaves: dict[str, str]) -> None:
    assert matcher(text).takes(takes)
    assert not matcher(text).takes(leaves)
    assert matcher(str(matcher(text))) == matcher(text)


@pytest.mark.parametrize("text", ["", "A", "a-b=c", 'a="b', 'a=~"("', "a==b c"])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        matcher(text)


def test_an_alert_is_held_back_by_another_that_agrees_with_it_and_never_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yaml"
    file.write_text(
        "route: {receiver: x, group_by: [alertname]}\n"
        'inhibit_rules: [{source_matchers: [severity = "s"], target_matchers: [alertname =~ ".+"], equal: [topic]}]\n'
    )
    policy = read_policy(file)
    source, target = {"alertname": "A", "severity": "s", "topic": "t"}, {"alertname": "B", "topic": "t"}
    assert policy.is_inhibited(target, [source, target])
    assert not policy.is_inhibited({**target, "topic": "u"}, [source])
    assert not policy.is_inhibited(source, [source, {**source, "alertname": "C"}]), "it is both"
    assert (policy.group_wait, policy.repeat_interval) == (30, 4 * 3600), "Alertmanager's own"


@pytest.mark.parametrize(
    "text",
    [
        "- 1",
        "route: {routes: [{group_by: [a]}]}",
        "route: {}\ninhibit_rules: [{source_match: {a: b}}]",
        "route: {group_wait: soon}",
    ],
)
def test_what_would_be_understood_otherwise_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "alertmanager.yaml"
    file.write_text(text)
    with pytest.raises(QueryError):
        read_policy(file)
    assert read_policy(OWN_POLICY).inhibitions
