"""What a message says about what is looked for: each value with whether it is wanted, added, dropped or excluded."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from processors.chat.around import MANY, SEVERAL, Operation, adds, corrects, operation
from processors.chat.mention import Mention, Value
from processors.chat.mentions import mentions
from processors.chat.numerals import with_digits
from processors.lexicon.script import fold, plain
from schemas.base import Language

_JOINS = re.compile(r"\s*(?:和|或者?|及|与|跟|、|/|\band\b|\bor\b|\bnor\b)?\s*", re.IGNORECASE)
_CHOICE = re.compile(r"\s*(?:或者?是?|和|及|与|、|\b(?:or|and)\b)\s*(?:an? )?", re.IGNORECASE)
"""Between roles of which each will do."""
_MANDARIN = str.maketrans("唔嘅冇搵喺咗佢", "不的没找在了他")
"""Cantonese characters of the commonest words, one for one."""
_NO_FIGURE = re.compile(r"[\d.,]{16,}")
"""Longer than any amount: each of its parts could be one, and would be looked at."""
_BETWEEN = re.compile(r"(?<=[A-Za-z]{2})\+(?=[A-Za-z]{2})")
_FREE = r"(?:都可以|都行|都成|不限|不卡|放宽(?![到至成为])|没限制|无所谓|随便|随意|没要求|哪都行|不重要|不做要求|\bdoesn'?t matter\b|\bis fine\b|\bworks\b|\bis flexible\b|\bisn'?t important\b|\bis open\b)"
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
    is_correction, also = corrects(folded), adds(folded)
    found: list[_Read] = []
    said = sorted(mentions(folded, language, bare, today, held), key=lambda m: m.start)
    starts = {mention.start for mention in said}
    for mention in said:
        done, is_copula = operation(folded, mention, starts, corrects=is_correction, also=also)
        before = found[-1] if found else None
        joined = (
            before
            and before.mention.slot == mention.slot
            and _JOINS.fullmatch(folded, before.mention.end, mention.start)
        )
        if joined and before and before.operation in ("negate", "remove") and done in ("set", "add"):
            done, is_copula = before.operation, before.is_copula  # `不要北京和上海`
        elif joined and before and before.operation in ("set", "add") and done in ("negate", "remove"):
            found[-1] = _Read(before.mention, done, is_copula)  # `北京和上海不要`
        found.append(_Read(mention, done, is_copula))
    return tuple(_settled(list(_apart(found, folded)), folded, corrects=is_correction))


class _Read(NamedTuple):
    """A mention with what is done with it; `is_copula` where it is said not to be: `不是上海`."""

    mention: Mention
    operation: Operation
    is_copula: bool


def _apart(found: Sequence[_Read], text: str) -> Iterator[_Read]:
    """Yield the last role that is wanted with those that it is joined to, and no skill of a role that is not."""
    said = [each for each in found if each.mention.slot == "role"]
    wanted = [each for each in said if each.operation in ("set", "add")]
    kept = wanted[-1:] or said[-1:]
    for before in reversed(wanted[:-1]):
        if _CHOICE.fullmatch(text, before.mention.end, kept[0].mention.start) is None:
            break
        kept.insert(0, before)
    dropped = [each.mention for each in said if each.operation not in ("set", "add")]
    for each in found:
        mention = each.mention
        inside = any(mention.start < role.end and role.start < mention.end for role in dropped)
        if each in kept or (mention.slot != "role" and not (mention.slot == "skills" and inside)):
            yield each


def _settled(found: Sequence[_Read], text: str, *, corrects: bool) -> Iterator[Edit]:
    """`不是上海，是杭州` takes 上海 back rather than excluding it for good, since 杭州 stands in its place."""
    replaced = {each.mention.slot for each in found if each.operation in ("set", "add")}
    seen: set[str] = set()
    for mention, done, is_copula in found:
        slot = mention.slot
        if done == "negate" and slot in replaced and (corrects or is_copula or slot not in MANY):
            done = "remove"
        elif done == "set" and slot in MANY | SEVERAL and slot in seen:
            done = "add"
        yield Edit(slot, done, mention.value, mention.words)
        if done == "set":
            seen.add(slot)
    folded = fold(text)
    for match in filter(None, (_ANY.search(folded), _FREED.search(folded))):
        for slot in _OPEN:
            if match[slot] or match.groupdict().get(f"{slot}2"):
                yield Edit(slot, "remove", None, match[0])
