"""Who somebody is and what they look for: the facts at the top of a resume."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, Literal

from processors.lexicon.dates import dates
from processors.lexicon.places import US_STATES
from processors.lexicon.titles import title_score
from processors.resume import contacts, terms
from processors.resume.entries import entries
from processors.resume.labels import labelled
from processors.resume.names import by_mailbox, person, split_marks
from processors.resume.roles import is_place
from processors.resume.sections import Section
from processors.resume.text import Line, Piece
from schemas.resume import Found, PersonName, Span, WebLink

_MOST = 50
"""Emails, phones and links looked at."""
_WHERE = ("top", "basics", "objective", "other", "summary")
_SPLIT = re.compile(r"[、，,/|；;]| or | and ")
_MALE = re.compile(r"男|\bmale\b|\bm\b", re.IGNORECASE)
_FEMALE = re.compile(r"女|\bfemale\b|\bf\b", re.IGNORECASE)
_BORN = re.compile(
    r"(?:(?:出生|生)(?:于|日)?[:： ]{0,2}|born(?: on)?:? |\b(?:born|nat[oa]|nacid[oa]|nascid[oa]|n[ée]e?|geboren|født|född|ur\.|urodzon[ya])\b[^\d]{0,40}(?: il| le| el| em| am| den| on|,| in)? (?=\d)|\b(?:né\(e\)|nat[oa] il) )|(?:生|出生)$",
    re.IGNORECASE,
)
_AGE = re.compile(r"^\d{2} ?岁$|^age:? ?\d{2}$", re.IGNORECASE)
_NATIONAL = re.compile(
    r"^(?:中国|中国国籍|chinese|american|british|canadian|german|french|indian|australian|irish|dutch|spanish|japanese|korean|singaporean|italian)$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@|://|www\.|linkedin|tel:|\.(?:com|org|net|io)\b|[|｜•·].*[|｜•·]|(?<![\d,])[+(]?\d[\d ().\-]{7,}\d"
)
"""A line of these is how to reach somebody, not what they say of themselves."""
_SALARY = re.compile(
    r"\d+(?:\.\d)? ?[kK千万]? ?[-~–—至] ?\d+(?:\.\d)? ?[kK千万](?![a-z])|(?<!\d)\d{4,6} ?[-~–—至] ?\d{4,6} ?(?:元|/月)"
    r"|[£$€¥]\d[\d,]{3,9} ?(?:[-~–—]|to) ?[£$€¥]?\d[\d,]{3,9}|[£$€]\d{2,3}k ?(?:[-~–—]|to) ?[£$€]?\d{2,3}k\b",
    re.IGNORECASE,
)
_AVAILABLE = re.compile(
    r"^(?:(?:离职|在职)[-–— ,，]{0,3}.{0,12}|(?:随时|立即|[一两二三]周内?|一个月内?).{0,2}到岗|immediately available)$",
    re.IGNORECASE,
)


_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_UNSURE = 0.7
"""Confidence of a name below which the mailbox is asked for a better one."""


def facts(
    found: Sequence[Section],
    text: str,
    language: Literal["zh", "en"],
    links: Sequence[Found[WebLink]],
    *,
    traditional: bool = False,
) -> dict[str, Any]:
    """Return the fields of the profile that tell of the person. `traditional`: whether its characters are."""
    where = [line for name in _WHERE for section in found if section.name == name for line in section.lines]
    said: dict[str, Piece] = {}
    labels: dict[str, str] = {}
    for name, value, label in labelled(where):
        if name not in said:
            said[name], labels[name] = value, label
    referees = [s for s in found if s.name == "references"]
    # Other people's data.
    own = _blanked(text, ((s.lines[0].piece.start, s.lines[-1].piece.end) for s in referees if s.lines))
    emails = _unique(islice(contacts.emails(own), _MOST))
    bare = _blanked(own, sorted(span for email in emails for span in email.spans))
    cells = [part for line in where if len(line.text) < 250 for cell in line.cells for part in split_marks(cell)]
    # A line of short facts with a space between: 女 1990-05 苏州.
    for line in where:
        words = line.text.split(" ")
        if (
            1 < len(words) <= 8
            and len(line.text) < 120
            and any(c.isdigit() or c in "@/" for c in line.text)
            and language == "zh"
        ):
            at = 0
            for word in words:
                cells += [part for part in [line.piece.part(at, at + len(word))] if part]
                at += len(word) + 1
    where_from = contacts.regions(own, language, traditional=traditional)
    result: dict[str, Any] = {
        "name": person(
            [line for s in found if s.name in ("top", "basics") for line in s.lines]
            or [line for s in found[:3] for line in s.lines],
            said.get("name"),
            [email.value for email in emails],
            japanese=_KANA.search(text) is not None,
        )
        if not ({"given_name", "family_name"} & set(said))
        else _of_labels(said),
        "emails": emails,
        "phones": _unique(islice(contacts.phones(bare, where_from), _MOST)),
        "links": _links(bare, links, said.get("link"), _of_others(found)),
        "addresses": _addresses(said, cells) or _lives_in(cells) or _letterhead(found) or _beside_contacts(found),
        "gender": _gender(said, cells),
        "birth_date": _birth(said, [*cells, *(line.piece for line in where if _BORN.search(line.text[:120]))]),
        "nationality": said["nationality"].found()
        if "nationality" in said
        else next((c.found(confidence=0.6) for c in cells if _NATIONAL.match(c.text)), None),
        "right_to_work": said["right_to_work"].found() if "right_to_work" in said else None,
    }
    if result["name"] is None or result["name"].confidence < _UNSURE:
        result["name"] = (
            by_mailbox((line for s in found for line in s.lines), (e.value for e in emails)) or result["name"]
        )
    result |= _wishes(found, said, labels, cells, language)
    result["headline"] = _headline(found, result["name"], language)
    return result


def _of_labels(said: dict[str, Piece]) -> Found[PersonName] | None:
    """Return a name whose parts have a label each. Where only one has a label of its own, `Name` is the other."""
    given = said.get("given_name") or said.get("name")
    family = said.get("family_name") or said.get("name")
    if given is None or family is None or given == family:
        return person((), given or family)
    name = PersonName(full=f"{given.text} {family.text}", family=family.text, given=given.text, order="given_first")
    return Found(
        value=name,
        confidence=0.97,
        spans=tuple(Span(p.start, p.end) for p in sorted((given, family), key=lambda p: p.start)),
    )


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with spaces for spans in order, so that offsets stay."""
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*kept, text[at:]])


def _unique(found: Iterator[Found[str]]) -> tuple[Found[str], ...]:
    kept: dict[str, Found[str]] = {}
    for one in found:
        before = kept.get(one.value)
        kept[one.value] = one if before is None else before.model_copy(update={"spans": (*before.spans, *one.spans)})
    return tuple(kept.values())


def _of_others(found: Sequence[Section]) -> list[tuple[int, int]]:
    """Return the parts of the text that tell of employers and schools, whose sites are not the person's."""
    told = [s.lines for s in found if s.name in ("work", "education") and s.lines]
    return [(lines[0].piece.start, lines[-1].piece.end) for lines in told]


def _links(
    text: str, behind: Sequence[Found[WebLink]], label: Piece | None, of_others: Sequence[tuple[int, int]]
) -> tuple[Found[WebLink], ...]:
    kept: dict[str, Found[WebLink]] = {}
    named = (
        [label.found(contacts.web_link(label.text), 0.9)]
        if label and re.fullmatch(r"[\w.\-/:~%?=&#]{4,200}", label.text) and "." in label.text
        else []
    )
    broken = dict(_broken(text))
    for link in (*named, *islice(contacts.links(text), _MOST), *behind):
        link = broken.get(link.spans[0].start, link) if link.spans else link
        at = link.spans[0].start if link.spans else -1
        if link.value.kind == "other" and any(start <= at < end for start, end in of_others):
            continue
        if not link.value.url.startswith(("mailto:", "tel:")):
            key = re.sub(r"^https?://(?:www\.)?|/$", "", link.value.url.casefold())
            kept.setdefault(key, link)
    return tuple(kept.values())


_BROKEN = re.compile(
    r"(?P<first>(?:www\.)?linkedin\.com/in/[\w%-]{1,80})\n(?P<rest>[\w%-]{1,60})/? \((?:LinkedIn|领英)\)"
)


def _broken(text: str) -> Iterator[tuple[int, Found[WebLink]]]:
    """Yield the addresses that LinkedIn's export has broken at the end of a narrow line, and where they begin."""
    for told in _BROKEN.finditer(text):
        spans = (Span(*told.span("first")), Span(*told.span("rest")))
        yield told.start(), Found(value=contacts.web_link(told["first"] + told["rest"]), confidence=0.95, spans=spans)


def _addresses(said: dict[str, Piece], cells: Sequence[Piece]) -> tuple[Found[str], ...]:
    if "place" in said:
        return (said["place"].found(confidence=0.95),)
    others = {piece.start for name, piece in said.items() if name in ("target_city", "native")}
    places = (c for c in cells if is_place(c.text) and c.start not in others and not _NATIONAL.match(c.text))
    return tuple(c.found(confidence=0.8) for c in places)[:1]


_REACHED = re.compile(
    r"\S+@\S+|https?://\S+|www\.\S+|(?:linkedin|github)\.com/\S*|[+(]{0,2}\d[\d ()/.\-]{6,}\d|(?:tel|phone|mobile|e-?mail|电话|邮箱)\.? ?[:：]",
    re.IGNORECASE,
)


_LIVES = re.compile(
    r"(?:lives?|living|resid(?:es|ing)|based|located) in |(?:wohnhaft in|residente en|domicilié[e]? à) |(?:现居|住在|居住于|坐标)[ :：]?",
    re.IGNORECASE,
)


def _lives_in(cells: Iterable[Piece]) -> tuple[Found[str], ...]:
    """Return the place of `Lives in Manchester`, 现居苏州."""
    for cell in cells:
        if (mark := _LIVES.match(cell.text)) and is_place((place := cell.part(mark.end(), len(cell.text))).text):
            return (place.found(confidence=0.9),)
    return ()


_LETTERHEAD = re.compile(
    rf"(?:^|, ?|\d[A-Za-z]? )(?P<us>[A-ZÀ-Ž][\w.'’ -]{{1,24}}, (?:{US_STATES})),? \d{{5}}(?:-\d{{4}})?$"
    r"|(?:^|, ?)(?P<gb>[A-Z][\w'’ -]{1,24}),? [A-Z]{1,2}\d[A-Z\d]?(?: ?\d[A-Z]{2})?(?:, (?:UK|United Kingdom|England|Scotland|Wales))?$"
    r"|(?:^|, ?)(?P<au>[A-Z][\w'’ -]{1,24}),? (?:NSW|VIC|QLD|TAS|ACT|SA|WA|NT) \d{4}(?:, Australia)?$"
    r"|(?:^|[,·|] ?)(?:[A-Z]{1,3}-)?\d{4,5} (?P<eu>[A-ZÀ-Ž][\w'’-]{2,24}(?: [A-ZÀ-Ž][\w'’-]{1,20}){0,2})$"
    r"|(?:^|[,–-] ?)(?P<br>[A-ZÀ-Ž][\w'’ ]{2,24}) ?[,/–-] ?(?:AC|AL|AM|AP|BA|CE|DF|ES|GO|MA|MG|MS|MT|PA|PB|PE|PI|PR|RJ|RN|RO|RR|RS|SC|SE|SP|TO)$"
)
"""The town of an address that stands on a line of its own."""
_ABOUT_PERSON = ("top", "basics")


def _letterhead(found: Sequence[Section]) -> tuple[Found[str], ...]:
    for section in found:
        for line in section.lines[:12] if section.name in _ABOUT_PERSON else ():
            if len(line.text) > 160 or not any(map(str.isdigit, line.text)):
                continue
            for cell in (line.piece, *(part for whole in line.cells for part in split_marks(whole))):
                told = _LETTERHEAD.search(cell.text)
                if told and told.lastgroup and not title_score(told[told.lastgroup]):
                    return (cell.part(*told.span(told.lastgroup)).found(confidence=0.7),)
    return ()


def _beside_contacts(found: Sequence[Section]) -> tuple[Found[str], ...]:
    """Return the place that stands on a line with a mailbox or a number: `Belfast, UK 07700 900123`, or in a footer."""
    for section in found:
        for line in section.lines:
            if len(line.text) > 200 or not (reached := list(_REACHED.finditer(line.text))):
                continue
            ends = [0, *(place for found in reached for place in found.span()), len(line.text)]
            between = [_bare(line.piece.part(*span)) for span in zip(ends[::2], ends[1::2], strict=True)]
            for part in (*between, *(split_marks(line.piece) if "@" in line.text else ())):
                if part and is_place(part.text):
                    return (part.found(confidence=0.75),)
    return ()


def _bare(part: Piece) -> Piece:
    """Return a part without the marks that divide it from what stands beside it."""
    text = part.text
    return part.part(len(text) - len(text.lstrip(" -–—·•|/")), len(text.rstrip(" -–—·•|/")))


_LABELLED = {
    "female": re.compile(
        r"w|weiblich|femme|féminin|mujer|femenino|femmina|femminile|nữ|perempuan|feminino|vrouw|kobieta|kadın|женский",
        re.IGNORECASE,
    ),
    "male": re.compile(
        r"männlich|homme|masculin|hombre|masculino|maschio|maschile|nam|laki-laki|man|mężczyzna|erkek|мужской",
        re.IGNORECASE,
    ),
}
"""Words that tell a gender only behind its label."""


def _gender(said: dict[str, Piece], cells: Sequence[Piece]) -> Found[str] | None:
    if "gender" in said:
        for value, words in _LABELLED.items():
            if words.fullmatch(said["gender"].text):
                return said["gender"].found(value, 0.97)
    for piece in [said["gender"]] if "gender" in said else [c for c in cells if len(c.text) <= 6]:
        for value, pattern in (("female", _FEMALE), ("male", _MALE)):
            if (pattern.fullmatch(piece.text) and len(piece.text) != 1) or (
                (piece.text in "男女" or "gender" in said) and pattern.search(piece.text)
            ):
                return piece.found(value, 0.97)
    return None


def _birth(said: dict[str, Piece], cells: Sequence[Piece]) -> Found[str] | None:
    if "birth" in said and (when := next(dates(said["birth"].text), None)):
        return said["birth"].part(*when.start_at).found(when.start, 0.97)
    for cell in cells:
        when = next(dates(cell.text), None) if len(cell.text) < 70 else None
        if (
            when
            and (len(cell.text) < 30 or _BORN.search(cell.text))
            and not when.period
            and when.start < "2012"
            and len(when.start) > 4
            and (_BORN.search(cell.text) or when.at == (0, len(cell.text)))
        ):
            return cell.part(*when.start_at).found(when.start, 0.95 if _BORN.search(cell.text) else 0.85)
    return None


def _wishes(
    found: Sequence[Section], said: dict[str, Piece], labels: dict[str, str], cells: Sequence[Piece], language: str
) -> dict[str, Any]:
    lines = [line for s in found if s.name == "objective" for line in s.lines]
    roles = said.get("target")
    if roles is None and "target_city" not in said and "salary" not in said and lines and len(lines[0].text) <= 60:
        first = next(iter(split_marks(lines[0].cells[0])), None)
        roles = first if first and (title_score(first.text) or len(first.text) < 20) else None
    short = (*cells, *(line.piece for line in lines))  # a range may have been divided at its dash
    salary = said.get("salary") or next(
        (c for c in short if _SALARY.search(c.text) and len(c.text) < 30 and "@" not in c.text), None
    )
    expected = terms.pay(salary.text, language, labels.get("salary", "")) if salary else None
    now = said.get("salary_now")
    current = terms.pay(now.text, language, labels.get("salary_now", "")) if now else None
    start = said.get("availability") or next((c for c in cells if _AVAILABLE.match(c.text)), None)
    when = terms.availability(start.text) if start else None
    return {
        "target_roles": _list(roles) if roles and len(roles.text) <= 80 else (),
        "target_places": _list(said.get("target_city")) or _city_beside(lines, roles),
        "salary_expected": salary.found(expected, 0.92) if salary and expected else None,
        "salary_current": now.found(current, 0.92) if now and current else None,
        "availability": start.found(when, 0.9) if start and when else None,
    }


def _city_beside(lines: Sequence[Line], role: Piece | None) -> tuple[Found[str], ...]:
    """Return the place that stands between bars beside the role that is sought: 产品经理 | 杭州 | 35-50K."""
    for line in lines[:2] if role else ():
        told = [part for cell in line.cells for part in split_marks(cell)]
        if role in told and len(told) > 1:
            return tuple(part.found(confidence=0.85) for part in told if part != role and is_place(part.text))[:1]
    return ()


def _list(value: Piece | None) -> tuple[Found[str], ...]:
    if value is None:
        return ()
    if is_place(value.text) and "," in value.text:
        return (value.found(),)
    found, at = [], 0
    for mark in [*(m.span() for m in _SPLIT.finditer(value.text)), (len(value.text), len(value.text))]:
        if part := value.part(at, mark[0]):
            found.append(part.found(confidence=0.9))
        at = mark[1]
    return tuple(found)


def _headline(found: Sequence[Section], name: Any, language: str) -> Found[str] | None:
    top = [line for s in found if s.name in ("top", "basics") for line in s.lines[:6]]
    for line in top:
        for part in split_marks(line.cells[0]):
            if title_score(part.text) and _may_be_headline(part.text) and not (name and part.text == name.value.full):
                return part.found(confidence=0.7)
    for before, line in pairwise(top):  # below the name, whatever its words
        if name and before.piece.start <= name.spans[0].start < before.piece.end and len(line.cells) == 1:
            words = line.text.split()
            if 1 < len(words) < 9 and words[0][0].isupper() and _may_be_headline(line.text) and not is_place(line.text):
                return line.piece.found(confidence=0.5)
    return None


def _may_be_headline(text: str) -> bool:
    return len(text) <= 60 and not re.search(r"[@:：\d]|(?<!Ltd)(?<!Inc)(?<!Co)\.$", text)


def summary(found: Sequence[Section], text: str) -> Found[str] | None:
    """Return the section in which somebody describes themselves."""
    lines = next((s.lines for s in found if s.name == "summary" and s.lines), None)
    if lines is None:
        top: list[Line] = [
            line
            for s in found
            if s.name == "top"
            for line in s.lines
            if len(line.text) > 80 and len(line.cells) == 1 and not _CONTACT.search(line.text)
        ]
        return top[0].piece.found(confidence=0.6) if top and not entries(top) else None
    start, end = lines[0].piece.start, lines[-1].piece.end
    return Piece(text[start:end], start, end).found()
