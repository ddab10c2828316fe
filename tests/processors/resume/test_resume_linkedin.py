"""LinkedIn's export: the person apart from the side column, positions below their employers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.resume import linkedin
from processors.resume.parse import parse_resume
from processors.resume.text import lines
from schemas.resume import ResumeProfile

EN = """Contact
+442079460958 (Work)
www.linkedin.com/in/idamarlowe-91b2
(LinkedIn)
Top Skills
Cold Storage
Route Planning
Languages
English (Native or Bilingual)
Welsh (Elementary)
Certifications
Transport Manager CPC
First Aid at Work
Ida Marlowe
Depot Manager at Fenwick Freight Ltd. | Night routes
Hull, England, United Kingdom
Summary
I run depots.
Experience
Fenwick Freight Ltd.
6 years 3 months
Depot Manager
May 2020 - Present (4 years 2 months)
Hull, England, United Kingdom
Runs two depots
and their workshops
Page 1 of 2
Shift Lead
April 2018 - May 2020 (2 years 2 months)
Led nights
Osgood Mills
Dispatcher
March 2014 - March 2018 (4 years 1 month)
Leeds, United Kingdom
• Planned routes.
Education
University of Hull
Bachelor's degree, Geography · (2010 - 2013)
"""
ZH = """联系方式
hezhiyuan@example.com
www.linkedin.com/in/zhiyuan-he-88
(LinkedIn)
热门技能
仓储管理
SAP
语言
英语 (Full Professional)
证书
物流师
贺知远
远桥物流仓储主管
中国 江苏省 苏州市
工作经历
苏州远桥物流有限公司
6 年 3 个月
仓储主管
2020年5月 - 至今 (4 年 2 个月)
负责两个仓库
仓库管理员
2018年4月 - 2020年5月 (2 年 2 个月)
负责收货
无锡青禾食品有限公司
文员
2014年3月 - 2018年3月 (4 年 1 个月)
教育经历
南京农业大学
学士, 园艺 · (2010年 - 2014年)
"""


def of(text: str) -> ResumeProfile:
    return parse_resume(text, today=date(2024, 7, 1))


def jobs(profile: ResumeProfile) -> list[tuple[object, ...]]:
    return [
        (w.employer and w.employer.value, w.title and w.title.value, w.start and w.start.value) for w in profile.work
    ]


def test_an_english_export() -> None:
    profile = of(EN)
    assert profile.name
    assert (profile.name.value.full, profile.headline and profile.headline.value) == (
        "Ida Marlowe",
        "Depot Manager at Fenwick Freight Ltd.",
    )
    assert [c.name.value for c in profile.certificates] == ["Transport Manager CPC", "First Aid at Work"]
    assert jobs(profile) == [
        ("Fenwick Freight Ltd.", "Depot Manager", "2020-05"),
        ("Fenwick Freight Ltd.", "Shift Lead", "2018-04"),
        ("Osgood Mills", "Dispatcher", "2014-03"),
    ]
    assert [w.location and w.location.value for w in profile.work] == [
        "Hull, England, United Kingdom", None, "Leeds, United Kingdom",
    ]  # fmt: skip
    assert [s.school and s.school.value for s in profile.education] == ["University of Hull"]


def test_a_chinese_export() -> None:
    profile = of(ZH)
    assert profile.name
    assert profile.name.value.full == "贺知远"
    assert [c.name.value for c in profile.certificates] == ["物流师"]
    assert jobs(profile) == [
        ("苏州远桥物流有限公司", "仓储主管", "2020-05"),
        ("苏州远桥物流有限公司", "仓库管理员", "2018-04"),
        ("无锡青禾食品有限公司", "文员", "2014-03"),
    ]


def test_what_is_copied_from_the_page() -> None:
    profile = of(
        "Ida Marlowe\nExperience\nDepot Manager\nFenwick Freight · Full-time\nMay 2020 - Present · 4 yrs 2 mos\nHull, England\nRan it.\n"
        "Dispatcher\nOsgood Mills · Part-time\nMar 2014 - Mar 2018 · 4 yrs 1 mo\nLeeds, England\n"
    )
    assert jobs(profile) == [
        ("Fenwick Freight", "Depot Manager", "2020-05"),
        ("Osgood Mills", "Dispatcher", "2014-03"),
    ]


def test_other_sections_with_lengths_of_time_are_no_export() -> None:
    text = "Buyer, Fenwick Ltd\nMay 2018 - Jan 2021\nClerk, Osgood Ltd\nMay 2015 - Jan 2018 (2 years 9 months)\n"
    assert linkedin.positions(list(lines(text))) == []


NAMES = ["Fenwick Freight", "Osgood Mills", "Harrow & Sons", "Penrose B.V.", "Tarn, Inc."]


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.lists(st.integers(2, 60), min_size=1, max_size=4)), min_size=1, max_size=4
    )
)
def test_every_position_is_its_employers(history: list[tuple[str, list[int]]]) -> None:
    """Any number of employers with any number of positions each; the total stands below those with more than one."""
    month, shown, expected = 2024 * 12, ["Experience"], []
    names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]

    def long(months: int) -> str:
        parts = [f"{n} {word}{'s' * (n > 1)}" for n, word in ((months // 12, "year"), (months % 12, "month")) if n]
        return " ".join(parts)

    for n, (employer, lengths) in enumerate(history):
        shown.append(f"{employer}")
        if len(lengths) > 1:
            shown.append(long(sum(lengths)))
        for k, length in enumerate(lengths):
            start = month - length + 1
            title = f"Dispatcher of depot {'ABCD'[n]}{'ABCD'[k]}"
            period = f"{names[start % 12]} {start // 12} - {names[month % 12]} {month // 12}"
            shown += [title, f"{period} ({long(length)})", "• Ran it"]
            expected.append((employer, title, f"{start // 12}-{start % 12 + 1:02}"))
            month = start - 1
    assert jobs(of("\n".join(shown) + "\n")) == expected


@pytest.mark.parametrize("text", ["", "Contact\n", "Contact\nlinkedin.com/in/x\nSkills\nSummary\n", EN[:200], ZH[:80]])
def test_a_piece_of_an_export(text: str) -> None:
    of(text)
