"""Downloads Kafka, which no wheel can depend on, every byte pinned by checksum."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from streams.models.downloads import DownloadError, Progress, is_marked, mark, retrying, say, scratch, sha256

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA = ("org.apache.kafka:kafka_2.13:4.1.0", "org.slf4j:slf4j-simple:1.7.36")
# Written by `sha256sum *.jar` over what `KAFKA` resolves to; a new Kafka version needs a new lock.
KAFKA_LOCK = Path(__file__).with_name("kafka-jars.lock")
# The command-line tools; the server does without.
KAFKA_TOOLS = "org.apache.kafka:kafka-tools:4.1.0"
KAFKA_TOOLS_SHA256 = "1c2836cee57a947d2db461410ac5008ca80facbd19b7ed9d284ca883782ea741"
HTTP_TIMEOUT_SECONDS = 30


_MARKER = "verified.json"


def ensure_kafka(cache_dir: Path, progress: Progress | None = None) -> list[Path]:
    """Return the jars of Kafka's class path, downloaded once; raise DownloadError if they are not the locked ones."""
    lock = _read_lock(KAFKA_LOCK)
    jars = kafka_jars(cache_dir)
    folder = jars[0].parent
    if is_marked(folder / _MARKER, folder.glob("*.jar")):
        return jars
    if folder.exists():
        _verify_jars(folder, lock)
        mark(folder / _MARKER, jars)
        return jars
    with scratch(folder.parent) as temporary:
        say(progress, f"Kafka: downloading {len(lock)} jars (43 MB)")
        fetched = temporary / "jars"
        retrying("Kafka's jars")(_download_jars, temporary / "repository", fetched, progress)
        _verify_jars(fetched, lock)
        mark(fetched / _MARKER, fetched.glob("*.jar"))
        _move(fetched, folder)
    return jars


def kafka_jars(cache_dir: Path) -> list[Path]:
    """Return where the jars of Kafka's class path are, or will be."""
    # Named after the lock, so that an upgrade starts from an empty folder.
    folder = cache_dir / "kafka" / sha256(KAFKA_LOCK)[:16]
    return [folder / name for name in sorted(_read_lock(KAFKA_LOCK))]


def ensure_kafka_tools(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the jar of Kafka's command-line tools, downloaded once; raise DownloadError if it is another one."""
    jar = cache_dir / "kafka" / f"tools-{KAFKA_TOOLS_SHA256[:16]}.jar"
    if jar.is_file() and sha256(jar) == KAFKA_TOOLS_SHA256:
        return jar
    with scratch(jar.parent) as temporary:
        say(progress, "Kafka's tools: downloading (0.6 MB)")
        fetched = retrying("Kafka's tools")(_download_tools, temporary)
        if (found := sha256(fetched)) != KAFKA_TOOLS_SHA256:
            raise DownloadError(f"Kafka's tools have sha256 {found}, not the pinned {KAFKA_TOOLS_SHA256}: not used")
        fetched.replace(jar)
    return jar


def _download_jars(repository: Path, target: Path, progress: Progress | None) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    context = _maven(repository)
    say(progress, "Kafka: resolving its dependencies")
    inputs, transitive = context.resolver.resolve([context.create_dependency(coordinate) for coordinate in KAFKA])
    artifacts = [
        *(dependency.artifact for dependency in inputs),
        *(dependency.artifact for dependency in transitive if dependency.scope in ("compile", "runtime")),
    ]
    for number, artifact in enumerate(artifacts, start=1):
        say(progress, f"Kafka: {artifact.filename} ({number} of {len(artifacts)})")
        shutil.move(artifact.resolve(), target / artifact.filename)


def _download_tools(repository: Path) -> Path:
    context = _maven(repository / "repository")
    return Path(context.create_dependency(KAFKA_TOOLS).artifact.resolve())


def _maven(repository: Path) -> "MavenContext":
    """Return a context with a repository of its own: half a download, or somebody else's jar, must not count."""
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext, PythonResolver

    shutil.rmtree(repository, ignore_errors=True)
    repository.mkdir(parents=True)
    return MavenContext(
        resolver=PythonResolver(),
        repo_cache=repository,
        local_repos=[],
        remote_repos={**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL},
        timeout=HTTP_TIMEOUT_SECONDS,
    )


def _read_lock(path: Path) -> dict[str, str]:
    pairs = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {name: sha256 for sha256, name in pairs}


def _verify_jars(folder: Path, lock: dict[str, str]) -> None:
    found = {path.name: sha256(path) for path in folder.glob("*.jar")}
    problems = [
        *(f"{name} is missing" for name in sorted(lock.keys() - found.keys())),
        *(f"{name} is not in the lock" for name in sorted(found.keys() - lock.keys())),
        *(
            f"{name} has sha256 {found[name]}, locked is {lock[name]}"
            for name in sorted(lock.keys() & found.keys())
            if found[name] != lock[name]
        ),
    ]
    if problems:
        raise DownloadError(
            f"Kafka's jars are not the ones in {KAFKA_LOCK.name}: {'; '.join(problems)}. "
            f"They are not used. If {folder} is still there, remove it and try again."
        )


def _move(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        # Another process was faster, and its files passed the same check.
        if not target.is_dir():
            raise
