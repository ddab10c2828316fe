"""Dates and periods as resumes write them, in ISO 8601 as precise as written."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from processors.lexicon.places import US_STATES
from processors.lexicon.script import digits
from schemas.resume import ResumeDate


def _trie(words: Iterable[str]) -> str:
    """Return a pattern of words, the longest first, that tries each of their letters once."""
    heads: dict[str, list[str]] = {}
    for word in words:
        heads.setdefault(word[:1], []).append(word[1:])
    ends = heads.pop("", None) is not None
    branches = [re.escape(head) + _trie(rest) for head, rest in sorted(heads.items())]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' if ends else ''}" if ends or len(branches) > 1 else branches[0]


def _key(word: str) -> str:
    """Return what the writings of a month's name share that a pattern takes for the same: MAYIS and mayıs."""
    return word.casefold().replace("ı", "i").replace("\u0307", "")


_WRITTEN_ELSE = {2: "feber fév", 3: "maerz mrz", 9: "сен", 11: "ноя"}
"""Names of months as people shorten them where the lists do not."""


def _month_names() -> dict[str, int]:
    listed: dict[str, str] = tomllib.loads((files("processors.lexicon") / "data" / "months.toml").read_text("utf-8"))
    return {
        word: int(number)
        for number, words in listed.items()
        for word in f"{words} {_WRITTEN_ELSE.get(int(number), '')}".split()
    }


_BY_KEY = {_key(word): number for word, number in _month_names().items()}
_CODES = 0x10FF00
_MONTH = f"[{chr(_CODES + 1)}-{chr(_CODES + 12)}]{{2,}}"
"""A month's name as `_coded` has it: eight hundred names are looked for once, not in each form of a date."""


@cache
def _any_month() -> re.Pattern[str]:
    letter = r"[^\W\d_\u3400-\u9fff]"  # Chinese characters stand right beside other words: 2004至October 2014
    return re.compile(rf"(?<!{letter})(?:{_trie(_month_names())})(?!{letter})", re.IGNORECASE)


_NO_MONTH = "MArch"
"""A master of architecture."""


def _month_of(coded: str) -> int:
    return ord(coded[0]) - _CODES


def _coded(text: str) -> str:
    """Return a text of the same length with one code for each letter of a month's name: which month it is."""
    return _any_month().sub(
        lambda m: m[0] if m[0] == _NO_MONTH else chr(_CODES + _BY_KEY[_key(m[0])]) * len(m[0]), text
    )


_SEASONS = {
    word: month
    for month, words in (
        (3, "spring frühling frühjahr printemps primavera 春 春季"),
        (4, "sommersemester sose ss"),
        (6, "summer sommer été verano estate 夏 夏季"),
        (9, "fall autumn herbst automne otoño 秋 秋季"),
        (10, "wintersemester wise ws"),
        (12, "winter hiver invierno inverno 冬 冬季"),
    )
    for word in words.split()
}
_ERAS = {"昭和": 1925, "平成": 1988, "令和": 2018}
"""The years before the first of Japan's eras."""
_LATIN_SEASONS = [word for word in _SEASONS if word < "一"]
_ORDINALS = {"一": 1, "二": 2, "三": 3, "四": 4}
_YEAR = r"(?:19|20)\d\d"
_M = r"1[0-2]|0?[1-9]"
_D = r"3[01]|[12]\d|0?[1-9]"
_HAN_DIGITS = "〇零○一二三四五六七八九"
_HAN_MONTH = r"十[一二]?|[一二三四五六七八九]"
_DATE = (
    rf"(?:(?P<y1>{_YEAR}) ?(?:[年년]|[./\-]) ?(?P<m1>{_M})(?!\d) ?[月월]?(?: ?[./\-]? ?(?P<d1>{_D})(?!\d)(?! ?[./年\-] ?\d) ?[日号號]|[./\-](?P<d5>3[01]|[12]\d|0[1-9])(?![\d])|[./](?P<d3>[1-9])(?![\d.]))?份?"
    rf"|(?P<y2>{_YEAR}) ?年 ?(?P<h2>{_HAN_MONTH}) ?月"
    rf"|(?P<hy3>(?:二[〇零○]|一九)[{_HAN_DIGITS}]{{2}}) ?年(?: ?(?:(?P<m3>{_M})|(?P<h3>{_HAN_MONTH})) ?月(?:[{_HAN_DIGITS}十]{{1,3}}[日号號])?)?"
    rf"|民[国國] ?(?P<hr2>[一二三四五六七八九〇零○百十]{{2,5}}) ?年(?: ?(?:(?P<m2>{_M})|(?P<h4>{_HAN_MONTH})) ?月)?"
    rf"|(?:民[国國] ?(?P<r4>1[0-3]\d|[3-9]\d)|(?P<r5>1[0-3]\d)(?= ?年))(?: ?(?:年|[./\-]) ?(?P<m4>{_M})(?!\d) ?月?(?:(?P<d4>{_D}) ?[日号號])?| ?年)"
    rf"|(?P<d6>{_D})(?:st|nd|rd|th|er|\.|º)?[ \-](?:de |of )?(?P<n6>{_MONTH})\.?,?[ \-](?:de )?(?P<y6>{_YEAR})"
    rf"|(?P<n7>{_MONTH})\.? (?P<d7>{_D})(?:st|nd|rd|th)?, ?(?P<y7>{_YEAR})"
    rf"|(?P<n8>{_MONTH})\.?,? ?[\-–/]? ?(?:of |de )?(?:(?P<y8>{_YEAR})|['’‘](?P<c8>\d\d)(?!\d))"
    rf"|(?P<i9>{_D})[./\-](?P<j9>{_D})[./\-](?P<y9>{_YEAR})"
    rf"|(?P<m10>{_M}) ?[./\-] ?(?P<y10>{_YEAR})"
    rf"|(?P<s11>{_trie(_LATIN_SEASONS)})(?: term| semester)?,? (?:of )?(?:(?P<y11>{_YEAR})(?:/\d\d(?!\d))?|['’‘](?P<c11>\d\d)(?!\d))"
    rf"|(?P<y12>{_YEAR}) ?年? ?(?:(?P<s12>[春夏秋冬])季?|(?P<s13>{_trie(_LATIN_SEASONS)}))"
    rf"|(?:[qt](?P<q14>[1-4])|(?P<q15>[1-4])(?:st|nd|rd|th|er|e|ème|\.) (?:quarter|quartal|trimestre))(?: of|,)?[ /\-]?(?:(?P<y14>{_YEAR})|['’‘](?P<c14>\d\d)(?!\d))"
    rf"|(?P<y16>{_YEAR}) ?年? ?[/\-]?(?:q(?P<q16>[1-4])|第?(?P<q17>[一二三四1-4])季度?)"
    rf"|(?P<y19>{_YEAR})[ ,/.]{{1,2}}(?P<n19>{_MONTH})\.?(?=[ ]?(?:[-–—~|,)\]\t]|to |$))"
    rf"|(?P<e40>昭和|平成|令和) ?(?P<k40>元|\d{{1,2}}) ?年(?: ?(?P<m40>{_M}) ?月(?: ?(?P<d40>{_D}) ?日)?)?"
    rf"|(?P<y18>{_YEAR}) ?[年년]?)"
)
_SHORT = (
    rf"(?:(?P<i20>{_D})[./](?P<j20>{_D})[./](?P<c20>\d\d)(?!\d)"
    rf"|(?P<m21>{_M})/(?P<c21>\d\d)(?![\d/])|(?P<m22>1[0-2]|0[1-9])\.(?P<c22>\d\d)(?![\d.])"
    rf"|(?P<c29>1[3-9]|2\d|9\d)\.(?P<m29>1[0-2]|0[1-9])(?![\d.])"
    rf"|(?P<n23>{_MONTH})\.?[ ]?[\-/ ]?[ ]?(?P<c23>\d\d)(?!\d)"
    rf"|(?P<r24>1[01]\d)[./](?P<m24>1[0-2]|0[1-9])(?!\d)"
    rf"|(?P<c25>\d\d) ?年 ?(?P<m25>{_M}) ?月"
    rf"|(?P<y26>{_YEAR})(?P<m26>1[0-2]|0[1-9])(?P<d26>3[01]|[12]\d|0[1-9])?(?!\d))"
)
"""Dates with a short year, or nothing between year and month: only where two, or one and `now`, make a period."""
_UNDATED = rf"(?:(?P<d30>{_D})(?:st|nd|rd|th|\.)? )?(?:(?P<n30>{_MONTH})\.?|(?P<s30>{_trie(_LATIN_SEASONS)})|(?P<m30>{_M})\.?(?= ?[-–—] ?(?:{_M})[./]{_YEAR}))(?: (?P<d31>{_D})(?:st|nd|rd|th)?)?"
"""A month whose year is that of the period's end: `Jun – Aug 2019`."""
_NOW = (
    r"(?:仍|目前)?在[职任](?:中)?|现职|至今|迄今|现今|现在|現在|目前|如今|今(?!年)|在职|在職|(?:the )?p ?resent(?: day)?|pres(?:\.|(?![a-z]))|\(?current(?:ly)?\)?|onwards?"
    r"|still (?:working|employed|there|here|in (?:role|post|service))|(?:till |until |up to )?now|on ?board|(?:till|until) today|up to (?:present|date)|to date|till date|date|today|ongoing|on-going|in progress"
    r"|bis heute|heute|jetzt|lfd\.?|dato|aktuell|derzeit|gegenwärtig|laufend|(?:à )?aujourd[’']?hui|(?:à )?ce jour|(?:à )?l[’']heure actuelle|actualité|présent|actuel(?:lement)?|en cours"
    r"|la actualidad|actualidad|actualmente|actual|(?:a )?la fecha|hoy(?: en día)?|en curso|presente|oggi|attual(?:e|mente)|tutt[’' ]?ora|in corso|heden|nu|nå|nåværende|nuværende|atual(?:mente)?"
    r"|obecnie|do chwili obecnej|teraz|dziś|dnes|(?:по )?настоящее время|сейчас|halen|günümüz|současnost|nuvarande|pågående|d\.d\.|(?:đến )?nay|hiện tại|sekarang|saat ini|現在に至る|현재|재직 ?중"
    r"|σήμερα|παρόν|jelenleg|napjainkig|folyamatban|дотепер|теперішній час|зараз|сьогодні|حتى الآن|الآن|حالي[اًا]{1,2}|الحاضر|اليوم|היום|כיום|ปัจจุบัน|nykyhetki|nykyinen|toistaiseksi"
    r"|dosud|nyní|doteraz|súčasnosť|(?:în )?prezent|danas|trenutno|сега|настоящ(?:ем|ее)|(?:по )?н\. ?в\.|по сей день|idag|dags dato|huidig|devam ediyor|şu an|şimdi|hâlen|bugün|nadal|do dziś|dzisiaj|hiện nay"
    r"|hingga kini|kini|tills vidare|inntil videre|indtil videre|à présent|aktualnie|w toku|až do teraz|až dosud|máig|jelen|până în prezent|až po současnost|a día de hoy|al presente|al día de hoy|en la actualidad|à data|agora|ora|al momento|vandaag|tot nu|nykyään|ancora|a oggi|do danas|до сих пор|по сьогодні|по теперішній час|μέχρι σήμερα|حتى تاريخه|حتى اليوم|ولا زلت|ต่อเนื่อง|bây giờ|hiện giờ|현재까지|지금|現在まで|继续|今日|今日まで|現職|在籍中|(?:o )?momento|hoje|vigente|ad oggi|en poste|maintenant|andauernd|fortlaufend|gegenwart"
)
_BETWEEN = (
    r"[ \t]{0,3}(?:[-–—―~～〜－−‐‑→一]{1,2}|至|到|to(?=[ \t])|to the(?=[ \t])|until|till|through|thru|bis(?: zum)?(?=[ \t])|à(?=[ \t])|au(?=[ \t])|jusqu[’'](?:à|en|au)"
    r"|hasta:?|até(?=[ \t])|a[ld]?(?=[ \t])|tot|t/m|till?(?=[ \t])|s/d|s\.d\.?|sampai(?: dengan)?|hingga|până(?: în)?(?=[ \t])|έως|μέχρι|إلى|الى|حتى|עד|부터|đến(?=[ \t])|do(?=[ \t])|по(?=[ \t])|->|=>|>{1,2}|[-–—] ?(?:to|till|until|bis)(?=[ \t])|(?=[ ]up to (?:date|present|now))|(?<=[ \t])/(?=[ \t]))[ \t]{0,3}"
)
_OPEN = r"(?:[ ]?[-–—~～]{1,2}(?:[ ]{0,3}(?=$|[\t)）])|(?=[ \u3000]{2,})|(?<=[-–—]{2})(?=[ ]?[\u3400-\u9fff]))|(?<=^\d{4})[–—-](?=[ ]{1,3}[A-Z]))"
"""A dash with nothing behind it: the period lasts."""
_ABOUT = r"(?:tháng |\b(?:early|mid|late|end|beginning|start|anfang|mitte|ende|début|fin|ca?\.?|circa)[ \-](?:of )?)?"


def _named(pattern: str, suffix: str) -> str:
    return re.sub(r"\?P<(\w+)>", rf"?P<\g<1>{suffix}>", pattern)


_ANY_A, _ANY_B = (f"(?:{_named(_DATE, s)}|{_named(_SHORT, s)})" for s in "ab")


@cache
def _dates_and_periods() -> re.Pattern[str]:
    """Return the pattern; compiling it takes 0.2 s, which commands that read no dates do without."""
    return re.compile(
        rf"(?<![a-zà-ÿ\d@/])(?:(?:from|von|vom|du|de|desde|dal?|dall[’']|ab|od|sinds|vanaf|kể từ|с|自|从|從)[ ]{{0,2}})?(?:"
        rf"{_ABOUT}{_ANY_A}{_BETWEEN}(?:{_ABOUT}{_ANY_B}|(?P<now>{_NOW}))(?![a-zà-ÿ])"
        rf"|{_named(_DATE, 'f')}(?P<now2>[ ]onwards?(?![a-z])|起?[至迄]今|以来|以來|起(?![ ]?[至到\d]|[，,、 ]{{1,2}}(?:19|20)\d\d[^，,。]{{0,8}}止))"
        rf"|(?P<ya>{_YEAR}) ?(?:年|[./]) ?(?P<ma>{_M}) ?月?{_BETWEEN}(?P<mb>{_M}) ?月"
        rf"|(?P<yf>{_YEAR})/(?P<yg>{_YEAR})(?![\d/])"
        rf"|(?P<yd>{_YEAR})(?:[ ]?[–—/][ ]?|-(?!0\d|1[0-2]))(?P<cd>\d\d)(?![\d./\-])"
        rf"|{_named(_UNDATED, 'e')}{_BETWEEN}{_named(_DATE, 'g')}"
        rf"|(?P<since>(?:since|seit|depuis|desde) (?:dem )?)?{_named(_DATE, 'c')}(?P<open>{_OPEN})?)(?![a-z\d%@])",
        re.IGNORECASE,
    )


_NUMERIC = re.compile(rf"(?<![\d./\-])({_D})([./\-])({_D})\2(?:{_YEAR}|\d\d)(?![\d./\-])")
_AMERICAN = re.compile(
    rf"(?<!\w)(?:[A-Z]{{2}} \d{{5}}(?!\d)|USA|United States)|\+1[ (\-.]|\(\d{{3}}\) ?\d{{3}}-\d{{4}}|, (?:{US_STATES})(?![\w.])"
)
_REMEMBERED = 300
"""Characters of a line whose dates are remembered."""
_REPUBLIC = re.compile(r"民[国國]|(?<!\d)1[0-2]\d ?年 ?(?:1[0-2]|0?[1-9]) ?月")


class _Habits(NamedTuple):
    """How a document writes dates: the month first, and years of the republic (民國), of which some have two digits."""

    month_first: bool = False
    republic: bool = False


_USUAL = _Habits()
_HABITS: ContextVar[_Habits] = ContextVar("habits", default=_USUAL)


@contextmanager
def numeric_order(text: str) -> Iterator[None]:
    """Read `8/9/2019` and 98年9月 inside as the whole text writes its dates.

    A number over 12 in any of them decides; else a document that looks American has the month first. Where years of the
    republic stand, a year of two digits is one, too.
    """
    first = second = 0
    ambiguous = False
    for match in _NUMERIC.finditer(text):
        first += int(match[1]) > 12
        second += int(match[3]) > 12
        ambiguous |= match[2] == "/"
    month_first = second > first or (first == second == 0 and ambiguous and _AMERICAN.search(text) is not None)
    token = _HABITS.set(_Habits(month_first, _REPUBLIC.search(text) is not None))
    try:
        yield
    finally:
        _HABITS.reset(token)


class DateSpan(NamedTuple):
    """A date or a period in a text: a single date has no `end` and is not `current`."""

    start: ResumeDate
    end: ResumeDate | None
    current: bool
    at: tuple[int, int]
    start_at: tuple[int, int]
    end_at: tuple[int, int]

    @property
    def period(self) -> bool:
        """Whether it has two ends."""
        return self.end is not None or self.current


def dates(text: str) -> Iterator[DateSpan]:
    """Yield the dates and periods of a line, in order."""
    if not any(c.isdigit() or c in "二一元" for c in text):
        return
    if len(text) <= _REMEMBERED:
        yield from _remembered(text, _HABITS.get())
    else:
        yield from _dates(text)


@lru_cache(maxsize=16_384)  # more than lines of the longest resume
def _remembered(text: str, _habits: _Habits) -> tuple[DateSpan, ...]:
    """Return the dates of a line: each rule that looks at a line asks for them again."""
    return tuple(_with_words(list(_dates(text)), text))


_BEFORE_FIRST = re.compile(
    r"(?:(?:start(?:ed|s)?(?: date)?|joined|from|since|début|beginn|inicio|inizio|du|vom|入职|开始|自|从)[:： ]{0,3})$",
    re.IGNORECASE,
)
_BETWEEN_ENDS = re.compile(
    r"[ ]?[（(]?(?P<first>入职|起|开始|加入|到岗|start(?:ed)?)?(?:时间|日期)?[)）]?[\s,，;；|/]{0,4}[至到–—-]?[ ]?(?:and )?"
    r"(?P<last>(?:end(?:ed|s)?|left|finish(?:ed)?|leaving|until|to|fin|ende|fine|bis zum|离职|离开|结束|止|毕业)(?: date)?)?(?:时间|日期)?[:： ]{0,3}",
    re.IGNORECASE,
)
_BEHIND_LAST = re.compile(r"[ ]?[（(]?(?:离职|止|结束|终止|end)[)）]?", re.IGNORECASE)


def _with_words(found: list[DateSpan], text: str) -> list[DateSpan]:
    """Return dates with two as one period where words say which is which: `2019年3月入职，2022年6月离职`."""
    if len(found) < 2 or found[0].period or found[1].period or found[0].start > found[1].start:
        return found
    first, last = found[:2]
    whole = not text[: first.at[0]].strip() and not text[last.at[1] :].strip()
    if whole and not text[first.at[1] : last.at[0]].strip(" \t"):  # two columns of a rail: `2013 2017`
        at = (first.at[0], last.at[1])
        return [DateSpan(first.start, last.start, False, at, first.start_at, last.start_at)]
    between = _BETWEEN_ENDS.fullmatch(text, first.at[1], last.at[0])
    behind = _BEHIND_LAST.match(text, last.at[1])
    before = _BEFORE_FIRST.search(text[: first.at[0]])
    if between is None or not (between["last"] or behind or (between["first"] and before)):
        return found
    at = (before.start() if before else first.at[0], behind.end() if behind else last.at[1])
    return [DateSpan(first.start, last.start, False, at, first.start_at, last.start_at), *found[2:]]


_SINCE = re.compile(r"(?:desde|from|dal|ab|od|sinds|vanaf|kể từ|с)[ ](?!.*[ ]onward)", re.IGNORECASE)
"""What says of one date alone that something lasts since then."""


def _dates(text: str) -> Iterator[DateSpan]:
    for match in _dates_and_periods().finditer(digits(_coded(text))):
        groups = _groups(match)
        if "yf" in groups:
            yield from _period(match, *(groups[year] for year in ("yf", "yg")))
        elif "yd" in groups:
            yield from _academic(match)
        elif "ya" in groups:
            year, span = match["ya"], (match.start("ya"), match.end("ma"))
            start, end = f"{year}-{int(match['ma']):02}", f"{year}-{int(match['mb']):02}"
            yield from _period(match, (start, span), (end, match.span("mb")))
        elif "now" in groups or "now2" in groups:
            which = "a" if "now" in groups else "f"
            start, at = _date(groups, which)
            yield DateSpan(start, None, True, match.span(), at, match.span("now" if which == "a" else "now2"))
        elif "since" in groups or "open" in groups:
            start, at = _date(groups, "c")
            yield DateSpan(start, None, True, match.span(), at, match.span("open") if "open" in groups else at)
        elif any(k.endswith("g") for k in groups):
            end, end_at = _date(groups, "g", last=True)
            start, at = _of_year(match, end[:4])
            if len(end) == 4:  # `March – 2019`
                yield DateSpan(start, None, False, match.span(), match.span(), match.span())
            else:
                yield from _period(match, (start, at), (end, end_at))
        elif any(k.endswith("c") for k in groups):
            start, at = _date(groups, "c")
            yield DateSpan(start, None, _SINCE.match(match[0]) is not None, match.span(), at, at)
        else:
            yield from _period(match, _date(groups, "a"), _date(groups, "b", last=True))


_Dated = tuple[ResumeDate, tuple[int, int]]
_Groups = Mapping[str, tuple[str, tuple[int, int]]]
"""What a match's groups have found, and where; those that found something."""


@cache
def _names() -> tuple[str, ...]:
    return tuple(_dates_and_periods().groupindex)  # every group has a name


def _groups(match: re.Match[str]) -> _Groups:
    """Return what is said in a match: of its two hundred groups few are."""
    return {name: (said, match.span(name)) for name, said in zip(_names(), match.groups(), strict=True) if said}


def _period(match: re.Match[str], first: _Dated, last: _Dated) -> Iterator[DateSpan]:
    (start, at), (end, end_at) = first, last
    if end[: len(start)] >= start[: len(end)]:
        yield DateSpan(start, end, False, match.span(), at, end_at)
    else:
        yield DateSpan(start, None, False, at, at, at)


def _academic(match: re.Match[str]) -> Iterator[DateSpan]:
    """`2014/15`, `2014–15`: from one year into another."""
    year = int(match["yd"])
    end = year - year % 100 + int(match["cd"])
    if year < end <= year + 12:
        yield DateSpan(str(year), str(end), False, match.span(), match.span("yd"), match.span("cd"))
    elif 1 <= int(match["cd"]) <= 12:  # 2018/06
        at = (match.start("yd"), match.end("cd"))
        yield DateSpan(f"{year}-{match['cd']}", None, False, at, at, at)
    else:
        at = match.span("yd")
        yield DateSpan(str(year), None, False, at, at, at)


def _of_year(match: re.Match[str], year: str) -> _Dated:
    """Return the start of a period that has its year at the end only."""
    got = {k: match[k + "e"] for k in ("n30", "s30", "m30") if match[k + "e"]}
    day = match["d30e"] or match["d31e"]
    name = next(iter(got))
    word = got[name].lower()
    month = _month_of(word) if name == "n30" else _SEASONS[word] if name == "s30" else int(word)
    spans = [match.span(k + "e") for k in (*got, "d30", "d31") if match[k + "e"]]
    at = (min(s for s, _ in spans), max(e for _, e in spans))
    return f"{year}-{month:02}" + (f"-{int(day):02}" if day and name == "n30" else ""), at


def _date(groups: _Groups, which: str, *, last: bool = False) -> _Dated:
    """Return the date of one side; `last`: as the end of a period, a quarter ends with its last month."""
    own = {k: found for k, found in groups.items() if k.endswith(which) and k[-2].isdigit()}
    got = {k[:-1].rstrip("0123456789"): said for k, (said, _) in own.items()}
    spans = [span for _, span in own.values()]
    month, day = _month(got, last=last), int(got["d"]) if "d" in got else None
    if "i" in got:
        first, second = int(got["i"]), int(got["j"])
        if first > 12 or (second <= 12 and not _HABITS.get().month_first):
            day, month = first, second
        else:
            month, day = first, second
        if month > 12:
            month = day = None
    at = (min(s for s, _ in spans), max(e for _, e in spans))
    year = _year(got)
    return (year if month is None else f"{year}-{month:02}" if day is None else f"{year}-{month:02}-{day:02}"), at


def _year(got: dict[str, str]) -> str:
    if "y" in got:
        return got["y"]
    if "hy" in got:
        return "".join(str("〇一二三四五六七八九".index(c)) if c not in "零○" else "0" for c in got["hy"])
    if "hr" in got:
        return str(_han_number(got["hr"]) + 1911)
    if "r" in got:
        return str(int(got["r"]) + 1911)
    if "e" in got:
        return str(_ERAS[got["e"]] + (1 if got["k"] == "元" else int(got["k"])))
    short = int(got["c"])
    if _HABITS.get().republic:
        return str(short + 1911)
    return str(2000 + short if short < 50 else 1900 + short)


def _han_number(text: str) -> int:
    """Return a number below 1000 in Chinese numerals: 一百零八, 一〇八, 九十九."""
    if "百" not in text and "十" not in text:
        return int("".join(str("〇一二三四五六七八九".find(c)) if c not in "零○" else "0" for c in text))
    total = 0
    hundreds, mark, rest = text.rpartition("百")
    total += 100 * ("〇一二三四五六七八九".find(hundreds) if hundreds else 1) if mark else 0
    tens, mark, ones = rest.lstrip("零〇○").rpartition("十")
    total += 10 * ("〇一二三四五六七八九".find(tens) if tens else 1) if mark else 0
    return total + max("〇一二三四五六七八九".find(ones), 0) if ones else total


def _month(got: dict[str, str], *, last: bool) -> int | None:
    if "m" in got:
        return int(got["m"])
    if "n" in got:
        return _month_of(got["n"])
    if "s" in got:
        return _SEASONS[got["s"].lower()]
    if "q" in got:
        quarter = _ORDINALS.get(got["q"]) or int(got["q"])
        return 3 * quarter if last else 3 * quarter - 2
    if "h" in got:
        return 10 * ("十" in got["h"]) + "十一二三四五六七八九".index(got["h"][-1])
    return None


def month_number(date: ResumeDate, *, end: bool = False) -> int:
    """Return months since year 0; a year alone begins in January, or ends in December."""
    year, month = int(date[:4]), int(date[5:7]) if len(date) > 4 else (12 if end else 1)
    return year * 12 + month - 1
