"""Languages, awards, publications and patents."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files

from processors.lexicon.dates import dates
from processors.resume.text import Line, Piece
from schemas.resume import Listed, SpokenLanguage

_CODES = {
    name.replace("_", " ").casefold(): code
    for code, names in tomllib.loads(files(__package__).joinpath("data/languages.toml").read_text("utf-8")).items()
    for name in names.split()
}
_NAME = re.compile(
    "|".join(
        rf"(?<![a-zà-ÿ]){n}(?![a-zà-ÿ])" if n.isascii() else n.replace("i̇", "(?:i̇|İ)")
        for n in sorted(_CODES, key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_LEVELS = (
    ("native", r"母语|native|natif|nativo|moedertaal|modersmål|morsmål|ojczysty|ana dil|anadil|родной|bản ngữ|母国语|모국어|اللغة الأم|mother tongue|first language|muttersprache|langue maternelle|lengua materna|madrelingua"),
    ("C2", r"精通|\bC2\b|bilingual|mastery"),
    ("C1", r"流利|流畅|专业八级|专八|TEM-?8|\bN1\b|\bC1\b|fluent|flie(?:ß|ss)end|verhandlungssicher|vloeiend|flytende|flytande|biegł|akıcı|ileri|свободно|thành thạo|lưu loát|fluente|avançado|avanzado|유창|courant|bilingue|fluido|full professional|proficient|advanced|雅思 ?[78]|IELTS ?:? ?[78]|托福 ?1[0-2]\d|TOEFL ?:? ?1[01]\d|熟练"),
    ("B2", r"CET-?6|六级|专业四级|专四|TEM-?4|\bN2\b|\bB2\b|sehr gut|professional working|upper[- ]intermediate|good|良好|雅思 ?6|IELTS ?:? ?6|working proficiency|conversational|professional"),
    ("B1", r"CET-?4|四级|\bN3\b|\bB1\b|intermediate|interm[ée]diaire|\bgut\b|bon niveau|中级|中等|一般|limited working"),
    ("A2", r"\bN4\b|\bA2\b|elementary|grundkenntnisse|notions|scolaire|débutant|基础|basic|初级"),
    ("A1", r"\bN5\b|\bA1\b|beginner|入门"),
)  # fmt: skip
_LEVEL = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _LEVELS]
_TESTS = (
    (
        "en",
        r"CET-?[46]|TEM-?[48]|大学英语[四六]级|英语[四六]级|(?:IELTS|雅思)[ :：]*\d(?:\.\d)?|(?:TOEFL|托福)[ :：]*\d{2,3}|(?:TOEIC|托业)[ :：]*\d{3}|BEC ?(?:高级|中级|Higher|Vantage)",
    ),
    ("ja", r"(?:JLPT|日语|日本语)[ -]*(?:能力考试)?[ -]*N[1-5]"),
    ("zh", r"HSK ?[1-6]|普通话[一二三]级[甲乙]等"),
)
_TEST = [(code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _TESTS]
_LABEL = re.compile(r"^(?:荣誉|获奖|awards?)\s*[:：]\s*", re.IGNORECASE)
_LONGEST_LINE = 1000


def languages(lines: Iterable[Line]) -> Iterator[SpokenLanguage]:
    """Yield the languages of a section; a level belongs to the language before it."""
    for line in lines:
        names = list(_NAME.finditer(line.text, 0, _LONGEST_LINE))
        for n, match in enumerate(names):
            if n and _CODES[match[0].casefold()] == _CODES[names[n - 1][0].casefold()]:
                continue
            until = names[n + 1].start() if n + 1 < len(names) else len(line.text)
            yield _language(line.piece.part(*match.span()), line.text[match.end() : until])
        if not names:
            yield from tested(line.piece)


_SPEAKS = re.compile(
    r"\b(?:I (?:also )?(?:speak|am fluent in|write and speak)|fluent in|ich spreche(?: fließend)?|je parle(?: couramment)?|hablo|falo|parlo|ik spreek|jag talar|jeg snakker|jeg taler|mówię)(?P<what> [^.;。]{2,120})"
    r"|(?:我|本人)?(?:会说|会讲|能说|精通|掌握)(?P<han>[^。；]{2,60})",
    re.IGNORECASE,
)


def spoken(lines: Iterable[Line]) -> Iterator[SpokenLanguage]:
    """Yield the languages that a sentence says somebody speaks: `I speak Polish (native) and English (fluent)`."""
    for line in lines:
        if told := _SPEAKS.search(line.text, 0, _LONGEST_LINE):
            part = line.piece.part(*told.span("what" if told["what"] else "han"))
            yield from languages([Line(part, False, (part,))])


def tested(part: Piece) -> Iterator[SpokenLanguage]:
    """Yield the languages that a text names by a test: `CET-6`, `雅思7.0`, `JLPT N1`."""
    for code, pattern in _TEST:
        if match := pattern.search(part.text):
            yield _language(part.part(*match.span()), match[0], code)


def _language(name: Piece, said: str, code: str | None = None) -> SpokenLanguage:
    level = next((name for name, pattern in _LEVEL if pattern.search(said)), None)
    return SpokenLanguage(
        name=name.found(confidence=0.95),
        code=code or _CODES[name.text.casefold()],
        level=level,  # type: ignore[arg-type]
        evidence=said.strip(" :：-–—()（），,;；、|\t.") or None,
    )


_ROWS = {
    "certificates": re.compile(
        r"(?:所获|所持|持有|职业|资格|专业|相关)?(?:资格)?(?:证书|证照|资质|证件|持证|驾照|驾驶证|执照|证)(?: ?[/／、] ?(?:执照|资质|证照))?(?:\t|[:：]|[ 　])|(?:(?:professional|technical|key|relevant|current|other|trade|industry) )?(?:certificates?|certifications?|licen[cs]es?|tickets|zertifikate|scheine|permis)(?: held| obtained)?(?: ?(?:/|&|and|und|et) ?(?:certificates|certifications|licen[cs]es|tickets|cards|training|courses|weiterbildungen|habilitations))?(?:\t| ?:)",
        re.IGNORECASE,
    ),
    "skills": re.compile(
        r"(?:(?:专业|职业|其他|主要|掌握|个人)?技能(?:特长)?|特长|擅长|会的|能力)(?:\t|[:：])|(?:(?:key|technical|other|computer|it|professional|core|main|additional) )?skills(?:\t|:)"
        r"|(?:(?:edv|it|fach|pc)-?)?kenntnisse(?:\t|:)|f[äa]higkeiten(?:\t|:)|comp[ée]tences(?:\t|:)|conocimientos(?:\t|:)|competenze(?:\t|:)|habilidades(?:\t|:)",
        re.IGNORECASE,
    ),
    "languages": re.compile(
        r"(?:语言|外语|语文)(?:能力|水平|技能)?(?:\t| ?[:：])|(?:languages?(?: known| skills| spoken| proficiency)?|mother tongue(?:\(s\))?|native languages?|other languages?(?:\(s\))?|foreign languages?"
        r"|sprachen|sprachkenntnisse|muttersprachen?(?:\(n\))?|(?:weitere |fremd)sprachen?(?:\(n\))?|langues?(?: maternelles?(?:\(s\))?)?|autres? langues?(?:\(s\))?|idiomas|lingue|outras línguas|língua(?:s)? materna(?:s)?|línguas|lingua madre|madrelingua|altre lingue|talen|andere talen|språk|sprog|kielet|języki(?: obce)?|jazyky|nyelvek|limbi|jezici|diller|yabancı dil(?:ler)?|языки|иностранные языки|мови|γλώσσες|שפות|اللغات|ngoại ngữ|bahasa|외국어|語学|sprachkenntnis(?:se)?|mehrsprachig|otros idiomas|lengua materna)(?:\t| ?[:：]| (?=[A-ZÀ-Ž]))",
        re.IGNORECASE,
    ),
}


_LISTS = re.compile(
    r"(?:[^\s，,、；;/]{1,20}(?:证书?|执照|驾照|资格|师|级|[甲乙]等|技术士|技能士|员|士)(?:[（(][^()（）]{1,12}[)）])?(?:[，,、；;/ 　]{1,2}|$)){1,12}"
)
"""Chinese certificates and nothing else: after such a label they are some in any section."""


def rows(lines: Iterable[Line], about: str, *, ruled: bool = False) -> Iterator[Line]:
    """Yield what rows with a label for certificates or languages say; `ruled`: only of rows with cells."""
    for line in lines:
        mark = _ROWS[about].match(line.text) if len(line.text) < 300 else None
        rest = line.piece.part(mark.end(), len(line.text)) if mark else None
        if (
            mark
            and rest
            and (
                _LISTS.fullmatch(rest.text)
                or (mark[0][-1] in "\t:：" and not ruled)
                or mark[0][-1] == "\t"
                or (about == "languages" and _NAME.match(rest.text))
            )
        ):
            yield Line(rest, False, (rest,))


def is_list_of_certificates(line: Line) -> bool:
    """Whether a line is a label of certificates and nothing but Chinese names of some behind it, in whatever section."""
    mark = _ROWS["certificates"].match(line.text) if len(line.text) < 300 else None
    return mark is not None and _LISTS.fullmatch(line.text[mark.end() :].strip()) is not None


def listed(lines: Iterable[Line]) -> Iterator[Listed]:
    """Yield awards, publications or patents, one a line."""
    for line in lines:
        part, when = line.piece, None
        if mark := _LABEL.match(part.text):
            part = part.part(mark.end(), len(part.text))
        span = next(dates(part.text), None) if len(part.text) < 400 else None
        if span:
            when = span.start
            left, right = part.part(0, span.at[0]), part.part(span.at[1], len(part.text))
            part = _bare(left if len(left.text) >= len(right.text) else right)
        if len(part.text) > 1:
            yield Listed(title=part.found(confidence=0.85), date=when)


def _bare(part: Piece) -> Piece:
    mark = re.search(r"[ (（\[,，\-–—]+$", part.text)
    start = re.match(r"[ )）\],，\-–—年获]*", part.text)
    return part.part(start.end() if start else 0, mark.start() if mark else len(part.text))
