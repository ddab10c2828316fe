"""Every version ever published still reads."""

from pathlib import Path

import pytest

import schemas
from schemas.entities import MODELS
from schemas.errors import BadMessageError
from schemas.events import parse_fields
from schemas.versions import CURRENT, upcast

SAMPLES = sorted((Path(schemas.__file__).parent / "samples").glob("*/*.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_stored_sample_reads_as_the_current_version(sample: Path) -> None:
    entity, version = sample.parent.name, int(sample.stem)
    fields = parse_fields(entity, version, sample.read_bytes())
    assert fields
    assert MODELS[entity].model_validate(fields).model_dump(mode="json", exclude_unset=True) == fields


def test_every_version_has_a_sample() -> None:
    have = {(p.parent.name, int(p.stem)) for p in SAMPLES}
    assert have == {(e, v) for e, current in CURRENT.items() for v in range(1, current + 1)}


def test_version_1_skills_and_salary_become_objects() -> None:
    data = {"skills": ["Go"], "salary_min": 10, "salary_max": None}
    assert upcast("talent", 1, data) == {
        "skills": [{"name": "Go"}],
        "salary_expected": {"minimum": 10, "maximum": None},
    }


def test_a_version_1_null_salary_deletes_it() -> None:
    assert upcast("job", 1, {"salary_min": None}) == {"salary": None}


@pytest.mark.parametrize("version", [0, 5, 99])
def test_unknown_versions_are_refused(version: int) -> None:
    with pytest.raises(BadMessageError) as caught:
        upcast("talent", version, {})
    assert caught.value.code == "unknown_version"
