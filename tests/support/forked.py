"""`looma` in forks of a process that has imported it: each saves the seconds of CPU that importing takes."""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["ops.cli.main", "ops.runtime.worker"])


class Looma:
    """A command that runs, with the methods of `subprocess.Popen`; what it says goes into files."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], output: Path, errors: Path) -> None:
        self._process = _FORKS.Process(target=_run, args=(arguments, dict(environment), output, errors))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, a negative signal, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for its end; return its exit code. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired("looma", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


def _run(arguments: Sequence[str], environment: Mapping[str, str], output: Path, errors: Path) -> None:
    os.setsid()
    for number, path in ((1, output), (2, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["looma", *arguments]
    from ops.cli.main import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()  # which a fork's end leaves out
