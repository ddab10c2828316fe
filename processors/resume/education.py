"""Courses of study: school, degree and its level, field, time, grade."""

import re
from collections.abc import Sequence
from itertools import chain, pairwise

from processors.lexicon.dates import dates
from processors.lexicon.phrases import shares
from processors.lexicon.script import is_han
from processors.lexicon.titles import title_score
from processors.resume import schools
from processors.resume.degrees import DEGREE, DISCIPLINE, level, names_degree
from processors.resume.entries import SENTENCE, by_labels, entries, labelled_fact
from processors.resume.entry import Entry
from processors.resume.fields import JOINT, LONGEST, beside, own_field
from processors.resume.roles import ABBREVIATIONS, employer_score, is_place, parts
from processors.resume.study_heads import from_school, school_of, sentences_of
from processors.resume.text import Line, Piece
from processors.resume.work import ends
from schemas.resume import Found, Span, Study

_GRADE = re.compile(
    r"(?:\b(?:GPA|CGPA|绩点|平均分|均分|grade)\b|绩点|平均分)[ :：]{0,3}(\d{1,3}(?:\.\d{1,3})?%?(?: ?/ ?\d{1,3}(?:\.\d)?)?)|\b(first[- ]class honou?rs|cum laude|magna cum laude|summa cum laude|upper second|2:1|distinction)\b",
    re.IGNORECASE,
)
_OF_FIELD = re.compile(rf"{JOINT.pattern}|^ (?=[A-Z\u3400-\u9fff])|^ ?[(（](?=[^()（）]{{2,60}}[)）]$)")
"""What stands between a degree that has a label and its field: `Qualification: BSc Nursing`."""
_OF_ONE_FIELD = re.compile(
    r"(?:J\.?D|LL\.? ?[BM]|M\.?B\.?B\.?S|M\.?D|Pharm\.?D|DDS|DMD|DVM|BDS|E?MBA|Executive MBA|Dr\. ?med)\.?|juris doctor|doctor of \w+",
    re.IGNORECASE,
)
"""Degrees that need no field: what stands beside one is its school."""


def education(lines: list[Line], text: str) -> list[Study]:
    """Return the studies of a section, in its order."""
    lines = _whole_fields(_degrees_in_bullets([_without_stop(line) for line in lines]))
    return of_entries(_all(entries(lines, single=True, tells=_tells), lines), text)


def _without_stop(line: Line) -> Line:
    """Return a short line that names a degree without its full stop: it is no sentence."""
    if len(line.text) > 80 or not line.text.endswith(".") or line.text.count(".") > 1 or not DEGREE.search(line.text):
        return line
    bare = line.piece.part(0, len(line.text) - 1)
    return Line(bare, line.bullet, (bare,)) if len(line.cells) == 1 else line


def _degrees_in_bullets(lines: Sequence[Line]) -> list[Line]:
    """Return lines; bullets are none where the first below a school is a degree and nothing else, and its field next."""
    found = list(lines)
    for n, line in enumerate(lines[1:], 1):
        above = found[n - 1]
        if not line.bullet or above.bullet or len(line.text) > LONGEST or SENTENCE.search(line.text):
            continue
        degree = schools.NAME.search(above.text) and DEGREE.fullmatch(line.text)
        if degree or (n > 1 and lines[n - 1].bullet and DEGREE.fullmatch(above.text) and line.text.istitle()):
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
    return school and (len(told) == 1 or any(map(DEGREE.search, told)))


def _parted(entry: Entry) -> tuple[list[Line], list[Line]]:
    """Take from an entry the lines of its head that are other studies', which have no time: those above and below."""
    rows = entry.rows if len(entry.rows) == len(entry.heads) else []
    named = [n for n, head in enumerate(entry.heads) if schools.NAME.search(head.text)]
    ahead: list[Line] = []
    over = [n for n in named if rows and rows[n] < 0]
    if len({rows[n] for n in over}) > 1:
        cut = over[-1] if DEGREE.search(entry.heads[over[0]].text) or over[0] + 1 == over[-1] else over[0] + 1
        ahead = [Line(head, False, (head,)) for head in entry.heads[:cut]]
        entry.heads, entry.rows = entry.heads[cut:], rows[cut:]
        return ahead, []
    above = [n for n in named if rows and rows[n] <= 0]
    begins = next((n for n, row in enumerate(rows) if row > 0 and above and _tells(entry.heads[n].text)), None)
    if begins is not None and any(names_degree(entry.heads[n].text) for n in range(begins)):
        behind = [Line(head, False, (head,)) for head in entry.heads[begins:]] + entry.body
        entry.heads, entry.rows, entry.body = entry.heads[:begins], rows[:begins], []
        return ahead, behind
    return ahead, []


def names_study(text: str) -> bool:
    """Whether a text names a school or a degree."""
    return schools.NAME.search(text) is not None or names_degree(text)


def _tells(text: str) -> bool:
    return schools.NAME.search(text) is not None or DEGREE.search(text) is not None


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
    degree = DEGREE.search(before)
    if degree and degree.end() < len(before):
        return ends_open or _LAST_WORDS.fullmatch(text) is not None
    return ends_open and schools.NAME.search(before) is not None and not DEGREE.search(text)


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
            for words in (schools.NAME, DEGREE)
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
        schools.NAME.search(line.text) and DEGREE.search(line.text) and next(dates(line.text), None)
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


_LABELLED = re.compile(r"(?:毕业院校|毕业学校|毕业于|就读院校)[:：]")


def is_time_of_study(line: Line) -> bool:
    """Whether a line says from when to when somebody studied, as forms have it among the positions."""
    if _LABELLED.match(line.text) and len(line.text) < 100 and schools.NAME.search(line.text):
        return True
    if len(line.text) > 80 or not _STUDYING.search(line.text):
        return False
    when = next(dates(line.text), None)
    return when is not None and when.period and when.at[0] < 2


_SECONDARY = re.compile(r"中学|高中|\bhigh school$", re.IGNORECASE)
_SCHOOL_KIND = re.compile(r"(?:high|secondary) school", re.IGNORECASE)
"""A degree of its own, and a part of a school's name, which may be somebody's employer."""


def _study_head(lines: Sequence[Line], at: int) -> bool:
    """Whether a line has a degree, and on it or beside it stand a school and a time."""
    line = lines[at]
    if line.bullet or len(line.text) > 160 or re.search(r"[。；]|，.*，", line.text):
        return False
    if all(_SCHOOL_KIND.fullmatch(m[0]) for m in DEGREE.finditer(line.text)):
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
    if DEGREE.search(text) or title_score(text) or employer_score(text) > 2:
        return False
    return schools.NAME.search(text) is None or schools.NAME.search(below.text) is not None


_DIPLOMA = re.compile(r"^high school diploma|^diploma di |(?:diploma|certificate|degree)$", re.IGNORECASE)
"""A degree that has a school's word in it: Ontario College Diploma."""
_BY_LETTERS = 0.7
"""The share of schools' names from which on letters say that a text is one."""


def _study(entry: Entry, text: str) -> Study:
    school, degree, field = (entry.facts.get(name) for name in ("school", "degree", "field"))
    heads = [
        piece
        for head in entry.heads
        for told in sentences_of(head)
        for part in parts(told)
        for piece in from_school(part)
    ]
    if school and (told := DEGREE.search(school.text)) and not _SCHOOL_KIND.fullmatch(told[0]):
        heads, school = [*(p for part in parts(school) for p in from_school(part)), *heads], None
    # A degree or field may stand below, in a bullet.
    heads += [line.piece for line in entry.body if len(line.text) < 80 and (DEGREE.search(line.text) and not degree)][
        :1
    ]
    rest: list[Piece] = []
    if field and degree is None and (told := DEGREE.search(field.text)) and told.start():  # 专业: 动画 (本科)
        degree = field.part(*told.span())
        field = field.part(0, len(field.text[: told.start()].rstrip(" (（.,，")))
    row_of = {
        part: row
        for head, row in zip(entry.heads, entry.rows, strict=False)
        for told in sentences_of(head)
        for part in parts(told)
    }
    degree_row: int | None = None
    reached = level(degree.text) if degree else None
    subjects = False  # of a school, listed behind its examination: A-levels: Maths, Physics
    for part in heads:
        if school is None and schools.NAME.search(part.text) and not _DIPLOMA.search(part.text):
            school, left = school_of(part)
            rest += left
        else:
            rest.append(part)
    for part in [degree] if degree else rest:
        if degree is None and (is_place(part.text) or part.text in ABBREVIATIONS):  # Boston, MA
            continue
        if match := DEGREE.search(part.text):
            degree, reached = part.part(*match.span()), level(part.text[match.start() :])
            degree_row = row_of.get(part)
            behind = text[degree.end : degree.end + 3]
            subjects = level(degree.text) == "high_school" and re.match(r" ?[:：]| [–-] ", behind) is not None
            if (
                field is None
                and not subjects
                and not _DIPLOMA.search(part.text)
                and (part in rest or _OF_FIELD.match(part.text[match.end() :]))
            ):
                field = beside(part, match.span())
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
    if school is None and plain:
        likeliest = max(plain, key=lambda p: shares(p.text).school)
        if shares(likeliest.text).school > _BY_LETTERS:
            school, plain = likeliest, [p for p in plain if p != likeliest]
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
    if school is None and degree is None and entry.when and entry.when.span.period and _are_two(plain):
        school = max(reversed(plain), key=lambda p: shares(p.text).organisation)  # Handel, Mercantec
        plain = [p for p in plain if p != school]
    if field is None and not subjects:
        if degree and _OF_ONE_FIELD.fullmatch(degree.text):  # INSEAD, Fontainebleau, MBA
            plain = [p for p in plain if " " in p.text or _LAST_WORDS.fullmatch(p.text)]
        named = [p for p in plain if is_han(p.text) or not schools.NAME.search(p.text)]
        if reached == "high_school":
            named = [p for p in named if shares(p.text).place < _PLACE]
        named.sort(key=lambda p: _FACULTY.search(p.text) is not None)
        field = next((f for p in named if (f := own_field(p))), None)
    if school is None and field and degree and " " in field.text and _needs_no_field(degree.text, field.text):
        school, field = field, None
    if field is None and degree and (discipline := re.match(DISCIPLINE, degree.text)):
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
        level=reached or ("high_school" if school and degree is None and _SECONDARY.search(school.text) else None),
        field=_joined(field, below) if field else None,
        start=start,
        end=end,
        current=current,
        grade=grade,
        marks=schools.marks(school.text) if school else (),
    )


_PLACE = 0.5
"""The share of places' names from which on what stands beside a school is its town."""


def _are_two(plain: Sequence[Piece]) -> bool:
    """Whether a line has two short names: of what was studied, and of where."""
    return len(plain) == 2 and all(
        1 < len(p.text) <= 40
        and p.text[0].isupper()
        and not re.search(r"[\d:：.;]", p.text)
        and not title_score(p.text)
        for p in plain
    )


_FACULTY = re.compile(r"(?:学院|系|学部)$|^(?:department|faculty|school|college|division|dept\.?) of\b", re.IGNORECASE)
"""What stands in a field's place only where no field does."""
_GRADUATED = re.compile(
    r"(?:expected |anticipated )?(?:grad(?:uat(?:ed|ion|ing))?\.?|completed|conferred|awarded|expected|anticipated|class of)(?: date| in)?[:.]?",
    re.IGNORECASE,
)
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
    return below if whole and not DEGREE.search(below.text) else None


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
        and not DEGREE.search(text)
        and not re.search(r"\d|[:：]|[.;。；]$", text)
    )


def _grade(entry: Entry) -> Found[str] | None:
    if given := entry.facts.get("grade"):
        return given.found()
    for piece in (*entry.heads, *(line.piece for line in entry.body)):
        if match := _GRADE.search(piece.text):
            return piece.part(*match.span(1 if match[1] else 2)).found()
    return None
