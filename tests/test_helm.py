"""The Helm chart: rendered by Helm itself where it is installed, and checked against Kubernetes' own schemas.

`go install helm.sh/helm/v3/cmd/helm@v3.22.0` and `pip install kubernetes-validate` give what it skips without.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from ops.cli import main
from ops.runtime.settings import variable
from schemas.settings import Settings, fields

ROOT = Path(__file__).parent.parent
CHART = ROOT / "helm" / "looma"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
SCHEMAS = "1.30"
NOT_KUBERNETES = {"ScaledObject"}
FULL = {
    "secrets": ["looma-secrets"],
    "files": [{"name": "kafka-ca", "secret": "kafka-ca"}],
    "imagePullSecrets": [{"name": "registry"}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "backup": {"schedule": "30 2 * * *", "claim": "looma-backups"},
    "networkPolicy": {"enabled": True, "apiFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
    "roles": {
        "worker": {"scaling": {"minimum": 2, "maximum": 8, "topic": "talent-events", "group": "looma", "lag": 500}},
        "chat": {"enabled": False},
    },
}
"""Every part of the values in use."""


def test_settings_of_the_chart_are_settings_of_ours() -> None:
    known = set(map(variable, fields()))
    text = "".join(path.read_text("utf-8") for path in sorted(CHART.rglob("*.yaml")))
    named = set(re.findall(r"\bLOOMA_[A-Z_]+[A-Z]\b", text))
    assert named <= known, named - known
    assert {"LOOMA_KAFKA__BOOTSTRAP_SERVERS", "LOOMA_WORKER__HOST"} <= named


def test_the_chart_is_of_this_version_and_has_no_secret() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    assert chart["appVersion"] == chart["version"] == version[1]
    assert not [name for name in VALUES["settings"] if re.search("PASSWORD|KEY|SECRET|URL$", name)] or all(
        "@" not in str(value) for value in VALUES["settings"].values()
    )


HELM = shutil.which("helm")


@pytest.fixture(scope="module", params=[{}, FULL], ids=["default", "full"])
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    if HELM is None:
        pytest.skip("no helm")
    values = tmp_path_factory.mktemp("helm") / "values.json"
    values.write_text(json.dumps(request.param))
    command = [HELM, "template", "l", str(CHART), "--kube-version", f"{SCHEMAS}.0", "--values", str(values)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(rendered: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {document["metadata"]["name"]: document for document in rendered if document["kind"] == kind}


def test_what_helm_makes_is_what_kubernetes_takes(rendered: list[dict[str, Any]]) -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    names = [(document["kind"], document["metadata"]["name"]) for document in rendered]
    assert len(names) == len(set(names))
    for document in rendered:
        if document["kind"] not in NOT_KUBERNETES:
            kubernetes_validate.validate(document, SCHEMAS, strict=True)


def test_pods_have_no_rights_and_enough_time_to_drain(rendered: list[dict[str, Any]]) -> None:
    config = of_kind(rendered, "ConfigMap")["l-looma"]["data"]
    deployments = of_kind(rendered, "Deployment")
    assert {"l-worker", "l-resumes", "l-api"} <= deployments.keys()
    crons = {name: document["spec"]["jobTemplate"] for name, document in of_kind(rendered, "CronJob").items()}
    for name, document in {**deployments, **of_kind(rendered, "Job"), **crons}.items():
        pod = document["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]
        mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
        assert config["LOOMA_DATA_DIR"] in mounted, name
        assert {mount["name"] for mount in container["volumeMounts"]} <= {volume["name"] for volume in pod["volumes"]}
    for name in deployments.keys() - {"l-api"}:
        grace = deployments[name]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        assert grace > float(config["LOOMA_WORKER__DRAIN_SECONDS"])


def test_probes_ask_pages_that_there_are_on_ports_that_are_open(rendered: list[dict[str, Any]]) -> None:
    ports = {"health": Settings().worker.port, "http": Settings().api.port}
    for document in of_kind(rendered, "Deployment").values():
        (container,) = document["spec"]["template"]["spec"]["containers"]
        (port,) = container["ports"]
        assert port["containerPort"] == ports[port["name"]]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container[probe]["httpGet"]
            assert asked["port"] == port["name"]
            assert asked["path"] in ("/health", "/ready", "/v1/health")


def test_backups_go_to_the_claim_by_a_command_that_there_is(rendered: list[dict[str, Any]]) -> None:
    for document in of_kind(rendered, "CronJob").values():
        pod = document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        looma, *arguments = container["args"]
        assert looma == "looma"
        assert CliRunner().invoke(main, [*arguments[:2], "--help"]).exit_code == 0
        assert arguments[2] in {mount["mountPath"] for mount in container["volumeMounts"]}
        assert {"name": "backups", "persistentVolumeClaim": {"claimName": "looma-backups"}} in pod["volumes"]


def test_selectors_find_their_pods_and_nobody_elses(rendered: list[dict[str, Any]]) -> None:
    pods = {
        name: document["spec"]["template"]["metadata"]["labels"]
        for name, document in {**of_kind(rendered, "Deployment"), **of_kind(rendered, "Job")}.items()
    }
    for kind in ("PodDisruptionBudget", "NetworkPolicy", "Service", "Deployment"):
        for name, document in of_kind(rendered, kind).items():
            spec = document["spec"]
            selector = spec.get("selector") or spec.get("podSelector")
            wanted = selector.get("matchLabels", selector)
            assert [of for of, labels in pods.items() if wanted.items() <= labels.items()] == [name], kind
    for name, document in of_kind(rendered, "ScaledObject").items():
        assert document["spec"]["scaleTargetRef"]["name"] == name
        assert "replicas" not in of_kind(rendered, "Deployment")[name]["spec"], "two would scale it"
