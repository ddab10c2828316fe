"""Learns the weights of the match features from sets of several origins, each left out once in turn.

    python -m ops.training.match_weights SETS.toml

SETS.toml lists sets that other people have judged, as `looma eval match` reads them. Sets of one origin share texts or
authors, so they are left out together:

    [[sets]]
    name = "JobResQA zh"
    origin = "JobResQA"
    jobs = "jobs.jsonl"
    resumes = "resumes.jsonl"
    qrels = "pairs.jsonl"
    direction = "jobs"
    languages = ["zh", "zh"]

What counts is mean average precision, the mean over origins by the root of their number of queries. On the tuning
halves of the graded sets that come with the package the weights must do as well as those that they start from, which
were chosen on these alone (data/match_weights.toml). Prints a table and the weights.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops.evaluation import judged
from ops.evaluation.match import JobAd, ndcg, stream_pool
from ops.evaluation.match_sets import graded_set
from ops.evaluation.ranked import mean, ranked
from ops.runtime.settings_errors import read_settings
from processors.embedding.model import EmbeddingModel
from processors.matching.weights import Weights, load_weights, to_toml
from streams.models.encoders import default_encoder

Numbers = NDArray[np.float64]
IN_HOUSE = "in-house"
START = load_weights(Path(__file__).parent / "data" / "match_weights.toml")
TRIALS = 350
SEEDS = (1, 2, 3)
"""Of searches whose mean is taken: one alone learns its sets by heart."""
STEPS = (0.25, 0.1)
"""Of a weight's logarithm, at the first trial and at the last."""
CHANGED = 0.3
"""The share of the weights that a trial changes."""
DEAR = 3.0
"""What a loss on an in-house set costs, in mean average precision elsewhere."""


@dataclass(frozen=True, slots=True)
class Example:
    """Queries of one set: each has rows of features, and the gain or grade of each row. `worth` as in `Judged`."""

    name: str
    origin: str
    queries: Sequence[tuple[Numbers, Numbers]]
    worth: float

    def measure(self, weights: Numbers) -> float:
        """Return mean average precision; of an in-house set nDCG@10."""
        if self.origin == IN_HOUSE:
            return float(np.mean([ndcg(rows @ weights, 2.0**grades - 1, 10) for rows, grades in self.queries]))
        found = [
            ranked(rows @ weights, np.flatnonzero(grades > self.worth).tolist()).average_precision
            for rows, grades in self.queries
        ]
        return float(np.mean(found))


def example(name: str, origin: str, features: Numbers, grades: Numbers, worth: float) -> Example:
    """Return the queries, along the first axis, that have anything relevant."""
    asked = [(rows, row) for rows, row in zip(features, grades, strict=True) if (row > worth).any()]
    return Example(name, origin, asked, worth)


def read(row: Mapping[str, Any], folder: Path, model: EmbeddingModel) -> Example:
    """Return a set as the stream sees it. Raises DataError and KeyError."""
    cv, job = row.get("languages", ("", ""))
    jobs, resumes, qrels = (folder / row[key] for key in ("jobs", "resumes", "qrels"))
    pairs = judged.load(jobs, resumes, qrels, (cv, job))
    features = stream_pool(pairs.cvs, pairs.ads, model).features()
    if row.get("direction", "jobs") == "jobs":
        return example(row["name"], row["origin"], features.swapaxes(0, 1), pairs.grades.T, pairs.worth)
    return example(row["name"], row["origin"], features, pairs.grades, pairs.worth)


def in_house(model: EmbeddingModel) -> Iterable[Example]:
    """Yield the tuning halves of the sets that come with the package."""
    for name in ("small", "large"):
        graded = graded_set(name)
        features = stream_pool(graded.cvs, [JobAd(*ad) for ad in graded.ads], model, graded.today).features()
        yield example(name, IN_HOUSE, features[::2], graded.grades[::2].astype(np.float64), 0.0)


def learn(examples: Sequence[Example], start: Numbers, trials: int = TRIALS) -> Numbers:
    """Return weights that are not negative and add up to 1, found by random changes of those they start from.

    A change stays if it is for the better: a rank measure has no gradient.
    """
    found: Numbers = np.mean([_search(examples, start, trials, seed) for seed in SEEDS], axis=0)
    return found


def _search(examples: Sequence[Example], start: Numbers, trials: int, seed: int) -> Numbers:
    chance = np.random.default_rng(seed)
    least = {one.name: one.measure(start) for one in examples if one.origin == IN_HOUSE}
    best, worth = start, _worth(examples, start, least)
    for step in np.geomspace(*STEPS, trials):
        tried = best * np.exp(chance.normal(0, step, len(best)) * (chance.random(len(best)) < CHANGED))
        tried /= tried.sum()
        if (found := _worth(examples, tried, least)) > worth:
            best, worth = tried, found
    return best


def _worth(examples: Sequence[Example], weights: Numbers, least: Mapping[str, float]) -> float:
    """Return the mean over origins, less what in-house sets lose."""
    found: dict[str, list[float]] = {}
    queries: dict[str, int] = {}
    lost = 0.0
    for one in examples:
        measured = one.measure(weights)
        if one.origin == IN_HOUSE:
            lost += max(0.0, least[one.name] - measured)
        else:
            found.setdefault(one.origin, []).append(measured)
            queries[one.origin] = len(one.queries)
    means = [np.mean(each) for each in found.values()]
    return float(np.average(means, weights=np.sqrt(list(queries.values())))) - DEAR * lost


def left_out(examples: Sequence[Example], start: Numbers, trials: int = TRIALS) -> dict[str, float]:
    """Return what each set of other people has by weights that were learnt without its origin."""
    figures: dict[str, float] = {}
    for origin in dict.fromkeys(one.origin for one in examples if one.origin != IN_HOUSE):
        weights = learn([one for one in examples if one.origin != origin], start, trials)
        figures |= {one.name: mean([one.measure(weights)]) for one in examples if one.origin == origin}
    return figures


def main(path: Path) -> None:
    """Print what each set has by the in-house weights, by those learnt without it, and by those learnt from all."""
    model = default_encoder(read_settings().models)
    rows = tomllib.loads(path.read_text("utf-8"))["sets"]
    examples = [*(read(row, path.parent, model) for row in rows), *in_house(model)]
    start = START.shares
    unseen, learnt = left_out(examples, start), learn(examples, start)
    print("| set | in-house weights | left out | learnt |\n|---|--:|--:|--:|")
    for one in examples:
        figures = one.measure(start), unseen.get(one.name), one.measure(learnt)
        print(f"| {one.name} |", " | ".join("" if each is None else f"{each:.3f}" for each in figures), "|")
    print(to_toml(Weights(**dict(zip(START, learnt.tolist(), strict=True)))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
