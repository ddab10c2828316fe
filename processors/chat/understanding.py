"""What a message means where it stands: its intent, what it says of slots, and which records it points at."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date

from processors.chat.around import MANY
from processors.chat.browsing import browses, goes_on, returns_to, starts_over
from processors.chat.conversation import Conversation, Shown
from processors.chat.currency import currency_of_zone
from processors.chat.frames import named_anew, with_framed_role
from processors.chat.intents import Guess, Intent
from processors.chat.mention import Mention
from processors.chat.pointing import ORDINAL, pointed_at
from processors.chat.protected import asks_another, asks_contacts, asks_protected
from processors.chat.slots import Edit, read_edits
from processors.lexicon.places import with_city
from processors.lexicon.script import detect_language, fold, is_han, plain
from processors.skills import extract_skills
from schemas.base import Language
from schemas.chat import DEFAULT_ZONE

_FOLLOWS_UP = re.compile(r"呢[?？]?$|^(?:那|那么|再|还有|换)|^(?:and|what about|how about|only|just)\b")
_REFINES: frozenset[Intent] = frozenset(("affirm", "deny", "refine", "correction", "greeting_thanks"))
_SAYS: Mapping[Intent, frozenset[str] | None] = {
    **dict.fromkeys(("find_jobs", "find_candidates", "refine", "correction", "subscribe"), None),
    "salary": frozenset(("salary",)),
    "company_info": frozenset(("company",)),
    "scheduling": frozenset(("date",)),
}
"""Intents whose messages say what is looked for, and of which slots if not of all; others only mention things."""
_CONDITIONS = frozenset(("places", "years", "salary", "education", "employment_type", "remote"))
_SHORT_CONDITION = 18
_NARROWS = re.compile(
    r"^(?:skip|exclude|leave out|filter out|without|must|they must|only if|preferably|ideally)\b|^(?:必须|一定要|最好|起码|至少|只要|别要)"
)
_ASIDE = re.compile(r"(?!.*(?:工作|职位|岗|候选人|人选|活))[^,，。?？吗么呢]{2,7}的[。!！]?")
"""What says a condition that no slot has: `包吃住的`."""
_WHY = re.compile(
    r"为什么|为啥|匹配|合适|符合|推荐|理由|满足|差距|差在?哪|胜任|够格|\b(?:why|fit|match|suit\w*|qualif\w+|recommend\w*|rank\w*)\b"
)
_ANEW = re.compile(
    r"工作|职位|岗位|候选人|人选|简历|招|\b(?:jobs?|roles?|positions?|openings?|candidates?|people|talents?)\b"
)
_WATCHES = re.compile(
    r"通知|提醒|订阅|有新|新的|以后|之后|下次|留意|微信|邮件|短信|告诉|\b(?:alerts?|notif\w+|when(?:ever)?|let me know|tell me|subscri\w+|keep me|updates?|new)\b"
)
_WITH_IT = re.compile(
    r"^(?:有没有|有|找)|的(?:有吗|有没有|吗)|\b(?:any(?:thing|one)?|something|only|at least|paying)\b"
)
_CHOSEN = re.compile(
    r"^(?:行|好|可以|嗯+|ok|okay|那)*[,，]?\s?(?:那)?就(?:要|选|定|投)?(?:他|她|它|这个?|那个?|第.)(?:个|家|位|份|一个)?(?:人|吧|了|好了|定了|岗位|职位)*[。.!！]*$"
    r"|^(?:ok(?:ay)?|fine|good|great|yes)?,? ?(?:let'?s )?(?:go with|take|choose|pick) (?:him|her|it|that|this|the) ?(?:one|\w+ one)?\W*$"
)
_OTHER_ROLE = re.compile(r"找|招|换|改|想|做|当|干|转|看|呢|也|或|是|岗|职位|工作|方向|吧|要|缺|来")
_HAS_BEEN = re.compile(
    r"[做干当]过|(?:经验|经历|背景)|[一二两三四五六七八九十\d]年|\b(?:experience|background|years?|yrs|worked|used to)\b",
    re.IGNORECASE,
)
"""What somebody has done, which is not what they look for."""
_TURNS = re.compile(
    r"找|招|换|改|想|转|要|应聘|缺|岗|职位|工作(?!经)|\b(?:jobs?|roles?|positions?|hire|hiring|looking|instead|switch|change|find|show|want|need)\b"
)
_DISLIKES = re.compile(
    r"看不上|不满意|不太?喜欢|都不(?:行|合适)|^太(?:远|低|累|偏|小|辛苦)的?(?:就|都|也)?(?:不要|不考虑|算了|免谈|别)|^[^,，。]{0,6}太(?:远|低|少|累|贵|偏|小|辛苦|差|高)了?[吧啊点]?[。.!！]*$|^(?:all )?too (?:far|low|expensive)\b"
)
_MINE = re.compile(r"我[^,，。]{0,10}(?:差距|差在?哪|匹配|合适)|\b(?:i|me|my)\b[^.?]{0,20}\bgap\b")
_SEARCHED = frozenset(("role", "skills", "places", "salary"))
_PASSING: frozenset[Intent] = frozenset(("greeting_thanks", "affirm", "deny", "bot_question"))
_LOOKS = re.compile(
    r"找|招|搜|求|推荐|推几|有没有|有没|有什么|有啥|有哪些|有[^,，。]{0,12}[吗么没嘛]|看看|看一下|来[个点几]|想[要看做去]|缺|物色|谁|给我|再来|别的"
    r"|\b(?:looking|find|show|search|any(?:one|body|thing)?|want|need|hir(?:e|ing)|who|get me|give me|pull|list|are there|more|else|what'?s)\b"
)
_PEOPLE = re.compile(
    r"招|候选|人选|人才|简历|求职者|谁|有人|的人|员工|\b(?:candidates?|talents?|applicants?|people|someone|who|hir(?:e|ing)|profiles?|resumes?)\b"
)
_STARTS = re.compile(r"入职|到岗|上班|上岗|开始|报到|\b(?:start(?:ing)?|begin|available|join|onboard|notice)\b")
_NUMBER_ALONE = re.compile(
    r"^(?:no|nope|nah|not|hmm+|well|ok|actually|sorry|i mean|let'?s say|make (?:it|that)|(?:raise|bump|lower|increase|push) (?:it|that)(?: up| down)? to|不是?|不对|错了|改成|应该是|是|[\s,，.。])*"
    r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)(?: (?:actually|instead|then|please|thanks|now))?[\s吧啊呀了.。!！]*$"
)
"""A number in place of the one that was said last."""
_MADE = re.compile(
    r"^(?:\w+,? )?(?:make|raise|bump|lower|increase|push) (?:it|that)(?: up| down)?(?: to)? (\d{1,3})(?![\d%k]| ?(?:years?|yrs?)\b)"
)
_NO_YEARS = 20
"""A number from this on is pay, if pay was told."""
_SEEKING: frozenset[Intent] = frozenset(("compare", "find_candidates", "find_jobs", "refine"))
_ABOUT_THE_LIST = _SEEKING | {"correction", "application_status", "affirm"}
_MISTAKEN: frozenset[Intent] = frozenset(
    ("out_of_scope", "handover", "scheduling", "compare", "bot_question", "salary", "company_info")
)
"""Intents that are told of messages which hold nothing but values."""
_BOTH = re.compile(
    r"^(?:那就?|还是|就)?(?:两|俩|这两)?(?:个|边|地|座|处)?(?:城市|地方)?(?:都|全)(?:要|行|可以|看|考虑|成|ok)|^both\b|\beither (?:one|of them|city|place)\b"
)
WIDEN = "widen"
"""The question whether a search may leave out conditions."""
WIDENED = ("places", "years", "salary", "remote", "employment_type")
"""The conditions that it leaves out then."""
_MOSTLY = 0.5
_SHORT_ANSWER = 12
_ASKS = re.compile(
    r"[?？吗么没]$|(?<!^)(?<!那)还是(?!.{0,10}吧)|几[年个人点位]|有没有|怎么样|如何|多少|什么|哪|\b(?:what|how|why|when|who|is|are|does|do|can)\b"
)
_WHO_OF_THEM = re.compile(
    r"^(?:这[几些]?[个位]?|[他她]们)?(?:里|中)?面?(?:哪[一几]?[个位]|谁)|^(?:who|which) of (?:them|these|those)\b"
)
"""Of those who are listed, where nothing is said to look for."""
_BROWSES = re.compile(r"有哪些|有什么|看看|还有|\b(?:show|what else|any)\b")
_EMPLOYER = re.compile(
    r"公司|单位|企业|地址|在哪|公办|私立|连锁|药[房店]|幼儿园|餐厅|酒店|门店|还招|团队|[这那它他她]家|厂|店|医院|学校|机构|集团|来头|来历|规模|背景|融资|上市|老板|\b(?:company|firm|employer|organi[sz]ation|staff|team|school|store|clinic|(?:work|people) (?:at|for|there))\b"
)
_AGAIN = re.compile(
    r"^(?:那么?|然后|还有|再看看|再说说|换)?[^,，。?？]{0,3}(?:第.{1,3}|[一二三四五1-5]号|最后.{1,2}|上面那?.|他|她|它|另外?一?.|前.{1,2})(?:的)?呢?[?？吧啊]*$"
    r"|^(?:and |or |ok |so |what about |how about |same for )+(?:(?:the|number|no\.?|#) ?)*(?:\w+)(?: one| job| candidate| person)?\W*$"
)
"""Hardly more than a record of the list: what was asked of another one is asked of this."""
_ALERTS = re.compile(
    r"订阅|推送|通知|提醒|发|推|消息|短信|邮件|\b(?:subscri\w+|alerts?|notif\w+|e?mails?|messages?|sending|updates?)\b"
)
_LIKE_IT = re.compile(r"差不多|类似|相似|一样的|这样的|那样的|\b(?:like|similar|others?|more)\b")
_CALLS = re.compile(
    r"人工|真人|转|找(?:个|下|一下)?(?:客服|人)|客服(?:在|呢|来)|联系|叫|让|接|聊|顾问|负责人|你们|同事|电话|\b(?:hand|pass|talk|speak|call|human|person|agent|transfer|connect)\b"
)
_MEETS = re.compile(r"面试|面谈|约|见面|聊|电话|\b(?:interview|call|meet(?:ing)?|schedule|slot|book|chat)\b")
_CORRECTS = re.compile(
    r"不是|不对|错|口误|改成|换成|改为|应该是|我(?:说|指|要)的是|\b(?:no|not|meant?|sorry|oops|actually|instead|wrong|rather|make (?:it|that)|change)\b"
)
_BEGINS_WITH_NO = re.compile(
    r"^(?:哎呀?|啊|哦|噢|呃|诶|额|嗯|oh|ah|um+|wait|[\s,，])*(?:(?:no|nope|not|sorry|oops|wait)\b|又?我?(?:不对|不是|错了|搞错|说错|打错|写错))|不算"
)
_OF_THEM = re.compile(
    r"\bwhich (?:one )?of (?:those|these|them|the)\b.{0,60}\b(?:more|most|better|best|higher|highest|closer|less)\b|(?:摆|放|列|搁)(?:在|到)?一[起块]|side by side"
)
_COMPARES = re.compile(
    r"比|差|区别|不同|哪(?:个|位|份|家|一)|谁|两|[三四五几]个|\b(?:compare|versus|vs|better|best|than|difference|between|which|stronger|stack|and|or)\b"
)
_CERTAIN, _SURE, _UNSURE = 0.9, 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Understanding:
    """A message, understood. `points_at` are records of the conversation's focus, in the message's order."""

    intent: Intent
    confidence: float
    language: Language
    edits: tuple[Edit, ...]
    points_at: tuple[Shown, ...]
    answers_question: bool


def understand(
    text: str,
    guess: Guess,
    state: Conversation,
    language: Language | None = None,
    *,
    recruits: bool = False,
    today: date | None = None,
    zone: str = DEFAULT_ZONE,
) -> Understanding:
    """Return what a message means after the turns before; `guess` is what its words alone want.

    A participant who `recruits` looks for candidates. Days are read from `today` on; pay without a currency is of
    the place that is looked at, else of the time `zone`.
    """
    spoken, folded = language or spoken_language(text, state), plain(fold(text))
    asked = state.question.slot if state.question else None
    bare = _bare(text, folded, state)
    means_days = guess.intent == "scheduling" or bare == "date" or _STARTS.search(folded)
    read = read_edits(text, spoken, bare=bare, today=today if means_days else None, held=_held(state))
    edits = tuple(_where_it_stands([_at_home(edit, zone) for edit in read], text, state))
    points_at = pointed_at(text, state)
    answers = bool(asked) and any(edit.slot == asked for edit in edits)
    intent, confidence = _placed(folded, guess, state, edits, answers=answers, recruits=recruits)
    if recruits and asks_protected(text):
        intent, confidence, edits = "find_candidates", _SURE, ()
    elif asks_contacts(text) or (not recruits and asks_another(text)):
        intent, confidence, edits = "out_of_scope", _SURE, ()
    elif starts_over(text, state):
        wanted = tuple(edit for edit in edits if edit.operation in ("set", "add"))
        intent, confidence, edits = "refine", _SURE, (*(Edit(s, "remove", None, "") for s in state.slots), *wanted)
    elif not points_at and (goes_on(text, edits, state) or returns_to(text, edits, state)):
        intent, confidence = "refine", _SURE
    elif _CHOSEN.search(folded):
        pass  # the one that is pointed at is taken, not asked about
    elif state.asked and not edits and len(points_at) == 1 and _asks_again(folded):
        intent, confidence = state.asked, _SURE
    elif _is_of_a_record(folded, Guess(intent, confidence), edits, points_at):
        intent, confidence = "company_info" if _EMPLOYER.search(folded) else "explain_match", 0.5
    if intent in ("find_jobs", "find_candidates"):
        if not (recruits and asks_protected(text)):
            edits = with_framed_role(text, edits, state)
        role_now = next((e.value for e in edits if e.slot == "role" and e.operation in ("set", "add")), None)
        if role_now and state.wanted("role") and role_now not in state.wanted("role"):
            edits = (Edit("skills", "remove", None, ""), *edits)  # they were another role's
    elif intent in ("correction", "refine") and not any(edit.operation in ("set", "add") for edit in edits):
        edits = named_anew(text, state) or edits
    said = _SAYS.get(intent, frozenset())
    kept = edits if said is None else tuple(edit for edit in edits if edit.slot in said)
    if intent == "affirm" and asked == WIDEN:  # what follows is said of what is found now
        kept = tuple(Edit(s, "remove", h.value, h.text) for s in WIDENED for h in state.slots.get(s, ()) if h.wanted)
    return Understanding(intent, confidence, spoken, kept, points_at, answers)


def _held(state: Conversation) -> Iterator[Mention]:
    for slot in ("skills", "role", "company", "salary"):
        for held in state.slots.get(slot, ()):
            yield Mention(0, slot, held.value, held.text)


def _bare(text: str, folded: str, state: Conversation) -> str | None:
    """Return the slot whose value a message may be, and nothing else: the one asked for, or told by the last message."""
    if browses(text):
        return None
    return (state.question.slot if state.question else None) or _just_told(folded, state)


def _where_it_stands(edits: Sequence[Edit], text: str, state: Conversation) -> Iterator[Edit]:
    """Yield edits as they are after the turns before.

    What takes the place of one of several values leaves the others: `Go instead of Java`. A place that is given up is excluded if nobody has wanted it, one that is preferred is none alone if it is one of
    several, and `both` brings back those that another has replaced.
    """
    edits = [_as_held(edit, edits, text, state) for edit in edits]
    replaced = {edit.slot for edit in edits if edit.operation == "set"}
    wanted = state.wanted("places")
    given_up = {e.slot for e in edits if e.operation == "remove" and e.value in state.wanted(e.slot)} & MANY
    for edit in edits:
        if edit.operation == "set" and edit.slot in given_up:
            edit = replace(edit, operation="add")
        if edit.slot == "role" and _is_only_mentioned(edit, text, state):
            continue
        is_new = edit.value is not None and edit.slot not in replaced and edit.value not in state.wanted(edit.slot)
        if is_new and edit.operation == "remove" and edit.slot in _EXCLUDED:
            edit = replace(edit, operation="negate")
        if edit.slot == "places" and edit.value is not None:
            city = with_city(str(edit.value))
            if edit.operation in ("set", "add") and city != edit.value and city in wanted:
                continue  # it is searched there
            if edit.operation == "set" and len(wanted) > 1 and edit.value in wanted and _is_preferred(text, edit):
                continue
        yield edit
    if not edits and len(wanted) == 1 and state.searches and _BOTH.search(plain(fold(text))):
        for held in state.searches[-1].slots.get("places", ()):
            if held.wanted and held.value not in wanted:
                yield Edit("places", "add", held.value, held.text)


_EXCLUDED = frozenset(("places", "employment_type", "company"))
"""Slots of which a value that nobody has wanted is excluded where it is given up."""
_TOO = re.compile(r"\b(?:too|also|as well|add|plus)\b|也(?:要|得|会|懂)")


def _as_held(edit: Edit, edits: Sequence[Edit], text: str, state: Conversation) -> Edit:
    """Return an edit as what holds has it: what another value replaces is taken back, and so is a skill.

    A word that names a role and a skill is a skill beside the role that is looked for: `SEO too`.
    """
    holds = edit.value in state.wanted(edit.slot)
    if edit.operation == "negate" and holds:
        others = any(e.slot == edit.slot and e.operation in ("set", "add") for e in edits)
        is_over = edit.slot == "skills" and "了" in text  # `不要Java了` takes it back, `不要Java` excludes it
        return replace(edit, operation="remove") if others or is_over else edit
    if edit.slot != "role" or not state.wanted("role") or holds:
        return edit
    skill = next((m.skill_id for m in extract_skills(edit.text)), None)
    if skill is None:
        return edit
    if edit.operation in ("remove", "negate"):
        return (
            replace(edit, slot="skills", operation="remove", value=skill) if skill in state.wanted("skills") else edit
        )
    return replace(edit, slot="skills", operation="add", value=skill) if _TOO.search(plain(fold(text))) else edit


def _is_only_mentioned(edit: Edit, text: str, state: Conversation) -> bool:
    """Whether a role that no list has stands in a sentence that wants no other one: `主管护师以上的`."""
    is_told = edit.operation in ("set", "add") and isinstance(edit.value, str) and not edit.value.isascii()
    if edit.operation not in ("set", "add") or not state.wanted("role"):
        return False
    if _HAS_BEEN.search(text) and _TURNS.search(plain(fold(text))) is None:
        return True
    is_most = 2 * len(edit.text) >= sum(map(str.isalnum, text))
    return is_told and _OTHER_ROLE.search(text) is None and not is_most


def _is_preferred(text: str, edit: Edit) -> bool:
    return (
        re.search(rf"{re.escape(edit.text)}(?:那边|这边)?的?(?:优先|最好|为主|为先| first\b| preferred\b)", text)
        is not None
    )


def _asks_again(folded: str) -> bool:
    return _AGAIN.search(folded) is not None and "比" not in folded and "compare" not in folded


def _is_of_a_record(folded: str, guess: Guess, edits: Sequence[Edit], points_at: Sequence[Shown]) -> bool:
    """Whether a message that seems to search, or nothing, speaks of one record of the list: `第三个的情况讲讲`."""
    if guess.intent == "out_of_scope" and points_at and _FOLLOWS_UP.search(folded):
        return True
    if len(points_at) != 1 or _COMPARES.search(folded) or _LIKE_IT.search(folded):
        return False
    asks = _ASKS.search(folded) is not None
    if not ORDINAL.search(folded):  # `他` and `它` say less of what is meant
        return (
            asks
            and not edits
            and (guess.intent in _SEEKING or bool(_EMPLOYER.search(folded) and guess.intent == "out_of_scope"))
        )
    if guess.intent in ("out_of_scope", "scheduling"):
        return asks and not _MEETS.search(folded)
    if guess.intent == "subscribe":
        return _WATCHES.search(folded) is None
    return guess.intent in _ABOUT_THE_LIST and (not edits or asks)


def _just_told(folded: str, state: Conversation) -> str | None:
    """Return the slot that the last message told, if this one gives another number or day for it: `no, twelve`."""
    told = {name for name, held in state.slots.items() if any(h.turn == state.number for h in held)}
    made = _MADE.search(folded)
    if made and "salary" in state.slots and (int(made[1]) >= _NO_YEARS or "years" not in state.slots):
        return "salary"
    if state.number and told & {"years", "salary"} and _NUMBER_ALONE.search(folded):
        return "years" if "years" in told else "salary"
    return "date" if state.number and "date" in told else None


def _at_home(edit: Edit, zone: str) -> Edit:
    """Return an edit with the currency of the zone beside an amount that names none."""
    if edit.slot != "salary" or not isinstance(edit.value, Mapping) or "currency" in edit.value:
        return edit
    return replace(edit, value={**edit.value, "assumed": currency_of_zone(zone)})


def _placed(
    folded: str, guess: Guess, state: Conversation, edits: Sequence[Edit], *, answers: bool, recruits: bool
) -> Guess:
    """Return a guess as it is where the message stands: behind a question, in a search, or at the beginning."""
    intent, confidence = guess
    if recruits and intent == "find_jobs":
        intent = "find_candidates"
    elif not recruits and intent == "find_candidates" and not _PEOPLE.search(folded):
        intent = "find_jobs"
    goal: Intent = "find_candidates" if (state.goal == "candidates" if state.goal else recruits) else "find_jobs"
    searches = state.goal is not None or bool(state.slots)
    narrows: Intent = "refine" if searches else goal
    slots = {edit.slot for edit in edits if edit.slot != "date" or intent != "scheduling"}
    calls = intent == "handover" and _CALLS.search(folded) is not None
    if slots and searches and _is_spelt_out(folded, edits) and intent in _MISTAKEN and not calls:
        return Guess(narrows, _SURE)
    if searches and _CHOSEN.search(folded):
        return Guess("affirm", _SURE)
    if searches and not edits and intent == "refine" and _DISLIKES.search(folded):
        return Guess("deny", _SURE)
    if searches and intent != "out_of_scope" and _takes_back(edits, state):
        intent = "refine" if intent not in _REFINES else intent
    if slots & _CONDITIONS and searches and _says_a_condition(folded, intent, slots):
        return Guess("refine", _SURE)
    if intent in ("salary", "find_jobs", "find_candidates", "refine") and not slots and _OF_THEM.search(folded):
        return Guess("compare", _SURE)
    if (
        intent == goal
        and searches
        and (_NARROWS.search(folded) or (not slots and _ASIDE.fullmatch(folded)))
        and "role" not in slots
    ):
        return Guess("refine", _SURE)
    if answers and (len(folded) <= _SHORT_ANSWER or intent == goal) and intent not in ("correction", "subscribe"):
        return Guess("refine", _SURE)
    if intent == "compare" and _MINE.search(folded):
        return Guess("explain_match", confidence)
    if intent == "handover" and "role" in slots and not calls:
        return Guess(narrows, _SURE)
    if intent == "salary" and "salary" in slots and searches and not _ASKS.search(folded):
        return Guess(narrows, _SURE)
    if intent == "correction" and slots and not searches:
        return Guess(goal, confidence)
    if intent == "scheduling" and slots & _SEARCHED and not _MEETS.search(folded):
        return Guess(narrows, _SURE)
    if intent == "out_of_scope":
        sure = _CERTAIN if "role" in slots or answers else _SURE if searches else _UNSURE
        if _takes_back(edits, state):
            return Guess("refine", _SURE)
        if "role" in slots and len(slots & _SEARCHED) > 1:
            return Guess(narrows, _SURE)
        is_meant = bool(slots) if searches else bool(slots & _SEARCHED)
        return Guess(narrows, 0.7) if is_meant and confidence < sure else guess
    if slots and (answers or searches) and intent in _REFINES:
        return Guess(_changed(folded, intent, edits, state), max(confidence, _SURE))
    if intent in _PASSING and ("role" in slots or (slots & _SEARCHED and _LOOKS.search(folded))):
        return Guess(narrows, confidence)
    if intent == "unsubscribe" and slots and (len(slots) > 1 or not _ALERTS.search(folded)):
        return Guess(narrows, confidence)
    if intent in ("find_jobs", "find_candidates") and not edits and state.focus[1:] and _WHO_OF_THEM.search(folded):
        return Guess("compare", _SURE)
    if intent == "compare" and _BROWSES.search(folded) and not _COMPARES.search(folded):
        return Guess(goal, confidence)
    if (
        intent == goal
        and searches
        and slots
        and not (_LOOKS.search(folded) or ("role" in slots and state.wanted("role")))
    ):
        return Guess("refine", confidence)
    if intent == "refine" and not searches:
        return Guess(goal, confidence)
    return Guess(intent, confidence)


def dislikes(text: str) -> bool:
    """Whether a message finds fault with what was shown: `工资太低了`, `too far`."""
    return _DISLIKES.search(plain(fold(text))) is not None


def _takes_back(edits: Sequence[Edit], state: Conversation) -> bool:
    """Whether a message gives up something that is looked for."""
    return any(edit.operation in ("remove", "negate") and edit.value in state.wanted(edit.slot) for edit in edits)


def _says_a_condition(text: str, intent: Intent, slots: AbstractSet[str]) -> bool:
    """Whether a message only says one thing more of a search, whatever it looks like: `大专学历能行吗`, `宁波这边的`."""
    match intent:
        case "explain_match":
            return _WHY.search(text) is None
        case "find_jobs" | "find_candidates":
            return slots <= _CONDITIONS and len(text) <= _SHORT_CONDITION and _ANEW.search(text) is None
        case "subscribe":
            return _WATCHES.search(text) is None
        case "salary":
            return "salary" in slots and _WITH_IT.search(text) is not None
        case _:
            return False


def _changed(text: str, intent: Intent, edits: Sequence[Edit], state: Conversation) -> Intent:
    """Return `correction` if a message takes back what was said, else `refine`: it says more, or something else."""
    said = [edit for edit in edits if edit.operation in ("set", "add")]
    replaces = any(state.wanted(edit.slot) and (edit.slot not in MANY or edit.operation == "set") for edit in said)
    takes_back = any(edit.operation == "remove" for edit in edits)
    if intent == "correction":
        return "correction" if said and (_CORRECTS.search(text) or replaces or takes_back) else "refine"
    return "correction" if said and _BEGINS_WITH_NO.search(text) and (replaces or takes_back) else "refine"


def _is_spelt_out(text: str, edits: Sequence[Edit]) -> bool:
    """Whether a message is hardly more than values: it says them of the search, whatever it looks like."""
    letters = sum(map(str.isalnum, text))
    named = sum(sum(map(str.isalnum, edit.text)) for edit in edits if edit.value is not None)
    return named >= _MOSTLY * letters and not _ASKS.search(text)


def spoken_language(text: str, state: Conversation) -> Language:
    """Return the language of a text; a name or a number alone says nothing, so the conversation's goes on."""
    letters = sum(map(str.isalpha, text))
    if is_han(text) and not any(c.isascii() and c.isalpha() for c in text):
        return "zh"
    if state.number and (letters < 4 or (text.isascii() and len(text.split()) < 3 and state.language == "zh")):
        return state.language
    return detect_language(text)
