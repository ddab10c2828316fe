"""Fine-tunes small BERTs on SkillSpan's training part and writes processors/skills/data/tagger.onnx.

    python ops/training/skills/train_tagger.py TRAIN.jsonl --network DIR RATE SEED [--network …] [--out FILE]

The file has the mean of the networks' scores. DIR holds `tokenizer.json` and either `model.safetensors` or `model.onnx`
of an uncased BERT; all must have one vocabulary. With --holdout, the ads of fold K of six are left out and scored at
the end, and nothing is written: so the settings were chosen. With --minutes each network stops in time and is saved in
the folder --checkpoints, from which the same call goes on; of finished ones it just writes the file.
"""

import argparse
import hashlib
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional as F

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))
from processors.skills.encoding import KNOWN_NAMES, SHAPES, SPECIALS, Encoded, Window, encode, windows  # noqa: E402
from processors.skills.extract import default_extractor  # noqa: E402
from processors.skills.marginals import Marginals  # noqa: E402
from processors.skills.spans import LABELS, bio_spans  # noqa: E402
from processors.skills.tagger import LEAST  # noqa: E402
from processors.skills.taxonomy import taxonomy  # noqa: E402
from processors.skills.wordpiece import WordPieces  # noqa: E402

FOLDS = 6
ROOM = 160
BATCH_PIECES = 1000
COMMON = 12_000
TAGS = "OBI"


# The base model ------------------------------------------------------------------------------------------------------


def base_weights(folder: Path) -> dict[str, Tensor]:
    """Return a BERT's tensors by their names in the Hugging Face hub, linear weights as (out, in)."""
    if (folder / "model.safetensors").exists():
        from safetensors.torch import load_file

        return {k.removeprefix("bert."): v.float() for k, v in load_file(folder / "model.safetensors").items()}
    graph = onnx.load(folder / "model.onnx").graph
    found = {t.name: torch.from_numpy(onnx.numpy_helper.to_array(t).copy()) for t in graph.initializer}
    for node in graph.node:  # exported weights of linear layers are transposed, and named after nothing
        if node.op_type == "MatMul" and node.input[1] in found:
            name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"
            found[name] = found.pop(node.input[1]).T.contiguous()
    return {k.removeprefix("bert.").removeprefix("model."): v for k, v in found.items()}


def pieces_of(folder: Path) -> list[str]:
    """Return the base model's vocabulary, by number."""
    vocabulary = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return sorted(vocabulary, key=vocabulary.get)


def kept(pieces: list[str], texts: list[str]) -> list[int]:
    """Return the numbers of the pieces to ship: those that spell any Latin word, frequent words, and those of texts."""

    def latin(piece: str) -> bool:
        return all(c < "\u0250" or "\u2010" <= c <= "\u2122" for c in piece)

    whole = WordPieces(pieces)
    used = {n for text in texts for word in text.split() for n in whole.split(word)}
    chosen = [
        n for n, p in enumerate(pieces)
        if p not in SPECIALS and not p.startswith("[unused") and p != "[MASK]"
        and (n in used or (latin(p) and (p.startswith("##") or len(p) == 1 or n < COMMON)))
    ]  # fmt: skip
    return [pieces.index(s) for s in SPECIALS] + chosen


# The network ---------------------------------------------------------------------------------------------------------


class Layer(nn.Module):
    """One encoder layer of BERT."""

    def __init__(self, width: int, inner: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Return x, of shape (windows, pieces, width), one layer on."""
        rows, length, width = x.shape
        q, k, v = self.qkv(x).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        rate = self.dropout if self.training else 0.0
        seen = F.scaled_dot_product_attention(q, k, v, mask, rate).transpose(1, 2).reshape(rows, length, width)
        x = self.norm1(x + F.dropout(self.out(seen), self.dropout, self.training))
        return self.norm2(x + F.dropout(self.down(F.gelu(self.up(x))), self.dropout, self.training))


class Network(nn.Module):
    """BERT with two more inputs and two BIO heads: emissions of shape (windows, pieces, 6)."""

    def __init__(self, weights: dict[str, Tensor], rows: list[int], dropout: float = 0.1, heads: int = 12) -> None:
        super().__init__()
        width = weights["embeddings.LayerNorm.weight"].shape[0]
        self.dropout = dropout
        self.words = nn.Embedding(len(rows), width)
        self.places = nn.Embedding(ROOM, width)
        self.shapes, self.names = nn.Embedding(SHAPES, width), nn.Embedding(KNOWN_NAMES, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        count = 1 + max(int(k.split(".")[2]) for k in weights if k.startswith("encoder.layer."))
        inner = weights["encoder.layer.0.intermediate.dense.weight"].shape[0]
        self.layers = nn.ModuleList(Layer(width, inner, heads, dropout) for _ in range(count))
        self.head = nn.Linear(width, 3 * len(LABELS))
        with torch.no_grad():
            self.words.weight.requires_grad_(False).copy_(weights["embeddings.word_embeddings.weight"][rows])
            kinds = weights["embeddings.token_type_embeddings.weight"][0]
            self.places.weight.copy_(weights["embeddings.position_embeddings.weight"][:ROOM] + kinds)
            self.shapes.weight.zero_()
            self.names.weight.zero_()
            self.head.weight.normal_(std=0.02)
            self.norm.weight.copy_(weights["embeddings.LayerNorm.weight"])
            self.norm.bias.copy_(weights["embeddings.LayerNorm.bias"])
            for i, layer in enumerate(self.layers):
                at = f"encoder.layer.{i}."
                for kind in ("weight", "bias"):
                    parts = [weights[f"{at}attention.self.{n}.{kind}"] for n in ("query", "key", "value")]
                    getattr(layer.qkv, kind).copy_(torch.cat(parts))
                    for ours, theirs in (
                        (layer.out, "attention.output.dense"), (layer.norm1, "attention.output.LayerNorm"),
                        (layer.up, "intermediate.dense"), (layer.down, "output.dense"),
                        (layer.norm2, "output.LayerNorm"),
                    ):  # fmt: skip
                        getattr(ours, kind).copy_(weights[f"{at}{theirs}.{kind}"])

    def forward(self, pieces: Tensor, shapes: Tensor, names: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the emissions; inputs are of shape (windows, pieces), the mask false where a row has ended."""
        x = self.words(pieces) + self.places.weight[: pieces.shape[1]] + self.shapes(shapes) + self.names(names)
        x = F.dropout(self.norm(x), self.dropout, self.training)
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(F.dropout(x, self.dropout, self.training))


class Mean(nn.Module):
    """The mean of some networks' emissions."""

    def __init__(self, networks: list[Network]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, pieces: Tensor, shapes: Tensor, names: Tensor) -> Tensor:
        """Return the emissions; inputs are as a network's."""
        return torch.stack([network(pieces, shapes, names) for network in self.networks]).mean(0)


class Chain(nn.Module):
    """A linear chain over each label's three tags (Lafferty et al. 2001)."""

    def __init__(self) -> None:
        super().__init__()
        self.moves = nn.Parameter(torch.zeros(len(LABELS), 3, 3))

    def loss(self, scores: Tensor, tags: Tensor, present: Tensor) -> Tensor:
        """Return the negative log-likelihood of tags (sentences, words, labels), summed; scores have 3 more."""
        picked = scores.gather(-1, tags[..., None])[..., 0]
        moves = self.moves[torch.arange(len(LABELS)), tags[:, :-1], tags[:, 1:]]
        gold = (picked * present[..., None]).sum() + (moves * present[:, 1:, None]).sum()
        total = scores[:, 0]
        for i in range(1, scores.shape[1]):
            ahead = torch.logsumexp(total[..., None] + self.moves, -2) + scores[:, i]
            total = torch.where(present[:, i, None, None], ahead, total)
        return torch.logsumexp(total, -1).sum() - gold


# Data ----------------------------------------------------------------------------------------------------------------

Ad = list[tuple[Encoded, list[tuple[int, int]]]]


def read(path: Path, splitter: WordPieces) -> list[Ad]:
    """Return the ads: their sentences in order, with each word's tags."""
    ads: dict[tuple[str, int], Ad] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        tags = list(zip(*([TAGS.index(t[0]) for t in row[f"tags_{label}"]] for label in LABELS), strict=True))
        ads.setdefault((row["source"], row["idx"]), []).append(
            (encode(row["tokens"], splitter, default_extractor()), tags)
        )
    return list(ads.values())


def tensors(batch: list[Window]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the network's inputs for some windows, padded to one length."""
    longest = max(len(w.pieces) for w in batch)
    rows = [[[*v, *[0] * (longest - len(v))] for v in (w.pieces, w.shapes, w.names)] for w in batch]
    pieces, shapes, names = torch.tensor(rows).unbind(1)
    return pieces, shapes, names, (pieces != 0)[:, None, None, :]


def cut(ad: Ad, rng: random.Random) -> Iterator[tuple[Ad, Window]]:
    """Yield windows of random size that hold an ad's sentences once."""
    at = 0
    while at < len(ad):
        room, most = rng.choice((ROOM, ROOM, ROOM // 2)), rng.choice((1, 4, 1000, 1000, 1000))
        end, size = at, 1
        while end < len(ad) and end - at < most and (end == at or size + ad[end][0].size + 1 <= room):
            size += ad[end][0].size + 1
            end += 1
        part = ad[at:end]
        yield from ((part, window) for window in windows([e for e, _ in part], room))
        at = end


def batches(ads: list[Ad], rng: random.Random) -> list[list[tuple[Ad, Window]]]:
    """Return one epoch's batches, of windows of like length."""
    found = [item for ad in ads for item in cut(ad, rng)]
    rng.shuffle(found)
    groups: list[list[tuple[Ad, Window]]] = []
    for i in range(0, len(found), 64):
        block = sorted(found[i : i + 64], key=lambda f: len(f[1].pieces))
        group: list[tuple[Ad, Window]] = []
        for item in block:
            if group and (len(group) + 1) * len(item[1].pieces) > BATCH_PIECES:
                groups.append(group)
                group = []
            group.append(item)
        groups.append(group)
    rng.shuffle(groups)
    return groups


def gather(batch: list[tuple[Ad, Window]], scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return scores, tags and presence by sentence and word."""
    runs: dict[tuple[int, int], list[tuple[int, tuple[int, int]]]] = {}
    for row, (ad, window) in enumerate(batch):
        for place, sentence, word in window.words:
            runs.setdefault((row, sentence), []).append((place, ad[sentence][1][word]))
    longest = max(map(len, runs.values()))
    places = torch.zeros(len(runs), longest, dtype=torch.long)
    tags = torch.zeros(len(runs), longest, len(LABELS), dtype=torch.long)
    present = torch.zeros(len(runs), longest, dtype=torch.bool)
    for i, run in enumerate(runs.values()):
        places[i, : len(run)] = torch.tensor([p for p, _ in run])
        tags[i, : len(run)] = torch.tensor([t for _, t in run])
        present[i, : len(run)] = True
    rows = torch.tensor([row for row, _ in runs])
    picked = scores[rows[:, None], places].view(len(runs), longest, len(LABELS), 3)
    return picked, tags, present


# Fitting -------------------------------------------------------------------------------------------------------------


def measure(network: Network, chain: Chain, ads: list[Ad]) -> str:
    """Return F1 of exact spans by label and of both."""
    network.eval()
    counts = np.zeros((len(LABELS), 3), dtype=int)
    moves = chain.moves.tolist()
    for ad in ads:
        scores = [np.zeros((len(sentence.pieces), len(LABELS), 3)) for sentence, _ in ad]
        for window in windows([e for e, _ in ad], ROOM):
            with torch.no_grad():
                out = network(*tensors([window])[:3])[0].numpy()
            for place, sentence, word in window.words:
                scores[sentence][word] = out[place].reshape(len(LABELS), 3)
        for rows, (_, tags) in zip(scores, ad, strict=True):
            for label, name in enumerate(LABELS):
                got = {s[:2] for s in Marginals(rows[:, label].tolist(), moves[label]).spans(LEAST[name])}
                gold = set(bio_spans([TAGS[t[label]] for t in tags]))
                counts[label] += (len(got & gold), len(got), len(gold))
    parts = []
    for name, (right, found, gold) in zip((*LABELS, "micro"), [*counts, counts.sum(0)], strict=True):
        share = f"P {right / max(found, 1):.3f} R {right / max(gold, 1):.3f}"
        parts.append(f"{name} F1 {2 * right / max(found + gold, 1):.4f} ({share})")
    return ", ".join(parts)


def groups(network: Network, chain: Chain, rate: float, decay: float) -> list[dict[str, Any]]:
    """Return the parameters with their learning rates: lower layers change less."""
    depth = len(network.layers)
    found = []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith(("head", "shapes", "names")):
            own = rate * 5
        else:
            level = int(name.split(".")[1]) + 1 if name.startswith("layers") else 0
            own = rate * decay ** (depth - level)
        found.append({"params": [parameter], "lr": own, "weight_decay": 0.01 if parameter.dim() > 1 else 0.0})
    return [*found, {"params": [chain.moves], "lr": rate * 20, "weight_decay": 0.0}]


def fit(
    network: Network,
    chain: Chain,
    train: list[Ad],
    held: list[Ad],
    rate: float,
    seed: int,
    checkpoint: Path | None,
    args: argparse.Namespace,
) -> bool:
    """Train, go on from the checkpoint if there is one, and return whether all steps are done by now.

    The network ends with the exponential moving average of its weights.
    """
    rng = random.Random(seed)
    plan = [batch for _ in range(args.epochs) for batch in batches(train, rng)]
    steps = len(plan)
    optimizer = torch.optim.AdamW(groups(network, chain, rate, args.decay), betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (0.08 * steps), max(0.02, (steps - s) / (0.92 * steps)))
    )
    state = [p for p in (*network.parameters(), chain.moves) if p.requires_grad]
    average = [p.detach().clone() for p in state]
    step = 0
    if checkpoint and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        step = saved["step"]
        for parts, values in ((state, saved["state"]), (average, saved["average"])):
            with torch.no_grad():
                torch._foreach_copy_(parts, values)
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
    torch.manual_seed(seed + step)
    begun, total, seen = time.time(), 0.0, 0
    network.train()
    for batch in plan[step:]:
        pieces, shapes, names, mask = tensors([w for _, w in batch])
        pieces = torch.where((torch.rand(pieces.shape) < args.noise) & (pieces > 3), 1, pieces)
        names = torch.where(torch.rand(names.shape) < 0.1, 0, names)
        scores, tags, present = gather(batch, network(pieces, shapes, names, mask))
        loss = chain.loss(scores, tags, present)
        (loss / present.sum() * 2).backward()
        nn.utils.clip_grad_norm_(state, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(average, [p.detach() for p in state], 1 - min(0.99, step / (step + 10)))
        total, seen = total + loss.item(), seen + int(present.sum())
        if step % 25 == 0:
            print(f"step {step} of {steps}, {time.time() - begun:.0f} s, loss {total / seen:.4f}", flush=True)
            total, seen = 0.0, 0
        if time.time() - begun > args.minutes * 60:
            break
    if checkpoint:
        torch.save(
            {"step": step, "state": [p.detach() for p in state], "average": average,
             "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()},
            checkpoint,
        )  # fmt: skip
    with torch.no_grad():
        torch._foreach_copy_(state, average)
    if held:
        print(f"step {step}: {measure(network, chain, held)}", flush=True)
    return step == steps


# The file ------------------------------------------------------------------------------------------------------------


def write(networks: list[Network], chains: list[Chain], vocabulary: list[str], path: Path) -> None:
    """Write the networks for ONNX Runtime with linear layers in integers; metadata hold the vocabulary and the moves.

    Activations are scaled by their range when it runs, over all windows of a run: so the tagger runs them one by one.
    """
    mean = Mean(networks).eval()
    moves = torch.stack([chain.moves for chain in chains]).mean(0).tolist()
    blank = torch.ones(1, 8, dtype=torch.long)
    buffer = io.BytesIO()
    axes = {name: {0: "windows", 1: "pieces"} for name in ("pieces", "shapes", "names", "scores")}
    torch.onnx.export(
        mean, (blank, blank, blank), buffer, opset_version=17, dynamic_axes=axes, dynamo=False,
        input_names=["pieces", "shapes", "names"], output_names=["scores"],
    )  # fmt: skip
    model = onnx.load_from_string(buffer.getvalue())
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
        onnx.save(model, plain)
        head = [n.name for n in model.graph.node if n.op_type == "MatMul" and "head" in n.name]
        # Seven bits: with eight, processors without VNNI saturate and compute something else.
        quantize_dynamic(
            plain, small, op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True,
            weight_type=QuantType.QInt8, nodes_to_exclude=head, extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
        model = onnx.load(small)
    for number, network in enumerate(networks):
        shrink_words(model.graph, f"networks.{number}.words", network.words.weight.numpy())
    for key, value in (("vocabulary", "\n".join(vocabulary)), ("moves", json.dumps(moves))):
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


def shrink_words(graph: onnx.GraphProto, name: str, words: np.ndarray) -> None:
    """Store a network's word embeddings in eight bits, with one scale a row."""
    scales = np.abs(words).max(1, keepdims=True) / 127
    rows = np.round(words / scales).astype(np.int8)
    (at,) = (i for i, n in enumerate(graph.node) if n.op_type == "Gather" and n.input[0] == f"{name}.weight")
    gather = graph.node[at]
    kept_ones = [t for t in graph.initializer if t.name != f"{name}.weight"]
    del graph.initializer[:]
    graph.initializer.extend(kept_ones)
    graph.initializer.append(onnx.numpy_helper.from_array(rows, f"{name}.rows"))
    graph.initializer.append(onnx.numpy_helper.from_array(scales.astype(np.float32), f"{name}.scales"))
    nodes = [
        onnx.helper.make_node("Gather", [f"{name}.rows", gather.input[1]], [f"{name}.bytes"], axis=0),
        onnx.helper.make_node("Gather", [f"{name}.scales", gather.input[1]], [f"{name}.scale"], axis=0),
        onnx.helper.make_node("Cast", [f"{name}.bytes"], [f"{name}.whole"], to=onnx.TensorProto.FLOAT),
        onnx.helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [gather.output[0]]),
    ]
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*rest[:at], *nodes, *rest[at + 1 :]])


def main() -> None:
    """Train, and write the file or print the held-out scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("--network", nargs=3, metavar=("DIR", "RATE", "SEED"), action="append", required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "processors/skills/data/tagger.onnx")
    parser.add_argument("--holdout", type=int)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--decay", type=float, default=0.9)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--checkpoints", type=Path)
    parser.add_argument("--minutes", type=float, default=1e9)
    args = parser.parse_args()
    bases = [Path(folder) for folder, _, _ in args.network]
    pieces = pieces_of(bases[0])
    if any(pieces_of(base) != pieces for base in bases):
        parser.error("the networks have different vocabularies")
    words = [" ".join(json.loads(line)["tokens"]) for line in args.train.read_text("utf-8").splitlines()]
    known = [name for s in taxonomy().skills.values() for name in (s.en, *s.aliases)]
    rows = kept(pieces, [*words, *known])
    vocabulary = [pieces[n] for n in rows]
    ads = read(args.train, WordPieces(vocabulary))
    order = list(range(len(ads)))
    random.Random(0).shuffle(order)
    held = [] if args.holdout is None else [ads[i] for n, i in enumerate(order) if n % FOLDS == args.holdout]
    train = [ads[i] for n, i in enumerate(order) if args.holdout is None or n % FOLDS != args.holdout]
    networks, chains, finished = [], [], []
    for number, (folder, rate, seed) in enumerate(args.network):
        torch.manual_seed(int(seed))
        network, chain = Network(base_weights(Path(folder)), rows, args.dropout), Chain()
        size = sum(p.numel() for p in network.parameters())
        print(f"{len(rows)} pieces, {size / 1e6:.1f} M parameters, {len(train)} ads, {len(held)} held out", flush=True)
        checkpoint = args.checkpoints and args.checkpoints / f"{number}.pt"
        finished.append(fit(network, chain, train, held, float(rate), int(seed), checkpoint, args))
        networks.append(network)
        chains.append(chain)
    if all(finished) and args.holdout is None:
        write(networks, chains, vocabulary, args.out)


if __name__ == "__main__":
    main()
