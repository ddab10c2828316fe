"""What understands resumes: documents' errors as dead letters, and a parser that dies."""

from datetime import date

import pytest
from dying import die

from ops import resumes
from ops.resumes import ResumeUnderstanding
from ops.settings import Settings
from schemas.errors import BadMessageError
from schemas.submissions import Resume, ResumeParsed

DAY = date(2026, 1, 5)
TEXT = "李明辉\n电话：13800138000\n\n工作经历\n2019.03 - 至今  北京云图科技有限公司  后端工程师\n"


@pytest.fixture
async def reader(tmp_path):
    (tmp_path / "cv.txt").write_text(TEXT)
    found = ResumeUnderstanding(Settings(data_dir=tmp_path, resume_folder=tmp_path, resume_workers=1))
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


async def test_a_parser_that_dies_is_replaced(reader, monkeypatch):
    document = await reader.read(TEXT.encode())
    with monkeypatch.context() as patch:
        patch.setattr(resumes, "parse_submission", die)
        with pytest.raises(BadMessageError) as error:
            await reader.parse("t", document, DAY)
    assert error.value.code == "crashed"
    assert (await reader.parse("t", document, DAY)).fields["phones"]
