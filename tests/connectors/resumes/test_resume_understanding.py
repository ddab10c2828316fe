"""What understands resumes: documents' errors as dead letters, and a parser that dies, hangs or has no end."""

import asyncio
import shutil
from datetime import date
from pathlib import Path

import pytest

from connectors.documents import Document
from connectors.message import build_resume
from connectors.resumes import understanding as resumes
from connectors.resumes.understanding import ResumeUnderstanding
from schemas.errors import BadMessageError
from schemas.settings import ResumeSettings, Settings
from schemas.submissions import Resume, ResumeParsed
from schemas.topics import RESUMES, RESUMES_PARSED
from sinks.topic_sink import Message
from streams.delivery import Courier, Inbound
from streams.progress import Progress
from streams.resumes import ResumeStage

pytestmark = pytest.mark.slow

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
    assert seen[0].talent.phones == ["+8613800138000"]
    assert seen[0].talent.years_experience == pytest.approx(6.9, abs=0.1), "as of the day given, not of today"


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
    assert [one.talent.name for one in good] == [f"t{n}" for n in range(50)]
    both = await asyncio.gather(*(ruined.parse(name, DOCUMENT, DAY) for name in ("a", "b")))
    assert [one.talent.name for one in both] == ["a", "b"], "the one that was ruined is replaced"


@pytest.mark.slow
async def test_the_longest_resume_is_parsed_within_the_time(reader):
    """Lines of a long list, which no person has: reading stops at half a million characters."""
    text = TEXT + "2019.03 - 至今  北京云图科技有限公司  后端工程师  Kafka, Python\n" * 9000
    understood = await reader.parse("t", await reader.read(text.encode()), DAY)
    assert understood.talent.phones == ["+8613800138000"]


async def test_a_parser_that_does_not_start_holds_a_resume_back_until_it_does(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    monkeypatch.setattr(resumes, "_PARSER", "late_parser")
    reader = ResumeUnderstanding(Settings(data_dir=tmp_path, resumes=ResumeSettings(workers=1)))
    published: list[Message] = []

    class Results:
        async def publish(self, messages):
            published.extend(messages)

    progress = Progress("read resume", RESUMES)
    stage, results = ResumeStage(reader, Results()), Results()
    courier = Courier(stage, results, group="g", max_bytes=1 << 20, retry_max_seconds=0.1, progress=progress)
    message = build_resume("t1", text=TEXT, source="crm")
    inbound = Inbound(RESUMES, 0, 0, message.key, message.value, message.headers, 0.0)
    delivering = asyncio.create_task(courier.deliver([inbound]))
    try:
        while not delivering.done() and not progress.held_back_by:
            await asyncio.wait([delivering], timeout=0.05)
        assert progress.held_back_by == "ReaderError"
        assert published == []
        shutil.copy(ROOT / "tests" / "ruined_parser.py", tmp_path / "late_parser.py")
        await delivering
    finally:
        delivering.cancel()
        await reader.close()
    assert [m.topic for m in published] == [RESUMES_PARSED, "talent-events"]
