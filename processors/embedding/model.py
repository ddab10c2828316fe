"""Embedding models: texts in, normalised vectors out."""

import hashlib
import importlib.util
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from processors.embedding.single_text import SingleTextNetwork, description

Vectors = NDArray[np.float32]


class EmbeddingModel(Protocol):
    """Turns texts into vectors; vectors of different versions are never compared."""

    version: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised row of `dimensions` for each text, in order."""
        ...


class SentenceEncoder(EmbeddingModel):
    """Universal Sentence Encoder multilingual v3, quantised to int8, in ONNX Runtime; safe to share among threads.

    Of the file that we know there is a leaner network, whose vectors are the same to 1e-6; of another one its own graph
    is run.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            digest = hashlib.sha256(content).hexdigest()  # in one piece, beside which others can work
        self.version = f"use-multilingual-v3-int8@{digest[:12]}"
        network = SingleTextNetwork if digest == description()["sha256"] else PublishedNetwork
        self._network = network(path, _options(threads), _with_operators(_options(threads)))
        self.dimensions = self._network.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised row for each text; a blank text is a zero vector, similar to nothing.

        Texts run one by one. The model scales its activations over the whole batch, so a text's vector would depend on
        its neighbours (measured: similarities off by up to 0.017) and a replay would change scores.
        """
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        said = [number for number, text in enumerate(texts) if text.strip()]
        if said:
            # The runtime reads strings up to a NUL and takes no lone surrogates.
            clean = [texts[number].replace("\0", " ").encode("utf-8", "replace").decode() for number in said]
            vectors[said] = self._network.run(clean)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


class PublishedNetwork:
    """The graph as it is published, run for one text at a time."""

    def __init__(self, path: Path, _: onnxruntime.SessionOptions, options: onnxruntime.SessionOptions) -> None:
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self.dimensions = int(self._session.get_outputs()[0].shape[-1])

    def run(self, texts: Sequence[str]) -> list[Vectors]:
        """Return the vector of each text."""
        return [self._session.run(None, {self._input: np.array([text], dtype=object)})[0][0] for text in texts]


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # its warnings are about the graph, nothing a person can act on
    return options


def _with_operators(options: onnxruntime.SessionOptions) -> onnxruntime.SessionOptions:
    """Let a session take the graph of a tokenizer."""
    options.register_custom_ops_library(_operators())
    return options


def _operators() -> str:
    """Return the library with the SentencePiece operator; importing its package would import all of `transformers`."""
    spec = importlib.util.find_spec("onnxruntime_extensions")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("onnxruntime-extensions is not installed")
    found = (p for p in Path(spec.submodule_search_locations[0]).glob("_extensions_pydll*") if p.suffix != ".pyi")
    return str(next(found))
