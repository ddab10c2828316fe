"""Words that no list has, read where the sentence asks for them, and what is said of values that are held."""

import pytest

from processors.chat.conversation import Conversation, Effect, Question, Shown, apply, fold
from processors.chat.frames import framed_role
from processors.chat.intents import Guess
from processors.chat.roles import role_name
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
        ("帮忙留意下青岛的港口调度岗位", "港口调度"),
        ("急招药物合成两名，成都", "药物合成"),
        ("we're after two neonatologists for our Toronto site", "neonatologist"),
        ("有没有包吃住的工作", None),
        ("谁做过支付系统", None),
        ("我是学护理的，今年毕业，想在长沙找个医院", None),
    ],
)
def test_a_role_is_what_stands_where_one_is_asked_for(text: str, role: str | None) -> None:
    assert framed_role(text) == role


LISTED_TITLES = [
    "aeronautics commission director",
    "permit specialist",
    "environmental statistician",
    "cosmetic chemist",
    "agriculture instructor",
    "golf professional",
    "accredited pharmacy technician",
    "housecleaner",
    "bookkeepers supervisor",
    "router",
    "column precaster",
    "car and yard supervisor",
    "modular set crew member",
    "mingle operator",
    "pusher operator",
    "warper",
    "ware dresser",
    "apple press operator",
    "code number stamper",
    "coal trammer",
    "acetylene gas compressor",
    "监察机关负责人",
    "焊接工程师",
    "智能驾驶工程师",
    "动物实验技术员",
    "眼科医师",
    "合作经济专业人员",
    "招标采购专业人员",
    "法务主管",
    "游戏角色",
    "速录师",
    "汽车销售",
    "航标工",
    "调酒师",
    "写字楼运营",
    "景区运营管理师",
    "剧本杀主持人",
    "宠物美容师助理",
    "国防教育辅导员",
    "制油工",
    "造纸工",
    "油墨制造工",
    "云母制品工",
    "切割工",
    "半导体芯片制造工",
    "化验员",
]
"""Each 2,000th alternate title of O*NET and each 100th of the Chinese classification of occupations; none was chosen."""


def test_titles_of_public_lists_are_roles_where_they_are_asked_for() -> None:
    missed = []
    for title in LISTED_TITLES:
        text = f"looking for {title} jobs in Leeds" if title.isascii() else f"想找杭州的{title}工作"
        edits = understand(text, Guess("find_jobs", 0.9), Conversation("c")).edits
        if [edit.value for edit in edits if edit.slot == "role"] != [role_name(title)]:
            missed.append(title)
    assert missed == ["code number stamper"]


def test_a_phrase_alone_is_a_role_if_an_occupation_is_called_so() -> None:
    def role(text: str) -> list[object]:
        edits = understand(text, Guess("find_jobs", 0.9), Conversation("c")).edits
        return [edit.value for edit in edits if edit.slot == "role"]

    assert role("调酒，三亚，包住") == ["bartending"]
    assert role("bookkeeping") == ["accounting"]
    assert role("重庆 java") == []
    assert role("双休，成都") == []


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
        (("成都的会计工作", "成都不要了，换杭州"), "places", ["hangzhou"]),
        (("上海的理赔工作", "不是理赔，是核保"), "role", ["核保"]),
        (("安卓开发，武汉", "iOS 也招"), "role", ["android", "ios"]),
        (("marketing jobs in Leeds", "SEO too"), "skills", ["search-engine-optimisation"]),
        (("珠三角的会计工作", "珠三角，先看东莞"), "places", ["dongguan"]),
        (("香港的会计工作", "荃灣都得"), "places", ["hong kong", "荃湾"]),
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
