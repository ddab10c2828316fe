"""What `looma config secrets` makes, read by those that compose gives it to: OpenSSL, a shell, JavaScript, our settings."""

import asyncio
import base64
import hashlib
import json
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from ops.compose_secrets import KAFKA_USERS, MONGODB_USERS, SENDER, SERVERS, ComposeSecretsError, make
from ops.doctor import rights
from schemas.settings import MongoDBSettings

COMPOSE = Path(__file__).parents[2] / "compose"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compose") / "secrets"
    make(made)
    return made


def text(file: Path) -> str:
    return file.read_text("ascii")


def test_only_its_owner_enters_the_folder_and_containers_read_the_files_they_are_given(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert modes.pop("ca.key") == 0o600
    assert set(modes.values()) == {0o644}


def test_compose_gives_out_files_that_are_made_and_never_the_authoritys_key(folder: Path) -> None:
    stack = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))
    given = {Path(each["file"]).name for each in stack["secrets"].values()}
    assert given <= {file.name for file in folder.iterdir()}
    assert "ca.key" not in given
    assert {name: Path(each["file"]).name for name, each in stack["secrets"].items()} == {n: n for n in given}


def test_a_second_call_changes_nothing_and_a_lost_file_comes_back(tmp_path: Path) -> None:
    first = make(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in first}
    assert make(tmp_path) == []
    (tmp_path / "grafana.pem").unlink()
    (tmp_path / "qdrant.yaml").unlink()
    assert make(tmp_path) == ["grafana.pem", "qdrant.yaml"]
    after = {name: (tmp_path / name).read_bytes() for name in first}
    assert {name for name in first if before[name] != after[name]} == {"grafana.pem"}


def test_renewed_certificates_are_others_of_the_same_authority(tmp_path: Path) -> None:
    make(tmp_path)
    authority, before = text(tmp_path / "ca.pem"), text(tmp_path / "kafka.pem")
    assert make(tmp_path, renew=True) == sorted(f"{name}.pem" for name in (*SERVERS, SENDER))
    assert (text(tmp_path / "ca.pem"), text(tmp_path / "kafka.pem") != before) == (authority, True)


def test_a_folder_that_cannot_be_used_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ComposeSecretsError, match=r"file: (File exists|Not a directory)"):
        make(tmp_path / "file")
    make(tmp_path / "secrets")
    (tmp_path / "secrets" / "ca.key").write_text("no key")
    with pytest.raises(ComposeSecretsError):
        make(tmp_path / "secrets", renew=True)
    (tmp_path / "secrets" / "ca.key").unlink()
    with pytest.raises(ComposeSecretsError, match=r"ca\.key: No such file"):
        make(tmp_path / "secrets", renew=True)


@pytest.mark.parametrize("name", [*SERVERS, SENDER])
def test_openssl_trusts_each_certificate_for_its_use_and_names(folder: Path, name: str) -> None:
    purpose = "sslclient" if name == SENDER else "sslserver"
    names = [] if name == SENDER else ["-verify_hostname", SERVERS[name][-1]]
    command = ["openssl", "verify", "-x509_strict", "-purpose", purpose, *names, "-CAfile", str(folder / "ca.pem")]
    done = subprocess.run([*command, str(folder / f"{name}.pem")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    other = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
    assert "looma compose" in other.issuer.rfc4514_string()


def test_a_users_password_is_what_kafka_is_told_of(folder: Path) -> None:
    """As RFC 5802 salts it; that Kafka takes it is in tests/integration/test_compose_servers.py."""
    lines = dict(zip(KAFKA_USERS, text(folder / "kafka.users").splitlines(), strict=True))
    for user, line in lines.items():
        password = text(folder / f"kafka-{user}.password")
        assert password not in text(folder / "kafka.users")
        found = re.fullmatch(
            rf'SCRAM-SHA-512=\[name={user},salt="(.+?)",saltedpassword="(.+?)",iterations=(\d+)\]', line
        )
        assert found
        salt, salted = (base64.b64decode(part) for part in found.groups()[:2])
        assert hashlib.pbkdf2_hmac("sha512", password.encode(), salt, int(found[3])) == salted


def test_urls_of_mongodb_are_settings_of_ours(folder: Path) -> None:
    for user in MONGODB_USERS:
        url = MongoDBSettings.model_validate({"url": text(folder / f"mongodb-{user}.url")}).url.get_secret_value()
        assert url.startswith(f"mongodb://{user}:{text(folder / f'mongodb-{user}.password')}@mongodb:27017/?")
    assert re.fullmatch(r"[A-Za-z0-9+/=]{6,1024}", text(folder / "mongodb.key")), "as MongoDB wants a key file"


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js")
def test_the_users_of_mongodb_may_do_what_their_processes_do(folder: Path, tmp_path: Path) -> None:
    """The script runs in Node.js with a database that notes what it is told, as mongosh would run it."""
    script = (COMPOSE / "mongodb" / "users.js").read_text("utf-8").replace("/run/secrets", str(folder))
    noting = """
    const told = {roles: [], users: []};
    const db = {getSiblingDB: () => ({createRole: (r) => told.roles.push(r), createUser: (u) => told.users.push(u)})};
    """
    file = tmp_path / "users.js"
    file.write_text(f"{noting}\n{script}\nconsole.log(JSON.stringify(told));", "utf-8")
    done = subprocess.run(["node", str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    roles = {role["role"]: role for role in told["roles"]}
    assert {u["user"]: u["pwd"] for u in told["users"]} == {
        user: text(folder / f"mongodb-{user}.password") for user in MONGODB_USERS
    }
    for user in told["users"]:
        privileges = [p for name in user["roles"] for p in of_role(roles, name)]
        shown = {"authenticatedUsers": [user], "authenticatedUserPrivileges": privileges}
        assert list(rights(shown, "looma")) == [], "as `looma doctor` says"
        actions = {action for each in privileges for action in each["actions"]}
        assert ("dropDatabase" in actions) == (user["user"] == "operator")
        assert not actions & {"anyAction", "createUser", "grantRole", "shutdown"}


def of_role(roles: dict[str, Any], name: str) -> list[Any]:
    role = roles[name]
    return [*role["privileges"], *(p for inner in role["roles"] for p in of_role(roles, inner))]


class _Ready(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def https(certificate: Path, status: int, ca: Path | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (_Ready,), {"status": status}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "is_healthy"), [(200, True), (503, False)])
def test_the_health_check_of_qdrant_asks_over_tls(folder: Path, tmp_path: Path, status: int, is_healthy: bool) -> None:
    stack = yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))
    *command, script = stack["services"]["qdrant"]["healthcheck"]["test"][1:]
    with https(folder / "qdrant.pem", status) as port:
        script = script.replace("$$", "$").replace("/run/secrets", str(folder)).replace(":6333", f":{port}")
        done = subprocess.run([*command, script], timeout=20, check=False)
        assert (done.returncode == 0) == is_healthy
        if is_healthy:
            make(tmp_path)
            stranger = script.replace(str(folder), str(tmp_path))
            assert subprocess.run([*command, stranger], timeout=20, check=False).returncode, "another authority"


def test_the_collector_is_told_by_who_shows_a_certificate(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry's own exporter, with the variables of compose."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExportResult

    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # they count for more than what an exporter is told
        monkeypatch.delenv(name, raising=False)
    span = TracerProvider(shutdown_on_exit=False).get_tracer("t").start_span("s")
    span.end()
    received: list[str] = []

    class Receiver(_Ready):
        def do_POST(self) -> None:
            received.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "collector.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(folder / "ca.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    sender = str(folder / f"{SENDER}.pem")
    try:
        endpoint = f"https://localhost:{server.server_address[1]}/v1/traces"
        known = OTLPSpanExporter(
            endpoint, certificate_file=str(folder / "ca.pem"), client_key_file=sender, client_certificate_file=sender
        )
        assert known.export([span]) is SpanExportResult.SUCCESS  # type: ignore[list-item]
        stranger = OTLPSpanExporter(endpoint, certificate_file=str(folder / "ca.pem"), timeout=1)
        assert stranger.export([span]) is SpanExportResult.FAILURE  # type: ignore[list-item]
    finally:
        server.shutdown()
        server.server_close()
    assert received == ["/v1/traces"]


def test_qdrant_is_trusted_by_the_authority_of_the_settings(folder: Path) -> None:
    from qdrant_client.http.exceptions import ResponseHandlingException

    from schemas.settings import QdrantSettings
    from sinks import qdrant

    async def asked(settings: QdrantSettings) -> str:
        client = qdrant.connect(settings)
        try:
            await client.get_collections()
        except Exception as error:
            return type(error).__name__ + str(error)
        finally:
            await client.close()
        return ""

    with https(folder / "qdrant.pem", 200) as port:
        url = f"https://localhost:{port}"
        trusting = asyncio.run(asked(QdrantSettings(url=url, ca_file=folder / "ca.pem")))
        assert "404" in trusting, "it was asked, and knows no collections"
        distrusting = asyncio.run(asked(QdrantSettings(url=url)))
        assert ResponseHandlingException.__name__ in distrusting
        assert "CERTIFICATE_VERIFY_FAILED" in distrusting
    for wrong in (folder / "none.pem", folder / "qdrant.password"):
        with pytest.raises(qdrant.QdrantCaError, match=rf"qdrant\.ca_file .*{wrong.name}: \S"):
            qdrant.connect(QdrantSettings(url="https://localhost:1", ca_file=wrong))
