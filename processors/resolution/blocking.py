"""Blocking: keys that an index holds, so that a record is compared only with records that share one."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, islice
from typing import Any

from processors.resolution.facts import CompanyFacts, Facts, TalentFacts, facts
from processors.resolution.names import name_keys
from schemas.entities import Resolvable

MAX_KEYS = 64
"""Keys of one record; the most telling come first, so a record with more loses the weakest."""


def blocking_keys(entity: Resolvable, fields: Mapping[str, Any]) -> set[str]:
    """Return the keys of a record, at most `MAX_KEYS`. Two records are compared if, and only if, they share one.

    Contacts are joined with a part of the name, so a recruiter's number on thousands of people does not make one block.
    """
    return keys(facts(entity, fields))


def keys(record: Facts) -> set[str]:
    """Return the keys of a record whose facts are known."""
    found = _talent(record) if isinstance(record, TalentFacts) else _company(record)
    return set(islice(dict.fromkeys(found), MAX_KEYS))


def _talent(record: TalentFacts) -> Iterator[str]:
    tokens = record.name.tokens if record.name else ()
    employers = list(dict.fromkeys(job.employer for job in record.jobs))
    schools = list(dict.fromkeys(study.school for study in record.studies))
    for token in tokens:
        for value in record.phones[:3]:
            yield f"phone|{value}|{token}"
        for value in record.emails[:3]:
            yield f"email|{value}|{token}"
    for number in record.phones[:3]:
        for address in record.emails[:3]:
            yield f"contacts|{number}|{address}"
    yield from _private(record, tokens)
    if record.name and not record.name.masked:
        for name in name_keys(record.name):
            for value in schools:
                yield f"school|{value}|{name}"
            for value in employers:
                yield f"employer|{value}|{name}"
            for value in sorted(record.places)[:2]:
                yield f"location|{value}|{name}"
        for token in tokens:
            for value in record.emails[:3]:
                local = value.partition("@")[0]
                if len(local) > 5:
                    yield f"mailbox|{local}|{token}"
    # A name written in another way: its surname with a school and an employer, or two employers.
    for token in tokens[:2]:
        for first in schools[:2]:
            for second in employers[:3]:
                yield f"career|{first}|{second}|{token}"
        for first, second in combinations(sorted(employers[:4]), 2):
            yield f"career|{first}|{second}|{token}"


def _private(record: TalentFacts, tokens: tuple[str, ...]) -> Iterator[str]:
    """Yield what a date of birth or an address says together with a part of the name, which may have slips."""
    initials = dict.fromkeys(token[0] for token in tokens)
    places, year = sorted(record.places)[:2], record.birth[:4]
    code = record.home.code if record.home else ""
    if len(record.birth) == _DAY:
        for value in (*initials, *places, code):
            if value:
                yield f"birth|{record.birth}|{value}"
    if record.home and record.home.numbers:
        for value in (record.home.street, code):
            if value:
                yield f"home|{value}|{'|'.join(record.home.numbers)}"
    if code:
        for token in tokens:
            yield f"code|{code}|{token}"
    if year:
        for name in name_keys(record.name) if record.name and not record.name.masked else ():
            yield f"year|{year}|{name}"
        for value in places:
            for token in tokens:
                yield f"year|{year}|{value}|{token}"
        for address in record.emails[:2]:
            yield f"email|{address}|{year}"
    if record.name and not record.name.han:  # in letters slips are in any part, and in the first letter seldom
        for address in record.emails[:2]:
            for initial in initials:
                yield f"email|{address}|{initial}."


_DAY = len("2000-01-01")


def _company(record: CompanyFacts) -> Iterator[str]:
    if record.domain:
        yield f"domain|{record.domain}"
    for name in record.names:
        yield f"core|{name.core}"
    for name in record.names:
        yield f"brand|{name.brand or name.letters}"
        yield f"letters|{''.join(sorted(name.letters))}|{name.branch}"  # in another order: transposed by mistake
    for name in record.names:
        if not name.brand:  # in letters: a slip leaves the consonants, the beginning or the end
            yield f"sound|{_CONSONANTS.sub('', name.letters)}"
            if len(name.letters) >= _LONG:
                yield f"begins|{name.letters[: _LONG // 2 + 2]}"
                yield f"ends|{name.letters[-_LONG // 2 - 2 :]}"


_CONSONANTS = re.compile(r"[aeiouy]|(.)(?=\1)")
"""What is left out of a name's letters: vowels, and the first of two like letters."""
_LONG = 14
