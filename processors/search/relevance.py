"""How well a record answers a query, in words: a strong, a partial or a near match, or none.

The probability that a reader would call a record relevant is a logistic function of three facts: how much of what the
query names the record has, how much more similar in meaning it is than a random record, and whether it lacks every tool
that the query asks for by name. It was fitted and its bounds chosen on one half of labelled queries; what it does on
the other half is in docs/benchmarks/search.md.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import NamedTuple

from processors.lexicon.script import is_han
from processors.search.bm25 import word_index
from processors.search.terms import GENERIC, Term
from processors.search.tokens import words
from processors.skills.fold import fold
from schemas.base import Band

BANDS: dict[Band, float] = {"strong": 0.8, "partial": 0.4, "near": 0.2}
"""The least probability of each, the best first. What is below the last has nothing to do with the query."""

_ALIKE = 2.0
"""Records with less in common than this have no more of it than any two."""
_MAX_NEAR = 0.39
"""What lacks something that nothing else will do for is no more than near."""


MOST_LIFT = 6.0
"""What is more alike than that is not more relevant."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the logistic function; `lacking` counts where none of the tools asked for is there."""

    base: float
    coverage: float
    lift: float
    lacking: float
    most_lift: float = MOST_LIFT


OF_TEXT = Weights(base=-5.17, coverage=6.27, lift=0.77, lacking=-1.61)
OF_MEANING = Weights(base=-4.13, coverage=0.0, lift=1.65, lacking=0.0)
"""Where a query has no words that are looked for: Russian, Korean, Japanese kana."""
OF_RECORD = Weights(base=-13.3, coverage=0.0, lift=2.44, lacking=0.0, most_lift=12.0)
"""Where the query is another record: nothing is named, the similarity decides."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a record: the positions of its search words, title, places; `lift` as `Background` has it."""

    words: Collection[int]
    title: str
    places: Collection[str]
    lift: float


@dataclass(frozen=True, slots=True)
class Relevance:
    """How well a record answers; `band` is None where it does not. `covered` and `missing` are the query's terms."""

    band: Band | None
    probability: float
    covered: tuple[Term, ...] = ()
    missing: tuple[Term, ...] = ()


class Facts(NamedTuple):
    """What a record is judged by: the logistic function's arguments, in its order."""

    coverage: float
    """The square root of the share: the first word tells most."""
    lift: float
    lacking: bool


def facts(terms: Sequence[Term], evidence: Evidence, shares: Sequence[float], most_lift: float = MOST_LIFT) -> Facts:
    """Return what a record is judged by that has `shares` of the terms."""
    total = sum(term.weight for term in terms)
    covered = sum(term.weight * share for term, share in zip(terms, shares, strict=True))
    tools = [share for term, share in zip(terms, shares, strict=True) if term.exact]
    lift = min(max(evidence.lift, 0.0), most_lift)
    return Facts(sqrt(covered / total) if total else 0.0, lift, bool(tools) and not any(tools))


def is_unwanted(terms: Sequence[Term], evidence: Evidence) -> bool:
    """Whether a record has one of the terms that a query does not want; what most records have, in its title."""
    return any(
        in_title(term, evidence.title) if term.weight == GENERIC else share == 1
        for term, share in zip(terms, shares_of(terms, evidence), strict=True)
    )


def judge(terms: Sequence[Term], evidence: Evidence, unwanted: Sequence[Term] = ()) -> Relevance:
    """Return how well a record answers a query that names `terms`; one with an unwanted term does not."""
    if unwanted and is_unwanted(unwanted, evidence):
        return Relevance(None, 0.0)
    shares = shares_of(terms, evidence)
    weights = OF_TEXT if terms else OF_MEANING
    known = facts(terms, evidence, shares, weights.most_lift)
    probability = _probability(weights, known)
    if not terms:  # nonsense in any script is somewhat similar to something
        return Relevance(band_of(probability) if probability >= BANDS["partial"] else None, probability)
    elsewhere = any(t.kind == "place" and not share for t, share in zip(terms, shares, strict=True))
    if known.lacking or elsewhere:
        probability = min(probability, _MAX_NEAR)
    return Relevance(
        band_of(probability),
        probability,
        tuple(t for t, share in zip(terms, shares, strict=True) if share == 1),
        tuple(t for t, share in zip(terms, shares, strict=True) if share < 1 and t.weight > GENERIC),
    )


def in_title(term: Term, title: str) -> bool:
    """Whether a title alone has all of a term."""
    return _share(term, Evidence({word_index(word) for word in words(title)}, title, (), 0.0)) == 1


def judge_alike(lift: float) -> Relevance:
    """Return how well a record answers that is looked for by another one like it."""
    probability = _probability(OF_RECORD, Facts(0.0, min(max(lift, 0.0), OF_RECORD.most_lift), lacking=False))
    return Relevance(band_of(probability) or ("near" if lift >= _ALIKE else None), probability)


def band_of(probability: float) -> Band | None:
    """Return the name of a probability."""
    return next((band for band, least in BANDS.items() if probability >= least), None)


def _probability(weights: Weights, known: Facts) -> float:
    logit = weights.base + weights.coverage * known.coverage + weights.lift * known.lift
    return 1 / (1 + exp(-(logit + weights.lacking * known.lacking)))


def shares_of(terms: Sequence[Term], evidence: Evidence) -> list[float]:
    """Return how much of each term a record has."""
    return [_share(term, evidence) for term in terms]


def _share(term: Term, evidence: Evidence) -> float:
    """Return how much of a term a record has, 0 to 1."""
    if term.kind == "place":
        return float(term.name in evidence.places)
    if term.any_of and not term.any_of.isdisjoint(evidence.words):
        return 1.0
    if len(term.name) == 1 and is_han(term.name):  # search words are pairs of characters
        return float(term.name in fold(evidence.title).text)
    share = sum(not part.isdisjoint(evidence.words) for part in term.parts) / len(term.parts) if term.parts else 0.0
    return share if term.kind == "word" else float(share == 1)
