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
