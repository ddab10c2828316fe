"""What a tagger sees of a text: tokens, and of each the n-grams around it, its clause, and what the rules say."""

import re

from processors.resume.ner.entity import Entity, Recogniser

Span = tuple[int, int]
_TOKEN = re.compile(r"[A-Za-z]{1,40}|[0-9]{1,20}|\n|\S")
_BREAKS = frozenset("，。；、：（）()兼,;:|•\n")
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


def features(text: str, spans: list[Span], rules: Recogniser | None) -> list[list[str]]:
    """Return the features of each token; time and memory are linear in the text."""
    words = [text[a:b] for a, b in spans]
    shapes = [_shape(w) for w in words]
    forms = ["<"] * 3 + [_form(w) for w in words] + [">"] * 3
    guess = ["O"] * len(words)
    if rules:
        guess = marks(spans, rules.recognise(text))
    result = []
    for i, word in enumerate(words):
        f = forms[i : i + 7]
        found = ["b", f"s={shapes[i]}"]
        found += [f"{d}={f[d]}" for d in range(7)]
        found += [f"2{d}={f[d]}_{f[d + 1]}" for d in range(1, 5)]
        found += [f"3{d}={f[d]}_{f[d + 1]}_{f[d + 2]}" for d in (1, 2, 3)]
        found += [f"40={'_'.join(f[:4])}", f"43={'_'.join(f[3:])}", f"j={f[2]}_{f[4]}"]
        if len(word) > 2:
            found += [f"e={f[3][-3:]}", f"p={f[3][:3]}"]
        for d in (-2, -1, 0, 1, 2):
            if 0 <= i + d < len(words):
                found += [f"r{d}={guess[i + d]}", f"s{d}={shapes[i + d]}"]
        if i + 1 < len(words):
            found.append(f"rr={guess[i]}|{guess[i + 1]}")
        if i:
            found.append(f"lr={guess[i - 1]}|{guess[i]}")
        found.append(f"rf={guess[i]}|{f[3]}")
        left = right = i
        while left > 0 and words[left - 1] not in _BREAKS and i - left < _REACH:
            left -= 1
        while right + 1 < len(words) and words[right + 1] not in _BREAKS and right - i < _REACH:
            right += 1
        found += [
            f"R={forms[right + 2]}_{forms[right + 3]}", f"R1={forms[right + 3]}", f"RD={forms[right + 4]}",
            f"L={forms[left + 3]}_{forms[left + 4]}", f"LD={forms[left + 2]}",
            f"ln={min(i - left, 6)}", f"rn={min(right - i, 6)}",
        ]  # fmt: skip
        result.append(found)
    return result
