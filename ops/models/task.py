"""The task that embedding models are judged by: to find titles that mean the same job.

Source: the measure is mean average precision, as in TalentCLEF 2025 task A. The built-in set is our own writing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors.embedding.model import EmbeddingModel, Vectors
from schemas.errors import LoomaError

BUILTIN = Path(__file__).with_name("task.jsonl")
_MAX_LINES = 200_000


class TaskError(LoomaError, ValueError):
    """A file holds no task; the text says where and why."""

    code = "model_task"


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, a corpus, and for each query which rows of the corpus are relevant."""

    queries: tuple[str, ...]
    corpus: tuple[str, ...]
    relevant: tuple[frozenset[int], ...]


def builtin_task(languages: Iterable[str] = ()) -> Task:
    """Return the built-in set: each title is a query for the others of its group, in the languages that are asked for.

    Without Chinese only English titles are in it, and the other way round; no language means both.
    """
    wanted = [x for x in ("en", "zh") if x in languages] or ["en", "zh"]
    groups = [[t for x in wanted for t in row[x]] for row in _lines(BUILTIN)]
    titles = [t for g in groups for t in g]
    owner = [n for n, g in enumerate(groups) for _ in g]
    relevant = [frozenset(j for j, o in enumerate(owner) if o == owner[i] and j != i) for i in range(len(titles))]
    return Task(tuple(titles), tuple(titles), tuple(relevant))


def load_task(queries: Path, corpus: Path) -> Task:
    """Return the task in two files of JSON Lines: `query` and `relevant` (ids); `id` and `title`."""
    try:
        rows = _lines(corpus)
        position = {row["id"]: n for n, row in enumerate(rows)}
        asked = _lines(queries)
        relevant = tuple(frozenset(position[i] for i in row["relevant"]) for row in asked)
        return Task(tuple(str(r["query"]) for r in asked), tuple(str(r["title"]) for r in rows), relevant)
    except (KeyError, TypeError) as error:
        raise TaskError(f"{queries.name} and {corpus.name}: {error!r} is missing") from error


def evaluate(model: EmbeddingModel, task: Task) -> dict[str, float]:
    """Return mean average precision and mean reciprocal rank. A query is never an answer to itself."""
    corpus, queries = model.embed(task.corpus), model.embed(task.queries)
    return score(queries, corpus, task)


def score(queries: Vectors, corpus: Vectors, task: Task) -> dict[str, float]:
    """Return the measures for vectors of a task."""
    known = {text: n for n, text in enumerate(task.corpus)}
    precisions, reciprocals = [], []
    for text, similarity, relevant in zip(task.queries, queries @ corpus.T, task.relevant, strict=True):
        if (itself := known.get(text)) is not None and itself not in relevant:
            similarity[itself] = -np.inf
        hits: NDArray[np.bool_] = np.isin(np.argsort(-similarity, kind="stable"), list(relevant))
        ranks = np.flatnonzero(hits) + 1
        precisions.append(float((np.arange(1, len(ranks) + 1) / ranks).mean()) if len(ranks) else 0.0)
        reciprocals.append(float(1 / ranks[0]) if len(ranks) else 0.0)
    return {"map": round(float(np.mean(precisions)), 4), "mrr": round(float(np.mean(reciprocals)), 4)}


def _lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if number > _MAX_LINES:
                    raise TaskError(f"{path.name} has more than {_MAX_LINES} lines")
                rows.append(json.loads(line))
    except ValueError as error:
        raise TaskError(f"{path.name} is no JSON Lines: {error}") from error
    return rows
