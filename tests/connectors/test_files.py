import base64
import json
import os
from datetime import UTC, datetime

import pytest

from connectors.files import MAX_LINE_BYTES, read_events
from connectors.rows import RawRow, Row, RowError
from schemas.events import decode


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (1_767_600_000, 1_767_600_000))
        return path

    return write


def jsonl(*lines):
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def test_a_json_line_may_say_everything_itself(write):
    line = {
        "entity": "talent",
        "id": "T1",
        "source": "crm",
        "event_id": "e1",
        "time": "2026-01-05T16:00:00+08:00",
        "note": "whatever",
        "fields": {"title": "数据工程师"},
    }

    [row] = read_events(write("a.jsonl", jsonl(line)))

    assert row == Row(
        1, "talent", "T1", {"title": "数据工程师"}, "crm", "e1", datetime(2026, 1, 5, 8, tzinfo=UTC), note="whatever"
    )


def test_what_a_line_leaves_out_is_filled_in_the_same_way_every_time(write):
    path = write("a.jsonl", jsonl({"id": "T1", "fields": {"title": "x"}}))

    [first] = read_events(path, entity="talent", source="zervigo")
    [second] = read_events(path, entity="talent", source="zervigo")

    assert first == second
    assert first.source == "zervigo"
    assert first.time == datetime.fromtimestamp(1_767_600_000, UTC)


def test_a_changed_line_or_a_newer_file_is_a_new_event(write):
    path = write("a.jsonl", jsonl({"id": "T1", "fields": {"title": "x"}}, {"id": "T1", "fields": {"title": "y"}}))
    x, y = read_events(path, entity="talent")
    os.utime(path, (1_767_700_000, 1_767_700_000))
    later, _ = read_events(path, entity="talent")

    assert len({x.event_id, y.event_id, later.event_id}) == 3


def test_rows_decode_as_events(write):
    lines = jsonl(
        {"entity": "job", "id": "J1", "action": "deleted"},
        {"entity": "talent", "id": "T1", "version": 1, "fields": {"skills": ["Go"]}},
    )

    deleted, old = (row.message() for row in read_events(write("a.jsonl", lines)))

    assert decode("job", deleted.key, deleted.value, deleted.headers).action == "deleted"
    assert decode("talent", old.key, old.value, old.headers).fields == {"skills": [{"name": "Go"}]}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("{", "not JSON"),
        ("[1]", "must be a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"id": "T1", "fields": {}}', "entity must be one of"),
        ('{"entity": "robot", "id": "T1"}', "entity must be one of"),
        ('{"entity": "talent", "fields": {}}', "id is missing"),
        ('{"entity": "talent", "id": 7}', "id must be text"),
        ('{"entity": "talent", "id": "T1", "fields": []}', "fields must be"),
        ('{"entity": "talent", "id": "T1", "colour": 1}', "unknown key"),
        ('{"entity": "talent", "id": "T1", "action": "merge"}', "action must be one of"),
        ('{"entity": "talent", "id": "T1", "time": "2026-01-05"}', "time zone"),
        ('{"entity": "talent", "id": "T1", "time": "soon"}', "RFC 3339"),
        ('{"entity": "talent", "id": "T1", "version": "2"}', "whole number"),
        ('{"entity": "talent", "id": "T1", "fields": {"title": 7}}', "title"),
        ('{"entity": "talent", "id": "a b", "fields": {}}', "entity id"),
        ('{"raw": {"topic": "talent-events"}}', "raw lines are not accepted"),
    ],
)
def test_a_bad_line_is_one_error_and_the_rest_is_read(write, line, text):
    good = jsonl({"entity": "talent", "id": "T2"})

    error, row = read_events(write("a.jsonl", line + "\n" + good))

    assert isinstance(error, RowError)
    assert error.line == 1
    assert text in error.text
    assert (row.line, row.id) == (2, "T2")


def test_errors_name_no_values(write):
    line = jsonl({"entity": "talent", "id": "T1", "fields": {"emails": ["secret person"], "phones": "secret"}})

    [error] = read_events(write("a.jsonl", line))

    assert "secret" not in error.text


def test_lines_are_bounded_and_counted_right(write):
    good = jsonl({"entity": "talent", "id": "T2"}).encode()
    content = b"x" * (3 * MAX_LINE_BYTES) + b"\n" + b"\xff\xfe\n" + b"\n" + good + b"y" * (MAX_LINE_BYTES + 1)

    long, binary, row, tail = read_events(write("a.jsonl", content))

    assert [r.line for r in (long, binary, row, tail)] == [1, 2, 4, 5]
    assert "longer than" in long.text
    assert "not UTF-8" in binary.text
    assert isinstance(row, Row)
    assert "longer than" in tail.text


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write):
    content = b"\xef\xbb\xbf" + jsonl({"entity": "talent", "id": "T1"}).encode().replace(b"\n", b"\r\n")

    [row] = read_events(write("a.jsonl", content))

    assert row.id == "T1"


def test_raw_lines_become_bytes_as_they_are(write):
    raw = base64.b64encode(b"\xff\x00").decode()
    lines = jsonl(
        {"raw": {"topic": "talent-events", "key": "T1", "value_base64": raw, "headers": {"ce_id": "1"}}, "note": "n"},
        {"raw": {"topic": "talent-events", "value": "{"}},
        {"raw": {"topic": "talent-events", "pad": 600_000}},
        {"raw": {"topic": "talent-events"}},
        {"raw": {"topic": "talent-events", "pad": 10**9}},
        {"raw": {"topic": "talent-events", "value": "x", "pad": 5}},
    )

    binary, text, pad, empty, *errors = read_events(write("a.jsonl", lines), allow_raw=True)

    assert binary == RawRow(1, "talent-events", b"T1", b"\xff\x00", [("ce_id", b"1")], "n")
    assert text.value == b"{"
    assert len(pad.value) == 600_000
    assert json.loads(pad.value) == {}
    assert empty.value is None
    assert [type(error) for error in errors] == [RowError, RowError]


def test_csv_columns_become_typed_fields(write):
    content = (
        "﻿id,name,skills,locations,salary_min,salary_max,currency,years_experience,remote,phones,summary,education\r\n"
        "T1,王伟,Python:expert:5;Kafka::2；SQL,北京;上海,20000,30000,CNY,7.5,true,\\N,,"
        '"[{""school"": ""浙江大学""}]"\r\n'
    )

    [row] = read_events(write("a.csv", content), entity="talent")

    assert row.line == 2
    assert row.fields == {
        "name": "王伟",
        "skills": [
            {"name": "Python", "level": "expert", "years": 5.0},
            {"name": "Kafka", "years": 2.0},
            {"name": "SQL"},
        ],
        "locations": ["北京", "上海"],
        "salary_expected": {"minimum": 20000.0, "maximum": 30000.0, "currency": "CNY"},
        "years_experience": 7.5,
        "remote": True,
        "phones": None,
        "education": [{"school": "浙江大学"}],
    }


def test_csv_jobs_companies_and_deletes(write):
    jobs = list(read_events(write("j.csv", "entity,id,title,salary_min\njob,J1,x,100\njob,J2,,\\N\n")))
    [gone] = read_events(write("c.csv", "id,action,source\nC1,deleted,crm\n"), entity="company")

    assert jobs[0].fields == {"title": "x", "salary": {"minimum": 100.0}}
    assert jobs[1].fields == {"salary": None}
    assert (gone.action, gone.source) == ("deleted", "crm")


def test_csv_cells_may_span_lines_and_numbers_stay_right(write):
    content = 'id,summary\nT1,"one\ntwo"\n\nT2\nT3,a:b\n'

    first, short, last = read_events(write("a.csv", content), entity="talent")

    assert (first.line, first.fields) == (2, {"summary": "one\ntwo"})
    assert (short.line, short.text) == (5, "1 cells under 2 columns")
    assert last.line == 6


def test_csv_bad_cells_are_errors_without_values(write):
    content = "id,skills,salary_min,seniority\nT1,a:b:c:d,,\nT2,,secret,\nT3,,,secret\nT4,,,senior\n"

    *errors, row = read_events(write("a.csv", content), entity="talent")

    assert [error.line for error in errors] == [2, 3, 4]
    assert not any("secret" in error.text for error in errors)
    assert row.fields == {"seniority": "senior"}


@pytest.mark.parametrize(
    ("header", "text"), [("name,title", "lacks"), ("id,colour", "unknown column"), ("id,name,name", "twice")]
)
def test_a_csv_header_that_cannot_be_read_is_one_error(write, header, text):
    [error] = read_events(write("a.csv", f"{header}\nT1,x,y\n"), entity="talent")

    assert text in error.text


def test_an_unclosed_quote_or_a_long_line_does_not_swallow_the_file(write):
    quote = 'id,summary\nT1,"' + "x" * 200_000 + "\nT2,ok\n"
    long = "id,summary\nT1," + "x" * (MAX_LINE_BYTES + 1) + "\nT2,ok\n"

    assert any(isinstance(row, RowError) for row in read_events(write("a.csv", quote), entity="talent"))
    error, row = read_events(write("b.csv", long), entity="talent")
    assert error.line == 2
    assert row.id == "T2"


def test_other_files_are_refused(write):
    with pytest.raises(ValueError, match="cannot read"):
        read_events(write("a.xlsx", "x"))
