"""A copy of the packages that docs/guides/add-an-entity.md was followed in, to the letter."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "add-an-entity.md").read_text("utf-8")
DIFFS = re.findall(r"^```diff\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SAMPLES = re.findall(r"`(schemas/samples/\S+)`:\n\n```json\n(.*?)```", GUIDE, re.DOTALL)
PACKAGES = ("schemas", "processors", "sinks", "connectors", "streams", "ops")
LARGE = 256 * 1024


class GuidedCopy:
    """The copy in a folder. `environment` leads any Python to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Without the second the working folder would come first.
        self.environment = {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, copy_function=_put)
        for diff in DIFFS:
            command = ["git", "apply", "--recount", "-"]
            done = subprocess.run(command, cwd=folder, input=diff, text=True, capture_output=True, check=False)
            assert done.returncode == 0, f"the guide's block does not fit the code any more:\n{diff}\n{done.stderr}"
        for name, text in SAMPLES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")

    def python(self, *arguments: str, **environment: str) -> str:
        """Run Python on the copy; return its standard output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, **environment, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _put(source: str, target: str) -> None:
    # With their times, by which the byte code beside them is known to be theirs.
    (os.symlink if os.path.getsize(source) > LARGE else shutil.copy2)(source, target)
