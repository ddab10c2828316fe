"""What a template shows of a JSON Resume is asked for, and nothing else."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import main

RESUME = {
    "basics": {"name": "Nadia Whitlock", "email": "nadia@mail.example"},
    "work": [
        {"name": "Finchwell Ltd", "position": "Lead Nurse", "startDate": "2021-04-12"},
        {"name": "Tidewater Ltd", "position": "Staff Nurse", "startDate": "2018-02", "endDate": "2021-03"},
    ],
    "education": [{"institution": "University of Leeds", "area": "Nursing", "studyType": "BSc", "endDate": "2018-06"}],
    "languages": [{"language": "English", "fluency": "Native"}],
    "certificates": [{"name": "Advanced Life Support"}],
}
PAGE = """<style>.row{display:flex}</style><h1>Nadia Whitlock</h1><p>nadia@mail.example</p><h2>Experience</h2>
<div class=row><h3>Lead Nurse</h3><span>2021 – Present</span></div><p>Finchwell Ltd</p>
<div class=row><h3>Staff Nurse</h3><span>2018 – %s</span></div><p>Tidewater Ltd</p>
<h2>Education</h2><h3>University of Leeds</h3><p>BSc in Nursing</p><p>Jun 2018</p>"""


def figures(folder: Path) -> dict[str, dict[str, float]]:
    result = CliRunner().invoke(main, ["eval", "resume", "--format", "json-resume", "--data", str(folder), "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, dict[str, float]] = json.loads(result.stdout)["fields"]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nadia.json").write_text(json.dumps(RESUME))
    (tmp_path / "nadia.html").write_text(PAGE % "2021")
    (tmp_path / "alone.json").write_text(json.dumps(RESUME))
    return tmp_path


def test_what_is_shown_is_asked_for(folder: Path) -> None:
    found = figures(folder)
    assert found["position"] == {"accuracy": 1.0, "items": 2}
    assert found["education.end"]["items"] == 1
    assert not {"certificate", "language"} & found.keys()  # the page has none


def test_what_is_read_otherwise_is_wrong(folder: Path) -> None:
    (folder / "nadia.html").write_text(PAGE.replace("Tidewater Ltd", "Tidewater Ltd, formerly Halcyon Inc") % "2019")
    found = figures(folder)
    assert found["position"]["accuracy"] < 1
    assert found["name"]["accuracy"] == 1


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", "resume", "--format", "json-resume", "--data", str(tmp_path)])
    assert result.exit_code
    assert "NAME.json" in result.stderr
