"""The parts of a study's head: school, degree and field stand in one phrase, with remarks on honours between."""

import re
from collections.abc import Iterator

from processors.resume import schools
from processors.resume.degrees import DEGREE
from processors.resume.text import Piece

_HONOURS = re.compile(
    r" ?[(（](?:first|second|third|upper|lower|with |hon\w*[ ,]|2[:.][12]|1st|distinction|merit|(?:summa |magna )?cum laude|double major|dual|gpa|cgpa)[^()（）]{0,40}[)）]"
    r"|[ ,;]{1,2}(?:https?://|www\.)\S+",
    re.IGNORECASE,
)


_STOP = re.compile(r"(?:(?<=[a-zà-ÿ]{3})|(?<=, [A-Z]{2}))\. (?=[A-ZÀ-Ž])")


_KOREAN = re.compile(
    r"(?P<school>[\uac00-\ud7a3]{2,12}(?:대학교|대학원|대학|고등학교))(?: (?P<field>[\uac00-\ud7a3]{2,14}))??"
    r"(?: ?(?:졸업|수료|중퇴|재학|입학|편입))?(?: ?[(（]?(?P<degree>학사|석사|박사|전문학사)[)）]?)?(?: ?(?:졸업|수료))?"
)
"""서울대학교 경영학과 졸업(학사)"""


def sentences_of(head: Piece) -> Iterator[Piece]:
    """Yield a head's text without remarks on honours and addresses, and apart at full stops before a school or a degree."""
    if korean := _KOREAN.fullmatch(head.text):
        yield from (head.part(*korean.span(name)) for name in ("school", "field", "degree") if korean[name])
        return
    at = 0
    for mark in _HONOURS.finditer(head.text):
        if part := head.part(at, mark.start()):
            yield from _sentences(part)
        at = mark.end()
    if part := head.part(at, len(head.text)):
        yield from _sentences(part)


def _sentences(part: Piece) -> Iterator[Piece]:
    at = 0
    for mark in _STOP.finditer(part.text):
        behind = part.text[mark.end() :]
        if schools.NAME.search(behind) or DEGREE.match(behind):
            yield part.part(at, mark.start())
            at = mark.end()
    end = len(part.text) - (re.search(r"[^\W\d_]{4}\.$", part.text) is not None)
    yield part.part(at, end)


_FROM = re.compile(r" (?:from|at|an der|à l['’]|von der) (?:the )?(?=[A-ZÀ-Ž])|(?<=\w) (?=in (?:19|20)\d\d$)")


def from_school(part: Piece) -> list[Piece]:
    """Divide what stands in one phrase: `B.Tech in Economics from NIT Trichy in`, `PhD ESSEC Business School`."""
    text = re.sub(r" in$", "", part.text)
    part = part.part(0, len(text))
    if (cut := _FROM.search(text)) and schools.NAME.search(text[cut.end() :]) and DEGREE.search(text[: cut.start()]):
        return [part.part(0, cut.start()), part.part(cut.end(), len(text))]
    degree = DEGREE.match(text)
    if degree and text[degree.end() : degree.end() + 1] == " " and degree.end() < len(text) - 3:
        rest = text[degree.end() :].strip()
        if schools.NAME.search(rest) and rest[:1].isupper() and not re.match(r"(?:in|of|degree)\b", rest):
            return [part.part(0, degree.end()), part.part(degree.end(), len(text))]
    return [part]


_WITH_FACULTY = re.compile(r"[\u4e00-\u9fff]{2,16}?大学(?=[\u4e00-\u9fff]{2,6}学院)")


def school_of(part: Piece) -> tuple[Piece, list[Piece]]:
    """Divide a part at the end of a Chinese school's name: 清华大学 计算机系, 北京大学（985）本科."""
    if (led := re.match(r"(?:就读于|毕业于|在读于|考入|在|于)(?=[\u4e00-\u9fff]{2})", part.text)) is not None:
        part = part.part(led.end(), len(part.text))
    match = re.match(
        r"[\u4e00-\u9fff（）()·]{0,20}?(?:大学|学院|中学|学校)(?:[\u4e00-\u9fff]{2,6}学院|[（(][^（）()]{1,8}(?:校区|分校)?[)）])?",
        part.text,
    )
    remark = (
        re.search(r"[（(](?:985|211|双一流|统招|全日制|本科|硕士)[^（）()]{0,12}[)）]$", match[0]) if match else None
    )
    if match and (remark or match.end() < len(part.text)) and not part.text[match.end() :].startswith(("院", "部")):
        cut = left = remark.start() if remark else match.end()
        if part.text.endswith("专业") and (whole := _WITH_FACULTY.match(match[0])):  # 某大学机电工程学院机械设计专业
            cut = whole.end()
        return part.part(0, cut), [p for p in [part.part(left, len(part.text))] if p]
    return part, []
