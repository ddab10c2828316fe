"""A message that leans on the context gets a span of it; a whole one stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.evaluation.rewriting import is_complete, rewritten


@pytest.mark.parametrize(
    ("context", "message", "whole"),
    [
        (["王博文呢", "博文的歌就是好听"], "他帅吗", "王博文帅吗"),
        (["你知道荆轲刺秦吗", "挺久远的片子了"], "这部电影好看吗", "荆轲刺秦好看吗"),
        (["西安天气", "西安今天多云"], "明天有雨吗", "西安明天有雨吗"),
        (["你知道琅琊榜吗", "知道啊"], "我喜欢", "我喜欢琅琊榜"),
        (["你知道琅琊榜吗", "知道啊"], "你喜欢吗", "你喜欢琅琊榜吗"),
        (["你認識張杰嗎"], "他唱得怎樣", "张杰唱得怎樣"),
        (["It is Coupa."], "is Coupa open?", "is Coupa open?"),
        ([], "他帅吗", "他帅吗"),
        (["你好"], "谢谢", "谢谢"),
    ],
)
def test_rewriting(context: list[str], message: str, whole: str) -> None:
    assert rewritten(context, message) == whole


def test_values_of_the_context_come_in_for_a_reference_or_behind_the_message() -> None:
    context = ["find a gas station", "Valero is at 200 Alester Ave, 7 miles away."]
    told = rewritten(context, "take me there now")
    assert told.startswith("take me ")
    assert told.endswith(" now")
    assert all(value in told for value in ("gas station", "Valero", "200 Alester Ave", "7 miles away"))
    assert rewritten(["In which city?", "Boston"], "will it snow tomorrow?") == "will it snow tomorrow Boston?"


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60))
def test_what_is_put_in_comes_from_the_context(context: list[str], message: str) -> None:
    told = rewritten(context, message)
    assert isinstance(told, str)
    assert rewritten([], message) == message
    if not message.strip():
        assert told == message


@pytest.mark.parametrize(
    "message",
    [
        "好的谢谢",
        "帮我写段情书",
        "转人工",
        "不用推送了，别再提醒我",
        "thanks, cheers",
        "any jobs in Leeds?",
        "只要男的",
        "are you a bot",
    ],
)
def test_what_asks_for_something_by_itself_stays_as_it_is(message: str) -> None:
    assert rewritten(["找上海的 Java 工作", "五年起"], message) == message


@pytest.mark.parametrize("message", ["他为什么合适", "薪资多少", "那里有地铁吗"])
def test_what_leans_on_its_context_is_made_whole(message: str) -> None:
    assert not is_complete(message)
    assert rewritten(["上海的后端岗位有吗", "有"], message) != message


@pytest.mark.parametrize("piece", ["哈", "谢谢", "好的", "no thanks "])
def test_long_courtesies_cost_little(piece: str) -> None:
    assert is_complete(piece * 5000)
    assert not is_complete(piece * 5000 + "薪资?")
