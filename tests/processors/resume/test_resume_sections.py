"""Where sections begin: headings by words, likeness and place; parts of an entry; documents without headings."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.lexicon.headings import heading, like_heading
from processors.lexicon.script import plain
from processors.resume.furniture import without_furniture
from processors.resume.parse import parse_resume
from processors.resume.text import lines
from schemas.resume import ResumeProfile
from tests.support.growth import grows_no_faster_than_its_input

TODAY = date(2026, 6, 30)
EN = "Ida Marlowe\nida@example.com | (312) 555-0188\n"
ZH = "贺知远\n13900001234 he@example.com\n"


def of(text: str) -> ResumeProfile:
    return parse_resume(text, today=TODAY)


def jobs(text: str) -> list[tuple[str | None, str | None]]:
    return [(w.employer and w.employer.value, w.title and w.title.value) for w in of(text).work]


@pytest.mark.parametrize(
    "words",
    [
        "Selected Experience", "Relevant Clinical Experience", "TEACHING EXPERIENCE", "Other Experience", "Work Experience (5 years)",
        "Work Experience 2015 – 2024", "Professional Experience, continued", "Nursing & Care Experience", "W O R K  E X P E R I E N C E",
        "Leadership and Work Experience", "Experience – Warehousing", "Experience & Projects", "International Experience:", "Freelance Employment",
        "Berufserfahrung", "Weitere Berufserfahrung", "Praktische Erfahrungen", "Beruflicher Werdegang", "Praktika und Nebenjobs",
        "Expérience professionnelle", "Expériences cliniques", "PARCOURS PROFESSIONNEL", "Experiencia laboral",
    ],
)  # fmt: skip
def test_a_heading_of_work(words: str) -> None:
    text = f"{EN}{words}\nBuyer, Fenwick Paper Ltd\tMay 2018 - Jan 2021\n• Bought paper\nEducation\nBSc Botany, University of Hull, 2014\n"
    assert jobs(text) == [("Fenwick Paper Ltd", "Buyer")]
    assert [s.school and s.school.value for s in of(text).education] == ["University of Hull"]


@pytest.mark.parametrize(
    "words",
    [
        "工作经历（2016至今）", "实习/工作经历", "实习与科研经历", "主要工作经历", "海外工作经历", "相关实习经验", "【职场经历】", "三、工作履历", "工作经历 WORK EXPERIENCE",
        "工作經歷", "實習經歷", "工作經驗", "專職經歷（3年）", "任職經歷", "工 作 经 历", "经历", "临床经历", "◆ 工作与实习经历",
    ],
)  # fmt: skip
def test_a_chinese_heading_of_work(words: str) -> None:
    text = f"{ZH}{words}\n苏州远桥物流有限公司\t仓储主管\t2018.04 - 2021.09\n负责仓库。\n教育背景\n南京农业大学 园艺 本科 2012.09-2016.06\n"
    assert jobs(text) == [("苏州远桥物流有限公司", "仓储主管")]


@pytest.mark.parametrize(
    "words",
    ["Customer Experience", "Five years of experience", "Experience in sales", "Higher Education", "负责项目管理经验", "熟悉前端技术", "Fenwick Technologies"],
)  # fmt: skip
def test_what_is_no_heading(words: str) -> None:
    assert heading(words) is None
    assert like_heading(words) is None


SUBHEADS_EN = [
    "Key Achievements:",
    "Achievements",
    "Selected accomplishments:",
    "Projects:",
    "Technologies:",
    "Tools",
    "Tech Stack:",
    "Key Highlights:",
    "Highlights",
]
SUBHEADS_ZH = ["主要项目：", "技术栈：", "工作业绩：", "主要成果", "项目：", "使用工具：", "获奖情况：", "主要业绩："]


@pytest.mark.parametrize("words", SUBHEADS_EN)
def test_a_subheading_does_not_end_the_section(words: str) -> None:
    text = (
        f"{EN}Experience\nBuyer, Fenwick Paper Ltd\tMay 2018 - Jan 2021\nRan the desk.\n{words}\n• Saved a tenth of the cost\n"
        "Clerk, Osgood Mills Inc.\tFeb 2015 - Apr 2018\n• Filed\nEducation\nBSc Botany, University of Hull, 2014\nSkills\nExcel, SAP\n"
    )
    assert jobs(text) == [("Fenwick Paper Ltd", "Buyer"), ("Osgood Mills Inc.", "Clerk")]
    profile = of(text)
    assert "Saved a tenth" in profile.work[0].description.value  # type: ignore[union-attr]
    assert {"Excel", "SAP"} <= {s.name for s in profile.skills}


@pytest.mark.parametrize("words", SUBHEADS_ZH)
def test_a_chinese_subheading_does_not_end_the_section(words: str) -> None:
    text = (
        f"{ZH}工作经历\n苏州远桥物流有限公司\t仓储主管\t2018.04 - 2021.09\n负责仓库。\n{words}\n- 盘点系统\n"
        "无锡青禾食品有限公司\t仓库管理员\t2015.07 - 2018.03\n负责收货。\n教育背景\n南京农业大学 园艺 本科 2012.09-2016.06\n"
    )
    assert jobs(text) == [("苏州远桥物流有限公司", "仓储主管"), ("无锡青禾食品有限公司", "仓库管理员")]


@pytest.mark.parametrize("words", ["Achievements", "Technical environment", "Tools"])
def test_what_each_position_has_is_a_part_of_it(words: str) -> None:
    text = (
        f"{EN}EXPERIENCE\nBuyer, Fenwick Paper Ltd\tMay 2018 - Jan 2021\n{words}\n• A\nClerk, Osgood Mills Inc.\tFeb 2015 - Apr 2018\n{words}\n• B\n"
        "EDUCATION\nBSc Botany, University of Hull, 2014\n"
    )
    assert jobs(text) == [("Fenwick Paper Ltd", "Buyer"), ("Osgood Mills Inc.", "Clerk")]


def test_sections_after_the_work_stay_sections() -> None:
    profile = of(
        f"{EN}Experience\nBuyer, Fenwick Paper Ltd\tMay 2018 - Jan 2021\n• Bought\nProjects\nPaper trail\nA register of mills.\n"
        "Awards\nBuyer of the Year, 2019\nSkills\nExcel, SAP\n"
    )
    assert [p.name.value for p in profile.projects] == ["Paper trail"]
    assert [a.title.value for a in profile.awards] == ["Buyer of the Year"]
    assert {"Excel", "SAP"} <= {s.name for s in profile.skills}


def test_positions_below_no_heading_of_work() -> None:
    found = [("Fenwick Paper Ltd", "Buyer"), ("Osgood Mills Inc.", "Clerk")]
    work = "Buyer, Fenwick Paper Ltd (May 2018 - Jan 2021)\n• Bought\nClerk, Osgood Mills Inc. (Feb 2015 - Apr 2018)\n• Filed\n"
    assert jobs(f"{EN}{work}Education\nBSc Botany, University of Hull, 2014\n") == found
    assert (
        jobs(f"{EN}HIGHLIGHTS\nTen years of buying.\n{work}EDUCATION\nBSc Botany, University of Hull, 2014\n") == found
    )


@pytest.mark.parametrize(
    "header",
    [
        "起止时间\t工作单位\t职务\t证明人",
        "起止年月\t公司名称\t岗位\t离职原因",
        "工作单位\t职位\t起止日期",
        "時間\t服務單位\t職稱",
    ],
)
def test_a_form_whose_table_has_no_heading(header: str) -> None:
    rows = []
    for when, employer, title in (
        ("2018.4-至今", "苏州远桥物流有限公司", "仓储主管"), ("2015.7-2018.3", "无锡青禾食品有限公司", "仓库管理员"),
    ):  # fmt: skip
        columns = [
            {
                "起": when,
                "时": when,
                "時": when,
                "工": employer,
                "公": employer,
                "服": employer,
                "职": title,
                "職": title,
                "岗": title,
            }.get(c[0], "无")
            for c in header.split("\t")
        ]
        rows.append("\t".join(columns))
    text = (
        "应聘登记表\n姓名\t贺知远\t性别\t男\n学历\t本科\t专业\t园艺\n"
        + header
        + "\n"
        + "\n".join(rows)
        + "\n教育经历\n2012.09-2016.06  南京农业大学  园艺  本科\n"
    )
    assert jobs(text) == [("苏州远桥物流有限公司", "仓储主管"), ("无锡青禾食品有限公司", "仓库管理员")]


def test_traditional_characters_are_read_and_kept() -> None:
    profile = of(
        "葉庭瑜\n電話：0922-555-018\n學歷\n國立中興大學 園藝學系 學士 2012/09 – 2016/06\n工作經歷\n台灣遠橋物流股份有限公司 倉儲主管 2018/08 – 迄今\n"
        "技能專長\nExcel、SAP\n"
    )
    assert profile.name
    assert (profile.name.value.full, profile.name.value.family) == ("葉庭瑜", "葉")
    assert jobs("工作經歷\n台灣遠橋物流股份有限公司 倉儲主管 2018/08 – 迄今\n") == [
        ("台灣遠橋物流股份有限公司", "倉儲主管")
    ]
    assert profile.education[0].school
    assert profile.education[0].school.value == "國立中興大學"
    assert {"SAP", "Excel表格"} <= {s.name for s in profile.skills}


@given(st.text())
def test_plain_text_is_of_the_same_length(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "noise",
    ["Page 1 of 2", "page 2", "Seite 2 von 3", "Ida Marlowe", "Ida Marlowe - Curriculum Vitae", "IDA MARLOWE · Résumé · 2", "- 2 -", "2 / 3", "第 2 页 共 3 页"],
)  # fmt: skip
def test_page_numbers_and_running_titles_are_no_employers(noise: str) -> None:
    text = f"{EN}Experience\nFenwick Paper Ltd\tHull\nBuyer\tMay 2018 - Jan 2021\n• Bought\nOsgood Mills Inc.\tLeeds\n{noise}\nClerk\tFeb 2015 - Apr 2018\n"
    assert jobs(text) == [("Fenwick Paper Ltd", "Buyer"), ("Osgood Mills Inc.", "Clerk")]


def test_a_headline_comes_again_as_the_title_of_a_position() -> None:
    text = (
        "Data Science Trainee\nIda Marlowe\nExperience\nData Science Trainee\nOsgood\tFeb 2015 - Apr 2018\n• Did it\n"
    )
    assert jobs(text) == [("Osgood", "Data Science Trainee")]


@pytest.mark.parametrize("heading", ["专业经验", "专业经历", "职业经验"])
def test_experience_is_called_professional_in_chinese_too(heading: str) -> None:
    text = f"库存协调员\n[姓名]\n技能\n- 数据分析\n{heading}\n[公司]\n库存协调员    2019年3月 - 至今\n管理库存记录。\n"
    assert jobs(text) == [("[公司]", "库存协调员")]


def test_what_only_looks_like_furniture_stays() -> None:
    text = "Ida Marlowe\nPage Group Ltd\n12/2019\n2019\nIda Marlowe Prize\n3/4 of the budget\n"
    assert [line.text for line in without_furniture(list(lines(text)))] == text.splitlines()


@pytest.mark.parametrize(
    "piece",
    [
        "Key Achievements:\n• a\n",
        "Experience\n",
        "技术栈：Java\n",
        "Selected Experience\n2019 - 2020 Engineer\n",
        "时间\t公司\t职位\n",
        "Page 1 of 2\n",
    ],
)
def test_repetition_costs_linear_time(piece: str) -> None:
    assert grows_no_faster_than_its_input(lambda size: of((EN + piece * size)[:size]), 750, most=1500)
