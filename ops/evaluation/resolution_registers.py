"""Generates companies as registers and lists have them: often a name and nothing else, with slips and short names.

Beside those of `resolution_companies` these tell what a name alone is worth: strangers bear nearly the same name,
groups have daughters in other lines, funds and plants are numbered, and short names stand for several companies.
"""

import random
from dataclasses import dataclass

from ops.evaluation.resolution_forms import SLOPPY, Fields, Labelled, drawn, mistyped

HAN = 0.35
DAUGHTER, NUMBERED, NEAR = 0.1, 0.04, 0.02
"""Shares of companies with a sister in another line, a next one by number, or a stranger one letter apart."""
RECORDS = (30, 30, 20, 12, 8)
SHORT, REORDERED = 0.08, 0.03
WEBSITE, PLACE = 0.25, 0.35

_STEM = (
    "Ash Black Brad Hart Cal Wood Green Hol Thorn Whit Stan Mar Pem Row Vel Nor Cald Dun Ever Fair Gar Tran Kirk Lang"
)
_TAIL = "ford ley ton well mark field man son by worth ham more ridge den via ex ora is an ac ent"
_FIRST = "United General First National Allied Royal Pacific Atlantic Northern Imperial Continental Standard"
_LINE = (
    "Steel Insurance Motors Foods Bank Airlines Cement Shipping Textiles Mining Chemicals Paper Securities Petroleum "
    "Railways Breweries Tobacco Glass Rubber Engineering Electric Gas Water Holdings"
)
_FORMS = (
    "Limited|Ltd|Ltd.", "Inc.|Incorporated|Inc", "Corporation|Corp.|Corp", "plc|PLC|Public Limited Company",
    "GmbH|G.m.b.H.", "AG|Aktiengesellschaft", "S.A.|SA",
)  # fmt: skip
_PLACES = "London Berlin Singapore Boston Toronto Munich Dublin Seattle Hamburg Leeds"
_HEADS = "中国 中国 中国 上海 北京 广东 天津 四川 湖北 江苏 浙江 山东 华东 南方 东方 长江"
_HAN_LINE = (
    "石油 化工 建筑 工程 电力 煤炭 航空 船舶 汽车 钢铁 冶金 纺织 医药 粮油 食品 通信 电子 机械 铁路 港口 旅游 "
    "证券 保险 信托 黄金 有色 水利 核电 农业 林业 建材 玻璃"
)
_HAN_PLACES = "北京 上海 天津 深圳 成都 武汉"
_HAN_FORMS = "集团有限公司 股份有限公司 有限公司 总公司"


@dataclass(frozen=True)
class _Firm:
    words: tuple[str, ...]
    form: str
    han: bool
    place: str
    website: str


def registers(seed: int, count: int) -> list[Labelled]:
    """Return the shuffled records of at least `count` invented companies; the same seed gives the same records."""
    world = _World(random.Random(f"registers {seed}"))
    return drawn(world.rng, ("r-", "c"), RECORDS, world.firms(count), world.record)


class _World:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def firms(self, count: int) -> list[_Firm]:
        """Draw companies; each name is borne by one of them."""
        found: dict[tuple[str, ...], _Firm] = {}
        while len(found) < count:
            words = self._han() if self.rng.random() < HAN else self._latin()
            chance = self.rng.random()
            for each in (words, *self._near(words, chance)):
                found.setdefault(each, self._firm(each))
        return list(found.values())

    def _firm(self, words: tuple[str, ...]) -> _Firm:
        rng = self.rng
        han = words[0] >= "一"
        if han:
            place = words[0] if words[0] in _HAN_PLACES else rng.choice(_HAN_PLACES.split())
            return _Firm(words, rng.choice(_HAN_FORMS.split()), han, place, f"www{rng.randrange(10**8)}.com")
        site = f"{''.join(word[:2] for word in words).lower()}{rng.randrange(1000)}.com"
        return _Firm(words, rng.choice(_FORMS), han, rng.choice(_PLACES.split()), site)

    def _near(self, words: tuple[str, ...], chance: float) -> list[tuple[str, ...]]:
        rng = self.rng
        if chance < DAUGHTER:
            return [(*words[:-1], rng.choice((_HAN_LINE if words[0] >= "一" else _LINE).split()))]
        if words[0] >= "一":
            return []
        if chance < DAUGHTER + NUMBERED:
            return [(*words, number) for number in rng.sample(("II", "III", "IV", "V", "VI"), 2)]
        if chance < DAUGHTER + NUMBERED + NEAR:
            return [(mistyped(rng, words[0]), *words[1:])]
        return []

    def _latin(self) -> tuple[str, ...]:
        rng = self.rng
        own = rng.choice(_STEM.split()) + rng.choice(_TAIL.split())
        if rng.random() < 0.4:
            own += rng.choice(_TAIL.split())
        line = rng.sample(_LINE.split(), rng.choice((0, 1, 1, 2)))
        first = [rng.choice(_FIRST.split())] if rng.random() < 0.2 else []
        return (own, *first, *line)

    def _han(self) -> tuple[str, ...]:
        return (self.rng.choice(_HEADS.split()), *self.rng.sample(_HAN_LINE.split(), self.rng.choice((2, 2, 3))))

    def record(self, firm: _Firm) -> Fields:
        """Return the company as one source has written it down."""
        rng = self.rng
        fields: Fields = {"name": self._name(firm)}
        if rng.random() < WEBSITE:
            fields["website"] = firm.website
        if rng.random() < PLACE:
            fields["locations"] = [firm.place]
        return fields

    def _name(self, firm: _Firm) -> str:
        rng = self.rng
        words = list(firm.words)
        if firm.han:
            if rng.random() < SHORT:
                head = "中" if words[0] == "中国" else words[0][: rng.choice((1, 2))]
                return head + "".join(word[0] for word in words[1:])
            return "".join(words) + (firm.form if rng.random() < 0.8 else "")
        if len(words) > 2 and rng.random() < SHORT:
            return "".join(word[0] for word in words).upper()
        if len(words) > 2 and rng.random() < REORDERED:
            words[1:3] = words[2:0:-1]
        if rng.random() < rng.choice(SLOPPY):
            at = rng.randrange(len(words))
            words[at] = mistyped(rng, words[at])
        name = " ".join(words)
        return f"{name} {rng.choice(firm.form.split('|'))}" if rng.random() < 0.85 else name
