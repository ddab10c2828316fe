"""Writes encoder and network as one ONNX graph: numbers of characters and forms in, scores of tags and moves out."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ops.training.ner.encoder import model_of

Array = np.ndarray[Any, Any]


def graph_of(encoder: onnx.GraphProto, members: list[dict[str, Array]], layers: int) -> onnx.ModelProto:
    """Return the graph of `network.py`'s emissions over the encoder's states, the mean of the members'.

    Inputs are those of `features.Vocabulary.ids`; `emissions` is `[tokens, tags]`, `moves` `[tags, tags]`.
    """
    graph = onnx.GraphProto()
    graph.CopyFrom(encoder)
    del graph.output[:]
    for name in ("forms", "pairs", "rules"):
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT64, ["tokens"]))
    graph.initializer.append(numpy_helper.from_array(np.array([0], np.int64), "first"))
    emissions = [_emissions(graph, weights, layers, f"member{i}") for i, weights in enumerate(members)]
    graph.node.append(helper.make_node("Mean", emissions, ["emissions"]))
    moves: Array = np.stack([weights["moves"] for weights in members]).mean(0).astype(np.float32)
    graph.initializer.append(numpy_helper.from_array(moves, "mean_moves"))
    graph.node.append(helper.make_node("Identity", ["mean_moves"], ["moves"]))
    graph.output.append(helper.make_tensor_value_info("emissions", TensorProto.FLOAT, ["tokens", len(moves)]))
    graph.output.append(helper.make_tensor_value_info("moves", TensorProto.FLOAT, list(moves.shape)))
    return model_of(graph)


def _emissions(graph: onnx.GraphProto, weights: dict[str, Array], layers: int, member: str) -> str:
    """Add the nodes of one network and return the name of its emissions."""

    def tensor(name: str, value: Array) -> str:
        content = np.ascontiguousarray(value, np.float32)
        graph.initializer.append(numpy_helper.from_array(content, f"{member}.{name}"))
        return f"{member}.{name}"

    def node(kind: str, *inputs: str, **attributes: Any) -> str:
        to = f"{member}.{kind}.{len(graph.node)}"
        graph.node.append(helper.make_node(kind, list(inputs), [to], **attributes))
        return to

    found = node("MatMul", "states", tensor("states", weights["states"]))
    found = node("Add", found, tensor("bias", weights["bias"]))
    for name in ("forms", "pairs", "rules"):
        found = node("Add", found, node("Gather", tensor(name, weights[name]), name))
    # A convolution reads [texts, width, tokens].
    found = node("Unsqueeze", node("Transpose", found), "first")
    for layer in range(layers):
        near = weights[f"near{layer}"]
        width = near.shape[1]
        kernel = tensor(f"near{layer}", near.reshape(3, width, width).transpose(2, 1, 0))
        mix = tensor(f"mix{layer}", weights[f"mix{layer}"].T[:, :, None])
        bias = tensor(f"near{layer}.bias", weights[f"near{layer}.bias"])
        read = node("Relu", node("Conv", found, kernel, bias, pads=[1, 1]))
        found = node("Add", found, node("Conv", read, mix))
    found = node("Transpose", node("Squeeze", found, "first"))
    found = node("MatMul", found, tensor("tags", weights["tags"]))
    return node("Add", found, tensor("tags.bias", weights["tags.bias"]))
