"""A Chinese BERT as the second frozen encoder under a tagger: BAAI's bge-small-zh-v1.5, four layers of 512 (MIT).

It comes in the jar that langchain4j publishes (`assets.ensure_chinese_bert`). Each token of a text is one entry of its
vocabulary. A tagger takes the states of the last two layers. Its weights fit 16 bits and are kept in them.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import orjson
from onnx import TensorProto, compose, helper, numpy_helper, version_converter

_MODEL = "bge-small-zh-v1.5.onnx"
_TOKENIZER = "bge-small-zh-v1.5-tokenizer.json"
_LAYERS = ("/encoder/layer.2/output/LayerNorm/Add_1_output_0", "last_hidden_state")
_OPSET = 13  # that of LAC's graph
_LARGE = 1000  # numbers in a tensor; only such are stored in 16 bits


@dataclass(frozen=True, slots=True)
class Bert:
    """An encoder: `graph` takes `words`, a number of `vocabulary` each token, and gives `bert.states`, a row each."""

    name: str
    vocabulary: dict[str, int]
    graph: onnx.GraphProto


def bge(jar: Path) -> Bert:
    """Return the encoder that the jar holds."""
    with zipfile.ZipFile(jar) as archive:
        model = onnx.load_from_string(archive.read(_MODEL))
        vocabulary: dict[str, int] = orjson.loads(archive.read(_TOKENIZER))["model"]["vocab"]
    graph = graph_of(model, _LAYERS, vocabulary["[CLS]"], vocabulary["[SEP]"])
    return Bert("bge-small-zh-v1.5", vocabulary, graph)


def graph_of(model: onnx.ModelProto, layers: tuple[str, ...], before: int, after: int) -> onnx.GraphProto:
    """Return the graph for one text of a BERT with the usual three inputs; `bert.states` are those of `layers`.

    `before` and `after` are the numbers of the marks that it expects around a text.
    """
    source = compose.add_prefix(version_converter.convert_version(model, _OPSET), "bert.").graph
    graph = onnx.GraphProto()
    graph.name = "bert"

    def constant(name: str, value: list[int]) -> str:
        graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), f"bert.{name}"))
        return f"bert.{name}"

    def node(kind: str, inputs: list[str], to: str, **attributes: Any) -> None:
        graph.node.append(helper.make_node(kind, inputs, [f"bert.{to}"], **attributes))

    for tensor in source.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < _LARGE:
            graph.initializer.append(tensor)
            continue
        graph.initializer.append(numpy_helper.from_array(value.astype(np.float16), f"{tensor.name}.half"))
        graph.node.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
    node("Concat", [constant("before", [before]), "words", constant("after", [after])], "marked", axis=0)
    node("Unsqueeze", ["bert.marked", constant("zero", [0])], "input_ids")
    node("Shape", ["bert.input_ids"], "shape")
    for name, filling in (("attention_mask", 1), ("token_type_ids", 0)):
        fill = helper.make_tensor("value", TensorProto.INT64, [1], [filling])
        node("ConstantOfShape", ["bert.shape"], name, value=fill)
    graph.node.extend(source.node)
    node("Concat", [f"bert.{layer}" for layer in layers], "layers", axis=2)
    node("Squeeze", ["bert.layers", "bert.zero"], "rows")
    node("Slice", ["bert.rows", constant("first", [1]), constant("last", [-1]), "bert.zero"], "states")
    graph.input.append(helper.make_tensor_value_info("words", TensorProto.INT64, ["tokens"]))
    graph.output.append(helper.make_tensor_value_info("bert.states", TensorProto.FLOAT, ["tokens", None]))
    return graph
