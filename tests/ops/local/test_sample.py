import json
from collections import Counter

import pytest

from connectors.files import read_events
from connectors.rows import RawRow, Row
from ops.local.sample import FILES, FOLDER, TEXTS, generate, sample_paths, write
from schemas.errors import BadMessageError
from schemas.events import decode


@pytest.fixture(scope="module")
def rows():
    return {path.name: list(read_events(path, allow_raw=True)) for path in sample_paths()}


def test_the_stored_files_are_what_the_generator_writes(tmp_path):
    write(tmp_path, generate(seed=7))

    for name in FILES:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), (
            f"run python -m ops.local.sample ({name})"
        )


def test_a_seed_decides_everything():
    small = {"talents": 20, "jobs": 10, "companies": 5}

    assert generate(1, **small) == generate(1, **small)
    assert generate(1, **small) != generate(2, **small)


def test_every_line_is_a_valid_event_with_its_own_id(rows):
    events = [row for name in FILES[:-1] for row in rows[name]]

    assert all(isinstance(row, Row) for row in events)
    contents = {row.event_id: (row.entity, row.id, row.source, row.time, json.dumps(row.fields)) for row in events}
    assert len(set(contents.values())) == len(contents)
    assert all(contents[row.event_id][1] == row.id for row in events)


def test_the_sample_has_the_promised_size_and_mix(rows):
    assert [len(rows[name]) for name in FILES[:3]] == [40, 120, 240]
    assert {row.source for row in rows["talents.jsonl"]} == {"crm", "zervigo", "import"}
    languages = Counter(row.fields["language"] for row in rows["talents.jsonl"])
    assert languages["zh"] > languages["en"] > 50
    notes = Counter(row.note for row in rows["updates.jsonl"])
    assert set(notes) == {"partial", "conflict", "null", "v1", "same-person", "late", "duplicate", "delete"}
    assert sum(path.stat().st_size for path in sample_paths()) < 1_500_000


def test_some_people_and_jobs_are_only_a_text(rows):
    texts = rows[TEXTS]

    assert all(isinstance(row, Row) for row in texts)
    assert {tuple(row.fields) for row in texts} == {("resume_text",), ("title", "description")}


def test_references_point_at_companies_of_the_sample(rows):
    companies = {row.id for row in rows["companies.jsonl"]}
    jobs = [row.fields["company_id"] for row in rows["jobs.jsonl"]]
    employers = [e["company_id"] for row in rows["talents.jsonl"] for e in row.fields.get("employments", [])]

    assert companies.issuperset(jobs + employers)


def test_updates_are_what_their_notes_say(rows):
    first = {row.id: row for name in FILES[:3] for row in rows[name]}
    seen = {row.event_id for row in first.values()}

    for row in rows["updates.jsonl"]:
        if row.note == "duplicate":
            assert row.event_id in seen
        elif row.note == "late":
            assert row.time < first[row.id].time
        elif row.note == "null":
            assert list(row.fields.values()) == [None]
        elif row.note == "v1":
            assert row.version == 1
        elif row.note == "delete":
            assert row.action == "deleted"
        elif row.note == "same-person":
            assert row.id not in first


def test_histories_are_coherent(rows):
    for row in rows["talents.jsonl"]:
        if row.source == "import":
            continue
        fields = row.fields
        starts = [employment["start"] for employment in fields["employments"]]
        assert starts == sorted(starts, reverse=True)
        assert 2026 - int(starts[-1][:4]) == fields["years_experience"]
        assert fields["education"][0]["end"] < starts[-1]
        assert fields["salary_expected"]["minimum"] < fields["salary_expected"]["maximum"]


def test_poison_is_refused_for_the_reason_in_its_note(rows):
    for row in rows["poison.jsonl"]:
        assert isinstance(row, RawRow)
        with pytest.raises(BadMessageError) as caught:
            decode("talent", row.key, row.value, row.headers)
        assert caught.value.code == row.note
        assert len(row.value or b"") < 1_000_000
