"""Context rules: whether a word that may be a skill is one here (Go the language, not go the verb; C, R, Excel)."""

import re

from processors.skills.cues import lists, patterns
from processors.skills.lexicon import Hit

_RULES = patterns("context")
_NOT_BEFORE, _NOT_AFTER = patterns("context.not_before"), patterns("context.not_after")
_OFFERABLE = tuple(lists("context")["offerable"])
_WINDOW = 40
_BULLET = re.compile(r"\s*(?:[-*–·●•▪◆■□★>]|[(（]?\d{1,2}\s?[、.．)）])\s*")
_ITEM_END = re.compile(r"[^\S\n]*(?:[(（][^()（）\n]{0,30}[)）])?[^\S\n]*[;；,，.。]?[^\S\n]*(?:\n|$)")
_MAJOR_CONFIDENCE = 0.6  # `数学、物理等相关专业`: a field of study, not yet a skill


def joined(between: str) -> bool:
    """Return whether what stands between two mentions only joins them in a list."""
    return len(between) <= 14 and _RULES["join"].fullmatch(between) is not None


def confirmed(hits: list[Hit], folded: str, text: str, spans: list[tuple[int, int]]) -> list[tuple[Hit, float]]:
    """Return the hits that are skills here, each with a confidence; `spans` are their places in `text`.

    An ordinary word needs a confirmed neighbour in a list, a word before or after that only fits a skill, an item of a
    list to itself, or capitals where it is an acronym. Guarded neighbours confirm each other, from an unambiguous one
    outwards.
    """
    surfaces = [text[start:end] for start, end in spans]
    confidence: list[float | None] = []
    for hit, surface, (start, end) in zip(hits, surfaces, spans, strict=True):
        guarded, cased = hit.spelling in hit.skill.guarded, hit.spelling in hit.skill.cased
        if _vetoed(hit, folded) or (not hit.spelling.isascii() and _offered(hit, folded)):
            confidence.append(0.0)
        elif not guarded and not cased:
            confidence.append(_MAJOR_CONFIDENCE if _RULES["major"].match(folded, hit.end) else 1.0)
        elif (cased and surface.rstrip("s").isupper()) or _cued(hit, folded, surface):
            confidence.append(0.9)
        elif _is_item(text, start, end):
            confidence.append(0.8)
        else:
            confidence.append(None)
    for order in (range(1, len(hits)), range(len(hits) - 2, -1, -1)):
        step = 1 if order.step < 0 else -1
        for i in order:
            neighbour = confidence[i + step]
            if confidence[i] is None and neighbour and hits[i + step].skill.kind in ("hard", "tool"):
                left, right = sorted((i, i + step))
                if joined(folded[hits[left].end : hits[right].start]) and _listable(
                    hits[i], surfaces[i], folded, hits[left].end, hits[right].start
                ):
                    confidence[i] = 0.8
    return [(hit, sure) for hit, sure in zip(hits, confidence, strict=True) if sure]


def _is_item(text: str, start: int, end: int) -> bool:
    """Return whether a name with a capital is all that an item of a list says."""
    before = text[max(text.rfind("\n", 0, start) + 1, start - 16) : start]
    return text[start].isupper() and _BULLET.fullmatch(before) is not None and _ITEM_END.match(text, end) is not None


def _offered(hit: Hit, folded: str) -> bool:
    if not any(word in hit.spelling for word in _OFFERABLE):
        return False
    before, after = folded[max(0, hit.start - 6) : hit.end], folded[hit.start : hit.end + 6]
    return _RULES["offered_before"].search(before) is not None or _RULES["offered_after"].match(after) is not None


def _listable(hit: Hit, surface: str, folded: str, start: int, end: int) -> bool:
    """A lower-case ordinary word next to a skill counts only behind a real separator: `java, go`, not `java go`."""
    between = folded[start:end]
    return not surface.islower() or bool(between.strip()) or len(hit.spelling) == 1


def _vetoed(hit: Hit, folded: str) -> bool:
    window = folded[max(0, hit.start - _WINDOW) : hit.start]
    follows, precedes = _NOT_BEFORE.get(hit.spelling), _NOT_AFTER.get(hit.spelling)
    ends = (hit.end, hit.start + len(hit.spelling))  # of a plural, and of its word
    if follows and any(follows.match(folded, end) for end in ends) and not _RULES["strong_before"].search(window):
        return True
    return precedes is not None and precedes.search(window) is not None


def _cued(hit: Hit, folded: str, surface: str) -> bool:
    window = folded[max(0, hit.start - _WINDOW) : hit.start]
    if _RULES["strong_before"].search(window):
        return True
    if not hit.spelling.isascii():
        return False
    if len(hit.spelling) == 1:
        return re.match(r"\s?(?:语言|编程|language|programming)", folded[hit.end : hit.end + 14]) is not None
    english_word = surface.islower() and re.match(r"\s[a-z]", folded[hit.end : hit.end + 2])
    if _RULES["after"].match(folded, hit.end) and not english_word:
        return True
    return surface[0].isupper() and _RULES["weak_before"].search(window) is not None
