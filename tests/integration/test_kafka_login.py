"""Events in, matches out, over a Kafka that asks for certificates and a login and gives each user their rights only."""

import asyncio
import json
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from ops.local.embedded import assets
from ops.local.embedded.stack import Stack, free_ports, local_settings
from schemas.exits import Exit
from schemas.settings import KafkaSettings
from schemas.topics import Role
from streams.models.downloads import cache_dir
from streams.rights import rights
from tests.support.cluster import Cluster, run_looma
from tests.support.running_api import running_api
from tests.support.secure_kafka import ADMIN, USERS, Authority, SecureKafka, unsigned_token

JOB = {"title": "后端工程师", "status": "open", "skills": [{"name": "Kafka"}], "locations": ["上海"]}
TALENT = {
    "name": "王小明",
    "title": "后端工程师",
    "status": "active",
    "skills": [{"name": "Kafka"}],
    "locations": ["上海"],
}
USERS_OF: dict[Role, str] = {
    "worker": "worker", "resumes": "resumes", "chat": "chat", "api": "api",
    "publisher": "crm", "subscriber": "board", "provisioner": "provisioner",
}  # fmt: skip
T = TypeVar("T")
KINDS = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
    "cluster": ResourceType.BROKER,
}
RIGHTS = [
    AclBinding(
        KINDS[right.resource],
        right.name,
        ResourcePatternType.PREFIXED if right.is_prefix else ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation[re.sub("(?<=[a-z])(?=[A-Z])", "_", right.operation).upper()],
        AclPermissionType.ALLOW,
    )
    for role, user in USERS_OF.items()
    for right in rights(role, "looma")
]
"""Those that `looma topics acl` prints, and no others."""


class Secure(Cluster):
    """A stack whose Kafka asks who comes."""

    files: Path

    def of(self, user: str, **changes: object) -> "Secure":
        """Return the same stack as this user sees it."""
        login = {"kafka__sasl_username": user, "kafka__sasl_password": SecretStr(USERS.get(user, "")), **changes}
        other = Secure(self.settings.changed(**login), self.stack, self.folder, self.workers)
        other.files = self.files
        return other


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("secure")
    port, inside, controller, mongodb, qdrant = free_ports(5)
    authority = Authority(folder)
    node = SecureKafka(folder / "kafka", port, controller, authority.file, authority.sign("broker"), inside)
    kafka = KafkaSettings(
        bootstrap_servers=f"localhost:{port}",
        partitions=2,
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="worker",
        sasl_password=SecretStr(USERS["worker"]),
        ca_file=authority.file,
        certificate_file=authority.sign("client", "key-secret"),
        key_password=SecretStr("key-secret"),
    )
    settings = local_settings(folder / "data", port, mongodb, qdrant).model_copy(update={"kafka": kafka})
    stack = Stack(settings)
    jars = assets.ensure_kafka(cache_dir())
    node.prepare(jars)
    process = node.process(jars, folder / "kafka.log", folder / "kafka.pid")
    process.ready = SecureKafka(node.folder, inside, controller).answers
    process.start()
    try:
        asyncio.run(process.wait_ready())
        asyncio.run(stack.start("mongodb"))
        asyncio.run(stack.start("qdrant"))
        # A foreign client, inside, gives the rights: aiokafka knows no ACLs.
        admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{inside}"})
        for done in admin.create_acls(RIGHTS).values():
            done.result(30)
        cluster = Secure(settings, stack, folder)
        cluster.files = folder
        cluster.of("provisioner").looma("topics", "apply")
        cluster.looma("indexes", "apply")
        yield cluster
    finally:
        asyncio.run(stack.down())
        asyncio.run(process.stop())


@pytest.fixture
def users(secure: Secure) -> Iterator[Secure]:
    yield secure
    secure.stop_workers()


def lines(folder: Path, prefix: str) -> tuple[str, str]:
    job, talent = folder / f"{prefix}-j.jsonl", folder / f"{prefix}-t.jsonl"
    job.write_text(json.dumps({"entity": "job", "id": f"{prefix}-j", "fields": JOB}), "utf-8")
    talent.write_text(json.dumps({"entity": "talent", "id": f"{prefix}-t", "fields": TALENT}), "utf-8")
    return str(job), str(talent)


def test_each_with_their_own_rights_from_an_event_to_its_match(users: Secure, prefix: str, tmp_path: Path) -> None:
    users.worker()
    for file in lines(tmp_path, prefix):
        users.of("crm").looma("publish", file)
    users.drained()
    printed = users.of("board").looma("consume", "match-results", "--json", "--from-beginning", "--max", "1")
    match = json.loads(printed.splitlines()[0])
    assert f"{prefix}-t" in json.dumps(match)
    assert f"{prefix}-j" in json.dumps(match)


@pytest.mark.long
def test_a_resume_worker_needs_no_more_than_its_own_rights(users: Secure, prefix: str, tmp_path: Path) -> None:
    users.of("resumes").worker("--resumes")
    file = tmp_path / f"{prefix}.txt"
    file.write_text("Ann Example\nData Analyst\nann@example.com\n\nSkills\nPython, Kafka\n", "utf-8")
    users.of("crm").looma("submit", str(file), "--talent", f"{prefix}-r")
    admin = users.of(ADMIN)  # who may see how far it is
    admin.drained(("resume-events",), group=f"{users.settings.kafka.group_id}-resumes")
    (event,) = [r for r in admin.read("talent-events") if r.key == f"{prefix}-r".encode()]
    assert b"ann@example.com" in event.value
    assert "Authorization" not in users.logs()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"])
def test_every_mechanism_opens_the_door(users: Secure, mechanism: str) -> None:
    command = [sys.executable, "-c", f"print({unsigned_token(ADMIN)!r})"]
    admin = users.of(ADMIN, kafka__sasl_mechanism=mechanism, kafka__token_command=command)
    assert "talent-events" in admin.looma("topics", "list")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kafka__sasl_password": SecretStr("wrong")}, "refuses kafka.sasl_username, kafka.sasl_password"),
        ({"kafka__sasl_username": "nobody"}, "refuses kafka.sasl_username, kafka.sasl_password"),
        ({"kafka__sasl_mechanism": "OAUTHBEARER", "kafka__token_command": ["false"]}, "gave no token"),
        ({"kafka__ca_file": None}, "certificate of localhost"),
        ({"kafka__certificate_file": Path("/no/such.pem")}, "kafka.certificate_file /no/such.pem"),
        ({"kafka__key_password": SecretStr("wrong")}, "kafka.key_password"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_who_is_refused_reads_why_in_one_line(users: Secure, changes: dict[str, object], said: str) -> None:
    command = "consume match-results --max 1" if "kafka__sasl_password" in changes else "topics apply"
    stranger = users.of("worker", **changes)
    done = run_looma(stranger.environment, *shlex.split(command))
    assert done.code == Exit.REFUSED, done.stdout + done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert said in line
    assert "Traceback" not in done.stderr
    assert not [secret for secret in (*USERS.values(), "wrong") if secret in done.stderr]


def test_a_certificate_must_name_the_host_unless_told_otherwise(users: Secure) -> None:
    servers = users.settings.kafka.bootstrap_servers.replace("localhost", "127.0.0.1")
    by_address = users.of(ADMIN, kafka__bootstrap_servers=servers)
    assert "certificate of 127.0.0.1" in by_address.refused("topics", "list")
    assert "talent-events" in by_address.of(ADMIN, kafka__check_hostname=False).looma("topics", "list")


def test_who_lacks_a_right_reads_which(users: Secure, prefix: str, tmp_path: Path) -> None:
    job, _ = lines(tmp_path, prefix)
    said = users.of("board").refused("publish", job)
    assert "does not let this user use the cluster" in said  # an idempotent producer asks for that first
    done = run_looma(users.of("crm").environment, "consume", "match-results", "--max", "1", "--from-beginning")
    assert done.code == Exit.REFUSED, done.stdout + done.stderr
    assert "does not let this user use the topic" in done.stderr


@pytest.mark.long
def test_the_api_and_the_chat_need_no_more_than_their_own_rights(users: Secure, prefix: str) -> None:
    users.worker()
    users.of("chat").worker("--chat")
    with running_api(users.of("api").settings) as running:
        http = running.client
        wait = {"prefer": "wait=60"}
        assert http.put(f"/v1/jobs/{prefix}-j", json=JOB, headers=wait, timeout=90).status_code in (200, 201, 202)
        assert http.put(f"/v1/talents/{prefix}-t", json=TALENT, headers=wait, timeout=90).status_code in (200, 201, 202)
        matches = until(lambda: http.get(f"/v1/talents/{prefix}-t/matches").json()["items"])
        assert f"{prefix}-j" in json.dumps(matches)
        assert http.get(f"/v1/talents/{prefix}-t").json()["id"] == f"{prefix}-t"
        asked = f"/v1/conversations/{prefix}/messages"
        assert http.post(asked, json={"text": "你好"}).status_code == 202
        (turn, *_) = until(lambda: http.get(asked).json().get("items"))
        assert turn["reply"]
        assert {each["name"] for each in http.get("/v1/topics").json()["topics"]} >= {"talent-events", "match-results"}
        assert http.get("/v1/dead-letters").status_code == 200
        told = http.post(f"/v1/talents/{prefix}-t/forget", json={"dry_run": True})
        assert told.status_code == 200, told.text
    assert "Authorization" not in users.logs()


def until(look: Callable[[], T]) -> T:
    """Return what a look finds, as soon as it finds anything."""
    deadline = time.monotonic() + 90
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.2)
    return found
