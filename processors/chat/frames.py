"""A role that no list has, told by the sentence that asks for it: `找个火锅底料炒制的工作`, `any lash technician jobs`.

What remains of the phrase that stands where a role is asked for, once the values that are known are taken away, is the
role. A phrase that stands alone is one if it is built as names of occupations are.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from processors.chat.conversation import Conversation
from processors.chat.occupations import is_tool
from processors.chat.role_words import PLAIN_WORDS
from processors.chat.roles import roles
from processors.chat.slots import Edit
from processors.lexicon.places import named_places
from processors.lexicon.script import fold, plain
from processors.skills import Kind, extract_skills, taxonomy

_TAKEN = "\n"
"""Stands for each character of a value that is known."""
_CLAUSE_HAN = re.compile(r"[,，。;；:：!！?？、()（）\n]+|(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
_MAX_CLAUSES = 12
_MOST = 2000
"""Characters of a message that are looked at: who writes more has asked by then."""
_LONGEST = 80
"""Characters of a clause, and of what is looked at before a noun; nobody says more in one."""
_ASKED_FOR = re.compile(
    r"诚?招聘?(?!商|生|标|投|待)|诚聘|聘(?=请|个|一|名|位|两)请?|找|搜(?:索|一下)?|应聘|应征|求(?!职)|缺(?!陷)|物色|推荐|需要|征(?=求?个|一)|来(?=[个名位点几一两三])"
    r"|(?:想|要|可以|能|去|回去)?(?:从事|担任|转行?做?|改做|改行做?|做(?!账|法)|当(?!铺|班|地)|干(?!洗|部|净))"
    r"|有招|在招|有没有|有没|有(?!色|机|限|线)|看看|看(?!护|管|守)(?:一?下)?|留意(?:一?下)?|关注(?:一?下)?|要(?!求)"
)
_PASSES = re.compile(
    r"请问|你好|您好|[我咱你您]们?(?:这边|那边|这里|公司|店里|厂里|单位|组|部门)?(?:的)?|公司|店里|厂里|这边|那边|这儿|那儿|这里|那里|现在|目前|最近|急需?|紧急|马上|长期|大量|还|也|再|先|就|都"
    r"|想要?|打算|准备|希望|能不能|能(?=找|招|做|推)|可以|帮(?:我|忙|着)?|麻烦|给(?:我|我们)?|一下|下(?!料|单)|去(?=找|做|当|干)|在(?!线)|是(?=做|干)"
    r"|[一二两三四五六七八九十几\d]+(?:个(?!体)|名|位|份|些|人)|一(?=个|名|位)|个(?!人|体|税|险)|名(?!片)|位(?=[\u4e00-\u9fff])|份(?=[\u4e00-\u9fff])|些|点(?!钞|菜|单|心)"
    r"|(?:比较|相对)?(?:有|没|没有|无)[\u4e00-\u9fff]{0,4}经验的|有资历的|靠谱的?|熟练的?|专业的?|合适的?|相关的?|附近的?|本地的?|[男女]的?(?=[\u4e00-\u9fff]{2})|[年月]薪|全职的?|兼职的?|的"
)
_BLANKS = re.compile(" +")
_ENDS = re.compile(
    r"(?:(?:有吗|有没有|有木有|有没|有招(?:人|的)?|招人?|招不招|可以|推荐|还招|在招|缺不缺|多不多|好找|求职|求带|可做|能做)?(?:[吗么嘛呢吧啊呀呗哈没不]|了(?=[吗么没]))+|有没有|有吗|求职|求带|的?[一二两三四五六七八九十几\d]+(?:个|名|位|人)|急)$"
)
_WORK = re.compile(
    r"(?:(?:类|方面|方向|相关|性质|领域|这一?块|那种|之类|一类|岗)?的?)(?P<noun>工作|职位|职缺|职务|岗位?|活儿?|机会|坑位?|空缺|缺|招聘|招募|人选|候选人|人才|简历|差事|事儿?|(?<=的)班)(?:上|做|干)?$"
    r"|(?P<kind>类|方面|方向|相关|性质|之类|这一?块|这个?行当?|一行)的?$"
)
_NO_ROLE_HAN = re.compile(
    r"什么|哪|怎|多少|类似|差不多|一样|上班|合适|适合|新的|其[他它]|别的|工作|职位|岗|远程|兼职|全职|实习$|^实习生?|男|女|啥|^学生|应届|毕业|大?学历|^专业|^学(?!徒|术)|宝妈|家$(?<![画音科作专管银学]家)|工读|打工|医院$|学校$|酒店$|工地$|工厂$|餐厅$|饭店$|幼儿园$|药店$|超市$|公司|大厂|国企|外企|民企|央企|厂$"
    r"|店$|优先|符合|满足|已[婚育]|婚|户口|户籍|要求|附近|本地|经验|薪|工资|钱|双休|五险|包[吃住]|轻松|稳定|靠谱|[^良]好$|不|没|能$|会[^计展]|可以|一[下点些]|帮我|[我你他她咱]|[^个本商法用客工名军艺经负创合诗媒猎证保]人$|人[吗呢]|的|是|了|过|着|也|都|还|再|离|近|远|周末|晚上|早上|白班|夜班|长白|倒班|坐班|加班|年龄|岁|急$|谢|请"
)
_HAN_SIZES = range(2, 11)
_HAN_CORE = re.compile(r"[\u4e00-\u9fffa-z\d+#.&/ -]+")
_JOB_NOUNS = r"jobs?|roles?|positions?|openings?|vacanc(?:y|ies)|gigs?|opportunit(?:y|ies)|work|posts?|placements?|stuff|careers?"
_BEFORE_NOUN = re.compile(rf" ?\b(?:{_JOB_NOUNS})\b")
_BEHIND = re.compile(
    r"\b(?:work(?:ing|s|ed)? as|jobs? as|positions? as|roles? as|train(?:ing)? as|start(?:ing)? as|looking for|look for|searching for|search for|in search of|in need of|on the hunt for|hunting for|after|find(?: me| us)?|get me|get us|need(?:ing)?|want|seek(?:ing)?|hir(?:e|ing)"
    r"|recruit(?:ing)?|source|show me|show us|pull up|any(?: good| decent)?|got any(?:thing for)?|anything for|something for|out there for|going for|become|to be|i'?m|i am|we lack|missing|short of|fill)"
    r"(?: (?:an?|some|the|one|two|three|four|five|six|several|another|another few|a few|a couple of|more|\d{1,2}|good|decent|experienced|qualified|skilled|reliable|solid|strong|senior|junior|mid-level|entry-level|entry level|qualified|licensed|certified|freelance|temporary|full-time|part-time|remote))*"
    r" (?=(?P<role>[a-z]|\dd\b))"
)
_WORD = re.compile(r"[a-z][a-z'/&+#.-]*[a-z+#]|&|[a-z]|\d[a-z]+")
_MOST_WORDS = 5
_NO_ROLE_LATIN = PLAIN_WORDS | frozenset(
    "any some new more better similar other part-time full-time remote local nearby well-paid paid night day weekend shift"  # noqa: SIM905
    " these those which all every such good-paying what-kind right next perfect fully home based off site onsite office break hand help favour"
    " supermarket restaurant factory hotel shop store school hospital bar cafe summer winter graduate entry"
    " lot bit way chance change raise time place person human agent call interview career degree visa thing things something anything"
    " anyone everyone nothing one ones it's that's there there's going hoping thinking wondering interested available near nearer close closer"
    " city town country area region company companies business team fields field industry sector salary pay wage money rate hours"
    " using used knows know knowing done been being working currently based because since while when until per week month year years yr yrs"
    " please thanks thank cheers mate guys folks lads myself afternoon morning evening good hoping currently sure able free going"
    " immediate starters starter joiner joiners recommendation recommendations suggestions options option list bunch number".split()
)
_PLAIN_START = frozenset(
    ("senior", "junior", "experienced", "qualified", "entry-level", "mid-level", "freelance", "and", "or", "of", "&")
)
_PERSON = re.compile(
    r"[a-z]{3,}(?:[^aeiou]ers?|[aeiou]yers?|[ct]ors?|[sd]ors?|[^s]ists?|ians?|eers?|men|man|wom[ae]n|persons?|smiths?|wrights?|keepers?|aides?|hands?|clerks?|nurses?|cooks?|chefs?|guards?|staff|crew|assistants?|attendants?|agents?|apprentices?|hosts?|pilots?|aids?|techs?|officers?|professionals?|specialists?|practitioners?|personnel)$"
)
_NO_PERSON = frozenset(
    "other another whether either neither rather never ever over under after offer order number letter paper water power summer winter"  # noqa: SIM905
    " weather center center's corner border computer customer september october november december quarter matter better later former"
    " faster slower higher lower bigger smaller cheaper easier nicer closer nearer longer shorter younger older career sector factor"
    " doctor's motor visitor major minor error color flavor twitter docker tier exist list resist assist human women men women's shift"
    " german italian russian indian canadian asian norwegian hungarian romanian ukrainian brazilian egyptian persian australian belgian".split()
)
_ACTIVITY = re.compile(r"([a-z]{4,})ing$")


@cache
def _trades() -> re.Pattern[str]:
    """Return a pattern of what Chinese occupations do, at the end of a text: `调酒`, `收银`."""
    words = files("processors.chat").joinpath("data/trades.txt").read_text("utf-8").split()
    return re.compile(f"(?:{'|'.join(sorted(words, key=len, reverse=True))})$")


def framed_role(text: str, known: Iterable[str] = (), *, begins: bool = False) -> str | None:
    """Return the words that stand where a role is asked for; None if there are none, or they say something else.

    `known` are the words of values that are no role; of a message that `begins` a search a phrase alone may be one.
    """
    folded = plain(fold(text[:_MOST]))
    masked = _without_known(folded, known)
    found = next((role for role in (*_in_chinese(masked), *_in_latin(masked)) if not _is_a_language(role)), None)
    return found or (next(_alone(masked), None) if begins else None)


def occupation(words: str) -> str:
    """Return the name of the role of those who do what the words say, if it has one: `调酒`, `bookkeeping`."""
    done = _ACTIVITY.fullmatch(words.rpartition(" ")[2])
    spelt = [f"{words.removesuffix('ing')}er"] if done else [words + head for head in "师员工"] * (not words.isascii())
    for text in spelt:
        if (known := roles(text)) and known[0].is_known and (known[0].start, known[0].end) == (0, len(text)):
            return known[0].name
    return words


_SAYS_WORK = re.compile(r"工作|职位|岗|活儿?|招|缺|\b(?:jobs?|roles?|positions?|openings?|hire|hiring|need|work as)\b")


def with_framed_role(text: str, edits: tuple[Edit, ...], state: Conversation) -> tuple[Edit, ...]:
    """Return edits with the role that the sentence asks for in words that no list has, skills in its name left out."""
    if any(edit.slot == "role" for edit in edits):
        return edits
    known = [edit.text for edit in edits if edit.slot != "skills" or edit.value is None or is_tool(str(edit.value))]
    skills = [edit for edit in edits if edit.slot == "skills"]
    begins = not state.wanted("role") and len(known) == len(edits) - len(skills)
    role = framed_role(text, known, begins=begins)
    if role is None:
        return edits
    inside = [edit for edit in skills if plain(fold(edit.text)) in role]
    if len(inside) < len(skills) and not inside and not _SAYS_WORK.search(plain(fold(text))):
        return edits
    return (*(edit for edit in edits if edit not in inside), Edit("role", "set", occupation(role), role))


def named_anew(text: str, state: Conversation) -> tuple[Edit, ...]:
    """Return what takes the place of a value that is held, in words that no list has: `不是理赔，是核保`."""
    match = _ANEW.search(plain(fold(text[:_MOST])))
    if match is None:
        return ()
    old, new = (match["old"] or match["former"]).strip(), (match["new"] or match["latter"]).strip()
    for slot in ("role", "skills", "company"):
        for held in state.slots.get(slot, ()):
            if held.wanted and (old in plain(fold(held.text)) or plain(fold(held.text)) in old):
                value = occupation(new) if slot == "role" else new
                return (Edit(slot, "remove", held.value, old), Edit(slot, "add", value, new))
    return ()


_ANEW = re.compile(
    r"不(?:是|要)(?P<old>[\u4e00-\u9fffa-z]{2,10}?)[,，]?(?:我(?:要|说|找|指)的)?(?:而?是|要)(?P<new>[\u4e00-\u9fffa-z]{2,10}?)(?:吧|了|啊|呀)*[。.!！]*$"
    r"|\bnot (?P<former>[a-z]+(?: [a-z]+)?),? (?:but|it'?s|i meant?) (?P<latter>[a-z]+(?: [a-z]+)?)[.!]*$"
)


def _without_known(text: str, known: Iterable[str]) -> str:
    spans = [(start, end) for _, start, end in named_places(text)]
    for words in {plain(fold(word)) for word in known}:
        start = text.find(words) if words else -1
        if start >= 0:
            spans.append((start, start + len(words)))
    masked = list(text)
    for start, end in spans:
        masked[start:end] = _TAKEN * (end - start)
    return "".join(masked)


def _is_a_language(role: str) -> bool:
    """Whether it is the name of a language or a tool to program with, and so a skill."""
    mentions = extract_skills(role)
    return any(m.text == role and is_tool(m.skill_id) for m in mentions)


def _clauses(text: str) -> list[str]:
    clauses = (clause.strip() for clause in _CLAUSE_HAN.split(text, _MAX_CLAUSES)[:_MAX_CLAUSES])
    return [clause for clause in clauses if len(clause) <= _LONGEST]


def _in_chinese(text: str) -> Iterator[str]:
    """Yield what remains of each clause that asks for work or for somebody."""
    for clause in _clauses(text):
        core, is_asked = _core(clause)
        if is_asked and _is_a_role(core):
            yield core


def _core(clause: str) -> tuple[str, bool]:
    """Return a clause without what leads to a role and what follows it, and whether any of that asks for one."""
    at, is_asked = 0, False
    while at < len(clause):
        asks = _ASKED_FOR.match(clause, at)
        passes = asks or _PASSES.match(clause, at) or _BLANKS.match(clause, at)
        if passes is None or passes.end() == at:
            break
        is_asked = is_asked or asks is not None
        at = passes.end()
    rest = clause[at:].strip()
    while end := _ENDS.search(rest):
        rest = rest[: end.start()].strip()
    while work := _WORK.search(rest):
        rest = rest[: work.start()].strip()
        is_asked = is_asked or bool(work["noun"]) or not _is_a_trade(rest)  # `金融方向` is where somebody works
    if not is_asked and (asked := list(_ASKED_FOR.finditer(rest))):
        return _core(rest[asked[-1].start() :])
    last = rest.rpartition("的")[2]
    return (last if len(last) > 1 else rest.removesuffix("的")).strip(), is_asked


def _is_a_role(core: str) -> bool:
    has_han = re.search("[\u4e00-\u9fff]", core) is not None
    return (
        has_han
        and len(core) in _HAN_SIZES
        and _HAN_CORE.fullmatch(core) is not None
        and _NO_ROLE_HAN.search(core) is None
    )


def _in_latin(text: str) -> Iterator[str]:
    for noun in _BEFORE_NOUN.finditer(text):
        low = max(0, noun.start() - _LONGEST)
        start = max(low, text.rfind(_TAKEN, low, noun.start()) + 1)
        run = re.split(r"[,.;:!?()]|\s-\s|[\u4e00-\u9fff]", text[start : noun.start()])[-1]
        words = _WORD.findall(run)
        kept: list[str] = []
        for word in reversed(words):
            if word in _NO_ROLE_LATIN and not (kept and word in ("and", "of", "&") and len(words) > len(kept) + 1):
                break
            kept.insert(0, word)
        yield from _named(kept)
    for frame in _BEHIND.finditer(text):
        yield from _named(_until_said(text, frame.start("role")))
    for mixed in _MIXED.finditer(text):
        yield from _named(_WORD.findall(mixed["role"] or mixed["alone"]))


_MIXED = re.compile(
    r"(?<![a-z])(?P<role>[a-z][a-z/&-]{0,60}(?: [a-z][a-z/&-]{0,60}){0,3})\s*(?:类|方向|相关|这种|方面)?的?\s*(?:岗位?|职位|工作|活儿?|机会|坑|人选|候选人|人才)"
    r"|(?:找|招聘?|缺|来|要|想?做|应聘|物色|推荐?)\s*(?:[一几两三\d])?(?:个|位|名|些)?\s*(?P<alone>[a-z][a-z/&-]{0,60}(?: [a-z][a-z/&-]{0,60}){0,3})\s*(?=[,，。！!?？]|$|[\u4e00-\u9fff])"
)


def _until_said(text: str, start: int) -> list[str]:
    """Return the words from a place on, as far as they name one thing."""
    run = re.split(rf"[,.;:!?()\n\u4e00-\u9fff]|\s-\s|{_BEFORE_NOUN.pattern}", text[start : start + _LONGEST])[0]
    kept: list[str] = []
    for word in _WORD.findall(run):
        joins = bool(kept) and word in ("of", "&")
        if word in _NO_ROLE_LATIN and not joins:
            break
        kept.append(word)
    return kept


def _named(words: list[str]) -> Iterator[str]:
    while words and (words[0] in _PLAIN_START or words[0] in _NO_ROLE_LATIN):
        words = words[1:]
    while words and words[-1] in ("and", "or", "of", "&"):
        words = words[:-1]
    if words and len(words) <= _MOST_WORDS and words[-1] not in _NO_ROLE_LATIN and len(" ".join(words)) > 1:
        yield re.sub(r"(?<=[a-z]{2}[^s])s$", "", " ".join(words))


def _alone(text: str) -> Iterator[str]:
    """Yield clauses that are no sentence, and built as names of occupations are."""
    for clause in _clauses(text):
        if re.search("[\u4e00-\u9fff]", clause):
            core = _core(clause)[0]
            if _is_a_role(core) and (_trades().search(core) or _is_a_trade(core, Kind.HARD)):
                yield core
            continue
        words = _WORD.findall(clause)
        if not words or len(words) > _MOST_WORDS or set(words) & (_NO_ROLE_LATIN - {"of", "and"}):
            continue
        name = " ".join(words)
        is_person = _PERSON.fullmatch(words[-1]) is not None and words[-1] not in _NO_PERSON
        if (is_person or _ACTIVITY.fullmatch(words[-1]) or _is_a_trade(name)) and not _is_a_language(name):
            yield from _named(words)


def _is_a_trade(name: str, *kinds: Kind) -> bool:
    """Whether the words are a field of work, all of them, rather than a tool or a language."""
    mentions = extract_skills(name)
    if len(mentions) != 1 or len(mentions[0].text) != len(name):
        return False
    (skill,) = mentions
    return not is_tool(skill.skill_id) and taxonomy().skills[skill.skill_id].kind in (kinds or (Kind.HARD, Kind.DOMAIN))
