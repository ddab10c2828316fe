"""Countries, states and regions as somebody names them who looks for work: wider than any place that a record names."""

import re
from collections.abc import Iterator
from functools import cache

_COUNTRIES = """
germany 德国|france 法国|spain 西班牙|italy 意大利|portugal 葡萄牙|netherlands 荷兰|belgium 比利时|switzerland 瑞士
austria 奥地利|poland 波兰|czech republic 捷克|hungary 匈牙利|romania 罗马尼亚|greece 希腊|sweden 瑞典|norway 挪威|denmark 丹麦
finland 芬兰|ireland 爱尔兰|united kingdom 英国|ukraine 乌克兰|russia 俄罗斯|turkey 土耳其|israel 以色列|serbia 塞尔维亚
united states 美国|canada 加拿大|mexico 墨西哥|brazil 巴西|argentina 阿根廷|chile 智利|colombia 哥伦比亚|peru 秘鲁
australia 澳大利亚|new zealand 新西兰|japan 日本|south korea 韩国|vietnam 越南|thailand 泰国|malaysia 马来西亚|indonesia 印尼
philippines 菲律宾|india 印度|pakistan 巴基斯坦|bangladesh 孟加拉|sri lanka 斯里兰卡|cambodia 柬埔寨|myanmar 缅甸|laos 老挝
saudi arabia 沙特|qatar 卡塔尔|kuwait 科威特|united arab emirates 阿联酋|egypt 埃及|morocco 摩洛哥|kenya 肯尼亚|nigeria 尼日利亚
ghana 加纳|ethiopia 埃塞俄比亚|south africa 南非|kazakhstan 哈萨克斯坦|uzbekistan 乌兹别克斯坦|china 中国大陆
europe 欧洲|africa 非洲|southeast asia 东南亚|middle east 中东|latin america 拉美|north america 北美
"""
_ALSO = {
    "uk": "united kingdom",
    "u.k.": "united kingdom",
    "england": "england",
    "great britain": "united kingdom",
    "holland": "netherlands",
    "us": "united states",
    "usa": "united states",
    "u.s.": "united states",
    "u.s.a.": "united states",
    "the states": "united states",
    "uae": "united arab emirates",
    "korea": "south korea",
    "czechia": "czech republic",
    "emirates": "united arab emirates",
    "澳洲": "australia",
    "印度尼西亚": "indonesia",
    "大马": "malaysia",
    "内蒙": "内蒙古",
}
_STATES = """
alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky
louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada new_hampshire new_jersey
new_mexico north_carolina north_dakota ohio oklahoma oregon pennsylvania rhode_island south_carolina south_dakota tennessee texas
utah vermont west_virginia wisconsin wyoming scotland wales northern_ireland bavaria saxony ontario alberta saskatchewan
british_columbia nova_scotia queensland tasmania new_south_wales karnataka kerala maharashtra tamil_nadu telangana gujarat
catalonia andalusia tuscany lombardy brittany normandy silicon_valley bay_area midlands yorkshire cornwall kent essex
"""
_OF_CHINA = "华东 华南 华北 华中 西南 西北 东北 长三角 珠三角 江浙沪 京津冀 大湾区".split()  # noqa: SIM905
_BOTH = [line.rpartition(" ") for line in _COUNTRIES.replace("\n", "|").split("|") if line]
_SPELLINGS = {
    **{chinese: english for english, _, chinese in _BOTH},
    **{english: english for english, _, _ in _BOTH},
    **{name.replace("_", " "): name.replace("_", " ") for name in _STATES.split()},
    **{name: name for name in _OF_CHINA},
    **_ALSO,
}
REGIONS = frozenset(_SPELLINGS.values())
"""Their names: no record is filtered by them."""


@cache
def _named() -> re.Pattern[str]:
    longest = sorted(_SPELLINGS, key=len, reverse=True)
    latin = "|".join(re.escape(name) for name in longest if name.isascii())
    chinese = "|".join(name for name in longest if not name.isascii())
    return re.compile(
        rf"(?<![a-z\d.-])(?:{latin})(?![a-z\d]|-)(?! ?(?:'s|market|customers?|clients?|law|tax|gaap|visa|passport|citizen))"
        rf"|(?:{chinese})(?![人籍语菜料文裔古角方]|公司|企业|留学|品牌|市场|客户|总部|大学|项目|站|线|签证|海归|护照|部[门长])"
    )


def regions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the regions that a text names (name, start, end); Latin ones begin with a capital, or stand behind `in`."""
    lower = text.lower()
    if len(lower) != len(text):
        return
    for match in _named().finditer(lower):
        start, end = match.span()
        if match[0] == "us":
            is_name = text[start:end] == "US"
        else:
            is_expected = _EXPECTED.search(lower, max(0, start - 16), start) is not None
            is_name = is_expected or text[start].isupper() or not text[start].isascii()
        if is_name:
            yield _SPELLINGS[match[0]], start, end


_EXPECTED = re.compile(r"\b(?:in|across|throughout|to|from|within|around|or|and)(?: the)? $")
