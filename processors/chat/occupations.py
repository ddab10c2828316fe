"""Which roles and which skills a message names, and which of both a word is."""

import re
from collections.abc import Iterator, Sequence

from processors.chat.conditions import EDUCATION, EMPLOYMENT, REMOTE, YEARS
from processors.chat.employers import COMPANY, OF_THEIRS
from processors.chat.mention import Mention
from processors.chat.role_words import PLAIN_WORDS
from processors.chat.roles import Role, roles
from processors.chat.wages import MONEY
from processors.skills import Kind, extract_skills, taxonomy
from schemas.base import Language

_MOST_ROLES = 20
"""Of one message; the last are read."""
_NO_SKILLS = frozenset(
    (
        "adaptability",
        "campus-recruiting",
        "willingness-to-travel",
        "social-insurance-administration",
        "feedback",
        "recruiting",
        "interviewing",
        "hiring",
        "cet-4",
        "cet-6",
        "tem-4",
        "tem-8",
        "recruitment",
    )
)
"""Of a search for candidates they are what it is about."""
_SHORT_SKILL = re.compile(
    r"(?<![A-Za-z\d&.'-])(?:Go|C|R|Rust|Swift|Unity|Spark|Hive|Sketch|Excel)(?![A-Za-z\d&+#.'-])(?! ahead| on| to )|(?<=会)(?:go|c|r)(?![a-z\d+#])"
)
_ABLE_TO = re.compile(
    r"(?:(?<![不社机])会(?:用|写|使)?|懂|熟悉|精通|用过|擅长|掌握|\b(?:[Kk]nows?|[Ff]amiliar with|[Pp]roficient in|[Ss]killed in|[Ss]peaks?|[Ff]luent in|[Ee]xperience with|[Uu]sed))"
    r" ?(?P<what>[A-Z][A-Za-z\d+#.-]{1,20}(?: [A-Z][A-Za-z\d+#.-]{1,20}){0,2})(?![A-Za-z\d])"
)
"""A skill that no list has is what somebody says that they can: `会 Rhino`."""
_SKILLED = re.compile(
    r"(?<![A-Za-z\d])(?P<what>[A-Z][A-Za-z\d+#.-]+(?: [A-Z][A-Za-z\d+#.-]*){0,2})\s*"
    r"(?:很?熟练?|精通|必须|必备|也?要?会(?!议)|(?:最近|平时|现在|以前)?(?:也|都|还)?(?:在用|会用|用得|在学|用过)|写过|经验|(?:is |as )?(?:required|a must|preferred|skills?|experience|nice to have|a plus|would be nice)\b|背景)"
)
"""So is what is said to be required: `UVM 熟练`, `Zemax required`."""
_NEEDED = re.compile(
    r"(?:^|[,.;] ?|\b(?:and|but|plus|some|with|have|has|had|need|needs) )(?P<what>(?!(?:it|that|this|which|what|he|she|they|there|experience|remote|the|a|an|no|my|your|years?|work)\b)[a-z][a-z-]+(?: (?!(?:is|are|and|or)\b)[a-z][a-z-]+)?)"
    r"(?: (?:is|are|would be) (?:an? )?(?:(?:absolute )?must|required|essential|needed|necessary|preferred|plus|bonus|big plus|nice to have)\b| experience\b| skills?\b(?! set))",
    re.IGNORECASE,
)
"""A skill that no list has, by the sentence that asks for it: `latte art is a must`, `conveyancing experience`."""
_SPEAKS = re.compile(r"\b(?P<what>[A-Z][a-z]{3,})(?=[- ](?:speak(?:ers?|ing)|native)\b)")
_ABLE_HAN = re.compile(
    r"(?:(?<![不社机开学协晚年商议约培])会|(?<!不)懂|(?<!不)精通|(?<!不)熟悉|(?<!不)擅长)(?:用|写|使用)?(?P<what>[\u4e00-\u9fff]{2,5}?)(?=的|优先|更好|最好|[,，。、]|$)"
    r"|^(?P<best>[\u4e00-\u9fff]{2,5}?)(?:这一?块|方面)?我?(?:最|比较|很|也|都)?(?:拿手|在行|擅长|熟练|溜)"
)
_NO_ABILITY = re.compile(r"计|^的|[吗么呢吧]$|[来去有说是做让给不要想]|加班|出差|通知|联系|面试|考虑|更|比较|一[点些]")
_BESIDE = re.compile(r"\s*(?:和|及|与|、|/|\+|[,，]|\band\b|&)\s*")
_TOKEN = re.compile(
    r"[A-Z][A-Za-z\d+#.-]+(?: [A-Z\d][A-Za-z\d+#.-]*)?(?![A-Za-z\d])|(?<=、)[\u4e00-\u9fff]{2,4}(?=[,，。、]|$|都|也)"
)
_TOKEN_BEFORE = re.compile(r"(?<![A-Za-z\d])(?P<what>[A-Z][A-Za-z\d+#.-]+)\s*(?:和|及|与|、|/|\+|\band\b|&)\s*$")
_REACH = 24
_KNOWS = re.compile(r"会|懂|熟|精通|擅长|掌握|了解|做过|学过|有|能|具备|要求|精|[、和跟与/+]\s?$")
_IS_KNOWN = re.compile(r"\s?(?:经验|知识|能力|优先|必须|都?会|都?懂|熟|证|方面|背景|、|和|/|\+)")
_WITH = re.compile(r"(?:\bwith|\bin|会|懂|有) ?$", re.IGNORECASE)
_EXPERIENCE = re.compile(r" ?(?:experience|background|经验|背景)", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:和|及|与|跟|、|/|&|\band\b)\s*", re.IGNORECASE)
_SOMEBODY = re.compile(r"[\s/]*(?:engineer|developer|dev|programmer|people|specialist|expert)s?[\s]*")
_NO_SKILL_HERE = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?=(?:行业|领域|赛道|公司|企业|工厂|院校|方向)(?!盘))|上市(?:公司|了)|培训(?=老师|学校|中心)|[\u4e00-\u9fff]{2,6}(?=学?专业(?:的|毕业|背景|优先|出身)|学?(?:硕士|本科|博士|学士|研究生|学位|毕业))|(?:[\u4e00-\u9fff]{2,6}|[A-Za-z]{2,6})(?=(?:资格|上岗|从业|操作|执业)?证(?!券|监|明|实|据))|\b[\w-]+(?: [\w-]+)? (?:licen[cs]e|registered|registration)\b|创业(?:公司|型)|培训(?:机构|班)|(?:after|before) tax|期权|带教|电话沟通|沟通一?下|打包|数据库(?:导|里)|(?:预算|\bbudget)(?=[^,，。]{0,8}\d|有限|不多|紧|够)|\btax[- ]free\b|\d ?k? (?:CAD|SAR|Go)\b|\b(?:immediate|quick) joiners?\b|\b(?:to be |in all )?honest(?:ly)?\b",
    re.IGNORECASE,
)


def roles_and_skills(text: str, language: Language, places: Sequence[tuple[str, int, int]]) -> Iterator[Mention]:
    """Yield the roles, and the skills that are no part of their names; no unknown skill is read where `places` stand."""
    told = roles(text)
    passing = {place for m in _NO_SKILL_HERE.finditer(text) for place in range(*m.span())}
    skills = [(m.start, m.start + len(m.text), m.skill_id) for m in extract_skills(text, language)]
    skills += [(m.start(), m.end(), m[0].lower()) for m in _SHORT_SKILL.finditer(text)]
    passing |= {m.start(m.lastindex or 0) for m in COMPANY.finditer(text) if OF_THEIRS.search(text[: m.start()])}
    skills = [(start, end, skill) for start, end, skill in skills if skill not in _NO_SKILLS and start not in passing]
    skills = [each for each in skills if not _is_a_trade(text, *each)]
    known = [(start, end) for start, end, _ in skills] + [(start, end) for _, start, end in places]
    for match in _ABLE_TO.finditer(text):
        if not any(start < match.end("what") and match.start("what") < end for start, end in known):
            skills.append((match.start("what"), match.end("what"), match["what"].strip().lower()))
    skills += _untold(text, skills, [*known, *((role.start, role.end) for role in told)])
    named = [role for role in told[-_MOST_ROLES:] if not _is_skill_alone(text, role, skills)]
    named = [role for role in named if not _is_of_a_skill(text, role, skills)] or [
        role
        for role in named
        if not (role.is_skill(text) and any(start < role.end and role.start < end for start, end, _ in skills))
    ]
    named = [role for role in named if not _is_listed_with_skills(text, role, skills)]
    if len(named) > 1:
        named = [role for role in named if not _is_their_skill(text, role, skills)] or named
    for role in named:
        yield Mention(role.start, "role", role.name, text[role.start : role.end])
    for start, end, skill in skills:
        inside = [role for role in named if start < role.end and role.start < end]
        is_latin = text[start:end].isascii()
        if not inside or (is_latin and not any(role.is_known for role in inside)):
            yield Mention(start, "skills", skill, text[start:end])


def is_tool(skill: str) -> bool:
    """Whether a skill is a tool or a language, of people or machines: no name of it is one of a role."""
    known = taxonomy().skills.get(skill)
    return known is None or known.category.startswith(("tool/", "language/", "hard/programming-language"))


def _is_a_trade(text: str, start: int, end: int, skill: str) -> bool:
    """Whether a skill is a field that is spoken of, and not said to be known: `想进医疗`, `餐饮的也行`."""
    known = taxonomy().skills.get(skill)
    if text[start].isascii() or known is None or known.kind not in (Kind.DOMAIN, Kind.SOFT):
        return False
    return not (_KNOWS.search(text[max(0, start - 8) : start]) or _IS_KNOWN.match(text, end))


def _untold(
    text: str, skills: Sequence[tuple[int, int, str]], known: Sequence[tuple[int, int]]
) -> list[tuple[int, int, str]]:
    """Return skills that no list has: what is required, what somebody can, and what is listed with a skill."""
    taken = [*known, *(m.span() for m in COMPANY.finditer(text))]
    taken += [m.span() for _, pattern in (*EDUCATION, *EMPLOYMENT) for m in pattern.finditer(text)]
    found: list[tuple[int, int, str]] = []

    def add(start: int, end: int) -> None:
        if not any(a < end and start < b for a, b in taken):
            taken.append((start, end))
            found.append((start, end, text[start:end].strip().lower()))

    for match in (*_SKILLED.finditer(text), *_SPEAKS.finditer(text)):
        add(*match.span("what"))
    for match in _NEEDED.finditer(text):
        if not PLAIN_WORDS & set(match["what"].lower().split()):
            add(*match.span("what"))
    for match in _ABLE_HAN.finditer(text):
        name = "what" if match["what"] else "best"
        if _NO_ABILITY.search(match[name]) is None:
            add(*match.span(name))
    taken += [m.span() for pattern in (REMOTE, YEARS, MONEY) for m in pattern.finditer(text)]
    for start, end, _ in [*skills, *found]:
        while (joint := _BESIDE.match(text, end)) and (token := _TOKEN.match(text, joint.end())):
            add(*token.span())
            end = token.end()
        if before := _TOKEN_BEFORE.search(text, max(0, start - _REACH), start):
            add(*before.span("what"))
    return found


def _is_of_a_skill(text: str, role: Role, skills: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a role stands for something that somebody can, or in the name of it: `会渗透测试`."""
    size = role.end - role.start
    return role.is_skill(text) or any(a <= role.start and role.end <= b and b - a > size for a, b, _ in skills)


def _is_their_skill(text: str, role: Role, skills: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a role is what those of another one can: `data scientists with NLP`."""
    is_skill = any((start, end) == (role.start, role.end) for start, end, _ in skills)
    return is_skill and bool(_WITH.search(text[: role.start]) or _EXPERIENCE.match(text, role.end))


def _is_listed_with_skills(text: str, role: Role, skills: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a role is the name of a skill, too, and stands in a list of them: `SEO and Google Ads`."""
    if not any((start, end) == (role.start, role.end) for start, end, _ in skills):
        return False
    between = [(end, role.start) if end <= role.start else (role.end, start) for start, end, _ in skills]
    return any(low < high and _LISTED.fullmatch(text, low, high) for low, high in between)


def _is_skill_alone(text: str, role: Role, skills: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a role is somebody with a tool or a language and no more: `Java devs`."""
    if role.is_known:
        return False
    rest = text[role.start : role.end].lower()
    for start, end, skill in skills:
        if role.start <= start and end <= role.end and is_tool(skill):
            rest = rest.replace(text[start:end].lower(), "")
    return _SOMEBODY.fullmatch(rest) is not None
