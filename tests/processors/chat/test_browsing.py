"""More of a list goes on behind it, and an earlier search comes back with all that it asked for."""

import pytest

from processors.chat.conversation import MAX_SEARCHES, Conversation, Effect, Shown, apply, fold
from processors.chat.intents import CueReader
from processors.chat.plan import Plan, plan
from processors.chat.understanding import understand
from schemas.chat import Participant

ANN = Participant(kind="candidate", id="t-1")


def turn(state: Conversation, text: str, shown: str = "") -> tuple[Plan, Conversation]:
    """Return what is done about a message, and the state once these records have been listed."""
    (guess,) = CueReader().read([text])
    found = understand(text, guess, state)
    planned = plan(text, found, state, ANN)
    listed = tuple(Shown("job", id) for id in shown.split()) if planned.act == "find" else None
    effect = Effect(
        "user", intent=found.intent, edits=found.edits, goal=planned.goal, query=planned.query, focus=listed,
        asks="widen" if listed == () else planned.asks, goes_on=planned.say == "more", returns_to=planned.returns_to,
    )  # fmt: skip
    return planned, apply(state, effect)


def talk(*said: tuple[str, str]) -> tuple[Plan, Conversation]:
    """Return what is done about the last message, and the state after it."""
    state = Conversation("c")
    for text, shown in said:
        planned, state = turn(state, text, shown)
    return planned, state


@pytest.mark.parametrize(
    "more", ["再来几个", "还有别的吗", "换一批", "更多", "show me more", "any others?", "what else?"]
)
def test_more_goes_on_behind_what_was_shown(more: str) -> None:
    planned, state = talk(("上海的Java后端工作", "j-1 j-2"), (more, "j-3 j-4"))
    assert (planned.act, planned.behind, planned.query) == ("find", ("j-1", "j-2"), "Java后端")
    assert planned.criteria.places == ("shanghai",)
    assert [shown.id for shown in state.focus] == ["j-3", "j-4"], "the second one is one of the new list"
    again, _ = turn(state, "再来几个")
    assert again.behind == ("j-1", "j-2", "j-3", "j-4")


def test_another_search_begins_a_list_of_its_own() -> None:
    _, state = talk(("上海的Java后端工作", "j-1"), ("再来几个", "j-2"), ("改成杭州", "j-1"))
    assert state.listed == ("j-1",)


@pytest.mark.parametrize("text", ["再来几个上海的", "第二个还有别的信息吗", "I have more than 5 years of experience"])
def test_what_says_something_else_is_not_more_of_the_same(text: str) -> None:
    planned, _ = talk(("上海的Java后端工作", "j-1 j-2"), (text, ""))
    assert not planned.behind


@pytest.mark.parametrize("back", ["回到刚才的搜索", "还是看之前的吧", "go back to the previous search"])
def test_the_last_search_comes_back_whole(back: str) -> None:
    planned, state = talk(("上海的Java后端工作", "j-1"), ("找北京的会计工作", "j-7"), (back, "j-1"))
    assert (planned.query, planned.criteria.places) == ("Java后端", ("shanghai",))
    assert (state.wanted("role"), state.wanted("skills")) == (("backend",), ("java",))
    assert [search.query for search in state.searches] == ["会计"], "which can come back in its turn"


def test_a_search_is_called_back_by_what_it_was_for() -> None:
    said = (("上海的Java后端工作", "j-1"), ("找北京的会计工作", "j-7"), ("深圳的司机工作", "j-9"))
    planned, state = talk(*said, ("回到刚才Java后端的", "j-1"))
    assert (planned.criteria.places, state.wanted("role")) == (("shanghai",), ("backend",))
    planned, _ = talk(*said, ("回到广州", ""))
    assert planned.returns_to is None, "a place changes the search that holds"
    assert planned.criteria.places == ("guangzhou",)


def test_few_searches_are_kept_and_what_was_asked_is_summed_up() -> None:
    state = fold("c", [])
    for n, place in enumerate(("上海", "北京", "深圳", "广州", "杭州", "成都", "武汉", "南京")):
        _, state = turn(state, f"{place}的会计工作", f"j-{n}")
    _, state = turn(state, "第一个薪资多少")
    assert len(state.searches) == MAX_SEARCHES
    assert [step.turn for step in state.summary] == [8, 9], "of a search its last words are kept"


def test_more_of_a_widened_search_stays_wide() -> None:
    planned, state = talk(("上海的Java后端工作，2万以上，不要杭州", ""), ("好的", "j-1"))
    assert (planned.act, planned.criteria.places, planned.criteria.salary) == ("find", (), (None, None))
    assert planned.without.places == ("hangzhou",), "what is excluded stays excluded"
    more, _ = turn(state, "再来几个", "j-2")
    assert (more.criteria.places, more.behind, more.query) == ((), ("j-1",), planned.query)


@pytest.mark.parametrize("over", ["重新来", "清空条件", "算了，从头开始吧", "start over", "let's reset everything"])
def test_a_search_that_is_given_up_leaves_nothing_but_the_way_back(over: str) -> None:
    planned, state = talk(("上海的Java后端工作", "j-1"), (over, ""))
    assert (planned.act, planned.asks, dict(state.slots), state.query) == ("ask", "role", {}, "")
    back, state = turn(state, "回到刚才的搜索", "j-1")
    assert back.query == "Java后端"
    assert state.wanted("places") == ("shanghai",)


def test_another_search_may_begin_in_the_same_message() -> None:
    planned, state = talk(("上海的Java后端工作", "j-1"), ("重新来，我想找北京的会计工作", "j-7"))
    assert (planned.act, planned.query) == ("find", "会计")
    assert state.wanted("places") == ("beijing",)
    assert not state.wanted("skills")


@pytest.mark.parametrize("text", ["生完孩子想重新开始工作", "I want to start over as a nurse"])
def test_who_begins_a_new_life_does_not_begin_a_new_search(text: str) -> None:
    _, state = talk(("上海的客服工作", "j-1"), (text, ""))
    assert state.wanted("places") == ("shanghai",)
