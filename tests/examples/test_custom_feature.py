"""A match feature takes two files: added as the guide says to a copy of the rules, it is known everywhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from processors.matching.features import FEATURES

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "custom_feature"
GUIDE = ROOT / "docs" / "guides" / "add-a-match-feature.md"
NAME = "former_employer"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose `processors` has the feature; all that is not of matching is the original."""
    folder = tmp_path_factory.mktemp("copy")
    _linked(ROOT / "processors", folder / "processors", "matching")
    _linked(ROOT / "processors" / "matching", folder / "processors" / "matching", "features")
    features = folder / "processors" / "matching" / "features"
    features.mkdir()
    for source in (*(ROOT / "processors" / "matching" / "features").glob("*.py"), EXAMPLE / f"{NAME}.py"):
        (features / source.name).write_text(source.read_text("utf-8"), "utf-8")
    subprocess.run(["git", "apply", str(EXAMPLE / "register.diff")], cwd=folder, check=True)
    return folder


def _linked(original: Path, folder: Path, but: str) -> None:
    folder.mkdir()
    for source in original.iterdir():
        if source.name not in (but, "__pycache__"):
            (folder / source.name).symlink_to(source)


def python(copy: Path, *arguments: str) -> str:
    """Run Python with the copy before the original; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guide_shows_the_files_of_the_example() -> None:
    shown = dict(re.findall(r"^```(python|diff)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    assert shown["python"] == (EXAMPLE / f"{NAME}.py").read_text("utf-8")
    assert shown["diff"] == (EXAMPLE / "register.diff").read_text("utf-8")


def test_scores_weights_reasons_and_learning_know_it(copy: Path) -> None:
    assert NAME not in FEATURES
    told = python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / f"test_{NAME}.py"))
    assert "8 passed" in told


@pytest.mark.long
def test_nothing_else_changes(copy: Path) -> None:
    """What is asked of scores, and every score and reason of the other features."""
    tests = ROOT / "tests" / "processors" / "matching"
    python(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "--confcutdir", str(tests),
        str(tests / "test_features.py"), f"{tests / 'test_matching.py'}::TestScore",
    )  # fmt: skip


def test_the_command_learns_its_weight(copy: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = []
    for number in range(90):
        scores = dict(zip((*FEATURES, NAME), rng.random(len(FEATURES) + 1).tolist(), strict=True))
        features = [
            {"name": name, "score": score, "weight": 0.1, "contribution": 0, "reason": "x"}
            for name, score in scores.items()
        ]
        outcome = ("rejected", "shortlisted", "interviewed", "hired")[int(scores[NAME] * 3.99)]
        rows.append(json.dumps({"job_id": f"j{number // 6}", "outcome": outcome, "features": features}))
    (tmp_path / "said.jsonl").write_text("\n".join(rows), "utf-8")
    told = python(
        copy, "-c", "from ops.cli import main; main()", "match", "learn", "--feedback", str(tmp_path / "said.jsonl"),
        "--out", str(tmp_path / "weights.toml"), "--json",
    )  # fmt: skip
    assert json.loads(told)["written"]
    (line,) = (line for line in (tmp_path / "weights.toml").read_text().splitlines() if line.startswith(NAME))
    assert float(line.partition("=")[2]) > 0.1
