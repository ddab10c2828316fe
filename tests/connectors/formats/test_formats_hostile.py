"""Whatever strangers put anywhere into a document is a row or a refusal, and what stands beside it is not harmed."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats.containers import parts
from connectors.formats.importer import Importer
from connectors.formats.opening import open_file
from connectors.formats.registry import NAMES, by_name
from connectors.lines import FileError
from connectors.rows import Row, RowError
from connectors.sources.record import RecordReader
from tests.support.import_guide import samples

AT = datetime(2026, 2, 1, tzinfo=UTC)
SAMPLES = tuple(samples("import.md"))


def whole_samples(folder: Path) -> Iterator[tuple[str, Any]]:
    for number, sample in enumerate(SAMPLES):
        path = folder / f"{number}.{sample.kind}"
        path.write_text(sample.text)
        yield sample.format.name, next(parts(path)).value


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Any]]:
    found = whole_samples(tmp_path_factory.mktemp("samples"))
    return [(name, item) for name, document in found for item in by_name(name).items(document)]


@pytest.fixture(scope="module")
def befores(items: list[tuple[str, Any]]) -> list[tuple[str, Any, Row]]:
    """Each item with the row that it is where nothing else is."""
    found = [(name, item, rows(name, [item])) for name, item in items]
    assert all(len(alone) == 1 and isinstance(alone[0], Row) for _, _, alone in found)
    return [(name, item, alone[0]) for name, item, alone in found if isinstance(alone[0], Row)]


def rows(name: str, document: Any) -> list[Row | RowError]:
    importer = Importer(RecordReader(None, "ats", "x"), (name,))
    return list(importer.rows(count(1), document, AT))


def deep(depth: int) -> Any:
    value: Any = "x"
    for level in range(depth):
        value = [value] if level % 2 else {"name": value}
    return value


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -1, 0, 1e308, float("nan"), float("inf"), 2**63, 99999999999999]),
    st.text(max_size=30),
    st.sampled_from(
        ["", " ", "\x00", "a\x00b", "\ud800", "a\udfff", "长" * 400, "<p>" * 300, "<p>x", "&lt;b&gt;", "&#0;", "9" * 5000, "2019-13-45",
         "0000-00-00", "10000-01-01", "9999-12-31T23:59:59-23:59", "99年", "-", "$", "𝟗", "٣", "1.2.3", "=cmd()", "../../etc/passwd", "a" * 3000 + "@b"],
    ),
    st.lists(st.none() | st.integers() | st.text(max_size=5), max_size=4),
    st.dictionaries(st.sampled_from(["name", "value", "id", "@type", "@value", ""]), st.integers() | st.text(max_size=5), max_size=3),
    st.integers(1, 200).map(deep),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def replaced(item: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(item)
    holder = changed
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return changed


@settings(max_examples=60)
@given(data=st.data())
def test_any_value_in_any_place_is_a_row_or_a_refusal_and_its_neighbours_stay(
    befores: list[tuple[str, Any, Row]], data: st.DataObject
) -> None:
    name, item, before = data.draw(st.sampled_from(befores))
    hurt = item
    for _ in range(data.draw(st.integers(1, 3))):
        # A value drawn before may have taken another's place.
        if where := [*places(hurt)][:300]:
            hurt = replaced(hurt, data.draw(st.sampled_from(where)), data.draw(JUNK))
    first, *middle, last = rows(name, [item, hurt, item])
    assert all(isinstance(row, Row | RowError) for row in middle)
    for row in (first, last):
        assert isinstance(row, Row)
        assert (row.id, row.fields, row.event_id) == (before.id, before.fields, before.event_id)
    for row in middle:
        if isinstance(row, RowError):
            assert row.text
            assert row.raw is not None


@pytest.mark.parametrize(
    "junk", [None, True, -1, 10**20, "", "2019-13-45", "\x00\ud800", "<p>&#0;", [[]], {"": {}}], ids=repr
)
def test_each_place_takes_each_kind_of_junk(items: list[tuple[str, Any]], junk: Any) -> None:
    for name, item in items:
        # What says of itself that it is another thing than a posting is none.
        hurt = [replaced(item, path, junk) for path in places(item) if path != ("@type",)]
        found = rows(name, [*hurt, item])
        assert len(found) == len(hurt) + 1
        assert isinstance(found[-1], Row)


@settings(max_examples=50)
@given(name=st.sampled_from(NAMES), document=JUNK | st.lists(JUNK, max_size=3))
def test_what_is_no_document_at_all_is_refused(name: str, document: Any) -> None:
    assert all(isinstance(row, RowError) or row.fields for row in rows(name, document))
    by_name(name).recognises(document)


@settings(max_examples=60)
@given(data=st.data())
def test_any_bytes_are_rows_or_one_plain_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(SAMPLES))
    raw = bytearray(sample.text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    suffix = data.draw(st.sampled_from([sample.kind, "json", "jsonl", "html", "xml", "csv", "zip"]))
    path = tmp_path_factory.mktemp("bytes") / f"x.{suffix}"
    path.write_bytes(bytes(raw))
    for choice in ("auto", sample.format.name):
        try:
            found = list(open_file(path, choice=choice, entity=None, source="ats").rows())
        except FileError as error:
            assert str(error)
            assert "\n" not in str(error)
        else:
            assert all(isinstance(row, Row | RowError) for row, _ in found)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY e "boom">]><PositionOpening><PositionProfile><PositionTitle>&e;</PositionTitle></PositionProfile></PositionOpening>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Candidate/>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]><Candidate>&a;</Candidate>',
        "<a>" * 100_000,
        "<Candidate>",
        "<Candidate>&undefined;</Candidate>",
    ],
)
def test_xml_with_entities_types_or_without_end_is_not_read(tmp_path: Path, text: str) -> None:
    (path := tmp_path / "x.xml").write_text(text)
    with pytest.raises(FileError, match="XML that is not read"):
        open_file(path, choice="hr-open", entity=None, source="ats")


def test_a_document_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.formats.containers.MAX_DOCUMENT_BYTES", 1000)
    (path := tmp_path / "x.json").write_text(json.dumps([{"shortcode": "A", "title": "t" * 2000}]))
    with pytest.raises(FileError, match="write one object a line"):
        open_file(path, entity=None, source="ats")
