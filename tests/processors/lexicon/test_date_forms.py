"""Any date in any form that people write parses back to itself."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processors.lexicon.dates import dates, numeric_order
from tests.support.growth import grows_no_faster_than_its_input

_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "en long": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "de short": "Jan. Feb. Mrz Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "at": "Jänner Feber März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "fr short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_HAN = "〇一二三四五六七八九"
_HAN_MONTHS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]


def _han(number: int) -> str:
    return "".join(_HAN[int(c)] for c in str(number))


MONTH_FORMS: dict[str, Callable[[int, int], str]] = {
    "iso": lambda y, m: f"{y}-{m:02}",
    "dotted": lambda y, m: f"{y}.{m}",
    "slashed": lambda y, m: f"{m:02}/{y}",
    "month dot year": lambda y, m: f"{m:02}.{y}",
    "zh": lambda y, m: f"{y}年{m}月",
    "zh spaced": lambda y, m: f"{y} 年 {m} 月",
    "zh in words": lambda y, m: f"{_han(y)}年{_HAN_MONTHS[m - 1]}月",
    "zh with circles": lambda y, m: f"{_han(y).replace('〇', '○')}年{m}月",
    "tw": lambda y, m: f"民國{y - 1911}年{m}月",
    "tw slashed": lambda y, m: f"民國 {y - 1911}/{m:02}",
    "es of": lambda y, m: f"{_MONTHS['es'].split()[m - 1]} de {y}",
    **{
        f"{name} {mark}": lambda y, m, words=words, mark=mark: f"{words.split()[m - 1]}{mark}{y}"
        for name, words in _MONTHS.items()
        for mark in (" ", ", ", "-")
    },
}
SHORT_FORMS: dict[str, Callable[[int, int], str]] = {
    "mm/yy": lambda y, m: f"{m:02}/{y % 100:02}",
    "m/yy": lambda y, m: f"{m}/{y % 100:02}",
    "mm.yy": lambda y, m: f"{m:02}.{y % 100:02}",
    "Mon-yy": lambda y, m: f"{_MONTHS['en'].split()[m - 1]}-{y % 100:02}",
    "Mon 'yy": lambda y, m: f"{_MONTHS['en'].split()[m - 1]} '{y % 100:02}",
}
BETWEEN = [" - ", " – ", "–", " — ", " bis ", " to ", " à ", "至", " ~ ", "～", " until ", "——", " a "]
NOW = [
    "present", "Present", "now", "today", "current", "to date", "date", "heute", "aktuell", "aujourd'hui", "aujourd’hui",
    "présent", "actualidad", "oggi", "heden", "至今", "迄今", "現在", "目前", "今",
]  # fmt: skip
years, months = st.integers(1950, 2049), st.integers(1, 12)


@given(st.sampled_from(sorted(MONTH_FORMS)), st.integers(1950, 2039), months)
def test_a_month_in_any_form(form: str, year: int, month: int) -> None:
    text = MONTH_FORMS[form](year, month)
    (found,) = dates(text)
    assert (found.start, found.end, found.current) == (f"{year}-{month:02}", None, False)
    assert found.at[1] >= len(text.rstrip("月"))


@given(
    st.sampled_from(sorted({**MONTH_FORMS, **SHORT_FORMS})),
    st.sampled_from(BETWEEN),
    *[st.tuples(st.integers(1950, 2039), months)] * 2,
)
@example("iso", " - ", (2019, 12), (2019, 12))
def test_a_period_in_any_form(form: str, between: str, one: tuple[int, int], other: tuple[int, int]) -> None:
    (start, end) = sorted((one, other))
    write = {**MONTH_FORMS, **SHORT_FORMS}[form]
    text = f"Engineer\t{write(*start)}{between}{write(*end)}"
    (found,) = dates(text)
    assert (found.start, found.end) == (f"{start[0]}-{start[1]:02}", f"{end[0]}-{end[1]:02}")
    assert text[slice(*found.start_at)] in write(*start)


@given(st.sampled_from(sorted({**MONTH_FORMS, **SHORT_FORMS})), st.sampled_from(NOW), st.integers(1950, 2039), months)
def test_what_lasts(form: str, now: str, year: int, month: int) -> None:
    write = {**MONTH_FORMS, **SHORT_FORMS}[form]
    for between in (" - ", " – ", " to "):
        (found,) = dates(f"{write(year, month)}{between}{now}")
        assert (found.start, found.current) == (f"{year}-{month:02}", True)


@given(st.dates(date(1950, 1, 1), date(2039, 12, 31)), st.booleans(), st.sampled_from("./-"))
def test_the_order_of_day_and_month_is_the_documents(day: date, american: bool, mark: str) -> None:
    write = (lambda d: f"{d.month}{mark}{d.day}{mark}{d.year}") if american else (
        lambda d: f"{d.day}{mark}{d.month}{mark}{d.year}"
    )  # fmt: skip
    other = write(date(2019, 4, 25))  # elsewhere in the document, and not ambiguous
    with numeric_order(f"{write(day)}\n{other}"):
        (found,) = dates(write(day))
    assert found.start == day.isoformat()


@pytest.mark.parametrize(
    ("text", "start"),
    [("(312) 555-0142\nBoston, MA\n8/9/2019", "2019-08-09"), ("07700 900123\nLeeds\n8/9/2019", "2019-09-08"),
     ("Boston, MA 02110\n08.09.2019", "2019-09-08")],
)  # fmt: skip
def test_a_document_without_a_day_over_twelve(text: str, start: str) -> None:
    with numeric_order(text):
        assert [d.start for d in dates(text.splitlines()[-1])] == [start]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Jun – Aug 2019", "2019-06", "2019-08"), ("Juni – August 2019", "2019-06", "2019-08"),
        ("juin – août 2019", "2019-06", "2019-08"), ("June 1 – Aug 31, 2019", "2019-06-01", "2019-08-31"),
        ("1 Jun – 31 Aug 2019", "2019-06-01", "2019-08-31"), ("2019年6月-8月", "2019-06", "2019-08"),
        ("2019年6-8月", "2019-06", "2019-08"), ("03 – 08.2019", "2019-03", "2019-08"), ("Spring – Fall 2019", "2019-03", "2019-09"),
        ("2014–15", "2014", "2015"), ("2014/15", "2014", "2015"), ("2019-20", "2019", "2020"),
        ("Q1 2020 – Q3 2021", "2020-01", "2021-09"), ("2020 Q2 - 2020 Q4", "2020-04", "2020-12"),
        ("2019年第三季度-2020年第一季度", "2019-07", "2020-03"), ("1. Quartal 2020 bis 2. Quartal 2020", "2020-01", "2020-06"),
        ("Summer 2018 to Winter 2019", "2018-06", "2019-12"), ("Frühjahr 2018 – Herbst 2019", "2018-03", "2019-09"),
        ("du 1er janvier 2019 au 31 décembre 2020", "2019-01-01", "2020-12-31"), ("民國104年9月至108年6月", "2015-09", "2019-06"),
        ("104/09 - 108/06", "2015-09", "2019-06"),
    ],
)  # fmt: skip
def test_periods_that_leave_something_out(text: str, start: str, end: str) -> None:
    (found,) = dates(text)
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("text", ["2009-10", "2019-12"])
def test_a_month_is_no_short_year(text: str) -> None:
    assert [(d.start, d.end) for d in dates(text)] == [(text, None)]


@pytest.mark.parametrize(
    "text", ["seit 2018", "depuis 2018", "since 2018", "2018 –", "2018年起", "自2018年至今", "ab 2018 bis heute"]
)
def test_what_has_only_a_beginning(text: str) -> None:
    assert [(d.start, d.current) for d in dates(text)] == [("2018", True)]


@pytest.mark.parametrize(
    "text", ["v3.5 - 4.2", "5 - 10 people", "8.50 - 9.75 an hour", "call 312-555-0142", "team of 5 to 12", "1-800"]
)
def test_numbers_that_are_no_dates(text: str) -> None:
    assert [d for d in dates(text) if d.period] == []


@pytest.mark.parametrize(
    "piece", ["2019", "Jan ", "1/", "二〇", "民國", "– ", "12.", "mar-", "Q1 ", " a ", "春 2019 ", "Jun – "]
)
def test_repetition_costs_linear_time(piece: str) -> None:
    assert grows_no_faster_than_its_input(lambda size: list(dates((piece * size)[:size] + "1")), 500, most=1500)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("giu 2019 - lug 2020", "2019-06", "2020-07"), ("MAYIS 2019 – Şub 2020", "2019-05", "2020-02"),
        ("Desember 2019 s/d Maret 2021", "2019-12", "2021-03"), ("ΙΟΥΝΙΟΣ 2019 – Ιούλ 2020", "2019-06", "2020-07"),
        ("maj 2016 till augusti 2019", "2016-05", "2019-08"), ("marts 2016 til oktober 2019", "2016-03", "2019-10"),
        ("szept. 2019 – jelenleg", "2019-09", None), ("říjen 2018 – současnost", "2018-10", None),
        ("січень 2018 – дотепер", "2018-01", None), ("يناير 2019 - حتى الآن", "2019-01", None), ("с мая 2016 по н.в.", "2016-05", None),
        ("2018년 3월 ~ 현재", "2018-03", None), ("2018년 3월부터 2020년 2월까지", "2018-03", "2020-02"), ("มกราคม 2019 - ปัจจุบัน", "2019-01", None),
        ("wrz 2019 – gru 2020", "2019-09", "2020-12"), ("tammikuu 2019 – nykyhetki", "2019-01", None), ("ſept 2019 – 2020", "2019-09", "2020"),
    ],
)  # fmt: skip
def test_periods_in_languages_of_the_clocks_lists(text: str, start: str, end: str | None) -> None:
    assert [(d.start, d.end, d.current) for d in dates(text)] == [(start, end, end is None)]


@pytest.mark.parametrize("text", ["Siemens AG 2019", "MacBook Pro 2019", "Mac 2019", "led 2019"])
def test_words_are_no_months_of_other_languages(text: str) -> None:
    assert [d.start for d in dates(text)] == ["2019"]
