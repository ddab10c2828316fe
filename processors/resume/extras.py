"""Languages, certificates, awards, publications and patents."""

import re
from collections.abc import Iterable, Iterator, Sequence

from processors.lexicon.dates import dates
from processors.resume.roles import employer_score
from processors.resume.text import Line, Piece
from schemas.resume import Certificate, Found, Listed, SpokenLanguage

_CODES = {
    name: row.split()[0]
    for row in """en 英语 英文 english englisch anglais inglés inglese engels|zh 汉语 中文 华语 普通话 国语 chinese mandarin chinesisch chinois chino|yue 粤语 广东话 cantonese
ja 日语 日文 japanese japanisch japonais|ko 韩语 韩文 朝鲜语 korean koreanisch coréen|de 德语 德文 german deutsch allemand alemán tedesco duits
fr 法语 法文 french français französisch francés francese frans|es 西班牙语 西班牙文 spanish español castellano spanisch espagnol spagnolo spaans
ru 俄语 俄文 russian russisch russe ruso|it 意大利语 italian italiano italienisch italien|pt 葡萄牙语 portuguese português portugiesisch portugais
ar 阿拉伯语 阿拉伯文 arabic arabisch arabe árabe|hi 印地语 hindi|th 泰语 泰文 thai thailändisch|vi 越南语 越南文 vietnamese vietnamesisch vietnamien
id 印尼语 印尼文 indonesian indonesisch|nl 荷兰语 dutch nederlands niederländisch néerlandais flemish|sv 瑞典语 swedish svenska schwedisch suédois
pl 波兰语 polish polski polnisch polonais|tr 土耳其语 turkish türkçe türkisch turc|ms 马来语 马来文 malay|ta 泰米尔语 tamil|te telugu|bn bengali bangla
ur urdu|pa punjabi|mr marathi|gu gujarati|kn kannada|ml malayalam|el greek griechisch grec ελληνικά|cs czech tschechisch tchèque|da danish dansk dänisch danois
fi finnish finnisch finnois suomi|no norwegian norsk norwegisch norvégien|hu hungarian ungarisch hongrois magyar|ro romanian rumänisch roumain română
uk ukrainian ukrainisch ukrainien|bg bulgarian bulgarisch bulgare|hr croatian kroatisch croate|sr serbian serbisch serbe|sk slovak slowakisch|sl slovenian slovene slowenisch
lt lithuanian litauisch|lv latvian lettisch|et estonian estnisch|is icelandic isländisch|ga gaelic gaeilge|cy welsh cymraeg|ca catalan català katalanisch|eu basque
af afrikaans|zu zulu isizulu|xh xhosa|yo yoruba|ig igbo|ha hausa|am amharic|so somali|ne nepali|si sinhala sinhalese|km khmer|lo lao|my burmese|ka georgian|hy armenian|az azerbaijani
he hebrew 希伯来语 hebräisch hébreu|fa persian farsi 波斯语 persisch|ps pashto|ku kurdish kurdisch|sw swahili|tl tagalog filipino|nan 闽南语 台语 hokkien taiwanese|hak 客家话 客语 hakka
mn 蒙古语 mongolian|ug 维吾尔语|bo 藏语|eo esperanto""".replace("\n", "|").split("|")
    for name in row.split()[1:]
}  # fmt: skip
_NAME = re.compile(
    "|".join(rf"(?<![a-zà-ÿ]){n}(?![a-zà-ÿ])" if n.isascii() else n for n in sorted(_CODES, key=len, reverse=True)),
    re.IGNORECASE,
)
_LEVELS = (
    ("native", r"母语|native|natif|mother tongue|first language|muttersprache|langue maternelle|lengua materna|madrelingua"),
    ("C2", r"精通|\bC2\b|bilingual|mastery"),
    ("C1", r"流利|流畅|专业八级|专八|TEM-?8|\bN1\b|\bC1\b|fluent|flie(?:ß|ss)end|verhandlungssicher|courant|bilingue|fluido|full professional|proficient|advanced|雅思 ?[78]|IELTS ?:? ?[78]|托福 ?1[0-2]\d|TOEFL ?:? ?1[01]\d|熟练"),
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
_ITEMS = re.compile(r"[；;]|\t| ?[|｜] ?|、|,(?=\s*[A-Z])|，| {3,}| [·•] | / (?!\d)|(?<=[证书])/(?=[^\d/])")
_LABEL = re.compile(
    r"^(?:证书|资格证书|职业资格|荣誉|获奖|awards?|certificates?|certifications?)\s*[:：]\s*", re.IGNORECASE
)
_EXPIRES = re.compile(
    r"[ ,;(\[–—-]{1,4}(?:exp(?:\.|ir(?:es?|y)\b)|valid (?:un)?til\b|gültig bis|有效期).*$", re.IGNORECASE
)
_ISSUERS = re.compile(
    r"^(?:(?:issued|awarded|offered|provided) by |by |von |par |颁发(?:机构|单位)?[:：])|^(?:the )?(?:aws|amazon(?: web services)?(?: \(aws\))?|google(?: cloud)?|microsoft|oracle|cisco"
    r"|ibm|sap|salesforce|meta|coursera|udemy|udacity|edx|linkedin(?: learning)?|pluralsight|datacamp|codecademy|freecodecamp|hubspot(?: academy)?|scrum alliance"
    r"|scrum\.org|\(isc\)[²2]?|pmi|project management institute|comptia|hashicorp|isaca|ec-council|(?:the )?linux foundation|cncf|red hat|vmware|databricks|snowflake"
    r"|mongodb(?: university)?|nvidia|deeplearning\.ai|stanford online|kaggle|american red cross|cfa institute|ihk(?: \w+)?|tüv(?: \w+){0,2})(?: inc\.?| institute)?$",
    re.IGNORECASE,
)
_ISSUED = re.compile(
    r"[,，;；]?\s+(?P<by>(?:issued|awarded|provided|offered) by |von der |von )(?P<name>[^\d]+?)(?=[\s,(（]*(?:\d|$))"
    r"|(?:\s[–—-]\s|\s?[(（])(?P<name2>[^()（）\d]{2,60}?)[)）]?(?=(?:[\s,(（–—-]|(?:[A-Z][a-z]{2,8}\.? )(?=\d))*(?:\d|$))"
    r"|\s(?P<name3>[\u4e00-\u9fff]{2,14}(?:部|协会|学会|中心|委员会|局|厅))$",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:协会|学会|中心|委员会|考试院|部|局|厅|颁发|签发|核发|institute|association|council|society|foundation|authority|academy|ambulance)$"
    r"|\b(?:state|board|department|ministry|government|institute|college|association|society|council|commission) of\b",
    re.IGNORECASE,
)
_CERTIFIES = re.compile(
    r"certif|licen[cs]|diploma|credential|accredit|associate|professional|practitioner|specialist|fundamentals|course|nanodegree|zertifi|chartered|analyst|manager|engineer|accountant|nurse|first aid|life support|safety|handler|level \d|award|belt$|证|资格|认证|执照|师$",
    re.IGNORECASE,
)
_LONGEST = 160
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
        r"(?:所获|持有|职业|资格|专业|相关)?(?:资格)?(?:证书|证照|资质)(?: ?[/／、] ?(?:执照|资质|证照))?(?:\t|[:：])|(?:certificates?|certifications?|licen[cs]es?|zertifikate)(?:\t|:)",
        re.IGNORECASE,
    ),
    "languages": re.compile(
        r"(?:语言|外语|语文)(?:能力|水平|技能)?(?:\t|[:：])|(?:languages?(?: known| skills| spoken)?|mother tongue(?:\(s\))?|native languages?|other languages?(?:\(s\))?|foreign languages?"
        r"|sprachen|sprachkenntnisse|muttersprachen?(?:\(n\))?|(?:weitere |fremd)sprachen?(?:\(n\))?|langues?(?: maternelles?(?:\(s\))?)?|autres? langues?(?:\(s\))?|idiomas|lingue)(?:\t|:| (?=[A-ZÀ-Ž]))",
        re.IGNORECASE,
    ),
}


def rows(lines: Iterable[Line], about: str, *, ruled: bool = False) -> Iterator[Line]:
    """Yield what rows with a label for certificates or languages say; `ruled`: only of rows with cells."""
    for line in lines:
        mark = _ROWS[about].match(line.text) if len(line.text) < 300 else None
        if mark and (not ruled or mark[0].endswith("\t")) and (rest := line.piece.part(mark.end(), len(line.text))):
            yield Line(rest, False, (rest,))


def certificates(lines: Iterable[Line]) -> Iterator[Certificate]:
    """Yield the certificates of a section, each without its date."""
    for name, when in _listed(_of_columns(lines), divided=True):
        yield Certificate(name=name, date=when)


_NAMED = re.compile(
    r"(?:name of )?(?:course|training|certificate|certification|qualification|licen[cs]e|title|name)(?: title| name)?|证书名称|证书|名称|培训(?:内容|名称|项目)|资格",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:date|year|date obtained|obtained|completed|issued|issue date)|(?:获得|取得|发证|培训)?(?:时间|日期|年份)",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(r"(?:语言|外语|软件|技能|languages?|skills?|software)[ \t]?[:：]", re.IGNORECASE)


def _of_columns(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines; of a table's rows only the columns of name and date, and nothing that a label gives to others."""
    columns: list[int] = []
    for line in lines:
        names = [n for n, cell in enumerate(line.cells) if _NAMED.fullmatch(cell.text)]
        times = [n for n, cell in enumerate(line.cells) if _DATED.fullmatch(cell.text)]
        if len(line.cells) > 1 and names and times:
            columns = [names[0], times[0]]
        elif columns and len(line.cells) > max(columns):
            name, time = (line.cells[n] for n in columns)
            if time.start > name.end:
                name = Piece(f"{name.text}{' ' * (time.start - name.end)}{time.text}", name.start, time.end)
            yield Line(name, False, (name,))
        elif not _OF_OTHERS.match(line.text):
            yield line


def listed(lines: Iterable[Line]) -> Iterator[Listed]:
    """Yield awards, publications or patents, one a line."""
    for name, when in _listed(lines, divided=False):
        yield Listed(title=name, date=when)


def _listed(lines: Iterable[Line], *, divided: bool) -> Iterator[tuple[Found[str], str | None]]:
    for line in lines:
        parts = list(_divide(line.piece)) if divided and len(line.text) <= 300 else [line.piece]
        if divided:
            parts = [part for n, part in enumerate(parts) if not _is_issuer(part, n, parts)]
        when: str | None = None
        told: list[tuple[Found[str], str | None]] = []
        for part in parts:
            if mark := _LABEL.match(part.text):
                part = part.part(mark.end(), len(part.text))
            if divided and (mark := _EXPIRES.search(part.text)):
                part = part.part(0, mark.start())
            if divided:
                part = _without_issuer(part)
            span = next(dates(part.text), None) if len(part.text) < 400 else None
            if span:
                when = span.start
                left = _bare(part.part(0, span.at[0]))
                right = _bare(part.part(span.at[1], len(part.text)))
                part = left if len(left.text) >= len(right.text) else right
            if len(part.text) > 1 and (not divided or len(part.text) <= _LONGEST):
                told.append((part.found(confidence=0.85), when))
                when = None
            elif when and told and told[-1][1] is None:  # BLS, American Heart Association, 2025
                told[-1] = (told[-1][0], when)
                when = None
        yield from told


def _without_issuer(part: Piece) -> Piece:
    """Return a certificate without who gave it: behind a dash, in brackets, or after `issued by`."""
    for _ in range(2):  # by deeplearning.ai on Coursera
        given = list(_GIVEN_BY.finditer(part.text))
        if given and _ISSUERS.search(part.text[given[-1].end() :]):
            part = part.part(0, given[-1].start())
    mark = _ISSUED.search(part.text)
    if not mark:
        return part
    name = (mark["name"] or mark["name2"] or mark["name3"]).strip()
    is_issuer = mark["by"] or _ISSUERS.search(name) or _BODY.search(name)
    return part.part(0, mark.start()) if is_issuer and mark.start() else part


_GIVEN_BY = re.compile(r" (?:by|from|on|via|through|with) ")


_NUMBER = re.compile(
    r"(?:(?:licen[cs]e|rn license|registration|reg\.?|certificate|credential|cert\.?|pin|证书)? ?(?:id|no\.?|number|编号|号)?[ :：#]*(?=[^ ]*\d{3})[\w-]{4,30})|(?:expires?|expiry|valid)\b.*",
    re.IGNORECASE,
)
"""What stands beside a certificate: its number, until when it holds."""


def _is_issuer(part: Piece, n: int, parts: Sequence[Piece]) -> bool:
    """Whether an item of a line is not a certificate but who gave the one before it, or its number."""
    text = _undated(part.text)
    if (
        n
        and _NUMBER.fullmatch(part.text)
        and not _CERTIFIES.search(re.sub(r"(?i)licen[cs]e|certificate|credential", "", part.text))
    ):
        return True
    if n and _BODY.search(text) and not _CERTIFIES.search(text.partition(" of ")[0]):
        return True
    if not n:
        return bool(_ISSUERS.search(text)) and len(parts) == 1
    if _ISSUERS.search(text):
        return True
    if all(next(dates(p.text), None) and _undated(p.text) for p in (parts[0], part)):
        return False  # First Aid (2021), Manual Handling (2022)
    named = [p for p in parts if not _NUMBER.fullmatch(p.text) and (_undated(p.text) or not next(dates(p.text), None))]
    return not _CERTIFIES.search(text) and (
        employer_score(text) > 0
        or (len(named) == 2 and _CERTIFIES.search(parts[0].text) is not None and _has_date(parts))
    )


def _undated(text: str) -> str:
    span = next(dates(text), None)
    return text[: span.at[0]].strip(" ,(（\t–—-·") or text[span.at[1] :].strip(" ,)）\t–—-·") if span else text


def _has_date(parts: Sequence[Piece]) -> bool:
    return any(next(dates(part.text), None) for part in parts)


def _bare(part: Piece) -> Piece:
    mark = re.search(r"[ (（\[,，\-–—]+$", part.text)
    start = re.match(r"[ )）\],，\-–—年获]*", part.text)
    return part.part(start.end() if start else 0, mark.start() if mark else len(part.text))


def _divide(part: Piece) -> Iterator[Piece]:
    at, depth = 0, 0
    for mark in _ITEMS.finditer(part.text):
        between = part.text[at : mark.start()]
        depth = sum(between.count(c) for c in "(（") - sum(between.count(c) for c in ")）")
        if depth > 0:
            continue
        if mark[0] == "," and (when := next(dates(part.text[mark.end() : mark.end() + 20]), None)) and when.at[0] < 2:
            continue
        if found := part.part(at, mark.start()):
            yield found
        at = mark.end()
    if found := part.part(at, len(part.text)):
        yield found
