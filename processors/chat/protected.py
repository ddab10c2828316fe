"""What is refused: searches by what people are rather than by what they can, and questions for others' contact data."""

import re

from processors.lexicon.places import PROVINCES
from processors.lexicon.script import fold, plain

_WHO_HAN = (
    r"男(?:的|生|性|士|孩)?|女(?:的|生|性|士|孩)?|(?:没|未|已)?结婚了?的?|(?:已经?有|没有?|有)(?:小孩|孩子|娃)(?![看照教辅陪护管英])的?|未婚|已婚|未育|已育|单身|离异|孕妇|汉族|[回藏满壮]族|维吾尔族?|少数民族"
    r"|信(?:教|佛|主)|基督徒|穆斯林|佛教徒|本地(?:人|户口|户籍)|外地(?:人|户口|户籍)?|本省人|农村户口|城镇户口|年轻(?:人|的)|年纪(?:轻|大)的?|长得?好看|颜值"
)
_WHO_LATIN = (
    r"men|women|man|woman|males?|females?|guys?|girls?|boys?|lad(?:y|ies)|married|single|childless|mothers?|pregnant|white|black|asians?|latinos?"
    r"|muslims?|christians?|jew(?:s|ish)|hindus?|catholics?|natives?(?: [a-z]+)?|locals|foreigners|immigrants|young(?:er)?|old(?:er)?|disabled|gay"
)
_BETWEEN = r"(?:(?:show|give|send|find|want|need|have|hire|take|see|me|us|to|a|an|any|the|some|local|[a-z]{2,12}(?:ese|ish|ian|ean)) ){0,4}"
_PROTECTED = re.compile(
    rf"(?:只|仅|要|优先|限|不要|不招|别|找|招|除了|排除|最好)[^,，。]{{0,6}}(?:{_WHO_HAN})(?!装|鞋|士官|科|包)"
    rf"|(?:{_WHO_HAN})[^,，。]{{0,4}}(?:优先|最好|免谈|不要|不招|除外|不考虑|别|不方便)"
    r"|(?:有没有|有无)[^,，。]{0,3}(?:男[的生性士]|女[的生性士])(?!装|鞋)"
    rf"|(?:只|仅|要|优先|限|不招|别|除了|排除)[^,，。]{{0,4}}(?:{'|'.join(PROVINCES)}|东北)人(?![事才力员脉])"
    r"|(?:年轻|(?:年纪|年龄|岁数)(?:轻|小|大))一?[点些](?!的?(?:团队|公司|氛围))"
    r"|[一二三四五六七八九]?十[一二三四五六七八九]?岁(?:以下|以上|以内|之内|左右)"
    rf"|(?:{'|'.join(PROVINCES)}|东北|本地|外地)人(?:除外|不要|不招|免谈|不考虑|优先|勿扰|别)"
    r"|年(?:龄|纪)[^,，。]{0,6}\d{2}|\d{2}\s?岁(?:以下|以上|以内|之内|左右)|[89]0后|0[05]后"
    rf"|\b(?:only|prefer(?:ably|red)?|no|exclude|excluding|without|avoid|just|rather|not any) {_BETWEEN}(?:{_WHO_LATIN})\b(?! ?(?:of|in the))"
    rf"|\b(?:{_WHO_LATIN}) (?:only|preferred|please|ideally|candidates? only)\b"
    r"|\b(?:without|no|nobody with|no one with|(?:don'?t|doesn'?t|not) have|has no|have no) (?:any |small |young )?(?:kids|children|babies|dependants|dependents)\b"
    r"|\b(?:male|female|christian|muslim|jewish|white|unmarried|childless) (?:candidates?|applicants?|engineers?|developers?)\b"
    r"|\b(?:under|over|below|above|younger than|older than) (?:the age of )?\d{2}\b(?! ?(?:k|%|,|usd|eur|years? (?:of )?exp|hours|people|employees|months))"
    r"|\b(?:age|aged) (?:under |below |over )?\d{2}\b|\bmax(?:imum)? age\b"
)


def asks_protected(text: str) -> bool:
    """Whether a message selects people by sex, age, family, ethnicity, religion or origin."""
    return _PROTECTED.search(plain(fold(text))) is not None


_CONTACT = (
    r"(?:手机|电话|座机)号?码?|微信号?|邮箱|电邮|邮件地址|联系方式|住址|家庭地址|身份证号?码?|住(?:在)?(?:哪|什么地方)|电话几号"
    r"|\b(?:phone|mobile|cell|telephone)(?: numbers?)?|e-?mails?(?: address(?:es)?)?|(?:home |private )?address(?:es)?|contact (?:info|details|data)|wechat|where (?:does )?(?:he|she) lives?|id number"
)
_OTHERS = (
    r"他们?(?!吃)|她们?|人家|对方|候选人|求职者|第[一二三四五六\d]+[个位名]|所有人|大家|别人|其他人|那个人|这个人|那位|这位"
    r"|(?:#|no\.? ?|number )\d+|\b(?:his|her|their|him|them|he|she|everyone|everybody|all candidates|candidates?(?: \w+)?(?:'s)?|(?:first|second|third|last|top) candidate(?:'s)?|(?:first|second|third|last|top) (?:one|guy|person|candidate|girl|lady)(?:'s)?|number (?:one|two|three|\d)(?:'s)?|(?:manager|boss|owner|recruiter|interviewer|employee)(?:'s))"
)
_ASKS_CONTACTS = re.compile(
    rf"(?:{_OTHERS})[^,，。.?!]{{0,24}}(?:{_CONTACT})|(?:{_CONTACT})[^,，。.?!]{{0,16}}(?:{_OTHERS})"
)
_TO_MEET = re.compile(r"电话(?:面试|沟通|聊)|视频|约|\b(?:schedule|book|arrange|call (?:with|him|her))\b")


_PRIVATE = (
    r"结婚|离婚|单身|对象|老公|老婆|男朋友|女朋友|孩子|小孩|怀孕|生病|几口人|父母|信什么教|宗教|什么民族|多大(?:年纪|岁数)|几岁|体重|身高|长什么样"
    r"|\b(?:married|single|husband|wife|kids|children|pregnant|religion|religious|ethnicity|nationality|how old|disab(?:led|ility)|gay|parents)\b"
)
_ASKS_PRIVATE = re.compile(
    rf"(?:{_OTHERS})[^,，。.?!]{{0,24}}(?:{_PRIVATE})|(?:{_PRIVATE})[^,，。.?!]{{0,16}}(?:{_OTHERS})"
)


_ANOTHERS = re.compile(
    r"\bcandidate [a-z]?\d{2,}\b|(?:another|other|someone else'?s?|somebody else'?s?) (?:candidates?'?s?|applicants?'?s?|people'?s|person'?s)\b.{0,20}\b(?:resumes?|cvs?|profiles?|records?)\b"
    r"|(?:别人|其他(?:人|候选人|求职者)|别的(?:候选人|求职者|应聘者))的?[^,，。]{0,6}(?:简历|资料|档案|信息|薪资|工资)"
)


def asks_another(text: str) -> bool:
    """Whether a message asks for another candidate's record."""
    return _ANOTHERS.search(plain(fold(text))) is not None


def asks_private(text: str) -> bool:
    """Whether a message asks for somebody else's private life."""
    return _ASKS_PRIVATE.search(plain(fold(text))) is not None


def asks_reach(text: str) -> bool:
    """Whether a message asks how to reach somebody else, or where they live."""
    folded = plain(fold(text))
    return _ASKS_CONTACTS.search(folded) is not None and _TO_MEET.search(folded) is None


def asks_contacts(text: str) -> bool:
    """Whether a message asks how to reach somebody else, where they live, or of their private life."""
    return asks_private(text) or asks_reach(text)
