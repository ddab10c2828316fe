"""`python -m ops.training.sentence_encoder MODEL`: the default encoder's network without what only batches need.

Of the 711 nodes that the published graph runs for a text, most find out where in a batch the text ends and which of 17
tables a word is in. This graph has the same arithmetic for a single text, in the same order, and so the same vectors.
It has no weights: they stay in the published file, and `sentence_encoder.json` says where.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

GRAPH = Path(__file__).parents[2] / "processors" / "embedding" / "data" / "sentence_encoder.onnx"
AROUND = {2: (0, 1), 3: (-1, 0, 1), 5: (-2, -1, 0, 1, 2)}
"""The neighbours that a convolution of each width sees."""
_ROOT = "StatefulPartitionedCall/"
_ENCODER = f"{_ROOT}EncoderDNN/"
_WIDTH = 256
_LARGE = 10_000


class Published:
    """The published file: its constants, and where in the file things stand."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.graph = onnx.load_from_string(self.content).graph
        self._constants = {each.name: each for each in self.graph.initializer}

    def value(self, name: str) -> NDArray[Any]:
        """Return a constant."""
        return numpy_helper.to_array(self._constants[name])

    def start(self, name: str) -> int:
        """Return where a constant stands."""
        return self.find(self._constants[name].raw_data)

    def find(self, content: bytes) -> int:
        """Return where something stands. Raises ValueError if it stands there twice."""
        start = self.content.index(content)
        if self.content.find(content, start + 1) >= 0:
            raise ValueError("not unique")
        return start

    def tokenizer(self) -> tuple[list[int], bytes]:
        """Return where the tokenizer's node stands and how long it is, and a graph that lacks only this node."""
        (node,) = (each for each in self.graph.node if each.op_type == "SentencepieceTokenizer")
        content = node.SerializeToString()
        words, splits = node.output
        graph = helper.make_graph(
            [],
            "tokenizer",
            [helper.make_tensor_value_info(node.input[0], TensorProto.STRING, ["texts"])],
            [
                helper.make_tensor_value_info(words, TensorProto.INT32, ["words"]),
                helper.make_tensor_value_info(splits, TensorProto.INT64, ["splits"]),
            ],
            [self._constants[name] for name in node.input[1:]],
        )
        return [self.find(content), len(content)], _model(graph, 12).SerializeToString()


class Network:
    """The graph as it grows; each method returns the name of its result."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.weights: dict[str, list[int]] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node."""
        result = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [result], **attributes))
        return result

    def constant(self, name: str, value: Any) -> str:
        """Add a constant."""
        self.constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def taken(self, name: str) -> str:
        """Take a constant over; a large one stays where it is."""
        value = self._published.value(name)
        if value.size < _LARGE:
            return self.constant(name, value)
        tensor = TensorProto(name=name, data_type=TensorProto.INT8, dims=value.shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given by who loads the graph")
        self.constants[name] = tensor
        self.weights[name] = [self._published.start(name), *value.shape]
        return name

    def quantised(self, value: str) -> tuple[str, str, str]:
        """Return 8-bit numbers, their scale and their zero point."""
        number = len(self.nodes)
        results = (f"numbers{number}", f"scale{number}", f"zero{number}")
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [value], results))
        return results

    def product(self, left: tuple[str, str, str], layer: str) -> str:
        """Multiply by a layer's matrix of 8-bit weights."""
        numbers, scale, zero = left
        own = self.op("Mul", scale, self.taken(f"{layer}:0_scale"))
        weights, no_shift = self.taken(f"{layer}:0_quantized"), self.constant("no_shift", np.int8(0))
        product = self.op("MatMulInteger", numbers, weights, zero, no_shift)
        return self.op("Mul", self.op("Cast", product, to=TensorProto.FLOAT), own)

    def normalised(self, value: str, layer: str) -> str:
        """Normalise a layer in the published order of operations: another one rounds otherwise."""
        columns = self.constant("columns", np.array([1]))
        mean = self.op("ReduceMean", value, columns)
        away = self.op("Sub", value, mean)
        variance = self.op("ReduceMean", self.op("Mul", away, away), columns)
        epsilon = self.constant("epsilon", np.float32(9.999999960041972e-13))
        inverse = self.op("Reciprocal", self.op("Sqrt", self.op("Add", variance, epsilon)))
        gain = self.op("Mul", inverse, self.taken(f"{layer}gamma:0"))
        rest = self.op("Sub", self.taken(f"{layer}beta:0"), self.op("Mul", mean, gain))
        return self.op("Add", self.op("Mul", value, gain), rest)

    def convolved(self, value: str, order: int, layer: str) -> str:
        """Let each word see its neighbours; outside of the text there are zeros."""
        before, after = -AROUND[order][0], AROUND[order][-1]
        edges = [(f"before{order}", before), (f"after{order}", after)]
        first, last = (self.constant(name, np.zeros((n, _WIDTH), np.float32)) if n else "" for name, n in edges)
        padded = self.op("Concat", *filter(None, (first, value, last)), axis=0)
        flat = self.constant(f"flat{order}", np.array([-1, order * _WIDTH]))
        seen = self.op("Reshape", self.op("Gather", padded, f"around{order}"), flat)
        product = self.product(self.quantised(seen), f"{layer}weights")
        return self.op("Add", self.op("Relu", self.op("Add", product, self.taken(f"{layer}bias:0"))), value)


def encoder(published: Published) -> tuple[Any, dict[str, list[int]]]:
    """Return the graph from the words' rows to the text's vector, and where its large constants stand."""
    net = Network(published)
    words = net.quantised("rows")
    seen = []
    for order in (2, 3, 5):
        layer = f"{_ENCODER}CNN_layers/ngram_order_{order}/"
        projection = net.product(words, f"{layer}input_size_projection/dense/kernel")
        value = net.op("Add", projection, net.taken(f"{layer}input_size_projection/dense/bias:0"))
        value = net.normalised(value, f"{layer}LayerNorm/")
        for repeat in ("", "_1"):
            value = net.convolved(value, order, f"{layer}Ngram-{order}-Conv{repeat}/")
        seen.append(value)
    layer = f"{_ENCODER}CNN_layers/"
    value = net.normalised(net.op("Concat", "rows", *seen, axis=1), f"{layer}LayerNorm/")
    value = net.op("Add", net.product(net.quantised(value), f"{layer}dense/kernel"), net.taken(f"{layer}dense/bias:0"))
    value = net.op("ReduceSum", value, net.constant("down", np.array([0])))
    whole = net.quantised(net.op("Div", value, net.op("Sqrt", "count")))
    layer = f"{_ENCODER}DNN/ResidualHidden_"
    for number in (0, 2):
        past = net.product(whole, f"{layer}{number + 1}/AdjustDepth/projection/kernel")
        value = net.op("Relu", net.product(whole, f"{layer}{number}/dense/kernel"))
        value = net.op("Add", net.product(net.quantised(value), f"{layer}{number + 1}/dense/kernel"), past)
        whole = net.quantised(net.op("Relu", value)) if number == 0 else whole
    net.nodes.append(helper.make_node("Tanh", [value], ["vector"]))
    floats, integers = TensorProto.FLOAT, TensorProto.INT64
    size = int(published.value(f"{_ENCODER}CNN_layers/dense/bias:0").size)
    inputs = [
        helper.make_tensor_value_info("rows", floats, ["words", size]),
        helper.make_tensor_value_info("count", floats, [1]),
        *(helper.make_tensor_value_info(f"around{order}", integers, ["words", order]) for order in AROUND),
    ]
    outputs = [helper.make_tensor_value_info("vector", floats, [1, size])]
    return helper.make_graph(net.nodes, "encoder", inputs, outputs, list(net.constants.values())), net.weights


def tables(published: Published) -> list[list[float]]:
    """Return of each table of words where it stands, its scale and its zero point."""
    names = [f"Func/{_ROOT}input/_{number}:0" for number in range(1, 18)]
    return [
        [published.start(f"{n}_quantized"), *(float(published.value(f"{n}_{of}")) for of in ("scale", "zero_point"))]
        for n in names
    ]


def build(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return the graph for a published file, and what a reader of that file has to know."""
    published = Published(path)
    graph, weights = encoder(published)
    place, tokenizer = published.tokenizer()
    description = {
        "sha256": hashlib.sha256(published.content).hexdigest(),
        "weights": weights,
        "tables": tables(published),
        "tokenizer": base64.b64encode(tokenizer).decode(),
        "tokenizer_node": place,
    }
    content: bytes = _model(graph, 18).SerializeToString(deterministic=True)
    return content, description


def _model(graph: Any, version: int) -> Any:
    operators = [helper.make_opsetid("", version), helper.make_opsetid("ai.onnx.contrib", 1)]
    return helper.make_model(graph, opset_imports=operators, ir_version=8)


if __name__ == "__main__":
    network, about = build(Path(sys.argv[1]))
    GRAPH.write_bytes(network)
    GRAPH.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")
