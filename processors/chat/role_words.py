"""How roles are written that no list has: by their heads, fields and trades, and by what stands around them."""

import re

from processors.lexicon.gazetteer import district_names
from processors.lexicon.places import CITIES, TOWNS

_NO_MODIFIERS = """
a an the any some for as at in on of with who what that this is are be and or to up near around by my our your
their his her i we you they it me us find show need want looking look search get hire hiring open new more other
good great senior junior lead mid level entry experienced remote part full time contract permanent work job jobs
role roles position positions opening openings decent one two three four five ten strong solid really just only
also now then like into from have has had got do does did can could would should will please hi hey hello ok
okay fine alright back out around about over under than people person someone anybody anyone candidate
candidates talent talents few couple maybe perhaps mostly mainly preferably probably possibly ideally pull shortlist list top first second third last best which how long where
when why both each talk speak real human hiring your manager's sorry meant said not no but so lol
well
"""
PLAIN_WORDS = frozenset(_NO_MODIFIERS.split())
_MODIFIER = re.compile(r"([a-z][a-z&+/-]*) $")
_MAX_MODIFIERS = 3
_MODIFIER_REACH = 40
HAN_ROLE = re.compile(
    r"(?P<field>[\u4e00-\u9fff]{0,6}?)(?P<head>工程师|设计师|分析师|培训师|咨询师|造型师|摄影师|美容师|按摩师|理发师|化妆师|评估师|规划师|策划师|精算师|园艺师|花艺师|面点师"
    r"|调酒师|专员|主管|总监|经理|顾问|助理|文员|店员|店长|组长|班长|厂长|主任|策划|编导|导演|演员|模特|导游|教练|月嫂|技师|技工|技术员|施工员|安全员|材料员|资料员|理货员"
    r"|专家|教员|警长|检察长|行长|法官|学员|音乐家|银行家|雕刻家|评论家|摄影家|创作人|实习生|设计(?!师)|维修(?!工|师)|人员|负责人|科学家|学家|艺术家|画家|作家|干事|总裁|经纪人|教授|代表(?!作|性)|合伙人|制片人|制作人|主厨|主持人|队长|领班|校长"
    r"|馆长|院长|编剧|主编|歌手|司仪|博主|门卫|督导|管家|操盘手|迎宾|评论员|保荐人|乘务|安装(?!工)|分拣员|配送员|驾驶员|验光师|药师|护工|车工|钳工|瓦工|漆工|杂工|洗碗工|搬运工|缝纫工|包装工|小时工|学徒"
    r"|[\u4e00-\u9fff](?<![人成会党官职委队议公演雇官])员(?!工|会|额)|[\u4e00-\u9fff](?<![大老导律出])师(?!傅|范|兄|姐|生|资|大|父)"
    r"|[\u4e00-\u9fff](?<![的员职打手施加分开罢化军美人竣停复民招社义返完用])工(?!读|讀|作|程|资|业|厂|龄|种|具|地|艺|人|会|况|时|商|部|信|行|签|学|科))"
)
TRADES = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,6}?(?:开发|推广|研究|检测|研发|培训|制作|审核|跟单|理赔|招商|建模|制图|拓展|分析|支持|监理|测绘|养护|代理|管理(?=的?(?:工作|岗|职位|活|方面|方向|类))))"
    r"(?=的?(?:工作|岗|职位|活|方面|方向|类|[,，。？?、\s]|$))"
)
"""A field and what is done in it, two characters, at the end of a clause: other sentences have such words, too."""
TRADE_SIZE = 2
POST = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,6}?)岗(?!位|亭)")
NO_POST = re.compile(r"语$|班$|职$|实习|远程|管理$|合适|好的?$|其他|别的|什么|哪|多少|上$|在$|到$|离$|转$|待$|满$|站$")
HEAD_OF = re.compile(
    r"\b(?:director|head|vp|vice president|dean|chief|president|professor|manager|teacher) of (?!the\b|a\b|your\b|our\b|this\b)[a-z]+"
    r"(?:(?: and| &)? (?!(?:in|at|for|with|and|or|who|jobs?|roles?|positions?|openings?|near|please|looking)\b)[a-z]+){0,2}"
)
"""Heads that their field follows."""
NEEDS_FIELD = frozenset(
    ("工程师", "设计师", "分析师", "专员", "主管", "总监", "经理", "顾问", "助理", "组长", "班长", "主任", "策划")
) | {"设计", "维修", "安装", "人员", "负责人", "专家", "实习生", "学员", "干事", "总裁", "代表", "队长", "领班", "督导"}
SOMEBODYS = re.compile(r"[你我他她咱]们?的?(?!想|是|要|做|当|找|会)|让|叫|[让叫]")
LEADS = re.compile(
    r"[了年]|儿(?![园童科子女歌保])|[找招做当是想要有在会懂的个位名份些点过来去给聘缺推干看]|推荐|应聘|求职|关于|以及|或者?|和|与|[省市区县](?!经理|总|主管|负责人|销售|域)|(?<=[是我])学|什么|哪些|公司|"
    + "|".join(sorted((*CITIES, *TOWNS, *district_names()), key=len, reverse=True))
)


def with_modifiers(text: str, start: int) -> int:
    """Return where a role begins whose Latin head is at `start`: at `java` for `a java developer`."""
    for _ in range(_MAX_MODIFIERS):
        before = _MODIFIER.search(text, max(0, start - _MODIFIER_REACH), start)
        if before is None or before[1] in PLAIN_WORDS:
            break
        start = before.start(1)
    return start


_ELSEWHERE = re.compile(r"(?:办公|常用|相关|(?<!过)学的?|读的?|专业是?|公司的?|主要|我们的?|你们的?|他们的?)$")
_TRADE = re.compile(r"[\s,，、。.!！?？的岗]|工作|职位|员|主管|经理|$")
_AFTERWARDS = re.compile(
    r"(?:证(?!券)|资格|专业|(?: engineering)? degree\b| licen[cs]e|公司|行业|部门?(?!经理)|化|是什么|系统|平台|工具|模块|园(?!丁|艺|林)|大厦|学院| ?3d\b)"
)


def is_of_something_else(text: str, start: int, end: int) -> bool:
    """Whether a field is spoken of rather than a role: `产品是什么`, `物流公司`."""
    if text[start:end] == "业务" and not _TRADE.match(text, end):
        return True
    return bool(_AFTERWARDS.match(text, end) or _ELSEWHERE.search(text, max(0, start - 4), start))
