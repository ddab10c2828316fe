"""What ads say of the work, and resumes of the work that is wished, in the words that people use for it."""

import pytest

from processors.reading import ad
from processors.reading.ad import ad_fields
from processors.reading.forms import wishes
from processors.reading.pay import offered


def skills(text: str, title: str = "") -> dict[str, bool]:
    return {skill["name"]: skill["required"] for skill in ad_fields(title, text)["skills"]}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("公司总部在北京，本岗位在成都工作", ["成都"]),
        ("工作城市：南京、合肥", ["南京", "合肥"]),
        ("This role is based in our Manchester office.", ["Manchester"]),
        ("Our HQ is in Paris; you will be working from Lyon.", ["Lyon"]),
        ("Work location: Austin, TX", ["Austin"]),
        ("An electrician to join our Leeds team.", ["Leeds"]),
        ("We have clients in London, Paris, Tokyo and Sydney.", []),
        ("Austin leads the team.", []),
    ],
)
def test_the_place_is_where_the_work_is(text: str, places: list[str]) -> None:
    assert ad_fields("", text)["locations"] == places


def test_a_title_names_the_place() -> None:
    assert ad_fields("Nurse - Leeds", "")["locations"] == ["Leeds"]


@pytest.mark.parametrize(
    ("text", "minimum", "maximum", "currency", "period"),
    [
        ("时薪25元", 25, None, "CNY", "hour"),
        ("日薪300元", 300, None, "CNY", "day"),
        ("每天8小时，工资5000元", 5000, None, "CNY", "month"),
        ("1.5万-2万/月", 15_000, 20_000, "CNY", "month"),
        ("Salary: €60.000 per year", 60_000, None, "EUR", "year"),
        ("CHF 110’000 – 130’000", 110_000, 130_000, "CHF", "year"),
        ("up to £35k", None, 35_000, "GBP", "year"),
        ("周末班，100元/小时", 100, None, "CNY", "hour"),
        ("到手8千到1万2", 8_000, 12_000, "CNY", "month"),
        ("12-18 LPA", 1_200_000, 1_800_000, "INR", "year"),
    ],
)
def test_pay_as_ads_write_it(
    text: str, minimum: float | None, maximum: float | None, currency: str, period: str
) -> None:
    assert offered(text) == {"minimum": minimum, "maximum": maximum, "currency": currency, "period": period}


@pytest.mark.parametrize(
    ("text", "types", "contracts"),
    [
        ("0.6 FTE", ["part_time"], []),
        ("1.0 FTE", ["full_time"], []),
        ("Employment type: Contract", [], ["fixed_term"]),
        ("Seasonal work over Christmas", [], ["fixed_term"]),
        ("全职，不接受兼职", ["full_time"], []),
        ("校招实习，可转正", ["internship"], []),
    ],
)
def test_the_form_of_the_work(text: str, types: list[str], contracts: list[str]) -> None:
    found = ad_fields("", text)
    assert (found["employment_types"], found["contracts"]) == (types, contracts)


@pytest.mark.parametrize(
    ("text", "where", "share"),
    [
        ("混合办公，每周到岗3天", "hybrid", 0.4),
        ("一周两天远程", "hybrid", 0.4),
        ("可居家办公", "remote", None),
        ("Location: Remote", "remote", None),
        ("Remote (EU)", "remote", None),
        ("Remote, UK only", "remote", None),
        ("Remote sensing of fields", None, None),
    ],
)
def test_where_the_work_is_done(text: str, where: str | None, share: float | None) -> None:
    found = ad_fields("", text)
    assert (found["workplace"], found["remote_share"]) == (where, share)


@pytest.mark.parametrize(
    ("title", "years", "level"),
    [
        ("资深设计师", "3年以上经验", "senior"),
        ("资深设计师", "10年以上经验", "lead"),
        ("设计师", "10年以上经验", None),
    ],
)
def test_years_tell_what_a_title_means_and_say_no_level_alone(title: str, years: str, level: str | None) -> None:
    assert ad_fields(title, years)["seniority"] == level


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("期望工作性质：全职", {"employment_types": ["full_time"]}),
        ("2019 intern at Keel.\nSeeking a permanent role.", {"contracts": ["permanent"]}),
        ("希望找一份远程工作，不接受外包岗位", {"workplace": "remote", "remote": True}),
        ("Open to hybrid work, 3 days from home", {"workplace": "hybrid", "remote": False, "remote_share": 0.6}),
        ("2019-2021 Part-time barista. Interned at Keel.", {}),
        ("接受过全职培训", {}),
    ],
)
def test_a_resume_s_wishes_are_not_what_was_held(text: str, wished: dict[str, object]) -> None:
    assert wishes(text) == wished


def test_an_ad_is_searched_for_skills_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from processors.skills import extract, job_ads

    asked: list[str] = []

    def counted(text: str, language: str | None = None) -> list[extract.SkillMention]:
        asked.append(text)
        return extract.extract_skills(text, language)

    monkeypatch.setattr(job_ads, "extract_skills", counted)
    assert not hasattr(ad, "extract_skills")
    assert skills("Fluent German, Java") == {"German": True, "Java": True}
    assert len(asked) == 1


def test_a_language_in_the_title_is_more_than_spoken() -> None:
    assert skills("CET-6", "English teacher")["English"]


@pytest.mark.parametrize(
    "text",
    [
        "贯彻国家政策",
        "熟悉算法文档",
        "机电工程、汽车工程、土木工程专业",
        "指纹等生物识别",
        "无线物理层算法",
        "员工享有股票期权激励",
        "公司刚完成A轮融资",
        "专人教学，五险一金",
        "定期统计销售数据",
        "思维敏捷，反应灵活",
        "自动驾驶行业",
        "为投资决策提供支持",
        "招聘要求：男女不限",
        "具体薪资面试详谈",
        "logistics operating system",
        "an operating system for hospitals",
        "drives strategic initiatives",
        "a marketplace for trading cards",
        "We are hiring",
    ],
)
def test_words_that_only_hold_a_skill_are_none(text: str) -> None:
    unwanted = {
        "客房服务", "法务", "电工", "车工", "木工", "生物学", "物理学", "金融衍生品", "融资", "教学", "统计学", "敏捷开发", "驾驶",
        "决策能力", "招聘", "面试", "Operating Systems", "Initiative", "Trading", "Recruiting",
    }  # fmt: skip
    assert not unwanted & skills(text).keys()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("与后端开发工程师保持良好沟通，熟悉Vue", ["Vue框架"]),
        ("配合UI设计人员完成页面，熟悉React", ["React"]),
        ("Work closely with data science and design teams. You know Kafka.", ["Kafka"]),
        ("Work with React and Node.js in small teams.", ["React", "Node.js"]),
    ],
)
def test_what_colleagues_do_is_not_asked_for(text: str, asked: list[str]) -> None:
    assert [name for name in skills(text) if name not in ("沟通能力", "Communication")] == asked


def test_the_number_of_an_item_is_no_part_of_its_years() -> None:
    assert ad_fields("", "岗位要求\n1.5 年以上前端开发经验；\n2.熟悉Vue")["years_experience_min"] == 5.0
    assert ad_fields("", "1.5 年以上前端开发经验，熟悉Vue")["years_experience_min"] == 1.5


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("大专以上文学类专业优先", "associate"),
        ("负责高中学段英语图书；本科学历", "bachelor"),
        ("曾有创业经历者优先考虑l  研究生以上学历", "master"),
        ("硕士优先", None),
    ],
)
def test_the_degree_that_is_asked_for(text: str, level: str | None) -> None:
    assert ad_fields("", text)["education_level"] == level


def test_newcomers_are_welcome_in_other_words() -> None:
    assert ad_fields("", "无工作经验要求，欢迎小白")["years_experience_min"] == 0.0
    assert ad_fields("", "有无经验均可")["years_experience_min"] == 0.0


def test_a_tool_behind_a_slash_is_no_city() -> None:
    assert ad_fields("Engineer (Elixir/React)", "Elixir/Phoenix/Postgres")["locations"] == []
    assert ad_fields("", "Office: London/Leeds")["locations"] == ["London", "Leeds"]


def test_a_test_of_another_language_is_none_of_english() -> None:
    assert "英语" not in skills("法语专业四级或同等水平")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Location: Boise, ID", ["Boise"]),
        ("Work location: Ballarat, VIC", ["Ballarat"]),
        ("Based in Taunton.", ["Taunton"]),
        ("工作地點：新竹", ["新竹"]),
        ("工作地点：昆山市花桥", ["昆山"]),
        ("Location: Remote", []),
        ("Remote work; we meet in Lisbon twice a year.", []),
    ],
)
def test_towns_that_no_list_knows(text: str, places: list[str]) -> None:
    assert ad_fields("", text)["locations"] == places


@pytest.mark.parametrize(
    ("text", "minimum", "maximum", "currency", "period"),
    [
        ("Work location: Ballarat, VIC. Salary $65,000 - $75,000", 65_000, 75_000, "AUD", "year"),
        ("Location: Sydney. Salary $65,000 - $75,000", 65_000, 75_000, "AUD", "year"),
        ("CA$90,000 a year", 90_000, None, "CAD", "year"),
        ("AED 12,000 per month", 12_000, None, "AED", "month"),
        ("工作地點：新竹，年薪 80~100 萬", 800_000, 1_000_000, "TWD", "year"),
        ("底薪4000，综合8000-12000", 8_000, 12_000, "CNY", "month"),
        ("£14.50ph", 14.5, None, "GBP", "hour"),
        ("Gehalt: 60.000 €", 60_000, None, "EUR", "year"),
    ],
)
def test_pay_of_the_place_and_of_the_whole(
    text: str, minimum: float, maximum: float | None, currency: str, period: str
) -> None:
    pay = {"minimum": minimum, "maximum": maximum, "currency": currency, "period": period}
    assert ad_fields("", text)["salary"] == pay


@pytest.mark.parametrize(
    ("text", "years"),
    [("Two years in critical care.", 2.0), ("Five years in a bakery", 5.0), ("20 years in business", None)],
)
def test_years_in_a_field(text: str, years: float | None) -> None:
    assert ad_fields("", text)["years_experience_min"] == years


def test_what_an_employer_has_given_up_is_not_asked_for() -> None:
    assert set(skills("We moved from jQuery to React. We replaced Angular.")) == {"React"}
