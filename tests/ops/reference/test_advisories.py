"""Weaknesses of pinned packages, by records of PyPA's own database: what they list, and what their ranges say."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from ops.reference import advisories
from ops.reference.advisories import is_affected, main, records, weaknesses

DATABASE = Path(__file__).parent / "advisories"
"""Unchanged, from https://github.com/pypa/advisory-database."""
RECORDS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(DATABASE.glob("*.yaml"))}


def lock(folder: Path, **pinned: str) -> Path:
    file = folder / "requirements.lock"
    file.write_text(
        "".join(f"{name}=={version} \\\n    --hash=sha256:{'0' * 64}\n" for name, version in pinned.items())
    )
    return file


@pytest.mark.parametrize(
    ("name", "version", "advisory"),
    [
        ("jinja2", "2.11.2", "PYSEC-2021-66"),
        ("Jinja2", "2.11.3", None),
        ("starlette", "0.26.1", "PYSEC-2023-83"),
        ("starlette", "0.27.0", None),
        ("urllib3", "1.26.17", "PYSEC-2023-212"),
        ("urllib3", "1.26.18", None),
        ("urllib3", "2.0.6", "PYSEC-2023-212"),
        ("urllib3", "2.0.7", None),
        ("urllib3", "2.1.0", None),
        ("requests", "2.0", None),
    ],
)
def test_a_pinned_version_is_affected_or_not(name: str, version: str, advisory: str | None) -> None:
    found = weaknesses([(name, version)], records(DATABASE))
    assert [each.advisory for each in found] == ([advisory] if advisory else [])


@pytest.mark.parametrize("name", RECORDS)
def test_the_ranges_of_a_record_hold_the_versions_that_it_lists(name: str) -> None:
    (affected,) = RECORDS[name]["affected"]
    assert len(affected["versions"]) > 5
    ranges = {"ranges": affected["ranges"]}
    assert [version for version in affected["versions"] if not is_affected(version, ranges)] == []
    assert not is_affected(str(max(map(Version, advisories._fixes(affected)))), ranges)


def test_a_zip_is_read_as_a_folder_is_and_what_is_withdrawn_is_not(tmp_path: Path) -> None:
    database = tmp_path / "all.zip"
    withdrawn = {**RECORDS["PYSEC-2021-66"], "id": "W", "withdrawn": "2024-01-01T00:00:00Z"}
    with zipfile.ZipFile(database, "w") as packed:
        for each in (*RECORDS.values(), withdrawn):
            packed.writestr(f"{each['id']}.json", json.dumps(each, default=str))
        packed.writestr("README.md", "no record")
    assert [each["id"] for each in records(database)] == list(RECORDS)


def test_one_weakness_under_two_ids_is_told_once() -> None:
    first = RECORDS["PYSEC-2021-66"]
    (ghsa,) = [name for name in first["aliases"] if name.startswith("GHSA")]
    again: dict[str, Any] = {**first, "id": ghsa, "aliases": [first["id"]]}
    assert len(weaknesses([("jinja2", "2.11.2")], [first, again])) == 1


def test_the_status_says_whether_something_was_found_and_whether_there_was_anything_to_go_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(DATABASE, [lock(tmp_path, urllib3="2.0.6", jinja2="3.1.6")]) == 1
    said = capsys.readouterr()
    assert said.out == "urllib3 2.0.6: PYSEC-2023-212 (CVE-2023-45803, GHSA-g4mx-q9vg-27p4), fixed in 2.0.7, 1.26.18\n"
    assert "1 found in 2 pinned versions, by 3 records, the newest of 2023-" in said.err
    assert main(DATABASE, [lock(tmp_path, urllib3="2.1.0")]) == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(empty, [lock(tmp_path, urllib3="2.1.0")]) == 2


def test_what_we_pin_is_named_as_the_database_names_it() -> None:
    """Of these records no version of ours is affected; a record that takes all of them is found for each."""
    pinned = {(p.name, p.version) for file in advisories.OWN_LOCKS for p in advisories.packages(file)}
    assert weaknesses(pinned, RECORDS.values()) == []
    every = {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}
    names = {name for name, _ in pinned}
    all_of_them = {
        "id": "X",
        "affected": [{"package": {"ecosystem": "PyPI", "name": n.upper()}, **every} for n in names],
    }
    assert {each.package for each in weaknesses(pinned, [all_of_them])} == {name.replace("_", "-") for name in names}
