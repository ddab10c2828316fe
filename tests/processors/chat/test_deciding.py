"""What is done with the values of a message: listed ones together, by the words around them and by what holds."""

from pathlib import Path

import numpy as np
import pytest

from processors.chat.deciding import Decisions, Standing, features, grouped
from processors.chat.mentions import Held, Mention
from processors.chat.slots import read_edits, read_values

BEFORE = {"places": (Held("shanghai", True, 1, "上海"),)}


def named(text: str, **slots: str) -> list[Mention]:
    return [Mention(text.index(word), slot, word, word) for slot, words in slots.items() for word in words.split()]


def test_values_of_a_slot_that_only_a_joint_divides_are_one_group() -> None:
    text = "北京、上海和杭州都行，深圳不要，Java 也会"
    groups = grouped(named(text, places="北京 上海 杭州 深圳", skills="Java"), text)
    assert [[m.words for m in group.mentions] for group in groups] == [["北京", "上海", "杭州"], ["深圳"], ["Java"]]


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("杭州", {"set"}),
        ("杭州也看看", {"add"}),
        ("上海去掉", {"remove"}),
        ("anywhere but Hangzhou", {"negate"}),
        ("北京、杭州都不考虑", {"negate"}),
    ],
)
def test_what_holds_before_counts(text: str, operations: set[str]) -> None:
    edits = read_edits(text, "zh", held=BEFORE)
    assert {edit.operation for edit in edits if edit.slot == "places"} == operations


def test_of_listed_values_the_first_replaces_what_was_said() -> None:
    assert [(e.operation, e.value) for e in read_edits("换成北京、杭州", "zh", held=BEFORE)] == [
        ("set", "beijing"),
        ("add", "hangzhou"),
    ]


def test_a_value_is_told_by_no_more_than_the_words_near_it() -> None:
    short, long = (read_values(text, "zh") for text in ("去北京，" * 40, "去北京，" * 4000))
    assert max(map(len, features(*long))) <= max(map(len, features(*short))) + 3


def test_the_words_of_a_value_itself_tell_nothing() -> None:
    one, other = (read_values(f"{city}就不用了", "zh") for city in ("北京", "深圳"))
    assert features(*one) == features(*other)


def test_a_file_for_other_decisions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, weights=np.zeros((8, 2), dtype=np.float16), bias=np.zeros(2, dtype=np.float32))
    with pytest.raises(ValueError, match="train it anew"):
        Decisions(path)


def test_a_skill_in_the_name_of_a_role_goes_with_the_role() -> None:
    held = {"role": (Held("data_analysis", True, 1, "数据分析师"),)}
    edits = read_edits("不要数据分析师了", "zh", held=held)
    assert {edit.slot for edit in edits} == {"role"}


def test_standings_are_of_a_group_s_own_slot() -> None:
    read = read_values("上海的Java", "zh", held=BEFORE)
    assert dict(zip([g.slot for g in read.groups], read.standings, strict=True)) == {
        "places": Standing(is_wanted=True, is_excluded=False, wanted=1),
        "skills": Standing(is_wanted=False, is_excluded=False, wanted=0),
    }
