"""Roles, cities, questions and refusals, as messages name them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.chat.asked import asked_in
from processors.chat.protected import asks_contacts, asks_protected
from processors.chat.roles import role_name, roles
from processors.chat.slots import read_edits
from processors.lexicon.places import named_places


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("上海前端工程师", ["frontend"]),
        ("a senior frontend engineer", ["frontend"]),
        ("找產品經理", ["product"]),
        ("any warehouse supervisor roles in Leeds?", ["warehouse"]),
        ("Salesforce admins wanted", ["salesforce admin"]),
        ("我是学土木的，想转行做数据分析", ["data_analysis"]),
        ("他们的产品是什么", []),
        ("在物流公司上班", []),
        ("can your manager call me", []),
        ("有没有工程师", []),
    ],
)
def test_roles_have_one_name_in_both_languages(text: str, names: list[str]) -> None:
    assert [role.name for role in roles(text)] == names


def test_a_value_has_its_own_name() -> None:
    assert role_name("后端开发") == role_name("backend developer") == role_name("backend") == "backend"
    assert role_name("operations_it") == role_name("运维")
    assert role_name("花艺师的工作") == "花艺师"


@given(st.text(max_size=200))
def test_roles_stand_where_they_say(text: str) -> None:
    found = roles(text)
    assert all(0 <= role.start < role.end <= len(text) for role in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_role_is_no_skill_and_a_skill_alone_no_role() -> None:
    def said(text: str) -> set[tuple[str, object]]:
        return {(e.slot, e.value) for e in read_edits(text, "en")}

    assert said("data scientist") == {("role", "data_science")}
    assert said("two Java devs") == {("skills", "java")}
    assert said("embedded C") == {("role", "embedded"), ("skills", "c")}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nurses in new york or san jose", ["new york", "san jose"]),
        ("Basel", ["basel"]),
        ("或者泉州", ["泉州"]),
        ("no place like home", []),
        ("the nice one", []),
    ],
)
def test_cities_are_named_where_one_is_expected(text: str, names: list[str]) -> None:
    assert [name for name, _, _ in named_places(text)] == names


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("一万五", [("salary", "set")]),
        ("重庆先别看", [("places", "remove")]),
        ("上海不考虑了", [("places", "negate")]),
        ("lose Chicago", [("places", "remove")]),
        ("或者苏州", [("places", "add")]),
        ("有没有韧体工程师", [("role", "set")]),
        ("不是四年，三年", [("years", "remove"), ("years", "set")]),
        ("at least six years", [("years", "set")]),
        ("地点哪里都行", [("places", "remove")]),
    ],
)
def test_what_is_said_behind_a_value_counts(text: str, edits: list[tuple[str, str]]) -> None:
    assert [(e.slot, e.operation) for e in read_edits(text, "zh")] == edits


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("您期望的月薪是多少呢？", "salary"),
        ("想在哪个城市？", "places"),
        ("How many years of experience do you have?", "years"),
        ("学历呢？", "education"),
        ("谢谢，我记下了。", None),
        ("薪资已经记下。请问想在哪个城市？", "places"),
    ],
)
def test_a_question_asks_for_a_slot(text: str, slot: str | None) -> None:
    assert asked_in(text) == slot


@pytest.mark.parametrize(
    "text",
    ["只要男的", "女生优先", "回族的不要", "只招本地户口", "no women please", "preferably under 35", "30岁以下", "已婚已育的最好", "exclude muslims", "male candidates", "prefer a chinese lady",
     "别给我推河南人", "岁数小点的", "不要已经有孩子的", "最好没有小孩", "we'd rather have a guy", "nobody with small children", "only show me local girls"],
)  # fmt: skip
def test_people_are_not_chosen_by_what_they_are(text: str) -> None:
    assert asks_protected(text)


@pytest.mark.parametrize(
    "text",
    ["三年以上", "月薪30k以下", "under 30k", "做过女装的", "本科，英语好", "only remote", "no agencies", "over 10 years of experience", "找个男装设计", "30人以下的公司",
     "最好有孩子看护经验", "要北京人事经理", "除了广东人力资源", "要求年轻点的团队", "no experience with old systems", "prefer japanese speakers"],
)  # fmt: skip
def test_what_the_work_needs_is_asked_freely(text: str) -> None:
    assert not asks_protected(text)


def test_contact_data_of_others_is_told_from_ones_wish_for_a_call() -> None:
    for text in (
        "把他手机号给我",
        "what's candidate two's mobile number",
        "她住哪里",
        "发一下第一个的邮箱",
        "send me his email",
    ):
        assert asks_contacts(text), text
    for text in ("给我打电话", "约他电话面试", "你们电话多少", "my email is a@b.c", "call me"):
        assert not asks_contacts(text), text
