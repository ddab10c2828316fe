import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.resume.ner import RULES, Entity, rules_for
from processors.resume.ner.features import Vocabulary, entities, guesses, marks, tokens
from tests.support.growth import grows_no_faster_than_its_input

ZH, EN = RULES["zh"], RULES["en"]


def found(text: str) -> list[tuple[str, str]]:
    return [(text[e.start : e.end], e.label) for e in ZH.recognise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("欧阳青，男，汉族，中国国籍，", [("欧阳青", "NAME"), ("汉族", "RACE"), ("中国国籍", "CONT")]),
        ("田小雨先生，硕士研究生学历，", [("田小雨", "NAME"), ("硕士研究生学历", "EDU")]),
        (
            "2001年3月至今任青州云杉（集团）有限公司财务部经理；",
            [("青州云杉（集团）有限公司", "ORG"), ("财务部经理", "TITLE")],
        ),
        ("现任公司董事长兼总经理。", [("公司", "ORG"), ("董事长", "TITLE"), ("总经理", "TITLE")]),
        ("经济学博士，高级工程师。", [("经济学", "PRO"), ("博士", "EDU"), ("高级工程师", "TITLE")]),
        ("毕业于青州大学机械专业，", [("青州大学", "ORG"), ("机械专业", "PRO")]),
        ("浙江绍兴人，", [("浙江绍兴人", "LOC")]),
        ("享受国务院特殊津贴，", []),
        ("", []),
    ],
)
def test_a_chinese_clause_is_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


RESUME = """Mira Oakley
Data Engineer

Leeds, Yorkshire - Email me on Indeed: indeed.com/r/Mira-Oakley/0123456789abcdef

WORK EXPERIENCE

Data Engineer

Northwind Mills -  Leeds, Yorkshire -

June 2017 to Present

Built pipelines at Northwind Mills, with 4 years of experience.

EDUCATION

B.Sc in Statistics

Aire Valley University -  Leeds, Yorkshire

2010 to 2013

SKILLS

SQL (4 years), Python
"""


def test_an_exported_english_resume_is_read() -> None:
    got = {(RESUME[e.start : e.end], e.label) for e in EN.recognise(RESUME)}
    assert got >= {
        ("Mira Oakley", "Name"),
        ("Data Engineer", "Designation"),
        ("Northwind Mills", "Companies worked at"),
        ("B.Sc in Statistics", "Degree"),
        ("Aire Valley University", "College Name"),
        ("2013", "Graduation Year"),
        ("Leeds", "Location"),
        ("indeed.com/r/Mira-Oakley/0123456789abcdef", "Email Address"),
        ("4 years", "Years of Experience"),
        ("SQL (4 years), Python", "Skills"),
    }
    mentions = [e for e in EN.recognise(RESUME) if RESUME[e.start : e.end] == "Northwind Mills"]
    assert len(mentions) == 2


def english(text: str) -> set[tuple[str, str]]:
    return {(text[e.start : e.end], e.label) for e in EN.recognise(text)}


def test_a_first_position_needs_no_dates() -> None:
    text = "Mira Oakley\nLeeds, Yorkshire\n\nWORK EXPERIENCE\n\nData Engineer at Aire Lab\n\nNorthwind Mills\n\nEDUCATION\n"
    assert english(text) >= {
        ("Data Engineer", "Designation"), ("Aire Lab", "Companies worked at"), ("Northwind Mills", "Companies worked at"),
    }  # fmt: skip


def test_gaps_stand_for_lost_line_ends() -> None:
    body = "Built pipelines for mills and for the valley. " * 20
    text = f'"RESUME  Mira Oakley  {body}  EDUCATION  B.Sc in Statistics  Aire Valley University  2013  '
    assert english(text) >= {
        ("Mira Oakley", "Name"), ("B.Sc in Statistics", "Degree"), ("Aire Valley University", "College Name"),
    }  # fmt: skip


def test_what_is_named_is_found_again_and_wishes_are_no_positions() -> None:
    text = "Mira Oakley\nActively looking for work\n\nWORK EXPERIENCE\n\nData Engineer\n\nNorthwind Mills\n\n2017 to 2018\n\nData Engineer: pipelines\n"
    found = [text[e.start : e.end] for e in EN.recognise(text) if e.label == "Designation"]
    assert found == ["Data Engineer", "Data Engineer"]


def test_labels_choose_the_rules() -> None:
    assert rules_for(["NAME", "ORG"]) == "zh"
    assert rules_for(["Name", "Degree", "Soft Skills"]) == "en"
    assert rules_for(["Person"]) is None


@given(
    st.text(alphabet="公司任董事长兼、，（）()2019年3月至今大学硕士 \nAB.-@李", max_size=120),
    st.sampled_from(["zh", "en"]),
)
def test_entities_lie_in_the_text_in_order_and_apart(text: str, language: str) -> None:
    last = 0
    for e in RULES[language].recognise(text):
        assert last <= e.start < e.end <= len(text)
        assert e.label in RULES[language].labels
        last = e.end


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.sampled_from("AB")), max_size=4))
def test_tags_say_which_entities_there_are(drawn: list[tuple[int, int, str]]) -> None:
    text = "甲乙丙丁戊己庚辛壬癸子丑寅卯"
    apart, last = [], 0
    for start, length, label in sorted(drawn):
        if start >= last:
            apart.append(Entity(start, start + length, label))
            last = start + length
    spans = tokens(text)
    assert entities(spans, marks(spans, apart)) == apart


def test_ends_without_beginnings_are_no_entities() -> None:
    spans = tokens("甲乙丙丁")
    assert entities(spans, ["I-A", "E-A", "B-A", "E-B"]) == []


def test_every_token_has_its_numbers() -> None:
    text = " Oracle 2019 公司\n经理"
    spans = tokens(text)
    assert [text[a:b] for a, b in spans] == ["Oracle", "2019", "公", "司", "\n", "经", "理"]
    guess = guesses(text, spans, ZH)
    vocabulary = Vocabulary(
        {"公": 5, "司": 6}, 9, {"oracle": 2, "0000": 3, "公": 4}, {"公 司": 2, "理 ": 3}, {"E-TITLE": 1}
    )
    ids = vocabulary.ids(text, spans, guess)
    assert ids["characters"].tolist() == [9] * 12 + [5, 6] + [9] * 3
    assert ids["ends"].tolist() == [5, 10, 12, 13, 14, 15, 16]
    assert ids["forms"].tolist() == [2, 3, 4, 1, 1, 1, 1]
    assert ids["pairs"].tolist() == [1, 1, 2, 1, 1, 1, 3]
    assert ids["rules"].tolist() == [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "piece", ["公司", "任", "（", "2019年", "a@", "indeed.com/r/", "1-", "Aa, ", "B.E in ", "经理兼", "Ab\n", "第二"]
)
def test_time_grows_with_the_text_not_with_its_square(language: str, piece: str) -> None:
    def recognise(times: int) -> None:
        RULES[language].recognise("EDUCATION\n" + piece * times)

    assert grows_no_faster_than_its_input(recognise, 250, most=1000)
