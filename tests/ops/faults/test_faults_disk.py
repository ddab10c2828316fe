"""A process on a full disk cannot write, and can again when there is room."""

import subprocess
import sys
from pathlib import Path

from ops.faults.disk import full_disk

WRITER = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "ab", buffering=0) as file:
            file.write(b"x")
        print("written", flush=True)
    except OSError as error:
        print("refused", flush=True)
"""


def test_nothing_is_written_until_there_is_room_again(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def write() -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write("\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        assert write() == "written"
        with full_disk(process.pid):
            assert [write(), write()] == ["refused", "refused"]
        assert write() == "written"
        assert path.read_bytes() == b"xx"
        with full_disk(process.pid):
            process.terminate()
            process.wait()
