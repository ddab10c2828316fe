"""The default encoder's network for one text at a time: half the work of the published graph, and the same vectors.

The graph is made by `ops/training/sentence_encoder.py`; weights, words and tokenizer are read from the published file.
"""

from base64 import b64decode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson
from numpy.typing import NDArray

_DATA = files("processors.embedding") / "data"
_MODEL_GRAPH = 7
_GRAPH_NODE = 1
"""Fields of ONNX's protocol buffers."""


@cache
def description() -> dict[str, Any]:
    """Return of which file the network is, by its sha256, and where things stand in it."""
    found: dict[str, Any] = orjson.loads((_DATA / "sentence_encoder.json").read_bytes())
    return found


class SingleTextNetwork:
    """Texts in, vectors out, not normalised; safe to share among threads."""

    def __init__(self, path: Path, options: onnxruntime.SessionOptions, tokenizing: onnxruntime.SessionOptions) -> None:
        about = description()
        # Mapped, not read: workers of one machine share its pages.
        self._file: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
        values = {name: self._weights(*place) for name, place in about["weights"].items()}
        options.add_external_initializers(list(values), list(values.values()))
        self._encoder = onnxruntime.InferenceSession((_DATA / "sentence_encoder.onnx").read_bytes(), options)
        start, length = about["tokenizer_node"]
        node = _field(_MODEL_GRAPH, _field(_GRAPH_NODE, self._file[start : start + length].tobytes()))
        # Protocol buffers that are written one behind the other are read as one.
        self._tokenizer = onnxruntime.InferenceSession(b64decode(about["tokenizer"]) + node, tokenizing)
        self._input = self._tokenizer.get_inputs()[0].name
        self.dimensions = int(self._encoder.get_outputs()[0].shape[-1])
        starts, scales, zeros = zip(*about["tables"], strict=True)
        self._starts = np.array(starts, dtype=np.int64)
        self._scales, self._zeros = (np.array(values, dtype=np.float32)[:, None] for values in (scales, zeros))
        shape = len(self._file) - self.dimensions + 1, self.dimensions
        self._rows = np.lib.stride_tricks.as_strided(self._file, shape, (1, 1), writeable=False)

    def run(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the vector of each text; nothing but zeros for one without words."""
        words, ends = self._tokenizer.run(None, {self._input: np.array(texts, dtype=object)})
        return [self._vector(own) for own in np.split(words.astype(np.int64), ends[1:-1])]

    def _vector(self, words: NDArray[np.int64]) -> NDArray[np.float32]:
        count = len(words)
        if not count:
            return np.zeros(self.dimensions, dtype=np.float32)
        row, table = np.divmod(words, len(self._starts))
        rows = self._rows[self._starts[table] + row * self.dimensions].astype(np.float32)
        rows -= self._zeros[table]
        rows *= self._scales[table]
        around = np.arange(count)[:, None] + np.arange(5)
        feed = {
            "rows": rows,
            "count": np.array([count], dtype=np.float32),
            "around2": around[:, :2],
            "around3": around[:, :3],
            "around5": around,
        }
        vector: NDArray[np.float32] = self._encoder.run(None, feed)[0][0]
        return vector

    def _weights(self, start: int, *shape: int) -> Any:
        numbers = self._file[start : start + int(np.prod(shape))].view(np.int8).reshape(shape)
        return onnxruntime.OrtValue.ortvalue_from_numpy(numbers)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    low, high = number & 0x7F, number >> 7
    return bytes((low | 0x80,)) + _varint(high) if high else bytes((low,))
