import asyncio
import json
import signal
import sys

import documents_samples as samples
import pytest
from click.testing import CliRunner

from connectors.documents import DocumentError, DocumentReader, Limits, read_document
from connectors.documents.builder import Builder, PlacedLine
from connectors.documents.errors import ReaderError
from connectors.documents.layout import Segment, lay_out
from connectors.documents.model import Box
from connectors.documents.pool import Worker
from connectors.documents.tables import find_tables
from ops.cli import main
from ops.cli.read_document import text as text_command

SLOW = b"<html>" + b"<p>x</p>" * 600_000
PATIENT = Limits(characters=10_000_000, cpu_seconds=60)


@pytest.fixture
async def reader():
    async with DocumentReader(workers=1) as opened:
        yield opened


async def failure(reader, data, limits=None):
    with pytest.raises(DocumentError) as caught:
        await reader.read(data, limits)
    return caught.value.code


async def test_one_document_needs_one_call():
    document = await read_document(samples.RESUME_HTML)

    assert document.text.startswith("张三\n求职意向")


@pytest.mark.slow
async def test_a_scan_is_passed_on_to_a_worker_with_ocr(reader):
    document = await reader.read(samples.picture(samples.pdf(lambda c, _: c.drawString(90, 700, "Zhang San")), scale=3))

    assert document.text.replace(" ", "") == "ZhangSan"
    assert document.ocr


async def test_sizes_are_checked_before_a_worker_is_troubled(reader):
    assert await failure(reader, b"") == "empty"
    assert await failure(reader, b"xy", Limits(bytes=1)) == "too_big"
    assert not reader._pools["text"]._idle


async def test_a_worker_serves_many_documents_and_survives_bad_ones(reader):
    assert (await reader.read(b"one")).text == "one"
    [worker] = reader._pools["text"]._idle
    assert await failure(reader, b"%PDF-1.4 nothing") == "damaged"
    assert (await reader.read("二".encode())).text == "二"
    assert reader._pools["text"]._idle == [worker]
    assert worker.requests == 3


@pytest.mark.slow
async def test_a_document_that_eats_processor_time_is_ended_and_the_next_is_read(reader):
    assert await failure(reader, SLOW, Limits(characters=10_000_000, cpu_seconds=1)) == "too_slow"
    assert (await reader.read(b"next")).text == "next"


async def test_a_worker_that_does_not_answer_is_ended(reader, monkeypatch):
    await reader.read(b"start")
    [worker] = reader._pools["text"]._idle
    worker._process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr("connectors.documents.pool.PATIENCE", 0.1)

    assert await failure(reader, b"x", Limits(cpu_seconds=1)) == "too_slow"
    assert worker._process.returncode == -signal.SIGKILL
    monkeypatch.undo()
    assert (await reader.read(b"next")).text == "next"


async def test_a_worker_that_dies_is_an_error_of_its_document_only(reader):
    await reader.read(b"start")
    [worker] = reader._pools["text"]._idle
    asyncio.get_running_loop().call_later(0.3, worker._process.send_signal, signal.SIGSEGV)

    assert await failure(reader, SLOW, PATIENT) == "crashed"
    assert (await reader.read(b"next")).text == "next"


async def test_a_worker_that_died_at_rest_is_replaced(reader):
    await reader.read(b"start")
    [worker] = reader._pools["text"]._idle
    worker._process.kill()
    worker._process.wait()

    assert (await reader.read(b"next")).text == "next"


async def test_closing_refuses_whoever_waits_and_ends_the_workers():
    async with DocumentReader(workers=1) as reader:
        waiting = [asyncio.create_task(reader.read(b"x")) for _ in range(3)]
        await asyncio.sleep(0.01)
        [worker] = reader._pools["text"]._busy
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert {type(result) for result in results} <= {DocumentError, ReaderError}
    assert not worker.lives


@pytest.mark.slow
@pytest.mark.long
async def test_memory_is_bounded(reader):
    bomb = samples.pdf(lambda canvas, _: canvas._code.append("(aaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 5_000_000))

    assert len(bomb) < 1_000_000
    # Whichever bound it meets first: on a slow machine that is the one of time.
    found = await failure(reader, bomb, Limits(cpu_seconds=30))
    assert found in ("crashed", "too_big", "too_slow", "no_text", "damaged")
    assert (await reader.read(b"next")).text == "next"


async def test_a_cancelled_caller_frees_its_slot(reader):
    task = asyncio.create_task(reader.read(SLOW, PATIENT))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await reader.read(b"next")).text == "next"


@pytest.mark.slow
async def test_a_slow_document_holds_one_slot_and_scans_hold_none_of_digital_ones():
    async with DocumentReader(workers=2) as reader:
        slow = asyncio.create_task(reader.read(SLOW, PATIENT))
        scan = asyncio.create_task(
            reader.read(samples.picture(samples.pdf(lambda c, _: c.drawString(90, 700, "Zhang San")), scale=3))
        )
        texts = [(await reader.read(str(i).encode())).text for i in range(20)]

        assert texts == [str(i) for i in range(20)]
        assert not slow.done()
        slow.cancel()
        assert (await scan).ocr


async def test_too_many_waiting_are_refused():
    async with DocumentReader(workers=1, max_waiting=2) as reader:
        results = await asyncio.gather(*(reader.read(b"x") for _ in range(5)), return_exceptions=True)

    codes = [r.code if isinstance(r, DocumentError) else r.text for r in results]
    assert codes == ["x", "x", "busy", "busy", "busy"]


async def test_a_worker_is_replaced_after_many_documents(reader, monkeypatch):
    monkeypatch.setattr("connectors.documents.pool.REQUESTS_PER_WORKER", 1)

    assert (await reader.read(b"x")).text == "x"
    assert reader._pools["text"]._idle == []


async def test_an_answer_that_is_no_document_is_not_believed(reader, monkeypatch):
    async def lie(*_):
        return {"document": {"text": 1}}

    monkeypatch.setattr(Worker, "ask", lie)

    assert await failure(reader, b"x") == "crashed"


async def test_a_worker_that_cannot_start_is_said(reader, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(ReaderError, match="does not start"):
        await reader.read(b"x")


def test_the_command_shows_text_with_places(tmp_path):
    file = tmp_path / "resume"
    file.write_bytes(samples.ruled_table())

    shown = CliRunner().invoke(text_command, [str(file)], catch_exceptions=False)
    printed = json.loads(CliRunner().invoke(main, ["text", str(file), "--json"]).output)

    assert shown.exit_code == 0
    assert printed["text"].startswith("姓名\t张三")
    assert printed["blocks"][0]["lines"][0]["box"]


def test_the_command_says_what_to_do_about_a_bad_file(tmp_path):
    file = tmp_path / "resume.pdf"
    file.write_bytes(b"%PDF-1.7")

    failed = CliRunner().invoke(main, ["text", str(file)])
    as_json = CliRunner().invoke(main, ["text", str(file), "--json"])

    assert failed.exit_code == as_json.exit_code == 1
    assert "Save it again" in failed.output
    assert json.loads(as_json.stderr)["error"]["code"] == "damaged"


# Layout by places alone, as OCR gives it


def line(text, left, top, width=None, height=10.0):
    width = width or 10 * len(text)
    edges = [left + width * i / len(text) for i in range(len(text) + 1)]
    return Segment(text, Box(left, top, left + width, top + height), edges)


def laid(segments, rules=()):
    builder = Builder(Limits())
    for kind, lines in lay_out(segments, rules):
        builder.add_lines(lines, 1, kind)
    return builder.build("png")


def test_columns_that_do_not_stand_side_by_side_are_read_apart():
    left = [line(f"左边{i}", 10, 30 + 14 * i) for i in range(6)]
    right = [line(f"右边的一行{i}", 200, 35 + 19 * i) for i in range(5)]

    assert laid([*right, *left]).text == "\n".join(s.text for s in [*left, *right])


def test_a_heading_across_the_page_and_a_line_below_do_not_hide_columns():
    above, below = line("一" * 30, 10, 0), line("二" * 30, 10, 200)
    left = [line(f"左边{i}", 10, 30 + 14 * i) for i in range(6)]
    right = [line(f"右边的一行{i}", 200, 35 + 19 * i) for i in range(5)]

    ordered = [above, *left, *right, below]
    assert laid([below, *right, above, *left]).text == "\n".join(s.text for s in ordered)


def test_values_beside_labels_are_not_columns():
    rows = [(line(f"标签{i}", 10, 20 * i), line(f"值{i}", 200, 20 * i)) for i in range(5)]

    assert laid([s for row in rows for s in row]).text == "\n".join(f"{a.text}\t{b.text}" for a, b in rows)


def test_side_by_side_prose_is_columns():
    rows = [(line("左" * 15, 10, 20 * i, 150), line("右" * 15, 200, 20 * i, 150)) for i in range(5)]

    text = laid([s for row in rows for s in row]).text
    assert text.replace("\n", "") == "左" * 75 + "右" * 75


def test_a_bullet_of_its_own_belongs_to_the_next_line():
    assert laid([line("•", 10, 0), line("流处理", 10, 11)]).text == "• 流处理"


def test_a_label_written_downwards_in_a_cell_is_one_word():
    rules = [Box(0, y, 200, y + 1) for y in (0, 100)] + [Box(x, 0, x + 1, 100) for x in (0, 30, 199)]
    label = [line(character, 10, 10 + 20 * i) for i, character in enumerate("工作经历")]
    content = [line("某某科技有限公司", 40, 10), line("高级工程师", 40, 40)]

    assert laid([*label, *content], rules).text == "工作经历\n某某科技有限公司\n高级工程师"


def test_merged_cells_and_lone_frames():
    frame = [Box(0, 0, 100, 1), Box(0, 99, 100, 100), Box(0, 0, 1, 100), Box(99, 0, 100, 100)]
    assert find_tables(frame) == []
    assert find_tables(frame * 1000) == []

    [table] = find_tables([*frame, Box(0, 50, 100, 51), Box(50, 50, 51, 100)])
    assert [(row, round(box.right - box.left)) for row, box in table.cells] == [(0, 99), (1, 50), (1, 49)]


def test_places_follow_their_text_through_joins():
    builder = Builder(Limits())
    builder.add("前")
    lines = [
        PlacedLine("ab", Box(0, 0, 20, 10), (0, 10, 20), " "),
        PlacedLine("cd", Box(0, 12, 20, 22), (0, 10, 20)),
    ]
    builder.add_lines(lines, 3)
    builder.link_place(3, Box(9, 11, 30, 30), "u")
    document = builder.build("pdf")

    assert document.text == "前\nab cd"
    assert [(p.page, p.box) for p in document.locate(3, 6)] == [(3, Box(10, 0, 20, 10)), (3, Box(0, 12, 10, 22))]
    assert [(document.text[x.start : x.end], x.url) for x in document.links] == [("d", "u")]
