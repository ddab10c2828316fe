"""Makes a model faster and smaller, and refuses what it costs in accuracy.

Sources: onnxruntime.transformers (fusion, fp16), onnxruntime.quantization (dynamic, static QDQ).
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from ops.models.measure import Figures, Tuning, measure, tunings
from ops.models.task import Task, score
from processors.embedding.model import EmbeddingModel, Vectors
from streams.models.encoders import open_encoder
from streams.models.manifest import DerivedSource, Encoder, File, Manifest
from streams.models.registry import Entry, Registry, RegistryError, pinned

GRAPH = "model.onnx"
WEIGHTS = "model.onnx.data"
"""Tables of embeddings, beside the graph, so that they are mapped: rows that no text needs take no memory."""
LOOKUPS = ("Gather", "EmbedLayerNormalization")
LEAST_TABLE_BYTES = 1024

OUTPUT = "last_hidden_state"
CALIBRATION_TEXTS = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to make the model faster, as measured; `speed_up` and `memory` are against the original."""

    recipe: str
    accepted: bool
    reason: str
    size_mb: float
    metric: float
    metric_kept: float
    cosine: float
    figures: Figures
    speed_up: float
    memory_saved: float


@dataclass(frozen=True, slots=True)
class Report:
    """The original, every candidate, and the version that was made of the best one."""

    model: str
    metric: float
    size_mb: float
    figures: Figures
    candidates: tuple[Candidate, ...]
    chosen: str | None
    tuning: Tuning | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the report for machines."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A name, the function that writes the new graph, and whether texts may share a batch afterwards."""

    name: str
    make: Callable[[Path, Path, "Samples"], None]
    batchable: bool


Samples = list[dict[str, Any]]
"""What the graph is fed with for calibration."""


async def optimize(
    registry: Registry,
    entry: Entry,
    task: Task,
    *,
    least_kept: float,
    seconds: float,
    say: Callable[[str], None],
) -> Report:
    """Try every recipe and keep the fastest whose task metric is at least `least_kept` of the original's.

    The winner is tuned on this machine and becomes a version of its own, `<version>-<recipe>`. Without a winner
    nothing is kept. Raises RegistryError for a model that no recipe is for.
    """
    import time

    started = time.monotonic()
    if entry.folder is None or entry.manifest.encoder.kind != "transformer":
        raise RegistryError(
            f"{entry.manifest.id} is quantised already and its graph has its tokenizer inside: no recipe is for it"
        )
    texts = list(dict.fromkeys([*task.queries, *task.corpus]))[:256]
    say("measuring the original")
    reference = open_encoder(entry)
    queries, corpus = reference.embed(task.queries), reference.embed(task.corpus)
    metric = score(queries, corpus, task)["map"]
    base = await measure(entry, texts, Tuning(), seconds)
    samples = calibration(entry, texts[:: max(1, len(texts) // CALIBRATION_TEXTS)])
    del reference
    candidates: list[tuple[Candidate, Entry]] = []
    for recipe in recipes():
        say(f"{recipe.name}: making and measuring it")
        made = _make(registry, entry, recipe, samples)
        judged = await _judge(made, recipe, task, corpus, metric, base, entry, texts, least_kept, seconds)
        candidates.append((judged, made))
    accepted = [c for c in candidates if c[0].accepted]
    best = max(accepted, key=lambda c: c[0].speed_up, default=None)
    for candidate, made in candidates:
        if best is None or candidate is not best[0]:
            registry.remove(made)
    chosen, tuning = None, None
    if best is not None:
        tuning = await _tune(best[1], texts, seconds, say)
        chosen = _keep(registry, best[1], best[0], tuning)
    judged_all = tuple(c for c, _ in candidates)
    elapsed = round(time.monotonic() - started, 1)
    return Report(entry.manifest.id, metric, _size(entry), base, judged_all, chosen, tuning, elapsed)


def recipes() -> Iterable[Recipe]:
    """Return what is tried, the mildest first."""
    return (
        Recipe("fused", _fused, True),
        Recipe("fp16", _fp16, True),
        Recipe("int8-weights", _weights, True),
        Recipe("int8-static", _static, True),
        Recipe("int8-dynamic", _dynamic, False),
    )


def calibration(entry: Entry, texts: list[str]) -> Samples:
    """Return what the encoder feeds to the graph for these texts."""
    from processors.embedding.transformer import TransformerEncoder
    from streams.models.encoders import settings_of

    assert entry.folder
    encoder = TransformerEncoder(entry.folder, "calibration", settings_of(entry.manifest.encoder))
    return [encoder.feed([window]) for text in texts for window in encoder.windows([text])[1]]


def _make(registry: Registry, entry: Entry, recipe: Recipe, samples: Samples) -> Entry:
    """Return the candidate as a version whose manifest is not written yet."""
    manifest, folder = entry.manifest, entry.folder
    assert folder
    graph = folder / manifest.encoder.graph
    files = tuple(
        File(path=f.path) for f in manifest.files if f.path.endswith((".json", ".txt", ".model")) and f.path != GRAPH
    )
    encoder = manifest.encoder.model_copy(
        update={"graph": GRAPH, "export": None, "batchable": manifest.encoder.batchable and recipe.batchable}
    )
    made = manifest.model_copy(
        update={
            "version": f"{manifest.version}-{recipe.name}",
            "source": DerivedSource(parent=manifest.id, recipe=recipe.name),
            "files": files,
            "encoder": encoder,
            "metrics": {},
        }
    )
    target = registry.folder(made)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in files:
        (target / file.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file.path, target / file.path)
    recipe.make(graph, target / GRAPH, samples)
    _set_apart(target / GRAPH)
    with_weights = made.model_copy(update={"files": (*files, File(path=WEIGHTS))})
    return Entry(pinned(with_weights, target), target)


async def _judge(
    made: Entry,
    recipe: Recipe,
    task: Task,
    reference: Vectors,
    metric: float,
    base: Figures,
    original: Entry,
    texts: list[str],
    least_kept: float,
    seconds: float,
) -> Candidate:
    model: EmbeddingModel = open_encoder(made)
    corpus = model.embed(task.corpus)
    found = score(model.embed(task.queries), corpus, task)["map"]
    kept = found / metric if metric else 1.0
    figures = await measure(made, texts, Tuning(), seconds)
    speed_up = figures.texts_per_second / base.texts_per_second
    reason = ""
    if kept < least_kept:
        reason = f"keeps {kept:.1%} of the task metric, less than {least_kept:.1%}"
    elif speed_up < 1:
        reason = "is not faster"
    return Candidate(
        recipe.name,
        not reason,
        reason,
        _size(made),
        found,
        round(kept, 4),
        round(float(np.mean((corpus * reference).sum(axis=1))), 4),
        figures,
        round(speed_up, 2),
        round(1 - figures.memory_mb / base.memory_mb, 3),
    )


async def _tune(entry: Entry, texts: list[str], seconds: float, say: Callable[[str], None]) -> Tuning:
    """Return the fastest of the tunings; where texts run one by one, their number in a batch makes no difference."""
    best, most = Tuning(), 0.0
    for tuning in tunings(psutil.cpu_count() or 1):
        say(f"tuning: {tuning.batch_texts} texts a batch, {tuning.workers} × {tuning.threads} threads")
        speed = (await measure(entry, texts, tuning, seconds)).texts_per_second
        if speed > most:
            best, most = tuning, speed
    return best


def _keep(registry: Registry, entry: Entry, candidate: Candidate, tuning: Tuning) -> str:
    encoder: Encoder = entry.manifest.encoder.model_copy(update=asdict(tuning))
    figures = {"map": candidate.metric, "cosine": candidate.cosine, **asdict(candidate.figures)}
    manifest: Manifest = entry.manifest.model_copy(update={"encoder": encoder, "metrics": figures})
    return registry.add(manifest).manifest.id


def _size(entry: Entry) -> float:
    """Return the MB of the graph and its weights, without those that only the export reads."""
    assert entry.folder
    files = {entry.manifest.encoder.graph, WEIGHTS} & {f.path for f in entry.manifest.files}
    return round(sum((entry.folder / f).stat().st_size for f in files) / 2**20, 1)


# The recipes


def _set_apart(graph: Path) -> None:
    """Move the tables that rows are looked up in to a file of their own.

    The weights of multiplications stay: the runtime packs a copy of its own, and frees what it has read.
    """
    import onnx
    from onnx.external_data_helper import set_external_data

    model = onnx.load(graph)
    made_by = {output: node for node in model.graph.node for output in node.output}
    tables: set[str] = set()
    for node in model.graph.node:
        if node.op_type in LOOKUPS:
            tables |= {n for i in node.input for n in (i, *(made_by[i].input if i in made_by else ()))}
    for constant in model.graph.initializer:
        if constant.name in tables and len(constant.raw_data) >= LEAST_TABLE_BYTES:
            set_external_data(constant, WEIGHTS)
    weights = graph.with_name(WEIGHTS)
    weights.touch()
    onnx.save(model, graph)
    weights.chmod(graph.stat().st_mode)


def _fuse(source: Path) -> Any:
    """Return the graph with attention, layer norm and GELU fused and outputs that nobody reads pruned."""
    from onnxruntime.transformers.optimizer import optimize_model

    pruned = source.with_name(f".pruned-{source.name}")
    try:
        _prune(source, pruned)
        return optimize_model(str(pruned), "bert", num_heads=0, hidden_size=0, opt_level=0)
    finally:
        pruned.unlink(missing_ok=True)


def _prune(source: Path, target: Path) -> None:
    """Leave out the outputs that are not used, and what only they need."""
    import onnx

    model = onnx.load(source)
    outputs = {o.name for o in model.graph.output}
    kept = OUTPUT if OUTPUT in outputs else model.graph.output[0].name
    for output in [o for o in model.graph.output if o.name != kept]:
        model.graph.output.remove(output)
    needed = {kept}
    for node in reversed(model.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
    for node in [n for n in model.graph.node if not needed & set(n.output)]:
        model.graph.node.remove(node)
    for constant in [c for c in model.graph.initializer if c.name not in needed]:
        model.graph.initializer.remove(constant)
    onnx.save(model, target)


def _fused(source: Path, target: Path, samples: Samples) -> None:
    _fuse(source).save_model_to_file(str(target))


def _fp16(source: Path, target: Path, samples: Samples) -> None:
    model = _fuse(source)
    model.convert_float_to_float16(keep_io_types=True)
    model.save_model_to_file(str(target))


def _dynamic(source: Path, target: Path, samples: Samples) -> None:
    """Scales of activations are taken from each run, so a text's vector would depend on what it runs with."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    _fused(source, target, samples)
    quantize_dynamic(target, target, weight_type=QuantType.QInt8, per_channel=True, extra_options=_options())


def _weights(source: Path, target: Path, samples: Samples) -> None:
    """Blocks of 32 weights share a scale, and so do blocks of a token's own activations: no neighbour matters."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    plain = target.with_name(".plain.onnx")
    try:
        _prune(source, plain)
        quantizer = MatMulNBitsQuantizer(
            onnx.load(plain),
            bits=8,
            block_size=32,
            is_symmetric=True,
            accuracy_level=4,
            op_types_to_quantize=("MatMul",),
        )
        quantizer.process()
        onnx.save(quantizer.model.model, plain)
        quantize_dynamic(
            plain, target, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"], extra_options=_options()
        )
    finally:
        plain.unlink(missing_ok=True)


def _static(source: Path, target: Path, samples: Samples) -> None:
    """Scales of activations are fixed by the calibration texts, so texts may share a batch."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    plain = target.with_name(".plain.onnx")
    try:
        # Unfused: the reader of calibration data runs on standard operators only.
        _prune(source, plain)
        quantize_static(
            plain,
            target,
            _Reader(samples),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
            # What a multiplication returns stays a float: rounding it as well cost 5 % of the cosine (measured).
            extra_options={**_options(), "OpTypesToExcludeOutputQuantization": ["MatMul", "Gather"]},
        )
    finally:
        plain.unlink(missing_ok=True)


def _options() -> dict[str, Any]:
    return {"MatMulConstBOnly": True, "DefaultTensorType": 1}


class _Reader:
    """Hands calibration data to the quantiser, one input after another."""

    def __init__(self, samples: Samples) -> None:
        self._samples: Iterator[dict[str, Any]] = iter(samples)

    def get_next(self) -> dict[str, Any] | None:
        return next(self._samples, None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._samples

    def __next__(self) -> dict[str, Any]:
        return next(self._samples)
