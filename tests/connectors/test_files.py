import base64
import json
import os
from datetime import UTC, datetime

import pytest

from connectors.files import MAX_LINE_BYTES, FileError, FileReader, read_events
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
        ('{"entity": "talent", "id": 7.5}', "id must be text or a whole number"),
        ('{"entity": "talent", "id": true}', "id must be text or a whole number"),
        ('{"entity": "talent", "id": "T1", "id": "T2"}', "names a key twice"),
        ('{"entity": "talent", "id": "T1", "fields": {"years_experience": NaN}}', "years_experience holds NaN"),
        ('{"entity": "talent", "id": "T1", "fields": {"years_experience": -Infinity}}', "years_experience holds NaN"),
        ('{"entity": "talent", "id": "T1", "fields": {"years_experience": 1e999}}', "years_experience holds NaN"),
        ('{"entity": "talent", "id": "T1", "fields": {"years_experience": 1' + "0" * 9999 + "}}", "a number too long"),
        ('{"entity": "talent", "id": 1' + "0" * 999 + "}", "a number too long"),
        ('{"entity": "talent", "id": "T1", "fields": {"title": ' + "[" * 90_000 + "]" * 90_000 + "}}", "too deep"),
        ('{"entity": "talent", "id": "T1", "fields": {"title": "\\ud83d"}}', "title holds text that is not Unicode"),
        ('{"entity": "talent", "id": "T1", "fields": {"\\udfff": "x"}}', "text that is not Unicode"),
        ('{"entity": "talent", "id": "T\\ud83d"}', "id holds text that is not Unicode"),
        ('{"entity": "talent", "id": "T1", "source": "a\\ud83d"}', "source holds text that is not Unicode"),
        ('{"entity": "talent", "id": "T1", "event_id": "a\\ud83d"}', "event_id holds text that is not Unicode"),
        ('{"entity": "talent", "id": "T1", "fields": {"phones": ["1.39E+10"]}}', "format to text"),
        ('{"entity": "talent", "id": "1.39E+10"}', "format to text"),
        ('{"entity": "talent", "id": "T1", "fields": []}', "fields must be"),
        ('{"entity": "talent", "id": "T1", "colour": 1}', "no fields of a talent: colour"),
        ('{"entity": "talent", "id": "T1", "fields": {}, "colour": 1}', "unknown key"),
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
    ("header", "text"),
    [
        ("name,title", "lacks the column id; found 2 columns between commas: name, title"),
        ("id,colour", "unknown column: colour; say --map"),
        ("id,name,name", "names a column twice, name"),
        ("id,姓名,Name", "names a column twice, name"),
        ('id,"name', "cannot be read"),
        ("T1,13800001111,ann@example.com", "found 3 columns between commas: T1, 2 more"),
    ],
)
def test_a_csv_header_that_cannot_be_read_is_said_before_anything_is_read(write, header, text):
    with pytest.raises(FileError, match=text):
        read_events(write("a.csv", f"{header}\nT1,x,y\n"), entity="talent")


def test_an_unclosed_quote_or_a_long_line_does_not_swallow_the_file(write):
    quote = 'id,summary\nT1,"' + "x" * 200_000 + "\nT2,ok\n"
    long = "id,summary\nT1," + "x" * (MAX_LINE_BYTES + 1) + "\nT2,ok\n"

    unclosed, kept = read_events(write("a.csv", quote), entity="talent")
    assert (unclosed.line, kept.line, kept.id) == (2, 3, "T2")
    assert "a quote opens in this line" in unclosed.text
    error, row = read_events(write("b.csv", long), entity="talent")
    assert error.line == 2
    assert row.id == "T2"


def test_other_files_are_refused(write):
    with pytest.raises(ValueError, match="cannot read"):
        read_events(write("a.xlsx", "x"))


def test_a_quote_left_open_costs_its_own_line_wherever_it_is(write):
    rows = [f"T{n},Wang,x\n" for n in range(2_000)]
    rows[700] = 'T700,"Wang,x\n'
    rows[1_500] = 'T1500,Wang,"two\nlines"\n'

    found = list(read_events(write("a.csv", "id,name,title\n" + "".join(rows)), entity="talent"))

    assert [(row.line, row.id) for row in found if isinstance(row, RowError)] == [(702, None)]
    assert [row.id for row in found if isinstance(row, Row)] == [f"T{n}" for n in range(2_000) if n != 700]
    assert found[1_500].fields["title"] == "two\nlines"


def test_a_quote_left_open_does_not_take_the_row_in_which_another_quote_closes_it(write):
    content = 'id,name,title\nT1,"Wang,x\nT2,Li,"y"\nT3,"",z\nT4,"Wu,x\nT5,Li,5"\nT6,a,b\n'

    found = list(read_events(write("a.csv", content), entity="talent"))

    assert [row.line for row in found if isinstance(row, RowError)] == [2, 5]
    assert [row.id for row in found if isinstance(row, Row)] == ["T2", "T3", "T5", "T6"]


def test_a_refusal_says_the_id_and_what_the_file_holds(write):
    lines = '{"entity": "talent", "id": "T1", "fields": {"title": 7}}\n{"id": "T\\u0007"}\n'
    table = b"id,name,seniority\nT1,Wang,chief\nT2,Li\n" + b"T3,\xff,\n"

    typed, control = read_events(write("a.jsonl", lines))
    chief, short, broken = read_events(write("a.csv", table), entity="talent")

    assert (typed.id, typed.raw) == ("T1", lines.splitlines()[0])
    assert control.id == "T\\x07"
    assert (chief.id, chief.raw) == ("T1", "T1,Wang,chief\n")
    assert short.raw == "T2,Li\n"
    assert broken.raw == b"T3,\xff,\n"


def test_whole_numbers_are_ids_and_flat_lines_are_records(write):
    flat, event = read_events(
        write("a.jsonl", '{"id": 12345, "title": "x"}\n{"id": 6, "fields": {}}\n'), entity="talent"
    )

    assert (flat.id, flat.fields) == ("12345", {"title": "x"})
    assert event.id == "6"


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_separators_are_told_from_the_header(write, separator, name):
    content = "id,name,phones\nT1,Wang,13800001111\n".replace(",", separator)

    [row] = read_events(write("a.csv", content), entity="talent")
    with pytest.raises(FileError, match=f"between {name}"):
        read_events(write("b.csv", content.replace("id", "key", 1)), entity="talent")

    assert row.fields == {"name": "Wang", "phones": ["13800001111"]}


def test_a_line_that_names_the_separator_is_no_header(write):
    [row] = read_events(write("a.csv", "sep=;\r\nid;name\r\nT1;Wang\r\n"), entity="talent")

    assert (row.line, row.id) == (3, "T1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_any_usual_encoding_are_read_and_resumed(write, encoding, end):
    content = end.join(["编号,姓名,职位,简介,期望城市", "T1,李娜,后端工程师,ਊ上海,北京", "", "T2,王伟,测试,ok,", ""])
    reader = FileReader(write("a.csv", content.encode(encoding)), entity="talent", source="hr")

    (first, position), (second, _) = reader.rows()

    assert first.fields == {"name": "李娜", "title": "后端工程师", "summary": "ਊ上海", "locations": ["北京"]}
    assert (second.line, second.id) == (4, "T2")
    assert [row for row, _ in reader.rows(position)] == [second]


def test_json_lines_of_any_usual_encoding_are_read(write):
    line = '{"entity": "talent", "id": "T1", "fields": {"name": "李娜"}}\n'
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        [row] = read_events(write("a.jsonl", line.encode(encoding)))
        assert row.fields == {"name": "李娜"}


def test_other_encodings_are_refused_by_row_not_misread(write):
    for text, encoding in (("José", "latin-1"), ("Иванов", "cp1251"), ("山田太郎", "shift_jis")):
        header, row = "id,name\n", f"T1,{text}\n".encode(encoding)
        [error] = read_events(write("a.csv", header.encode() + row), entity="talent")
        assert "not UTF-8" in error.text
        assert error.raw == row


def test_headers_are_recognised_in_other_cases_and_in_chinese(write):
    content = (
        "候选人编号,姓 名,手机号,联系电话,E-Mail,当前职位,最高学历,工作年限,最低薪资,\n"
        "T1,李娜,13800001111,010-12345678,li@example.com,Engineer,本科,5,20000,\n"
    )

    [row] = read_events(write("a.csv", content), entity="talent")
    [job] = read_events(write("b.csv", "ID,职位,公司,Salary_Min\nJ1,测试,某公司,100\n"), entity="job")
    [company] = read_events(write("c.csv", "id,公司名称,行业\nC1,某公司,软件\n"), entity="company")

    assert row.fields == {
        "name": "李娜",
        "phones": ["13800001111", "010-12345678"],
        "emails": ["li@example.com"],
        "title": "Engineer",
        "education_level": "bachelor",
        "years_experience": 5.0,
        "salary_expected": {"minimum": 20000.0},
    }
    assert job.fields == {"title": "测试", "company": "某公司", "salary": {"minimum": 100.0}}
    assert company.fields == {"name": "某公司", "industry": "软件"}


def test_headers_of_tables_of_several_entities_are_those_that_are_clear(write):
    content = "entity,id,title,name\ntalent,T1,x,Ann\njob,J1,y,\njob,J2,,z\n"

    talent, job, refused = read_events(write("a.csv", content))

    assert (talent.fields, job.fields) == ({"title": "x", "name": "Ann"}, {"title": "y"})
    assert "no fields of a job: name" in refused.text


def test_phones_that_a_spreadsheet_made_numbers_of_are_refused_with_the_way_out(write):
    for phone in ("1.38E+10", "1,38E+10", "1E10", "13800001111.0"):
        [error] = read_events(write("a.csv", f'id,phones\nT1,"{phone}"\n'), entity="talent")
        assert "set the column's format to text" in error.text
        assert phone not in error.text or phone == "13800001111.0" or phone == "1.38E+10"
    [row] = read_events(write("b.csv", "id,phones\n5E3,+86 138-0000-1111;1380e\n"), entity="talent")
    assert (row.id, row.fields["phones"]) == ("5E3", ["+86 138-0000-1111", "1380e"])


@pytest.mark.parametrize(
    ("cell", "skills"),
    [
        ("std::vector", [{"name": "std::vector"}]),
        ("std::vector:expert:3", [{"name": "std::vector", "level": "expert", "years": 3.0}]),
        ("Kafka::2;Go:senior", None),
        ("Kafka::2", [{"name": "Kafka", "years": 2.0}]),
        ("Go:expert:", [{"name": "Go", "level": "expert"}]),
        ("Go::many", [{"name": "Go::many"}]),
    ],
)
def test_skills_may_have_colons_of_their_own(write, cell, skills):
    [row] = read_events(write("a.csv", f"id,skills\nT1,{cell}\n"), entity="talent")

    if skills is None:
        assert "a skill is name:level:years" in row.text
    else:
        assert row.fields["skills"] == skills


def test_what_spreadsheets_leave_in_cells_is_taken_as_meant_or_refused(write):
    content = 'id,name,phones\nT1,Ann,="013800001111"\nT2,#N/A,\nT3,Ann,#######\n'

    text, missing, narrow = read_events(write("a.csv", content), entity="talent")

    assert text.fields["phones"] == ["013800001111"]
    assert "name holds a spreadsheet's error" in missing.text
    assert "phones holds a spreadsheet's error" in narrow.text


def test_numbers_with_separators_or_units_are_refused_plainly(write):
    for column in ("years_experience", "salary_min"):
        for cell in ("15,000", "15k", "1.5万", "nan", "inf", "1_000_000_x"):
            [error] = read_events(write("a.csv", f'id,{column}\nT1,"{cell}"\n'), entity="talent")
            assert f"{column} is not a number such as" in error.text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('[{"id": "T1"}]', "a JSON array, not JSON Lines"),
        ('[\n{"id": "T1"},\n{"id": "T2"}\n]\n', "a JSON array, not JSON Lines"),
        ("[" + '{"id": "T1"},\n' * 100_000 + '{"id": "T2"}]', "a JSON array, not JSON Lines"),
        ("[" + '{"id": "T1"},' * 100_000 + '{"id": "T2"}]', "a JSON array, not JSON Lines"),
        ('{\n "id": "T1",\n "fields": {\n  "title": "x"\n }\n}\n', "JSON over several lines"),
        (b"\x1f\x8b\x08\x00whatever", "is gzip; unpack it first"),
        (b"\x28\xb5\x2f\xfdwhatever", "is zstd"),
        (b"PK\x03\x04whatever", "an Excel workbook; .*save the workbook as CSV"),
        (b"PAR1whatever", "is Parquet; name it .parquet"),
        (b"\xff\xfe\x00\x00i\x00\x00\x00", "UTF-32"),
        ("id,name\rT1,x\rT2,y\r", "carriage return"),
    ],
)
def test_a_file_of_another_kind_is_named_with_the_way_out(write, content, text):
    with pytest.raises(FileError, match=text):
        read_events(write("a.jsonl", content), entity="talent")


def test_files_without_records_are_no_error(write):
    for name, content in (
        ("a.csv", ""),
        ("b.csv", "\n \n"),
        ("c.csv", "id,name\n"),
        ("d.jsonl", ""),
        ("e.jsonl", "\n"),
    ):
        assert list(read_events(write(name, content), entity="talent")) == []


def test_a_note_goes_nowhere_and_is_no_reason_to_refuse(write):
    [row] = read_events(write("a.jsonl", '{"entity": "talent", "id": "T1", "note": "\\ud83d", "fields": {}}\n'))

    assert (row.id, row.note) == ("T1", "?")


def test_files_that_were_put_together_have_marks_and_headers_amid_them(write):
    table = "\ufeffid,name\nT1,Ann\n"
    lines = '\ufeff{"id": "T1"}\n'

    first, again, second = read_events(write("a.csv", table + table[1:].replace("T1", "T2")), entity="talent")
    rows = list(read_events(write("a.jsonl", lines * 2), entity="talent"))

    assert (first.id, again.text, second.id) == ("T1", "the header line again", "T2")
    assert [row.id for row in rows] == ["T1", "T1"]
