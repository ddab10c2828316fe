"""Japan's form of a resume, 履歴書: rows of a year, a month and an event, of which careers are put together.

Somebody enters a school or a company in one row and leaves it in another: `2013 4 株式会社青葉 入社`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.lexicon.dates import DateSpan, dates
from processors.lexicon.script import fold, plain
from processors.resume import education
from processors.resume.entry import Entry, When
from processors.resume.text import Line, Piece
from schemas.base import EducationLevel
from schemas.resume import Certificate, Study

_LONGEST = 120
_WHEN = re.compile(
    r"(?P<year>(?:19|20)\d\d|(?:昭和|平成|令和) ?(?:\d{1,2}|元))[年./\t 　]{1,3}(?P<month>1[0-2]|0?[1-9])(?:月[度]?|[\t 　./])[\t 　]{0,4}(?=\S)"
)
_MONTH = re.compile(r"(?P<month>1[0-2]|0?[1-9])(?:月[\t 　]{0,4}|\t+)(?=\S)")
"""A row whose year stands in a row above."""


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(plain(pattern))


_EXPECTED = r"(?:見込み?|予定)?[)）]?"
_ENTERS_SCHOOL = _words(r"[にへ]?[ 　]{0,3}(?:入学|編入学?|進学|転入学?)$")
_LEAVES_SCHOOL = _words(
    rf"[をの]?[ 　]{{0,3}}[(（]?(?:卒業|修了|満期退学|単位取得(?:満期)?退学|中退|中途退学|退学)[ 　]?[(（]?{_EXPECTED}$"
)
_ENTERS_WORK = _words(
    r"(?:[ 　]{0,3}(?P<title>[^ 　にへ]{2,20})として)?[にへ]?[ 　]{0,3}(?:入社|入行|入職|入庁|入局|入省|入所|入団|就職|勤務開始|勤務|開業|設立)"
    r"(?:[ 　]?[(（][^()（）]{1,20}[)）])?(?:[。 　、]{1,3}(?P<team>[^。]{2,30}?)(?:に|へ)?(?:配属|勤務|所属)|[ 　]{1,3}(?P<role>[^ 　。、]{2,20}))?$"
)
_LEAVES_WORK = _words(
    r"[をの]?[ 　]{0,3}(?:(?:一身上の|会社|家庭の?)都合(?:により|のため|で)[ 　]?)?(?:退社|退職|退行|退任|退所|廃業|(?:契約)?期間満了(?:(?:により|のため|で)[ 　]?(?:退社|退職))?)(?:[(（][^()（）]{1,20}[)）])?$"
)
_MOVES = _words(r"(?:[にへをとの])?[ 　]{0,3}(?:配属|異動|昇進|昇格|出向|就任|任命)$")
_STILL = _words(r"(?:現在に至る|在職中|現在在職中)$")
_HOLDS = _words(r"[をの]?[ 　]{0,3}(?:取得(?:予定)?|合格|修了|免許|登録|認定|授与)(?:[(（][^()（）]{1,20}[)）])?$")
_HEAD = _words(r"(?P<career>学歴|職歴|経歴)|(?P<held>免許|資格|検定|賞罰)")
_SAME = _words(r"同(?:社|大学|校|学校|大学院|短期大学|所|行)|一身上|会社都合|契約期間")
_SCHOOL = _words(
    r"(?P<school>.{1,30}?(?:大学院|短期大学部?|大学校|大学(?!院|校|大学院)|高等専門学校|専門学校|高等学校|高校|中学校|小学校|学院|学園|スクール))(?:[ 　]{0,3}(?P<field>.+))?"
)
_DEGREE = _words(r"(?:前期|後期)?(?:博士|修士|学士)(?:前期|後期)?(?:課程)?")
_LEVELS: tuple[tuple[EducationLevel, re.Pattern[str]], ...] = (
    ("doctorate", _words(r"博士(?!前期)")),
    ("master", _words(r"修士|博士前期|大学院")),
    ("associate", _words(r"短期大学|専門学校|大学校")),
    ("bachelor", _words(r"大学")),
    ("high_school", _words(r"高等学校|高校")),
)


class _Row(NamedTuple):
    """A month, where it stands, and what is told of it."""

    month: str
    at: tuple[int, int]
    event: Piece


@dataclass(slots=True)
class _Stay:
    """From when to when somebody was at a school or a company."""

    where: Piece
    start: _Row | None = None
    end: _Row | None = None
    current: bool = False
    title: Piece | None = None
    body: list[Line] = field(default_factory=list)

    def entry(self) -> Entry:
        """Return it as an entry of a section."""
        entry = Entry(body=self.body)
        first, last = self.start or self.end, self.end or self.start
        if first and last:
            end = last.month if self.start and self.end else None
            span = DateSpan(first.month, end, self.current, (first.at[0], last.at[1]), first.at, last.at)
            entry.when = When(span, 0)
        return entry


_JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]|歴")
"""Kana, or a character that Chinese writes otherwise: Chinese, too, has words such as 入职."""


def read(lines: Iterable[Line]) -> "Career | None":
    """Return the career that rows of events tell; None where fewer than two of them do."""
    career, told = Career(), list(lines)
    if not any(_JAPANESE.search(line.text) for line in told):
        return None
    for line in told:
        career.add(line)
    return career if career.events > 1 else None


class Career:
    """Schools, companies and licences, as the rows of a form tell them in order."""

    def __init__(self) -> None:
        self.events = 0
        self._year = ""
        self._schools: list[_Stay] = []
        self._companies: list[_Stay] = []
        self._held: list[Certificate] = []
        self._licences = False

    def add(self, line: Line) -> None:
        """Read the next line."""
        if len(line.text) > _LONGEST:
            return
        row = self._row(line.piece)
        event = row.event if row else line.piece
        if row is None and (head := _HEAD.search(line.text)) and len(line.text) < 40:
            self._licences = head["held"] is not None and head["career"] is None
        if (open_ := self._open()) and _STILL.search(event.text):
            open_.current = True
        elif open_ and row is None and _MOVES.search(event.text):
            open_.body.append(line)
        elif row is not None:
            self._licensed(row) if self._licences else self._happened(row, line)

    def _open(self) -> _Stay | None:
        return next((stay for stay in reversed(self._companies) if stay.end is None), None)

    def _row(self, piece: Piece) -> _Row | None:
        when = _WHEN.match(piece.text) or (_MONTH.match(piece.text) if self._year else None)
        if when is None:
            return None
        if "year" in when.re.groupindex:
            date = next(dates(f"{when['year']}年"), None)
            self._year = date.start[:4] if date else ""
            if date is None:
                return None
        at = (piece.start + when.start(), piece.start + when.end("month"))
        event = piece.part(when.end(), len(piece.text))
        return _Row(f"{self._year}-{int(when['month']):02}", at, event) if event else None

    def _licensed(self, row: _Row) -> None:
        end = _HOLDS.search(row.event.text)
        name = row.event.part(0, end.start() if end else len(row.event.text))
        if len(name.text) > 1:
            self._held.append(Certificate(name=name.found(confidence=0.9), date=row.month))
            self.events += 1

    def _happened(self, row: _Row, line: Line) -> None:
        text = row.event.text
        if ends := _ENTERS_SCHOOL.search(text):
            self._schools.append(_Stay(row.event.part(0, ends.start()), start=row))
        elif ends := _LEAVES_SCHOOL.search(text):
            self._left(self._schools, row, ends.start())
        elif ends := _ENTERS_WORK.search(text):
            where = row.event.part(0, ends.start())
            named = "title" if ends["title"] else "role"
            title = row.event.part(*ends.span(named)) if ends[named] else None
            if title and not where:  # フリーランスとして開業
                where, title = title, None
            self._companies.append(_Stay(where, start=row, title=title))
        elif ends := _LEAVES_WORK.search(text):
            self._left(self._companies, row, ends.start())
        elif _MOVES.search(text) and (stay := self._open()):
            stay.body.append(line)
        else:
            return
        self.events += 1

    def _left(self, stays: list[_Stay], row: _Row, end: int) -> None:
        """End the stay that a row is about: the one of its name, else the last; of neither, it is told only here."""
        name = row.event.part(0, end)
        open_ = [stay for stay in stays if stay.end is None]
        own = [stay for stay in open_ if name and _key(name).startswith(_key(stay.where)[:4])]
        stay = own[-1] if own else open_[-1] if open_ and (not name or _SAME.match(name.text)) else None
        if stay is None and name and not _SAME.match(name.text):
            stay = _Stay(name)
            stays.append(stay)
        if stay is not None:
            stay.end = row
            if len(name.text) > len(stay.where.text) and not _SAME.match(name.text):
                stay.where = name

    def work(self) -> list[Entry]:
        """Return the positions."""
        found: list[Entry] = []
        for stay in self._companies:
            entry = stay.entry()
            employer, _, role = stay.where.text.partition(" ")
            if stay.where:
                entry.facts["employer"] = stay.where.part(0, len(employer)) if role else stay.where
            if stay.title:
                entry.facts["title"] = stay.title
            elif role:
                entry.facts["title"] = stay.where.part(len(employer), len(stay.where.text))
            found.append(entry)
        return found

    def studies(self, text: str) -> list[Study]:
        """Return the courses of study."""
        found: list[Study] = []
        for stay in self._schools:
            entry = stay.entry()
            named = _SCHOOL.fullmatch(stay.where.text)
            entry.facts["school"] = stay.where.part(*named.span("school")) if named else stay.where
            if named and named["field"]:
                subject = stay.where.part(*named.span("field"))
                if degree := _DEGREE.search(subject.text):
                    entry.facts["degree"] = subject.part(*degree.span())
                    subject = subject.part(0, degree.start())
                if subject:
                    entry.facts["field"] = subject
            level = next((name for name, words in _LEVELS if words.search(stay.where.text)), None)
            found += [study.model_copy(update={"level": level}) for study in education.of_entries([entry], text)]
        return found

    def certificates(self) -> Iterator[Certificate]:
        """Yield the licences."""
        yield from self._held


def _key(name: Piece) -> str:
    return re.sub(r"\s", "", fold(name.text))
