"""A release has one version, wherever it stands."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
PLACES = {
    "CHANGELOG.md": r"^## (\S+)",
    "compose/.env.example": r"LOOMA_IMAGE_TAG=(\S+)",
    "compose/compose.yaml": r"looma-streams:\$\{LOOMA_IMAGE_TAG:-(.+?)\}",
    "docs/guides/operations-production.md": r"looma-streams:(\d\S*)",
    "docs/guides/operations-production.zh.md": r"looma-streams:(\d\S*)",
    "helm/looma/Chart.yaml": r"^(?:version|appVersion): (\S+)",
}


@pytest.mark.parametrize("path", PLACES)
def test_the_version_is_the_same_wherever_it_stands(path: str) -> None:
    found = re.findall(PLACES[path], (ROOT / path).read_text("utf-8"), re.MULTILINE)
    assert {*(found[:1] if path == "CHANGELOG.md" else found)} == {VERSION}, "of the changelog the first"
