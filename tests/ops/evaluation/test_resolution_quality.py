"""The evaluation itself is right and reproducible, and a small run of it keeps the promised quality."""

import json

import pytest
from click.testing import CliRunner

from ops.cli.eval import resolution as eval_resolution
from ops.evaluation import resolution
from ops.evaluation.resolution import blocked, evaluate, fit, generate, quality, report
from ops.evaluation.resolution_companies import companies
from ops.evaluation.resolution_forms import forms
from ops.evaluation.resolution_registers import registers
from ops.evaluation.resolution_talents import talents
from schemas.entities import Company, Talent


def test_generated_records_are_valid_and_reproducible():
    assert talents(5, 40) == talents(5, 40) != talents(6, 40)
    assert companies(5, 40) == companies(5, 40) != companies(6, 40)
    assert forms(5, 40) == forms(5, 40) != forms(6, 40)
    assert registers(5, 40) == registers(5, 40) != registers(6, 40)
    for _, _, fields in (*talents(5, 40), *forms(5, 40)):
        Talent.model_validate(fields)
    for _, _, fields in (*companies(5, 40), *registers(5, 40)):
        Company.model_validate(fields)


def test_quality_counts_pairs_and_clusters():
    truth = {"a": "1", "b": "1", "c": "1", "d": "2"}
    q = quality(0.9, [["a", "b"], ["c", "d"]], truth)
    assert (q.precision, q.recall, q.false_merges, q.misses) == (0.5, 1 / 3, 1, 2)
    assert q.b3_precision == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert q.b3_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    perfect = quality(0.9, [["a", "b", "c"], ["d"]], truth)
    assert perfect.f1 == perfect.b3_f1 == 1


@pytest.mark.parametrize(
    ("entity", "size", "f1", "precision"), [("talent", 500, 0.95, 0.98), ("company", 400, 0.95, 0.97)]
)
def test_a_small_held_out_run(entity, size, f1, precision):
    report = evaluate(entity, size=size)
    assert report.at_threshold.f1 >= f1
    assert report.at_threshold.precision >= precision
    assert report.blocking_recall >= 0.93
    assert report.comparisons_per_record < 10
    assert report.calibration_error < 0.03
    recalls = [q.recall for q in report.curve]
    assert recalls[0] > recalls[-1]


def test_people_in_forms_are_told_apart_by_who_they_are():
    found = report("talent", blocked("talent", forms(2027, 400)))
    assert found.at_threshold.precision >= 0.97
    assert found.at_threshold.recall >= 0.85
    assert found.blocking_recall >= 0.85


def test_weights_are_fitted(monkeypatch):
    monkeypatch.setitem(resolution.SIZES, "company", 200)
    found = fit("company", seeds=[1])
    assert found["name"]["same"] > 0 > found["name"]["other_trade"]
    assert found["domain"]["different"] < 0
    assert found["name"]["misspelt"] > 0 > found["name"]["other_number"]


def test_the_command_prints_both_kinds(monkeypatch):
    monkeypatch.setitem(resolution.SIZES, "talent", 60)
    monkeypatch.setitem(resolution.SIZES, "company", 60)
    result = CliRunner().invoke(eval_resolution.resolution, ["--seed", "1", "--json"])
    assert result.exit_code == 0, result.output
    assert set(json.loads(result.stdout)) == {"talent", "company"}
    shown = CliRunner().invoke(eval_resolution.resolution, ["--seed", "1"])
    assert "used for tuning" in shown.output
    assert "blocking recall" in shown.output


def test_generated_pairs_block():
    assert generate("talent", 1, 60).candidates
