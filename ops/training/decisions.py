"""Trains what a message does with the values that it names: a softmax layer on the words around them and what holds."""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from processors.chat.deciding import BUCKETS, DECISIONS, MANY, Decision, Group, Standing, features, grouped, rows_of
from processors.chat.mentions import Mention

Lesson = tuple[list[str], frozenset[Decision]]
"""Features of a group of values, and the decisions that are right."""
PENALTY = 1e-4
MAX_STEPS = 80
WEIGHT = 0.3
"""What a lesson from a frame counts, of one from a dialogue."""
FRAMED = 8000
_SLOTS = {
    "p": "places", "s": "skills", "r": "role", "f": "employment_type", "c": "company", "m": "salary", "y": "years",
    "d": "education", "o": "remote",
}  # fmt: skip
_WANTED = {"-": 0.7, "!": 0.15}
"""How often a value is wanted before a sentence that takes it back or excludes it."""
_HOLE = re.compile(r"\[([a-z*%])([+=\-!~])\]")
_REPLACES = re.compile(
    r"[换改只仅单专替]|不是"
    r"|\b(?:instead|switch|only|just|change|make it|swap|replace|strictly|stick|limit|restrict|rather)\b"
)
_BEFORE = {
    "zh": "嗯，|好的，|那|哦，|这样，|麻烦|请|对了，|另外，|可以，|行，|还有，|我觉得|那就|ok，",
    "en": "ok, |hmm, |well, |and |oh, |also, |right, |please |yeah, |so |could you |by the way, |thanks, ",
}
_BEHIND = {
    "zh": "吧|哈|谢谢|，谢谢|啊|啦|哦|。|了|，麻烦了|呢|！|，辛苦",
    "en": " please|.| thanks|!| for me| if possible|, cheers| for now",
}
_BETWEEN = {"zh": ("，", "，", " ", "。"), "en": (", ", ", ", ". ", " and ", " but ")}
_LISTED = {"zh": ("和", "、", "或者", "跟", "或", "及", " "), "en": (" and ", " or ", " & ")}


@dataclass(frozen=True, slots=True)
class _Said:
    group: Group
    decision: Decision
    sign: str
    is_exchanged: bool


def framed(count: int, seed: int = 1) -> list[Lesson]:
    """Return lessons from sentences that are made of frames, with what may hold before them."""
    data = tomllib.loads(files("ops.training").joinpath("data/frames.toml").read_text("utf-8"))
    frames = [(language, frame) for language in data for frame in data[language]["frames"].split("\n") if frame]
    spoken = {language: [frame for of, frame in frames if of == language] for language in data}
    chance = random.Random(seed)
    found: list[Lesson] = []
    while len(found) < count:
        language, frame = chance.choice(frames)
        both = [frame, chance.choice(spoken[language])] if chance.random() < 0.25 else [frame]
        text, said = _spoken(chance, language, both, data[language]["values"])
        groups = grouped([m for each in said for m in each.group.mentions], text)
        if groups == [each.group for each in said]:  # no two of them are listed by chance
            found += _lessons(chance, text, said)
    return found


def _spoken(
    chance: random.Random, language: str, frames: Sequence[str], values: Mapping[str, Sequence[str]]
) -> tuple[str, list[_Said]]:
    text = chance.choice(_BEFORE[language].split("|")) if chance.random() < 0.5 else ""
    said: list[_Said] = []
    for number, frame in enumerate(frames):
        text += chance.choice(_BETWEEN[language]) if number else ""
        any_slot, place_or_skill = chance.choice("ppppssrfc"), chance.choice("ps")
        at = 0
        for hole in _HOLE.finditer(frame):
            text, at = text + frame[at : hole.start()], hole.end()
            key = {"*": any_slot, "%": place_or_skill}.get(hole[1], hole[1])
            size = chance.choice((1, 1, 1, 1, 1, 2, 2, 3)) if _SLOTS[key] in MANY and hole[2] != "~" else 1
            joint = chance.choice(_LISTED[language])
            mentions: list[Mention] = []
            for value in chance.sample(values[key], size):
                text += joint if mentions else ""
                mentions.append(Mention(len(text), _SLOTS[key], value, value))
                text += value
            is_exchanged = "-]" in frame and "=]" in frame
            decision = _decision(_SLOTS[key], hole[2], replaces=_REPLACES.search(frame) is not None)
            said.append(_Said(Group(tuple(mentions)), decision, hole[2], is_exchanged))
        text += frame[at:]
    return text + (chance.choice(_BEHIND[language].split("|")) if chance.random() < 0.5 else ""), said


def _decision(slot: str, sign: str, *, replaces: bool) -> Decision:
    match sign:
        case "~":
            return "pass"
        case "!":
            return "negate"
        case "-":
            return "remove"
        case "=" if slot != "skills" or replaces:
            return "set"
        case _:
            return "add" if slot in MANY else "set"


def _lessons(chance: random.Random, text: str, said: Sequence[_Said]) -> Iterator[Lesson]:
    """Yield a lesson for each group, with a state before it in which its decision makes sense."""
    slots = {each.group.slot for each in said}
    held = {slot: chance.random() < 0.6 for slot in slots}
    standings = []
    for each in said:
        is_wanted = chance.random() < _WANTED.get(each.sign, 0)  # what it takes back it may never have read
        is_held = is_wanted or held[each.group.slot]
        standings.append(Standing(is_wanted, False, chance.choice((1, 1, 1, 2, 3)) if is_held else 0))
    begun: set[str] = set()
    for names, each, standing in zip(features(text, [s.group for s in said], standings), said, standings, strict=True):
        right: frozenset[Decision] = frozenset((each.decision,))
        if each.decision in ("set", "add") and each.group.slot in MANY:
            if not standing.wanted:
                right = frozenset(("add",) if each.group.slot in begun else ("set", "add"))
            elif each.is_exchanged:
                right = frozenset(("set", "add"))
            begun.add(each.group.slot)
        yield names, right


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained layer: weights (BUCKETS, decisions), bias (decisions,)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def accuracy(self, lessons: Sequence[Lesson]) -> float:
        """Return the share of lessons that it decides rightly."""
        scores = _matrix(lessons) @ self.weights + self.bias
        return float(np.mean([DECISIONS[n] in right for n, (_, right) in zip(scores.argmax(1), lessons, strict=True)]))


def fit(lessons: Sequence[Lesson], weights: Sequence[float]) -> Fitted:
    """Train by L-BFGS from zero: the same lessons, the same layer. Of several right decisions any may be likely."""
    matrix = _matrix(lessons)
    used = np.unique(matrix.indices)
    matrix = matrix[:, used]
    right = np.array([[name in answers for name in DECISIONS] for _, answers in lessons], dtype=np.float32)
    share = np.asarray(weights, dtype=np.float32) / np.float32(sum(weights))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        layer = flat.reshape(-1, len(DECISIONS)).astype(np.float32)
        scores = matrix @ layer[:-1] + layer[-1]
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        hit = (chances * right).sum(axis=1, keepdims=True) + 1e-9
        errors = (chances - chances * right / hit) * share[:, None]
        shrunk = layer.copy()
        shrunk[-1] = 0  # the bias is free
        slope = np.concatenate([matrix.T @ errors, errors.sum(axis=0, keepdims=True)]) + PENALTY * shrunk
        entropy = -float((share * np.log(hit[:, 0])).sum())
        return entropy + PENALTY / 2 * float((shrunk**2).sum()), slope.ravel().astype(np.float64)

    start = np.zeros((len(used) + 1) * len(DECISIONS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS})
    layer = found.x.reshape(-1, len(DECISIONS)).astype(np.float32)
    whole = np.zeros((BUCKETS, len(DECISIONS)), dtype=np.float32)
    whole[used] = layer[:-1]
    return Fitted(whole, layer[-1])


def save(fitted: Fitted, path: Path) -> None:
    """Write one file for `processors.chat.deciding`."""
    np.savez_compressed(path, weights=fitted.weights.astype(np.float16), bias=fitted.bias)


def _matrix(lessons: Sequence[Lesson]) -> sparse.csr_matrix:
    rows = [rows_of(names) for names, _ in lessons]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    columns = np.concatenate(rows)
    return sparse.csr_matrix((np.ones(len(columns), dtype=np.float32), columns, starts), shape=(len(rows), BUCKETS))
