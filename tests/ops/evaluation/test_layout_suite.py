"""The suite of layouts: two halves by two authors, the same for the same seed, and true to what the files show."""

import random
import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from connectors.documents import Limits
from connectors.documents.formats import read
from ops.evaluation.layout_suite.documents.entries import entries
from ops.evaluation.layout_suite.held_out.people import somebody
from ops.evaluation.layout_suite.held_out.when import long, say
from ops.evaluation.layout_suite.measure import Measured, measure
from ops.evaluation.layout_suite.people import Job, person
from ops.evaluation.layout_suite.suite import Case, cases, templates
from ops.evaluation.layout_suite.writing import known, lasted, month
from ops.evaluation.profile import plain
from ops.evaluation.resume_suite.truth import Truth

pytestmark = pytest.mark.slow


def test_both_halves_have_forty_layouts_and_every_format():
    for half in ("tuning", "reporting"):
        mine = templates(half)
        assert len(mine) >= 40
        assert {t.kind for t in mine} == {"pdf", "docx", "html", "txt"}
        assert {t.language for t in mine} == {"zh", "en", "other"}
        assert {t.country for t in mine} >= {"us", "gb", "in", "cn", "tw", "de", "fr"}
        assert any(t.scanned for t in mine)
    names = [t.name for t in templates()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("half", "least"), [("documents", 60), ("unread", 50)])
def test_documents_are_each_of_their_own_layout(half, least):
    layouts = [entry.layout for entry in entries(half)]
    assert len({layout.name for layout in layouts}) == len(layouts) >= least
    assert {layout.half for layout in layouts} == {half}
    assert {layout.kind for layout in layouts} == {"pdf", "docx", "html", "txt"}
    assert {layout.language for layout in layouts} == {"zh", "en", "other"}
    assert len({layout.country for layout in layouts}) >= 15


def test_the_unread_documents_share_no_layouts_people_or_employers_with_the_others():
    def said(half):
        found = list(entries(half))
        jobs = [job for entry in found for job in entry.truth.work]
        return {*(entry.layout.name for entry in found), *(plain(entry.truth.facts["name"]) for entry in found)} | {
            plain(job["employer"]) for job in jobs
        }

    assert said("unread") & said("documents") <= {"selfemployed", "freelance"}


async def test_documents_are_read_above_a_floor():
    *_, measured = [figures async for figures in measure(cases("documents"))]
    assert (measured.documents, measured.unread) == (70, 0)
    assert measured.positions.share >= 0.97
    assert measured.fields["name"].share >= 0.98


def test_what_is_true_stands_in_the_file():
    values, missing = 0, Counter()
    for case in (*cases("reporting", each=1), *cases("unread", each=1)):
        text = plain(read(case.data, Limits(), None).text)
        truth = case.truth
        shown = [
            truth.facts["name"],
            *truth.facts.get("email", ()),
            *truth.skills,
            *truth.certificates,
            *truth.languages,
        ]
        shown += [job[key] for job in truth.work for key in ("employer", "title")]
        shown += [study["school"] for study in truth.education]
        for value in shown:
            values += 1
            if plain(value) not in text:
                missing[case.name] += 1
    assert values > 1000
    assert missing.total() <= 0.01 * values, missing


def test_the_halves_share_no_people_employers_or_duties():
    def said(words):
        names = words.get("names", [])
        groups = names.values() if isinstance(names, dict) else [names]
        found = {" ".join(name) for group in groups for name in group}
        found |= {first + given for first in words.get("surnames", "") for given in words.get("given", [])}
        for work in words["professions"].values():
            found |= {*work.get("employers", []), *work.get("places", []), *work["duties"]}
        return found

    folder = files("ops.evaluation.layout_suite")
    halves = [
        set().union(
            *(said(tomllib.loads(f.read_text("utf-8"))) for f in (folder / part).iterdir() if f.name.endswith(".toml"))
        )
        for part in ("data", "held_out/data")
    ]
    assert all(len(half) > 100 for half in halves)
    assert halves[0].isdisjoint(halves[1])


@pytest.mark.parametrize("half", ["tuning", "reporting"])
def test_the_same_seed_draws_the_same_people(half):
    first, again, other = (next(iter(cases(half, 1, seed=seed))) for seed in (5, 5, 6))
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
    ("country", "profession"), [("us", "army"), ("ae", "sea"), ("cn", "worker"), ("tw", "office"), ("fr", "vente")]
)
def test_careers_of_the_reporting_half_follow_on_each_other_too(country, profession):
    rng = random.Random(3)
    for _ in range(20):
        who = somebody(rng, country, profession, 4, promoted=True)
        assert who.jobs[0].employer == who.jobs[1].employer
        assert all(a.start >= (b.end or (9999, 1)) for a, b in zip(who.jobs, who.jobs[1:], strict=False))
        assert who.studies[0].end <= who.jobs[-1].start
        assert who.birth[0] + 17 < who.studies[-1].start[0] < who.birth[0] + 21


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


@pytest.mark.parametrize(
    ("form", "lang", "text"),
    [
        ("{Mon} {Y}", "en", "Sept 2019"),
        ("{roc}年{m}月", "en", "108年9月"),
        ("{dd}.{mm}.{yy}", "en", "30.09.19"),
        ("{Month} de {Y}", "es", "septiembre de 2019"),
        ("{Mon} {Y}", "fr", "sept. 2019"),
    ],
)
def test_months_are_written_in_a_form(form, lang, text):
    assert say((2019, 9), form, lang, last=True) == text


def test_how_long_something_lasted():
    job = Job("Tarnfield Ltd", "Buyer", "Leeds", (2019, 3), (2021, 3), [])
    assert long(job, (" yr", " yrs"), (" mo", " mos")) == "2 yrs 1 mo"
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
    assert (measured.wrong, figures["templates"]) == ([], {})
    assert figures["groups"].keys() == {template.kind, template.language, "digital"}


def test_what_is_wrong_in_the_tuning_half_is_listed():
    measured = Measured()
    measured.add(Case("x-0", templates("tuning")[0], False, b"", Truth(facts={"name": "Ann Ash"})), Truth())
    assert [(name, item.field) for name, item in measured.wrong] == [("x-0", "name")]
    assert len(measured.figures()["templates"]) == 1
