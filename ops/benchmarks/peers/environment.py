"""Makes the environments in which peers run, from their lock files; nothing of them is among our own requirements."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import processors
import schemas
from schemas.errors import LoomaError
from streams.models.downloads import cache_dir

INSTALL_SECONDS = 600


class PeerError(LoomaError):
    """A peer cannot be installed or has failed; one line that says why."""

    code = "peer"


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's program. `without` says how a benchmark runs without it."""

    name: str
    title: str
    without: str

    @property
    def lock(self) -> Path:
        """Its requirements, each with its hashes."""
        return Path(__file__).with_name(f"{self.name}.lock")

    def folder(self) -> Path:
        """Return where its environment is kept: another for other requirements, or another Python."""
        digest = hashlib.sha256(self.lock.read_bytes() + sys.version.encode()).hexdigest()
        return cache_dir() / "peers" / f"{self.name}-{digest[:12]}"

    def is_installed(self) -> bool:
        """Whether the environment is there and whole."""
        return self._complete().exists()

    def program(self, name: str = "python") -> Path:
        """Return a program of the environment."""
        return self.folder() / "bin" / name

    def install(self, progress: Callable[[str], None]) -> None:
        """Make the environment if it is not there. Raises PeerError."""
        self.folder().mkdir(parents=True, exist_ok=True)
        with self.folder().with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two benchmarks that start at once
            if self.is_installed():
                return
            progress(f"installing {self.title} into {self.folder()}")
            self._run(sys.executable, "-m", "venv", "--clear", str(self.folder()))
            options = (
                "--quiet",
                "--disable-pip-version-check",
                "--require-hashes",
                "--no-deps",
                "--only-binary",
                ":all:",
            )
            self._run(str(self.program()), "-m", "pip", "install", *options, "--requirement", str(self.lock))
            self._complete().touch()

    def _complete(self) -> Path:
        return self.folder() / ".complete"

    def _run(self, *command: str) -> None:
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=INSTALL_SECONDS, check=False
            )
            problem = done.stderr if done.returncode else ""
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = str(error)
        if problem:
            shutil.rmtree(self.folder(), ignore_errors=True)
            last = problem.strip().splitlines()[-1]
            raise PeerError(f"{self.title} cannot be installed ({last}); leave it out with {self.without}")


QUIX = Peer("quix", "Quix Streams", "--no-quix")
LITELLM = Peer("litellm", "LiteLLM", "--no-litellm")


def project(into: Path) -> Path:
    """Return a folder for PYTHONPATH with the packages that a peer uses and no other of our environment."""
    into.mkdir(parents=True, exist_ok=True)
    for package in (schemas, processors):
        assert package.__file__ is not None
        link = into / package.__name__
        if not link.exists():
            link.symlink_to(Path(package.__file__).parent)
    return into
