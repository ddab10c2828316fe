"""Counterfactual pairs: the same CV of another sex, age, origin, family or name, and what becomes of its scores."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ops.evaluation.match import JobAd, pooled, resume_fields, stored_jobs, stored_talents
from ops.evaluation.match_grades import relevance_set
from processors.embedding.model import EmbeddingModel, Vectors
from processors.lexicon.places import found_places
from processors.lexicon.script import detect_language
from processors.matching.weights import DEFAULT, Weights
from processors.resume.parse import parse_resume

GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "sex": {"male": ("性别：男", "Gender: male"), "female": ("性别：女", "Gender: female")},
    "age": {"25": ("年龄：25", "Age: 25"), "40": ("40岁", "aged 40"), "55": ("1970年生", "born in 1970")},
    "ethnicity": {"han": ("民族：汉族", "Ethnicity: Han"), "tibetan": ("民族：藏族", "Ethnicity: Tibetan")},
    "family": {"single": ("婚姻状况：未婚", "Marital status: single"), "married": ("已婚已育", "married")},
    "name, labelled": {"a": ("姓名：王建国", "Name: James Miller"), "b": ("姓名：古丽娜尔", "Name: Aisha Mohammed")},
    "name, bare line": {"a": ("王建国", "James Miller"), "b": ("古丽娜尔", "Aisha Mohammed")},
}  # fmt: skip
"""What a CV says of somebody of each group, in Chinese and in English, as its first line."""
PLACE, EMPLOYER = "place", "employer"
"""Attributes whose words stand in the text: every city, and every employer, is replaced."""
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


Member = Callable[[str], str]
"""Rewrites a CV as that of a member of a group."""


def fairness(
    model: EmbeddingModel,
    threshold: float,
    groups: Mapping[str, Mapping[str, tuple[str, str]]] = GROUPS,
    texts: tuple[Sequence[str], Sequence[JobAd]] | None = None,
) -> dict[str, Any]:
    """Return for each attribute the selection rates of its groups, over the same CVs as members of each in turn.

    The CVs and ads are `texts`, by default the in-house ones. Selected are the pairs that score `threshold` or more, as
    in the stream. `ratio` is the least rate by the greatest; `largest_change` the most that any pair's score differs
    between groups, `top1_changed` the share of CVs whose best job does. Where somebody lives counts as the requirement
    that it is: that part of the score is left out of it.
    """
    if texts is None:
        talents, jobs = relevance_set()
        texts = [talent.text for talent in talents], [JobAd(job.title or "", job.text) for job in jobs]
    cvs, ads = texts
    model = Remembering(model)
    figures: dict[str, Any] = {"talents": len(cvs), "jobs": len(ads), "threshold": threshold}
    jobs_stored = stored_jobs(ads, model)
    for attribute, members in _members(groups).items():
        weights = _without("location") if attribute == PLACE else DEFAULT
        scores = np.array(
            [
                pooled(stored_talents(list(map(each, cvs)), model, read=resume_fields), jobs_stored).scores(weights)
                for each in members.values()
            ]
        )
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


def _members(groups: Mapping[str, Mapping[str, tuple[str, str]]]) -> dict[str, dict[str, Member]]:
    lines: dict[str, dict[str, Member]] = {
        attribute: {name: partial(_begun, line) for name, line in members.items()}
        for attribute, members in groups.items()
    }
    return {
        **lines,
        PLACE: {"a": partial(_moved, ("杭州", "Boston")), "b": partial(_moved, ("武汉", "San Francisco"))},
        EMPLOYER: {
            "famous": partial(_employed, ("腾讯", "Google")),
            "unknown": partial(_employed, ("启明志远", "Quonset Hill")),
        },
    }


def _begun(line: tuple[str, str], cv: str) -> str:
    return f"{line[detect_language(cv) == 'en']}\n{cv}"


def _moved(homes: tuple[str, str], cv: str) -> str:
    """Return a CV with every city that it names replaced."""
    for _, start, end in reversed(found_places(cv)):
        cv = f"{cv[:start]}{homes[cv[start:end].isascii()]}{cv[end:]}"
    return cv


def _employed(names: tuple[str, str], cv: str) -> str:
    """Return a CV with every employer that is read in it replaced."""
    employers = {work.employer.value for work in parse_resume(cv).work if work.employer}
    for employer in sorted(employers, key=len, reverse=True):
        cv = cv.replace(employer, names[employer.isascii()])
    return cv


def _without(name: str) -> Weights:
    rest = {each: weight for each, weight in DEFAULT.items() if each != name}
    return Weights(**{each: weight / sum(rest.values()) for each, weight in rest.items()})
