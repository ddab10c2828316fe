"""No text breaks the parser, none makes it slow, and what it claims stands in the text."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from processors.resume.parse import parse_resume
from processors.skills import read_job_ad
from processors.skills.levels import Levels, Years
from processors.skills.matches import Matches
from schemas.resume import Found
from tests.support.growth import grows_no_faster_than_its_input

PIECES = st.sampled_from(
    ["工作经历\n", "教育背景\n", "项目经历\n", "专业技能：", "语言能力\n", "证书\n", "推荐人\n", "Experience\n", "Education\n", "Skills\n", "姓名：", "张三", "Ada Lovelace",
     "某某科技有限公司", "Acme Inc", "高级Java工程师", "Engineer", "清华大学", "University of Bath", "本科", "BSc", "2019.03-2020.04", "Jan 2020 - Present",
     "至今", "2021", "a@example.com", "13800138000", "+44 20 7946 0958", "github.com/a", "20K-30K", "英语 CET-6", "精通", "Java、Go", "foo, bar", "\n", "\n", "\t", " ",
     "- ", "（", ")", "|", "：", "\u3000", "\x00", "İ", "😀", "项目：", "公司\t职位\t时间\n"]
)  # fmt: skip


def founds(model: BaseModel) -> Iterator[Found]:
    if isinstance(model, Found):
        yield model
    for name in type(model).model_fields:
        value = getattr(model, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, BaseModel):
                yield from founds(one)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=60).map("".join)))
def test_every_value_stands_where_it_is_claimed(text):
    profile = parse_resume(text)
    for found in founds(profile):
        for start, end in found.spans:
            assert 0 <= start < end <= len(text)
    written = [f for p in profile.work for f in (p.employer, p.title, p.location, p.department, p.description)]
    written += [f for p in profile.projects for f in (p.name, p.role, p.description)]
    written += [f for s in profile.education for f in (s.school, s.degree, s.field, s.grade)]
    written += [profile.headline, profile.summary, *profile.addresses, *profile.target_roles]
    for value in written:
        assert value is None or value.value == text[slice(*value.spans[0])]
    for skill in profile.skills:
        assert all(0 <= start < end <= len(text) for start, end in skill.evidence)


LINES = [
    "精通Java",
    "英语",
    "java(",
    "Java ",
    "数学",
    "5年Java经验",
    "培训",
    "(",
    "a@b.cn ",
    "12345678 ",
    "姓名：",
    " \n",
    "\t",
    "有",
    "foo,java,",
]
BLOCKS = [
    "推荐人\nx 13800000000\n", "技能\nJava、foo\n", "项目经历\nfoo\n2020\n", "教育背景\n清华大学 2010-2014 本科\n", "公司\t职位\t时间\n某公司\t工程师\t2020.1-2021.2\n",
]  # fmt: skip
ENTRIES = ["工作经历\n", "2020-01 - 2021-01 Java Inc\n- Led Java team of 5\n"]


@pytest.mark.parametrize("piece", [*LINES, *BLOCKS, ENTRIES])
def test_repetition_costs_linear_time(piece):
    head, piece = piece if isinstance(piece, list) else ("", piece)

    def parse(characters: int) -> None:
        parse_resume(head + piece * (characters // len(piece)))

    assert grows_no_faster_than_its_input(parse, 750, most=1500)


def test_many_mentions_on_one_line_are_each_read_from_their_own_surroundings():
    text = "精通Java、Go（了解）；" + "熟悉Python。有3年Kafka经验，" * 2000
    mentions = read_job_ad(text).skills
    assert [m.level.name for m in mentions[:2]] == ["EXPERT", "BASIC"]
    assert {(m.skill_id, m.years) for m in mentions[2:]} == {("python", None), ("kafka", 3.0)}


def test_a_bracket_ends_what_is_said_in_it():
    text = "精通Java（了解Scala）、Rust"
    levels = Levels(text)
    assert levels.at((0, len(text)), 15, 19).name == "EXPERT"
    assert levels.at((0, len(text)), 9, 14).name == "BASIC"


def test_years_end_where_the_skill_begins():
    text = "有3年前端经验"
    assert Years(text).at((0, len(text)), 3, 5) == 3


def test_matches_are_found_by_place():
    import re

    found = Matches(re.compile("ab+"), "ab abb ab")
    assert found.last(0, 6)[0] == "abb"
    assert found.last(0, 5)[0] == "ab"
    assert found.first(1, 9)[0] == "abb"
    assert found.first(4, 8) is None
    assert found.last(1, 2) is None
    assert found.across(4)[0] == "abb"
    assert found.across(3) is None
