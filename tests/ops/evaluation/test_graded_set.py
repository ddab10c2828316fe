"""The large graded set: its size and mix, its rubric, and that it stays what was measured."""

import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from ops.cli.eval import match as eval_match
from ops.evaluation.graded.attributes import amiss, grade
from ops.evaluation.graded.material import PROFESSIONS, WORDING
from ops.evaluation.graded.suite import large_set
from ops.evaluation.match_sets import graded_set


def test_the_set_is_large_mixed_and_graded():
    made = large_set()
    grades = np.array(made.grades)
    assert grades.shape == (144, 240)
    assert len(set(made.cvs)) == 144
    assert len(set(made.ads)) == 240
    assert all(np.bincount([p.level for p in made.people]) > 10)
    assert (grades.max(axis=1) > 0).all(), "a CV without any fitting ad measures nothing"
    for row in grades:
        assert (row > 0).sum() < 20, "within a profession some do not fit"
    assert all((grades == g).sum() > 100 for g in (1, 2, 3))
    for half in (0, 1):
        chinese = [bool(re.search(r"[\u4e00-\u9fff]", text)) for text in made.cvs[half::2]]
        assert sum(chinese) == 36


def test_the_set_is_the_one_that_was_measured():
    texts = json.dumps([large_set().cvs, large_set().ads, large_set().grades], ensure_ascii=False)
    assert hashlib.sha256(texts.encode()).hexdigest()[:16] == "1e65341de6261406"


def test_the_halves_use_other_phrases():
    halves = [" ".join(large_set().cvs[half::2]) for half in (0, 1)]
    for profession in PROFESSIONS.values():
        for skills in profession.skills.values():
            for phrases in skills.values():
                for first, second in (phrases[:2], phrases[2:4]):
                    assert first != second
                    if first not in second and second not in first:
                        assert second not in halves[0] or any(second in p for p in _all_of(0))
                        assert first not in halves[1] or any(first in p for p in _all_of(1))


def _all_of(half: int) -> list[str]:
    return [
        phrase
        for profession in PROFESSIONS.values()
        for group in (*profession.skills.values(), profession.industries)
        for phrases in group.values()
        for phrase in (phrases[half], phrases[2 + half])
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_wording_is_there_for_both_halves(language):
    words = WORDING["cv"][language]
    for key, variants in words.items():
        assert len(variants) % 2 == 0 or all(len(v) == 2 for v in variants), key
    assert all(len(v) % 2 == 0 for v in WORDING["levels"][language])


def test_the_rubric():
    made = large_set()
    row, column = next((i, j) for i, p in enumerate(made.people) for j, v in enumerate(made.jobs) if not amiss(p, v))
    job = replace(made.jobs[column], must=("ventilator", "crrt"), industry="public", leads=5, urgent=True, degree=2,
                  language=("english", 2), years=(4, None), salary=(10, 20), remote=False, level=3)  # fmt: skip
    person = replace(made.people[row], profession=job.profession, specialty=job.specialty, moves=False, city=job.city,
                     skills=dict.fromkeys(job.must, True), led=3, start=4, degree=2, languages={"english": 2}, years=4,
                     salary=22, level=3, field=True)  # fmt: skip
    person = replace(person, positions=(replace(person.positions[0], industry="public"),))
    assert amiss(person, job) == 0
    for change, cost in (
        ({"skills": {"crrt": True}}, 1.25), ({"skills": {"crrt": True, "ventilator": False}}, 0.625), ({"skills": {}}, 2.5),
        ({"specialty": "other"}, 0.5), ({"level": 1}, 1.5), ({"level": 4}, 0), ({"years": 3}, 0.25),
        ({"city": job.city + 1}, 1), ({"city": job.city + 1, "moves": True}, 0), ({"salary": 23}, 1), ({"salary": None}, 0),
        ({"languages": {}}, 1), ({"languages": {"english": 1}}, 0.5), ({"degree": 0}, 1), ({"start": 12}, 0.5), ({"led": 0}, 0.5),
    ):  # fmt: skip
        assert amiss(replace(person, **change), job) == pytest.approx(cost), change
    assert grade(person, job) == 3
    assert grade(replace(person, city=job.city + 1), job) == 2
    assert grade(replace(person, city=job.city + 1, level=1), job) == 1
    assert grade(replace(person, skills={}, level=1), job) == 0
    assert grade(replace(person, profession="other"), job) == 0


def test_both_sets_have_one_form():
    for name in ("small", "large"):
        graded = graded_set(name)
        assert graded.grades.shape == (len(graded.cvs), len(graded.ads))


@pytest.mark.parametrize(("chosen", "sets"), [("both", ["small", "large"]), ("large", ["large"]), ("small", ["small"])])
def test_the_command_measures_the_sets_asked_for(monkeypatch, chosen, sets):
    system = {"ndcg10": 0.5, "interval": (0.4, 0.6)}
    calibration = {"pairs": 0, "calibration_error": 0.0, "means": "", "reliability": []}

    def measured(model, *, name):
        return {"set": name, "talents": 1, "jobs": 1, "calibration": calibration, "model": system,
                **dict.fromkeys(("stream", "embedding", "bm25", "random"), system)}  # fmt: skip

    monkeypatch.setattr("ops.evaluation.match.in_house", measured)
    monkeypatch.setattr("streams.models.default_model.ensure_model", lambda _: None)
    monkeypatch.setattr("processors.embedding.model.SentenceEncoder", lambda _: None)
    run = CliRunner().invoke(eval_match.match, ["--set", chosen, "--json"])
    figures = json.loads(run.output)
    assert figures["set"] == sets[0]
    assert ("large" in figures) == (len(sets) == 2)
    table = CliRunner().invoke(eval_match.match, ["--set", chosen])
    assert all(f"{name} set" in table.output for name in sets)
