"""Whatever bytes a file has: it is refused as a whole, or each of its lines is a row, a refusal, blank or the header."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import FileError, FileReader, Position
from connectors.lines import Lines
from connectors.rows import Row, RowError

CELLS = st.one_of(
    st.sampled_from(
        ["t-1", "t-2", '"', '""', '"a', 'b"', '"x,y"', '"two\nlines"', "", " ", "a;b", "1.38E+10", "\\N", "\r"]
    ),
    st.text(max_size=6),
)
CSV = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=12).map("\n".join)
HEADERS = st.sampled_from(
    ["id,name", "ID;姓名", "id\tname\ttitle", "sep=;\nid;name", '"id\n",name', "\n\nid,phones\r", "id"]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just("\ud83d")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["id", "entity", "fields", "name", "time", "version", "source", "action", "note", "phones", "raw"]
)
JSON_LINES = st.one_of(
    st.dictionaries(KEYS, VALUES, max_size=4).map(json.dumps),
    VALUES.map(json.dumps),
    st.sampled_from(
        ["{", "[", "", "  ", "NaN", '{"id":1' + "0" * 5000 + "}", "[" * 3000, '{"id":"a","id":"b"}', "\ufeff"]
    ),
    st.text(max_size=8),
)


def blank(text: str) -> bool:
    """Whether a line holds nothing, neither as a line nor as a row of empty cells."""
    return all(character.isspace() or character in ',;|，"\ufeff' for character in text)


def assert_accounted(folder: Path, name: str, content: bytes) -> list[Row | RowError]:
    """Read a file, and find that its lines and its records cover one another without a gap."""
    path = folder / name
    path.write_bytes(content)
    try:
        reader = FileReader(path, entity="talent", source="crm")
    except FileError as error:
        assert name in str(error)
        return []
    lines = {line.number: line for line in Lines(path).read()}
    header = reader._header
    done = header.line if header else 0
    found = []
    for row, position in reader.rows():
        between = [lines[number] for number in range(done + 1, row.line)]
        assert all(not line.problem and blank(line.text) for line in between), "only blank"
        assert row.line > done, "no line is in two records"
        assert position == Position(position.line, lines[position.line].end)
        done = position.line
        found.append(row)
        if isinstance(row, RowError):
            assert row.text
            assert row.raw
    rest = [lines[number] for number in range(done + 1, len(lines) + 1)]
    if header or not name.endswith(".csv"):
        assert all(not line.problem and blank(line.text) for line in rest)
    else:
        assert not any(not blank(line.text) for line in lines.values()), "no header: nothing but blank lines"
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@given(st.binary(max_size=200))
def test_any_bytes_are_accounted_for(folder: Path, content: bytes) -> None:
    for name in ("a.csv", "a.jsonl"):
        assert_accounted(folder, name, content)


@given(HEADERS, CSV, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"]), st.binary(max_size=4))
def test_any_csv_is_accounted_for(folder: Path, header: str, content: str, encoding: str, noise: bytes) -> None:
    text = f"{header}\n{content}".encode(encoding, "replace")
    assert_accounted(folder, "a.csv", text)
    middle = len(text) // 2
    assert_accounted(folder, "a.csv", text[:middle] + noise + text[middle:])


@given(st.lists(JSON_LINES, max_size=8), st.binary(max_size=4))
def test_any_json_lines_are_accounted_for(folder: Path, lines: list[str], noise: bytes) -> None:
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    assert_accounted(folder, "a.jsonl", text)
    assert_accounted(folder, "a.jsonl", text[: len(text) // 2] + noise + text[len(text) // 2 :])


@given(CSV, st.data())
def test_reading_goes_on_from_any_record(folder: Path, content: str, data: st.DataObject) -> None:
    path = folder / "b.csv"
    path.write_bytes(f"id,name\n{content}".encode("utf-8", "replace"))
    reader = FileReader(path, entity="talent", source="crm")
    every = list(reader.rows())
    if every:
        at = data.draw(st.integers(0, len(every) - 1))
        assert list(reader.rows(every[at][1])) == every[at + 1 :]


def test_good_rows_beside_bad_ones_are_all_there(folder: Path) -> None:
    bad = [b'x,"open\n', b"\xff\xfe,y\n", b"only one\n", b'z,"a"b"\n', b"w,a,b\n", b'v,"\n', b'u,"\xff\n', b't"\n']
    content = b"id,name\n" + b"".join(line + b"good-%d,Ann\n" % n for n, line in enumerate(bad))
    found = assert_accounted(folder, "c.csv", content)
    assert [row.id for row in found if isinstance(row, Row)] == [f"good-{n}" for n in range(len(bad))]
    assert sum(isinstance(row, RowError) for row in found) == len(bad)
