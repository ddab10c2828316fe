"""Columns of other systems become an entity's fields, by rules that need no code."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import FileError, FileReader
from connectors.mapping import TARGETS, ColumnMapping, MappingError, parse_pairs, read_mapping, shown
from connectors.rows import Row, RowError
from connectors.sources.base import SourceError
from connectors.sources.factory import open_source
from connectors.sources.mongo import MongoSource
from connectors.sources.record import RecordReader

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def mapping(*pairs: str, ignore: bool = False) -> ColumnMapping:
    return ColumnMapping(parse_pairs(pairs), ignore)


def read(record: object, said: ColumnMapping, entity: Any = "talent") -> Row:
    row = RecordReader(entity, "ats", "here", said).read(1, record, AT)
    assert isinstance(row, Row), row
    return row


def test_a_candidate_of_an_applicant_tracking_system_becomes_a_talent() -> None:
    record = {
        "id": 53883394,
        "first_name": "Noam",
        "last_name": "Chomsky",
        "title": "Linguist",
        "updated_at": "2026-01-02T03:04:05.678Z",
        "email_addresses": [{"value": "n@example.com", "type": "personal"}, {"value": "c@example.org", "type": "work"}],
        "phone_numbers": [{"value": "+1 617 555 0100"}],
        "addresses": [],
        "tags": ["Python", "Go; SQL"],
        "offices": [{"id": 1, "name": "Boston"}, {"id": 2, "name": "北京"}],
    }
    said = mapping(
        "first_name=name",
        "last_name=name",
        "updated_at=time",
        "email_addresses.*.value=emails",
        "phone_numbers.*.value=phones",
        "offices.1.name=locations",
        "tags=skills",
        ignore=True,
    )
    row = read(record, said)
    assert (row.id, row.time) == ("53883394", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC))
    assert row.fields == {
        "name": "Noam Chomsky",
        "title": "Linguist",
        "emails": ["n@example.com", "c@example.org"],
        "phones": ["+1 617 555 0100"],
        "locations": ["北京"],
        "skills": [{"name": "Python"}, {"name": "Go; SQL"}],
    }


def test_a_document_of_mongoose_needs_no_more_than_leave_to_ignore() -> None:
    record = {"_id": {"$oid": "65a000000000000000000001"}, "name": "Ann", "__v": 3, "createdAt": "x"}
    reader = RecordReader("talent", "crm", "here", mapping("_id.$oid=id", ignore=True))
    row = reader.read(1, record, AT)
    assert isinstance(row, Row)
    assert (row.id, row.fields) == ("65a000000000000000000001", {"name": "Ann"})
    assert reader.ignored == {"__v", "createdAt"}


def test_parts_that_are_unknown_within_a_field_may_be_ignored_too() -> None:
    record = {
        "id": "t",
        "skills": [{"_id": "x", "name": "Go", "years": 2}, "Rust"],
        "salary_expected": {"_id": "y", "minimum": 5},
        "employments": [{"company": "c", "title": "t", "__v": 1}],
    }
    reader = RecordReader("talent", "crm", "here", mapping(ignore=True))
    refused = reader.read(1, record, AT)
    assert isinstance(refused, RowError), "a skill is no text"
    assert reader.ignored == {"skills._id", "salary_expected._id", "employments.__v"}
    record["skills"] = [{"_id": "x", "name": "Go", "years": 2}]
    assert read(record, mapping(ignore=True)).fields == {
        "skills": [{"name": "Go", "years": 2}],
        "salary_expected": {"minimum": 5},
        "employments": [{"company": "c", "title": "t"}],
    }


def test_an_envelope_with_fields_is_mapped_inside() -> None:
    record = {"id": "rec1", "createdTime": "x", "fields": {"Full Name": "Ann", "From": 5, "To": 9}}
    row = read(record, mapping("Full Name=name", "From=salary_min", "To=salary_max", ignore=True))
    assert row.fields == {"name": "Ann", "salary_expected": {"minimum": 5, "maximum": 9}}


def test_a_mapped_column_takes_the_place_of_the_fields_own_and_null_deletes() -> None:
    assert read({"id": "t", "name": "a", "full": "b"}, mapping("full=name")).fields == {"name": "b"}
    assert read({"id": "t", "full": None}, mapping("full=name")).fields == {"name": None}
    assert read({"id": "t", "a": None, "b": "B"}, mapping("a=name", "b=name")).fields == {"name": "B"}
    assert read({"id": "t", "tel": 13800001111}, mapping("tel=phones")).fields == {"phones": ["13800001111"]}
    assert read({"id": "t", "a": {"b": []}}, mapping("a.b.0=title", "a.c=name")).fields == {}


def test_a_column_may_have_dots_in_its_name() -> None:
    assert read({"id": "t", "person.name": "Ann"}, mapping("person.name=name")).fields == {"name": "Ann"}


def test_unknown_columns_are_refused_by_name_unless_they_may_be_ignored() -> None:
    record = {"id": "t", "createdAt": 1, "Ann Example ann@example.com": 2, "13800001111": 3}
    refused = RecordReader("talent", "crm", "here").read(1, record, AT)
    assert isinstance(refused, RowError)
    assert refused.text == "no fields of a talent: createdAt, 2 more; say --map COLUMN=FIELD or --ignore-unknown"
    assert read(record, mapping(ignore=True)).fields == {}


def test_what_is_remembered_of_ignored_columns_is_bounded() -> None:
    reader = RecordReader("talent", "crm", "here", mapping(ignore=True))
    reader.read(1, {"id": "t"} | {f"c{n}": n for n in range(1_000)}, AT)
    assert len(reader.ignored) == 100


def test_another_mapping_makes_another_event_and_the_same_one_the_same() -> None:
    record = {"id": "t", "a": "x", "b": "y"}
    one, again, other = (read(record, mapping(*said, ignore=True)) for said in (["a=name"], ["a=name"], ["b=name"]))
    assert one == again
    assert one.event_id != other.event_id


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name", "COLUMN=FIELD"),
        ("=name", "COLUMN=FIELD"),
        ("a=", "mapped to no field"),
        ("a=nmae", "did you mean name?"),
        ("a=xyzzy", "known: action, "),
        ("a=fields", "is no field"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_said_plainly(text: str, why: str) -> None:
    with pytest.raises(MappingError, match=why.replace("?", r"\?")):
        parse_pairs([text])


def test_a_column_may_have_an_equals_sign() -> None:
    assert parse_pairs(["a=b=name", " Full Name = name "]) == (("a=b", "name"), ("Full Name", "name"))


def test_a_mapping_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(
        'ignore_unknown = true\n[map]\n全名 = "name"\n"offices.0.name" = "locations"\n_id.oid = "id"\n', "utf-8"
    )
    pairs = (("全名", "name"), ("offices.0.name", "locations"), ("_id.oid", "id"))
    # A key of ASCII needs no quotes in TOML, others do.
    with pytest.raises(MappingError, match="is not TOML"):
        read_mapping(path)
    path.write_text(path.read_text("utf-8").replace("全名", '"全名"'), "utf-8-sig")
    assert read_mapping(path) == ColumnMapping(pairs, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x", "is not TOML"),
        ("[map]\na = 'nmae'", "did you mean name"),
        ("[map]\na = 5", "mapped to no field"),
        ("map = 5", "may hold a table"),
        ("[maps]\na = 'name'", "may hold a table"),
        ("ignore_unknown = 'yes'", "may hold a table"),
        ("[map]\na = ['name']", "mapped to no field"),
    ],
)
def test_a_file_that_is_no_mapping_is_said_plainly(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(MappingError, match=f"map.toml.*{why}"):
        read_mapping(path)


def test_columns_of_tables_are_mapped_by_their_headers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("工号,意向岗位,first,last,备注\nT1,测试,Ann,Example,x\n", "gb18030")
    said = mapping("工号=id", "意向岗位=title", "first=name", "last=name")
    with pytest.raises(FileError, match="unknown column: 备注; say --map"):
        FileReader(path, entity="talent", source="hr", mapping=said)
    reader = FileReader(path, entity="talent", source="hr", mapping=ColumnMapping(said.pairs, True))
    [(row, _)] = reader.rows()
    assert isinstance(row, Row)
    assert (row.id, row.fields) == ("T1", {"title": "测试", "name": "Ann Example"})
    assert reader.records.ignored == {"备注"}


def test_a_run_with_another_mapping_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "t", "a": "x"}\n')
    plain, mapped = (
        open_source(str(path), entity="talent", source="crm", **options)
        for options in ({}, {"mapping": mapping("a=name")})
    )
    assert plain.identity != mapped.identity


def test_what_is_gone_from_a_document_is_gone_from_the_fields_it_was_mapped_to() -> None:
    said = mapping("full_name=name", "offices.0.name=locations", "title=summary")
    source = MongoSource("mongodb://h/crm.talents", entity=None, source="crm", mapping=said)
    change = {
        "operationType": "update",
        "documentKey": {"_id": 7},
        "clusterTime": Timestamp(1_767_600_000, 1),
        "fullDocument": {"_id": 7, "full_name": "Ann"},
        "updateDescription": {"removedFields": ["offices", "title", "status", "__v"]},
    }
    row = source._changed(1, change)
    assert isinstance(row, Row)
    assert (row.id, row.fields) == ("7", {"name": "Ann", "locations": None, "summary": None, "status": None})
    with pytest.raises(SourceError, match="the database's own"):
        open_source("mongodb://h/crm.talents", entity=None, source="crm", mapping=mapping("updatedAt=time"))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)),
    max_leaves=8,
)
PATHS = (
    st.lists(st.sampled_from(["a", "b", "c", "0", "1", "*", ""]), min_size=1, max_size=4)
    .map(".".join)
    .filter(str.strip)
)


@given(
    st.dictionaries(st.sampled_from([*"abcd", "id", "name", "fields", "entity", "a.b"]), JSON, max_size=5),
    st.lists(st.tuples(PATHS, st.sampled_from(sorted(TARGETS))), max_size=4).map(tuple),
    st.booleans(),
)
def test_any_record_and_mapping_give_a_row_or_a_refusal(
    record: dict[str, Any], pairs: tuple[tuple[str, str], ...], ignore: bool
) -> None:
    said = RecordReader("talent", "crm", "here", ColumnMapping(pairs, ignore)).read(1, record, AT)
    assert isinstance(said, Row | RowError)


@given(st.lists(st.text(max_size=50), max_size=8))
def test_names_in_messages_are_few_and_printable(names: list[str]) -> None:
    text = shown(names)
    assert len(text) < 300
    assert text.isprintable()
