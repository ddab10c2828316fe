"""The generated resumes: deterministic, varied, readable, and true to what they show."""

import io
import json
import random
import sys
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner
from PIL import Image

from connectors.documents import Document, Limits
from connectors.documents.formats import read
from ops.benchmarks.resume import RivalError, bench, compare
from ops.cli.main import main
from ops.evaluation.profile import plain
from ops.evaluation.resume_suite.compose import compose
from ops.evaluation.resume_suite.dates import known, span
from ops.evaluation.resume_suite.layouts import LAYOUTS
from ops.evaluation.resume_suite.measure import measure
from ops.evaluation.resume_suite.people import person
from ops.evaluation.resume_suite.reading import truth_of
from ops.evaluation.resume_suite.scan import QUALITIES, scan
from ops.evaluation.resume_suite.scoring import score
from ops.evaluation.resume_suite.suite import cases, long_cases
from ops.evaluation.resume_suite.truth import Truth
from schemas.resume import ResumeProfile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def suite():
    """One resume of each layout."""
    return list(cases(len(LAYOUTS)))


def said(truth):
    """All that must stand in the file as it is."""
    yield truth.facts["name"]
    yield from truth.facts["email"]
    for job in truth.work:
        yield from (job["employer"], job["title"])
    for study in truth.education:
        yield from (study["school"], study["field"])
    yield from truth.skills
    yield from truth.certificates
    yield from truth.languages


def test_layouts_are_many_and_both_parts_have_every_language_and_format():
    assert len(LAYOUTS) >= 30
    assert [layout.id for layout in LAYOUTS] == list(range(len(LAYOUTS)))
    for part in ("dev", "test"):
        mine = [layout for layout in LAYOUTS if layout.part == part]
        assert {layout.language for layout in mine} == {"zh", "en", "mixed"}
        assert {layout.format for layout in mine} == {"pdf", "docx", "html"}
        assert {layout.columns for layout in mine} >= {"one", "left", "right"} - ({"right"} if part == "dev" else set())


def test_the_same_seed_makes_the_same_files(suite):
    again = list(cases(3))
    assert [(c.data, c.truth) for c in again] == [(c.data, c.truth) for c in suite[:3]]
    assert next(iter(cases(1, seed=1))).truth != suite[0].truth


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.id))
def test_the_truth_is_what_the_sheet_shows(layout):
    for number in range(6):
        rng = random.Random(f"{layout.id}/{number}")
        who = person(rng, layout.language)
        sheet, truth = compose(rng, layout, who)
        text = plain(repr(sheet).replace("\\u3000", ""))
        assert all(plain(value) in text for value in said(truth))
        assert len(truth.work) >= len(who.jobs)
        assert who.name == truth.facts["name"]


def test_people_are_varied():
    rng = random.Random(3)
    people = [person(rng, language) for language in ("zh", "en", "mixed") for _ in range(120)]
    assert len({p.name for p in people}) > 300
    assert len({j.employer for p in people for j in p.jobs}) > 400
    assert any("·" in p.name for p in people)
    assert any(len(p.name) == 4 and "·" not in p.name for p in people)
    tongues = Counter(job.tongue for p in people[240:] for job in p.jobs)
    assert min(tongues["zh"], tongues["en"]) > 50
    for p in people:
        assert all(a.start >= b.end for a, b in zip(p.jobs, p.jobs[1:], strict=False))
        assert p.studies[0].end <= (p.jobs[-1].start if p.jobs else (2027, 1))


def test_digital_files_can_be_read_back(suite):
    missing = Counter()
    values = 0
    for case in suite:
        text = plain(read(case.data, Limits(), None).text)
        for value in said(case.truth):
            values += 1
            if plain(value) not in text:
                missing[case.name] += 1
    assert missing.total() <= 0.002 * values, missing


@pytest.mark.parametrize("quality", QUALITIES)
def test_scans_are_pictures_of_the_page(suite, quality):
    picture = Image.open(io.BytesIO(scan(suite[8].data, quality, 1)))
    assert picture.format == ("JPEG" if quality == "jpeg45" else "PNG")
    assert picture.size == (1654, 2339)
    assert scan(suite[1].data, quality, 1)[:4] == b"%PDF"


def test_long_resumes_have_their_pages():
    [case] = long_cases(1)
    assert len(read(case.data, Limits(), None).pages) == 3


@pytest.mark.parametrize(
    ("style", "start", "end", "text", "start_known"),
    [
        ("dot", (2019, 3), None, "2019.03 - 至今", "2019-03"),
        ("to", (2019, 3), (2020, 11), "2019年03月至2020年11月", "2019-03"),
        ("mon", (2019, 5), (2020, 9), "May 2019 – Sept 2020", "2019-05"),
        ("dot_mon", (2019, 5), (2020, 9), "May 2019 - Sept. 2020", "2019-05"),
        ("year", (2019, 3), (2020, 11), "2019 – 2020", "2019"),
        ("tick", (2009, 3), None, "Mar '09 – Present", "2009-03"),
    ],
)
def test_times_are_written_and_known(style, start, end, text, start_known):
    assert span(style, start, end) == text
    assert known(style, start) == start_known


def truth():
    return Truth(
        facts={"name": "张伟", "email": ["a@example.com"], "place": "Boston", "link": ["https://www.example.com/a"]},
        work=[
            {"employer": "甲公司", "title": "工程师", "start": "2019-03", "end": "present"},
            {"employer": "乙公司", "title": "助理", "start": "2017-03", "end": "2019-02"},
        ],
        skills=["Go", "C++"],
    )


def test_what_is_the_same_but_for_writing_is_right():
    found = truth()
    found.facts |= {"name": "张 伟", "place": "Boston, MA", "link": ["example.com/a/"]}
    found.skills = ["c++", "go", "SQL"]
    assert all(item.correct for item in score(truth(), found))


def test_missing_wrong_and_invented_values_are_items():
    found = truth()
    found.facts |= {"email": ["a@example.com", "referee@example.com"], "birth": "1990"}
    found.work = [
        {"employer": "乙公司", "title": "助理", "start": "2017-03", "end": "2019-01"},
        {"employer": "丙公司", "title": None, "start": None, "end": None},
    ]
    found.skills = ["C"]
    wrong = Counter(item.field for item in score(truth(), found) if not item.correct)
    assert wrong == {
        "email": 1, "birth": 1, "skill": 2, "work.employer": 2, "work.title": 1, "work.start": 1, "work.end": 2,
    }  # fmt: skip


async def test_figures_are_by_field_format_language_and_layout(suite):
    truths = {case.truth.facts["name"]: case.truth for case in suite}

    def perfect(document):
        return next((t for name, t in truths.items() if plain(name) in plain(document.text)), Truth())

    chosen = [suite[0], suite[24], suite[36]]
    measured = [so_far async for so_far in measure(chosen, perfect)][-1]
    figures = measured.figures()
    assert figures["documents"] == 3
    assert figures["accuracy"] == figures["digital"] == 1.0
    assert figures["scans"] is None
    assert set(figures["formats"]) == {"pdf", "docx", "html"}
    assert measured.wrong == []


def test_what_is_missing_is_said_with_what_installs_it(monkeypatch, tmp_path):
    monkeypatch.delattr("ops.evaluation.resume_suite.render", raising=False)
    monkeypatch.setitem(sys.modules, "ops.evaluation.resume_suite.render", None)
    result = CliRunner().invoke(main, ["eval", "resume-suite", "--count", "1", "--write", str(tmp_path)])
    assert result.exit_code == 1
    assert "looma-streams[evaluation]" in result.output


def test_the_suite_is_written_with_its_truth(tmp_path):
    result = CliRunner().invoke(
        main, ["eval", "resume-suite", "--layouts", "dev", "--count", "2", "--write", str(tmp_path)]
    )
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    assert [line["layout"] for line in lines] == [0, 2]
    assert all((tmp_path / line["file"]).stat().st_size > 1000 for line in lines)


RIVAL = """#!/bin/sh
for file in "$2"/*.pdf; do
  printf '{"parser": "p", "file": "%s", "seconds": 0.01, "found": {"facts": {"name": "nobody"}}}\\n' "$(basename "$file")"
done
"""


async def test_the_benchmark_times_each_kind_and_compares(tmp_path):
    rival = tmp_path / "rival"
    rival.write_text(RIVAL)
    rival.chmod(0o755)
    figures = await bench(12, 0, 1, str(rival), lambda text: None)
    assert set(figures["latency_ms"]) == {"pdf", "pdf of 3 pages"}
    assert all(0 < row["p50"] <= row["p99"] for row in figures["latency_ms"].values())
    assert figures["throughput"]["digital_per_second"] > 0
    compared = figures["compared"]
    assert compared["files"] == 12
    assert compared["accuracy"]["en"]["other"] < 0.1 < compared["accuracy"]["en"]["looma"]
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\n")
    silent.chmod(0o755)
    with pytest.raises(RivalError):
        await compare(list(cases(1)), str(silent))


def test_the_command_prints_figures_and_a_table():
    result = CliRunner().invoke(main, ["eval", "resume-suite", "--layouts", "dev", "--count", "3", "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["documents"] == 3
    assert figures["accuracy"] > 0.9
    result = CliRunner().invoke(main, ["eval", "resume-suite", "--layouts", "dev", "--count", "3", "--wrong"])
    assert "work.employer" in result.stdout


async def test_an_unread_file_counts_as_nothing_found(suite):
    broken = replace(suite[0], data=b"%PDF-1.4 nothing")
    [measured] = [so_far async for so_far in measure([broken], lambda document: Truth())]
    assert measured.unread == 1
    assert measured.figures()["accuracy"] == 0.0
    assert measured.wrong[0][0] == suite[0].name


def test_a_profile_says_what_the_truth_does():
    found = truth_of(ResumeProfile(), Document(format="text", text=""))
    assert found == Truth()
