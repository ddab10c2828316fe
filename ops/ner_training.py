"""Trains a tagger of entities on labelled texts, and writes it as a graph for ONNX Runtime.

A linear-chain CRF (Lafferty et al. 2001; CRFsuite's L-BFGS) over the features of processors/resume/ner/features.py.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pycrfsuite  # type: ignore[import-untyped]

from ops.evaluation.ner import Example, language_of
from processors.resume.ner.features import features, marks, tokens
from processors.resume.ner.rules import rules_named
from processors.resume.ner.tagger import FORMAT

SETTINGS = {"c1": 0.1, "c2": 0.05, "max_iterations": 80, "feature.possible_transitions": False}
_MAX_TOKENS = 20_000  # of one text; a resume has some thousands
NOTE = "Weights hold what their training data holds: those of research-only data may not be passed on."


class _Trainer(pycrfsuite.BaseTrainer):  # type: ignore[misc]
    """Says when an iteration is done."""

    progress: Callable[[], None]

    def message(self, message: str) -> None:
        if message.startswith("***** Iteration"):
            self.progress()


def train(examples: list[Example], out: Path, *, progress: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Train a tagger, write it to a folder and return its manifest. The same data gives the same tagger."""
    language = language_of(examples)
    rules = rules_named(language)
    trainer = _Trainer()
    trainer.progress = progress
    trainer.select("lbfgs")
    trainer.set_params(SETTINGS)
    digest = hashlib.sha256()
    for example in examples:
        text = example.text
        spans = tokens(text)[:_MAX_TOKENS]
        digest.update(orjson.dumps([text, [[e.start, e.end, e.label] for e in example.gold]]))
        if spans:
            trainer.append(features(text, spans, rules)[: len(spans)], marks(spans, example.gold))
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        tags = tagger.labels()
        tagger.close()
    names = sorted({name for name, _ in info.state_features})
    ids, places = {n: i for i, n in enumerate(names, 1)}, {t: i for i, t in enumerate(tags)}
    weights = np.zeros((len(names) + 1, len(tags)), dtype=np.float32)
    for (name, tag), weight in info.state_features.items():
        weights[ids[name], places[tag]] = weight
    # A move that the data never made costs as much as one not seen costs the CRF: nothing.
    moves = np.zeros((len(tags), len(tags)))
    for (before, after), weight in info.transitions.items():
        moves[places[before], places[after]] = weight
    out.mkdir(parents=True, exist_ok=True)
    _write_graph(weights, out / "model.onnx")
    (out / "features.txt").write_text("\n".join(names), "utf-8")
    manifest = {
        "format": FORMAT,
        "rules": language,
        "tags": tags,
        "labels": sorted({t[2:] for t in tags if t != "O"}),
        "transitions": np.round(moves, 5).tolist(),
        "texts": len(examples),
        "entities": sum(len(e.gold) for e in examples),
        "data_sha256": digest.hexdigest(),
        "settings": SETTINGS,
        "note": NOTE,
    }
    write_manifest(out, manifest)
    return manifest


def write_manifest(out: Path, manifest: dict[str, Any]) -> None:
    """Write what is said of a tagger beside it."""
    (out / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _write_graph(weights: "np.ndarray[Any, Any]", path: Path) -> None:
    """Write the graph that sums the weights of the features of each token."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["weights", "features"], ["each"]),
            helper.make_node("ReduceSum", ["each", "over"], ["emissions"], keepdims=0),
        ],
        "emissions",
        [helper.make_tensor_value_info("features", TensorProto.INT64, ["tokens", "features"])],
        [helper.make_tensor_value_info("emissions", TensorProto.FLOAT, ["tokens", weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array([1], np.int64), "over")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))
