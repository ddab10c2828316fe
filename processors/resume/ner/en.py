"""Rules that find entities in English resumes, of the layout job sites export: headings, then blocks of lines.

Under a work heading a block is position, employer and place, dates; under an education heading degree, school, dates.
What the head of the resume and these blocks name is then looked for in the rest of the text.
"""

import re
from typing import Protocol

from processors.resume.ner.entity import Entity

LABELS = frozenset(
    {
        "Name", "Designation", "Companies worked at", "College Name", "Degree", "Graduation Year", "Location",
        "Skills", "Email Address", "Years of Experience",
    }
)  # fmt: skip
_HEADINGS = {
    "work": "work experience|experience|professional experience|employment history|work history|employment"
    "|career history",
    "education": "education|educational qualification|educational qualifications|academic qualification|academics"
    "|qualification|qualifications|education details",
    "skills": "skills|technical skills|skill set|key skills|technical skillset|it skills",
    "other": "additional information|links|awards|publications|certifications/licenses|certifications|groups|patents"
    "|military service|personal details|projects|summary|objective",
}
_HEADING = {name: kind for kind, names in _HEADINGS.items() for name in names.split("|")}
_MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_LINK = re.compile(r"(?<![\w/.])indeed\.com/r/[^\s?]{1,80}(?:(?<=[\-/])\n[^\s?]{1,60})?")
_DATES = re.compile(
    r"^(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ ,.]{1,2}\d{4}|\d{4})"
    r"(?:[ ]{0,2}(?:to|-|–)[ ]{0,2}(?:present|(?:[a-z]{3,9}[ ,.]{1,2})?\d{4}))?\s*$|^present$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
_SCHOOL = re.compile(
    r"universit|college|institut|school|academy|vidyalaya|"
    r"polytechnic|\bboard\b|vidya|\biit\b|\bnit\b|campus|faculty|department of",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"^\W{0,3}(?:b\.? ?e\b|b\.? ?tech|b\.?-?tech|m\.? ?tech|m\.? ?e\b|b\.? ?sc|m\.? ?sc|"
    r"bca|mca|mba|bba|b\.? ?com|m\.? ?com|b\.?a\b|m\.?a\b|bachelor|master|diploma|ph\.?d|pgd|post ?grad|"
    r"hsc|ssc|sslc|s\.s\.c|h\.s\.c|"
    r"x{1,2}(?:ii)?(?:th)?\b|1[02](?:th)?\b|intermediate|cbse|"
    r"icse|higher secondary|secondary|senior secondary|high school|matric|puc|"
    r"degree|doctor|associate|graduat|certificat|p\.?g)",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"(?<![\d.])\d{1,2}(?:\.\d)?\+? ?(?:years?|yrs)(?: (?:and )?\d{1,2} months?)?(?= (?:of )?(?:\w+ ){0,3}experience)",
    re.IGNORECASE,
)
_NO_POSITION = re.compile(r":|Email me|indeed\.com|^Willing|\b(?:looking|seeking|need|urgent)", re.IGNORECASE)
_AT = re.compile(
    r"(?<!experience) (?:at|@|in) ([A-Z][\w&.]{1,30}(?: (?:[A-Z&][\w&.]{0,30}|limited|ltd|pvt)){0,5})(?=\s*$|,| [(\-])"
)
_LONGEST_LINE = 400  # on average; a text with longer ones has lost its line ends, and gaps are what is left of them
_GAP = re.compile(r" {2,}")
_CAPTION = re.compile(
    r"\W*(?:(?:example of a |sample )?resum[eé]|c\.?v\.?|curriculum vitae|personal details|name:?)\W*", re.I
)
_NAMED_AGAIN = ("Companies worked at", "Designation", "Email Address")
_MAX_NAMES = 50
_PLACE = re.compile(r"^([A-Z][A-Za-z .]{1,40}?)(?:, [A-Z][A-Za-z .]{1,30}){0,2}(?: - Email me|\s*-?\s*$)")


class EnglishRules:
    """Finds the entities of resume-ner-en's labels by rules; knows no weights."""

    labels = LABELS

    def recognise(self, text: str) -> list[Entity]:
        """Return the entities in reading order."""
        if text.count("\n") * _LONGEST_LINE < len(text):
            text = _GAP.sub(lambda gap: "\n" * len(gap[0]), text)
        found: list[Entity] = []
        lines: list[tuple[int, str]] = []
        at = 0
        for line in text.split("\n"):
            lines.append((at, line))
            at += len(line) + 1
        filled = [
            (start, line)
            for start, line in lines
            if line.strip() and not line.startswith(("http://", "https://")) and not _CAPTION.fullmatch(line)
        ]

        def add(start: int, end: int, label: str) -> None:
            while start < end and text[start] in ' \t\n-,.|•:"':
                start += 1
            while start < end and text[end - 1] in " \t\n-,|•:":
                end -= 1
            if start < end:
                found.append(Entity(start, end, label))

        for m in (*_MAIL.finditer(text), *_LINK.finditer(text)):
            add(m.start(), m.end(), "Email Address")
        for m in _PERIOD.finditer(text):
            add(m.start(), m.end(), "Years of Experience")
        section, block, skills = "head", 0, None
        undated = False
        for n, (start, line) in enumerate(filled):
            bare = line.strip()
            key = bare.rstrip(":").lower()
            heading = _HEADING.get(key) if len(bare) < 40 and (bare.isupper() or n) else None
            if heading and (bare.isupper() or bare.endswith(":") or heading != "work"):
                if skills is not None:
                    add(skills, start, "Skills")
                section, block, skills = heading, n + 1, None
                if heading == "skills":
                    skills = start + len(line)
                continue
            following = [t.strip() for _, t in filled[n + 1 : n + 4]]
            if section == "head":
                self._head(n, start, line, add)
            elif section == "work":
                undated = self._work(n - block, start, line, following, undated, add)
            elif section == "education":
                self._education(start, line, add)
        if skills is not None:
            add(skills, len(text), "Skills")
        found += self._again(text, found)
        return _apart(found)

    def _head(self, n: int, start: int, line: str, add: "_Add") -> None:
        if n == 0 and len(line) <= 60 and not _HEADING.get(line.strip(' "').lower()):
            add(start, start + len(line), "Name")
        elif n < 5 and (m := _PLACE.match(line)) and ("," in line or "Email me" in line):
            add(start, start + m.end(1), "Location")
        elif n == 1 and len(line) < 110:
            position, dash, employer = line.rpartition(" - ")
            self._position(start, position if dash else line, add)
            if dash and len(employer) < 60 and not _NO_POSITION.search(employer):
                add(start + len(position) + 3, start + len(line), "Companies worked at")

    def _position(self, start: int, line: str, add: "_Add") -> None:
        """A position, and the employer where the line names it: System Engineer at Northwind Mills."""
        if _NO_POSITION.search(line):
            return
        if m := _AT.search(line):
            add(start, start + m.start(), "Designation")
            add(start + m.start(1), start + m.end(1), "Companies worked at")
        else:
            add(start, start + len(line), "Designation")

    def _work(self, n: int, start: int, line: str, following: list[str], undated: bool, add: "_Add") -> bool:
        """A position's line has its dates one or two lines below; the line between is the employer's.

        The first block may have no dates. Returns whether the next line is the employer of such a block.
        """
        if len(line) > 110 or _DATES.match(line.strip()) or line.strip()[:1] in "•-*o➢":
            return False
        dated = [i for i, t in enumerate(following) if _DATES.match(t)]
        if dated and following[dated[0]] == "Present" and dated[0]:
            dated = []
        if dated and dated[0] == 1:
            self._position(start, line, add)
        elif n == 0 and not dated and len(line) < 60:
            self._position(start, line, add)
            return True
        elif (dated and dated[0] == 0) or (undated and len(line) < 60 and line[-1:] != "."):
            name, dash, place = line.partition(" - ")
            add(start, start + len(name), "Companies worked at")
            if dash and (m := _PLACE.match(place.strip(" -"))):
                at = start + line.index(place.strip(" -"))
                add(at, at + m.end(1), "Location")
        return False

    def _education(self, start: int, line: str, add: "_Add") -> None:
        bare = line.strip()
        if len(bare) > 120 or bare.startswith("http"):
            return
        if _DATES.match(bare):
            years = list(_YEAR.finditer(line))
            if years:
                add(start + years[-1].start(), start + years[-1].end(), "Graduation Year")
            return
        name, dash, place = line.partition(" - ")
        if _DEGREE.match(bare) and not (_SCHOOL.search(name) and " in " not in name):
            add(start, start + len(line), "Degree")
        elif _SCHOOL.search(name) or dash:
            add(start, start + len(name), "College Name")
            if dash and (m := _PLACE.match(place.strip(" -"))):
                at = start + line.index(place.strip(" -"))
                add(at, at + m.end(1), "Location")
        elif " in " in bare:
            add(start, start + len(line), "Degree")

    def _again(self, text: str, found: list[Entity]) -> list[Entity]:
        """Find what was named wherever else the text names it."""
        labels = {text[e.start : e.end]: e.label for e in reversed(found) if e.label in _NAMED_AGAIN}
        names = sorted((n for n in labels if 3 <= len(n) <= 90), key=lambda n: (-len(n), n))[:_MAX_NAMES]
        if not names:
            return []
        known = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
        return [Entity(m.start(), m.end(), labels[m[0]], 0.7) for m in known.finditer(text)]


def _apart(found: list[Entity]) -> list[Entity]:
    """Keep, of entities that overlap, the surer, then the one found first."""
    kept: list[Entity] = []
    taken: set[int] = set()
    for entity in sorted(found, key=lambda e: -e.confidence):
        if taken.isdisjoint(range(entity.start, entity.end)):
            kept.append(entity)
            taken.update(range(entity.start, entity.end))
    return sorted(kept)


class _Add(Protocol):
    def __call__(self, start: int, end: int, label: str) -> None: ...
