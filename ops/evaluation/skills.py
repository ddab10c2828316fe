"""Measures skill spans against labelled sentences of SkillSpan's schema: exact and overlapping spans, by label."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ops.runtime.json_rows import DataError, json_rows
from processors.skills import Kind, extract_skills
from processors.skills.spans import LABELS, SpanLabel, bio_spans
from processors.skills.tagger import default_tagger

Spans = dict[SpanLabel, set[tuple[int, int]]]
_MAX_TOKENS = 2000


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and the labelled spans among them; neighbours with one `ad` stand in one text, without it alone."""

    tokens: list[str]
    gold: Spans
    ad: str | None = None


@dataclass(slots=True)
class _Counts:
    gold: int = 0
    predicted: int = 0
    exact: int = 0
    gold_touched: int = 0
    predicted_touching: int = 0

    def add(self, gold: set[tuple[int, int]], predicted: set[tuple[int, int]]) -> None:
        self.gold += len(gold)
        self.predicted += len(predicted)
        self.exact += len(gold & predicted)
        self.gold_touched += sum(any(_overlap(g, p) for p in predicted) for g in gold)
        self.predicted_touching += sum(any(_overlap(g, p) for g in gold) for p in predicted)


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 of exact spans, and of spans that share a word with one of the other side."""

    precision: float
    recall: float
    f1: float
    overlap_precision: float
    overlap_recall: float
    overlap_f1: float
    gold: int
    predicted: int


def load(path: Path) -> Iterator[Sentence]:
    """Read sentences: `tokens`, `tags_knowledge`, `tags_skill` (BIO), one JSON object a line. Raises `DataError`.

    Rows in sequence with one `idx` and `source` are an ad.
    """
    for where, row in json_rows(path):
        try:
            tokens, tags = row["tokens"], {label: row[f"tags_{label}"] for label in LABELS}
        except KeyError as error:
            raise DataError(f"{where}: not a SkillSpan row: {error!r}") from error
        if not all(_texts(values, len(tokens)) for values in (tokens, *tags.values())):
            raise DataError(f"{where}: tokens and tags must be lists of texts of one length")
        if len(tokens) > _MAX_TOKENS:
            raise DataError(f"{where}: more than {_MAX_TOKENS} tokens")
        ad = f"{row.get('source')} {row['idx']}" if "idx" in row else None
        yield Sentence(tokens, {label: set(bio_spans(tags[label])) for label in LABELS}, ad)


def _texts(values: object, length: int) -> bool:
    return isinstance(values, list) and len(values) == length and all(isinstance(v, str) for v in values)


def by_tagger(ad: Sequence[list[str]]) -> list[Spans]:
    """Return the spans of the learned tagger, by sentence of an ad."""
    tagged = default_tagger().tag(ad)
    return [{label: {span[:2] for span in spans} for label, spans in found.items()} for found in tagged]


def by_taxonomy(ad: Sequence[list[str]]) -> list[Spans]:
    """Return the spans of the taxonomy's extraction: soft skills are SkillSpan's skills, all others its knowledge."""
    return [_named(tokens) for tokens in ad]


def _named(tokens: list[str]) -> Spans:
    starts, position = [], 0
    for token in tokens:
        starts.append(position)
        position += len(token) + 1
    found: Spans = {"knowledge": set(), "skill": set()}
    for mention in extract_skills(" ".join(tokens), "en"):
        first = sum(start <= mention.start for start in starts) - 1
        behind = sum(start < mention.end for start in starts)
        found["skill" if mention.kind is Kind.SOFT else "knowledge"].add((first, behind))
    return found


def score(sentences: Iterable[Sentence], predict: Callable[[Sequence[list[str]]], list[Spans]]) -> dict[str, Any]:
    """Return `f1` and `overlap_f1` (micro, both labels) and all scores by label."""
    counts = {label: _Counts() for label in LABELS}
    for ad in _ads(sentences):
        for sentence, predicted in zip(ad, predict([s.tokens for s in ad]), strict=True):
            for label in LABELS:
                counts[label].add(sentence.gold[label], predicted[label])
    total = _Counts(*(sum(getattr(c, f) for c in counts.values()) for f in _Counts.__slots__))
    micro = _scores(total)
    return {
        "f1": micro.f1,
        "overlap_f1": micro.overlap_f1,
        "micro": asdict(micro),
        "labels": {label: asdict(_scores(c)) for label, c in counts.items()},
    }


def _ads(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    for name, group in groupby(sentences, key=lambda s: s.ad):
        found = list(group)
        yield from [found] if name else ([s] for s in found)


def evaluate(path: Path) -> dict[str, Any]:
    """Return the learned tagger's scores, and under `taxonomy` those of the taxonomy alone, on the same sentences."""
    sentences = list(load(path))
    return {**score(sentences, by_tagger), "sentences": len(sentences), "taxonomy": score(sentences, by_taxonomy)}


def _scores(c: _Counts) -> Scores:
    precision, recall = _share(c.exact, c.predicted), _share(c.exact, c.gold)
    near, far = _share(c.predicted_touching, c.predicted), _share(c.gold_touched, c.gold)
    return Scores(precision, recall, _f1(precision, recall), near, far, _f1(near, far), c.gold, c.predicted)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
