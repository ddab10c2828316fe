"""The measures of rankings, the graded set, and the files that are read."""

import itertools
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from ops.cli.eval.match import annotated_table, calibration_table, in_house_table
from ops.cli.match import match as match_command
from ops.evaluation import match
from ops.evaluation.fairness import GROUPS, fairness
from ops.evaluation.match import JobAd, agreement, annotated, bm25, in_house, interval, ndcg
from ops.evaluation.match_files import DataError, load
from ops.evaluation.match_grades import grade, relevance_set
from processors.matching.features import FEATURES
from processors.matching.weights import load_weights


class Letters:
    """A model of its own kind: pairs of letters, hashed."""

    version = "letters"
    dimensions = 64

    def embed(self, texts):
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for a, b in itertools.pairwise(text):
                row[(ord(a) * 31 + ord(b)) % 64] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


ADS = [JobAd("Java Developer", "Spring Boot, Kafka, SQL. 5 years."), JobAd("Nurse", "Intensive care, patients.")]
CVS = ["Java Developer\nSpring Boot and Kafka for 6 years", "Registered nurse\nintensive care, patients"]


def test_the_set_is_large_mixed_and_graded():
    talents, jobs = relevance_set()
    assert len(talents) >= 60
    assert len(jobs) >= 60
    assert len({t.profession for t in talents}) == 12
    assert {t.language for t in talents} == {j.language for j in jobs} == {"zh", "en"}
    assert {grade(t, j) for t in talents for j in jobs} == {0, 1, 2, 3}


def test_the_rubric():
    talents, jobs = relevance_set()
    talent, job = talents[0], jobs[0]
    assert grade(talent, job) == 3
    assert grade(replace(talent, place="urumqi"), job) == 2
    assert grade(replace(talent, level=0), job) == 1
    assert grade(replace(talent, skills=frozenset()), job) == 2
    assert grade(replace(talent, specialty="nurse/surgical"), job) == 1
    assert grade(replace(talent, specialty="lawyer/ip"), job) == 0


def test_ndcg():
    assert ndcg([3, 2, 1], [7, 3, 0], 3) == 1
    assert ndcg([1, 2, 3], [7, 0, 0], 3) == pytest.approx(0.5)
    assert ndcg([1, 2], [0, 0], 2) == 1
    assert interval([0.5] * 9) == (0.5, 0.5)


def test_agreement():
    assert agreement([[0, 1, 2]], [[0, 1, 2]], 3) == {"ndcg5": 1, "mrr": 1, "spearman": 1, "top1": 1}
    worst = agreement([[2, 1, 0], [0]], [[0, 1, 2], []], 3)
    assert worst["spearman"] == -1
    assert worst["mrr"] == pytest.approx(1 / 3, abs=1e-3)
    assert worst["top1"] == 0


def test_systems_are_measured_beside_each_other():
    figures = annotated(CVS, ADS, {"annotator_1": [[0, 1], [1, 0]], "annotator_2": [[0, 1], [0, 1]]}, Letters())
    assert figures["model"]["by_annotator"]["annotator_1"]["top1"] == 1
    assert figures["stream"]["by_annotator"]["annotator_1"]["top1"] == 1
    assert figures["bm25"]["by_annotator"]["annotator_1"]["top1"] == 1
    assert figures["annotators"]["top1"] == 0.5
    assert set(figures["random"]) >= {"ndcg5", "mrr", "spearman", "top1"}
    assert annotated_table(figures).row_count == 6
    assert bm25(["护理 病人"], [JobAd("护理", "病人"), JobAd("x", "y")])[0, 0] > 0


def test_an_annotator_who_ranked_nothing_counts_for_nothing():
    judged = {"annotator_1": [[0, 1], [1, 0]]}
    absent = {**judged, "annotator_2": [[], []]}
    alone, beside = (annotated(CVS, ADS, rankings, Letters()) for rankings in (judged, absent))
    assert agreement([[0, 1]], [[]], 2) is None
    assert beside == alone
    assert beside["annotators"] is None
    half = annotated(CVS, ADS, {**judged, "annotator_2": [[0, 1], []]}, Letters())
    assert half["annotators"]["top1"] == 1, "of the CVs that both ranked"
    assert annotated_table(beside).row_count == 5


def test_a_null_is_an_annotator_who_was_absent(tmp_path):
    pytest.importorskip("connectors.documents")
    from docx import Document

    document = Document()
    document.add_paragraph("Java Developer")
    document.save(str(tmp_path / "1.docx"))
    row = {"cv": 1, "annotator_1": [1], "annotator_2": None}
    data = load(write(tmp_path / "v.jsonl", JOB), tmp_path, write(tmp_path / "r.jsonl", row))
    assert list(annotated(data.cvs, data.ads, data.rankings, Letters())["model"]["by_annotator"]) == ["annotator_1"]


def test_the_evaluation_reads_only_what_an_event_can_carry(monkeypatch):
    monkeypatch.setattr(match, "talent_fields", lambda text, today: {"title": "x", "never_declared": True})
    for pool in (match.read_pool, match.stream_pool):
        with pytest.raises(ValidationError, match="never_declared"):
            pool(CVS, ADS, Letters())


@pytest.mark.parametrize("pool", [match.read_pool, match.stream_pool])
def test_what_is_misread_is_left_out(pool):
    career = "Java, 99 years\n工作经历\n1900.01 - 2026.01 甲公司\n- Kafka"
    made = pool([career], [JobAd("Engineer " * 100, "Java, 99 years of experience")], Letters(), date(2026, 6, 1))
    assert made.talents[0].years is None
    assert made.talents[0].skills["java"].years is None
    assert made.jobs[0].skills["java"].years is None


@pytest.mark.parametrize("pool", [match.read_pool, match.stream_pool])
def test_the_day_is_the_one_that_is_given(pool):
    cv = "工作经历\n2014.06 - 2018.06 乙公司\n- MySQL"
    now, later = (pool([cv], ADS, Letters(), date(year, 6, 1)).talents[0].skills["mysql"].idle for year in (2020, 2024))
    assert later - now == pytest.approx(4, abs=0.02)


@pytest.mark.slow
def test_the_in_house_set_is_measured():
    figures = in_house(Letters())
    assert figures["model"]["ndcg10"] > figures["random"]["ndcg10"] + 0.3
    assert figures["random"]["margin_interval"][0] > 0
    assert in_house_table(figures).row_count == 5
    calibration = figures["calibration"]
    assert sum(row["pairs"] for row in calibration["reliability"]) == calibration["pairs"] == 30 * 60
    assert calibration["brier"] < calibration["brier_base_rate"]
    assert calibration["calibration_error"] < 0.05
    assert calibration_table(calibration).row_count == len(calibration["reliability"])


@pytest.mark.slow
def test_who_somebody_is_changes_no_score():
    chosen = {name: GROUPS[name] for name in ("age", "name, bare line")}
    figures = fairness(Letters(), 0.5, chosen)
    for attribute in chosen:
        row = figures[attribute]
        assert row["four_fifths"]
        assert (row["ratio"], row["largest_change"], row["top1_changed"]) == (1, 0, 0)


def write(path: Path, *rows) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))
    return path


JOB = {"id": 1, "job_title": "Java Developer", "job_description": "Spring"}


@pytest.mark.parametrize(
    ("jobs", "rankings", "why"),
    [([JOB], [{"cv": 1}], "annotator"), ([], [{"cv": 1, "annotator_1": [1]}], "empty"), (["{"], [], "not JSON"),
     (["[]"], [], "object"), ([{"job_title": "x"}], [], "job_description"), ([JOB], [{"cv": "../x", "annotator_1": [1]}], "cv"),
     ([JOB], [{"cv": 1, "annotator_1": [2]}], "position"), ([JOB], [{"cv": 1, "annotator_1": [1, 1]}], "twice")],
)  # fmt: skip
def test_mistakes_in_files_are_named(tmp_path, jobs, rankings, why):
    with pytest.raises(DataError, match=why):
        load(write(tmp_path / "v.jsonl", *jobs), tmp_path, write(tmp_path / "r.jsonl", *rankings))


def test_documents_are_read(tmp_path):
    pytest.importorskip("connectors.documents")
    from docx import Document

    document = Document()
    document.add_paragraph("Java Developer")
    document.save(str(tmp_path / "1.docx"))
    data = load(write(tmp_path / "v.jsonl", JOB), tmp_path, write(tmp_path / "r.jsonl", {"cv": 1, "annotator_1": [1]}))
    assert "Java Developer" in data.cvs[0]
    assert data.rankings == {"annotator_1": [[0]]}


def test_weights_are_learned_from_a_file(tmp_path):
    rng, rows = np.random.default_rng(1), []
    for job in range(15):
        for _ in range(6):
            values = dict(zip(FEATURES, rng.random(len(FEATURES)).tolist(), strict=True))
            features = [
                {"name": n, "score": v, "weight": 0.1, "contribution": 0, "reason": "x"} for n, v in values.items()
            ]
            outcome = ("rejected", "shortlisted", "interviewed", "hired")[int(values["salary"] * 3.99)]
            rows.append({"job_id": f"j{job}", "outcome": outcome, "features": features})
    path, out = write(tmp_path / "f.jsonl", *rows), tmp_path / "w.toml"
    run = CliRunner().invoke(match_command, ["learn", "--feedback", str(path), "--out", str(out), "--json"])
    assert run.exit_code == 0, run.output
    assert load_weights(out)["salary"] > 0.1
    assert CliRunner().invoke(match_command, ["learn", "--feedback", str(path)]).exit_code == 0
    bad = write(tmp_path / "bad.jsonl", {"job_id": "x"})
    assert "bad.jsonl:1" in CliRunner().invoke(match_command, ["learn", "--feedback", str(bad)]).output


def test_feedback_is_checked_before_it_is_published():
    say = ["feedback", "t-1", "j-1", "hired", "--time", "2026-01-05T16:00:00+08:00", "--dry-run", "--json"]
    one, same = (CliRunner().invoke(match_command, say) for _ in range(2))
    assert one.exit_code == 0, one.output
    assert one.output == same.output, "the same said of the same time is the same event"
    assert json.loads(one.output)["time"] == "2026-01-05T08:00:00.000000Z"
    for wrong in (["j 1", "hired"], ["j-1", "promoted"], ["j-1", "hired", "--reason", "Too late"],
                  ["j-1", "hired", "--time", "2026-01-05"]):  # fmt: skip
        assert CliRunner().invoke(match_command, ["feedback", "t-1", *wrong, "--dry-run"]).exit_code == 2
