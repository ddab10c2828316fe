"""The configuration of telemetry in compose, read by the programs it is for, where this machine has them.

Debian has Prometheus and Alertmanager. A collector is built from Go modules with the components that
`compose/collector/config.yaml` names (go.opentelemetry.io/collector/cmd/builder), and is found as `otelcol`.
"""

import json
import shutil
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.alerts.rules import OWN_RULES
from ops.compose_secrets import SENDER, make
from ops.local.embedded.stack import free_ports

COMPOSE = Path(__file__).parents[1] / "compose"
OTELCOL = shutil.which("otelcol") or shutil.which("otelcol-contrib")
PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    make(folder)
    return folder


def here(name: str, secrets: Path, places: Mapping[str, str] | None = None) -> Path:
    """Return a copy of a file of compose, with the secrets and servers of this machine."""
    text = (COMPOSE / name).read_text("utf-8").replace("/run/secrets", str(secrets))
    for there, place in {"/etc/prometheus/alerts.yaml": str(OWN_RULES), **(places or {})}.items():
        text = text.replace(there, place)
    copy = secrets.parent / name.replace("/", "-")
    copy.write_text(text, "utf-8")
    return copy


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool")
def test_prometheus_accepts_its_configuration(secrets: Path) -> None:
    run("promtool", "check", "config", str(here("prometheus/prometheus.yaml", secrets)))
    for name in ("prometheus", "alertmanager"):
        run("promtool", "check", "web-config", str(here(f"{name}/web.yaml", secrets)))


@pytest.mark.skipif(OTELCOL is None, reason="no otelcol")
def test_the_collector_accepts_its_configuration(secrets: Path) -> None:
    run(str(OTELCOL), "validate", f"--config={here('collector/config.yaml', secrets)}")


@contextmanager
def running(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def loki(secrets: Path) -> Iterator[tuple[int, list[str]]]:
    """Stand in for Loki: notes the paths that are posted to."""
    posted: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            posted.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(secrets / "loki.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], posted
    finally:
        server.shutdown()
        server.server_close()


def tell(secrets: Path, port: int) -> bool:
    """Tell the collector of a span, a line and a number, as processes of ours do; whether it has taken all."""
    sender = ssl.create_default_context(cafile=secrets / "ca.pem")
    sender.load_cert_chain(secrets / f"{SENDER}.pem")
    now, resource = str(time.time_ns()), {"attributes": [{"key": "service.name", "value": {"stringValue": "t"}}]}
    span = {"traceId": "5" * 32, "spanId": "6" * 16, "name": "s", "startTimeUnixNano": now, "endTimeUnixNano": now}
    number = {"name": "looma_told", "gauge": {"dataPoints": [{"timeUnixNano": now, "asInt": "1"}]}}
    line = {"timeUnixNano": now, "body": {"stringValue": "a line"}}
    bodies: dict[str, Any] = {
        "traces": {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]},
        "metrics": {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": [number]}]}]},
        "logs": {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [line]}]}]},
    }
    taken = 0
    for kind, body in bodies.items():
        request = urllib.request.Request(
            f"https://localhost:{port}/v1/{kind}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10, context=sender) as answer:
            taken += answer.status == 200
    return taken == len(bodies)


def values(secrets: Path, port: int, expression: str) -> list[str]:
    """Return what Prometheus says of an expression, over TLS."""
    trusted = ssl.create_default_context(cafile=secrets / "ca.pem")
    url = f"https://localhost:{port}/api/v1/query?query={expression}"
    with urllib.request.urlopen(url, timeout=10, context=trusted) as answer:
        return [each["value"][1] for each in json.load(answer)["data"]["result"]]


@pytest.mark.skipif(OTELCOL is None or PROMETHEUS is None, reason="no otelcol, or no prometheus")
def test_a_span_a_line_and_a_number_go_the_whole_way_over_tls(secrets: Path) -> None:
    """To Prometheus itself, a collector with Tempo's receiver in Tempo's place, and a server in Loki's."""
    otlp, metrics, health, tempo, port = free_ports(5)
    receiver = yaml.safe_load(here("tempo/tempo.yaml", secrets, {"0.0.0.0:4317": f"127.0.0.1:{tempo}"}).read_text())
    stand_in = secrets.parent / "stand-in.yaml"
    pipeline = {"receivers": ["otlp"], "exporters": ["debug"]}
    config = {
        "receivers": receiver["distributor"]["receivers"],
        "exporters": {"debug": {"verbosity": "detailed"}},
        "service": {"pipelines": {"traces": pipeline}, "telemetry": {"metrics": {"level": "none"}}},
    }
    stand_in.write_text(yaml.safe_dump(config))
    log = secrets.parent / "tempo.log"
    with loki(secrets) as (loki_port, posted):
        places = {
            "0.0.0.0:4318": f"127.0.0.1:{otlp}",
            "0.0.0.0:8889": f"127.0.0.1:{metrics}",
            "localhost:13133": f"localhost:{health}",
            "tempo:4317": f"localhost:{tempo}",
            "loki:3100": f"localhost:{loki_port}",
        }
        file = here("collector/config.yaml", secrets, places)
        places = {"collector:8889": f"localhost:{metrics}", "localhost:9090": f"localhost:{port}"}
        scraping = here("prometheus/prometheus.yaml", secrets, places)
        served = here("prometheus/web.yaml", secrets)
        data = secrets.parent / "prometheus"
        with (
            running(log, str(OTELCOL), f"--config={stand_in}"),
            running(secrets.parent / "collector.log", str(OTELCOL), f"--config={file}"),
            running(
                secrets.parent / "prometheus.log",
                str(PROMETHEUS),
                f"--config.file={scraping}",
                f"--web.config.file={served}",
                f"--web.listen-address=127.0.0.1:{port}",
                f"--storage.tsdb.path={data}",
            ),
        ):
            until(lambda: tell(secrets, otlp))
            until(lambda: posted == ["/otlp/v1/logs"])
            until(lambda: "5" * 32 in log.read_text())
            until(lambda: values(secrets, port, "looma_told") == ["1"])
            until(lambda: values(secrets, port, "up{job=~%22collector|prometheus%22}") == ["1", "1"])
            stranger = ssl.create_default_context(cafile=secrets / "ca.pem")
            with pytest.raises(OSError, match="certificate"):
                urllib.request.urlopen(f"https://localhost:{metrics}/metrics", timeout=10, context=stranger)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something to hold; servers are away until they listen."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            if holds():
                return
        except OSError as error:
            assert time.monotonic() < deadline, error
        assert time.monotonic() < deadline
        time.sleep(0.2)
