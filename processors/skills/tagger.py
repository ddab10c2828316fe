"""A learned tagger of skill spans in English job ads, for skills the taxonomy does not name: a small BERT with a CRF.

It was fine-tuned on the training part of SkillSpan (MIT) by benchmarks/skills/train_tagger.py; see docs/skills.md.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
import onnxruntime

from processors.skills.encoding import Window, encode, windows
from processors.skills.extract import Extractor, default_extractor
from processors.skills.spans import LABELS, SpanLabel, bio_spans
from processors.skills.wordpiece import WordPieces

Spans = dict[SpanLabel, list[tuple[int, int]]]
Scores = list[list[float]]
_ROOM = 160
_TAGS = "OBI"


class Tagger:
    """The network of one file and its vocabulary; safe to share between threads."""

    def __init__(self, model: bytes, extractor: Extractor) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        about = self._session.get_modelmeta().custom_metadata_map
        self._splitter = WordPieces(about["vocabulary"].split("\n"))
        self._moves: list[Scores] = json.loads(about["moves"])
        self._extractor = extractor

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[Spans]:
        """Return the spans of each sentence's words, as (first, behind the last), by label.

        The sentences are neighbours in one text, and help to read each other. Time is linear in the number of words.
        """
        encoded = [encode(tokens, self._splitter, self._extractor) for tokens in sentences]
        scores: list[list[Scores]] = [[[] for _ in LABELS] for _ in encoded]
        for window in windows(encoded, _ROOM):
            rows = self._run(window)
            for row, (_, sentence, _) in zip(rows, window.words, strict=True):
                for label, own in enumerate(scores[sentence]):
                    own.append(row[label])
        return [
            {
                label: bio_spans([_TAGS[t] for t in best_path(own, moves)])
                for label, own, moves in zip(LABELS, found, self._moves, strict=True)
            }
            for found in scores
        ]

    def _run(self, window: Window) -> list[Scores]:
        """Return each word's scores, by label and tag. A window runs alone, so its scores depend on nothing else."""
        feed = {n: np.array([getattr(window, n)], dtype=np.int64) for n in ("pieces", "shapes", "names")}
        scores = self._session.run(None, feed)[0][0, [place for place, _, _ in window.words]]
        rows: list[Scores] = scores.reshape(-1, len(LABELS), len(_TAGS)).tolist()
        return rows


def best_path(scores: Scores, moves: Scores) -> list[int]:
    """Return the likeliest tags of a sentence (Viterbi 1967): scores by word and tag, and of a move from tag to tag."""
    if not scores:
        return []
    tags = range(len(moves))
    total, back = scores[0], []
    for row in scores[1:]:
        ways = [max(tags, key=lambda before: total[before] + moves[before][tag]) for tag in tags]
        total = [total[before] + moves[before][tag] + row[tag] for tag, before in enumerate(ways)]
        back.append(ways)
    path = [max(tags, key=total.__getitem__)]
    for ways in reversed(back):
        path.append(ways[path[-1]])
    return path[::-1]


@lru_cache(maxsize=1)
def default_tagger() -> Tagger:
    """Return the tagger that comes with the package; the first call loads it."""
    return Tagger((files("processors.skills") / "data" / "tagger.onnx").read_bytes(), default_extractor())


def tag(sentences: Sequence[Sequence[str]]) -> list[Spans]:
    """Tag neighbouring sentences with the tagger that comes with the package. See `Tagger.tag`."""
    return default_tagger().tag(sentences)
