"""Makes the environment in which a peer runs, from its lock file; nothing of it is among our own requirements."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import processors
import schemas
from schemas.errors import LoomaError
from streams.models.downloads import cache_dir

LOCK = Path(__file__).with_name("quix.lock")
PEER = Path(__file__).with_name("quix.py")
INSTALL_SECONDS = 600


class PeerError(LoomaError):
    """A peer cannot be installed or has failed; one line that says why."""

    code = "peer"


def folder() -> Path:
    """Return where the environment is kept: another for other requirements, or another Python."""
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    return cache_dir() / "peers" / f"quix-{digest[:12]}"


def is_installed() -> bool:
    """Whether the environment is there and whole."""
    return _complete().exists()


def python() -> Path:
    """Return the environment's interpreter."""
    return folder() / "bin" / "python"


def install(progress: Callable[[str], None]) -> None:
    """Make the environment if it is not there. Raises PeerError."""
    folder().mkdir(parents=True, exist_ok=True)
    with folder().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two benchmarks that start at once
        if is_installed():
            return
        progress(f"installing Quix Streams into {folder()}")
        _run(sys.executable, "-m", "venv", "--clear", str(folder()))
        options = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:")
        _run(str(python()), "-m", "pip", "install", *options, "--requirement", str(LOCK))
        _complete().touch()


def project(into: Path) -> Path:
    """Return a folder for PYTHONPATH with the packages that a peer uses and no other of our environment."""
    into.mkdir(parents=True, exist_ok=True)
    for package in (schemas, processors):
        assert package.__file__ is not None
        link = into / package.__name__
        if not link.exists():
            link.symlink_to(Path(package.__file__).parent)
    return into


def _complete() -> Path:
    return folder() / ".complete"


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=INSTALL_SECONDS, check=False
        )
        problem = done.stderr if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem:
        shutil.rmtree(folder(), ignore_errors=True)
        last = problem.strip().splitlines()[-1]
        raise PeerError(f"Quix Streams cannot be installed ({last}); leave it out with --no-quix")
