"""The suite of layouts: two halves, the same for the same seed, and true to what the files show."""

import random
from collections import Counter

import pytest

from connectors.documents import Limits
from connectors.documents.formats import read
from ops.evaluation.layout_suite.measure import Measured
from ops.evaluation.layout_suite.people import person
from ops.evaluation.layout_suite.suite import Case, cases, templates
from ops.evaluation.layout_suite.writing import known, lasted, month
from ops.evaluation.profile import plain
from ops.evaluation.resume_suite.truth import Truth

pytestmark = pytest.mark.slow


def test_both_halves_have_thirty_layouts_and_every_format():
    for half in ("tuning", "reporting"):
        mine = templates(half)
        assert len(mine) >= 30
        assert {t.kind for t in mine} == {"pdf", "docx", "html", "txt"}
        assert {t.country for t in mine} >= {"us", "gb", "in", "cn", "tw", "de", "fr"}
        assert any(t.scanned for t in mine)
    names = [t.name for t in templates()]
    assert len(set(names)) == len(names)


def test_what_is_true_stands_in_the_file():
    values, missing = 0, Counter()
    for case in cases(each=1):
        text = plain(read(case.data, Limits(), None).text)
        truth = case.truth
        shown = [truth.facts["name"], *truth.facts["email"], *truth.skills, *truth.certificates, *truth.languages]
        shown += [job[key] for job in truth.work for key in ("employer", "title")]
        shown += [study["school"] for study in truth.education]
        for value in shown:
            values += 1
            if plain(value) not in text:
                missing[case.name] += 1
    assert values > 1000
    assert missing.total() <= 0.01 * values, missing


def test_the_same_seed_draws_the_same_people():
    first, again, other = (next(iter(cases("tuning", 1, seed=seed))) for seed in (5, 5, 6))
    assert (first.data, first.truth) == (again.data, again.truth)
    assert other.truth != first.truth


def test_careers_run_back_from_today_and_studies_end_before_them():
    rng = random.Random(2)
    for country in ("us", "gb", "in", "au", "eu", "cn", "tw", "hk", "de", "fr"):
        for _ in range(20):
            who = person(rng, country)
            assert all(a.start >= (b.end or (9999, 1)) for a, b in zip(who.jobs, who.jobs[1:], strict=False))
            assert who.studies[0].end <= who.jobs[-1].start
            assert len({job.employer for job in who.jobs}) == len(who.jobs)


@pytest.mark.parametrize(
    ("style", "text", "told"),
    [
        ("han", "二〇一九年十二月", "2019-12"),
        ("民國", "民國108年12月", "2019-12"),
        ("mm/yy", "12/19", "2019-12"),
        ("y", "2019", "2019"),
    ],
)
def test_months_are_written_and_known(style, text, told):
    assert month((2019, 12), style) == text
    assert known((2019, 12), style) == told


def test_how_long_something_lasted():
    assert lasted((2019, 3), (2021, 5)) == "2 years 3 months"
    assert lasted((2019, 3), (2019, 3), "de") == "1 Monat"


def test_a_position_is_right_only_as_a_whole_and_reporting_keeps_its_mistakes():
    template = templates("reporting")[0]
    job = {"employer": "Tarnfield Ltd", "title": "Buyer", "start": "2019-03", "end": "present"}
    truth = Truth(facts={"name": "Ann Ash"}, work=[job, {**job, "employer": "Corvid plc"}])
    found = Truth(
        facts={"name": "Ann Ash", "gender": "female"}, work=[job, {**job, "employer": "Corvid plc", "end": "2020-01"}]
    )
    measured = Measured()
    measured.add(Case("x-0", template, False, b"", truth), found)
    figures = measured.figures()
    assert figures["positions"] == {"accuracy": 0.5, "items": 2}
    assert figures["fields"]["work.end"] == {"accuracy": 0.5, "items": 2}
    assert "gender" not in figures["fields"]
    assert measured.tuning == set()
