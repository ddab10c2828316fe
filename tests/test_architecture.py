"""The house has no circles: no module needs itself, by whatever way round. Layers are import-linter's (pyproject)."""

import tomllib
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]


def circle(*packages: str) -> list[str]:
    """Return the modules of a circle of imports, those inside functions too; none if there is none."""
    graph = grimp.build_graph(*packages, cache_dir=None)
    try:
        TopologicalSorter({m: graph.find_modules_directly_imported_by(m) for m in graph.modules}).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_no_circle_of_modules() -> None:
    found = circle(*PACKAGES)
    assert not found, "a circle of imports: " + " -> ".join(found)


def test_every_package_is_looked_at() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(PACKAGES)


def test_a_circle_is_found_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "roundabout"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "entry.py").write_text("from roundabout.one import x\n")
    (package / "one.py").write_text("from roundabout import two\nx = 1\n")
    (package / "two.py").write_text("import roundabout.three\n")
    (package / "three.py").write_text("def late():\n    from roundabout.one import x\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = circle("roundabout")
    assert found[0] == found[-1]
    assert set(pairwise(found)) == {
        ("roundabout.one", "roundabout.two"),
        ("roundabout.two", "roundabout.three"),
        ("roundabout.three", "roundabout.one"),
    }
