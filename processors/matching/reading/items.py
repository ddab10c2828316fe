"""The items of a CV or an ad: what stands between stops, commas, bullets and colons."""

import re

from processors.matching.meaning import MAX_PARTS
from processors.skills.cues import alternatives, patterns

_LONGEST_PART = 400
_PARTS = re.compile(r"[\n。；;，、|•：]|,\s|[.!?:]\s+|\s[-–—]\s")
_HEADING = re.compile(rf"^\W{{0,4}}(?:{alternatives('heading').pattern})\s*(?:[:：]|$)", re.IGNORECASE)
_SENTENCES = re.compile(r"[。；;]|[.!?]\s")
_COMMAS = re.compile(r"[,，]")
_OPENING = 12
"""Characters within which a cue opens a sentence."""
_PREFERRED = patterns("requirement")["preferred"]
_TERMS = re.compile(
    r"\d\s?[-~–至到+]?\s?\d*\s?(?:年|years?|yrs?|人|k\b|万|元)|应届|经验不限|学历|本科|大专|硕士|博士|到岗|成立于|远程|双休|年假|福利"
    r"|[月年底]薪|薪资\W{0,3}\d|带薪|[五六]险一金(?!办理|缴纳)|年度体检|degree|bachelor|master's|diploma|\b(?:cny|rmb)\b"
    r"|paid leave"
    r"|health insurance|^insurance$|start within|in business|founded|entry level|graduates? (?:are )?welcome"
    r"|no experience|\bremote\b",
    re.IGNORECASE,
)
_BULLET = " \t•-*·|●▪➢✓."
_NUMBERING = re.compile(r"^[(（]?\d{1,2}\s?[.、)）]\s*(?=\D)")


def parts(text: str, most: int = MAX_PARTS) -> list[str]:
    """Return the items of a text, each once: what stands between stops, commas, bullets and colons.

    Of a long text neighbours share a part, so that `most` cover it all.
    """
    pieces = [" ".join(_NUMBERING.sub("", piece.strip(_BULLET)).split()) for piece in _PARTS.split(text)]
    pieces = list(dict.fromkeys(piece for piece in pieces if len(piece) > 1 and not piece.isdigit()))
    least = sum(map(len, pieces)) // most if len(pieces) > most else 0
    found: list[str] = []
    for piece in pieces:
        if found and len(found[-1]) < least:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return [part[:_LONGEST_PART] for part in found[:most]]


def work_parts(text: str, most: int = MAX_PARTS) -> list[str]:
    """Return the items of an ad that tell of the work, at most `most`.

    Left out are what would only be liked, what is offered, and terms that other features read.
    """
    kept: list[str] = []
    section: str | None = None
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            section, line = heading.lastgroup, line[heading.end() :]
        if section not in ("preferred", "offered"):
            kept += [_insisted(said) for said in _SENTENCES.split(line)]
    return [part for part in parts("\n".join(kept), most) if not _TERMS.search(part)] or parts(text, most)


def _insisted(sentence: str) -> str:
    """Return a sentence without what it would only like: nothing where that opens it, else the other clauses."""
    cue = _PREFERRED.search(sentence)
    if not cue:
        return sentence
    if cue.start() < _OPENING:
        return ""
    return "，".join(clause for clause in _COMMAS.split(sentence) if not _PREFERRED.search(clause))
