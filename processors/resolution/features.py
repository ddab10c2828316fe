"""Named features of a pair of records, each at one level: what agrees, what differs, what is not known."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from rapidfuzz.distance import DamerauLevenshtein

from processors.resolution.facts import CompanyFacts, Facts, Job, Study, TalentFacts
from processors.resolution.homes import birth_level, home_level
from processors.resolution.names import ReadName, least_rotation
from processors.resolution.organisations import CompanyName
from processors.resolution.short_names import abbreviates

Levels = dict[str, str]
"""Level by feature; a feature of which one side knows nothing is absent."""

_SIZES = ("1-49", "50-199", "200-999", "1000-9999", "10000+")
_LONG = 9
"""Letters of a romanised name from which it is telling; `wangfang` stands for many people."""


def levels(left: Facts, right: Facts) -> Levels:
    """Return the levels of two records of one kind; swapping them changes nothing."""
    if isinstance(left, TalentFacts) and isinstance(right, TalentFacts):
        found = {name: feature(left, right) for name, feature in _TALENT.items()}
    elif isinstance(left, CompanyFacts) and isinstance(right, CompanyFacts):
        found = {name: feature(left, right) for name, feature in _COMPANY.items()}
    else:
        raise TypeError("records of different kinds are never the same entity")
    return {name: level for name, level in found.items() if level}


def _distance(left: str, right: str, limit: int = 2) -> int:
    return DamerauLevenshtein.distance(left, right, score_cutoff=limit)


# Talents


def _name(left: TalentFacts, right: TalentFacts) -> str:
    if not left.name or not right.name:
        return ""
    a, b = left.name, right.name
    if a.masked or b.masked:
        family = a.surname if a.masked else b.surname
        return "masked" if family in a.tokens and family in b.tokens else "different"
    if a.han and a.han == b.han:
        return "same" if len(a.han) > 2 else "same_short"
    if not a.han and not b.han and set(a.tokens) == set(b.tokens):
        return "same" if len(a.letters) >= _LONG else "same_short"
    if least_rotation(a.letters) == least_rotation(b.letters):
        if a.han and b.han:
            return "homophone"
        return "romanised" if len(a.letters) >= _LONG else "romanised_short"
    return _other_name(a, b)


def _other_name(a: ReadName, b: ReadName) -> str:
    if a.han and b.han:
        if a.surname == b.surname and len(a.han) == len(b.han) > 2 and sum(map(str.__ne__, a.han, b.han)) == 1:
            return "one_character"
        return "different"
    shared = set(a.tokens) & set(b.tokens)
    if not a.han and not b.han:
        if len(shared) > 1 and min(len(a.tokens), len(b.tokens)) == len(shared):
            return "same"  # one has a middle name or initial more
        if any(_distance(x, b.letters, 1) <= 1 for x in _orders(a)):
            return "part_misspelt" if len(a.letters) >= _LONG else "misspelt"
        level = _misspelt_parts(a.tokens, b.tokens)
        if level in ("one_part", "other_surname", "different") and any(_nearly(x, b.letters) for x in _orders(a)):
            return "both_misspelt"
        return level
    han, latin = (a, b) if a.han else (b, a)
    if {han.tokens[1], han.surname} <= set(latin.tokens) or han.letters in "".join(latin.tokens):
        return "romanised"  # beside an English name
    if any(_distance(x, han.letters, 1) <= 1 for x in _orders(latin)):
        return "misspelt"
    return "english" if han.surname in latin.tokens else "different"


def _misspelt_parts(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    """Compare names in letters part by part: one part may be unknown, exchanged with the other, or full of slips."""
    shared = set(left) & set(right)
    rest = [sorted(set(side) - shared) for side in (left, right)]
    if not all(rest):
        return "one_token" if shared else "different"
    alike = any(_alike(x, y) for x in rest[0] for y in rest[1])
    if shared:
        return "part_misspelt" if alike else "other_surname" if left[0] == right[0] else "one_part"
    if min(len(left), len(right)) == 1:
        return "one_token" if alike else "other_token" if len(left) == len(right) else "different"
    pairs = ((left[0], right[0]), (left[-1], right[-1])), ((left[0], right[-1]), (left[-1], right[0]))
    if any(all(_alike(x, y) for x, y in each) for each in pairs):
        return "both_misspelt"
    if _alike(left[0], right[0]):
        return "other_surname"
    return "one_part" if alike else "different"


_ALIKE = 0.7
"""Similarity from which two parts of a name are one, written with slips."""


def _alike(left: str, right: str) -> bool:
    """Whether two parts have most letters in one order, or nearly all of them in any."""
    if min(len(left), len(right)) < 3:
        return False
    if _distance(left, right, 1) <= 1 or DamerauLevenshtein.normalized_similarity(left, right) >= _ALIKE:
        return True
    return (Counter(left) & Counter(right)).total() / max(len(left), len(right)) > 0.8


def _nearly(left: str, right: str) -> bool:
    """Whether two whole names in letters are one but for two or three slips, a blank in the wrong place among them."""
    return min(len(left), len(right)) > _LONG and _distance(left, right, 3) <= min(len(left), len(right)) // 5


def _orders(name: ReadName) -> Iterable[str]:
    return (
        name.letters,
        "".join((*name.tokens[1:], *name.tokens[:1])),
        "".join((*name.tokens[-1:], *name.tokens[:-1])),
    )


def _phone(left: TalentFacts, right: TalentFacts) -> str:
    if not left.phones or not right.phones:
        return ""
    if set(left.phones) & set(right.phones):
        return "same"
    if any(len(a) == len(b) and _distance(a, b, 1) <= 1 for a in left.phones for b in right.phones):
        return "misspelt"
    return "different"


def _email(left: TalentFacts, right: TalentFacts) -> str:
    if not left.emails or not right.emails:
        return ""
    if set(left.emails) & set(right.emails):
        return "same"
    pairs = [(a.partition("@"), b.partition("@")) for a in left.emails for b in right.emails]
    if any(a[0] == b[0] and len(a[0]) > 5 for a, b in pairs):
        return "same_mailbox"
    if any(a[2] == b[2] and len(a[0]) > 5 and _distance(a[0], b[0], 1) <= 1 for a, b in pairs):
        return "misspelt"
    if any(min(len(a), len(b)) > 9 and _distance(a, b, 3) <= 3 for a in left.emails for b in right.emails):
        return "near"
    return "different"


def _employment(left: TalentFacts, right: TalentFacts) -> str:
    if not left.jobs or not right.jobs:
        return ""
    pairs = [(a, b) for a in left.jobs for b in right.jobs if a.start and b.start]
    positions = {a.employer for a, b in pairs if a.employer == b.employer and _same_start(a.start or 0, b.start or 0)}
    if positions:
        return "same_positions" if len(positions) > 1 else "same_position"
    conflict = any(a.employer != b.employer and _overlap(a, b) > 3 for a, b in pairs)
    if {job.employer for job in left.jobs} & {job.employer for job in right.jobs}:
        return "same_employer_other_time" if conflict else "same_employer"
    return "elsewhere_then" if conflict else "other_times"


def _overlap(a: Job, b: Job) -> int:
    """Months that two positions have in common; one without an end is only known to have begun."""
    if not a.start or not b.start:
        return 0
    return min(a.end or a.start + 1, b.end or b.start + 1) - max(a.start, b.start)


def _same_start(a: int, b: int) -> bool:
    """Within two months, or the same year where one gives January: people remember years."""
    return abs(a - b) <= 2 or (a // 12 == b // 12 and (a % 12 == 0 or b % 12 == 0))


def _education(left: TalentFacts, right: TalentFacts) -> str:
    if not left.studies or not right.studies:
        return ""
    pairs = [(a, b) for a in left.studies for b in right.studies]
    same = [(a, b) for a, b in pairs if a.school == b.school and (a.degree == b.degree or not a.degree or not b.degree)]
    if same:
        ends = [abs(a.end - b.end) for a, b in same if a.end and b.end]
        if not ends:
            return "same_school"
        return "same_degree" if min(ends) <= 1 else "other_year"
    return "other_school" if any(_comparable(a, b) for a, b in pairs) else ""


def _comparable(a: Study, b: Study) -> bool:
    return bool(a.degree and a.degree == b.degree)


def _age(left: TalentFacts, right: TalentFacts) -> str:
    if left.born and right.born:
        years = abs(left.born - right.born)
        return "same" if years <= 1 else "near" if years <= 3 else "other" if years <= 8 else "generation"
    for a, b in ((left, right), (right, left)):
        # Work begun in childhood: two people. A career may be told from its middle, so a late start says nothing.
        if a.born and b.begun and b.begun < a.born + 15:
            return "generation"
    return ""


def _birth(left: TalentFacts, right: TalentFacts) -> str:
    return birth_level(left.birth, right.birth) if left.birth and right.birth else ""


def _birth_and_name(left: TalentFacts, right: TalentFacts) -> str:
    """Twins have one birthday, one surname, one address and often one phone; only a given name tells them apart."""
    if _birth(left, right) not in ("same", "slip"):
        return ""
    name = _name(left, right)
    if name in ("one_part", "one_character"):
        return "twin" if "same" in (_phone(left, right), _email(left, right)) else "part"
    return "other" if name == "different" else ""


def _home(left: TalentFacts, right: TalentFacts) -> str:
    return home_level(left.home, right.home) if left.home and right.home else ""


def _location(left: TalentFacts | CompanyFacts, right: TalentFacts | CompanyFacts) -> str:
    if not left.places or not right.places:
        return ""
    return "same" if left.places & right.places else "different"


def _contact_and_name(left: TalentFacts, right: TalentFacts) -> str:
    """Agreement that is worth more (or, with another name, less) than the sum of its parts."""
    contacts = (_phone(left, right) == "same") + (_email(left, right) == "same")
    name = _name(left, right)
    if not contacts or not name:
        return ""
    kind = "part" if name in _PART_OF_NAME else "other" if name == "different" else "name"
    return f"{kind}_and_{'both' if contacts == 2 else 'one'}"


_PART_OF_NAME = frozenset(
    ("masked", "one_part", "other_surname", "one_token", "other_token", "both_misspelt", "english", "one_character")
)


_TALENT: dict[str, Callable[[TalentFacts, TalentFacts], str]] = {
    "name": _name,
    "phone": _phone,
    "email": _email,
    "contact_and_name": _contact_and_name,
    "employment": _employment,
    "education": _education,
    "age": _age,
    "birth": _birth,
    "birth_and_name": _birth_and_name,
    "home": _home,
    "location": _location,
}


# Companies


def _company_name(left: CompanyFacts, right: CompanyFacts) -> str:
    """Return the best level of any name or alias of one with any of the other."""
    found = {_company_names(a, b) for a in left.names for b in right.names}
    return next((level for level in _NAME_LEVELS if level in found), "")


_NAME_LEVELS = [
    "same", "same_short", "romanised", "romanised_short", "other_trade", "other_branch", "part_of_trade",
    "part_of_trade_short", "brand", "sounds_same", "reordered", "misspelt", "short_form", "other_number", "different",
]  # fmt: skip
_SAME_NAME = frozenset(("same", "same_short", "romanised", "romanised_short"))


def _company_names(a: CompanyName, b: CompanyName) -> str:
    if a.branch != b.branch:
        return "other_branch" if a.letters == b.letters else "different"
    if a.letters != b.letters:
        return _company_letters(a, b) if not a.brand and not b.brand else _company_characters(a, b)
    if a.trades and b.trades and not (a.trades <= b.trades or b.trades <= a.trades):
        return "other_trade"
    if a.brand and b.brand and a.brand != b.brand:
        return "sounds_same"
    if a.trades != b.trades and not (a.trades and b.trades):
        return "brand"
    level = "romanised" if bool(a.brand) != bool(b.brand) else "same"
    level = level if a.trades == b.trades else "part_of_trade"
    brand = a.brand or b.brand
    short = len(brand) <= 2 if brand else len(a.letters) < 8  # many may bear it
    return f"{level}_short" if short else level


def _company_characters(a: CompanyName, b: CompanyName) -> str:
    """Compare names of which one at least is written in Chinese characters, and whose own parts are other ones."""
    close = min(len(a.letters), len(b.letters)) > 5 and (
        _distance(a.letters, b.letters, 1) <= 1 or sorted(a.letters) == sorted(b.letters)
    )
    if close and a.trades == b.trades:
        return "misspelt"
    return "short_form" if a.brand and b.brand and abbreviates(a.words, b.words) else "different"


def _company_letters(a: CompanyName, b: CompanyName) -> str:
    """Compare names in letters word by word: in another order, with a slip, as initials, or with another figure."""
    rest = [list((Counter(x.words) - Counter(y.words)).elements()) for x, y in ((a, b), (b, a))]
    if not any(rest):
        return "reordered"
    if not all(rest):
        return "different"
    figures = [frozenset(word for word in side if _FIGURE.fullmatch(word)) for side in rest]
    if figures[0] != figures[1]:
        return "other_number" if all(len(side) == 1 for side in rest) else "different"
    others = sum(map(len, (Counter(a.words) & Counter(b.words)).elements()))
    if len(rest[0]) == len(rest[1]) == 1 and _slip(rest[0][0], rest[1][0], others):
        return "misspelt"
    if min(len(a.letters), len(b.letters)) > 5 and a.trades == b.trades and _distance(a.letters, b.letters, 1) <= 1:
        return "misspelt"
    short, full = sorted((a.words, b.words), key=len)
    initials = "".join(word[0] for word in full if word not in _SMALL)
    return "short_form" if len(short) == 1 and len(initials) > 2 and short[0] == initials else "different"


_FIGURE = re.compile(r"\w*\d\w*|[iux]+")
"""A number, a word with one, or a Roman numeral (`v` is read as `u`): what tells a fund or a plant from the next."""
_SMALL = frozenset(("of", "the", "for", "de"))


def _slip(left: str, right: str, others: int) -> bool:
    """Whether two words are one with a slip; short ones only beside `others`, letters of words that agree."""
    shortest = min(len(left), len(right))
    return _distance(left, right) <= (2 if shortest > 8 else 1) and shortest >= (4 if others > 3 else 5)


def _domain(left: CompanyFacts, right: CompanyFacts) -> str:
    if not left.domain or not right.domain:
        return ""
    if left.domain == right.domain:
        return "same"
    # An agency's or a campaign's address has nothing of the name.
    telling = all(any(n.letters[:4] in (r.domain or "") for n in r.names) for r in (left, right))
    return "different" if telling else "different_unlike_name"


def _domain_and_name(left: CompanyFacts, right: CompanyFacts) -> str:
    """Agreement that is worth more (or, with another trade, less) than the sum of its parts."""
    name = _company_name(left, right)
    if _domain(left, right) != "same" or not name:
        return ""
    if name in _SAME_NAME:
        return "name"
    return "other" if name in ("other_trade", "other_branch", "other_number", "different") else "brand"


def _form(left: CompanyFacts, right: CompanyFacts) -> str:
    """Legal forms are compared within one script: `Co., Ltd.` translates every Chinese form."""
    forms = [{(bool(n.brand), n.form) for n in side.names if n.form} for side in (left, right)]
    scripts = {script for script, _ in forms[0]} & {script for script, _ in forms[1]}
    if not scripts:
        return ""
    return "same" if forms[0] & forms[1] else "different"


def _industry(left: CompanyFacts, right: CompanyFacts) -> str:
    """What a name says of the trade is surer than the industry, which says little where the names agree on it."""
    if left.trade and right.trade and _company_name(left, right) in _SAME_NAME:
        known = "_in_trade", left.industry, right.industry
    else:
        known = "", left.trade or left.industry, right.trade or right.industry
    suffix, a, b = known
    if not a or not b:
        return ""
    return ("same" if a & b else "different") + suffix


def _seat(left: CompanyFacts, right: CompanyFacts) -> str:
    """Compare the places named in the names: there, unlike in a list of locations, is the head office."""
    seats = [{n.place for n in side.names if n.place and not n.branch} for side in (left, right)]
    if not all(seats):
        return ""
    return "same" if seats[0] & seats[1] else "different"


def _size(left: CompanyFacts, right: CompanyFacts) -> str:
    if left.size not in _SIZES or right.size not in _SIZES:
        return ""
    steps = abs(_SIZES.index(left.size) - _SIZES.index(right.size))
    return ("same", "near", "different")[steps] if steps < 3 else "far"


_COMPANY: dict[str, Callable[[CompanyFacts, CompanyFacts], str]] = {
    "name": _company_name,
    "domain": _domain,
    "domain_and_name": _domain_and_name,
    "form": _form,
    "industry": _industry,
    "location": _location,
    "seat": _seat,
    "size": _size,
}
