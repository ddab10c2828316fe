"""What a user does: install the wheel with its extra into a new environment, and run the demo in an empty folder."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops.local.embedded.stack import free_ports

ROOT = Path(__file__).parents[2]
SECONDS = 1200


def done(*command: str, **options: object) -> str:
    found = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, **options)
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-3000:]
    return found.stdout


@pytest.mark.slow
@pytest.mark.long
def test_the_wheel_installs_and_its_demo_runs_in_an_empty_folder(tmp_path: Path) -> None:
    wheels, place, empty = tmp_path / "wheels", tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    done(*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT))
    (wheel,) = wheels.glob("looma_streams-*.whl")
    done(sys.executable, "-m", "venv", str(place))
    # The versions that are tested, as `make setup` has them; with hashes pip would ask for one of our wheel, too.
    versions = re.findall(r"^[^#\s][^\\\n]*", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    constraints = tmp_path / "versions.txt"
    constraints.write_text("\n".join(versions))
    done(str(place / "bin" / "pip"), "install", "--quiet", "--constraint", str(constraints), f"{wheel}[embedded]")
    kafka, _, mongodb, qdrant, worker = map(str, free_ports(5))  # the one after Kafka's is its controller's
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LOOMA_", "PYTHON", "COVERAGE"))},
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "LOOMA_KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{kafka}",
        "LOOMA_LOCAL__KAFKA_PORT": kafka,
        "LOOMA_MONGODB__URL": f"mongodb://127.0.0.1:{mongodb}",
        "LOOMA_QDRANT__URL": f"http://127.0.0.1:{qdrant}",
        "LOOMA_WORKER__PORT": worker,
    }
    looma = str(place / "bin" / "looma")
    try:
        told = json.loads(done(looma, "demo", "--json", cwd=empty, env=environment))
        where = done(
            str(place / "bin" / "python"), "-c", "import ops; print(ops.__path__[0])", cwd=empty, env=environment
        )
    finally:
        done(looma, "down", cwd=empty, env=environment)
    assert str(place) in where
    assert told["traces_complete"] == 1.0
    assert told["published"] > 500
    assert told["matches"] > 100
