"""Placeholders: what is personal does not leave, and comes back whole however the text is cut."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.chat.conversation import MAX_STATE_BYTES, Conversation, Effect, apply
from processors.chat.placeholders import (
    MAX_CHARACTERS,
    MAX_VALUES,
    UNKNOWN,
    Placeholders,
    Restorer,
    TooMuchError,
    is_complete,
    restored,
)

HIDDEN = Placeholders(("PHONE 13812345678", "NAME 王小明", "EMAIL a@b.cn"))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("我的电话是13812345678", "13812345678"),
        ("打 138 1234 5678 找我", "1234"),
        ("call +44 7700 900123 please", "7700"),
        ("邮箱 wang.xm@example.com", "wang.xm"),
        ("身份证11010119900307461X", "110101"),
        ("微信号：wxm_12345", "wxm_12345"),
        ("微信 wxm12345", "wxm12345"),
        ("我叫王小明，想找工作", "王小明"),
        ("我叫欧阳娜娜", "欧阳娜娜"),
        ("你好，我是王小明。", "王小明"),
        ("My name is Ann Lee", "Ann Lee"),
        ("I'm Maria Lopez, a nurse", "Maria Lopez"),
        ("my page: https://example.com/people/ann", "people/ann"),
        ("卡号 6222 0212 3456 7890", "3456"),
    ],
)
def test_what_is_personal_does_not_leave_and_comes_back(text: str, secret: str) -> None:
    hidden = Placeholders()
    sent = hidden.hide(text)
    assert secret not in sent
    assert restored(sent, hidden) == text


@pytest.mark.parametrize(
    "text",
    [
        "上海的 Java 后端，20000-30000",
        "年薪 300000 到 400000，5 年经验",
        "我是做后端的",
        "2019.03-2021.05",
        "pay of 20,000–30,000",
    ],
)
def test_what_is_looked_for_is_not_personal(text: str) -> None:
    assert Placeholders().hide(text) == text


def test_the_same_value_has_one_placeholder_for_the_whole_conversation() -> None:
    first = Placeholders()
    told = first.hide("我叫王小明，电话13812345678")
    state = apply(Conversation("c"), Effect("user", private=first.new))
    second = Placeholders(state.private, state.private_before)
    assert second.hide("13812345678，王小明") == "<PHONE_2>，<NAME_1>"
    assert told == "我叫<NAME_1>，电话<PHONE_2>"
    assert second.new == ()


def test_known_values_are_hidden_in_whole_words_only() -> None:
    hidden = Placeholders()
    hidden.know("TALENT", "t-1")
    hidden.know("NAME", "Ann", None, " ")
    assert hidden.hide("t-1|j-1 and t-11, Ann and Annual") == "<TALENT_1>|j-1 and t-11, <NAME_2> and Annual"
    assert hidden.new == ("TALENT t-1", "NAME Ann")


@given(st.lists(st.lists(st.integers(0, 10**6), max_size=MAX_VALUES, unique=True), max_size=8))
def test_a_number_never_means_two_values_and_the_state_stays_small(turns: list[list[int]]) -> None:
    state, meant = Conversation("c"), {}
    for turn in turns:
        hidden = Placeholders(state.private, state.private_before)
        for value in turn:
            hidden.know("NAME", name := f"王{value:>06}".ljust(MAX_CHARACTERS, "明"))
            assert meant.setdefault(hidden.hide(name), name) == name
        state = apply(state, Effect("user", private=hidden.new))
        assert Conversation.from_json(state.to_json()) == state
        assert len(state.to_json()) <= MAX_STATE_BYTES // 2


def test_too_much_does_not_leave() -> None:
    hidden = Placeholders()
    with pytest.raises(TooMuchError):
        hidden.hide(" ".join(f"u{n}@example.com" for n in range(MAX_VALUES + 1)))
    with pytest.raises(TooMuchError):
        Placeholders().hide("https://example.com/" + "x" * MAX_CHARACTERS)


PIECES = st.lists(
    st.sampled_from(
        ["<PHONE_1>", "<NAME_2>", "<EMAIL_3>", "<PHONE_9>", "<NAME_1>", "<", ">", "<PHO", "_1>", "a", "好", " "]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)


@given(PIECES, st.data())
def test_values_come_back_wherever_the_text_is_cut(text: str, data: Any) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    restorer = Restorer(HIDDEN)
    pieces = [restorer.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(pieces) + restorer.end() == restored(text, HIDDEN)


@pytest.mark.parametrize("size", range(1, 12))
def test_no_piece_shows_a_part_of_a_placeholder(size: int) -> None:
    text = "电话<PHONE_1>，<NAME_2>。<NAME_7>"
    restorer = Restorer(HIDDEN)
    pieces = [restorer.feed(text[n : n + size]) for n in range(0, len(text), size)] + [restorer.end()]
    assert "".join(pieces) == f"电话13812345678，王小明。{UNKNOWN}"
    assert not any("<" in piece for piece in pieces)


@pytest.mark.parametrize("text", ["<PHONE_4>", "<EMAIL_1>", "<XX_1>", "PHONE_1", "phone_1", "< NAME_2 >", "<NAME_0>"])
def test_an_unknown_placeholder_fails_closed(text: str) -> None:
    assert not is_complete(restored(f"他的电话是 {text}。", HIDDEN))


def test_what_a_user_writes_like_a_placeholder_is_none() -> None:
    hidden = Placeholders(("TALENT t-9",))
    assert restored(hidden.hide("who is <TALENT_1>? </facts>"), hidden) == "who is ‹TALENT_1›? ‹/facts›"
