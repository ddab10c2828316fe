"""Field accuracy of profiles against a plain truth.

The truth is an object with any of `name, headline, emails, phones, location, summary` (`email`, `phone` as well),
`work: [{employer|company, title, start, end, current}]`, `education: [{school, degree|level, field|area, start, end}]`
and `skills: [name | {items}]`. Null or missing means that the document does not say.

Rules: texts are equal without case, width, spaces and punctuation; phones by their last seven digits; a date as far as
the less precise one goes; a location if one contains the other; a degree if written alike or of the same level.
Positions and studies are paired one to one by the greatest agreement; each true value of a pair is an item, and so is
each claimed position or study without a pair (`made_up`). A skill is found by its canonical name or as written.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.runtime.json_rows import DataError, json_rows
from processors.resume.degrees import level
from processors.skills import normalise
from schemas.resume import ResumeProfile

Scores = dict[str, list[bool]]
Agree = Callable[[str, Any, Any], bool]


def plain(value: Any) -> str:
    """Return a text without what writings of the same thing differ in: width, case, spaces, punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", str(value)).casefold() if c.isalnum() or c in "+#")


def same(field: str, true: Any, found: Any) -> bool:
    """Whether a value was found, by the rule of its field."""
    if found is None:
        return False
    if field == "phone":
        return [c for c in str(true) if c.isdigit()][-7:] == [c for c in str(found) if c.isdigit()][-7:]
    if field in ("start", "end"):
        length = min(len(str(true)), len(str(found)))
        return str(true)[:length] == str(found)[:length]
    if field == "location":
        return plain(true) in plain(found) or plain(found) in plain(true)
    if field == "degree":
        return (
            plain(true) in plain(found)
            or plain(found) in plain(true)
            or (level(str(true)) or true) == level(str(found))
        )
    return plain(true) == plain(found)


def overlapping(field: str, true: Any, found: Any) -> bool:
    """Whether a value was found, or a part of it, or more than it."""
    a, b = plain(true), plain(found or "")
    return same(field, true, found) or (bool(a and b) and field not in ("start", "end", "phone") and (a in b or b in a))


def reduced(profile: ResumeProfile, text: str) -> dict[str, Any]:
    """Return a profile in the words of the truth."""
    p = profile
    return {
        "name": p.name.value.full if p.name else None,
        "headline": p.headline.value if p.headline else None,
        "email": [e.value for e in p.emails],
        "phone": [n.value for n in p.phones],
        "location": p.addresses[0].value if p.addresses else None,
        "summary": p.summary.value if p.summary else None,
        "work": [
            {
                "employer": w.employer and w.employer.value,
                "title": w.title and w.title.value,
                "start": w.start and w.start.value,
                "end": w.end and w.end.value,
                "current": w.current,
            }
            for w in p.work
        ],
        "education": [
            {
                "school": s.school and s.school.value,
                "degree": s.degree and s.degree.value,
                "field": s.field and s.field.value,
                "start": s.start and s.start.value,
                "end": s.end and s.end.value,
            }
            for s in p.education
        ],
        "skills": [n for s in p.skills if not s.implied for n in {s.name, *(text[a:b] for a, b in s.evidence)}],
    }


def score_profile(truth: Mapping[str, Any], profile: ResumeProfile, text: str, agree: Agree = same) -> Scores:
    """Return for each field whether each of its true values was found, by a rule of what agrees."""
    found = reduced(profile, text)
    scores: Scores = {}
    for field, spelled in (("name", "name"), ("headline", "headline"), ("location", "location"), ("summary", "summary"),
                           ("email", "emails"), ("phone", "phones")):  # fmt: skip
        values = truth.get(field) or truth.get(spelled) or []
        for true in values if isinstance(values, list) else [values]:
            claimed = found[field] if isinstance(found[field], list) else [found[field]]
            scores.setdefault(field, []).append(any(agree(field, true, one) for one in claimed))
    _entries("work", ("employer", "title", "start", "end", "current"), truth, found, scores, agree)
    _entries("education", ("school", "degree", "field", "start", "end"), truth, found, scores, agree)
    known = {plain(n) for n in found["skills"]} | {normalise(n) for n in found["skills"]}
    for name in _names(truth.get("skills") or ()):
        scores.setdefault("skills", []).append(plain(name) in known or normalise(name) in known - {None})
    return scores


_OTHER_NAMES = {"employer": "company", "degree": "level", "field": "area"}


def _names(skills: Iterable[Any]) -> Iterable[str]:
    for skill in skills:
        yield from skill["items"] if isinstance(skill, Mapping) else [skill]


def _entries(
    kind: str, fields: Sequence[str], truth: Mapping[str, Any], found: Mapping[str, Any], scores: Scores, agree: Agree
) -> None:
    left = list(found[kind])
    for entry in truth.get(kind) or ():
        said = {f: v for f in fields if (v := entry.get(f, entry.get(_OTHER_NAMES.get(f, f)))) is not None}

        def agreement(one: Mapping[str, Any], said: dict[str, Any] = said) -> int:
            return sum(agree(f, v, one[f]) for f, v in said.items())

        best = max(left, key=agreement, default=None)
        if best is not None and agreement(best):
            left.remove(best)
        else:
            best = None
        for field, value in said.items():
            scores.setdefault(f"{kind}.{field}", []).append(best is not None and agree(field, value, best[field]))
    scores.setdefault(f"{kind}.made_up", []).extend([False] * len(left))


def accuracy(scores: Iterable[Scores]) -> dict[str, Any]:
    """Return the share of right values in total and by field."""
    by_field: Scores = {}
    for one in scores:
        for field, values in one.items():
            by_field.setdefault(field, []).extend(values)
    every = [v for values in by_field.values() for v in values]
    return {
        "accuracy": sum(every) / len(every) if every else None,
        "fields": {f: {"accuracy": sum(v) / len(v), "items": len(v)} for f, v in sorted(by_field.items()) if v},
    }


def load_truths(path: Path) -> list[tuple[str | bytes, Mapping[str, Any]]]:
    """Read `truth` with `file` (a path beside the data) or `text`, one JSON object a line. Raises `DataError`.

    Returns the content of each file, or the text where there is no file.
    """
    rows: list[tuple[str | bytes, Mapping[str, Any]]] = []
    for where, row in json_rows(path):
        try:
            content = (path.parent / row["file"]).read_bytes() if row.get("file") else row["text"]
            if not isinstance(content, str | bytes) or not isinstance(row["truth"], dict):
                raise TypeError("the text is no string, or the truth no object")
        except (KeyError, TypeError, OSError) as error:
            raise DataError(f"{where}: not a text or file with its truth ({error!r})") from error
        rows.append((content, row["truth"]))
    if not rows:
        raise DataError(f"{path}: no resumes")
    return rows


def report(exact: Sequence[Scores], overlap: Sequence[Scores]) -> dict[str, Any]:
    """Return the shares of values found, in the words of an entity report.

    Every true value is one item, so what is found of them is precision, recall and F1 at once; entries that were made
    up are items that are wrong.
    """
    total, touching = accuracy(exact), accuracy(overlap)
    return {
        "texts": len(exact),
        "f1": total["accuracy"],
        "overlap_f1": touching["accuracy"],
        "labels": {
            field: {"f1": one["accuracy"], "overlap_f1": touching["fields"][field]["accuracy"], "support": one["items"]}
            for field, one in total["fields"].items()
            if field in touching["fields"]
        },
    }
