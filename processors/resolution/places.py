"""Chinese provinces and larger cities as they stand in the names of companies, in characters and in pinyin."""

import re

from processors.resolution.text import pinyin

_NAMES = [
    "北京", "上海", "天津", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建",
    "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾",
    "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门", "深圳", "杭州", "广州", "南京", "成都", "武汉",
    "西安", "苏州", "长沙", "厦门", "青岛", "宁波", "无锡", "郑州", "大连", "沈阳", "济南", "福州", "合肥", "昆明",
    "南昌", "南宁", "贵阳", "太原", "石家庄", "哈尔滨", "长春", "兰州", "海口", "温州", "珠海", "佛山", "东莞",
    "中山", "惠州", "常州", "南通", "徐州", "扬州", "镇江", "嘉兴", "绍兴", "金华", "台州", "湖州", "烟台", "潍坊",
    "淄博", "威海", "临沂", "洛阳", "襄阳", "宜昌", "泉州", "漳州", "唐山", "保定", "廊坊", "芜湖", "绵阳", "中国",
]  # fmt: skip
_PROVINCES = frozenset(_NAMES[4:34]) | {"中国"}
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
