"""Names of companies and schools, websites: what identifies them, apart from place, trade and legal form."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from processors.lexicon.script import is_han
from processors.resolution import places, short_names
from processors.resolution.legal_forms import BEFORE, BEHIND, SAME_FORM, SPELLED_IN_A_WORD, shortened, unglued
from processors.resolution.spelling import latin, usual
from processors.resolution.text import MAX_TEXT, fold, pinyin, unaccented

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LEGAL_HAN = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|控股集团|集团公司|集团|控股|股份|总公司|公司|\(普通合伙\)|事务所)"
)
_LEGAL_LATIN = frozenset(
    [
        "inc", "incorporated", "ltd", "limited", "llc", "llp", "plc", "gmbh", "ag", "sa", "sas", "sarl", "srl",
        "bv", "nv", "ab", "oy", "oyj", "pty", "pte", "corp", "corporation", "co", "company", "kk", "se", "holdings",
        "holding", "group", "the",
    ]
)  # fmt: skip
_BRANCH = re.compile(r"\(?([^()]*?)(?:分公司|办事处|分店|分行|营业部)\)?$")
# Trades as they stand in names: one code for the Chinese and the English words.
_TRADE_WORDS = {
    "tech": "科技 技术 technology technologies tech",
    "network": "网络 互联网 network networks internet",
    "information": "信息 资讯 information",
    "software": "软件 系统 software systems",
    "data": "数据 分析 data analytics",
    "logistics": "物流 供应链 logistics",
    "pharma": "医药 制药 药业 pharmaceutical pharmaceuticals pharma",
    "medical": "医疗 健康 medical health healthcare",
    "food": "食品 餐饮 food foods",
    "trade": "贸易 商贸 零售 trading trade retail",
    "investment": "投资 资本 investment investments capital",
    "finance": "金融 financial finance",
    "education": "教育 education learning",
    "media": "传媒 媒体 media",
    "culture": "文化 culture",
    "manufacturing": "制造 装备 设备 manufacturing equipment",
    "intelligent": "智能 intelligent",
    "robotics": "机器人 robotics robots",
    "e-commerce": "电子商务 电商 ecommerce commerce",
    "electronics": "电子 electronics electronic",
    "biotech": "生物 biotech bio",
    "construction": "建筑 建设 construction",
    "engineering": "工程 engineering",
    "consulting": "咨询 顾问 consulting",
    "management": "管理 management",
    "energy": "能源 energy",
    "property": "地产 房地产 置业 property estate",
    "advertising": "广告 advertising",
    "service": "服务 services service",
    "industry": "实业 工业 industry industries industrial",
    "development": "发展 开发 development",
}
# What is done in a trade, as records name industries; words that are in every trade's names say so only if alone.
_SECTOR_TRADES = {
    "software": "tech information software data intelligent",
    "internet": "network e-commerce",
    "logistics": "logistics",
    "health": "pharma medical biotech",
    "commerce": "food trade e-commerce",
    "finance": "investment finance",
    "education": "education",
    "media": "media culture advertising",
    "manufacturing": "manufacturing electronics industry",
    "construction": "construction engineering property",
    "energy": "energy",
    "services": "consulting management service",
}
_GENERAL_TRADES = frozenset(("tech", "management", "service", "development", "industry", "intelligent"))
_INDUSTRY_WORDS = {"fintech": "finance", "saas": "software", "banking": "finance"}
_TRADE = {word: code for code, words in _TRADE_WORDS.items() for word in words.split()}
_TRADE_HAN = re.compile("|".join(sorted((w for w in _TRADE if is_han(w)), key=len, reverse=True)))
_HAN_TRADES = [word for word in _TRADE if is_han(word)]
_TRADE_OF_CHARACTER = {
    character: codes.pop()
    for character in "".join(_HAN_TRADES)
    if len(codes := {_TRADE[word] for word in _HAN_TRADES if character in word}) == 1
}
"""Characters that stand in the words of one trade only."""

_PLACE_BRACKET = re.compile(rf"\(({places.HAN.pattern})\)?|({places.HAN.pattern})\)")
_LIMITED = ("有限公司", "有限责任公司")
_LEGAL_SLIPS = {form[:n] + form[n + 1 :]: form for form in _LIMITED for n in range(len(form))}
"""Legal forms without one of their characters."""

_MENDED = 12
"""Characters that are in no usual word, in a name that is looked at for swaps: more is a sentence, not a slip."""

_LEGAL_SLIP = re.compile(f"(?:{'|'.join(sorted(_LEGAL_SLIPS, key=len, reverse=True))})$")
_SECTORS = {sector: frozenset(codes.split()) for sector, codes in _SECTOR_TRADES.items()}
_SHARED_HOSTS = frozenset(
    [
        "zhaopin.com", "zhipin.com", "liepin.com", "51job.com", "lagou.com", "linkedin.com", "weixin.qq.com",
        "qq.com", "weibo.com", "github.io", "github.com", "facebook.com", "twitter.com", "x.com", "indeed.com",
        "glassdoor.com", "maimai.cn", "tianyancha.com", "qcc.com", "baidu.com", "1688.com", "taobao.com", "163.com",
        "gmail.com", "126.com", "outlook.com", "hotmail.com", "foxmail.com", "sina.com", "boards.greenhouse.io",
        "greenhouse.io", "lever.co", "feishu.cn", "mokahr.com",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A company's name, taken apart.

    `brand` is the part that is its own, in characters (empty if written in letters); `letters` its romanisation;
    `trades` what it says it does; `place` the pinyin of a city named; `form` the legal form, as far as it tells
    companies apart; `branch` names the branch office, if it is one; `words` those it consists of, without a legal form
    if it is written in letters.
    """

    brand: str
    letters: str
    trades: frozenset[str]
    place: str
    form: str
    branch: str
    words: tuple[str, ...]

    @property
    def core(self) -> str:
        """What two spellings of one company share: brand letters, trades and branch."""
        return "+".join((self.letters, *sorted(self.trades), *([f"@{self.branch}"] if self.branch else [])))


@lru_cache(maxsize=50_000)
def company_name(text: str) -> CompanyName | None:
    """Take a company's name apart; None if nothing of its own is left. Slips in its usual words are seen through."""
    folded = fold(unglued(text[:MAX_TEXT]))
    return _han(folded.replace(" ", "")) if is_han(folded) else _latin(folded)


def _han(name: str) -> CompanyName | None:
    """Read a name; if much of it is no usual word, see whether two characters changed places."""
    found, strange = _read_han(name)
    if 4 <= strange <= _MENDED:
        swapped = (name[:n] + name[n + 1] + name[n] + name[n + 2 :] for n in range(len(name) - 1))
        other, less = min((_read_han(each) for each in swapped), key=lambda read: read[1])
        if other and less <= strange - 2:
            return other
    return found


def _read_han(name: str) -> tuple[CompanyName | None, int]:
    """Return a name taken apart, and how many of its characters are in no usual word."""
    rest, branch = _split_branch(name)
    rest = _legal_mended(rest)
    form = "joint stock" if "股份有限公司" in rest else "limited" if "有限" in rest else ""
    rest = _PLACE_BRACKET.sub(r"(\1\2)", _LEGAL_HAN.sub("", rest))
    place, strange = "", 0
    for inside in re.findall(r"\(([^()]*)\)", rest):
        if places.HAN.fullmatch(inside):
            place = places.city(inside)
        else:
            strange += len(inside)
    rest = re.sub(r"\([^()]*\)", "", rest)
    if (prefix := places.HAN.match(rest)) and len(rest) - prefix.end() >= 2:
        place = place or places.city(prefix[0])
        rest = rest[prefix.end() :]
    brand, trades = _brand_and_trades(rest)
    own = re.sub(r"[^\w]", "", brand)
    strange += len(brand)
    if not own:
        return None, strange
    return CompanyName(own, pinyin(own), trades, place, form, branch, short_names.words(name)), strange


def _brand_and_trades(rest: str) -> tuple[str, frozenset[str]]:
    """Split at the trade words. One character left over between or after them is what a slip left of another."""
    if len(rest) <= 2:
        return rest, frozenset()
    trades: set[str] = set()
    own, *others = _TRADE_HAN.split(rest[1:])
    for left in others:
        if len(left) == 1 and left in _TRADE_OF_CHARACTER:
            trades.add(_TRADE_OF_CHARACTER[left])
        else:
            own += left
    trades |= {_TRADE[word] for word in _TRADE_HAN.findall(rest[1:])}
    if not own:  # the trade word is the name: 东方科技 has a brand, 大众 has none to spare
        return rest, frozenset()
    return rest[0] + own, frozenset(trades)


def _legal_mended(name: str) -> str:
    """Return a name with its legal form whole, if a character of that is missing."""
    slip = None if name.endswith(_LIMITED) else _LEGAL_SLIP.search(name)
    return name[: slip.start()] + _LEGAL_SLIPS[slip[0]] if slip and slip.start() >= 2 else name


def _split_branch(name: str) -> tuple[str, str]:
    """Return the company and its branch's city: 云启有限公司北京分公司 and 云启有限公司(北京分公司) are split alike."""
    found = _BRANCH.search(name)
    if not found:
        return name, ""
    head, inside = name[: found.start()], found[1]
    if found[0].startswith("("):
        return head, places.city(inside) or "branch"
    tail = places.HAN_AT_END.search(inside)
    if not tail or not head + inside[: tail.start()]:
        return head + inside, "branch"
    return head + inside[: tail.start()], places.city(tail[0]) or "branch"


def _latin(folded: str) -> CompanyName | None:
    spelled = shortened(unaccented(latin(folded.replace("e-commerce", "ecommerce"))))
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", spelled)
    words, form = _without_form([usual(word) for word in re.findall(r"[a-z0-9]+", plain)])
    place, kept = "", []
    for number, word in enumerate(_legal_at_end(words)):
        if word in _PLACES and not place and (number == 0 or f"({word})" in plain) and len(words) > 2:
            place = _PLACES[word]
        elif word not in _LEGAL or (number == 0 and word != "the"):
            kept.append(word)
        else:
            form = SAME_FORM.get(word, form)
    kept[1:] = [_TRADE_SLIPS.get(word, word) for word in kept[1:] if word != "and"]  # for `&` is no word either
    trades = frozenset(code for word in kept[1:] for code in _TRADES_LATIN.get(word, ()))
    joined = "".join([*kept[:1], *(word for word in kept[1:] if word not in _TRADES_LATIN)])
    return CompanyName("", joined, trades, place, form, "", tuple(kept)) if joined else None


def _without_form(words: list[str]) -> tuple[list[str], str]:
    """Return the words without forms that are such only at an end of the name, and what they say."""
    form = ""
    while len(words) > 1 and words[-1] in BEHIND:
        *words, last = words
        form = SAME_FORM.get(last, form)
    if len(words) > 1 and words[0] in BEFORE:
        first, *words = words
        form = SAME_FORM.get(first, form)
    return words, form


def _legal_at_end(words: list[str]) -> list[str]:
    """Return the words with the legal form at their end whole, if a slip has spoilt it."""
    if "co" in words[1:]:
        at = words.index("co", 1)
        return [*words[: at + 1], "ltd"] if len("".join(words[at + 1 :])) in (2, 3) else words
    if len(words) > 1 and words[-1] in _LEGAL_LATIN_SLIPS:
        return [*words[:-1], _LEGAL_LATIN_SLIPS[words[-1]]]
    return words


def _slips(words: Iterable[str], least: int) -> dict[str, str]:
    """Return words of at least so many letters by what a missing letter, or two that changed places, make of each."""
    found: dict[str, str] = {}
    for word in sorted(w for w in words if len(w) >= least):
        for n in range(len(word)):
            found.setdefault(word[:n] + word[n + 1 :], word)
            found.setdefault(word[:n] + word[n + 1 : n + 2] + word[n : n + 1] + word[n + 2 :], word)
    return {slip: word for slip, word in found.items() if slip not in _KNOWN}


# Latin words are compared without accents, so the tables are, too.
_TRADES_LATIN: dict[str, tuple[str, ...]] = {unaccented(w): (code,) for w, code in _TRADE.items() if not is_han(w)}
_TRADES_LATIN |= dict.fromkeys(("biotechnology", "biotechnologies"), ("biotech", "tech"))  # 生物技术 or 生物科技
_PLACES = {unaccented(latin): places.city(name) for name, latin in places.PINYIN.items()}
_LEGAL = frozenset(unaccented(word) for word in _LEGAL_LATIN)
_KNOWN = _LEGAL | _TRADES_LATIN.keys()
_TRADE_SLIPS = _slips(_TRADES_LATIN, 5)
_LEGAL_LATIN_SLIPS = _slips(_LEGAL, 4) | {
    slip: SPELLED_IN_A_WORD[word] for slip, word in _slips(SPELLED_IN_A_WORD, 9).items()
}


def sectors(trades: frozenset[str]) -> frozenset[str]:
    """Return the sectors of the trades in a name; none if they do not say."""
    telling = trades - _GENERAL_TRADES or trades
    return frozenset(sector for sector, codes in _SECTORS.items() if telling & codes)


@lru_cache(maxsize=1)
def _suffixes() -> "PublicSuffixList":
    """Return the list of public suffixes: 10,000 lines, which most processes never ask."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=10_000)
def industry(text: str) -> frozenset[str]:
    """Return the sectors that an industry's name speaks of; of one that is not known, the name itself."""
    folded = fold(text)
    words = {*_TRADE_HAN.findall(folded), *re.findall(r"[a-z-]+", folded), folded}
    trades = {_TRADE.get(word) or _INDUSTRY_WORDS.get(word) for word in words} - {None}
    return sectors(frozenset(t for t in trades if t)) or frozenset((folded,))


@lru_cache(maxsize=50_000)
def domain(text: str) -> str | None:
    """Return a website's registrable domain; None for job boards and other hosts that many share."""
    folded = fold(text)
    try:
        host = urlsplit(folded if "//" in folded else f"//{folded}").hostname or ""
    except ValueError:
        return None
    own = _suffixes().privatesuffix(host)
    return own if own and own not in _SHARED_HOSTS and host not in _SHARED_HOSTS else None


# Well-known universities whose short or English name does not follow from the full one.
_SCHOOLS = {
    alias: line.split("|")[0]
    for line in [
        "清华大学|清华|tsinghua university", "北京大学|北大|peking university|beijing university", "浙江大学|浙大",
        "复旦大学|复旦",
        "上海交通大学|上海交大|上交|上交大|shanghai jiao tong university|shanghai jiaotong university|sjtu",
        "南京大学|南大", "武汉大学|武大",
        "华中科技大学|华科|华中科大|huazhong university of science and technology|hust", "四川大学|川大",
        "中山大学|中大|sun yat-sen university",
        "西安交通大学|西安交大|西交|xi'an jiaotong university|xian jiaotong university", "同济大学|同济",
        "重庆大学|重大", "厦门大学|厦大", "山东大学|山大", "吉林大学|吉大", "兰州大学|兰大", "暨南大学|暨大",
        "天津大学|天大", "南开大学|南开", "中国人民大学|人大|renmin university of china",
        "北京师范大学|北师大|beijing normal university", "东南大学|东大|southeast university",
        "中国科学技术大学|中科大|university of science and technology of china|ustc",
        "电子科技大学|成电|uestc|university of electronic science and technology of china",
        "哈尔滨工业大学|哈工大|harbin institute of technology", "北京航空航天大学|北航|beihang university",
        "北京理工大学|北理工|beijing institute of technology",
        "北京邮电大学|北邮|bupt|beijing university of posts and telecommunications",
        "西北工业大学|西工大|northwestern polytechnical university",
        "华南理工大学|华工|华南理工|south china university of technology",
        "华东师范大学|华东师大|east china normal university", "中南大学|central south university", "湖南大学|湖大",
        "大连理工大学|大工|dalian university of technology", "苏州大学|苏大|soochow university", "深圳大学|深大",
        "上海大学|上大", "郑州大学|郑大", "西安电子科技大学|西电|xidian university",
        "杭州电子科技大学|杭电|hangzhou dianzi university", "南京航空航天大学|南航", "南京理工大学|南理工",
        "华东理工大学|华理", "东北大学|northeastern university china",
    ]
    for alias in line.split("|")
}  # fmt: skip


@lru_cache(maxsize=20_000)
def school(text: str) -> str:
    """Return a school's full Chinese name where it is known, otherwise letters: `Zhejiang University` is 浙江大学."""
    folded = re.sub(r"\s*\(.*?\)", "", fold(text)).strip()
    if folded in _SCHOOLS:
        return _SCHOOLS[folded]
    if is_han(folded):
        return folded.replace(" ", "")
    plain = re.sub(r"[^a-z ]", "", unaccented(folded.removeprefix("the ")))
    return _BY_PINYIN.get(plain.removesuffix(" uniuersity").replace(" ", "")) or plain  # unaccented writes v as u


_BY_PINYIN = {pinyin(name[:-2]): name for name in _SCHOOLS.values() if name.endswith("大学")}
