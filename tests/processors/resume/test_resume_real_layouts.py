"""Kinds of lines that resumes of real layouts have: labels without colons, broken times, places, letters, remarks."""

from datetime import date

import pytest

from connectors.documents import Limits
from connectors.documents.formats import read
from processors.lexicon.dates import dates
from processors.lexicon.places import countries_of_cities, country_of_city
from processors.resume.contacts import regions
from processors.resume.parse import parse_resume
from processors.resume.roles import is_place, parts
from processors.resume.text import Piece
from schemas.resume import ResumeProfile

EN = "Margaret Ellsworth\nmargaret@example.com\n"


def of(text: str) -> ResumeProfile:
    return parse_resume(text, today=date(2026, 10, 15))


def jobs(text: str) -> list[tuple[str | None, str | None, str | None, str | None]]:
    return [
        (
            job.employer and job.employer.value,
            job.title and job.title.value,
            job.start and job.start.value,
            "now" if job.current else job.end and job.end.value,
        )
        for job in of(text).work
    ]


def test_a_time_that_its_column_has_broken_is_one():
    text = f"{EN}Experience\nMay 2022 –\tElectrician\tPerth\nMay 2026\tJuniper Power LLC\nTested.\nJul 2019 –\tApprentice\tPerth\nnow\tVerity Works\n"
    assert jobs(text) == [
        ("Juniper Power LLC", "Electrician", "2022-05", "2026-05"),
        ("Verity Works", "Apprentice", "2019-07", "now"),
    ]


def test_a_forms_labels_stand_beside_their_values():
    text = (
        f"{EN}Work experience\nDates October 2023 - present\nOccupation or position held Coach Driver\nName and address of employer Penhallow Haulage, Rotterdam\n"
        "Education and training\nDates 2016 - 2018\nTitle of qualification awarded Master of Science in Economics\nName and type of organisation University of Porto\n"
    )
    assert jobs(text) == [("Penhallow Haulage", "Coach Driver", "2023-10", "now")]
    [study] = of(text).education
    assert (study.school.value, study.level, study.field.value) == ("University of Porto", "master", "Economics")


def test_a_tables_columns_from_and_to_are_a_time():
    text = f"{EN}Work Experience:\nOrganization\tDesignation\tFrom\tTo\nTarnfield Labs\tEngineer\tMar 2022\tTill date\nQuillon Ltd\tAnalyst\tJun 2018\tFeb 2022\n"
    assert jobs(text) == [
        ("Tarnfield Labs", "Engineer", "2022-03", "now"),
        ("Quillon Ltd", "Analyst", "2018-06", "2022-02"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ann Ash\nDear Sir or Madam,\nSince March 2022 I have worked as a warehouse supervisor at Kingsbarn Foods, where I lead twelve people. "
            "From May 2018 to February 2022 I was an analyst with Verity Partners.\n",
            [
                ("Kingsbarn Foods", "warehouse supervisor", "2022-03", "now"),
                ("Verity Partners", "analyst", "2018-05", "2022-02"),
            ],
        ),
        (
            "我叫沈知远，电话13800138000。\n2022年3月至今在鹿鸣食品有限责任公司担任会计，负责账务。\n",
            [("鹿鸣食品有限责任公司", "会计", "2022-03", "now")],
        ),
    ],
)
def test_letters_tell_positions(text, expected):
    assert jobs(text) == expected


def test_what_stands_glued_to_characters_is_found():
    profile = of("我叫沈知远，电话13800138000，邮箱a@example.com。\n")
    assert profile.name.value.full == "沈知远"
    assert [p.value for p in profile.phones] == ["+8613800138000"]
    assert [e.value for e in profile.emails] == ["a@example.com"]


def test_studies_below_an_unknown_heading_are_no_positions():
    text = f"{EN}Employment\nMossgate Ltd\tMay 2019 – Jun 2022\nBuyer\nSchool and College\nUniversity of Sheffield (2014-2016) MEng Business Studies\n"
    assert jobs(text) == [("Mossgate Ltd", "Buyer", "2019-05", "2022-06")]
    assert [s.school.value for s in of(text).education] == ["University of Sheffield"]


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ("昌泓家電有限公司（電腦系統整合服務業 30~100人）", "昌泓家電有限公司"),
        ("苏宁易购（1年10个月）", "苏宁易购"),
        ("澄江物业 [3年2个月]", "澄江物业"),
        ("腾讯科技（深圳）", "腾讯科技（深圳）"),
    ],
)
def test_what_an_export_adds_to_an_employer_is_left_out(shown, told):
    assert [p.text for p in parts(Piece(shown, 0, len(shown)))] == [told]


@pytest.mark.parametrize(
    "text", ["Brisbane, QLD", "Regensburg", "Gdańsk, Poland", "Hyderabad, Telangana", "绵阳", "Malmö"]
)
def test_places(text):
    assert is_place(text)


@pytest.mark.parametrize(
    "text", ["Kavya Iyer, RN, BSN", "Software Engineer, Google", "Buyer, Portland", "Verity Partners"]
)
def test_no_places(text):
    assert not is_place(text)


def test_cities_tell_the_country_of_a_number():
    assert country_of_city("Zürich") == country_of_city("zurich") == "CH"
    assert countries_of_cities("From Milton Keynes to Leicester, then Porto") == {"GB": 2, "PT": 1}
    assert regions("Norwich 07700900145", "en").told == ("GB",)
    assert [p.value for p in of("Ann Ash\nNorwich\nMob: 07700900145\n").phones] == ["+447700900145"]


def test_rows_for_certificates_and_languages_stand_anywhere():
    text = "沈知远\n其他\n证书/执照：护士执业资格证、护师资格证\n"
    assert [c.name.value for c in of(text).certificates] == ["护士执业资格证", "护师资格证"]
    assert [x.code for x in of(f"{EN}Sprachen\nEnglisch (gut)\nTürkisch\n").languages] == ["en", "tr"]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("2018/06", "2018-06", None), ("2018/19", "2018", "2019"), ("2022/06~仍在职", "2022-06", None)],
)
def test_a_month_is_no_academic_year(text, start, end):
    [span] = dates(text)
    assert (span.start, span.end) == (start, end)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("NADIA EL\nKHOURY\n", "Nadia El Khoury"),
        ("N A D I A   E L\nK H O U R Y\n", "Nadia El Khoury"),
        ("Bartholomew\nFenwick-Hughes\nHGV Driver\n", "Bartholomew Fenwick-Hughes"),
    ],
)
def test_a_name_on_two_lines(head, name):
    assert of(f"{head}bart.khoury@example.com\n").name.value.full == name


def test_icons_and_lines_of_a_page_divide_what_stands_around_them():
    page = "<p><b>新东方</b><i class='line'></i><span>产品助理</span></p><p>a<b></b></p>".encode()
    assert read(page, Limits(), None).text == "新东方\t产品助理\na"


@pytest.mark.parametrize(
    ("line", "pay"),
    [
        ("希望年収：600万円", (6_000_000, "JPY", "year")),
        ("Hourly rate: 32.50 USD", (32.5, "USD", "hour")),
        ("時薪：250元", (250, "CNY", "hour")),
    ],
)
def test_a_label_says_what_pay_is_for(line: str, pay: tuple[float, str, str]) -> None:
    found = parse_resume(f"陳怡君\nyijun@example.com\n{line}\n自我評價\n認真。\n").salary_expected
    assert found
    assert (found.value.minimum, found.value.currency, found.value.period) == pay


@pytest.mark.parametrize("time", ["18年5月-21年9月", "201805-202109", "18年5月至21年9月"])
def test_short_times_are_periods(time: str) -> None:
    (work,) = parse_resume(f"周明远\n工作经历\n杭州青禾软件有限公司\t前端工程师\t{time}\n负责页面开发。\n").work
    assert work.start
    assert work.end
    assert (work.start.value, work.end.value) == ("2018-05", "2021-09")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("PMP – Project Management Institute (2021)", "PMP"),
        ("CISSP, issued by ISC2, 2020", "CISSP"),
        ("注册会计师（中国注册会计师协会）2019年", "注册会计师"),
        ("AWS Certified Developer – Associate 2022", "AWS Certified Developer – Associate"),
        ("Azure Administrator Associate (AZ-104)", "Azure Administrator Associate (AZ-104)"),
    ],
)
def test_a_certificate_is_told_from_who_gave_it(line: str, name: str) -> None:
    (found,) = parse_resume(f"Nora Whitfield\nnora@example.com\nCertifications\n{line}\n").certificates
    assert found.name.value == name
