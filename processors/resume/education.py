"""Courses of study: school, degree and its level, field, time, grade."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Literal

from processors.lexicon.dates import dates
from processors.lexicon.script import is_han
from processors.lexicon.titles import title_score
from processors.resume import schools
from processors.resume.entries import SENTENCE, Entry, by_labels, entries, labelled_fact
from processors.resume.roles import ABBREVIATIONS, employer_score, is_place, parts
from processors.resume.text import Line, Piece
from processors.resume.work import ends
from schemas.base import EducationLevel
from schemas.resume import Found, Span, Study

_DEGREE_OF = (
    r"(?:['’]?s)?(?: degree)?(?: of (?:science|arts|engineering|business(?: administration)?|technology|education|laws?|philosophy|commerce|public \w+|fine arts|nursing"
    r"|architecture|computer applications?|pharmacy|design|music|social work|medicine))?\b"
)
# Letters that are degrees anywhere, in the order in which one degree's may be a part of another's. Words stand in any
# case, letters as they are written.
_DISCIPLINE = "工学|理学|文学|法学|经济学|管理学|医学|教育学|农学|历史学|哲学|艺术学|军事学"
"""China's thirteen disciplines, in whose names degrees are given: 工学硕士."""
_LEVELS: tuple[tuple[EducationLevel | Literal["other"], str], ...] = (
    ("doctorate", rf"(?:{_DISCIPLINE})?博士(?:研究生|学位|后)?|\bph\.? ?d\b\.?|\bdoctor(?:ate)?(?: of [A-Z]\w+)?\b|\bd\.?phil\b\.?|\bJ\.?D\.?(?!\w)|\bM\.D\.?(?!\w)|\bdr\. ?(?:rer\. ?\w{3}|med|phil|jur|ing|oec)\b\.?"
                  r"|\b(?-i:Ed\.?D|D\.Sc|DBA|Pharm\.?D|DDS|DVM|DNP|Sc\.D|D\.Eng)\b\.?|\bdoctorat\b|\bdoctorado\b|\bdottorato\b|\bhabilitation\b|\bdoutorado\b|\bdoktora\b|박사|\btiến sĩ\b"),
    ("master", rf"(?:{_DISCIPLINE})?硕士(?:研究生|学位)?|研究生|EMBA|\bMBA\b|\bMPA\b|(?-i:\bM[ -]?(?:Sc|SC|Tech|TECH|tech|Phil|Ed|ED|Com|COM|Arch|ARCH|Res|Mus)\b\.?)|\bM\. ?(?:Sc|Tech|Eng|Phil|Ed|Com|Arch|Res|Mus)\b\.?|\bM\.?C\.?A\b\.?"
               r"|\b(?-i:LL\.? ?M|MS|MA|M(?:Eng|ENG)|MFA|MEd|MPH|MSW|MPP|MIS|MHA|MRes|PGDM|PGDip|PGCE|PGDBA|S\.M|Sc\.M|A\.M|DEA|DESS)\b\.?|(?-i:\bM\.(?:[A-Z][a-z]{0,4}\.?){1,3}(?![\w.]))"
               rf"|\bmaster(?: ?[12]\b)?{_DEGREE_OF}|(?-i:\bM[12](?= [A-ZÉ]))|\bpost ?graduate\b|\bmáster\b|\bmasterstudium\b|\bthạc sĩ\b|\bmagister\b|\bмагистр\b|\byüksek lisans\b|\bmaestr[ií]a\b|\bma[iî]trise\b|\bmagist(?:er|[eè]re)\b|\blaurea magistrale\b|\bmestrado\b|\bmagisterexamen\b|\bmasterexamen\b|\bcivilingen[jiö]+r\b|\bkandidatspeciale\b|\bcand\.[a-z]{2,6}\.?|\bstudia magisterskie\b|\bmagisterskie\b|\bmastergrad\b|\bdoctoraal\b|석사|修士|碩士"
               r"|\bdipl[oô]me d['’]ing[ée]nieur\b|\bdiplom(?:-\w{3,20}|ingenieur\w{0,3}|kauf\w{2,4}|informatiker\w{0,2}|studium)?\b(?: \((?:FH|Univ|TU|BA)\.?\))?|\bDipl\.-\w+\.?|\bstaatsexamen\b"),
    ("associate", r"大专|专科(?!起)|高职|五专|\bassociate(?:['’]?s)?(?: degree)?(?: of (?:science|arts|applied science|applied arts))?\b"
                  r"|\b(?-i:AAS|A\.A\.S?\.?|A\.S\.)(?!\w)|\b(?:(?:advanced|higher|national|graduate|professional) )?diploma\b(?! di )|\bönlisans\b|전문학사|\bcao đẳng\b|\btecnólogo\b|\b(?-i:HF)\b|\bdipl\. \w+ HF\b|\bhøyere fagskole\b|\byrkeshögskol\w+|\b(?-i:HND|BTS|DUT|DEUG)\b|\bfoundation degree\b|\b(?-i:HNC|BTSA|FdA|FdSc|MBO(?: niveau \d)?)\b|\bgraduado superior\b|\bt[ée]cnico superior\b|\bciclo formativo\b|\b(?:ad|high)er apprenticeship\b|\b(?:BTEC|NVQ|SVQ) (?:level [4-7]|higher \w+)(?: diploma)?\b"),
    ("bachelor", rf"(?:{_DISCIPLINE})学士(?:学位)?"
                 r"|专升本|双学位|第二学位|(?:大学)?本科|(?:工|理|文|法|经济|管理|医|教育|农|历史|哲|艺术|军事)?学士(?:学位)?|四技|二技|(?-i:\bB[ -]?(?:Sc|SC|Tech|TECH|tech|Ed|ED|Com|COM|Arch|ARCH|Pharm|Des|Mus)\b\.?)|\bB\. ?(?:Sc|Tech|Eng|Ed|Com|Arch|Pharm|Des|Mus)\b\.?"
                 r"|\b(?:LLB|BBA|BCA|BFA|BSN|BSEE|BSCS|BSW|BIT|BAS|BHSc|BS|BA|BE|BEng)\b|\b(?-i:LL\.? ?B|BM|BHM|MBBS|A\.B|S\.B|Sc\.B)\b\.?|(?-i:\bB\.(?:[A-Z][a-z]{0,4}\.?){1,3}(?![\w.]))"
                 rf"|\bbachelor{_DEGREE_OF}|\bbachelorstudium\b|\bundergraduate\b|\blicen[cs]iat(?:e|ura)\b|\blicence(?: pro(?:fessionnelle)?)?\b(?! (?:no|number|to))"
                 r"|\blaurea(?: triennale)?\b|\bcử nhân\b|\blicencjat\b|\bбакалавр\b|\bsarjana\b|\blisans\b|\bgrado\b(?= (?:en|in) )|\blicenciad[oa]\b|\bgraduad[oa]\b(?= (?:en|in) )|\bHBO(?:[ -]bachelor)?\b|\bvordiplom\b|\bkandidatexamen\b|\bkandidatgrad\b|\bbachelorgrad\b|\bhögskoleexamen\b|\bkandidat\b(?= i )|\bbacharelado\b|\blicenciatura\b|\bgraduação\b(?= em )|\bkỹ sư\b(?= )|\bkandydat\b|\blicencjackie\b|\binżynierskie\b|\b(?-i:BUT)\b(?= )|학사|大学毕业|\bB(?:Econ|Bus|Mgt|Acc|Nurs|AppSc|Sci|IT)\b"),
    ("high_school", r"高中|中专|职高|中技|技校|\bhigh school(?: diploma)?\b|\bGED\b|\bdiploma di (?:liceo \w+|maturit[àa](?: \w+)?|istituto tecnico|scuola superiore)|\bmaturit[àa](?: \w+)?\b|\b(?-i:A[-‐ ]?[Ll]evels?|A[- ]LEVELS?|O[- ][Ll]evels?|GCSEs?|IGCSEs?|HKDSE|DSE|HKALE|HKCEE|HAVO|VWO|VMBO|CAP|BEP|BTEC|NVQ|SVQ|IB)(?: (?:diploma|extended diploma|national \w+))?(?: level [1-3])?\b|\binternational baccalaureate(?: diploma)?\b|\bleaving certificate\b|\bcertificate (?:I{1,3}|IV|[1-4])\b|\b(?:advanced |modern |trade )?apprenticeship\b|\bcity (?:&|and) guilds(?: (?:level \d|\d{4}(?:-\d\d)?))?(?: (?:diploma|certificate|nvq))?|\b(?-i:BP|MC)\b(?= )|\bbrevet professionnel\b|\b(?-i:EFZ|EBA)\b|\b(?:berufs)?lehre\b|\bberufsausbildung\b|\bausbildung (?=(?:zum|zur|als|in) (?!.{0,60}\bbei\b))|^ausbildung(?=$|, )|\bgesellenbrief\b|\bvideregående(?: skole)?\b|\bfagbrev\b|\bsvendebrev\b|\berhvervsuddannelse\b|\bgymnasieexamen\b|\byrkesexamen\b|\bstudentereksamen\b|\bensino médio\b|\bformación profesional\b|\btécnico\b(?= en )|\btrung cấp\b|고등학교|\bmittlere reife\b|\bhauptschulabschluss\b|\bmittlerer schulabschluss\b|\b(?-i:IB) diploma\b|\bsecondary school\b|\b(?:HSC|SSC|CBSE|XII(?:th)?|12th|10th)\b"
                    r"|\bintermediate\b|\b(?:fach)?abitur\b|\bfachhochschulreife\b|\b(?:allgemeine )?hochschulreife\b|\brealschulabschluss\b|\bmatura\b|\bbaccalaur[ée]at\b"
                    r"|\bbac (?-i:S|ES|L|pro|g[ée]n[ée]ral)\b|\bbachillerato\b"),
    ("other", r"\b(?:(?:graduate|postgraduate|post-graduate|professional|advanced|higher|executive) )?certificate\b(?= (?:in|of) )|\bpostgraduate certificate\b"),
)  # fmt: skip
_DEGREE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _LEVELS), re.IGNORECASE)
_GRADE = re.compile(
    r"(?:\b(?:GPA|CGPA|绩点|平均分|均分|grade)\b|绩点|平均分)[ :：]{0,3}(\d{1,3}(?:\.\d{1,3})?%?(?: ?/ ?\d{1,3}(?:\.\d)?)?)|\b(first[- ]class honou?rs|cum laude|magna cum laude|summa cum laude|upper second|2:1|distinction)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"^[ ,，]{0,2}\(?hons\.?\)[ ,，]{1,3}(?:in )?(?=\S)|^[ ,，;；()（）/\-–]{0,3}(?:honou?rs )?(?:degree )?(?:in|of|,|，|:|：|-|–|major(?:ing)? in)[ :：]{1,2}(?=\S)|^(?:in|of|en|em|di|de|der|d['’]) ?",
    re.IGNORECASE,
)
_OF_FIELD = re.compile(rf"{_JOINT.pattern}|^ (?=[A-Z\u3400-\u9fff])|^ ?[(（](?=[^()（）]{{2,60}}[)）]$)")
"""What stands between a degree that has a label and its field: `Qualification: BSc Nursing`."""
_OF_ONE_FIELD = re.compile(
    r"(?:J\.?D|LL\.? ?[BM]|M\.?B\.?B\.?S|M\.?D|Pharm\.?D|DDS|DMD|DVM|BDS|E?MBA|Executive MBA|Dr\. ?med)\.?|juris doctor|doctor of \w+",
    re.IGNORECASE,
)
"""Degrees that need no field: what stands beside one is its school."""
_MAX_FIELD = 60
_BEHIND_FIELD = re.compile(
    r" (?-i:EFZ|EBA|HF|IHK)$|[ ]?[(（]\d{1,3}(?:[.,]\d{1,2})?(?: ?/ ?\d{1,3}(?:\.\d)?|%)[)）]$|[ ]{0,2}[;；]|[ ]?[(（](?:2[:.][12]|1st|2nd|3rd|first|upper|lower|second|third|distinction|merit|pass|hon)[^()（）]{0,30}[)）]?|[ ,，|(（\[–-]{0,3}(?:\b(?:C?GPA|grade|percentage|marks|score|abschlussnote|note|honou?rs degree|with (?:honou?rs|distinction|merit)|first[- ]class|second[- ]class|(?:upper|lower) second|(?:summa |magna )?cum laude|distinction|merit)\b|绩点|平均分|排名)",
    re.IGNORECASE,
)


def education(lines: list[Line], text: str) -> list[Study]:
    """Return the studies of a section, in its order."""
    lines = _whole_fields(_degrees_in_bullets(lines))
    return of_entries(_all(entries(lines, single=True, tells=_tells), lines), text)


def _degrees_in_bullets(lines: Sequence[Line]) -> list[Line]:
    """Return lines; bullets are none where the first below a school is a degree and nothing else, and its field next."""
    found = list(lines)
    for n, line in enumerate(lines[1:], 1):
        above = found[n - 1]
        if not line.bullet or above.bullet or len(line.text) > _MAX_FIELD or SENTENCE.search(line.text):
            continue
        degree = schools.NAME.search(above.text) and _DEGREE.fullmatch(line.text)
        if degree or (n > 1 and lines[n - 1].bullet and _DEGREE.fullmatch(above.text) and line.text.istitle()):
            found[n] = line._replace(bullet=False)
    return found


def _all(timed: list[Entry], lines: Sequence[Line]) -> list[Entry]:
    """Return entries with those that have no time, which stand above, below and between them."""
    if not timed or any(not entry.heads for entry in timed):
        return timed or _untimed(list(lines))
    found: list[Entry] = []
    first = min(head.start for head in timed[0].heads)
    above = [line for line in lines if line.piece.end <= first]
    if timed[0].when is not None and timed[0].when.offset < first:
        above = [line for line in above if line.piece.end <= timed[0].when.offset]
    for entry in timed:
        ahead, behind = _parted(entry)
        found += [other for other in _untimed([*above, *ahead]) if _whole(other)] if above or ahead else []
        above = []
        found.append(entry)
        found += [other for other in _untimed(behind) if _whole(other)] if behind else []
    return found


def _whole(entry: Entry) -> bool:
    """Whether an entry without a time names both a school and a degree, or nothing but a school."""
    told = [head.text for head in entry.heads] + [fact.text for fact in entry.facts.values()]
    school = any(map(schools.NAME.search, told))
    return school and (len(told) == 1 or any(map(_DEGREE.search, told)))


def _names_degree(text: str) -> bool:
    """Whether a text names a degree: `Boston, MA` names none."""
    return any(not (m[0] in ABBREVIATIONS and text[: m.start()].endswith(", ")) for m in _DEGREE.finditer(text))


def _parted(entry: Entry) -> tuple[list[Line], list[Line]]:
    """Take from an entry the lines of its head that are other studies', which have no time: those above and below."""
    rows = entry.rows if len(entry.rows) == len(entry.heads) else []
    named = [n for n, head in enumerate(entry.heads) if schools.NAME.search(head.text)]
    ahead: list[Line] = []
    over = [n for n in named if rows and rows[n] < 0]
    if len({rows[n] for n in over}) > 1:
        cut = over[-1] if _DEGREE.search(entry.heads[over[0]].text) or over[0] + 1 == over[-1] else over[0] + 1
        ahead = [Line(head, False, (head,)) for head in entry.heads[:cut]]
        entry.heads, entry.rows = entry.heads[cut:], rows[cut:]
        return ahead, []
    above = [n for n in named if rows and rows[n] <= 0]
    begins = next((n for n, row in enumerate(rows) if row > 0 and above and _tells(entry.heads[n].text)), None)
    if begins is not None and any(_names_degree(entry.heads[n].text) for n in range(begins)):
        behind = [Line(head, False, (head,)) for head in entry.heads[begins:]] + entry.body
        entry.heads, entry.rows, entry.body = entry.heads[:begins], rows[:begins], []
        return ahead, behind
    return ahead, []


def _tells(text: str) -> bool:
    return schools.NAME.search(text) is not None or _DEGREE.search(text) is not None


def _whole_fields(lines: Sequence[Line]) -> list[Line]:
    """Return lines with those as one that a narrow column has broken: `BSc in Building`, below it `Services`."""
    found: list[Line] = []
    for line in lines:
        before = found[-1] if found else None
        if (
            before is not None
            and not line.bullet
            and len(before.cells) == len(line.cells) == 1
            and len(before.text) < 80
            and len(line.text) < 40
            and _breaks_off(before.text, line.text)
            and next(dates(before.text), None) is None
            and not schools.NAME.search(line.text)
        ):
            start, end = before.piece.start, line.piece.end
            whole = Piece(f"{before.text}{' ' * (line.piece.start - before.piece.end)}{line.text}", start, end)
            found[-1] = Line(whole, before.bullet, (whole,))
        else:
            found.append(line)
    return found


def _breaks_off(before: str, text: str) -> bool:
    """Whether a line that names a degree and its field, or a school, goes on in the next one."""
    ends_open = _OPEN.search(before) is not None and not any(c.isdigit() for c in text)
    degree = _DEGREE.search(before)
    if degree and degree.end() < len(before):
        return ends_open or _LAST_WORDS.fullmatch(text) is not None
    return ends_open and schools.NAME.search(before) is not None and not _DEGREE.search(text)


def of_entries(found: list[Entry], text: str) -> list[Study]:
    """Return the studies of entries, in their order."""
    studies = [study for study in (_study(entry, text) for entry in found) if study.school or study.degree]
    for n, (before, study) in enumerate(pairwise(studies), 1):  # several degrees below one school
        if study.school is None and study.level in _OF_UNIVERSITIES and before.level in _OF_UNIVERSITIES:
            named = {"school": before.school, "school_normalised": before.school_normalised, "marks": before.marks}
            studies[n] = study.model_copy(update=named)
    return studies


_OF_UNIVERSITIES = frozenset(("bachelor", "master", "doctorate"))


def _untimed(lines: list[Line]) -> list[Entry]:
    found: list[Entry] = []
    for line in chain.from_iterable(map(by_labels, lines)):
        told = labelled_fact(line)
        if told:
            if not found or told[0] in found[-1].facts:
                found.append(Entry())
            found[-1].facts[told[0]] = told[1]
            continue
        if not found or any(
            words.search(line.text) and any(words.search(head.text) for head in found[-1].heads)
            for words in (schools.NAME, _DEGREE)
        ):
            found.append(Entry())
        if len(line.text) < 160 and len(found[-1].heads) < 3:
            found[-1].rows.append(len(found[-1].heads))
            found[-1].heads.append(line.piece)
        else:
            found[-1].body.append(line)
    return found


def tells_of_study(lines: Sequence[Line]) -> bool:
    """Whether a line has a school, a degree and a time."""
    return any(
        schools.NAME.search(line.text) and _DEGREE.search(line.text) and next(dates(line.text), None)
        for line in lines
        if len(line.text) < 200
    )


def apart(lines: Sequence[Line]) -> int | None:
    """Return where studies begin among the lines of positions: below a heading that is not known. None: nowhere."""
    told = [n for n in range(len(lines)) if _study_head(lines, n)]
    if not told:
        return None
    start = told[0]
    dated = [n for n in range(start, len(lines)) if len(lines[n].text) < 200 and next(dates(lines[n].text), None)]
    if any(not any(abs(n - t) <= 2 for t in told) for n in dated):  # a position follows
        return None
    for _ in range(2):
        if start and _of_study(lines[start - 1]):
            start -= 1
    return start


_STUDYING = re.compile(
    r"(?:大学|学院|学校|中学|高中|职高|技校|中专|党校)[^，。；]{0,24}?(?:学习|就读|读书|求学|学生|攻读|在读|毕业|上学)(?:[（(][^()（）]{1,12}[)）])?[)）]?$"
)


def is_time_of_study(line: Line) -> bool:
    """Whether a line says from when to when somebody studied, as forms have it among the positions."""
    if len(line.text) > 80 or not _STUDYING.search(line.text):
        return False
    when = next(dates(line.text), None)
    return when is not None and when.period and when.at[0] < 2


_SCHOOL_KIND = re.compile(r"(?:high|secondary) school", re.IGNORECASE)
"""A degree of its own, and a part of a school's name, which may be somebody's employer."""


def _study_head(lines: Sequence[Line], at: int) -> bool:
    """Whether a line has a degree, and on it or beside it stand a school and a time."""
    line = lines[at]
    if line.bullet or len(line.text) > 160 or re.search(r"[。；]|，.*，", line.text):
        return False
    if all(_SCHOOL_KIND.fullmatch(m[0]) for m in _DEGREE.finditer(line.text)):
        return False
    around = [other.text for other in lines[max(at - 2, 0) : at + 3] if not other.bullet and len(other.text) <= 160]
    return any(map(schools.NAME.search, around)) and any(next(dates(text), None) for text in around)


def _of_study(line: Line) -> bool:
    """Whether a line above a degree's is of the same study: its school, or nothing but its time."""
    text = line.text
    if line.bullet or len(text) > 80 or title_score(text):
        return False
    when = next(dates(text), None)
    return (when is not None and when.at[1] - when.at[0] >= len(text) - 4) or (
        schools.NAME.search(text) is not None and (when is not None or len(text.split()) > 1)
    )


def is_heading_of_studies(line: Line, below: Line | None = None) -> bool:
    """Whether a line above studies is the heading that was not known: a few words, no time, no title."""
    text = line.text
    if line.bullet or below is None or len(text) > 40 or len(text.split()) > 5 or re.search(r"[\d。.,;，；]", text):
        return False
    if _DEGREE.search(text) or title_score(text) or employer_score(text) > 2:
        return False
    return schools.NAME.search(text) is None or schools.NAME.search(below.text) is not None


def level(text: str) -> EducationLevel | None:
    """Return the level of a degree as written."""
    match = _DEGREE.search(text)
    return match.lastgroup if match and match.lastgroup != "other" else None  # type: ignore[return-value]


def _study(entry: Entry, text: str) -> Study:
    school, degree, field = (entry.facts.get(name) for name in ("school", "degree", "field"))
    heads = [
        piece for head in entry.heads for told in _told(head) for part in parts(told) for piece in _from_school(part)
    ]
    # A degree or field may stand below, in a bullet.
    heads += [line.piece for line in entry.body if len(line.text) < 80 and (_DEGREE.search(line.text) and not degree)][
        :1
    ]
    rest: list[Piece] = []
    row_of = {
        part: row
        for head, row in zip(entry.heads, entry.rows, strict=False)
        for told in _told(head)
        for part in parts(told)
    }
    degree_row: int | None = None
    reached = level(degree.text) if degree else None
    subjects = False  # of a school, listed behind its examination: A-levels: Maths, Physics
    for part in heads:
        if (
            school is None
            and schools.NAME.search(part.text)
            and not re.match(r"high school diploma|diploma di ", part.text, re.IGNORECASE)
        ):
            school, left = _school(part)
            rest += left
        else:
            rest.append(part)
    for part in [degree] if degree else rest:
        if degree is None and (is_place(part.text) or part.text in ABBREVIATIONS):  # Boston, MA
            continue
        if match := _DEGREE.search(part.text):
            degree, reached = part.part(*match.span()), level(part.text[match.start() :])
            degree_row = row_of.get(part)
            behind = text[degree.end : degree.end + 3]
            subjects = level(degree.text) == "high_school" and re.match(r" ?[:：]| [–-] ", behind) is not None
            if field is None and not subjects and (part in rest or _OF_FIELD.match(part.text[match.end() :])):
                field = _beside(part, match.span())
            if part in rest:
                rest.remove(part)
            break
    plain = [
        p
        for p in rest
        if not is_place(p.text)
        and p.text not in ABBREVIATIONS
        and not _GRADE.search(p.text)
        and not _GRADUATED.fullmatch(p.text)
    ]
    if school is None and degree is not None:
        # A school whose name says nothing of it: on a line of its own, or what the field leaves.
        apart = [
            p for p in plain if row_of.get(p) != degree_row and _may_be_school(p) and not _LAST_WORDS.fullmatch(p.text)
        ]
        likely = apart or [p for p in plain if _may_be_school(p)][0 if field else 1 :]
        school = likely[0] if likely else None
        plain = [p for p in plain if p != school]
    if school is None and degree is None and entry.when and len(plain) == 1 and _alone(plain[0].text):
        school, plain = plain[0], []
    if field is None and not subjects:
        if degree and _OF_ONE_FIELD.fullmatch(degree.text):  # INSEAD, Fontainebleau, MBA
            plain = [p for p in plain if " " in p.text or _LAST_WORDS.fullmatch(p.text)]
        named = [p for p in plain if is_han(p.text) or not schools.NAME.search(p.text)]
        named.sort(key=lambda p: _FACULTY.search(p.text) is not None)
        field = next((f for p in named if (f := _own_field(p))), None)
    if school is None and field and degree and " " in field.text and _needs_no_field(degree.text, field.text):
        school, field = field, None
    if field is None and degree and (discipline := re.match(_DISCIPLINE, degree.text)):
        field = degree.part(0, discipline.end())
    if degree and school and degree.text.casefold() == "diploma" and _SCHOOL_KIND.search(school.text):
        reached = "high_school"
    start, end, current = ends(entry.when, text)
    grade = _grade(entry)
    below = _goes_on(field, entry) if field else None
    return Study(
        school=school.found(confidence=0.95) if school else None,
        school_normalised=schools.normal(school.text) if school else None,
        degree=degree.found(confidence=0.95) if degree else None,
        level=reached or ("high_school" if school and re.search("中学|高中", school.text) else None),
        field=_joined(field, below) if field else None,
        start=start,
        end=end,
        current=current,
        grade=grade,
        marks=schools.marks(school.text) if school else (),
    )


_FACULTY = re.compile(r"(?:学院|系|学部)$|^(?:department|faculty|school|college|division|dept\.?) of\b", re.IGNORECASE)
"""What stands in a field's place only where no field does."""
_HONOURS = re.compile(
    r" ?[(（](?:first|second|third|upper|lower|with |hon\w*[ ,]|2[:.][12]|1st|distinction|merit|(?:summa |magna )?cum laude|double major|dual|gpa|cgpa)[^()（）]{0,40}[)）]"
    r"|[ ,;]{1,2}(?:https?://|www\.)\S+",
    re.IGNORECASE,
)
_GRADUATED = re.compile(
    r"(?:expected |anticipated )?(?:grad(?:uat(?:ed|ion|ing))?\.?|completed|conferred|awarded|expected|anticipated|class of)(?: date| in)?[:.]?",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?<=[a-zà-ÿ]{3})\. (?=[A-ZÀ-Ž])")


_KOREAN = re.compile(
    r"(?P<school>[\uac00-\ud7a3]{2,12}(?:대학교|대학원|대학|고등학교))(?: (?P<field>[\uac00-\ud7a3]{2,14}))??"
    r"(?: ?(?:졸업|수료|중퇴|재학|입학|편입))?(?: ?[(（]?(?P<degree>학사|석사|박사|전문학사)[)）]?)?(?: ?(?:졸업|수료))?"
)
"""서울대학교 경영학과 졸업(학사)"""


def _told(head: Piece) -> Iterator[Piece]:
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
        if schools.NAME.search(behind) or _DEGREE.match(behind):
            yield part.part(at, mark.start())
            at = mark.end()
    end = len(part.text) - (re.search(r"[^\W\d_]{4}\.$", part.text) is not None)
    yield part.part(at, end)


_LAST_WORDS = re.compile(
    r"(?:(?:and|&|of|for|und|et) )?(?:[A-Z][a-z]+,? (?:and |& |of )?){0,2}(?:Sciences?|Management|Engineering|Administration|Studies|Technolog(?:y|ies)|Services|Education|Economics|Communications?"
    r"|Design|Systems|Arts|Development|Analytics|Marketing|Finance|Accounting|Relations|Psychology|Mathematics|Statistics|Literature|Health|Policy|Law|Learning|Intelligence|Languages?|Security"
    r"|Linguistics|History|Biology|Chemistry|Physics|Research|Informatics|Networks|Planning|Work|Care|Media|Journalism|Business|Humanities|Leadership|Informatik|Wissenschaften|Technik|Maschinenbau)",
)
"""How names of fields end, below a line that was too short for them."""
_OPEN = re.compile(r"(?: (?:and|of|in|for|und|et|de|du|des|del|für)| ?[&,-])$")


def _goes_on(field: Piece, entry: Entry) -> Piece | None:
    """Return what the line below a field says of it: `Human Resource`, below it `Management`."""
    row = next((r for head, r in zip(entry.heads, entry.rows, strict=False) if head.end == field.end), None)
    if row is None:
        return None
    below = next((head for head, r in zip(entry.heads, entry.rows, strict=False) if r == row + 1), None)
    if below is None or len(below.text) > 40 or schools.NAME.search(below.text) or is_place(below.text):
        return None
    whole = _LAST_WORDS.fullmatch(below.text) or (_OPEN.search(field.text) and re.fullmatch(r"[^\d:;,()]+", below.text))
    return below if whole and not _DEGREE.search(below.text) else None


def _joined(field: Piece, below: Piece | None) -> Found[str]:
    if below is None:
        return field.found(confidence=0.9)
    spans = (Span(field.start, field.end), Span(below.start, below.end))
    return Found(value=f"{field.text} {below.text}", confidence=0.8, spans=spans)


def _needs_no_field(degree: str, beside: str) -> bool:
    return _OF_ONE_FIELD.fullmatch(degree) is not None and not ("MBA" in degree and _LAST_WORDS.fullmatch(beside))


def _alone(text: str) -> bool:
    """Whether a text alone on its line, with nothing but a time beside it, is a school that nothing in it tells of."""
    words = text.split()
    return (
        1 < len(words) <= 6
        and all(
            w[0].isupper() or (n and w in ("of", "for", "de", "du", "des", "the", "le", "la", "and", "&"))
            for n, w in enumerate(words)
        )
        and not re.search(
            r"\d|[:：.]|course|training|thesis|award|scholar|dean|honou?rs|programme?\b|exchange|member|project",
            text,
            re.IGNORECASE,
        )
        and not title_score(text)
    )


def _may_be_school(part: Piece) -> bool:
    text = part.text
    return (
        len(text) <= 60
        and text[:1].isupper()
        and not _DEGREE.search(text)
        and not re.search(r"\d|[:：]|[.;。；]$", text)
    )


_FROM = re.compile(r" (?:from|at|an der|à l['’]|von der) (?:the )?(?=[A-ZÀ-Ž])|(?<=\w) (?=in (?:19|20)\d\d$)")


def _from_school(part: Piece) -> list[Piece]:
    """Divide what stands in one phrase: `B.Tech in Economics from NIT Trichy in`, `PhD ESSEC Business School`."""
    text = re.sub(r" in$", "", part.text)
    part = part.part(0, len(text))
    if (cut := _FROM.search(text)) and schools.NAME.search(text[cut.end() :]) and _DEGREE.search(text[: cut.start()]):
        return [part.part(0, cut.start()), part.part(cut.end(), len(text))]
    degree = _DEGREE.match(text)
    if degree and text[degree.end() : degree.end() + 1] == " " and degree.end() < len(text) - 3:
        rest = text[degree.end() :].strip()
        if schools.NAME.search(rest) and rest[:1].isupper() and not re.match(r"(?:in|of|degree)\b", rest):
            return [part.part(0, degree.end()), part.part(degree.end(), len(text))]
    return [part]


_WITH_FACULTY = re.compile(r"[\u4e00-\u9fff]{2,16}?大学(?=[\u4e00-\u9fff]{2,6}学院)")


def _school(part: Piece) -> tuple[Piece, list[Piece]]:
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


def _own_field(part: Piece) -> Piece | None:
    """Return the field that a part names, without a degree that it names as well."""
    again = _DEGREE.search(part.text)
    return _beside(part, again.span()) if again else _field(part)


def _beside(part: Piece, degree: tuple[int, int]) -> Piece | None:
    first, last = degree
    if (again := re.match(r" ?[(（]([^()（）]{1,14})[)）]", part.text[last:])) and _DEGREE.fullmatch(again[1]):
        last += again.end()
    after = part.text[last:]
    joint = _JOINT.match(after)
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
            r"|studium (?:der |des |von )?|(?:studies in|studies of|[ée]tudes d[e'’]s?) ?|(?:in|of|en|em|i|inom|innen|på|trong|ngành|chuyên ngành|zum|zur|als|di|de|der|des|du) |d['’]",
            inner,
            re.IGNORECASE,
        ):
            start += mark.end()
        if mark := re.search(
            r"(?<=.{2})(?:专业|方向| ?[（(])$|(?:统招|全日制)$|(?:专业)?(?:本科|硕士|博士|大专|专科)?(?:学习|就读|读书|在读|毕业|学生)$",
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
        or len(own.text) > _MAX_FIELD
        or len(own.text) < 2
        or any(c.isdigit() for c in own.text)
        or _DEGREE.fullmatch(own.text)
        or re.search(
            r"^(?:政治面貌|党员|中共党员|群众|共青团员|团员|自考|成考|函授|统招|全日制|非全日制|在职|网络教育|远程教育|夜大|电大)$|^(?:incl|grades?\b|A\*)|^A{1,3}[A-E*]{0,3}$|^(?-i:BBB|BBC|CCC|DDD|DDM|DMM|MMM|PPP)$|^(?:grad|expected|anticipated|conferred|completed|class of)\b|^学历$|^(?:学历|学位)证|exchange|erasmus|austausch|abroad|auslandssemester|visiting student|\bstudent\b|classes? pr[ée]paratoires?\b|[。；!：]|排名|绩点|gpa|课程|统招|^(?:毕业|结业|肄业|在读|学位|abschluss|graduated)$|^985|^211|双一流",
            own.text,
            re.IGNORECASE,
        )
    ):
        return None
    return own


def _grade(entry: Entry) -> Found[str] | None:
    if given := entry.facts.get("grade"):
        return given.found()
    for piece in (*entry.heads, *(line.piece for line in entry.body)):
        if match := _GRADE.search(piece.text):
            return piece.part(*match.span(1 if match[1] else 2)).found()
    return None
