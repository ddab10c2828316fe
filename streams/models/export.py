"""BERT as ONNX, straight from safetensors: no PyTorch is needed to run a model that comes without a graph.

Source: Devlin et al. 2019; names and order of operations as in transformers' `BertModel` and `XLMRobertaModel`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from schemas.errors import LoomaError

OPSET = 17
FAMILIES = ("bert", "xlm-roberta")
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
HIDDEN, POOLED = "last_hidden_state", "pooler_output"


class ExportError(LoomaError, ValueError):
    """The model is of a kind that cannot be exported; the text says which kinds can."""

    code = "model_export"


def export_bert(folder: Path, target: Path) -> None:
    """Write the graph of a model in `folder` (`config.json`, `model.safetensors`) to `target`.

    Raises ExportError for other architectures, for activations other than GELU, and for missing weights.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    family = config.get("model_type")
    if family not in FAMILIES:
        raise ExportError(f"a model of type {family} cannot be exported; {' and '.join(FAMILIES)} can")
    if config.get("hidden_act") != "gelu" or config.get("position_embedding_type", "absolute") != "absolute":
        raise ExportError("only GELU and absolute positions can be exported")
    try:
        model = _Graph(config, load_file(folder / "model.safetensors")).build()
    except KeyError as error:
        raise ExportError(f"model.safetensors or config.json lacks {error}") from error
    onnx.checker.check_model(model)
    onnx.save(model, target)


class _Graph:
    """Collects nodes and weights; every method adds to the graph and returns the name of what it computes."""

    def __init__(self, config: dict[str, Any], weights: dict[str, NDArray[Any]]) -> None:
        self._config = config
        self._weights = {name.removeprefix("bert.").removeprefix("roberta."): w for name, w in weights.items()}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._heads = int(config["num_attention_heads"])
        self._size = int(config["hidden_size"])
        if self._size % self._heads:
            raise ExportError("the hidden size is no multiple of the number of heads")

    def build(self) -> onnx.ModelProto:
        mask = self._mask()
        hidden = self._embeddings()
        for number in range(int(self._config["num_hidden_layers"])):
            hidden = self._layer(f"encoder.layer.{number}", hidden, mask)
        self._op("Identity", [hidden], output=HIDDEN)
        outputs = [helper.make_tensor_value_info(HIDDEN, TensorProto.FLOAT, ["batch", "tokens", self._size])]
        if "pooler.dense.weight" in self._weights:
            first = self._op("Gather", [HIDDEN, self._constant("zero", np.array(0))], axis=1)
            self._op("Tanh", [self._dense("pooler.dense", first)], output=POOLED)
            outputs.append(helper.make_tensor_value_info(POOLED, TensorProto.FLOAT, ["batch", self._size]))
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in INPUTS]
        graph = helper.make_graph(self._nodes, "bert", inputs, outputs, list(self._constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)

    def _op(self, kind: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        output = output or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], name=f"n{len(self._nodes)}", **attributes))
        return output

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name].astype(np.float32))

    def _dense(self, name: str, x: str) -> str:
        kernel = self._constant(f"{name}.kernel", self._weights[f"{name}.weight"].astype(np.float32).T)
        return self._op("Add", [self._op("MatMul", [x, kernel]), self._weight(f"{name}.bias")])

    def _norm(self, name: str, x: str) -> str:
        epsilon = float(self._config["layer_norm_eps"])
        parts = [x, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]
        return self._op("LayerNormalization", parts, axis=-1, epsilon=epsilon)

    def _mask(self) -> str:
        """Padding gets the smallest float as its attention score, so its weight is exactly zero."""
        mask = "attention_mask"
        for axis in (1, 2):  # two nodes, since this is the pattern that optimisers look for
            mask = self._op("Unsqueeze", [mask, self._constant(f"axis{axis}", np.array([axis]))])
        absent = self._op(
            "Sub",
            [self._constant("one", np.array(1, dtype=np.float32)), self._op("Cast", [mask], to=TensorProto.FLOAT)],
        )
        return self._op("Mul", [absent, self._constant("lowest", np.array(np.finfo(np.float32).min))])

    def _embeddings(self) -> str:
        shape = self._op("Shape", ["input_ids"])
        tokens = self._op("Gather", [shape, self._constant("last", np.array([1]))], axis=0)
        table = self._weights["embeddings.position_embeddings.weight"].astype(np.float32)
        if self._config["model_type"] != "bert":
            table = table[int(self._config["pad_token_id"]) + 1 :]  # its positions begin after the padding's
        positions = self._constant("positions", table)
        begin, end = self._constant("begin", np.array([0])), tokens
        position = self._op("Slice", [positions, begin, end, begin])
        words = self._op("Gather", [self._weight("embeddings.word_embeddings.weight"), "input_ids"])
        types = self._op("Gather", [self._weight("embeddings.token_type_embeddings.weight"), "token_type_ids"])
        total = self._op("Add", [self._op("Add", [words, types]), position])
        return self._norm("embeddings.LayerNorm", total)

    def _split(self, name: str, x: str) -> str:
        shape = self._constant("split", np.array([0, 0, self._heads, self._size // self._heads]))
        return self._op("Reshape", [self._dense(name, x), shape])

    def _layer(self, name: str, hidden: str, mask: str) -> str:
        attention = f"{name}.attention"
        query = self._op("Transpose", [self._split(f"{attention}.self.query", hidden)], perm=[0, 2, 1, 3])
        key = self._op("Transpose", [self._split(f"{attention}.self.key", hidden)], perm=[0, 2, 3, 1])
        value = self._op("Transpose", [self._split(f"{attention}.self.value", hidden)], perm=[0, 2, 1, 3])
        root = self._constant("root", np.array(np.sqrt(self._size // self._heads), dtype=np.float32))
        scores = self._op("Div", [self._op("MatMul", [query, key]), root])
        weights = self._op("Softmax", [self._op("Add", [scores, mask])], axis=-1)
        context = self._op("Transpose", [self._op("MatMul", [weights, value])], perm=[0, 2, 1, 3])
        merged = self._op("Reshape", [context, self._constant("merge", np.array([0, 0, self._size]))])
        attended = self._op("Add", [self._dense(f"{attention}.output.dense", merged), hidden])
        attended = self._norm(f"{attention}.output.LayerNorm", attended)
        inner = self._gelu(self._dense(f"{name}.intermediate.dense", attended))
        outer = self._op("Add", [self._dense(f"{name}.output.dense", inner), attended])
        return self._norm(f"{name}.output.LayerNorm", outer)

    def _gelu(self, x: str) -> str:
        scaled = self._op("Div", [x, self._constant("sqrt2", np.array(np.sqrt(2), dtype=np.float32))])
        shifted = self._op("Add", [self._op("Erf", [scaled]), self._constant("one", np.array(1, dtype=np.float32))])
        return self._op("Mul", [self._op("Mul", [x, shifted]), self._constant("half", np.array(0.5, dtype=np.float32))])
