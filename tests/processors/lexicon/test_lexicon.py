"""Words as people write them: places, seniority, dates, headings, titles, and in which language a text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.lexicon.dates import dates
from processors.lexicon.headings import heading
from processors.lexicon.places import CITIES, PROVINCES, place_label, places
from processors.lexicon.script import all_han, detect_language, digits, is_han
from processors.lexicon.seniority import RANKS, seniority
from processors.lexicon.titles import title_score
from processors.matching.reading.record import talent_profile
from processors.resolution import places as of_companies
from processors.resume.parse import parse_resume
from processors.resume.roles import is_place
from processors.skills import extract_skills


def test_places() -> None:
    assert places(["北京", "Beijing", "beijing市", "BEIJING, China", "北京市朝阳区"]) == ("beijing",)
    assert places(["广东省深圳市", "Xi’an", "New York City", "远程", "Tiny Town, Nowhere", "安吉市"]) == (
        "new york", "shenzhen", "tiny town", "xi'an", "安吉",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("title", "expected"),
    [("高级后端工程师", "senior"), ("资深产品经理", "lead"), ("Java实习生", "intern"), ("技术总监", "executive"),
     ("总监助理", "junior"), ("Senior Director of Sales", "executive"), ("Sr. Accountant", "senior"),
     ("Lead Generation Specialist", None), ("Internal Auditor", None), ("Staff Software Engineer", "lead"),
     ("Staff Nurse", None), ("会计", None)],
)  # fmt: skip
def test_seniority_of_titles(title: str, expected: str | None) -> None:
    assert seniority(None, title, None) == expected


@pytest.mark.parametrize(("years", "expected"), [(0, "junior"), (3, "mid"), (6, "senior"), (30, "senior")])
def test_seniority_of_years(years: float, expected: str) -> None:
    assert seniority(None, "工程师", years) == expected
    assert seniority("lead", "实习生", years) == "lead"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Senior Backend Engineer", "en"), ("Java后端", "zh"), ("Kubernetes Python 工程师", "zh"), ("", "zh")],
)
def test_languages(text: str, expected: str) -> None:
    assert detect_language(text) == expected


@pytest.mark.parametrize(
    ("text", "start", "end", "current"),
    [
        ("2019.03-至今", "2019-03", None, True), ("Mar 2019 – Present", "2019-03", None, True),
        ("2019/3~2021/7", "2019-03", "2021-07", False), ("2019年3月至2021年07月", "2019-03", "2021-07", False),
        ("03/2019", "2019-03", None, False), ("Spring 2019", "2019-03", None, False), ("2015 – 2019", "2015", "2019", False),
        ("12 March 1990", "1990-03-12", None, False), ("Sept. '19 to 2020", "2019-09", "2020", False),
        ("since 2018", "2018", None, True), ("2019年秋季", "2019-09", None, False),
    ],
)  # fmt: skip
def test_dates(text: str, start: str, end: str | None, current: bool) -> None:
    (found,) = dates(text)
    assert (found.start, found.end, found.current) == (start, end, current)


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("【工作经历】", "work"), ("W O R K   E X P E R I E N C E", "work"), ("一、教育背景", "education"),
        ("工作经历 Work Experience", "work"), ("Skills / 专业技能", "skills"), ("■ 项目经验：", "projects"), ("Java", None),
    ],
)  # fmt: skip
def test_headings(text: str, section: str | None) -> None:
    assert heading(text) == section


@pytest.mark.parametrize("text", ["后端工程师", "Senior Nurse", "实习生", "Head of Sales", "程序员（外包）"])
def test_titles(text: str) -> None:
    assert title_score(text) > 0


@pytest.mark.parametrize("text", ["清华大学", "Springfield", "2019", ""])
def test_what_is_no_title(text: str) -> None:
    assert title_score(text) == 0


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40)
LATIN = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=1, max_size=40)
OTHER = st.text(st.sampled_from(" \n\t0123456789.,;:()，。；"), max_size=200)


@given(HAN, LATIN, OTHER, st.randoms(use_true_random=False))
def test_letters_alone_decide_the_language_in_any_order(han: str, latin: str, other: str, chance) -> None:
    """Digits, marks and spaces, of which tables and addresses are full, say nothing of it."""
    letters = list(han + latin)
    chance.shuffle(letters)
    expected = "zh" if len(han) * 10 >= len(letters) else "en"
    assert detect_language("".join(letters)) == detect_language(other + "".join(letters)) == expected


@given(st.sampled_from(["Python 和 Java", "Kubernetes, Docker, Kafka 运维工程师", "SQL"]))
def test_every_reader_asks_the_same_detector(text: str) -> None:
    expected = detect_language(text)
    assert parse_resume(text).language == expected
    assert talent_profile("t", 1, {"title": text}).language == expected
    assert extract_skills(text) == extract_skills(text, expected)


@given(st.text(max_size=300))
def test_any_text_is_looked_up(text: str) -> None:
    assert heading(text) == heading(f"【{text}】") or len(text) > 58
    assert seniority(None, text, None) in {None, *RANKS}
    assert len(digits(text)) == len(text)
    assert is_han(text) == any(map(is_han, text)) == any(map(all_han, text))
    assert all_han(text) == all(map(is_han, text))
    assert all(place_label(name, language) for name in places([text]) for language in ("zh", "en"))
    for found in dates(text):
        assert text[slice(*found.at)]
        assert found.start[:4].isdigit()


def test_each_city_of_china_stands_once_and_is_known_to_resumes_and_companies():
    assert len({*CITIES, *PROVINCES}) == len(CITIES) + len(PROVINCES)
    for city in CITIES:
        assert is_place(city)
        assert of_companies.HAN.fullmatch(f"{city}市")
