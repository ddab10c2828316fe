"""What a message does with the values that it names, as learnt from dialogues: by the words around them and what holds."""

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from processors.chat.mentions import Mention

Operation = Literal["set", "add", "remove", "negate"]
"""`set` replaces what was said of a slot, `remove` takes a value back, `negate` excludes it."""
Decision = Literal["set", "add", "remove", "negate", "pass"]
"""An operation, or nothing: the value is only mentioned."""
DECISIONS: tuple[Decision, ...] = get_args(Decision)
MANY: frozenset[str] = frozenset(("skills", "places"))
"""Slots that hold several values; of the others a new one replaces the old."""
BUCKETS = 1 << 16
"""Features are hashed, so that any words have a place."""
DEFAULT_DECISIONS = Path(__file__).parent / "data" / "decisions.npz"
"""By `looma train decisions`."""

_AMOUNTS = frozenset(("salary", "years", "date"))
_JOINS = re.compile(r"\s*(?:和|或者?|及|与|跟|、|/|以及|还有|\band\b|\bor\b|\bnor\b|&|\+)?\s*", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z][a-z']*|\d+|[\u3400-\u9fff]|[^\s\w]", re.IGNORECASE)
_STOPS = frozenset(",，。;；!！?？")
_ASKS = re.compile(r"[?？吗么没呢]\W*$")
_REACH = 60
"""Characters beside a value that count."""
_MOST_TOKENS = 14
_NEAR = 4


class Group(NamedTuple):
    """Values of one slot that are listed: `北京和上海`. One decision holds for all of them."""

    mentions: tuple[Mention, ...]

    @property
    def slot(self) -> str:
        """Whose values they are."""
        return self.mentions[0].slot

    @property
    def start(self) -> int:
        """Where they begin."""
        return self.mentions[0].start

    @property
    def end(self) -> int:
        """Where they end."""
        return max(mention.end for mention in self.mentions)


class Standing(NamedTuple):
    """What holds of a slot before a message: whether a value of the group is wanted, or excluded, and how many are wanted."""

    is_wanted: bool
    is_excluded: bool
    wanted: int


def grouped(found: Sequence[Mention], text: str) -> list[Group]:
    """Return mentions in their order, with those of a slot that only a joint divides together."""
    groups: list[list[Mention]] = []
    for mention in sorted(found, key=lambda m: m.start):
        last = groups[-1][-1] if groups else None
        is_listed = last and last.slot == mention.slot and last.end <= mention.start
        if is_listed and last and _JOINS.fullmatch(text, last.end, mention.start):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return [Group(tuple(mentions)) for mentions in groups]


def features(text: str, groups: Sequence[Group], standings: Sequence[Standing]) -> list[list[str]]:
    """Return what tells of each group what is done with it: names of features."""
    many = Counter(group.slot for group in groups)
    seen: Counter[str] = Counter()
    found = []
    for number, (group, standing) in enumerate(zip(groups, standings, strict=True)):
        found.append(list(_features(text, groups, number, standing, many[group.slot], seen[group.slot])))
        seen[group.slot] += 1
    return found


def _features(
    text: str, groups: Sequence[Group], number: int, standing: Standing, same: int, before: int
) -> Iterator[str]:
    group = groups[number]
    slot = group.slot
    kind = "many" if slot in MANY else "amount" if slot in _AMOUNTS else "one"
    wanted, excluded, held = int(standing.is_wanted), int(standing.is_excluded), min(standing.wanted, 2)
    state = f"state {wanted} {excluded} {held}"
    left = [*_words("L", _left(text, groups, number))]
    right = [*_words("R", _right(text, groups, number))]
    for word, is_near in (*left, *right):
        yield word
        if is_near:
            yield f"{kind} {word}"
            yield f"{int(held > 0)}{wanted} {word}"
        if "@" in word:
            yield f"{slot} {word}"
    covered = int(4 * sum(len(m.words) for m in group.mentions) / max(1, len(text)))
    place = f"same {min(same, 3)} {min(before, 2)}"
    yield from (f"slot {slot}", f"listed {min(len(group.mentions), 3)}", state, f"{kind} {state}", place)
    yield from (f"{kind} {place} {state}", f"groups {min(len(groups), 4)}", f"covers {covered}")
    yield from (f"{kind} covers {covered} {state}", f"asks {_ASKS.search(text) is not None}")


def _left(text: str, groups: Sequence[Group], number: int) -> list[str]:
    """Return the tokens before a group, the nearest first; another group is one token, its slot."""
    end, low = groups[number].start, max(0, groups[number].start - _REACH)
    found: list[str] = []
    for other in reversed(groups[:number]):
        if other.end <= low or len(found) >= _MOST_TOKENS:
            break
        if other.end <= end:
            found += [*_tokens(text, other.end, end)[::-1], f"<{other.slot}>"]
            end = other.start
    return [*found, *_tokens(text, min(low, end), end)[::-1]][:_MOST_TOKENS]


def _right(text: str, groups: Sequence[Group], number: int) -> list[str]:
    start, high = groups[number].end, min(len(text), groups[number].end + _REACH)
    found: list[str] = []
    for other in groups[number + 1 :]:
        if other.start >= high or len(found) >= _MOST_TOKENS:
            break
        if other.start >= start:
            found += [*_tokens(text, start, other.start), f"<{other.slot}>"]
            start = other.end
    return [*found, *_tokens(text, start, max(high, start))][:_MOST_TOKENS]


def _tokens(text: str, start: int, end: int) -> list[str]:
    return [token.lower() for token in _TOKEN.findall(text, start, end)]


def _words(side: str, tokens: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield words, pairs and triples on a side by how far and how many clauses away, and whether they are near."""
    clause, placed = 0, []
    for token in tokens:
        clause = min(clause + (token in _STOPS), 2)
        placed.append((token, clause))
    for at, (_, clause) in enumerate(placed):
        for size, reach in ((1, _NEAR), (2, 2), (3, 1)):
            if at + size > len(tokens):
                break
            run = " ".join(tokens[at : at + size])
            yield f"{side}{clause} {run}", clause == 0
            if at < reach:
                yield f"{side}@{at} {run}", True
    if not tokens:
        yield f"{side}@end", True


def rows_of(names: Sequence[str]) -> NDArray[np.int64]:
    """Return the buckets of features, ascending, each once."""
    return np.unique(np.array([zlib.crc32(name.encode()) % BUCKETS for name in names], dtype=np.int64))


class Decisions:
    """A trained layer: a sum of weights by feature for each decision."""

    def __init__(self, path: Path) -> None:
        """Load it. Raises ValueError if it was trained for other decisions."""
        with np.load(path, allow_pickle=False) as data:
            self._weights: NDArray[np.float16] = data["weights"]
            self._bias: NDArray[np.float32] = data["bias"]
        if self._weights.shape != (BUCKETS, len(DECISIONS)):
            raise ValueError(f"{path.name} was trained for other decisions; train it anew")

    def decide(self, text: str, groups: Sequence[Group], standings: Sequence[Standing]) -> list[Decision]:
        """Return what a text does with each group of its values."""
        return [self._best(rows_of(names)) for names in features(text, groups, standings)]

    def _best(self, rows: NDArray[np.int64]) -> Decision:
        scores = self._weights[rows].astype(np.float32).sum(axis=0) + self._bias
        return DECISIONS[int(scores.argmax())]


@cache
def default_decisions() -> Decisions:
    """Return the decisions that come along."""
    return Decisions(DEFAULT_DECISIONS)
