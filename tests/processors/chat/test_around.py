"""What is done with a value by the words around it."""

import pytest

from processors.chat.slots import read_edits
from processors.lexicon.script import detect_language


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("不会Java也行", [("java", "remove")]),
        ("Java不会也没关系", [("java", "remove")]),
        ("Java降为加分项", [("java", "remove")]),
        ("Java那条删了", [("java", "remove")]),
        ("Java isn't a dealbreaker", [("java", "remove")]),
        ("let's not insist on Java", [("java", "remove")]),
        ("I've never used Java", [("java", "remove")]),
        ("skip anyone without Java", [("java", "add")]),
        ("不会Java的不要", [("java", "add")]),
        ("anywhere but Berlin", [("berlin", "negate")]),
        ("neither Berlin nor Boston", [("berlin", "negate"), ("boston", "negate")]),
        ("除杭州外都可以", [("hangzhou", "negate")]),
        ("杭州一律不要", [("hangzhou", "negate")]),
        ("杭州可以，长沙不行", [("hangzhou", "add"), ("changsha", "negate")]),
        ("要杭州不要成都", [("hangzhou", "set"), ("chengdu", "negate")]),
        ("洛阳行不行", [("洛阳", "set")]),
        ("客服 不用打电话那种", [("customer_service", "set")]),
        ("rather Python than Java", [("python", "set"), ("java", "remove")]),
        ("Boston would do at a push", [("boston", "add")]),
        ("Boston is too expensive", [("boston", "remove")]),
        ("not Boston any more", [("boston", "remove")]),
        ("出纳或者会计都行", [("cashier", "set"), ("accounting", "add")]),
        ("双非本科", [("bachelor", "set")]),
        ("本科可以，硕士更好", [("bachelor", "set")]),
        ("Golang 三年，Java 两年", [("go", "add"), ("java", "add"), (3.0, "set")]),
        ("minimum 3 yrs", [(3.0, "set")]),
        ("有护士资格证", []),
        ("统计学硕士", [("master", "set")]),
    ],
)
def test_the_words_around_a_value_say_what_is_done_with_it(text: str, done: list[tuple[object, str]]) -> None:
    edits = read_edits(text, detect_language(text))
    assert sorted(((e.value, e.operation) for e in edits), key=str) == sorted(done, key=str)
