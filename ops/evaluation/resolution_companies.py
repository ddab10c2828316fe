"""Generates companies and the imperfect records that several systems hold of them, with the truth beside each record.

A world of companies comes first: unrelated ones that share a brand, groups with subsidiaries, branch offices (companies
of their own here), and ones that were renamed. Then each source writes one down in its own way. The rates are module
constants and were set before the matcher was tuned.
"""

import random
from dataclasses import dataclass, field
from typing import Any

import opencc
from pypinyin import lazy_pinyin

Fields = dict[str, Any]
Labelled = tuple[str, str, Fields]
"""(record id, true entity, fields)."""

# Shares of companies.
SAME_BRAND = 0.12  # an unrelated company elsewhere or in another trade uses the same brand
SUBSIDIARY = 0.06  # same brand and mostly the same website as its group, another trade
BRANCH = 0.06  # 分公司 in another city, the same website
RENAMED = 0.07
FOREIGN = 0.2
RECORDS = (40, 30, 17, 9, 4)  # weights of 1..5 records a company

# Chances per record.
NO_WEBSITE, NO_LOCATION, NO_INDUSTRY, NO_SIZE = 0.35, 0.3, 0.3, 0.4
JOB_BOARD = 0.05  # the website is a page of a job board
AGENCY_SITE = 0.02  # reposted by an agency: its website
TYPO = 0.015
ALIASES = 0.3
FORMER_NAME = 0.75  # a record made after a rename names the former name

_STEM = (
    [
        "云", "星", "远", "青", "智", "鸿", "海", "新", "博", "嘉", "万", "凌", "华", "安", "明", "拓", "晨", "瑞",
        "朗", "恒", "中", "金", "天", "东", "长", "泰", "银", "宏", "盛", "汇", "广", "永", "德", "利", "通", "信",
        "百", "大", "国", "联", "正", "众",
    ],
    [
        "启", "河", "桥", "禾", "泽", "图", "岳", "澜", "闻", "木", "象", "志", "宸", "诺", "维", "曦", "丰", "越",
        "信", "石", "和", "方", "江", "源", "达", "鼎", "创", "美", "康", "邦", "力", "腾", "翔", "峰", "润", "合",
        "成", "元", "迪", "思", "科", "隆",
    ],
)  # fmt: skip
_TRADES = [
    "科技|Technology|software", "网络科技|Network Technology|internet", "信息技术|Information Technology|software",
    "软件|Software|software", "物流|Logistics|logistics", "医药|Pharmaceutical|healthcare", "食品|Food|retail",
    "贸易|Trading|retail", "投资管理|Investment Management|fintech", "教育科技|Education Technology|education",
    "文化传媒|Culture Media|media", "智能装备|Intelligent Equipment|manufacturing", "电子商务|E-commerce|internet",
    "生物技术|Biotechnology|healthcare", "建筑工程|Construction Engineering|construction",
]  # fmt: skip
_CITIES = [
    "北京", "Beijing", "上海", "Shanghai", "深圳", "Shenzhen", "杭州", "Hangzhou", "广州", "Guangzhou", "南京",
    "Nanjing", "成都", "Chengdu", "武汉", "Wuhan", "西安", "Xi'an", "苏州", "Suzhou", "重庆", "Chongqing", "长沙",
    "Changsha", "厦门", "Xiamen", "天津", "Tianjin", "青岛", "Qingdao",
]  # fmt: skip
_WORDS = (
    [
        "North", "South", "Blue", "Silver", "Harbour", "Crest", "Maple", "Quay", "Bright", "Ferrous", "Lumen",
        "Oak", "Tide", "Stone", "Clear", "Ever", "Red", "Gold", "Summit", "Vertex",
    ],
    [
        "wind", "fin", "line", "gate", "water", "well", "field", "ridge", "side", "bridge", "works", "light",
        "path", "stream", "forge", "peak",
    ],
)  # fmt: skip
_WORK = [
    "Analytics", "Robotics", "Health", "Capital", "Learning", "Software", "Retail", "Systems", "Media", "Logistics",
    "Foods", "Energy",
]  # fmt: skip
_LEGAL = ["Inc.|Inc|Incorporated", "Ltd.|Limited|Ltd", "GmbH|GmbH|G.m.b.H.", "LLC|L.L.C.|LLC", "Corp.|Corporation|Corp"]
_PLACES = ["London", "Berlin", "Singapore", "Boston", "Toronto", "Munich", "Dublin", "Seattle"]
_SIZES = ("1-49", "50-199", "200-999", "1000-9999", "10000+")
_BOARDS = (
    "https://company.zhaopin.com/CZ{n}",
    "https://www.zhipin.com/gongsi/{n}.html",
    "https://www.linkedin.com/company/{n}",
)
_TO_TRADITIONAL = opencc.OpenCC("s2t")


@dataclass
class Firm:
    """The truth about one company: each list of names holds one company's spellings, (weight, spelling)."""

    brand: str
    names: list[tuple[int, str]]
    shorts: list[str]
    website: str
    industry: str
    locations: list[str]
    size: int
    former: "Firm | None" = None
    extra: list[str] = field(default_factory=list)


def companies(seed: int, count: int) -> list[Labelled]:
    """Return the shuffled records of at least `count` invented companies; the same seed gives the same records."""
    return _World(random.Random(f"companies {seed}")).records(count)


class _World:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def records(self, count: int) -> list[Labelled]:
        """Draw the companies, then their records."""
        world: list[Firm] = []
        while len(world) < count:
            if self.rng.random() < FOREIGN:
                world.append(self._foreign())
                continue
            city, trade = self._city(), self.rng.choice(_TRADES)
            firm = self._chinese(self._brand(), city, trade)
            world.append(firm)
            chance = self.rng.random()
            if chance < SAME_BRAND:
                other = self._city(city) if self.rng.random() < 0.6 else city
                another = trade if other != city and self.rng.random() < 0.4 else self._trade(trade)
                world.append(self._chinese(firm.brand, other, another))
            elif chance < SAME_BRAND + SUBSIDIARY:
                child = self._chinese(firm.brand, city, self._trade(trade))
                if self.rng.random() < 0.7:
                    child.website = firm.website
                world.append(child)
            elif chance < SAME_BRAND + SUBSIDIARY + BRANCH:
                world.append(self._branch(firm, self._city(city)))
            elif chance < SAME_BRAND + SUBSIDIARY + BRANCH + RENAMED:
                firm.former = self._chinese(
                    self._brand(), city, trade if self.rng.random() < 0.7 else self._trade(trade)
                )
                firm.former.industry, firm.former.size = firm.industry, firm.size
                if self.rng.random() < 0.6:
                    firm.former.website = firm.website
        found: list[Labelled] = []
        for number, firm in enumerate(world):
            for _ in range(self.rng.choices(range(1, 6), RECORDS)[0]):
                found.append(("", f"c{number}", self._record(firm)))
        self.rng.shuffle(found)
        return [(f"c-{n:06}", truth, fields) for n, (_, truth, fields) in enumerate(found)]

    def _brand(self) -> str:
        brand = self.rng.choice(_STEM[0]) + self.rng.choice(_STEM[1])
        return brand if self.rng.random() < 0.8 else brand + self.rng.choice(_STEM[1])

    def _city(self, but: tuple[str, str] | None = None) -> tuple[str, str]:
        pairs = list(zip(_CITIES[::2], _CITIES[1::2], strict=True))
        return self.rng.choice([p for p in pairs if p != but])

    def _trade(self, but: str) -> str:
        return self.rng.choice([t for t in _TRADES if t.split("|")[0][:2] != but.split("|")[0][:2]])

    def _chinese(self, brand: str, city: tuple[str, str], trade: str) -> Firm:
        rng = self.rng
        words, english, industry = trade.split("|")
        latin = "".join(lazy_pinyin(brand))
        legal = rng.choices(("有限公司", "股份有限公司", "集团有限公司", "有限责任公司"), (70, 15, 8, 7))[0]
        bracketed = rng.random() < 0.2
        full = f"{brand}（{city[0]}）{words}{legal}" if bracketed else f"{city[0]}{brand}{words}{legal}"
        names = [
            (45, full),
            (6, full.replace("（", "(").replace("）", ")") if bracketed else f"{city[0]}市{brand}{words}{legal}"),
            (8, f"{brand}{words}{legal}"),
            (18, f"{brand}{words}"),
            (5, f"{brand}集团" if "集团" in legal else f"{brand}{words}公司"),
            (8, f"{latin.title()} {english} Co., Ltd."),
            (4, f"{city[1]} {latin.title()} {english} Co., Ltd."),
            (3, _TO_TRADITIONAL.convert(full)),
            (3, brand),
        ]
        domain = latin + rng.choice((".com", ".cn", ".com.cn", f"{rng.randrange(100)}.com", "-tech.com", "group.com"))
        return Firm(brand, names, [brand + words, brand, latin.title()], domain, industry, [city[0]], rng.randrange(5))

    def _branch(self, firm: Firm, city: tuple[str, str]) -> Firm:
        full = firm.names[0][1]
        names = [
            (70, f"{full}{city[0]}分公司"),
            (15, f"{full}（{city[0]}分公司）"),
            (15, f"{firm.shorts[0]}{city[0]}分公司"),
        ]
        return Firm(firm.brand, names, [f"{firm.shorts[0]}{city[0]}分公司"], firm.website, firm.industry, [city[0]], 1)

    def _foreign(self) -> Firm:
        rng = self.rng
        brand = rng.choice(_WORDS[0]) + rng.choice(_WORDS[1])
        name = f"{brand} {rng.choice(_WORK)}"
        legal = rng.choice(_LEGAL).split("|")
        forms = [
            f"{name} {legal[0]}",
            f"{name}, {legal[0]}",
            f"{name} {legal[1]}",
            f"{name} {legal[2]}",
            name,
            name.upper(),
        ]
        names = list(zip((40, 12, 10, 8, 25, 5), forms, strict=True))
        domain = name.lower().replace(" ", rng.choice(("", "-"))) + rng.choice((".com", ".io", ".co.uk", ".de"))
        if rng.random() < 0.3:
            domain = f"{brand.lower()}.com"
        return Firm(
            brand,
            names,
            [name, brand],
            domain,
            rng.choice(_TRADES).split("|")[2],
            [rng.choice(_PLACES)],
            rng.randrange(5),
        )

    def _record(self, firm: Firm) -> Fields:
        rng = self.rng
        aliases: list[str] = []
        if firm.former and rng.random() < 0.4:
            firm = firm.former  # written before the rename
        elif firm.former and rng.random() < FORMER_NAME:
            aliases.append(rng.choice([firm.former.names[0][1], firm.former.names[3][1]]))
        name = rng.choices([n for _, n in firm.names], [w for w, _ in firm.names])[0]
        fields: Fields = {"name": self._mistyped(name) if rng.random() < TYPO else name}
        if rng.random() < ALIASES:
            aliases += rng.sample(firm.shorts, 1)
        if aliases:
            fields["aliases"] = aliases
        if rng.random() >= NO_WEBSITE:
            fields["website"] = self._website(firm)
        if rng.random() >= NO_LOCATION:
            fields["locations"] = [*firm.locations, *([self._city()[0]] if rng.random() < 0.15 else [])]
        if rng.random() >= NO_INDUSTRY:
            fields["industry"] = firm.industry if rng.random() < 0.92 else rng.choice(_TRADES).split("|")[2]
        if rng.random() >= NO_SIZE:
            fields["size"] = _SIZES[min(max(firm.size + rng.choice((-1, 0, 0, 0, 0, 0, 1)), 0), 4)]
        return fields

    def _website(self, firm: Firm) -> str:
        rng = self.rng
        chance = rng.random()
        if chance < JOB_BOARD:
            return rng.choice(_BOARDS).format(n=rng.randrange(10**6))
        if chance < JOB_BOARD + AGENCY_SITE:
            return f"https://www.headhunt{rng.randrange(5)}.cn"
        host = firm.website
        return rng.choice((f"https://www.{host}", f"http://www.{host}/", host, f"www.{host}", f"https://{host}/about?from=jobs",
                           f"https://hr.{host}/cn", host.upper()))  # fmt: skip

    def _mistyped(self, name: str) -> str:
        at = self.rng.randrange(len(name) - 1)
        if self.rng.random() < 0.5:
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        return name[:at] + name[at + 1 :]
