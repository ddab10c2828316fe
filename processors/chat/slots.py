"""What a message says about what is looked for: each value with whether it is wanted, added, dropped or excluded."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from processors.chat.mentions import Mention, Value, mentions
from processors.chat.numerals import with_digits
from processors.lexicon.script import fold, plain
from schemas.base import Language

Operation = Literal["set", "add", "remove", "negate"]
"""`set` replaces what was said of a slot, `remove` takes a value back, `negate` excludes it."""

MANY: frozenset[str] = frozenset(("skills", "places"))
"""Slots that hold several values; of the others a new one replaces the old."""

_NOT = re.compile(
    r"(?:不(?:要|想|考虑|去|接受|做|招|看|收|用)|别(?:给我|推|要|找)?|除了|排除|非|不含|不是|(?<!有)没有|拒绝|谢绝"
    r"|\bno ?(?:one|body) (?:from|at)|\bnot?\b|\bnothing\b|\bexcept(?: for)?|\bother than|\bexcluding|\bavoid|\bdon'?t want|\banything but|\bnever|\bexclude|\bno more)"
    r"(?:再|去|做|干|搞|卖|跑|当|要|找|有|会|懂|用|招|推|推荐|在|来自|是|什么|那种|过|看)*"
    r"\s*(?:interested in |keen on |looking for |open to |in |at |on |as |the |a |an |any |about |those with |people in |from |work(?:ing)? (?:in|as|for) |(?:be|do|doing) )*$",
    re.IGNORECASE,
)
_COPULA = re.compile(r"不是|\bnot\b", re.IGNORECASE)
_ALSO = re.compile(
    r"^\s*(?:或者?|和|or\b|and\b|plus\b)|也(?:可以|行|要|想|考虑|会|能|成|看|招|算|接受|ok)?|还(?:要|有|得|想|需要|可以)|再加|另外|以及|加(?:上|回|进)|补上|带上|一起|都(?:可以?|行|成|得|能去|ok|考虑)|算上|外加"
    r"|\b(?:is|are|would be|'d be|'s) (?:also )?(?:ok|okay|fine|alright|acceptable|possible|welcome)\b|\b(?:works|would work|could work|might work)\b|\balso\b|\btoo\b|\bas well\b|\bplus\b|\badd\b|\bin addition\b|\beither\b",
    re.IGNORECASE,
)
_DROP = re.compile(
    r"(?:去掉|删掉|删除|取消|不用|(?:不一定|不必|未必|不是非|不是|没必要)(?:非)?[要得]|忽略|拿掉|划掉|去除|剔除|撤掉|\b(?:drop|remove|forget|forget about|ignore|scrap|scratch|strike|lose|ditch|cancel|without|skip|minus|(?:leave|take|cut|rule) out|take(?= \w+ off\b)))"
    r"\s*(?:the |any |all )?$",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s*(?:的|这边|那边|方面|那种)?[话就也都先还是]*\s*(?:不要|不考虑|不招|不找|不做|免了|除外|不行|不去|别推|别给|不接受|免谈|不想|不可以|排除|no way\b|excluded\b|is out\b)",
    re.IGNORECASE,
)
_DROP_AFTER = re.compile(
    r"\s*(?:的|这边|那边|方面|要求|条件)?[话就也都先还是]*\s*(?:算了|不要也|可以不要|(?:不是|非|不)(?:必须|必要|硬性)|不强求|可有可无|不(?:重要|要求|做要求|是重点)|无所谓|不看|别看|先不|先别|不一定|不(?:教|写|碰|用)了|去掉|删掉|拿掉|划掉|不用|不算|取消|剔除|不 ?care|不 ?(?:required|必须|需要)|skip|drop|off\b|out\b"
    r"|(?:requirement |part |bit )?(?:doesn'?t matter|(?:(?:is|are|'s) not|isn'?t|aren'?t) (?:needed|required|important|essential|necessary|mandatory|a must)|no longer matters|is optional|is (?:just )?a plus))",
    re.IGNORECASE,
)
_DROPPED_NEXT = re.compile(
    r"[^,，。]{0,16}[,，]\s*(?:就|那|请|帮我|给我|先|把它|这个|可以)*(?:去掉|删掉|删了|去了|拿掉|划掉|去除|取消|(?:drop|scrap|skip|remove|forget) it|leave (?:it|that) out)"
    r"(?:吧|它|了|好了|掉)*[。.!！]?$",
    re.IGNORECASE,
)
"""Behind a value, in a clause that says nothing else: `Flink 我不会，删掉`."""
_TAKEN = re.compile(r"把$")
_TAKEN_OUT = re.compile(r"\s*(?:的|这个)?(?:给|先)?(?:去|删|拿|划|撤|排)(?:掉|了|除)")
_TOO_MUCH = re.compile(r"\s*的?[^,，。]{0,4}(?:太|有点|实在|不太?好)[^,，。]{1,4}(?:[,，]|[。.!！]?$)")
_ADDS = re.compile(r"\s*(?:以外|之外|外)?[,，]?[^,，。]{0,4}(?:还|也)")
"""Behind `除了X`: besides X rather than except X."""
_GIVES_WAY = re.compile(
    r"\s*(?:的|这边)?(?:都|就|全)?(?:改成|换成|改为|改到|换到|替换成|变成|(?:加|涨|提|升|降|调|减)(?:高|低|薪)?到|[改换](?=[\d\u4e00-\u9fffA-Za-z])(?!个|一|别|其|了|吧|掉))|\s*(?:→|->|=>)",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"\b(?:change|switch|swap|replace|update)\b[^.?!]{0,30}$", re.IGNORECASE)
_TO = re.compile(r"\s+(?:to|with|for|by)\b", re.IGNORECASE)
_INSTEAD_OF = re.compile(r"(?:\binstead of|\brather than|而不是|不再是)\s*(?:the |a )?$", re.IGNORECASE)
_CORRECTS = re.compile(
    r"不是.{1,30}是|换成|改成|改为|改到|换到|\bnot\b.{1,40}\bbut\b|\binstead\b|\bi meant?\b|\bmake (?:it|that)\b|\brather\b|打错|说错|搞错|写错|口误|\bsorry\b|\boops\b",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\s*(?:和|或者?|及|与|跟|、|/|\band\b|\bor\b|\bnor\b)?\s*", re.IGNORECASE)
_MANDARIN = str.maketrans("唔嘅冇搵喺咗佢", "不的没找在了他")
"""Cantonese characters of the commonest words, one for one."""
_NO_FIGURE = re.compile(r"[\d.,]{16,}")
"""Longer than any amount: each of its parts could be one, and would be looked at."""
_BETWEEN = re.compile(r"(?<=[A-Za-z]{2})\+(?=[A-Za-z]{2})")
_REACH = 80
"""Characters before a value in which what is done with it stands."""
_PLAIN_VALUES = frozenset(("salary", "years", "date"))
"""Slots whose values nobody excludes: `不要低于2万` and `no less than 3 years` say one."""
_FREE = r"(?:都可以|都行|都成|不限|无所谓|随便|随意|没要求|哪都行|不重要|不做要求|\bdoesn'?t matter\b|\bis fine\b|\bworks\b|\bis flexible\b|\bisn'?t important\b|\bis open\b)"
_OPEN = ("places", "salary", "education", "years")
_FREED = re.compile(
    r"(?:不限制?|不考虑|不要求|不看|不管|不挑|不论|取消|去掉)(?:了|在?哪个)?(?:(?P<places>城市|地点|地方|地区|地域)|(?P<salary>薪资|薪水|工资|待遇)"
    r"|(?P<education>学历|文凭)|(?P<years>(?:工作)?经验|年限))(?:了|要求|限制|条件|的|都行|也行|吧|[,，。!！]|$)"
    r"|\b(?:any (?=[a-z]+ (?:is|will|works|would)\b)|(?:remove|drop|forget|ignore|lift|skip) (?:the |any )?(?=[a-z]+ (?:requirement|limit|filter|condition|restriction)))"
    r"(?:(?P<places2>location|city|place)|(?P<salary2>salary|pay)|(?P<education2>degree|education)|(?P<years2>years?|experience))\b",
    re.IGNORECASE,
)
_ANY = re.compile(
    r"(?:(?P<places>地点|城市|哪里?儿?|\blocations?\b|\bplaces?\b|\banywhere\b)|(?P<salary>薪资|薪水|工资|待遇|钱|\bsalary\b|\bpay\b|\bmoney\b)"
    rf"|(?P<education>学历|\bdegrees?\b|\beducation\b)|(?P<years>经验|年限|\bexperience\b))[^,，。;；\d]{{0,6}}{_FREE}",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,，。;；!！?？\n]|(?<!\d)\.(?!\d)|\bbut\b|但是?|而是")


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing a message says about a slot. `text` are its own words."""

    slot: str
    operation: Operation
    value: Value | None
    text: str


def read_edits(
    text: str,
    language: Language,
    *,
    bare: str | None = None,
    today: date | None = None,
    held: Iterable[Mention] = (),
) -> tuple[Edit, ...]:
    """Return what a message says of slots, in its order; `bare` is the slot that the last question asked for.

    A number alone answers that question: `2万` is a salary only where one was asked for, or is written as one. Days
    are read only from a `today` on. What is `held` is read by its words.
    """
    folded = with_digits(_BETWEEN.sub(" ", _NO_FIGURE.sub(" ", plain(text).translate(_MANDARIN))))
    corrects, also = (pattern.search(folded) is not None for pattern in (_CORRECTS, _ALSO))
    found: list[_Read] = []
    for mention in sorted(mentions(folded, language, bare, today, held), key=lambda m: m.start):
        operation, is_copula = _operation(folded, mention, corrects=corrects, also=also)
        before = found[-1] if found else None
        joined = (
            before
            and before.mention.slot == mention.slot
            and _JOINS.fullmatch(folded, before.mention.end, mention.start)
        )
        if joined and before and before.operation in ("negate", "remove") and operation in ("set", "add"):
            operation, is_copula = before.operation, before.is_copula  # `不要北京和上海`
        elif joined and before and before.operation in ("set", "add") and operation in ("negate", "remove"):
            found[-1] = _Read(before.mention, operation, is_copula)  # `北京和上海不要`
        found.append(_Read(mention, operation, is_copula))
    return tuple(_settled(list(_apart(found)), folded, corrects=corrects))


class _Read(NamedTuple):
    """A mention with what is done with it; `is_copula` where it is said not to be: `不是上海`."""

    mention: Mention
    operation: Operation
    is_copula: bool


def _apart(found: Sequence[_Read]) -> Iterator[_Read]:
    """Yield one role at most, the last that is wanted, and no skill of a role that is not."""
    said = [each for each in found if each.mention.slot == "role"]
    wanted = [each for each in said if each.operation in ("set", "add")]
    kept = wanted[-1:] or said[-1:]
    dropped = [each.mention for each in said if each.operation not in ("set", "add")]
    for each in found:
        mention = each.mention
        inside = any(mention.start < role.end and role.start < mention.end for role in dropped)
        if each in kept or (mention.slot != "role" and not (mention.slot == "skills" and inside)):
            yield each


def _operation(text: str, mention: Mention, *, corrects: bool, also: bool) -> tuple[Operation, bool]:
    """Return what the words around a value do with it: those of its own clause that stand before it, or right behind."""
    start, end, slot = mention.start, mention.end, mention.slot
    low = max(0, start - _REACH)
    before = text[max((m.end() for m in _CLAUSE.finditer(text, low, start)), default=low) : start]
    gives_way = _GIVES_WAY.match(text, end) or (_CHANGED.search(before) and _TO.match(text, end))
    if gives_way or _DROP.search(before) or _DROP_AFTER.match(text, end) or _INSTEAD_OF.search(before):
        return "remove", False
    if _DROPPED_NEXT.match(text, end) or (_TAKEN.search(before) and _TAKEN_OUT.match(text, end)):
        return "remove", False
    if slot in MANY and not also and _TOO_MUCH.match(text, end):
        return "remove", False
    found = _NOT.search(before)
    if found and found[0].startswith("除了") and _ADDS.match(text, end):
        found = None
    is_copula = found is not None and _COPULA.search(found[0]) is not None
    if found and (is_copula or slot not in _PLAIN_VALUES):
        return "negate", is_copula
    if _NOT_AFTER.match(text, end):
        return "negate", False
    if corrects:
        return "set", False
    if slot in MANY and (slot == "skills" or also):
        return "add", False
    return "set", False


def _settled(found: Sequence[_Read], text: str, *, corrects: bool) -> Iterator[Edit]:
    """`不是上海，是杭州` takes 上海 back rather than excluding it for good, since 杭州 stands in its place."""
    replaced = {each.mention.slot for each in found if each.operation in ("set", "add")}
    seen: set[str] = set()
    for mention, operation, is_copula in found:
        slot = mention.slot
        if operation == "negate" and slot in replaced and (corrects or is_copula or slot not in MANY):
            operation = "remove"
        elif operation == "set" and slot in MANY and slot in seen:
            operation = "add"
        yield Edit(slot, operation, mention.value, mention.words)
        if operation == "set":
            seen.add(slot)
    folded = fold(text)
    for match in filter(None, (_ANY.search(folded), _FREED.search(folded))):
        for slot in _OPEN:
            if match[slot] or match.groupdict().get(f"{slot}2"):
                yield Edit(slot, "remove", None, match[0])
