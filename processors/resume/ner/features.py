"""What a tagger sees of a text: tokens, and of each the n-grams around it, its clause, and what the rules say."""

import re
from typing import Any
from zlib import crc32

import numpy as np

from processors.resume.ner.entity import Entity, Recogniser

Span = tuple[int, int]
Codes = np.ndarray[Any, np.dtype[np.uint64]]
_TOKEN = re.compile(r"[A-Za-z]{1,40}|[0-9]{1,20}|\n|\S")
_CLAUSE_ENDS = frozenset("，。；、：（）()兼,;:|•\n")
_EDGE = 3
_REACH = 25  # tokens looked at on either side for the end of the clause


def tokens(text: str) -> list[Span]:
    """Return where the tokens are: Latin words, numbers, line ends, and every other character by itself."""
    return [m.span() for m in _TOKEN.finditer(text)]


def _form(token: str) -> str:
    return "0" * min(len(token), 4) if token.isdigit() else token.lower()


def _shape(token: str) -> str:
    if token.isdigit():
        return "d"
    if token.isascii() and token.isalpha():
        return "X" if token.isupper() else "Xx" if token[0].isupper() else "x"
    return "h" if "\u4e00" <= token <= "\u9fff" else "p"


def marks(spans: list[Span], entities: list[Entity]) -> list[str]:
    """Return the BIOES tag of each token; of entities that share a token the first wins."""
    tags = ["O"] * len(spans)
    starts = {start: i for i, (start, _) in enumerate(spans)}
    at = 0
    for entity in sorted(entities):
        first = starts.get(entity.start)
        if first is None:
            while at < len(spans) and spans[at][1] <= entity.start:
                at += 1
            first = at
        last = first
        while last < len(spans) and spans[last][0] < entity.end:
            last += 1
        if last == first or any(t != "O" for t in tags[first:last]):
            continue
        if last - first == 1:
            tags[first] = "S-" + entity.label
        else:
            tags[first:last] = ["I-" + entity.label] * (last - first)
            tags[first], tags[last - 1] = "B-" + entity.label, "E-" + entity.label
    return tags


def entities(spans: list[Span], tags: list[str]) -> list[Entity]:
    """Return what BIOES tags mark; a stretch that does not begin and end properly is none."""
    found = []
    begin: tuple[int, str] | None = None
    for i, tag in enumerate(tags):
        kind, label = tag[0], tag[2:]
        if kind in "BS":
            begin = (i, label)
        elif kind == "O" or (begin and begin[1] != label):
            begin = None
        if kind in "ES" and begin:
            found.append(Entity(spans[begin[0]][0], spans[i][1], label))
            begin = None
    return found


def _clauses(words: list[str]) -> list[Span]:
    """Return of each token the first and the last of the clause it is in; what ends one is a clause by itself."""
    found: list[Span] = []
    while (first := len(found)) < len(words):
        last = first
        while words[first] not in _CLAUSE_ENDS and last + 1 < len(words) and words[last + 1] not in _CLAUSE_ENDS:
            last += 1
        found += [(first, last)] * (last - first + 1)
    return found


def _code(text: str) -> int:
    return crc32(text.encode())


def _mixed(template: int, *parts: "np.ndarray[Any, Any]") -> Codes:
    """Return a 64-bit hash of a template and its values (FNV-1a, a word at a time)."""
    code = np.full(len(parts[0]), 0xCBF29CE484222325 + template, np.uint64)
    for part in parts:
        code = (code ^ part.astype(np.uint64)) * np.uint64(0x100000001B3)
        code ^= code >> np.uint64(31)
    return code


def features(text: str, spans: list[Span], rules: Recogniser | None) -> Codes:
    """Return the features of each token, a column a template, as hashes; time and memory are linear in the text."""
    words = [text[a:b] for a, b in spans]
    count = len(words)
    guess = marks(spans, rules.recognise(text)) if rules else ["O"] * count

    def coded(values: list[str], edge: int) -> "np.ndarray[Any, Any]":
        """Codes with room at both ends, so that a slice of them is a neighbour."""
        found = np.array([_code(v) for v in values], np.int64)
        return np.concatenate([np.full(edge, 1), found, np.full(edge, 2)])

    forms = [_form(w) for w in words]
    form = coded(forms, _EDGE)
    f = {d: form[_EDGE + d : _EDGE + d + count] for d in range(-3, 4)}
    shape, tag = coded([_shape(w) for w in words], _EDGE), coded(guess, _EDGE)
    r = {d: tag[_EDGE + d : _EDGE + d + count] for d in range(-2, 3)}
    clause = np.array(_clauses(words), np.int64).reshape(-1, 2)
    at = np.arange(count)
    left, right = np.maximum(clause[:, 0], at - _REACH), np.minimum(clause[:, 1], at + _REACH)
    same = np.zeros(count, np.int64)
    templates = [
        (same,),
        *((f[d],) for d in range(-3, 4)),
        *((f[d], f[d + 1]) for d in (-2, -1, 0, 1)),
        *((f[d], f[d + 1], f[d + 2]) for d in (-2, -1, 0)),
        (f[-3], f[-2], f[-1], f[0]), (f[0], f[1], f[2], f[3]), (f[-1], f[1]),
        (coded([w[-3:] if len(w) > 2 else "" for w in forms], 0),),
        (coded([w[:3] if len(w) > 2 else "" for w in forms], 0),),
        *((r[d],) for d in range(-2, 3)),
        *((shape[_EDGE + d : _EDGE + d + count],) for d in range(-2, 3)),
        (r[0], r[1]), (r[-1], r[0]), (r[0], f[0]),
        (form[_EDGE + right - 1], form[_EDGE + right]), (form[_EDGE + right],), (form[_EDGE + right + 1],),
        (form[_EDGE + left], form[_EDGE + left + 1]), (form[_EDGE + left - 1],),
        (np.minimum(at - left, 6),), (np.minimum(right - at, 6),),
    ]  # fmt: skip
    return np.stack([_mixed(n, *parts) for n, parts in enumerate(templates)], axis=1)
