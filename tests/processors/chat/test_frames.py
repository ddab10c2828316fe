"""Words that no list has, read where the sentence asks for them, and what is said of values that are held."""

import pytest

from processors.chat.conversation import Conversation, Effect, Question, Shown, apply, fold
from processors.chat.frames import framed_role
from processors.chat.intents import Guess
from processors.chat.slots import read_edits
from processors.chat.understanding import Understanding, understand
from processors.lexicon.script import detect_language

LISTED = (Shown("job", "j-1"), Shown("job", "j-2"))


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("想找个火锅底料炒制的工作", "火锅底料炒制"),
        ("any lash technician jobs?", "lash technician"),
        ("有没有 growth hacker 的岗", "growth hacker"),
        ("找一个 tech evangelist，上海", "tech evangelist"),
        ("找点别的工作", None),
        ("looking for a job", None),
        ("I need a break", None),
        ("有没有适合应届生的岗位", None),
        ("best paid jobs in Berlin", None),
        ("do you have supermarket jobs", None),
    ],
)
def test_a_role_is_what_stands_where_one_is_asked_for(text: str, role: str | None) -> None:
    assert framed_role(text) == role


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("UVM 熟练", ["uvm"]),
        ("会捏面人的", ["捏面人"]),
        ("CAD、酷家乐", ["autocad", "酷家乐"]),
        ("Zemax required", ["zemax"]),
        ("Swahili speakers only", ["swahili"]),
        ("Spring Cloud", ["spring-cloud"]),
        ("社会上的", []),
        ("会不会加班", []),
        ("房地产行业的", []),
    ],
)
def test_skills_that_no_list_has_are_told_by_what_is_said_of_them(text: str, skills: list[str]) -> None:
    found = [edit.value for edit in read_edits(text, detect_language(text)) if edit.slot == "skills"]
    assert found == skills


def said(*texts: str, intent: str = "refine") -> tuple[Understanding, Conversation]:
    """Return what the last message means, and the state after it."""
    state = Conversation("c")
    for text in texts:
        guess = Guess("find_jobs" if not state.number else intent, 0.9)  # type: ignore[arg-type]
        found = understand(text, guess, state)
        effect = Effect("user", language=found.language, edits=found.edits, goal="jobs", query=text, focus=LISTED)
        state = apply(state, effect)
    return found, state


@pytest.mark.parametrize(
    ("texts", "slot", "values"),
    [
        (("找五年经验的会计工作", "五年改八年"), "years", [8]),
        (("找本科的会计工作", "本科改大专"), "education", ["associate"]),
        (("find QA jobs, Selenium and Java", "Playwright instead of Selenium"), "skills", ["java", "playwright"]),
        (("北京上海杭州的会计工作", "杭州优先"), "places", ["beijing", "shanghai", "hangzhou"]),
        (("找天津的会计工作", "滨海那边的"), "places", ["tianjin"]),
        (("上海的会计工作", "那北京呢", "两个城市都要"), "places", ["beijing", "shanghai"]),
        (("找会剪映的工作，上海", "剪映不要求了"), "skills", []),
    ],
)
def test_values_are_changed_where_they_stand(texts: tuple[str, ...], slot: str, values: list[object]) -> None:
    assert list(said(*texts)[1].wanted(slot)) == values


def test_a_place_that_nobody_has_wanted_is_excluded_where_it_is_given_up() -> None:
    assert said("南昌的会计工作", "九江就算了")[1].excluded("places") == ("九江",)


def test_an_answer_to_a_question_is_words_that_no_list_has() -> None:
    state = fold("c", [Effect("user", asks="role", goal="jobs")])
    assert state.question == Question("role")
    (edit,) = understand("火锅底料炒制", Guess("out_of_scope", 0.5), state).edits
    assert (edit.slot, edit.value) == ("role", "火锅底料炒制")


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        ("大专学历能行吗", "explain_match", "refine"),
        ("宁波这边的", "find_jobs", "refine"),
        ("那就第二个吧", "explain_match", "affirm"),
        ("我和这个岗位差距在哪", "compare", "explain_match"),
        ("青岛有合适的也推给我", "subscribe", "refine"),
        ("有新的通知我", "subscribe", "subscribe"),
        ("第二家的地址在哪", "scheduling", "company_info"),
        ("离家太远了", "refine", "deny"),
    ],
)
def test_what_a_message_wants_follows_from_where_it_stands(text: str, guess: str, intent: str) -> None:
    assert said("找上海的会计工作", text, intent=guess)[0].intent == intent
