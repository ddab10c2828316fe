"""Whatever the bytes, a reader answers with a document or a `DocumentError`, and its worker keeps the limits."""

import asyncio

import documents_samples as samples
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.documents import Document, DocumentError, DocumentReader, Limits

LIMITS = Limits(characters=20_000, unpacked_bytes=5_000_000, pixels=2_000_000, pages=5, scanned_pages=1, cpu_seconds=3)
SEEDS = {
    "pdf": samples.two_columns(),
    "table": samples.ruled_table(),
    "docx": samples.resume_docx(),
    "odt": samples.RESUME_ODT,
    "rtf": samples.RESUME_RTF,
    "doc": samples.RESUME_DOC,
    "html": samples.RESUME_HTML,
    "markdown": samples.RESUME_MD.encode(),
    "json": samples.RESUME_JSON.encode(),
    "text": "张三，高级后端工程师".encode("gb18030"),
}


@pytest.fixture(scope="module")
def read():
    with asyncio.Runner() as runner:
        reader = DocumentReader(workers=1)
        yield lambda data: runner.run(reader.read(data, LIMITS))
        runner.run(reader.close())


def check(read, data):
    try:
        document = read(data)
    except DocumentError as error:
        assert error.code != "busy"
        return
    assert isinstance(document, Document)
    assert len(document.text) <= LIMITS.characters
    assert document.text.encode("utf-8")
    cursor = 0
    for block in document.blocks:
        assert cursor <= block.start < block.end <= len(document.text)
        assert all(block.start <= line.start < line.end <= block.end for line in block.lines)
        assert all(len(line.edges) == line.end - line.start + 1 for line in block.lines)
        cursor = block.end
    assert all(0 <= link.start < link.end <= len(document.text) for link in document.links)


@st.composite
def mutated(draw, seed):
    data = bytearray(seed)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "insert", "repeat", "end"])):
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at : at + draw(st.integers(1, 200))]
            case "insert":
                data[at:at] = draw(st.binary(max_size=40))
            case "repeat":
                data[at:at] = data[at : at + 200] * draw(st.integers(1, 5))
            case "end":
                del data[max(at, 1) :]
    return bytes(data)


@pytest.mark.parametrize("name", SEEDS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_damaged_files_are_documents_or_errors(read, name, data):
    check(read, data.draw(mutated(SEEDS[name])))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
def test_noise_is_a_document_or_an_error(read, data):
    check(read, data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=500), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_any_text_is_a_document_or_an_error(read, text, encoding):
    check(read, text.encode(encoding, "ignore"))


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data(), st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_damaged_pictures_are_documents_or_errors(read, data, format):
    seed = samples.picture(samples.ruled_table(), format, scale=0.5)
    check(read, data.draw(mutated(seed)))
