"""Tables in a narrow terminal: every word is there and whole, and no line is longer than the terminal is wide."""

import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ops.cli.context import _Console
from ops.cli.tables import Column, Table
from ops.runtime.redaction import escaped

ID = "talent-events/3/1234567890123"


def shown(table: Table, width: int) -> str:
    out = StringIO()
    _Console(file=out, width=width, markup=False, emoji=False).print(table)
    return out.getvalue()


def letters(*rows: tuple[str, ...]) -> Table:
    table = Table(Column("id", no_wrap=True), "reason", "detail", "bytes", title="dead letters", title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
def test_an_id_is_whole_at_any_width(width: int) -> None:
    detail = "字段 name 不是文本，而是一个很长的列表，里面什么都有，没有一个空格可以断开这一行文字"
    text = shown(letters((ID, "bad_fields", detail, "12"), (ID + "0" * 60, "x", "", "1")), width)
    assert ID in text.split()
    assert ID + "0" * 60 in text.split()
    assert "…" not in text
    letters_only = re.sub(r"[^\u4e00-\u9fff]", "", text)
    assert letters_only == re.sub(r"[^\u4e00-\u9fff]", "", detail)


@pytest.mark.parametrize("width", [40, 80])
@given(
    rows=st.lists(
        st.tuples(*[st.text(st.sampled_from("ab 12中文，\t\n\x1b[]/é👩"), max_size=60) for _ in range(4)]), max_size=4
    )
)
def test_no_line_is_longer_than_the_terminal_but_for_a_word(width: int, rows: list[tuple[str, ...]]) -> None:
    text = shown(letters(*rows), width)
    words = max((cell_len(w) for row in rows for cell in row for w in escaped(cell, "\n").split("\n")), default=0)
    for line in text.splitlines():
        assert cell_len(line) <= max(width, words + 2)
    for row in rows:
        for cell in row:
            for word in re.findall(r"[ab12]+", escaped(cell, "\n")):
                assert word in text
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [40, 80])
def test_brackets_are_no_markup(width: int) -> None:
    text = shown(letters((ID, "[red]", "[/] [link=x]y[/link] :smile:", "1")), width)
    assert "[red]" in text
    assert ":smile:" in text


@pytest.mark.parametrize(("width", "columns"), [(40, False), (80, True)])
def test_columns_stay_where_they_fit(width: int, columns: bool) -> None:
    table = letters((ID, "bad_header", "the header ce_time is no time", "12"))
    assert ("┏" in shown(table, width)) is columns
    assert ("id: " in shown(table, width)) is not columns


def test_a_table_without_headers_tells_its_rows() -> None:
    table = Table(show_header=False)
    table.add_row("2019-01 – 2024-06", "数据工程师 · 上海某某信息技术有限公司", "senior ↑")
    assert shown(table, 200).count("│") > 1
    assert "数据工程师" in shown(table, 20).replace("\n", "").replace(" ", "")
