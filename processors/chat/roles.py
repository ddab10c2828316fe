"""Which role a message names: `后端`, `后端工程师` and `backend developer` are one."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from processors.chat.role_words import (
    HAN_ROLE,
    HEAD_OF,
    LEADS,
    NEEDS_FIELD,
    NO_POST,
    POST,
    SOMEBODYS,
    TRADE_SIZE,
    TRADES,
    is_of_something_else,
    with_modifiers,
)
from processors.lexicon.script import fold, plain

_GENERAL = frozenset(("software", "hardware", "assistant", "consulting"))
"""What a role behind another says less of: `嵌入式软件`."""
_SAYS_LESS = frozenset(("assistant", "consultant"))
"""So does one behind a word of its field: `healthcare assistant`."""
_BARE = {"设计师": "designer"}
"""Heads that name a role alone, too."""
_ABLE = re.compile(r"(?:能力|功底|要好|要强)")
_SKILLED = re.compile(r"(?:会|懂|熟悉|精通|擅长|掌握|了解|做过|用过|knows?|experience (?:in|with)|skilled in) ?$")
"""Before a role they say that it is a skill."""


class Role(NamedTuple):
    """A role that a text names, and where it stands; one that is not known has its own words for a name."""

    name: str
    start: int
    end: int
    is_known: bool

    def is_skill(self, text: str) -> bool:
        """Whether the text has it as something that somebody can: `懂供应链`."""
        before = text[max(0, self.start - 16) : self.start].lower()
        return _SKILLED.search(before) is not None or _ABLE.match(text, self.end) is not None


@cache
def _lexicon() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return names by spelling, and patterns of spellings, of Chinese heads and of Latin ones."""
    data = tomllib.loads(files("processors.chat").joinpath("data/roles.toml").read_text("utf-8"))
    names = {
        spelling.replace("_", " "): name for name, spellings in data["roles"].items() for spelling in spellings.split()
    }
    longest = sorted(names, key=len, reverse=True)
    spelt = "|".join(rf"(?<![a-z\d]){re.escape(s)}s?(?![a-z\d])" if s.isascii() else re.escape(s) for s in longest)
    alone = "|".join(data["alone"]["en"].split())
    heads = {language: sorted(words.split(), key=len, reverse=True) for language, words in data["heads"].items()}
    return (
        names,
        re.compile(spelt),
        re.compile("|".join(heads["zh"])),
        re.compile(rf"\b(?:(?P<alone>(?:{alone})s?)|{'|'.join(heads['en'])})\b"),
    )


def roles(text: str) -> list[Role]:
    """Return the roles that a text names, in its order; none overlap. The text's characters keep their places."""
    lower = plain(text).lower()
    found: list[Role] = []
    for role in sorted(_roles(lower if len(lower) == len(text) else plain(text)), key=lambda role: role.start):
        if found and found[-1].end == role.start and not text[role.start].isascii():  # `电商客服` is one
            before = found.pop()
            name = before.name if role.name in _GENERAL else role.name
            role = Role(name, before.start, role.end, before.is_known and role.is_known)
        found.append(role)
    return found


def _roles(text: str) -> Iterator[Role]:
    names, spelt, han_heads, latin_heads = _lexicon()
    taken = bytearray(len(text))

    def take(start: int, end: int) -> None:
        taken[start:end] = b"\1" * (end - start)

    for match in spelt.finditer(text):
        end = match.end()
        while head := han_heads.match(text, end) or latin_heads.match(text, end + 1):
            end = head.end()
        is_less = match[0].removesuffix("s") in _SAYS_LESS and with_modifiers(text, match.start()) < match.start()
        if is_less or any(taken[match.start() : end]) or is_of_something_else(text, match.start(), end):
            continue
        take(match.start(), end)
        yield Role(names.get(match[0]) or names[match[0].removesuffix("s")], match.start(), end, True)
    for match in HAN_ROLE.finditer(text):
        start = match.start() + max((cut.end() for cut in LEADS.finditer(match[0], 0, len(match["field"]))), default=0)
        is_bare = match.end() - start <= len(match["head"]) and match["head"] in NEEDS_FIELD - _BARE.keys()
        if is_bare or SOMEBODYS.search(text, start, match.end()) or any(taken[start : match.end()]):
            continue
        if is_of_something_else(text, start, match.end()):
            continue
        take(start, match.end())
        name = text[start : match.end()]
        yield Role(_BARE.get(name, name), start, match.end(), False)
    for match in (*TRADES.finditer(text), *POST.finditer(text)):
        start = match.start() + max((cut.end() for cut in LEADS.finditer(match["name"])), default=0)
        name = text[start : match.end("name")]
        if (
            len(name) > (TRADE_SIZE if match.re is TRADES else 1)
            and not NO_POST.search(name)
            and not any(taken[start : match.end()])
        ):
            take(start, match.end())
            yield Role(name, start, match.end(), False)
    for match in HEAD_OF.finditer(text):
        if not any(taken[match.start() : match.end()]):
            take(*match.span())
            yield Role(match[0], *match.span(), False)
    for head in latin_heads.finditer(text):
        start = with_modifiers(text, head.start())
        if (start == head.start() and not head["alone"]) or any(taken[start : head.end()]):
            continue
        yield Role(_singular(text[start : head.end()].lower()), start, head.end(), False)


def _singular(role: str) -> str:
    return re.sub(r"(?<=[a-z]{2})s$", "", role)


def role_name(text: str) -> str:
    """Return the name of the first role of a text that is one; else the text without what every role may have."""
    if text in _lexicon()[0].values():
        return text
    found = roles(text)
    if found:
        return found[0].name
    return re.sub(r"(?:的?(?:工作|岗位?|职位|方向))$|\b(?:roles?|jobs?|positions?)\b", "", plain(fold(text))).strip()
