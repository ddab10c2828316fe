"""A learned tagger of skill spans in English job ads, for skills the taxonomy does not name: small BERTs with a CRF.

It was fine-tuned on the training part of SkillSpan (MIT) by ops/training/skills/train_tagger.py;
see docs/benchmarks/skills.md.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime

from processors.skills.encoding import Window, encode, windows
from processors.skills.extract import Extractor, default_extractor
from processors.skills.marginals import LikelySpan, Marginals
from processors.skills.spans import LABELS, SpanLabel
from processors.skills.wordpiece import WordPieces

Spans = dict[SpanLabel, list[LikelySpan]]
Scores = list[list[float]]
LEAST: Mapping[SpanLabel, float] = {"knowledge": 0.5, "skill": 0.3}
"""How likely a span must be. Where a skill in many words begins and ends is hard to say, even for annotators."""
_ROOM = 160
_TAGS = 3


class Tagger:
    """The networks of one file and their vocabulary; safe to share between threads."""

    def __init__(self, path: Path, extractor: Extractor) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        about = self._session.get_modelmeta().custom_metadata_map
        self._splitter = WordPieces(about["vocabulary"].split("\n"))
        self._moves: list[Scores] = json.loads(about["moves"])
        self._extractor = extractor

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[Spans]:
        """Return the likely spans of each sentence's words, by label.

        The sentences are neighbours in one text, and help to read each other. Time is linear in the number of words.
        """
        return [{label: m.spans(LEAST[label]) for label, m in found.items()} for found in self.read(sentences)]

    def read(self, sentences: Sequence[Sequence[str]]) -> list[dict[SpanLabel, Marginals]]:
        """Return what `tag` chooses from: the probabilities of each sentence, by label."""
        encoded = [encode(tokens, self._splitter, self._extractor) for tokens in sentences]
        scores: list[list[Scores]] = [[[] for _ in LABELS] for _ in encoded]
        for window in windows(encoded, _ROOM):
            rows = self._run(window)
            for row, (_, sentence, _) in zip(rows, window.words, strict=True):
                for label, own in enumerate(scores[sentence]):
                    own.append(row[label])
        return [
            {label: Marginals(own, moves) for label, own, moves in zip(LABELS, found, self._moves, strict=True)}
            for found in scores
        ]

    def _run(self, window: Window) -> list[Scores]:
        """Return each word's scores, by label and tag. A window runs alone, so its scores depend on nothing else."""
        feed = {n: np.array([getattr(window, n)], dtype=np.int64) for n in ("pieces", "shapes", "names")}
        scores = self._session.run(None, feed)[0][0, [place for place, _, _ in window.words]]
        rows: list[Scores] = scores.reshape(-1, len(LABELS), _TAGS).tolist()
        return rows


@lru_cache(maxsize=1)
def default_tagger() -> Tagger:
    """Return the tagger that comes with the package; the first call loads it."""
    return Tagger(Path(__file__).parent / "data" / "tagger.onnx", default_extractor())
