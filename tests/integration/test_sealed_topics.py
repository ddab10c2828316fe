"""Dead letters and replies that are encrypted in Kafka: who has the key sees them as before, the broker's files nothing."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer
from pydantic import SecretStr

from schemas.topics import DEAD_LETTERS, EVENTS

pytestmark = pytest.mark.long
SECRET = base64.b64encode(os.urandom(32)).decode()
EXAMPLE = Path(__file__).parents[2] / "examples" / "read_sealed.py"


def foreign(servers: str, topic: str) -> list[bytes]:
    """Return the values that a client without a key sees."""
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": os.urandom(4).hex(), "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    found = []
    while (message := consumer.poll(6)) is not None:
        found.append(message.value() or b"")
    consumer.close()
    return found


def test_dead_letters_are_sealed_shown_redriven_forgotten_and_nowhere_readable(cluster, make, prefix) -> None:
    mark, other = f"Mark{prefix}", f"Other{prefix}"
    cluster.settings = cluster.settings.changed(kafka__encryption_keys=[SecretStr(SECRET)])
    cluster.worker("--sync-only")
    bad = {"name": mark, "skills": "none"}
    letters = [(f"{prefix}-1", bad), (f"{prefix}-2", {**bad, "name": other})]
    cluster.publish([make("talent", key, fields) for key, fields in letters])
    cluster.drained((EVENTS["talent"],))
    ids = [each["id"] for each in json.loads(cluster.looma("dlq", "list", "--json"))]
    shown = [json.loads(cluster.looma("dlq", "show", each, "--json")) for each in ids]
    assert mark in next(letter for letter in shown if letter["key"] == f"{prefix}-1")["value"]
    assert other in json.dumps([r.value.decode() for r in cluster.read(DEAD_LETTERS) if r.value])
    servers = cluster.settings.kafka.bootstrap_servers
    assert not [value for value in foreign(servers, DEAD_LETTERS) if mark.encode() in value or other.encode() in value]
    files = [*(cluster.settings.data_dir / "kafka").rglob(f"{DEAD_LETTERS}-*/*.log")]
    assert files
    assert not [file for file in files if mark.encode() in file.read_bytes()]
    command = [sys.executable, str(EXAMPLE), servers, DEAD_LETTERS, SECRET]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert mark in done.stdout, "whoever has the key reads them without us"
    cluster.looma("forget", f"{prefix}-1", "--yes")
    left = [r for r in cluster.read(DEAD_LETTERS) if r.value]
    assert not [r for r in left if mark.encode() in r.value]
    assert [r for r in left if other.encode() in r.value], "copied, and sealed again"
    assert not [value for value in foreign(servers, DEAD_LETTERS) if other.encode() in value]
    cluster.settings = cluster.settings.changed(kafka__encryption_keys=[])
    assert other not in json.dumps([r.value.decode(errors="replace") for r in cluster.read(DEAD_LETTERS) if r.value])
