"""What a tagger sees of a text: tokens, and of each the n-grams around it, its clause, and what the rules say."""

import re

from processors.resume.ner.entity import Entity, Recogniser

Span = tuple[int, int]
_TOKEN = re.compile(r"[A-Za-z]{1,40}|[0-9]{1,20}|\n|\S")
_PHRASE_ENDS = frozenset("，。；、：,;:|•\n")
_CLAUSE_ENDS = _PHRASE_ENDS | frozenset("（）()兼")
_REACH = 25  # tokens looked at on either side for the end of the clause
_ORGANISATION = re.compile(
    r"公司|集团|大学|学院|银行|研究院|研究所|事务所|医院|委员会|协会|学会|中心|政府|基金|[局厂部处所院校会行系室店社站厅科]"
)
_POSITION = re.compile(
    r"经理|董事长|董事|主任|书记|工程师|会计师|监事|部长|助理|总监|总裁|处长|主席|教授|厂长|科长|秘书|委员|院长|会长|所长|负责人|律师"
    r"|局长|会计|研究员|顾问|行长|[师长员]"
)


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


def _stretches(words: list[str], ends: frozenset[str]) -> list[Span]:
    """Return of each token the first and the last of the stretch it is in; an end is a stretch by itself."""
    found: list[Span] = []
    while (first := len(found)) < len(words):
        last = first
        while words[first] not in ends and last + 1 < len(words) and words[last + 1] not in ends:
            last += 1
        found += [(first, last)] * (last - first + 1)
    return found


class _Ends:
    """Where words that end a name stand, as seen from each token: how far in its phrase, and which."""

    def __init__(self, pattern: re.Pattern[str], text: str, spans: list[Span], phrases: list[Span]) -> None:
        places = {end: i for i, (_, end) in enumerate(spans)}
        here = {places[m.end()]: m[0] for m in pattern.finditer(text) if m.end() in places}
        self.behind: list[tuple[int, str] | None] = []
        self.ahead: list[tuple[int, str] | None] = []
        last: tuple[int, str] | None = None
        for i in range(len(spans)):
            if phrases[i][0] == i:
                last = None
            self.behind.append(last)
            last = (i, here[i]) if i in here else last
        for i in reversed(range(len(spans))):
            if phrases[i][1] == i:
                last = None
            last = (i, here[i]) if i in here else last
            self.ahead.append(last)
        self.ahead.reverse()


def features(text: str, spans: list[Span], rules: Recogniser | None) -> list[list[str]]:
    """Return the features of each token; time and memory are linear in the text.

    A feature is `template=value`; training leaves out some templates at a time.
    """
    words = [text[a:b] for a, b in spans]
    shapes = [_shape(w) for w in words]
    forms = ["<"] * 3 + [_form(w) for w in words] + [">"] * 3
    guess = ["O"] * len(words)
    if rules:
        guess = marks(spans, rules.recognise(text))
    clauses, phrases = _stretches(words, _CLAUSE_ENDS), _stretches(words, _PHRASE_ENDS)
    organisations = _Ends(_ORGANISATION, text, spans, phrases)
    positions = _Ends(_POSITION, text, spans, phrases)
    phrase = 0
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
        before = guess[i - 1] if i else "-"
        after = guess[i + 1] if i + 1 < len(words) else "-"
        found += [f"rr={guess[i]}|{after}", f"lr={before}|{guess[i]}", f"rf={guess[i]}|{f[3]}"]
        left, right = max(clauses[i][0], i - _REACH), min(clauses[i][1], i + _REACH)
        found += [
            f"R={forms[right + 2]}_{forms[right + 3]}", f"R1={forms[right + 3]}", f"RD={forms[right + 4]}",
            f"L={forms[left + 3]}_{forms[left + 4]}", f"LD={forms[left + 2]}",
            f"ln={min(i - left, 6)}", f"rn={min(right - i, 6)}",
        ]  # fmt: skip
        ahead, behind, position = organisations.ahead[i], organisations.behind[i], positions.ahead[i]
        ends = ahead[1] if ahead else "-"
        found += [f"oa={ends}", f"ob={behind[1] if behind else '-'}", f"pa={position[1] if position else '-'}"]
        found += [f"od={min(ahead[0] - i, 8) if ahead else '-'}", f"oe={min(i - behind[0], 5) if behind else '-'}"]
        found.append(f"oo={ends}|{behind[1] if behind else '-'}")
        found.append(f"op={ends}|{position[1] if position else '-'}|{bool(ahead and position and ahead < position)}")
        first, last = phrases[i]
        phrase += i > 0 and words[i - 1] in _PHRASE_ENDS
        found += [f"n={min(phrase, 5)}", f"m={min(last - first, 30) // 3}", f"at={min(first, 9)}"]
        found += [f"PR={forms[last + 2]}_{forms[last + 3]}", f"PL={forms[first + 3]}_{forms[first + 4]}"]
        found.append(f"PB={forms[first + 1]}_{forms[first + 2]}")
        result.append(found)
    return result
