"""What understands resumes: documents' errors as dead letters, and a parser that dies, hangs or has no end."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from connectors.documents import Document
from connectors.resumes import understanding as resumes
from connectors.resumes.understanding import ResumeUnderstanding
from schemas.errors import BadMessageError
from schemas.settings import ResumeSettings, Settings
from schemas.submissions import Resume, ResumeParsed

ROOT = Path(__file__).parents[3]
DAY = date(2026, 1, 5)
TEXT = "李明辉\n电话：13800138000\n\n工作经历\n2019.03 - 至今  北京云图科技有限公司  后端工程师\n"


@pytest.fixture
async def reader(tmp_path):
    (tmp_path / "cv.txt").write_text(TEXT)
    found = ResumeUnderstanding(Settings(data_dir=tmp_path, resumes=ResumeSettings(folder=tmp_path, workers=1)))
    yield found
    await found.close()


async def test_text_file_and_reference_say_the_same(reader):
    ways = [Resume(talent_id="t", text=TEXT), Resume(talent_id="t", reference="cv.txt")]
    seen = [await reader.parse("t", await reader.read(await reader.fetch(way)), DAY) for way in ways]
    assert seen[0] == seen[1]
    parsed = ResumeParsed.model_validate_json(seen[0].parsed)
    assert parsed.profile.phones[0].value == "+8613800138000"
    assert seen[0].fields["phones"] == ["+8613800138000"]
    assert seen[0].fields["years_experience"] == pytest.approx(6.9, abs=0.1), "as of the day given, not of today"


async def test_an_unreadable_document_has_its_code(reader):
    with pytest.raises(BadMessageError) as error:
        await reader.read(b"%PDF-1.4 nothing")
    assert error.value.code == "damaged"


DOCUMENT = Document(format="text", text="x")


@pytest.fixture
async def ruined(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests'}:{ROOT}")
    monkeypatch.setattr(resumes, "_PARSER", "ruined_parser")
    monkeypatch.setattr(resumes, "PARSE_SECONDS", 1)
    found = ResumeUnderstanding(Settings(data_dir=tmp_path, resumes=ResumeSettings(workers=2)))
    yield found
    await found.close()


@pytest.mark.parametrize(
    ("way", "code"),
    [("dies", "crashed"), ("spins", "too_slow"), ("hangs", "too_slow"), ("eats", "too_big"), ("fails", "crashed")],
)
async def test_a_resume_that_ruins_its_parser_has_a_code_and_its_neighbours_are_parsed(ruined, way, code):
    bad = asyncio.create_task(ruined.parse(way, DOCUMENT, DAY))
    good = [await ruined.parse(f"t{n}", DOCUMENT, DAY) for n in range(50)]

    with pytest.raises(BadMessageError) as error:
        await bad
    assert error.value.code == code
    assert "张三" not in str(error.value)
    assert [one.fields["talent"] for one in good] == [f"t{n}" for n in range(50)]
    both = await asyncio.gather(*(ruined.parse(name, DOCUMENT, DAY) for name in ("a", "b")))
    assert [one.fields["talent"] for one in both] == ["a", "b"], "the one that was ruined is replaced"


async def test_the_longest_resume_is_parsed_within_the_time(reader):
    """Lines of a long list, which no person has: reading stops at half a million characters."""
    text = TEXT + "2019.03 - 至今  北京云图科技有限公司  后端工程师  Kafka, Python\n" * 9000
    understood = await reader.parse("t", await reader.read(text.encode()), DAY)
    assert understood.fields["phones"] == ["+8613800138000"]
