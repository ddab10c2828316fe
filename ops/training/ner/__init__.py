"""Trains a tagger of entities on labelled texts and writes it as a graph for ONNX Runtime; needs the extra `train`."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from ops.evaluation.ner import Example, language_of
from ops.runtime.json_rows import DataError
from ops.training.ner import encoder as encoders
from ops.training.ner.encoder import Encoder
from ops.training.ner.graph import graph_of
from ops.training.ner.network import Epoch, Row, Settings, Sizes, fit
from processors.resume.ner.entity import Recogniser
from processors.resume.ner.features import Vocabulary, form, guesses, marks, pieces, tokens
from processors.resume.ner.rules import rules_named
from processors.resume.ner.tagger import FORMAT

__all__ = ["Epoch", "Settings", "split", "train", "write_manifest"]

DEFAULTS = Settings()
NOTE = "Weights hold what their training data holds: those of research-only data may not be passed on."
_HELD_OUT = 20  # one text in so many is kept aside, by runs of as many texts: neighbours may be of one resume
_MAX_TOKENS = 20_000  # of one text; a resume has some thousands


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    spans: list[tuple[int, int]]
    guess: list[str]
    tags: list[str]


def split(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    """Return the texts to learn from, and those kept aside to end training by (of 400 or more, one in twenty)."""
    if len(examples) < _HELD_OUT**2:
        return examples, []
    parts: tuple[list[Example], list[Example]] = ([], [])
    for i, example in enumerate(examples):
        parts[i // _HELD_OUT % _HELD_OUT == _HELD_OUT - 1].append(example)
    return parts


def train(
    examples: list[Example],
    held_out: list[Example],
    out: Path,
    *,
    settings: Settings = DEFAULTS,
    members: int = 5,
    seed: int = 0,
    progress: Callable[[Epoch], None] = lambda epoch: None,
) -> dict[str, Any]:
    """Train a tagger, write it to a folder and return its manifest. Raises `EncoderError`, `DataError`.

    The tagger is `members` networks of other seeds, one trained after the other, and gives the mean of their scores.
    Training ends when `held_out` is no longer read better, or after `settings.epochs`. The same data gives the same
    tagger on the same machine.
    """
    encoder = Encoder()
    language = language_of(examples)
    rules = rules_named(language)
    learned, aside = ([piece for x in part for piece in _cut(x, rules)] for part in (examples, held_out))
    if not learned:
        raise DataError("the texts to train on are empty")
    vocabulary = _vocabulary(learned, encoder)
    tags = ["O", *sorted({tag for piece in (*learned, *aside) for tag in piece.tags} - {"O"})]
    places = {tag: i for i, tag in enumerate(tags)}
    rows, held = ([_row(piece, vocabulary, places, encoder) for piece in part] for part in (learned, aside))
    sizes = Sizes(len(vocabulary.forms) + 2, len(vocabulary.pairs) + 2, len(vocabulary.rules) + 1)
    weights = [fit(rows, held, sizes, tags, settings, seed + i, progress) for i in range(members)]
    files = {
        "model.onnx": graph_of(encoder.graph, weights, settings.layers).SerializeToString(),
        "vocabulary.json": orjson.dumps(asdict(vocabulary)),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    manifest = {
        "format": FORMAT,
        "rules": language,
        "tags": tags,
        "labels": sorted({t[2:] for t in tags if t != "O"}),
        "texts": len(examples),
        "texts_held_out": len(held_out),
        "entities": sum(len(e.gold) for e in examples),
        "encoder": encoders.NAME,
        "settings": {**asdict(settings), "members": members, "seed": seed},
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "data_sha256": _digest([*examples, *held_out]),
        "note": NOTE,
    }
    write_manifest(out, manifest)
    return manifest


def write_manifest(out: Path, manifest: dict[str, Any]) -> None:
    """Write what is said of a tagger beside it."""
    (out / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _cut(example: Example, rules: Recogniser | None) -> list[_Piece]:
    spans = tokens(example.text)[:_MAX_TOKENS]
    guess = guesses(example.text, spans, rules)
    found = []
    at = 0
    for piece in pieces(example.text, spans):
        whole = [e for e in example.gold if e.start >= piece[0][0] and e.end <= piece[-1][1]]
        found.append(_Piece(example.text, piece, guess[at : at + len(piece)], marks(piece, whole)))
        at += len(piece)
    return found


def _vocabulary(learned: list[_Piece], encoder: Encoder) -> Vocabulary:
    """Return the numbers of forms seen twice, pairs seen three times, and what the rules say."""
    forms: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    said = {tag for piece in learned for tag in piece.guess} - {"O"}
    for piece in learned:
        words = [form(piece.text[a:b]) for a, b in piece.spans]
        forms.update(words)
        pairs.update(f"{a} {b}" for a, b in zip(words, [*words[1:], ""], strict=True))

    def numbers(counts: Counter[str], least: int) -> dict[str, int]:
        return {name: i for i, name in enumerate(sorted(n for n, seen in counts.items() if seen >= least), 2)}

    return Vocabulary(
        characters=encoder.characters,
        unknown=encoder.unknown,
        forms=numbers(forms, 2),
        pairs=numbers(pairs, 3),
        rules={tag: i for i, tag in enumerate(sorted(said), 1)},
    )


def _row(piece: _Piece, vocabulary: Vocabulary, places: dict[str, int], encoder: Encoder) -> Row:
    ids = vocabulary.ids(piece.text, piece.spans, piece.guess)
    states = encoder.states(ids["characters"], ids["ends"]).astype(np.float16)
    return Row(states, ids["forms"], ids["pairs"], ids["rules"], np.array([places[tag] for tag in piece.tags]))


def _digest(examples: list[Example]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(orjson.dumps([example.text, [[e.start, e.end, e.label] for e in example.gold]]))
    return digest.hexdigest()
