"""What was studied: the name of a field, without the degree and the words around it."""

import re

from processors.resume.degrees import DEGREE
from processors.resume.text import Piece

JOINT = re.compile(
    r"^[ ,，]{0,2}\(?hons\.?\)[ ,，]{1,3}(?:in )?(?=\S)|^[ ,，;；()（）/\-–]{0,3}(?:honou?rs )?(?:degree )?(?:in|of|,|，|:|：|-|–|major(?:ing)? in)[ :：]{1,2}(?=\S)|^(?:in|of|en|em|di|de|der|d['’]) ?|^ ?(?:in|en|em|di|in der|de la|nella|în|inom|innen|i|w|v|z|na|по|в|σε|στ[ηο]ν?|في) (?=\S)|^ d['’](?=\S)",
    re.IGNORECASE,
)
LONGEST = 60
_BEHIND_FIELD = re.compile(
    r" (?-i:EFZ|EBA|HF|IHK)$|[ ]?[(（](?-i:IHK|HWK|EFZ|EBA|HF|FH|BBiG)[)）]$|[ ]?[(（]\d{1,3}(?:[.,]\d{1,2})?(?: ?/ ?\d{1,3}(?:\.\d)?|%)[)）]$|[ ]{0,2}[;；]|[ ]?[(（](?:2[:.][12]|1st|2nd|3rd|first|upper|lower|second|third|distinction|merit|pass|hon)[^()（）]{0,30}[)）]?|[ ,，|(（\[–-]{0,3}(?:\b(?:C?GPA|grade|percentage|marks|score|abschlussnote|note|honou?rs degree|with (?:honou?rs|distinction|merit)|first[- ]class|second[- ]class|(?:upper|lower) second|(?:summa |magna )?cum laude|distinction|merit)\b|绩点|平均分|排名)",
    re.IGNORECASE,
)


def own_field(part: Piece) -> Piece | None:
    """Return the field that a part names, without a degree that it names as well."""
    again = DEGREE.search(part.text)
    return beside(part, again.span()) if again else _field(part)


def beside(part: Piece, degree: tuple[int, int]) -> Piece | None:
    """Return the field that stands beside a degree in the same part."""
    first, last = degree
    if (again := re.match(r" ?[(（]([^()（）]{1,14})[)）]", part.text[last:])) and DEGREE.fullmatch(again[1]):
        last += again.end()
    after = part.text[last:]
    joint = JOINT.match(after)
    right = part.part(last + (joint.end() if joint else 0), len(part.text))
    left = part.part(0, first)
    for side in (right, left):
        if side and (found := _field(side)):
            return found
    return None


def _closed(text: str) -> bool:
    """Whether a text ends with a bracket that was opened in it."""
    return text[-1] in ")）" and text.count("(") + text.count("（") == text.count(")") + text.count("）") > 0


def _field(part: Piece) -> Piece | None:
    """Return a part without the words around a field's name; None if it can be none."""
    start, end = 0, len(part.text)
    while start < end and part.text[start] in "（(【[ ，,-–·;；":
        start += 1
    while end > start and part.text[end - 1] in "）)】] ，,-–·;；（(" and not _closed(part.text[start:end]):
        end -= 1
    for _ in range(2):
        inner = part.text[start:end]
        if mark := re.match(
            r"(?:专业|主修|学位|统招|全日制|studiengang|fachrichtung|fields? of study)[:： ]{0,2}|(?:majors?|minor|concentration|speciali[sz]ation|emphasis|focus|track|option)(?: in |[:： ]{1,2})"
            r"|studium (?:der |des |von )?|(?:studies in|studies of|[ée]tudes d[e'’]s?) ?|(?:in|of|en|em|în|i|inom|innen|på|w|по|σε|στην?|في|trong|ngành|chuyên ngành|zum|zur|als|di|de|der|des|du) |d['’]",
            inner,
            re.IGNORECASE,
        ):
            start += mark.end()
        if mark := re.search(
            r"(?<=.{2})(?:专业(?:在职|全日制)?|方向| ?[（(])$|(?:统招|全日制)$|(?:专业)?(?:本科|硕士|博士|大专|专科)?(?:学习|就读|读书|在读|毕业|学生)$",
            part.text[start:end],
        ):
            end = start + mark.start()
    if mark := _BEHIND_FIELD.search(part.text, start, end):
        end = mark.start()
    own = part.part(start, end)
    if (
        not own
        or re.fullmatch(
            r"(?:degrees?|of|in|and|the|de|von|der|et|hons?\.?|honou?rs|with honou?rs|first class|distinction|merit|majors?|concentration|speciali[sz]ation|emphasis|focus|track|option|thesis|dissertation)",
            own.text,
            re.IGNORECASE,
        )
        or len(own.text) > LONGEST
        or len(own.text) < 2
        or any(c.isdigit() for c in own.text)
        or DEGREE.fullmatch(own.text)
        or re.search(
            r"^(?:政治面貌|党员|中共党员|群众|共青团员|团员|自考|成考|函授|统招|全日制|非全日制|在职|网络教育|远程教育|夜大|电大)$|^(?:incl|grades?\b|A\*)|^A{1,3}[A-E*]{0,3}$|^[A-F][+-]$|^(?-i:BBB|BBC|CCC|DDD|DDM|DMM|MMM|PPP)$|^(?:grad|expected|anticipated|conferred|completed|class of)\b|^学历$|程度$|^(?:g[ée]n[ée]ral|technologique|professionnel|mention\b.*)$|^(?:学历|学位)证|exchange|erasmus|austausch|abroad|auslandssemester|visiting student|\bstudent\b|classes? pr[ée]paratoires?\b|[。；!：]|排名|绩点|gpa|课程|统招|^(?:毕业|结业|肄业|在读|学位|abschluss|graduated)$|^985|^211|双一流",
            own.text,
            re.IGNORECASE,
        )
    ):
        return None
    return own
