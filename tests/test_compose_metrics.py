"""Compose's dashboards and alerts: they ask for what the running meter tells, and say what it means."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from promql_labels import labels_of, parsed, selectors, thresholds
from promql_parser import MatchOp

from ops.alerts.policy import OWN_POLICY, read_policy
from ops.alerts.rules import seconds
from ops.alerts.scrape import samples
from ops.faults.lookout import LOOK_SECONDS
from ops.runtime.settings import variable
from ops.runtime.telemetry import EXPORT_SECONDS
from schemas.settings import Settings, fields
from tests.support.compose import COMPOSE, ROOT, STACK, run, strings, without_variables, yaml_of

DASHBOARDS = sorted((COMPOSE / "grafana" / "dashboards").glob("*.json"))
DATASOURCES = yaml_of(COMPOSE / "grafana" / "provisioning" / "datasources" / "looma.yaml")["datasources"]
ALERTS = ROOT / "ops" / "alerts" / "alerts.yaml"
RULES = [rule for group in yaml_of(ALERTS)["groups"] for rule in group["rules"]]
RULE_TESTS = yaml_of(COMPOSE / "prometheus" / "alerts.test.yaml")["tests"]


@pytest.fixture(scope="module")
def meter() -> dict[str, Any]:
    """What the running meter tells, and how a worker's page shows it."""
    command = [sys.executable, str(ROOT / "tests" / "running_meter.py")]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def series(meter: dict[str, Any]) -> dict[str, Any]:
    """Every series of the running meter, and the one that Prometheus itself makes of each target."""
    return {**meter["series"], "up": {"labels": ["instance", "job"], "values": {}}}


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The `job` of each kind of worker's series, by the service that runs it: from the name that its process gives."""
    from connectors.resumes import understanding as resumes
    from ops.runtime import worker
    from streams import chat_app

    told: list[str] = []
    for module, name in ((worker, "create_app"), (worker, "create_resume_app"), (chat_app, "create_chat_app")):
        monkeypatch.setattr(module, name, lambda *_: None)
    monkeypatch.setattr(resumes, "ResumeUnderstanding", lambda *_: None)
    monkeypatch.setattr(worker, "_run", lambda _settings, _app, service, _guard: told.append(f"looma-{service}"))
    guard: Any = None
    open_model: Any = None
    worker.run(Settings(), None, open_model, guard)
    worker.run_resumes(Settings(), guard)
    worker.run_chat(Settings(), guard)
    for name in ("resumes", "chat"):
        assert f"looma worker --{name}" in " ".join(STACK["services"][name]["command"])
    return dict(zip(("worker", "resumes", "chat"), told, strict=True))


def _holds(expression: str, series: Mapping[str, Any], kinds: Iterable[str] = ()) -> None:
    """Refuse an expression that asks for what the running meter never tells."""
    tree = parsed(expression)
    result = labels_of(tree, series) or set()
    used = list(selectors(tree))
    assert used, expression
    for selector in used:
        several = {"topic", "stage"} <= set(series[selector.name]["labels"]) and "topic" in result
        assert not several or "stage" in result, f"the stages of a topic are not told apart: {expression}"
        for matcher in selector.matchers.matchers:
            if matcher.op in (MatchOp.NotEqual, MatchOp.NotRe):
                continue  # it may be absent
            if matcher.name == "le":
                bounds = {float(bound) for bound in matcher.value.split("|")}
                assert bounds <= set(series[selector.name]["buckets"]), expression
                continue
            if matcher.name == "job" and matcher.op == MatchOp.Re:
                assert all(re.fullmatch(matcher.value, kind) for kind in kinds), f"a job is left out: {expression}"
                continue
            values = (
                _jobs(selector.name, kinds) if matcher.name == "job" else series[selector.name]["values"][matcher.name]
            )
            assert matcher.value in values, f"no {matcher.name} is {matcher.value}: {expression}"
    for name, threshold in thresholds(tree):
        assert threshold < series[name]["buckets"][-1], f"{name} never tells more than its last bucket: {expression}"


def _jobs(metric: str, kinds: Iterable[str]) -> set[str]:
    """Return who tells a metric: `up` is Prometheus's own, of each page that it reads."""
    read = yaml_of(COMPOSE / "prometheus" / "prometheus.yaml")["scrape_configs"] if metric == "up" else ()
    return {*kinds, *(each["job_name"] for each in read)}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda p: p.name)
def test_a_dashboard_shows_what_the_meter_tells_from_provisioned_datasources(
    path: Path, series: dict[str, Any], kinds: dict[str, str]
) -> None:
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    provisioned = {(source["type"], source["uid"]) for source in DATASOURCES}
    queried = [target for panel in dashboard["panels"] for target in panel.get("targets", [])]
    for item in [*queried, *(panel for panel in dashboard["panels"] if "datasource" in panel)]:
        assert (item["datasource"]["type"], item["datasource"]["uid"]) in provisioned
    for target in queried:
        if "expr" in target:
            _holds(target["expr"], series, kinds.values())
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            result = labels_of(parsed(target["expr"]), series)
            assert shown == result, f"lines of {target['expr']} are told apart by {result}, their legend says {shown}"
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    for target in queried:
        variables = set(re.findall(r"\$(\w+)", target.get("query", "")))
        assert variables <= declared, target


def test_an_event_is_found_by_its_id_under_the_attribute_that_spans_carry() -> None:
    from schemas.semconv import EVENT_ID

    dashboard = json.loads((COMPOSE / "grafana" / "dashboards" / "looma.json").read_text(encoding="utf-8"))
    queries = [target.get("query") for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert f'{{ .{EVENT_ID} = "$event_id" }}' in queries
    assert {variable["name"] for variable in dashboard["templating"]["list"]} == {"event_id", "trace_id"}


def test_every_metric_is_on_a_dashboard(series: dict[str, Any]) -> None:
    shown = " ".join(path.read_text(encoding="utf-8") for path in DASHBOARDS)
    for name in series.keys() - {"up"}:
        part = re.sub(r"_(count|sum)$", "_bucket", name)
        assert name in shown or (part in series and part in shown), name


def test_a_workers_page_shows_the_same_series_as_its_collector_is_told(meter: dict[str, Any]) -> None:
    shown: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(meter["page"]):
        for sample in family.samples:
            shown.setdefault(sample.name, set()).update(sample.labels)
    shown.pop("target_info")
    told = {name: set(each["labels"]) - {"job", "instance"} for name, each in meter["series"].items()}
    assert shown == told
    assert {name for name, _, _ in samples(meter["page"])} == {*told, "target_info"}, "as `looma watch` reads it"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool")
def test_prometheus_can_read_a_workers_page(meter: dict[str, Any]) -> None:
    command = ["promtool", "check", "metrics"]
    done = subprocess.run(command, input=meter["page"], capture_output=True, text=True, timeout=60, check=False)
    assert "error while linting" not in done.stderr + done.stdout
    assert done.returncode in (0, 3), done.stderr  # 3: names that it would have chosen otherwise


def test_datasources_have_unique_uids_and_point_at_services_and_each_other(series: dict[str, Any]) -> None:
    uids = [source["uid"] for source in DATASOURCES]
    assert len(uids) == len(set(uids))
    for source in DATASOURCES:
        assert re.fullmatch(r"https://(\w+):\d+", source["url"])
        assert source["jsonData"]["tlsAuthWithCACert"]
        assert source["secureJsonData"] == {"tlsCACert": "$__file{/run/secrets/ca.pem}"}
        assert source["url"].split("/")[2].split(":")[0] in STACK["services"]
        for key, value in strings(source["jsonData"]):
            if key == "datasourceUid":
                assert value in uids
            if key == "query":
                _holds(value, series)
    tempo = next(source for source in DATASOURCES if source["type"] == "tempo")
    assert tempo["jsonData"]["traceqlEnabled"]
    assert tempo["jsonData"]["tracesToMetrics"]["queries"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_the_meter_tells_and_says_what_it_means(
    rule: dict[str, Any], series: dict[str, Any], kinds: dict[str, str]
) -> None:
    _holds(rule["expr"], series, kinds.values())
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"]
    told = labels_of(parsed(rule["expr"]), series)
    for text in rule["annotations"].values():
        assert set(re.findall(r"\$labels\.(\w+)", text)) <= told, text


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("rate(looma_retry_total[5m])", "no metric"),
        ("sum by (entity) (rate(looma_retries_total[5m]))", "no label"),
        ("looma_retries_total{partition='1'}", "no label"),
        ("sum by (topic) (sum by (stage) (looma_consumer_lag))", "no label"),
        ("looma_consumer_lag and on (stage) looma_retries_total", "no label"),
        ("looma_consumer_lag > 0 unless looma_events_processed_total", "never matches"),
        ("sum by (job) (looma_consumer_lag or vector(0))", "no label"),
        ("sum by (topic) (rate(looma_events_processed_total[5m]))", "not told apart"),
        ("histogram_quantile(0.9, sum by (topic) (rate(looma_batch_size_bucket[5m])))", "no label"),
        ("histogram_quantile(0.9, sum by (le) (rate(looma_batch_size_bucket[5m]))) > 10000", "last bucket"),
        ("count(looma_consumer_lag{job='looma-wroker'})", "no job"),
    ],
)
def test_an_expression_that_can_never_hold_is_refused(expression: str, why: str, series: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=why):
        _holds(expression, series, ["looma-worker"])


def test_the_series_of_the_alerts_tests_are_the_meters(series: dict[str, Any]) -> None:
    for case in RULE_TESTS:
        for given in case["input_series"]:
            selector = parsed(given["series"])
            assert {m.name for m in selector.matchers.matchers} == set(series[selector.name]["labels"]), given
            for bucket in (m.value for m in selector.matchers.matchers if m.name == "le"):
                assert float(bucket) in [*series[selector.name]["buckets"], float("inf")], given


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(rule: dict[str, Any]) -> None:
    fires = [
        bool(check["exp_alerts"])
        for case in RULE_TESTS
        if case["input_series"]  # of nothing no alert fires
        for check in case["alert_rule_test"]
        if check["alertname"] == rule["alert"]
    ]
    assert set(fires) == {True, False}


def test_the_worker_down_alert_expects_as_many_workers_of_each_kind_asrun(kinds: dict[str, str]) -> None:
    (few,) = (rule for rule in RULES if rule["alert"] == "LoomaWorkersFew")
    (none,) = (rule for rule in RULES if rule["alert"] == "LoomaWorkerDown")
    assert set(re.findall(r'absent\(\w+\{job="([\w-]+)"\}\)', none["expr"])) == set(kinds.values())
    expected = {(kinds[name], int(without_variables(STACK["services"][name]["deploy"]["replicas"]))) for name in kinds}
    asked = re.findall(r'by \(job\) \(\w+\{job="([\w-]+)"\}\)[^<]+< (\d+)', few["expr"])
    assert {(job, int(number)) for job, number in asked} == expected


def test_the_alert_of_a_stalled_stage_comes_before_its_worker_is_ended() -> None:
    (rule,) = (rule for rule in RULES if rule["alert"] == "LoomaStageStalled")
    comparison = parsed(rule["expr"])
    assert comparison.rhs.val + seconds(rule.get("for", "0s")) + EXPORT_SECONDS < Settings().worker.stall_seconds


def test_what_lies_between_a_fault_and_its_page_takes_less_than_a_minute() -> None:
    """At worst, in compose: a worker's report or its expiry, a look, `for` and the wait for others of the group."""
    prometheus, policy = yaml_of(COMPOSE / "prometheus" / "prometheus.yaml")["global"], read_policy(OWN_POLICY)
    looks = [seconds(prometheus[name]) for name in ("scrape_interval", "evaluation_interval")]
    assert looks == [LOOK_SECONDS] * 2, "as `looma bench alerts` measures it"
    expiry = seconds(yaml_of(COMPOSE / "collector" / "config.yaml")["exporters"]["prometheus"]["metric_expiration"])
    assert expiry >= 3 * EXPORT_SECONDS, "a report may be late"
    slower = {"LoomaConsumerStalled", "LoomaFreshnessBurns", "LoomaAvailabilityBurns"}
    for rule in RULES:
        if rule["labels"]["severity"] == "critical" and rule["alert"] not in slower:
            told = expiry if "absent" in rule["expr"] else EXPORT_SECONDS
            wait = seconds(rule.get("for", "0s"))
            assert told + sum(looks) + wait + policy.group_wait < 60, rule["alert"]


def test_the_alert_of_retries_hears_of_one_lane_that_waits_as_long_as_it_may() -> None:
    """A lane sleeps half of the longest pause, on average, after a try that waits for its time-out."""
    (rule,) = (rule for rule in RULES if rule["alert"] == "LoomaRetrying")
    comparison = parsed(rule["expr"])
    pause = Settings().worker.retry_max_seconds / 2
    cycle = pause + Settings().mongodb.timeout_seconds
    assert 5 * 60 / cycle > 2 * comparison.rhs.val
    assert "[5m]" in rule["expr"]


def test_an_inhibition_names_alerts_that_there_are_and_labels_that_both_have(series: dict[str, Any]) -> None:
    alertmanager = yaml_of(OWN_POLICY)
    told = {rule["alert"]: labels_of(parsed(rule["expr"]), series) for rule in RULES}
    for inhibition in alertmanager["inhibit_rules"]:
        named = set(re.findall(r"Looma\w+", " ".join([*inhibition["source_matchers"], *inhibition["target_matchers"]])))
        assert named <= told.keys()
        for name in named:
            assert set(inhibition.get("equal", ())) <= told[name], name


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool")
def test_prometheus_accepts_its_rules_and_they_alert() -> None:
    result = run("promtool", "test", "rules", str(COMPOSE / "prometheus" / "alerts.test.yaml"))
    assert result.returncode == 0, result.stdout + result.stderr


def test_scraped_targets_are_services() -> None:
    config = yaml_of(COMPOSE / "prometheus" / "prometheus.yaml")
    targets = [
        target
        for group in [*config["scrape_configs"], *config["alerting"]["alertmanagers"]]
        for static in group["static_configs"]
        for target in static["targets"]
    ]
    assert {target.split(":")[0] for target in targets} <= {*STACK["services"], "localhost"}


def test_alertmanager_tells_the_relay() -> None:
    """Its own settings say where it listens."""
    config = yaml_of(OWN_POLICY)
    url = config["receivers"][0]["webhook_configs"][0]["url"]
    relay = STACK["services"]["relay"]
    assert url == f"https://relay:{Settings().alerts.port}/alerts"
    assert f":{Settings().alerts.port}/health" in " ".join(relay["healthcheck"]["test"])
    environment = relay["environment"]
    assert environment["LOOMA_ALERTS__HOST"] == "0.0.0.0"
    assert {name for name in environment if name.startswith("LOOMA_ALERTS__")} <= set(map(variable, fields()))
    assert environment["LOOMA_ALERTS__ALERTMANAGER"] == "https://alertmanager:9093", "where `looma alerts silence` goes"
    assert STACK["services"]["alertmanager"]["networks"] == relay["networks"]


@pytest.mark.skipif(shutil.which("amtool") is None, reason="no amtool")
def test_alertmanager_accepts_its_configuration() -> None:
    result = run("amtool", "check-config", str(OWN_POLICY))
    assert result.returncode == 0, result.stdout + result.stderr
