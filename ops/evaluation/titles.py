"""Ranks titles of a corpus by how near they are to a title, beside what characters alone say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ops.evaluation.ranked import Numbers, figures, ranked, standardised
from ops.runtime.json_rows import DataError, json_rows, text_of
from processors.embedding.model import EmbeddingModel, Vectors
from processors.embedding.titles import title_encoder


@dataclass(frozen=True, slots=True)
class TitleSet:
    """Titles, queries, and for each query the positions of the titles that mean the same work.

    `left_out` counts queries of which no relevant title is in the corpus.
    """

    corpus: Sequence[str]
    queries: Sequence[str]
    relevant: Sequence[frozenset[int]]
    left_out: int


def load(data: Path, corpus: Path) -> TitleSet:
    """Read `id, title` rows and `id, query, relevant [ids]` rows. Raises DataError."""
    titles = {str(row.get("id")): text_of(row, "title", where) for where, row in json_rows(corpus)}
    place = {each: n for n, each in enumerate(titles)}
    queries, relevant, left_out = [], [], 0
    for where, row in json_rows(data):
        query, ids = text_of(row, "query", where), row.get("relevant")
        if not isinstance(ids, list):
            raise DataError(f"{where}: relevant must be a list of ids")
        found = frozenset(place[str(each)] for each in ids if str(each) in place)
        if found:
            queries.append(query)
            relevant.append(found)
        else:
            left_out += 1
    if not queries:
        raise DataError(f"{data.name}: no query with a relevant title of {corpus.name}")
    return TitleSet(list(titles.values()), queries, relevant, left_out)


def measure(titles: TitleSet, model: EmbeddingModel) -> dict[str, Any]:
    """Return MAP, MRR and P@5 of the order in which matching sees titles, and of each baseline under `baselines`.

    That is the order of the encoder of titles, or of the model alone if there is none for it.
    """
    asked, rows = model.embed(titles.queries), model.embed(titles.corpus)
    encoder = title_encoder(model.version)
    found = {
        "titles": _cosines(encoder.embed(titles.queries, asked), encoder.embed(titles.corpus, rows))
        if encoder
        else _cosines(asked, rows),
        "embedding": _cosines(asked, rows),
        "characters": character_similarities(titles.queries, titles.corpus),
    }
    found["fused"] = standardised(found["embedding"]) + standardised(found["characters"])
    measured = {
        name: figures([ranked(row, wanted) for row, wanted in zip(scores, titles.relevant, strict=True)])
        for name, scores in found.items()
    }
    own = measured.pop("titles")
    return {
        "queries": len(titles.queries),
        "titles": len(titles.corpus),
        "left_out": titles.left_out,
        "model": encoder.version if encoder else model.version,
        **own,
        "baselines": measured,
    }


def character_similarities(queries: Sequence[str], corpus: Sequence[str]) -> Numbers:
    """Return cosines of TF-IDF vectors over runs of one to three characters, queries x corpus."""
    grams = [_grams(title) for title in corpus]
    seen = Counter(gram for each in grams for gram in set(each))
    column = {gram: n for n, gram in enumerate(seen)}
    weight = np.log(len(corpus) / np.array(list(seen.values()), dtype=np.float64)) + 1
    rows, asked = _weighed(grams, column, weight), _weighed([_grams(query) for query in queries], column, weight)
    return np.asarray(asked @ rows.T, dtype=np.float64)


def _weighed(texts: Sequence[Counter[str]], column: Mapping[str, int], weight: Numbers) -> Numbers:
    found = np.zeros((len(texts), len(column)), dtype=np.float64)
    for row, grams in zip(found, texts, strict=True):
        for gram, count in grams.items():
            if (n := column.get(gram)) is not None:
                row[n] = (1 + np.log(count)) * weight[n]
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.divide(found, norms, out=found, where=norms > 0))


def _grams(title: str) -> Counter[str]:
    text = f" {title.casefold()} "
    return Counter(text[n : n + size] for size in (1, 2, 3) for n in range(len(text) - size + 1))


def _cosines(asked: Vectors, rows: Vectors) -> Numbers:
    return np.asarray(asked @ rows.T, dtype=np.float64)
