"""Values of slots that a message names, with where they stand; what it does with them is read elsewhere."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any, NamedTuple

from processors.chat.days import days
from processors.chat.roles import PLAIN_WORDS, Role, roles
from processors.lexicon.places import PROVINCES, named_places, with_city
from processors.lexicon.regions import REGIONS
from processors.resume.terms import pay, said_currency, said_period
from processors.skills import Kind, extract_skills, taxonomy
from processors.skills.levels import number
from schemas.base import Language

Value = str | float | bool | Mapping[str, Any]


class Mention(NamedTuple):
    """A value of a slot, and the words that name it."""

    start: int
    slot: str
    value: Value
    words: str

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.start + len(self.words)


_N = r"\d{1,2}|[一二三四五六七八九十两]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)\b"
_YEARS = re.compile(
    rf"(?P<low>{_N})\s?(?:[-~–至到]|to)\s?(?:{_N})\s?(?:年|years?|yrs?)"
    rf"|(?P<one>{_N})\s?\+?\s?(?:and a half )?(?:多|来|几)?(?:个?年|years?\b|yrs?\b)"
    r"(?!级|前|底|初|薪|终|包|会|内|\s?ago|\s?old|\s?(?:大概|大约|能|可以|差不多|至少|最少|起码|到手)*(?:拿|挣|赚|给(?!我)|收入|开得))"
    r"|\b(?:around|about|nearly|almost|over|at least|only|just) a year\b(?! ago)|(?<![\dk] )\ba year\b(?=(?:'s)? (?:of|in|on|at|behind|experience)\b)",
    re.IGNORECASE,
)
_NAMED_YEARS = re.compile(
    r"(?:经验|年限|年数|工龄)(?:要求|条件)?[^\d,，。;；]{0,6}?(?:(?<=[经年数限验龄求])\s?(?=\d{1,2}\s?(?:\+|以上|起|往上))|改|换|调|降|放宽|提高|升|写|填|设|定|是|为|成|到|[:：])+(?P<han>\d{1,2})(?![\d.,]*\s?[\dkKwW千万元块%个])"
    r"|\b(?:years?|experience|yoe)\b[^\d,.;]{0,16}?\b(?:to|at|is|be|as)(?: just| only| around| about)? (?P<latin>\d{1,2})(?![\d.,]*\s?[\dkK%$€£])",
    re.IGNORECASE,
)
"""A number by the slot's name: `change the years to 2`."""
_BARE_NUMBER = re.compile(_N, re.IGNORECASE)
_EDUCATION: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern, re.IGNORECASE))
    for level, pattern in (
        ("doctorate", r"博士|读博|博[一二三四]|\bph\.?d\b|\bdoctora(?:te|l)\b"),
        (
            "master",
            r"硕士|研究生|读研|研[一二三](?!发|究)|\bmaster'?s?\b(?! data)|\bmsc\b|\bmba\b|\bm\.?(?:eng|tech|ed|com|phil)\b|\bll\.?m\b",
        ),
        (
            "bachelor",
            r"本科|学士|大学(?:本科|毕业|学历)|(?<!全)统招|\bbachelor'?s?\b|\bbsc\b|\bb\.?(?:eng|tech|ed|com|ba)\b|\bll\.?b\b|\bundergraduate\b",
        ),
        ("associate", r"(?<!考)(?<!读)大专|专科|\bassociate degree\b"),
        ("high_school", r"高中|中专|\bhigh school\b"),
    )
)
_EMPLOYMENT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("apprenticeship", r"学徒|\bapprentice(?:ship)?s?\b"),
        (
            "casual",
            r"临时工|暑假工|寒假工|小时工|钟点工|短期(?!内|目标)|\btemp(?:s|ing|orary)?\b(?! staff)|\bcasual\b|\bseasonal\b|\bzero[- ]hours?\b",
        ),
        ("internship", r"实习(?!过|经)|\bintern(?:ship)?s?\b"),
        (
            "part_time",
            r"兼职|\b(?:few|couple of|\d+) hours (?:a|per) week\b|工[读讀]|打工(?!人)|\bpart[- ]?tim(?:e|ers?)\b",
        ),
        (
            "contract",
            r"合同制|合同工|劳务派遣|派遣|外包|约聘|自由职业|\bcontract(?:ing|ors?|s)?\b|\bfreelanc(?:e|ers?|ing)\b",
        ),
        ("full_time", r"全职|正式工|\bfull[- ]?tim(?:e|ers?)\b|\bpermanent\b|\bperm\b"),
    )
)
_ANSWER = re.compile(
    r"\s*(?:我?(?:想|要)?(?:做|找|当|是|会|学)?|(?:a|an|as an?|i'?m an?|maybe|mainly) )?(?P<what>(?!不|没|都|随便|什么|哪|好|是|有|看|可以|any|no|yes|not|i |don)(?:[\u4e00-\u9fff]{2,8}|[A-Za-z][A-Za-z\d+#. -]{1,30}))"
    r"(?:吧|的|类|方面|方向|岗位?|工作|这块|之类)*[\s.。!！]*",
    re.IGNORECASE,
)
"""What somebody says who is asked for a role, a skill or a company, and nothing else."""
_BARE_FORM = re.compile(r"\W*(full|part)\b(?!-| ?time)", re.IGNORECASE)
_REMOTE = re.compile(
    r"远程|远距(?!离)|远端|在宅|异地办公|居家|在家(?:里|中)?(?!带|休|待)|家里(?:办公|上班|工作|干|做)|线上(?:的)?(?:工作|兼职|岗|办公|做|上班|(?=最好|优先|也|都|可以|就行|ok))|网上(?:做|办公|兼职)|不用?坐班|不用去(?:公司|办公室)|\bremote(?:ly)?\b|\b(?:work|working) (?:from|at) home\b|\bhome[- ]working\b|\bwfh\b|\b(?:from|at) home\b|\btelecommut\w+|\bhome[- ]based\b",
    re.IGNORECASE,
)
_UNIT = r"[kKwW千万](?![a-zA-Z])|元|块|刀|美[元金]|港[币元]|欧元?|英镑|新币|台?币|lakhs?\b|lpa\b|\b(?:eur|usd|cny|rmb|gbp|hkd|sgd|aud|cad|euros?|dollars?|pounds?|bucks|quid|francs?|chf|zloty|pln|kron(?:a|or|er)|sek|nok|dkk|rupees?|inr|yen|jpy|krw|baht|thb|ringgit|myr|pesos?|rand|zar|dirhams?|aed|riyals?|sar|qar)\b"
_RAISED = re.compile(r"(?<=[\dkKwW千万元])\s?(?:加|涨|提|升|降|调|改|换|减)[薪高低]?[到成为]|\s?(?:→|->)\s?")
_SUM = re.compile(r"\D{0,4}[1-9]\d{3,5}\D{0,8}")
"""A number of four to six digits and hardly anything else: what somebody wants to earn."""
_PERIOD = (
    r"(?:每|一个?|/)\s?(?:小时|天|日|月)|(?:\ban?|\bper|/)\s?(?:hours?|hr|day|week|month|year|annum)\b|日结|\bhourly\b"
)
_MONEY = re.compile(
    r"(?:月薪|年薪|年包|薪资|薪水|工资|待遇|期望|底薪|日薪|时薪|月入|到手|月给|\bsalary\b|\bpay(?:ing|s)?\b|\bearn(?:ing|s)?\b|\bbudget\b|\bminimum\b|[$€£¥])[^,，。;；\d]{0,24}\d[\d,.]*[^,，。;；]*"
    r"|\d[\d,.]*\s?(?:底薪|月薪|年薪|工资|薪资)"
    rf"|(?:\d[\d,.]*\s?[kKwW千万]?\s?(?:[-~–至到]|to)\s?)?\d[\d,.]*\s?(?:{_UNIT})[^,，。;；]*"
    r"|(?<![\d.])[1-9]\d{3,5}\s?(?:以上|以下|左右|起步|起(?!来)|往上|朝上|以内|封顶|打底)(?!的?(?:人|名|家|字|次))"
    rf"|(?:{_PERIOD})[^,，。;；\d]{{0,8}}\d[\d,.]*[^,，。;；]*|\d[\d,.]*\s?(?:{_PERIOD})[^,，。;；]*",
    re.IGNORECASE,
)
_SHORT_AMOUNT = re.compile(r"[^\d]{0,6}((?:\d{1,3}\s?[-~到至]\s?)?\d{1,3})(?![\d.,]|\s?[kKwW千万元块%年个])")
_ALONE = re.compile(r"[^\d]{0,12}(\d{2,3})\W{0,3}")
_FIGURE = re.compile(r"\d[\d,.]*\s?(?:[kKwW千万](?![a-zA-Z]))?")
_NO_MONEY = re.compile(
    r"\s?(?:\+?\s?(?:years?\b|yrs?\b|hours?\b(?! ?pay)|年(?!薪|包|终))|个|位|名|人|家|份|%|percent\b|岁|点|度|employees\b|people\b|staff\b)",
    re.IGNORECASE,
)
_GIVES_WAY = re.compile(r"改|换|变成|不是|->|→|instead|\bnot\b|\bto\b")
_OF_NO_LETTER = re.compile(r"(\d) ?(?:kron(?:a|or|er)|kr|francs?|zloty|rand)\b", re.IGNORECASE)
"""Currencies whose names begin as a thousand is written."""
_BETTER = re.compile(
    r"(?:学历|的)?(?:更|优先|最)好?|,? (?:is |would be )?(?:preferred|ideal(?:ly)?|a plus|even better|better)\b",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"以内|以下|不超过?|最多|别超过?|顶多|封顶|\bup to\b|\bat most\b|\bno more than\b|\bunder\b|\bbelow\b|\bmax(?:imum)?\b|\bcap(?:ped)?\b",
    re.IGNORECASE,
)
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
_EMPLOYERS = (
    "字节跳动|字节|腾讯|阿里巴巴|阿里|蚂蚁集团|百度|美团|京东|华为|小米|网易|拼多多|滴滴|快手|携程|比亚迪|宁德时代|大疆|联想|海尔|格力|美的"
    "|富士康|中兴|顺丰|招商银行|工商银行|建设银行|农业银行|中国银行|中国平安|平安|海康威视|商汤|蔚来|理想汽车|小鹏|特斯拉|苹果公司"
    "|台积电|鸿海|OPPO|oppo|vivo|荣耀|恒瑞医药|恒瑞|百济神州|药明康德|药明|京东方|大众|丰田|本田|吉利|长城汽车|三一|中联重科|徐工|中建|中铁|国家电网|中石油|中石化|中国移动|中国电信|中国联通|得物|贝壳|链家|知乎|微博|网易云|米哈游|完美世界|科大讯飞|旷视|寒武纪|地平线|宁德|隆基|阳光电源|蜜雪冰城|瑞幸|喜茶|盒马|永辉|苏宁|唯品会|去哪儿|饿了么|菜鸟|极兔|中通|圆通|申通|韵达|联发科|哔哩哔哩|B站|小红书|星巴克|麦当劳|肯德基|海底捞|沃尔玛|宝洁|西门子|博世|微软|谷歌|亚马逊|英特尔"
    r"|\b(?:Google|Microsoft|Amazon|Apple|Meta|Facebook|Netflix|Tesla|Spotify|Siemens|Bosch|SAP SE|IBM|Intel|Nvidia|Oracle|Tencent"
    r"|Alibaba|ByteDance|TikTok|Huawei|Xiaomi|Baidu|Deloitte|KPMG|PwC|EY|McKinsey|Accenture|HSBC|Barclays|Shopify|Stripe|Uber|Airbnb)\b"
)
_LIVES_IN = re.compile(
    r"(?:(?:现在?|目前|人|我|一直|原来|之前)在|从|\b(?:currently|now|living|based|live|i'?m) in|\bfrom) ?$",
    re.IGNORECASE,
)
_OF_THE_LIST = re.compile(r"(?:那边)?的?[那这][几个家些位份两间所]")
"""Behind a place: those of the list that are there."""
_FAR = re.compile(r"有?(?:多?远|近|不远|很近|比较近)")
_MOVES = re.compile(
    r"想?[回去到]|[换搬]到|\b(?:mov(?:e|ing)|relocat(?:e|ing)|back) (?:\w+ )?to\b|\b(?:looking|search(?:ing)?|(?:want|hoping|planning|like) to (?:work|be|live)) in\b",
    re.IGNORECASE,
)
_USED = re.compile(r"[^,，。]{0,6}(?:都?做过|都?运营|都?用过|认证|证书)")
_OF_THEIRS = re.compile(r"(?:\b(?:from|at|for|join)|来自|出自|加入|[去在进投]) ?$", re.IGNORECASE)
_WORKS_AT = re.compile(r"(?:现在?|目前|之前|以前|曾经?|原来)(?:就职|任职|工作)?(?:在|于)$")
_COMPANY = re.compile(
    r"(?:^|[,，。\s想问了解下说])(?!这|那|他|她|它|第|前|后|哪|什么|贵|你|我|请|介绍|了解|说说|讲讲|一下|问)([\u4e00-\u9fffA-Za-z]{2,10}?)(?:这家|这个)?(?:公司)?(?:是(?:一?家|个)(?:什么|啥|做)|这家公司)"
    r"|(?:[Ww]hat kind of (?:company|firm|business) is|[Tt]ell me about|[Ww]hat does|[Ww]ork(?:s|ing|ed)? (?:at|for))"
    r" ((?!The |This |That )[A-Z][\w&]*(?: [A-Z][\w&]*){0,3})"
    rf"|({_EMPLOYERS})(?!云|系(?!除外|的|不|公司|背景)|专业|那套|方向|店|平台|店铺|运营|手机|电脑|支付| (?:Analytics|Ads|Cloud|Sheets|Docs|Maps|Office|Excel|Azure|Dynamics|Watson|Web Services|Pixel))"
)


def mentions(
    text: str, language: Language, bare: str | None, today: date | None, held: Iterable[Mention] = ()
) -> list[Mention]:
    """Return what a text names; a number or words alone are of the slot `bare`. Days are read from `today` on.

    What is `held` is read again by the words that it has come with, for no list may have them.
    """
    held = list(held)
    found = [_in_thousands(m, held) for m in _mentions(text, language, bare, today)]
    lower = text.lower()
    for slot, value, words in {(m.slot, str(m.value), m.words): m for m in held if m.slot in _IN_WORDS}:
        start = lower.find(words.lower()) if len(words) > 1 else -1
        end = start + len(words)
        found = [m for m in found if m.slot not in _IN_WORDS or (m.start, m.end, m.slot == slot) != (start, end, False)]
        if start >= 0 and not any(m.start < end and start < m.end for m in found):
            found.append(Mention(start, slot, value, text[start:end]))
    if bare in _IN_WORDS and not found and (answer := _ANSWER.fullmatch(text)):
        said = answer["what"].strip()
        found.append(Mention(answer.start("what"), bare, said if bare == "company" else said.lower(), said))
    return found


def _in_thousands(mention: Mention, held: Sequence[Mention]) -> Mention:
    """Return pay that follows on another in thousands as such: `no, 65` behind `70k`."""
    before = [_amounts(h.value) for h in held if h.slot == "salary"]
    amounts = _amounts(mention.value) if mention.slot == "salary" else {}
    is_short = bool(amounts) and max(amounts.values()) < _THOUSAND
    if not (is_short and isinstance(mention.value, Mapping) and any(b and min(b.values()) >= _LONG for b in before)):
        return mention
    return mention._replace(value={**mention.value, **{name: amount * 1000 for name, amount in amounts.items()}})


def _amounts(value: Value) -> dict[str, float]:
    if not isinstance(value, Mapping) or value.get("period") == "hour":
        return {}
    return {name: float(value[name]) for name in ("minimum", "maximum") if value.get(name)}


_THOUSAND, _LONG = 1000, 10_000
_IN_WORDS = ("role", "skills", "company")
"""Slots of which an answer may be words that no list has."""


def _mentions(text: str, language: Language, bare: str | None, today: date | None) -> Iterator[Mention]:
    money = [m.span() for m in _MONEY.finditer(text) if _is_money(m)]
    named = _places(text, language)
    moves = len(named) > 1 and _MOVES.search(text) is not None
    for name, start, end in named:
        if _OF_THE_LIST.match(text, end) or (text[start - 1 : start] == "离" and _FAR.match(text, end)):
            continue
        if not (moves and _LIVES_IN.search(text, max(0, start - 20), start)):
            yield Mention(start, "places", name, text[start:end])
    occupations = list(_occupations(text, language, named))
    skilled = {m.start for m in occupations if m.slot == "skills"}
    yield from occupations
    if not money and _SUM.fullmatch(text):
        money, bare = [(0, len(text))], None
    for start, end in money or ([(0, len(text))] if bare == "salary" else []):
        start = max((m.end() for m in _RAISED.finditer(text, start, end)), default=start)
        if asked := _salary(text[start:end], language, is_asked=not money):
            yield Mention(start, "salary", asked, text[start:end].strip())
    found = [m for m in _YEARS.finditer(text) if not any(start <= m.start() < end for start, end in money)]
    if len(found) > 1 and not _GIVES_WAY.search(text):  # `Java 三年，Go 两年`: who has the most has the rest in it
        found = [max(found, key=lambda m: _count(m["low"] or m["one"] or "one"))]
    for match in found:
        yield Mention(match.start(), "years", _count(match["low"] or match["one"] or "one"), match[0])
    if not found and (named_years := _NAMED_YEARS.search(text)):
        said = named_years["han"] or named_years["latin"]
        yield Mention(named_years.end() - len(said), "years", float(said), said)
    elif bare == "years" and not found and (answer := _BARE_NUMBER.search(text)):
        yield Mention(answer.start(), "years", _count(answer[0]), answer[0])
    degrees = [Mention(m.start(), "education", name, m[0]) for name, p in _EDUCATION if (m := p.search(text))]
    if len(degrees) > 1:  # `本科可以，硕士更好` asks for the first
        degrees = [m for m in degrees if _BETTER.match(text, m.end) is None] or degrees
    yield from sorted(degrees) if _GIVES_WAY.search(text) else degrees[:1]
    for name, pattern in _EMPLOYMENT:
        if form := pattern.search(text):
            yield Mention(form.start(), "employment_type", name, form[0])
    if bare == "employment_type" and (answer := _BARE_FORM.match(text)):
        yield Mention(answer.start(1), "employment_type", f"{answer[1].lower()}_time", answer[1])
    for company in _COMPANY.finditer(text):
        employer = next(filter(None, company.groups()), None)
        if employer and _USED.match(text, company.end()):
            continue
        start = company.start(company.lastindex or 0)
        if start in skilled and not _OF_THEIRS.search(text[:start]):
            continue  # `Oracle` alone is what somebody can
        if employer and not _WORKS_AT.search(text, max(0, company.start() - 8), company.start(company.lastindex or 0)):
            yield Mention(company.start(company.lastindex or 0), "company", employer, employer)
    if remote := _REMOTE.search(text):
        yield Mention(remote.start(), "remote", True, remote[0])
    if today:
        for day in days(text, today):
            yield Mention(day.start, "date", day.value, text[day.start : day.end])


def _places(text: str, language: Language) -> list[tuple[str, int, int]]:
    """Return the places that a text names, without those whose names are a skill's there: `Spring Cloud`, `Cypress`."""
    named = list(_nearest(text, named_places(text)))
    if not any(text[start].isascii() for _, start, _ in named):
        return named
    skills = [(m.start, m.start + len(m.text)) for m in extract_skills(text, language)]
    return [
        (name, start, end)
        for name, start, end in named
        if not (text[start].isascii() and any(a <= start and end <= b for a, b in skills))
    ]


def _nearest(text: str, named: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield places without those that another one says too: a district beside its city, a region before a city in it."""
    names = {name for name, _, _ in named}
    for place, following in zip_longest(named, named[1:]):
        name, _, end = place
        if with_city(name) != name and with_city(name) in names:
            continue
        is_wide = name in REGIONS or name in PROVINCES
        if (
            is_wide
            and following
            and following[0] not in (*REGIONS, *PROVINCES)
            and _INSIDE.fullmatch(text, end, following[1])
        ):
            continue
        yield place


_INSIDE = re.compile(r"省?(?:这边|那边|地区|区域|一带)?[的,，]?\s*(?:先看看?|先|主要|最好|尤其|比如)?")


def _occupations(text: str, language: Language, places: Sequence[tuple[str, int, int]]) -> Iterator[Mention]:
    """Yield the roles, and the skills that are no part of their names; no unknown skill is read where `places` stand."""
    told = roles(text)
    passing = {place for m in _NO_SKILL_HERE.finditer(text) for place in range(*m.span())}
    skills = [(m.start, m.start + len(m.text), m.skill_id) for m in extract_skills(text, language)]
    skills += [(m.start(), m.end(), m[0].lower()) for m in _SHORT_SKILL.finditer(text)]
    passing |= {m.start(m.lastindex or 0) for m in _COMPANY.finditer(text) if _OF_THEIRS.search(text[: m.start()])}
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
    taken = [*known, *(m.span() for m in _COMPANY.finditer(text))]
    taken += [m.span() for _, pattern in (*_EDUCATION, *_EMPLOYMENT) for m in pattern.finditer(text)]
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
    taken += [m.span() for pattern in (_REMOTE, _YEARS, _MONEY) for m in pattern.finditer(text)]
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


def _is_money(match: re.Match[str]) -> bool:
    """Whether a figure behind a word of pay is an amount: no count of people, no share."""
    figure = _FIGURE.search(match[0])
    return figure is not None and _NO_MONEY.match(match[0], figure.end()) is None


def _salary(amount: str, language: Language, *, is_asked: bool) -> Value | None:
    """Return what is asked for; a currency and a period only where they are said. Who is asked may leave out the k."""
    if is_asked and language == "zh" and (short := _SHORT_AMOUNT.match(amount)):
        amount = f"{amount[: short.end(1)]}k{amount[short.end(1) :]}"
    amount = _OF_NO_LETTER.sub(r"\1", amount)
    spoken = re.sub(r"(?:每|一)个?(小时|天|日)|日结", lambda m: f"每{m[1] or '日'}", amount)
    asked = pay(spoken, language)
    if asked is None:
        alone = _ALONE.fullmatch(amount) if is_asked else None
        return {"minimum": float(alone[1])} if alone else None
    value = asked.model_dump(exclude_none=True)
    if said_currency(spoken) is None:
        del value["currency"]
    if said_period(spoken) is None:
        del value["period"]
    if _UP_TO.search(amount) and asked.maximum is None:
        value["maximum"] = value.pop("minimum")
    return value


def _count(word: str) -> float:
    more = {"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20}
    return float(more.get(word.lower()) or number(word))
