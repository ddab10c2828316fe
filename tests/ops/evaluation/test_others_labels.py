"""Sets that other people have labelled: how their files are read, and what is measured of them."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ops.cli.eval.match import Languages, judged_table
from ops.cli.eval.resolution import resolution
from ops.evaluation import judged, resolution_files, titles
from ops.evaluation.ranked import ranked, standardised
from ops.runtime.json_rows import DataError
from tests.ops.evaluation.test_eval_match import Letters


def rows(path, *each):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in each), encoding="utf-8")
    return path


def test_measures_of_an_order():
    found = ranked([0.9, 0.8, 0.7, 0.6], {1, 3})
    assert found.average_precision == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert found.reciprocal_rank == 0.5
    assert found.precision_at_5 == pytest.approx(0.4)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=9), st.data())
def test_an_order_is_as_good_as_its_best_possible_at_most(scores, data):
    relevant = data.draw(st.sets(st.integers(0, len(scores) - 1), min_size=1))
    best = ranked([float(n in relevant) for n in range(len(scores))], relevant)
    found = ranked(scores, relevant)
    assert best.average_precision == best.reciprocal_rank == 1
    assert 0 < found.average_precision <= 1
    assert ranked(np.array(scores) * 2 + 1, relevant).average_precision <= 1
    assert np.isfinite(standardised(np.array([scores]))).all()


def test_titles_are_ranked_beside_characters(tmp_path):
    corpus = rows(tmp_path / "c", {"id": "a", "title": "Java developer"}, {"id": "b", "title": "Nurse"})
    data = rows(
        tmp_path / "d",
        {"id": 1, "query": "Senior Java developer", "relevant": ["a"]},
        {"id": 2, "query": "Pilot", "relevant": ["z"]},
    )
    found = titles.measure(titles.load(data, corpus), Letters())
    assert (found["queries"], found["titles"], found["left_out"]) == (1, 2, 1)
    assert found["map"] == found["baselines"]["characters"]["map"] == found["mrr"] == 1
    with pytest.raises(DataError, match="no query"):
        titles.load(rows(tmp_path / "e", {"query": "Pilot", "relevant": []}), corpus)
    with pytest.raises(DataError, match="list"):
        titles.load(rows(tmp_path / "f", {"query": "Pilot", "relevant": "a"}), corpus)


@pytest.fixture
def files(tmp_path):
    jobs = rows(
        tmp_path / "jobs.jsonl",
        {"id": "j1", "title_en": "Java Developer", "text_en": "Spring Boot, Kafka, SQL.", "text_zh": "Java 后端"},
        {"id": "j2", "title_en": "Nurse", "text_en": "Intensive care, patients.", "text_zh": "护士"},
    )
    resumes = rows(
        tmp_path / "resumes.jsonl",
        {"id": "r1", "skills": ["Java", "Kafka"], "experience": "Java Developer, Spring Boot and SQL for 6 years"},
        {"id": "r2", "skills": ["nursing"], "experience": "Registered nurse\nintensive care, patients"},
    )
    return jobs, resumes


def test_pairs_are_judged_in_both_directions(tmp_path, files):
    jobs, resumes = files
    qrels = rows(tmp_path / "q", {"job": "j1", "relevant": ["r1"]}, {"job": "j2", "relevant": ["r2", "gone"]})
    pairs = judged.load(jobs, resumes, qrels, ("", "en"))
    assert pairs.grades.tolist() == [[1, 0], [0, 1]]
    assert pairs.left_out == 1
    for direction in ("jobs", "resumes"):
        found = judged.measure(pairs, Letters(), direction)
        assert found["queries"] == 2
        assert found["bm25"]["map"] == found["stream"]["map"] == found["fused"]["mrr"] == 1
        assert found["bm25"]["lead"] == 0
        assert judged_table("x", found).row_count == 6


def test_of_grades_the_upper_half_is_relevant(tmp_path, files):
    jobs, resumes = files
    graded = [{"job": j, "resume": r, "grade": g} for j, r, g in (
        ("j1", "r1", 5), ("j1", "r2", 3), ("j2", "r1", 1), ("j2", "r2", 4))]  # fmt: skip
    pairs = judged.load(jobs, resumes, rows(tmp_path / "q", *graded), ("", "en"))
    assert (pairs.grades > pairs.worth).tolist() == [[True, False], [False, True]]
    part = judged.load(jobs, resumes, rows(tmp_path / "p", *graded[1:]), ("", "en"))
    assert part.grades[0, 0] == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"job": "j1", "resume": "r1"}, "a judgement is"),
        ({"job": "j9", "resume": "r1", "grade": 1}, "no judgement of a pair"),
    ],
)
def test_a_judgement_that_is_none_is_told(tmp_path, files, row, message):
    with pytest.raises(DataError, match=message):
        judged.load(*files, rows(tmp_path / "q", row), ("", "en"))


def test_of_texts_in_several_languages_one_must_be_named(tmp_path, files):
    with pytest.raises(DataError, match="en, zh; say which"):
        judged.load(*files, rows(tmp_path / "q", {"job": "j1", "relevant": ["r1"]}))
    assert Languages().convert("zh", None, None) == ("zh", "zh")
    assert Languages().convert("zh:en", None, None) == ("zh", "en")


def test_a_folder_has_a_document_each(tmp_path, files):
    folder = tmp_path / "cvs"
    folder.mkdir()
    (folder / "r1.txt").write_text("Java Developer, Spring Boot and Kafka for six years", encoding="utf-8")
    qrels = rows(tmp_path / "q", {"job": "j1", "relevant": ["r1"]})
    assert "Kafka" in judged.load(files[0], folder, qrels, ("", "en")).cvs[0]


def test_records_of_known_people_are_resolved(tmp_path):
    data = rows(
        tmp_path / "people",
        {"id": 1, "person": "a", "first_name": "Matilda", "surname": "Harrison", "email": "matilda.h@example.com"},
        {"id": 2, "person": "a", "first_name": "Matilda", "surname": "Harrison", "email": "matilda.h@example.com"},
        {"id": 3, "person": "b", "given_name": "Oscar", "surname": "Lindqvist", "suburb": "Leeds", "ssn": "5551234567"},
        {"id": 4, "person": "b", "given_name": "Oskar", "surname": "Lindqvist", "suburb": "Leeds", "ssn": "5551234567"},
        {
            "id": 5,
            "person": "c",
            "given_name": "Greta",
            "surname": "Lindqvist",
            "suburb": "Leeds",
            "date_of_birth": "19900517",
        },
        {"id": 6, "person": "c", "given_name": "Greta", "surname": "Lindqvist", "suburb": "Leeds", "dob": "1990-05-17"},
    )
    found = resolution_files.measure(data, "talent", contact="ssn")
    assert (found["precision"], found["recall"], found["f1"]) == (1, 1, 1)
    assert (found["records"], found["entities"], found["seed"]) == (6, 3, None)
    shown = CliRunner().invoke(resolution, ["--data", str(data)])
    assert shown.exit_code == 0
    assert "blocking recall" in shown.output
    with pytest.raises(DataError, match="person"):
        resolution_files.measure(rows(tmp_path / "x", {"id": 1}), "talent")


def test_pairs_of_names_are_compared(tmp_path):
    data = rows(
        tmp_path / "pairs",
        {"name1": "Vodafone Limited", "name2": "Vodafone Ltd", "same": True},
        {"name1": "Vodafone Limited", "name2": "Siemens AG", "same": False},
        {"name1": "Vodafone Limited", "name2": "Voice & Data", "same": True},
    )
    found = resolution_files.measure(data, "company")
    assert (found["rows"], found["precision"], found["recall"], found["f1"]) == (3, 1, 0.5, 0.6667)
    assert found["merged"]["recall"] <= found["recall"]


def test_short_names_are_looked_for_in_a_corpus(tmp_path):
    corpus = rows(tmp_path / "c", {"id": "1", "name": "云启科技有限公司"}, {"id": "2", "name": "蓝海物流有限公司"})
    data = rows(
        tmp_path / "d",
        {"short": "云科", "relevant": ["1"]},
        {"short": "Lanhai Logistics", "relevant": ["2"]},
        {"short": "无", "relevant": ["9"]},
    )
    found = resolution_files.measure(data, "company", corpus)
    assert (found["rows"], found["left_out"], found["accuracy_at_1"], found["mrr"]) == (2, 1, 1, 1)
    with pytest.raises(DataError, match="--corpus"):
        resolution_files.measure(data, "company")
