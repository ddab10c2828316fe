import os
import signal
import subprocess
import sys
import threading

from processors.gateway.limits import Limit
from sinks import limit_cells
from sinks.limit_cells import FILE, LimitCells

HOUR = 3600
ALMOST_STILL = Limit("requests", 6000, 400 * 24 * HOUR)
"""A bucket that gets nothing new while a test lasts: what passes is exactly what it held."""

TAKER = """
import os, sys
from pathlib import Path
from processors.gateway.limits import Limit
from sinks.limit_cells import LimitCells

cells, limit = LimitCells(Path(sys.argv[1])), Limit("requests", 6000, 400 * 24 * 3600)
log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
while cells.take("key-1", limit).allowed:
    os.write(log, b".")
"""


def test_two_processes_and_a_kill_let_exactly_the_limit_pass(tmp_path):
    def start(name):
        return subprocess.Popen([sys.executable, "-c", TAKER, tmp_path, tmp_path / name])

    killed = start("killed")
    while not ((tmp_path / "killed").exists() and (tmp_path / "killed").stat().st_size > 500):
        assert killed.poll() is None
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    others = [start("first"), start("second")]
    for process in others:
        assert process.wait() == 0
    passed = [(tmp_path / name).stat().st_size for name in ("killed", "first", "second")]
    # The killed one may have taken a unit that it has not written down.
    assert 5999 <= sum(passed) <= 6000
    assert passed[0] < 6000
    with LimitCells(tmp_path) as cells:
        assert not cells.take("key-1", ALMOST_STILL).allowed
        assert cells.take("key-2", ALMOST_STILL).allowed
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_threads_of_one_process_share_a_limit_exactly(tmp_path):
    passed = []
    with LimitCells(tmp_path) as cells:

        def work():
            while cells.take("key", ALMOST_STILL, 3).allowed:
                passed.append(3)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(passed) == 6000


def test_reserved_tokens_are_settled_by_what_was_used(tmp_path):
    tokens = Limit("tokens", 1000, 1000 * HOUR)
    with LimitCells(tmp_path, clock=lambda: 1) as cells:
        assert cells.take("key", tokens, 800).remaining == 200
        assert not cells.take("key", tokens, 300).allowed
        cells.settle("key", tokens, reserved=800, used=100)
        assert cells.take("key", tokens, 900).allowed
        cells.settle("key", tokens, reserved=900, used=1100)
        assert not cells.take("key", tokens).allowed
        assert cells.take("other", tokens, 1000).allowed
        assert cells.take("key", Limit("requests", 1)).allowed


def test_a_file_that_was_cut_off_or_torn_is_whole_again(tmp_path):
    (tmp_path / FILE).write_bytes(b"\xff" * 1000)
    with LimitCells(tmp_path) as cells:
        assert cells.take("key", ALMOST_STILL, 6000).allowed
        assert not cells.take("key", ALMOST_STILL).allowed


def test_a_full_bucket_gives_up_the_cell_that_matters_least(tmp_path, monkeypatch):
    monkeypatch.setattr(limit_cells, "_BUCKETS", 1)
    limit = Limit("requests", 100, 100 * HOUR)
    with LimitCells(tmp_path, clock=lambda: 1) as cells:
        for who in range(8):
            assert cells.take(str(who), limit, 100 if who else 1).allowed
        assert cells.take("new", limit, 100).allowed
        assert not any(cells.take(who, limit).allowed for who in ("1", "2", "3", "4", "5", "6", "7", "new"))
