"""What downloads have in common: where they are kept, retries, checksums, and not checking the same file twice."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from schemas.errors import LoomaError

DOWNLOAD_ATTEMPTS = 3

Progress = Callable[[str], None]


class DownloadError(LoomaError):
    """What is needed could not be downloaded, or is not what was pinned; and what to do about it."""

    code = "download"


def cache_dir() -> Path:
    """Return where downloads are kept: LOOMA_CACHE_DIR, or ~/.cache/looma."""
    configured = os.environ.get("LOOMA_CACHE_DIR")
    return Path(configured).expanduser().resolve() if configured else Path.home() / ".cache" / "looma"


def retrying(what: str) -> Retrying:
    """Return what tries a download three times; it raises DownloadError for `what`."""

    def give_up(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        raise DownloadError(f"could not download {what} in {DOWNLOAD_ATTEMPTS} tries: {error!r}") from error

    return Retrying(
        stop=stop_after_attempt(DOWNLOAD_ATTEMPTS),
        wait=wait_exponential_jitter(initial=1, max=10),
        # requests' errors are OSErrors; jgo raises RuntimeError for what a repository does not serve.
        retry=retry_if_exception_type((OSError, RuntimeError)),
        retry_error_callback=give_up,
    )


def is_marked(marker: Path, files: Iterable[Path]) -> bool:
    """Tell whether the files are, by size and time, the ones that were verified when the marker was written."""
    try:
        return bool(json.loads(marker.read_text(encoding="utf-8")) == _fingerprint(files))
    except (OSError, ValueError):
        return False


def mark(marker: Path, files: Iterable[Path]) -> None:
    """Remember the files as they are now."""
    temporary = marker.with_name(f"{marker.name}.{os.getpid()}")
    temporary.write_text(json.dumps(_fingerprint(files)), encoding="utf-8")
    temporary.replace(marker)


def _fingerprint(files: Iterable[Path]) -> dict[str, list[int]]:
    return {file.name: [(stat := file.stat()).st_size, stat.st_mtime_ns] for file in files}


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Yield a folder beside the target, removed afterwards: moving out of it is atomic."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def sha256(path: Path) -> str:
    """Return a file's checksum, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def say(progress: Progress | None, text: str) -> None:
    """Tell how far it is, if somebody listens."""
    if progress is not None:
        progress(text)
