"""Transformer encoders of the Hugging Face hub's kind: a fast tokenizer, a graph in ONNX Runtime, pooling.

`transformers` is imported when the first encoder is made: it takes most of a second.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from processors.embedding.batches import batches
from processors.embedding.model import EmbeddingModel, Vectors

Pooling = Literal["mean", "cls"]
MAX_CHUNKS = 16
"""Windows of a long text that are embedded; the rest of it is not read."""
MAX_CHARACTERS = 60_000
_HIDDEN = "last_hidden_state"


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """How a graph is to be used. `batchable` is False where a text's vector would depend on its neighbours."""

    graph: str = "model.onnx"
    pooling: Pooling = "mean"
    max_tokens: int = 256
    prefix: str = ""
    batchable: bool = True
    batch_texts: int = 16


class TransformerEncoder(EmbeddingModel):
    """A hub-style encoder from local files; safe to share among threads.

    A text longer than `max_tokens` is cut into windows that overlap by an eighth; its vector is the mean of their
    vectors, weighted by tokens. Vectors do not depend on the batch, within 1e-4: padding is masked, and a graph that
    scales its activations over the whole batch (dynamic quantisation) gets its texts one by one.
    """

    def __init__(self, folder: Path, version: str, config: TransformerConfig, *, threads: int = 1) -> None:
        self.version = version
        self._config = config
        self._tokenizer = _tokenizer(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Texts are of any length: an arena sized by the longest batch would be kept for ever.
        options.enable_cpu_mem_arena = False
        path = str(folder / config.graph)
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._inputs = [i.name for i in self._session.get_inputs()]
        outputs = {o.name: o for o in self._session.get_outputs()}
        self._output = _HIDDEN if _HIDDEN in outputs else next(iter(outputs))
        self.dimensions = int(outputs[self._output].shape[-1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised row for each text; a blank text is a zero vector, similar to nothing."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        rows = [i for i, text in enumerate(texts) if text.strip()]
        if not rows:
            return vectors
        owners, windows = self.windows([texts[i] for i in rows])
        for chosen in batches([len(w) for w in windows], self._config.batch_texts if self._config.batchable else 1):
            for number, vector in zip(chosen, self._run([windows[i] for i in chosen]), strict=True):
                vectors[rows[owners[number]]] += vector * len(windows[number])
        return normalised(vectors)

    def windows(self, texts: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """Return the windows of all texts as token ids, and of which text each is."""
        # Lone surrogates are no text to a tokenizer.
        clean = [
            (self._config.prefix + t[:MAX_CHARACTERS]).encode("utf-8", "replace").decode().replace("\0", " ")
            for t in texts
        ]
        found = self._tokenizer(
            clean,
            truncation=True,
            max_length=self._config.max_tokens,
            stride=self._config.max_tokens // 8,
            return_overflowing_tokens=True,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        owners: list[int] = []
        windows: list[list[int]] = []
        count = [0] * len(texts)
        for owner, ids in zip(found["overflow_to_sample_mapping"], found["input_ids"], strict=True):
            if count[owner] < MAX_CHUNKS:
                count[owner] += 1
                owners.append(owner)
                windows.append(ids)
        return owners, windows

    def feed(self, windows: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
        """Return what the graph takes for a batch of windows."""
        longest = max(map(len, windows))
        ids = np.full((len(windows), longest), self._tokenizer.pad_token_id or 0, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, present, window in zip(ids, mask, windows, strict=True):
            row[: len(window)], present[: len(window)] = window, 1
        values: dict[str, NDArray[np.int64]] = {"input_ids": ids, "attention_mask": mask}
        return {name: values.get(name, np.zeros_like(ids)) for name in self._inputs}

    def _run(self, windows: Sequence[Sequence[int]]) -> Vectors:
        feed = self.feed(windows)
        hidden: Vectors = self._session.run([self._output], feed)[0].astype(np.float32, copy=False)
        return normalised(_pool(hidden, feed["attention_mask"], self._config.pooling))


def normalised(vectors: Vectors) -> Vectors:
    """Return rows of length one; a zero row stays."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return result


def _pool(hidden: Vectors, mask: NDArray[np.int64], pooling: Pooling) -> Vectors:
    if hidden.ndim == 2:  # the graph pools
        return hidden
    if pooling == "cls":
        return hidden[:, 0]
    weights = mask[..., None].astype(np.float32)
    mean: Vectors = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    return mean


def _tokenizer(folder: Path) -> Any:
    # It would say that PyTorch is missing; nothing here needs that.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    tokenizer.model_max_length = 1 << 30  # truncation is asked for with every call
    return tokenizer
