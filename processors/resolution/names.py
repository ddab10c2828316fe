"""Names of people: characters, pinyin in either order, English names, nicknames and masks."""

import re
from dataclasses import dataclass
from functools import lru_cache

from processors.lexicon.script import is_han
from processors.resolution.text import fold, pinyin, unaccented

_COMPOUND = frozenset(
    [
        "欧阳", "诸葛", "上官", "司马", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "夏侯",
        "端木", "独孤", "南宫", "西门", "闻人", "宇文", "澹台",
    ]
)  # fmt: skip
# Surnames that are read otherwise than the character usually is.
_READ_AS = dict(
    pair.split(":")
    for pair in [
        "单:shan", "曾:zeng", "解:xie", "仇:qiu", "查:zha", "区:ou", "任:ren", "朴:piao", "盖:ge", "缪:miao",
        "尉迟:yuchi", "长孙:zhangsun", "翟:zhai", "乐:yue", "覃:qin", "召:shao", "冼:xian", "种:chong", "牟:mou",
        "隗:wei", "员:yun", "纪:ji", "应:ying", "宓:mi", "万俟:moqi",
    ]
)  # fmt: skip
_TITLE = re.compile(r"(?:先生|女士|小姐|老师|同学|某+|[*＊xX×]+)$")
_HAN = re.compile(r"[\u4e00-\u9fff·]+(?:[*＊]+)?")
_NICKNAMES = {
    nickname: name
    for line in [
        "robert bob rob bobby", "william bill will billy", "elizabeth liz beth eliza lizzy",
        "katherine kate katie kathy cathy catherine", "michael mike mick", "thomas tom tommy",
        "richard rick dick rich", "james jim jimmy", "jennifer jen jenny", "alexander alex", "alexandra sandra",
        "benjamin ben", "christopher chris", "daniel dan danny", "matthew matt", "nicholas nick", "samuel sam",
        "rebecca becky", "susan sue suzy", "margaret maggie meg peggy", "anthony tony", "joseph joe",
        "andrew andy drew", "edward ed eddie ted", "charles charlie", "steven steve stephen", "gregory greg",
        "jeffrey jeff", "kenneth ken", "lawrence larry", "patricia pat patty trish", "peter pete", "philip phil",
        "raymond ray", "ronald ron", "timothy tim", "victoria vicky", "david dave", "donald don", "frederick fred",
        "gerald jerry", "jonathan jon", "joshua josh", "nathaniel nate nathan", "patrick paddy", "theodore theo",
        "zachary zach",
    ]
    for name, *nicknames in [line.split()]
    for nickname in nicknames
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name as far as it could be read.

    `han` is the full name in simplified characters, `letters` its romanisation without spaces, `tokens` the parts that
    may be its surname or given name, `surname` the surname's letters where the writing shows which it is, `masked`
    whether the given name was withheld.
    """

    han: str
    letters: str
    tokens: tuple[str, ...]
    surname: str
    masked: bool


@lru_cache(maxsize=50_000)
def person_name(text: str) -> ReadName | None:
    """Read a name as somebody wrote it; None if there is nothing in it."""
    folded = fold(text)
    latin = tuple(_latin(folded))
    if not is_han(folded):
        if not latin:
            return None
        return ReadName("", "".join(latin), latin[:4], "", False)
    squeezed = "".join(_HAN.findall(folded.replace(" ", ""))) if not latin else "".join(_HAN.findall(folded))
    bare = _TITLE.sub("", squeezed)
    if not bare:
        return None
    cut = 2 if bare[:2] in _COMPOUND and (len(bare) > 2 or bare != squeezed) else 1
    surname, given = bare[:cut], bare[cut:]
    family = _READ_AS.get(surname) or pinyin(surname)
    masked = not given
    letters = family + pinyin(given)
    tokens = (family,) if masked else (family, pinyin(given))
    return ReadName("" if masked else bare, letters, tokens, family, masked)


def _latin(folded: str) -> list[str]:
    words = re.findall(r"[a-z]+", unaccented(folded).replace("'", "").replace("’", ""))
    return [_NICKNAMES_PLAIN.get(w, w) for w in words]


_NICKNAMES_PLAIN = {unaccented(nickname): unaccented(name) for nickname, name in _NICKNAMES.items()}


def name_keys(name: ReadName) -> list[str]:
    """Return keys that other ways of writing the name share: in other orders, without an English or a middle name."""
    found = [least_rotation(name.letters)]
    if not name.han and len(name.tokens) > 2:
        found += [least_rotation("".join((*name.tokens[:n], *name.tokens[n + 1 :]))) for n in range(len(name.tokens))]
    return found


@lru_cache(maxsize=50_000)
def least_rotation(letters: str) -> str:
    """Return the same key for `zhangwei` and `weizhang`: surname first or last is a rotation of the letters."""
    doubled = letters + letters
    return min((doubled[n : n + len(letters)] for n in range(len(letters))), default="")
