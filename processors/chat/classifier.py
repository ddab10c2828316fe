"""A classifier of texts: a sentence's vector and its words, one softmax layer, and a floor below which nothing fits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from processors.chat.lexical import features
from processors.embedding.model import EmbeddingModel

Matrix = NDArray[np.float32]
DEFAULT_CLASSIFIER = Path(__file__).parent / "data" / "intents.onnx"
"""Of the chat's intents, by `looma train intents --data ops/training/data/intents.jsonl`."""
DENSE_SCALE, LEXICAL_SCALE = np.float32(8), np.float32(6)
"""What unit vectors are multiplied by: how far they may drive a softmax that is regularised alike."""


class Judgement(NamedTuple):
    """The likeliest label, how likely it is among the labels, and whether any of them fits at all."""

    label: str
    probability: float
    energy: float
    fits: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical part of one text: rows of the layer, and a unit vector of their values."""

    rows: NDArray[np.int64]
    values: Matrix


def words_of(text: str, rarity: Matrix) -> Words:
    """Return a text's lexical part, each feature weighted by its rarity."""
    rows, counts = features(text)
    values = counts * rarity[rows]
    norm = float(np.linalg.norm(values))
    return Words(rows, values / norm if norm else values)


class Classifier:
    """A trained layer in one ONNX file, beside the encoder that it was trained on."""

    def __init__(self, path: Path, encoder: EmbeddingModel) -> None:
        """Load it. Raises ValueError if it was trained on the vectors of another encoder."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        said = self._session.get_modelmeta().custom_metadata_map
        if said["encoder"] != encoder.version:
            raise ValueError(f"{path.name} was trained on {said['encoder']}; train it anew on {encoder.version}")
        self.labels: tuple[str, ...] = tuple(json.loads(said["labels"]))
        self.floor = float(said["floor"])
        self._rarity = np.frombuffer(bytes.fromhex(said["rarity"]), dtype=np.float16).astype(np.float32)
        self._encoder = encoder

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        """Return the judgement of each text."""
        vectors = self._encoder.embed(texts)
        return [self._judge(text, vector) for text, vector in zip(texts, vectors, strict=True)]

    def _judge(self, text: str, vector: Matrix) -> Judgement:
        words = words_of(text, self._rarity)
        inputs = {"vector": vector * DENSE_SCALE, "rows": words.rows, "values": words.values * LEXICAL_SCALE}
        (scores,) = self._session.run(None, inputs)
        return judgement(scores, self.labels, self.floor)


def judgement(scores: Matrix, labels: Sequence[str], floor: float) -> Judgement:
    """Return what a text's scores say: the energy, log of the sum of their exponentials, tells whether any fits.

    Source: Liu et al., Energy-based Out-of-distribution Detection, NeurIPS 2020 (https://arxiv.org/abs/2010.03759).
    """
    best = int(np.argmax(scores))
    top = float(scores[best])
    total = float(np.exp(scores - top).sum())
    energy = top + float(np.log(total))
    return Judgement(labels[best], 1 / total, energy, energy >= floor)
