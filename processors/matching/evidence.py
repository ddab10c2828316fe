"""Evidence from texts compared within a pool: several similarities made comparable, then added (CombSUM).

A score of one pair cannot know that an ad is vague, or that everybody has a skill; among the CVs and ads of a pool both
can be seen. Combination by sums of standardised scores: Fox and Shaw, "Combination of Multiple Searches" (1994).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from processors.matching.meaning import closest, comparable, unpack
from processors.matching.profile import Profile
from processors.matching.skills import stand_ins, weight_of

Matrix = NDArray[np.float64]
Compare = Callable[[Profile, Profile], float]

WEIGHTS: Mapping[str, float] = {"whole": 3, "title": 2, "skills": 1, "parts": 1, "words": 1}
"""The texts as wholes, then titles, as in the weights of a pair; the others, which see all of a long text, count 1."""
ROOM = 0.5
"""How much of an ad's usual similarity to the pool is taken off; all of it would give every ad its share of CVs."""
NICE = 0.5
"""A nice-to-have skill beside a must-have."""


def evidence(
    talents: Sequence[Profile],
    jobs: Sequence[Profile],
    whole: Matrix,
    talent_words: Sequence[Sequence[str]],
    job_words: Sequence[Sequence[str]],
) -> Matrix:
    """Return the evidence for every pair, talents x jobs: 0 on average, comparable along a row.

    `whole` are the cosines of whole texts; words are those of the texts, repetitions and all.
    """
    signals = {
        "whole": whole,
        "title": _pairs(talents, jobs, _title),
        "skills": rare_skills(talents, jobs),
        "parts": _pairs(talents, jobs, _parts),
        "words": rare_words(talent_words, job_words),
    }
    total = sum(weight * standardised(signals[name]) for name, weight in WEIGHTS.items())
    return np.asarray(total / sum(WEIGHTS.values()), dtype=np.float64)


def standardised(signal: Matrix, room: float = ROOM) -> Matrix:
    """Return the signal with `room` of each column's lead taken off, each row centred, all of it at variance 1."""
    means = signal.mean(axis=0)
    even = signal - room * (means - means.mean())
    even = even - even.mean(axis=1, keepdims=True)
    spread = float(even.std())
    return even / spread if spread > 1e-12 else np.zeros_like(even)


def rare_skills(talents: Sequence[Profile], jobs: Sequence[Profile]) -> Matrix:
    """Return the share of each job's skills that a talent has or stands in for; a skill counts by its rarity."""
    rarity = _rarity([p.skills for p in (*talents, *jobs)])
    rows = np.zeros((len(talents), len(jobs)))
    for column, job in enumerate(jobs):
        wanted = {
            name: rarity[name] * weight_of(name) * (1 if facts.required else NICE) for name, facts in job.skills.items()
        }
        possible = sum(wanted.values())
        for row, talent in enumerate(talents):
            earned = sum(weight * _held(name, talent) for name, weight in wanted.items())
            rows[row, column] = earned / possible if possible else 0
    return rows


def rare_words(talents: Sequence[Sequence[str]], jobs: Sequence[Sequence[str]]) -> Matrix:
    """Return cosines of words weighted by frequency, dampened, and rarity (tf-idf, Salton and Buckley 1988)."""
    rarity = _rarity((*talents, *jobs))
    place = {word: number for number, word in enumerate(dict.fromkeys(word for job in jobs for word in job))}

    def rows(texts: Sequence[Sequence[str]]) -> Matrix:
        found = np.zeros((len(texts), len(place)))  # words that no job has count in the length only
        for row, text in zip(found, texts, strict=True):
            weights = {word: (1 + math.log(count)) * rarity[word] for word, count in Counter(text).items()}
            length = math.hypot(*weights.values()) or 1.0
            for word in weights.keys() & place.keys():
                row[place[word]] = weights[word] / length
        return found

    return rows(talents) @ rows(jobs).T


def _rarity(documents: Sequence[Iterable[str]]) -> dict[str, float]:
    """Return the inverse document frequency of everything, in BM25's form."""
    counts = Counter(name for document in documents for name in dict.fromkeys(document))
    return {name: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for name, n in counts.items()}


def _held(name: str, talent: Profile) -> float:
    if name in talent.skills:
        return 1.0
    others = stand_ins(name)
    return max((others[other] for other in others.keys() & talent.skills.keys()), default=0.0)


def _title(talent: Profile, job: Profile) -> float:
    if not comparable(job.title_vector, talent.title_vector):
        return 0.0
    return closest(job.title_vector, talent.title_vector)


def _parts(talent: Profile, job: Profile) -> float:
    if not comparable(job.section_vectors, talent.section_vectors):
        return 0.0
    a, b = (unpack(p.section_vectors).mean(axis=0) for p in (talent, job))
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))


def _pairs(talents: Sequence[Profile], jobs: Sequence[Profile], compare: Compare) -> Matrix:
    rows = [[compare(talent, job) for job in jobs] for talent in talents]
    return np.array(rows, dtype=np.float64).reshape(len(talents), len(jobs))
