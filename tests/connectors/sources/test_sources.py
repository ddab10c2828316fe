"""Every source gives the same rows from any cursor on as from its beginning, and refuses what is hostile."""

import asyncio
import csv
import json
import os
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bson import Decimal128, ObjectId
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import FileReader
from connectors.mapping import ColumnMapping
from connectors.plain import plain
from connectors.rows import Row, RowError
from connectors.sources.base import Cursor, Source, SourceError, Step
from connectors.sources.factory import open_source
from connectors.sources.mongo import OPTIONS, MongoSource
from connectors.sources.parquet import ParquetSource
from connectors.sources.record import RecordReader
from connectors.sources.rest import RestSource
from connectors.sources.text import TextSource

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


async def steps(source: Source, cursor: Cursor | None = None) -> list[Step]:
    async with aclosing(source.steps(cursor)) as found:
        return [step async for step in found]


async def assert_resumable(source: Source) -> list[Step]:
    """Whatever cursor is taken, through JSON as a checkpoint does it, the rest is the same."""
    every = await steps(source)
    assert every == await steps(source), "reading twice gives the same events"
    for number, step in enumerate(every, 1):
        if step.cursor is not None:
            assert await steps(source, json.loads(json.dumps(step.cursor))) == every[number:]
    shares = [share for step in every if step.cursor and (share := source.share(step.cursor)) is not None]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)
    return every


def old(path: Path) -> Path:
    os.utime(path, (1_767_600_000, 1_767_600_000))
    return path


def jsonl(path: Path, *lines: object) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)) + "\n" for line in lines)
    path.write_text(text, "utf-8")
    return old(path)


def lines_source(path: Path) -> TextSource:
    return TextSource(path, FileReader(path, entity="talent", source="crm"))


async def test_json_lines_resume_at_every_line(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "a.jsonl",
        {"id": "t-1", "fields": {"name": "张伟"}},
        "",
        "{broken",
        {"id": "t-2", "fields": {"nickname": "x"}},
        "x" * 600_000,
        {"id": "t-3", "fields": {"name": "Ada"}},
    )
    found = await assert_resumable(lines_source(path))
    assert [s.row.line for s in found if isinstance(s.row, RowError)] == [3, 4, 5]
    assert [s.row.id for s in found if isinstance(s.row, Row)] == ["t-1", "t-3"]
    assert lines_source(path).share(found[-1].cursor) == 1.0


async def test_documents_and_lines_of_several_jobs_resume_at_every_cursor(tmp_path: Path) -> None:
    jobs = [{"shortcode": "A", "title": "x"}, {"shortcode": "B"}, {"shortcode": "C", "title": "z"}]
    (tmp_path / "a.json").write_text(json.dumps({"jobs": jobs}))
    jsonl(tmp_path / "a.jsonl", {"jobs": jobs}, {"id": "t-1", "entity": "talent"}, {"jobs": jobs})
    (folder := tmp_path / "export").mkdir()
    (folder / "Profile.csv").write_text("First Name,Last Name\nGrace,Mbeki\n")
    found = {
        address.name: await assert_resumable(open_source(str(address), entity=None, source="crm"))
        for address in (old(tmp_path / "a.json"), tmp_path / "a.jsonl", folder)
    }
    assert {name: [isinstance(step.row, Row) for step in each] for name, each in found.items()} == {
        "a.json": [True, False, True],
        "a.jsonl": [True, False, True, True, True, False, True],
        "export": [True],
    }
    assert [step.cursor is None for step in found["a.jsonl"]] == [True, True, False, False, True, True, False]


def test_a_table_of_ours_takes_no_format(tmp_path: Path) -> None:
    parquet(path := tmp_path / "a.parquet", [{"id": "t-1"}])
    with pytest.raises(SourceError, match="--format is for other files"):
        open_source(str(path), entity="talent", source="crm", choice="lever")


def test_another_format_and_a_changed_table_make_another_run(tmp_path: Path) -> None:
    (path := tmp_path / "a.json").write_text('{"jobs": [{"shortcode": "A", "title": "x"}]}')
    (folder := tmp_path / "export").mkdir()
    (table := folder / "Profile.csv").write_text("First Name,Last Name\nGrace,Mbeki\n")
    one, other = (open_source(str(path), entity=None, source="crm", choice=choice) for choice in ("auto", "workable"))
    assert one.identity != other.identity
    before = open_source(str(folder), entity=None, source="crm").identity
    table.write_text("First Name,Last Name\nGrace,Mbeki-Lund\n")
    assert open_source(str(folder), entity=None, source="crm").identity != before


async def test_csv_resumes_at_every_row_however_many_lines_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"\xef\xbb\xbfid,name,summary\n"
        b'c-1,"Weaver","two\nlines"\n'
        b"\n"
        b"c-2,only two\n"
        b'c-3,"broken " quote",x\n'
        b"c-4,\xff\xfe,x\n"
        b'c-5,"a\xff\nb\xff",x\n'
        b"c-6,Ada,x\n"
    )
    found = await assert_resumable(lines_source(old(path)))
    assert [s.row.id for s in found if isinstance(s.row, Row)] == ["c-1", "c-6"]
    assert [s.row.line for s in found if isinstance(s.row, RowError)] == [5, 6, 7, 8], "the last has two lines"


@given(st.lists(st.tuples(st.sampled_from(["t-1", "t-2", "bad id", ""]), st.text(max_size=20)), max_size=12))
async def test_any_csv_resumes_anywhere(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([("id", "name"), *rows])
    await assert_resumable(lines_source(old(path)))


def parquet(path: Path, rows: list[dict[str, Any]], group: int = 3, schema: Any = None) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=group)
    return old(path)


async def test_parquet_streams_row_groups_and_resumes_at_every_row(tmp_path: Path) -> None:
    rows = [{"id": f"t-{n}", "name": f"n{n}", "years_experience": Decimal(n)} for n in range(10)]
    source = ParquetSource(parquet(tmp_path / "a.parquet", rows), entity="talent", source="crm")
    found = await assert_resumable(source)
    assert [s.row.id for s in found] == [f"t-{n}" for n in range(10)]
    assert found[-1].cursor == {"rows": 10}


async def test_parquet_nulls_leave_fields_alone_and_bad_rows_are_refused_alone(tmp_path: Path) -> None:
    rows = [
        {"id": "t-1", "name": None, "skills": [{"name": "Go", "years": None}], "time": AT},
        {"id": "t-2", "name": "x" * 400, "skills": None, "time": None},
        {"id": "t-3", "name": "Ada", "skills": [], "time": AT},
    ]
    source = ParquetSource(parquet(tmp_path / "a.parquet", rows), entity="talent", source="crm")
    first, second, third = [s.row for s in await assert_resumable(source)]
    assert isinstance(first, Row)
    assert (first.fields, first.time) == ({"skills": [{"name": "Go"}]}, AT)
    assert isinstance(second, RowError)
    assert "name has at most 300 characters" in second.text
    assert isinstance(third, Row)


async def test_parquet_values_that_python_cannot_hold_are_refused_alone(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.string()), ("name", pa.string()), ("time", pa.timestamp("s", tz="UTC"))])
    table = pa.table({"id": ["t-1", "t-2"], "name": ["a", "b"], "time": pa.array([2**40, 0], pa.timestamp("s", "UTC"))})
    pq.write_table(table.cast(schema), tmp_path / "a.parquet")
    source = ParquetSource(old(tmp_path / "a.parquet"), entity="talent", source="crm")
    first, second = [s.row for s in await assert_resumable(source)]
    assert isinstance(first, RowError)
    assert (first.id, first.text.split(":")[0]) == ("t-1", "time cannot be read")
    assert isinstance(second, Row)


def test_a_file_that_is_no_parquet_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(SourceError, match="not a readable Parquet file"):
        ParquetSource(tmp_path / "a.parquet", entity="talent", source="crm")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "it is empty"),
        (b"id,name\nt-1,Ann\n", "another kind of file; a text file is named .csv"),
        (b"\x1f\x8bwhatever", "it is gzip; unpack it"),
        (b"PAR1" + bytes(100), "cut short"),
        (b"PAR1" + bytes(100) + b"PAR1", "its footer is damaged"),
    ],
)
def test_what_is_no_whole_parquet_file_is_named(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(SourceError, match=text):
        open_source(str(tmp_path / "a.parquet"), entity="talent", source="crm")


async def test_a_damaged_parquet_file_ends_with_an_error_that_says_where(tmp_path: Path) -> None:
    rows = [{"id": f"t-{n}", "name": f"n{n}" * 20} for n in range(200)]
    path = parquet(tmp_path / "a.parquet", rows, group=100)
    whole = path.read_bytes()

    @given(st.integers(4, len(whole) - 9), st.integers(1, 255))
    def flipped(at: int, mask: int) -> None:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :])
        try:
            found = asyncio.run(steps(ParquetSource(path, entity="talent", source="crm")))
        except SourceError as error:
            assert "a.parquet" in str(error)
        else:
            assert all(isinstance(step.row, Row | RowError) for step in found)

    await asyncio.to_thread(flipped)


async def test_columns_of_any_type_are_read_or_refused_by_name(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.uint64()),
            "name": pa.array([b"Ann", None, None], pa.binary()),
            "time": pa.array([1_767_600_000_123_456_789] * 3, pa.timestamp("ns", "UTC")),
            "title": pa.array(["a", "b", "c"]).dictionary_encode(),
            "years_experience": pa.array([None, float("nan"), 2.0]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    source = ParquetSource(old(tmp_path / "a.parquet"), entity="talent", source="crm")
    first, second, third = [s.row for s in await assert_resumable(source)]
    assert isinstance(first, RowError)
    assert (first.id, first.text) == ("1", "name holds bytes, not text; convert the column to text")
    assert isinstance(second, RowError)
    assert second.text.startswith("years_experience holds NaN")
    assert isinstance(third, Row)
    assert (third.id, third.time.microsecond) == ("3", 123_456)
    assert third.fields == {"title": "c", "years_experience": 2.0}


async def test_whole_decimals_are_ids_and_fractions_are_not(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.decimal128(20, 1))])
    rows = [{"id": Decimal("12345678901234567")}, {"id": Decimal("1.5")}]
    source = ParquetSource(parquet(tmp_path / "a.parquet", rows, schema=schema), entity="talent", source="crm")
    first, second = [s.row for s in await steps(source)]
    assert isinstance(first, Row)
    assert first.id == "12345678901234567"
    assert isinstance(second, RowError)


async def test_columns_of_tables_are_recognised_as_those_of_csv_are(tmp_path: Path) -> None:
    table = pa.table(
        {"ID": [7], "姓名": ["李娜"], "手机号": ["13800001111"], "title": ["x"], "职位": ["y"], "备注": ["z"]}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    said = ColumnMapping((("备注", "summary"),), True)
    source = ParquetSource(old(tmp_path / "a.parquet"), entity="talent", source="hr", mapping=said)
    [row] = [s.row for s in await assert_resumable(source)]
    assert isinstance(row, Row)
    assert (row.id, row.fields) == ("7", {"name": "李娜", "phones": ["13800001111"], "summary": "z", "title": "x"})
    assert source.ignored == {"职位"}


async def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["t"]), pa.array(["a"]), pa.array(["b"])], names=["id", "name", "name"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="two columns of one name"):
        ParquetSource(tmp_path / "a.parquet", entity="talent", source="crm")


def test_documents_that_python_cannot_hold_are_refused_alone() -> None:
    late = bson.encode({"_id": 1, "createdAt": DatetimeMS(2**60)})
    early = bson.encode({"_id": 2, "createdAt": DatetimeMS(-(2**60))})
    torn = bson.encode({"_id": 3, "name": "abc"}).replace(b"abc", b"a\xffc")
    snan = bson.encode({"_id": 4, "years_experience": Decimal128("sNaN")})
    good = bson.encode({"_id": ObjectId("65a000000000000000000001"), "name": "Ann"})
    source = MongoSource("mongodb://h/crm.talents", entity=None, source="crm", mapping=ColumnMapping((), True))
    documents = [bson.decode(data, OPTIONS) for data in (late, early, torn, snan, good)]
    found = [source._row(n, document["_id"], document, AT) for n, document in enumerate(documents, 1)]
    assert [(row.id, row.text) for row in found if isinstance(row, RowError)] == [
        ("1", "a column holds a time outside the years 1 to 9999"),
        ("2", "a column holds a time outside the years 1 to 9999"),
        ("3", "name holds text that is not Unicode: a damaged character, half of a pair"),
        ("4", "years_experience holds NaN or infinity"),
    ]
    assert all(isinstance(row, Row) or row.raw for row in found)
    assert [row.id for row in found if isinstance(row, Row)] == ["65a000000000000000000001"]


async def test_an_empty_parquet_file_has_no_rows(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", [], schema=pa.schema([("id", pa.string())]))
    source = ParquetSource(path, entity="talent", source="crm")
    assert await steps(source) == []
    assert source.share({"rows": 0}) == 1.0


def test_a_flat_record_and_an_event_say_the_same() -> None:
    reader = RecordReader("talent", "crm", "here")
    flat = reader.read(1, {"id": "t-1", "name": "Ada", "source": "zervigo"}, AT)
    event = reader.read(1, {"id": "t-1", "source": "zervigo", "fields": {"name": "Ada"}}, AT)
    assert isinstance(flat, Row)
    assert isinstance(event, Row)
    assert (flat.id, flat.fields, flat.source, flat.time) == (event.id, event.fields, event.source, event.time)


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ([], "must be a JSON object"),
        ({"name": "x"}, "id is missing"),
        ({"id": 7.5, "name": "x"}, "id must be text or a whole number"),
        ({"id": True, "name": "x"}, "id must be text or a whole number"),
        ({"id": 10**400, "name": "x"}, "id holds a number too long"),
        ({"id": "t", "years_experience": Decimal128("sNaN")}, "years_experience holds NaN"),
        ({"id": "t", "years_experience": Decimal("Infinity")}, "years_experience holds NaN"),
        ({"id": "t", "years_experience": Decimal("1E+999999")}, "years_experience holds NaN"),
        ({"id": "t", "years_experience": float("nan")}, "years_experience holds NaN"),
        ({"id": "t", "employments": [{"start": DatetimeMS(2**60)}]}, "employments holds a time outside the years"),
        ({"id": "t", "time": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))}, "time holds a time outside"),
        ({"id": "t", "phones": [13800001111.0]}, "format to text"),
        ({"id": "t", "entity": "dog"}, "entity must be one of"),
        ({"id": "t", "action": "eaten"}, "action must be one of"),
        ({"id": "t", "time": "yesterday"}, "not an RFC 3339 time"),
        ({"id": "t", "time": "2026-01-01"}, "needs a time zone"),
        ({"id": "t", "time": "0001-01-01T00:00:00+14:00"}, "out of range"),
        ({"id": "t", "version": "2"}, "version must be a whole number"),
        ({"id": "t", "fields": 1}, "fields must be"),
        ({"id": "t", "fields": {}, "name": "x"}, "unknown key"),
        ({"id": "t", "nickname": "secret"}, "no fields of a talent: nickname; say --map"),
        ({"id": "t", "name": b"\x00"}, "name holds bytes, not text"),
    ],
)
def test_what_is_no_event_is_refused_without_its_values(record: object, text: str) -> None:
    refused = RecordReader("talent", "crm", "here").read(5, record, AT)
    assert isinstance(refused, RowError)
    assert refused.line == 5
    assert text in refused.text
    assert "secret" not in refused.text


def test_a_record_nested_without_end_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    refused = RecordReader("talent", "crm", "here").read(1, {"id": "t", "name": deep}, AT)
    assert refused == RowError(1, "name is nested too deep", "t")


def test_values_of_databases_become_plain_json() -> None:
    identity = ObjectId()
    said = {
        "a": Decimal("1.5"),
        "b": Decimal128("2.5"),
        "c": identity,
        "d": date(2020, 1, 2),
        "e": AT,
        "f": AT.replace(tzinfo=None),
        "g": (1, None, True),
        "h": UUID(int=5),
    }
    assert plain(said) == {
        "a": 1.5,
        "b": 2.5,
        "c": str(identity),
        "d": "2020-01-02",
        "e": "2026-01-05T08:00:00.000000Z",
        "f": "2026-01-05T08:00:00.000000Z",
        "g": [1, None, True],
        "h": "00000000-0000-0000-0000-000000000005",
    }


def test_a_midnight_is_a_date_where_the_schema_has_one() -> None:
    employment = {"company": "c", "title": "t", "start": datetime(2020, 1, 1, tzinfo=UTC)}
    assert isinstance(RecordReader("talent", "crm", "x").read(1, {"id": "t", "employments": [employment]}, AT), Row)


def test_an_address_says_what_kind_of_source_it_is(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl")
    assert isinstance(open_source(str(path), entity=None, source="crm"), TextSource)
    table = parquet(tmp_path / "a.parquet", [{"id": "t"}])
    assert isinstance(open_source(str(table), entity=None, source="crm"), ParquetSource)
    rest = open_source("https://user:hunter2@h/talents?api_key=hunter3", entity=None, source="crm")
    assert isinstance(rest, RestSource)
    assert rest.name == "https://h/talents"
    assert "hunter" not in rest.identity
    mongo = open_source("mongodb://user:hunter2@h:1,i:2/crm.talents?replicaSet=r", entity=None, source="crm")
    assert mongo.name == "mongodb://h:1,i:2/crm.talents"


@pytest.mark.parametrize(
    ("address", "follow", "text"),
    [
        ("nowhere.jsonl", False, "there is no file"),
        (str(Path(__file__).parent), False, "is a folder"),
        ("nowhere.jsonl", True, "only a MongoDB collection"),
        (__file__, False, "cannot read .py files"),
        ("mongodb://h:1/crm", False, "lacks the collection"),
        ("mongodb://", False, "not a valid address"),
        ("mongodb://h:1/crm.people", False, "--entity"),
        ("http://h:99999/", False, "not a valid address"),
        ("http:///x", False, "not a valid address|lacks a host"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_plainly(address: str, follow: bool, text: str) -> None:
    with pytest.raises(SourceError, match=text):
        open_source(address, entity=None, source="crm", follow=follow)
