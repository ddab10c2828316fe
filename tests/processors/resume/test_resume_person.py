"""Names, phones and pay as people write them, in several languages and countries."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.salary import PER_MONTH, RATES_TO_CNY, monthly_cny
from processors.resume.name_parts import parts
from processors.resume.parse import parse_resume
from processors.resume.terms import pay
from schemas.resume import ResumeProfile


def of(text: str) -> ResumeProfile:
    return parse_resume(text, today=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("line", "full", "family"),
    [
        ("MARLOWE, Ida", "Ida Marlowe", "Marlowe"), ("VAN DER MEER, Ida Jo", "Ida Jo Van Der Meer", "Van Der Meer"),
        ("I D A   M A R L O W E", "Ida Marlowe", "Marlowe"), ("IDA MARLOWE RESUME", "Ida Marlowe", "Marlowe"),
        ("Curriculum Vitae – Ida Marlowe", "Ida Marlowe", "Marlowe"), ("Resume of Ida Marlowe", "Ida Marlowe", "Marlowe"),
        ("Lebenslauf Ida Marlowe", "Ida Marlowe", "Marlowe"), ("Ida Marlowe, CPA, MBA", "Ida Marlowe", "Marlowe"),
        ("Ida Marlowe, Ph.D.", "Ida Marlowe", "Marlowe"), ("IDA MARLOWE, RN, BSN", "Ida Marlowe", "Marlowe"),
        ("Ida Marlowe MBA", "Ida Marlowe", "Marlowe"), ("Ida Marlowe (she/her)", "Ida Marlowe", "Marlowe"),
        ("Dr. Ida Marlowe", "Ida Marlowe", "Marlowe"), ("Dipl.-Ing. Ida Marlowe", "Ida Marlowe", "Marlowe"),
        ('Ida "Idy" Marlowe', "Ida Marlowe", "Marlowe"), ("Ida R. Marlowe Jr.", "Ida R. Marlowe Jr.", "Marlowe"),
        ("Ida Marlowe III", "Ida Marlowe III", "Marlowe"), ("Joost van den Broek", "Joost van den Broek", "van den Broek"),
        ("Omar bin Khalid Al Sayegh", "Omar bin Khalid Al Sayegh", "Al Sayegh"), ("Trần Thị Thu Hà", "Trần Thị Thu Hà", "Trần"),
        ("Ida\nMarlowe", "Ida Marlowe", "Marlowe"), ("贺知远的个人简历", "贺知远", "贺"), ("个人简历 — 贺知远", "贺知远", "贺"),
        ("姓名：賀知遠", "賀知遠", "賀"), ("歐陽文博", "歐陽文博", "歐陽"),
    ],
)  # fmt: skip
def test_names(line: str, full: str, family: str) -> None:
    name = of(f"{line}\nsomeone@example.com | +1 312 555 0188\nSummary\nWorks hard.\n").name
    assert name
    assert (name.value.full, name.value.family) == (full, family)


def test_the_mailbox_tells_where_names_end() -> None:
    for line in ("Marlowe, Ida", "I D A M A R L O W E"):
        name = of(f"{line}\nida.marlowe@example.com\n").name
        assert name
        assert (name.value.full, name.value.family) == ("Ida Marlowe", "Marlowe")
    alone = of("Ida\nida@example.com\n").name
    assert alone
    assert (alone.value.full, alone.value.family) == ("Ida", None)


@pytest.mark.parametrize(
    "line",
    [
        "Boston, Massachusetts",
        "Software, Engineer",
        "Senior\nEngineer",
        "S K I L L S",
        "Work\nExperience",
        "Excel, Word",
    ],
)
def test_what_is_no_name(line: str) -> None:
    assert of(f"{line}\nsomeone@example.com\n").name is None


WORDS = st.text(st.sampled_from("abcdefgilmnorstuvzéöø"), min_size=3, max_size=9).map(str.title)


@given(WORDS, WORDS)
def test_a_name_in_either_order_is_the_same(given_name: str, family: str) -> None:
    turned, plain = parts(f"{family.upper()}, {given_name}"), parts(f"{given_name} {family}")
    assert (turned.full, turned.family, turned.given) == (plain.full, plain.family, plain.given)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("07700 900145 (Hull, UK)", "+447700900145"), ("020 7946 0958, London", "+442079460958"), ("0151 23456789, Leipzig", "+4915123456789"),
        ("0171/1234567 Bremen", "+491711234567"), ("06 12 34 56 78, Lyon", "+33612345678"), ("0412 345 678, Perth", "+61412345678"),
        ("9123 4567, Hong Kong", "+85291234567"), ("九龍 9123 4567", "+85291234567"), ("9123 4567 Singapore", "+6591234567"),
        ("0922-555-018 新竹市", "+886922555018"), ("(02) 2345-6789 台北", "+886223456789"), ("090-1234-5678 Osaka", "+819012345678"),
        ("010-1234-5678 Busan", "+821012345678"), ("044 668 18 00 Zürich", "+41446681800"), ("98765 43210, Chennai, India", "+919876543210"),
        ("(312) · 555 · 0188", "+13125550188"), ("+1‑312‑555‑0188", "+13125550188"), ("+49 (0)151 23456789", "+4915123456789"),
        ("0033 6 12 34 56 78", "+33612345678"), ("139-0000-1234", "+8613900001234"),
    ],
)  # fmt: skip
def test_phones_by_what_the_document_says_of_its_country(line: str, number: str) -> None:
    assert [p.value for p in of(f"Ida Marlowe\n{line}\nida@example.com\n").phones] == [number]


@pytest.mark.parametrize(
    "line", ["2016 - 2019 (2 years)", "12/2018 - 01/2020", "GPA 3.8/4.0", "1234567", "2009-2013 1234", "9123 4567"]
)
def test_numbers_that_are_no_phones(line: str) -> None:
    assert of(f"Ida Marlowe\n{line}\nida@example.com\n").phones == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("£18 per hour", (18, None, "GBP", "hour")), ("$18.50 an hour", (18.5, None, "USD", "hour")), ("$25/hr", (25, None, "USD", "hour")),
        ("时薪80元", (80, None, "CNY", "hour")), ("Tagessatz 650 EUR", (650, None, "EUR", "day")), ("€450/day", (450, None, "EUR", "day")),
        ("500元/天", (500, None, "CNY", "day")), ("£700 per week", (700, None, "GBP", "week")), ("CHF 120'000", (120_000, None, "CHF", "year")),
        ("CHF 8’500 im Monat", (8_500, None, "CHF", "month")), ("45.000 €", (45_000, None, "EUR", "year")), ("45 000 € par an", (45_000, None, "EUR", "year")),
        ("60.000 - 70.000 EUR brutto", (60_000, 70_000, "EUR", "year")), ("NT$50,000-70,000 per month", (50_000, 70_000, "TWD", "month")),
        ("新台幣 60,000 元", (60_000, None, "TWD", "month")), ("HK$35,000", (35_000, None, "HKD", "month")), ("A$95k", (95_000, None, "AUD", "year")),
        ("月給35万円", (350_000, None, "JPY", "month")), ("JPY 6,000,000 per annum", (6_000_000, None, "JPY", "year")), ("₹8,00,000", (800_000, None, "INR", "year")),
        ("12 LPA", (1_200_000, None, "INR", "year")), ("S$6,500", (6_500, None, "SGD", "month")), ("20-30K·14薪", (20_000, 30_000, "CNY", "month")),
    ],
)  # fmt: skip
def test_pay(said: str, expected: tuple[float, float | None, str, str]) -> None:
    language = "zh" if "薪" in said or "元" in said else "en"
    found = pay(said, language)
    assert found
    assert (found.minimum, found.maximum, found.currency, found.period) == expected


@given(st.integers(1_000, 999_999), st.sampled_from(["{:,}", "{:_}"]), st.sampled_from(",'’. "))
def test_thousands_may_be_apart_in_any_way(amount: int, form: str, mark: str) -> None:
    found = pay(form.format(amount).replace("_", ",").replace(",", mark) + " EUR a year", "en")
    assert found
    assert (found.minimum, found.period) == (amount, "year")


def test_pay_of_any_period_compares() -> None:
    a_month = {p: monthly_cny({"minimum": 1000 / PER_MONTH[p], "currency": "EUR", "period": p})[0] for p in PER_MONTH}
    assert set(a_month.values()) == {round(1000 * RATES_TO_CNY["EUR"])}


@pytest.mark.parametrize(
    "label", ["Expected salary", "Hourly rate", "Gehaltsvorstellung", "Prétentions salariales", "期望薪资", "希望待遇"]
)
def test_labels_of_pay(label: str) -> None:
    expected = of(f"Ida Marlowe\nida@example.com\n{label}: 30 € per hour\nSummary\nWorks.\n").salary_expected
    assert expected
    assert (expected.value.minimum, expected.value.currency, expected.value.period) == (30, "EUR", "hour")


def test_a_line_of_contacts_is_no_summary() -> None:
    profile = of(
        "Ida Marlowe\nBuyer\n4 Mill Lane, Hull HU1 1AA | +44 20 7946 0958 | ida@example.com | linkedin.com/in/idamarlowe | www.ida.example.com\n"
        "Experience\nBuyer, Fenwick Ltd\tMay 2018 - Jan 2021\n"
    )
    assert profile.summary is None


@pytest.mark.parametrize(
    ("text", "place"),
    [("张伟\n男 | 1990年1月 | 中国 | 13900000000\n", None), ("张伟\n男 | 中国 | 苏州 | 13900000000\n", "苏州")],
)
def test_a_nationality_is_not_where_one_lives(text: str, place: str | None) -> None:
    profile = parse_resume(text)
    assert profile.nationality
    assert profile.nationality.value == "中国"
    assert next((each.value for each in profile.addresses), None) == place
