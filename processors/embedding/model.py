"""Sentence encoders on ONNX Runtime."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
import onnxruntime_extensions

Vectors = npt.NDArray[np.float32]


class EmbeddingModel(Protocol):
    """Turns texts into vectors of one length; `version` names model and weights."""

    version: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return L2-normalised vectors, shape (texts, dimensions)."""
        ...


class SentenceEncoder:
    """Universal Sentence Encoder multilingual v3 (Yang et al., 2019, https://arxiv.org/abs/1907.04307), int8."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Load the model. Raises OSError if the file cannot be read."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.version = f"use-multilingual-v3-int8@{digest[:12]}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.register_custom_ops_library(onnxruntime_extensions.get_library_path())
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self.dimensions = int(self.embed(["x"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return L2-normalised vectors, shape (texts, dimensions).

        One text at a time: this model pads a batch to its longest text, and long texts together cost twice as much.
        """
        rows = [self._session.run(None, {self._input: np.array([t or " "], dtype=object)})[0][0] for t in texts]
        vectors = np.asarray(rows, dtype=np.float32).reshape(len(rows), -1)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
