"""The parts of a person's name: family and given name, in the orders in which they are written."""

import re

from processors.lexicon.script import is_han
from schemas.resume import PersonName

# The hundred family surnames with today's most frequent ones; compound ones apart.
SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任"
    "袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴"
    "谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解"
    "应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬"
    "全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党"
    "翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都"
    "耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓"
    "公肖涂代仝佟覃闫付苟冼岳官帅缑亢况郈有琴归海晋楚闰鄢付阳牟佘佴伯赏墨哈谯笪年爱原区邸苑戢未"
)
COMPOUND = frozenset(
    """欧阳|诸葛|上官|司马|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|夏侯|端木|独孤|南宫|西门|闻人|宇文|澹台|申屠|太史|轩辕|钟离|司空|百里|呼延""".replace(
        "\n", "|"
    ).split("|")
)
WORD = r"[^\W\d_](?:[^\W\d_]|['’.\-]){0,24}"
SUFFIX = re.compile(r",? (?:Jr|Sr|II|III|IV|V|2nd|3rd)\.?$", re.IGNORECASE)
PARTICLES = frozenset(
    """de|van|von|der|den|dem|da|di|du|des|del|della|la|le|les|bin|ibn|al|el|ter|ten|te|dos|das|do|st|af|av|zu|zur|ben|bint
abu|mac|y|e""".replace("\n", "|").split("|")
)
_VIETNAMESE = frozenset(
    """nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|lý|đinh|trịnh|đoàn|nguyen|tran|pham|huynh""".replace(
        "\n", "|"
    ).split("|")
)
LAST_FIRST = re.compile(rf"({WORD}(?:[ \-]{WORD}){{0,3}}), ?({WORD}(?:[ \-]{WORD}){{0,3}})")

_HONG_KONG = re.compile(r"[A-Z][a-z]{0,5} [A-Z][a-z]{0,5}[ -][A-Za-z][a-z]{0,5}, [A-Z][a-z]+")
"""Kwok Wing Yan, Phoebe: a whole Chinese name before an English one."""


def parts(full: str) -> PersonName:
    """Take a name apart: Chinese ones by their surname, others by capitals or a comma, else given name first.

    `Smith, John` is shown as `John Smith`. Particles belong to the family name, suffixes to neither part.
    """
    name = full.strip()
    if is_han(name):
        bare = re.sub(r"[ \u3000]", "", name)
        if "·" in bare or not (bare[0] in SURNAMES or bare[:2] in COMPOUND):
            return PersonName(full=bare)
        cut = 2 if bare[:2] in COMPOUND and len(bare) > 2 else 1
        return PersonName(full=bare, family=bare[:cut], given=bare[cut:], order="family_first")
    suffix = SUFFIX.search(name)
    tail = suffix[0] if suffix else ""
    bare = name[: suffix.start()] if suffix else name
    if found := LAST_FIRST.fullmatch(bare):
        family, given = (_cased(part.split(), every=True) for part in found.groups())
        if _HONG_KONG.fullmatch(name):
            return PersonName(
                full=name,
                family=family.split()[0],
                given=f"{' '.join(family.split()[1:])} {given}",
                order="family_first",
            )
        return PersonName(full=f"{given} {family}{tail}", family=family, given=given, order="family_first")
    words = bare.split()
    shouted = bare.isupper()  # capitals say nothing of the order
    if shouted:
        words = _cased(words).split()
    shown = " ".join(words) + tail
    if len(words) < 2:
        return PersonName(full=shown)
    if words[0].isupper() and len(words[0].strip(".")) > 1 and not words[-1].isupper():
        return PersonName(full=shown, family=words[0].title(), given=" ".join(words[1:]), order="family_first")
    if words[0].casefold() in _VIETNAMESE and words[-1].casefold() not in _VIETNAMESE:
        return PersonName(full=shown, family=words[0], given=" ".join(words[1:]), order="family_first")
    at = len(words) - 1
    while at > 1 and (words[at - 1] in PARTICLES or words[at - 1] in ("Al", "El", "Bin", "Ibn", "Bint")):
        at -= 1
    family = " ".join(words[at:])
    return PersonName(
        full=shown,
        family=family.title() if family.isupper() else family,
        given=" ".join(words[:at]),
        order="given_first",
    )


def _cased(words: list[str], *, every: bool = False) -> str:
    """Return words in capitals as names are written; `every`: each on its own, for the others may be in small letters."""
    if every:
        return " ".join(w.title() if w.isupper() and len(w.strip(".")) > 1 else w for w in words)
    return " ".join(w if len(w) < 3 and "." in w else w.title() for w in words)
