"""What a message says about what is looked for: each value with whether it is wanted, added, dropped or excluded."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from processors.chat.deciding import MANY, Decision, Group, Operation, Standing, default_decisions, grouped
from processors.chat.mentions import Held, Mention, Value, mentions
from processors.chat.numerals import with_digits
from processors.lexicon.script import fold, plain
from schemas.base import Language

_MANDARIN = str.maketrans("唔嘅冇搵喺咗佢", "不的没找在了他")
"""Cantonese characters of the commonest words, one for one."""
_NO_FIGURE = re.compile(r"[\d.,]{16,}")
"""Longer than any amount: each of its parts could be one, and would be looked at."""
_BETWEEN = re.compile(r"(?<=[A-Za-z]{2})\+(?=[A-Za-z]{2})")
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


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing a message says about a slot. `text` are its own words."""

    slot: str
    operation: Operation
    value: Value | None
    text: str


class Reading(NamedTuple):
    """A message in the characters in which it is read, the values that it names, and what holds of their slots."""

    text: str
    groups: list[Group]
    standings: list[Standing]

    @property
    def mentions(self) -> list[Mention]:
        """The values, in their order."""
        return [mention for group in self.groups for mention in group.mentions]


def read_values(
    text: str,
    language: Language,
    *,
    bare: str | None = None,
    today: date | None = None,
    held: Mapping[str, Sequence[Held]] = MappingProxyType({}),
) -> Reading:
    """Return the values that a message names; `bare` is the slot that the last question asked for.

    A number alone answers that question: `2万` is a salary only where one was asked for, or is written as one. Days
    are read only from a `today` on. What is `held` is read by its words.
    """
    folded = with_digits(_BETWEEN.sub(" ", _NO_FIGURE.sub(" ", plain(text).translate(_MANDARIN))))
    groups = grouped(mentions(folded, language, bare, today, held), folded)
    return Reading(folded, groups, [_standing(group, held.get(group.slot, ())) for group in groups])


def read_edits(
    text: str,
    language: Language,
    *,
    bare: str | None = None,
    today: date | None = None,
    held: Mapping[str, Sequence[Held]] = MappingProxyType({}),
) -> tuple[Edit, ...]:
    """Return what a message says of slots, in its order; its values are as in `read_values`."""
    return edits_of(read_values(text, language, bare=bare, today=today, held=held))


def edits_of(read: Reading) -> tuple[Edit, ...]:
    """Return what a message does with the values that it names, and which slots it leaves open."""
    decided = default_decisions().decide(*read)
    return (*_edits(list(zip(read.groups, decided, strict=True))), *_freed(read.text))


def _standing(group: Group, held: Sequence[Held]) -> Standing:
    values = [mention.value for mention in group.mentions]
    return Standing(
        any(h.wanted and h.value in values for h in held),
        any(not h.wanted and h.value in values for h in held),
        sum(h.wanted for h in held),
    )


def _edits(decided: Sequence[tuple[Group, Decision]]) -> Iterator[Edit]:
    """Yield what is done with each value; a skill that is part of a role's name goes with the role."""
    given_up = [g for g, decision in decided if g.slot == "role" and decision not in ("set", "add")]
    for group, decision in decided:
        if decision == "pass":
            continue
        for number, mention in enumerate(group.mentions):
            if group.slot == "skills" and any(
                mention.start < role.end and role.start < mention.end for role in given_up
            ):
                continue
            operation = "add" if decision == "set" and number and group.slot in MANY else decision
            yield Edit(group.slot, operation, mention.value, mention.words)


def _freed(text: str) -> Iterator[Edit]:
    """Yield slots of which a message says that any value will do: `地点不限`."""
    folded = fold(text)
    for match in filter(None, (_ANY.search(folded), _FREED.search(folded))):
        for slot in _OPEN:
            if match[slot] or match.groupdict().get(f"{slot}2"):
                yield Edit(slot, "remove", None, match[0])
