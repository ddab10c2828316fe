"""Days that messages name, from the day of the message on."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.chat.days import day_in, days
from processors.lexicon.script import plain

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("明天下午可以吗", "2026-03-03"),
        ("大后天", "2026-03-05"),
        ("约周五上午", "2026-03-06"),
        ("下週三可以", "2026-03-11"),
        ("下下周一", "2026-03-16"),
        ("三天后", "2026-03-05"),
        ("2月1号", "2027-02-01"),
        ("15号", "2026-03-15"),
        ("6月能入职", "2026-06"),
        ("下周", "2026-W11"),
        ("the day after tomorrow", "2026-03-04"),
        ("Thursday afternoon", "2026-03-05"),
        ("next Tuesday", "2026-03-10"),
        ("March 5th", "2026-03-05"),
        ("5 February", "2027-02-05"),
        ("in two weeks", "2026-03-16"),
        ("I can start in May", "2026-05"),
        ("2026-03-11T10:00", "2026-03-11"),
    ],
)
def test_a_day_is_counted_from_the_message(text: str, value: str) -> None:
    assert [day.value for day in days(plain(text), MONDAY)] == [value]


@pytest.mark.parametrize(
    "text", ["明白了", "声明", "may I ask", "1号线", "2月30日", "the second one", "the 2nd one", "24/7"]
)
def test_what_is_no_day_is_not_read(text: str) -> None:
    assert not list(days(text, MONDAY))


def test_the_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 3, 2, 20, tzinfo=UTC)
    assert day_in("Asia/Shanghai", late) == date(2026, 3, 3)
    assert day_in("America/New_York", late) == date(2026, 3, 2)
    assert day_in("Asia/Shanghai", datetime(9999, 12, 31, 23, tzinfo=UTC)) == date(9999, 12, 31)


@given(st.dates(), st.integers(0, 6))
def test_a_day_of_the_week_is_within_the_next_seven(today: date, day: int) -> None:
    named = list(days(f"星期{'一二三四五六日'[day]}", today))
    if today < date.max - timedelta(7):
        assert 0 < (date.fromisoformat(named[0].value) - today).days <= 7
        assert date.fromisoformat(named[0].value).weekday() == day


@given(st.text(max_size=200), st.dates())
def test_any_text_on_any_day_is_read(text: str, today: date) -> None:
    assert all(0 <= day.start < day.end <= len(text) for day in days(text, today) if len(text.casefold()) == len(text))
