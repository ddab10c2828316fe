"""Trains a tagger of entities on labelled texts, and writes it as a graph for ONNX Runtime.

Linear-chain CRFs (Lafferty et al. 2001; CRFsuite's L-BFGS) over the features of processors/resume/ner/features.py. Each
leaves out some templates of features, and their weights are averaged (feature bagging, Sutton, Sindelar and McCallum
2006): one graph, no slower than a single CRF, and better than any of them.
"""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pycrfsuite  # type: ignore[import-untyped]

from ops.evaluation.ner import Example, language_of
from processors.resume.ner.features import Codes, features, marks, tokens
from processors.resume.ner.rules import rules_named
from processors.resume.ner.tagger import FORMAT

SETTINGS = {"c1": 0.1, "c2": 0.05, "max_iterations": 80, "feature.possible_transitions": False}
MEMBERS = 4
_WORKERS = 2
_WORTH_PROCESSES = 200  # texts
_MAX_TOKENS = 20_000  # of one text; a resume has some thousands
NOTE = "Weights hold what their training data holds: those of research-only data may not be passed on."
_States = dict[tuple[str, str], float]


def _seen(member: int, found: Codes) -> list[list[str]]:
    """Return the features that a member of the ensemble sees: each is blind to about a quarter of the templates."""
    kept = [c for c in range(found.shape[1]) if not c or zlib.crc32(f"{member} {c}".encode()) % 4]
    return [list(map(str, row)) for row in found[:, kept].tolist()]


def _member(number: int, examples: list[Example], language: str | None) -> tuple[_States, _States, list[str]]:
    """Train one CRF; return the weights of its features and of its transitions, and its tags."""
    rules = rules_named(language)
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.select("lbfgs")
    trainer.set_params(SETTINGS)
    for example in examples:
        spans = tokens(example.text)[:_MAX_TOKENS]
        if spans:
            seen = _seen(number, features(example.text, spans, rules))
            trainer.append(seen, marks(spans, example.gold))
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "crf")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        info, tags = tagger.info(), tagger.labels()
        tagger.close()
    return dict(info.state_features), dict(info.transitions), tags


def train(examples: list[Example], out: Path, *, progress: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Train a tagger, write it to a folder and return its manifest. The same data gives the same tagger."""
    language = language_of(examples)
    digest = hashlib.sha256()
    for example in examples:
        digest.update(orjson.dumps([example.text, [[e.start, e.end, e.label] for e in example.gold]]))
    members = []
    with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as pool:
        apart = pool.map if len(examples) >= _WORTH_PROCESSES else map
        for one in apart(partial(_member, examples=examples, language=language), range(MEMBERS)):
            members.append(one)
            progress()
    states, moves = _mean([m[0] for m in members]), _mean([m[1] for m in members])
    tags = sorted({t for m in members for t in m[2]})
    names = sorted({int(name) for name, _ in states})
    ids, places = {str(n): i for i, n in enumerate(names, 1)}, {t: i for i, t in enumerate(tags)}
    weights = np.zeros((len(names) + 1, len(tags)), dtype=np.float32)
    for (name, tag), weight in states.items():
        weights[ids[name], places[tag]] = weight
    # A move that the data never made costs as much as one not seen costs the CRF: nothing.
    transitions = np.zeros((len(tags), len(tags)))
    for (before, after), weight in moves.items():
        transitions[places[before], places[after]] = weight
    out.mkdir(parents=True, exist_ok=True)
    _write_graph(weights, out / "model.onnx")
    np.save(out / "features.npy", np.array(names, np.uint64))
    manifest = {
        "format": FORMAT,
        "rules": language,
        "tags": tags,
        "labels": sorted({t[2:] for t in tags if t != "O"}),
        "transitions": np.round(transitions, 5).tolist(),
        "texts": len(examples),
        "entities": sum(len(e.gold) for e in examples),
        "data_sha256": digest.hexdigest(),
        "settings": {**SETTINGS, "members": MEMBERS},
        "note": NOTE,
    }
    write_manifest(out, manifest)
    return manifest


def _mean(members: list[_States]) -> _States:
    total: _States = defaultdict(float)
    for weights in members:
        for key, weight in weights.items():
            total[key] += weight / len(members)
    return total


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
