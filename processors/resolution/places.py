"""Chinese provinces and larger cities as they stand in the names of companies, in characters and in pinyin."""

import re

from processors.lexicon.places import CITIES, PROVINCES
from processors.resolution.text import pinyin

_NAMES = (*CITIES, *PROVINCES, "中国")
_PROVINCES = frozenset((*PROVINCES, "香港", "澳门", "中国"))
_READ = {
    "陕西": "shaanxi",
    "厦门": "xiamen",
    "重庆": "chongqing",
    "长沙": "changsha",
    "长春": "changchun",
    "中国": "china",
    "香港": "hongkong",
}
PINYIN = {name: _READ.get(name, pinyin(name)) for name in _NAMES}
"""Each place's name in letters, by its Chinese name."""

HAN = re.compile(rf"(?:{'|'.join(_NAMES)})(?:省|市)?")
HAN_AT_END = re.compile(HAN.pattern + "$")
LATIN = frozenset(PINYIN.values())


def city(text: str) -> str:
    """Return a city's name in letters; empty for provinces, which say too little to tell companies apart."""
    name = re.sub(r"[省市]$", "", text)
    return "" if name in _PROVINCES else PINYIN.get(name, name)
