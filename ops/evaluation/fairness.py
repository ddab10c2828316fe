"""Counterfactual pairs: the same CV of another sex, age, origin, family or name, and what becomes of its scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ops.evaluation.match import JobAd, read_pool
from ops.evaluation.match_grades import relevance_set
from processors.embedding.model import EmbeddingModel, Vectors

GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "sex": {"male": ("性别：男", "Gender: male"), "female": ("性别：女", "Gender: female")},
    "age": {"25": ("年龄：25", "Age: 25"), "40": ("40岁", "aged 40"), "55": ("1970年生", "born in 1970")},
    "ethnicity": {"han": ("民族：汉族", "Ethnicity: Han"), "tibetan": ("民族：藏族", "Ethnicity: Tibetan")},
    "family": {"single": ("婚姻状况：未婚", "Marital status: single"), "married": ("已婚已育", "married")},
    "name, labelled": {"a": ("姓名：王建国", "Name: James Miller"), "b": ("姓名：古丽娜尔", "Name: Aisha Mohammed")},
    "name, bare line": {"a": ("王建国", "James Miller"), "b": ("古丽娜尔", "Aisha Mohammed")},
}  # fmt: skip
"""What a CV says of somebody of each group, in Chinese and in English, as its first line."""
FOUR_FIFTHS = 0.8
"""A group selected at less than this share of the most selected one's rate shows adverse impact (US EEOC, 1978)."""


class Remembering:
    """A model that embeds each text once: counterfactual CVs have most of their texts in common."""

    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model
        self._known: dict[str, Vectors] = {}
        self.version, self.dimensions = model.version, model.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= zip(new, self._model.embed(new), strict=True)
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimensions)


def fairness(
    model: EmbeddingModel, threshold: float, groups: Mapping[str, Mapping[str, tuple[str, str]]] = GROUPS
) -> dict[str, Any]:
    """Return for each attribute the selection rates of its groups, over the in-house CVs as members of each in turn.

    Selected are the pairs that score `threshold` or more, as in the stream. `ratio` is the least rate by the greatest;
    `largest_change` the most that any pair's score differs between groups, `top1_changed` the share of CVs whose best
    job does.
    """
    talents, jobs = relevance_set()
    ads, model = [JobAd(j.title or "", j.text) for j in jobs], Remembering(model)
    figures: dict[str, Any] = {"talents": len(talents), "jobs": len(jobs), "threshold": threshold}
    for attribute, members in groups.items():
        scores = np.array([
            read_pool([f"{lines[t.language == 'en']}\n{t.text}" for t in talents], ads, model).scores()
            for lines in members.values()
        ])  # fmt: skip
        rates = (scores >= threshold).mean(axis=(1, 2))
        ratio = float(rates.min() / rates.max()) if rates.max() else 1.0
        best = scores.argmax(axis=2)
        figures[attribute] = {
            "selection_rates": {name: round(float(rate), 4) for name, rate in zip(members, rates, strict=True)},
            "ratio": round(ratio, 4),
            "four_fifths": ratio >= FOUR_FIFTHS,
            "largest_change": round(float(np.ptp(scores, axis=0).max()), 6),
            "top1_changed": round(float((best != best[0]).any(axis=0).mean()), 4),
        }
    return figures
