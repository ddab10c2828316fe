"""A trained tagger served by ONNX Runtime: a graph scores the tags of tokens, NumPy finds the best path (Viterbi 1967).

`ops/ner_training` writes one: `model.onnx` (scores of tags, and of moves between them), `vocabulary.json`, `manifest.json`.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson

from processors.resume.ner.entity import Entity, Recogniser
from processors.resume.ner.features import Vocabulary, entities, guesses, pieces, tokens
from processors.resume.ner.rules import rules_named
from schemas.errors import LoomaError

FORMAT = 2
FILES = ("model.onnx", "vocabulary.json")
NEVER = -1e4
"""The score of a move that BIOES does not allow."""
Array = np.ndarray[Any, Any]


class TaggerError(LoomaError, ValueError):
    """The folder holds no tagger of this format, or a damaged one; the message says what is wrong."""

    code = "tagger"


class Tagger:
    """Finds entities with trained weights. Raises `TaggerError` when the folder holds none that is whole."""

    def __init__(self, folder: Path) -> None:
        try:
            manifest: dict[str, Any] = orjson.loads((folder / "manifest.json").read_bytes())
            if not isinstance(manifest, dict) or "format" not in manifest:
                raise TaggerError(f"{folder}: manifest.json is not a tagger's; train one with `looma train ner`")
            if manifest["format"] != FORMAT:
                raise TaggerError(f"{folder}: a tagger of format {manifest['format']!r}, not {FORMAT}; train it again")
            content = {name: (folder / name).read_bytes() for name in FILES}
            for name in FILES:
                if hashlib.sha256(content[name]).hexdigest() != manifest["sha256"][name]:
                    raise TaggerError(
                        f"{folder}: {name} is damaged, or of another tagger (its sha256 is not the manifest's)"
                    )
            self.vocabulary = Vocabulary(**orjson.loads(content["vocabulary.json"]))
            self._tags: list[str] = manifest["tags"]
            self._rules: Recogniser | None = rules_named(manifest["rules"])
        except OSError as error:
            raise TaggerError(f"{folder}: no tagger here ({error.strerror or error})") from error
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise TaggerError(f"{folder}: damaged ({error!r})") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._graph = onnxruntime.InferenceSession(content["model.onnx"], options)
        self.manifest = manifest
        self._begins, self._moves, self._ends = allowed(self._tags)

    @property
    def labels(self) -> frozenset[str]:
        """The labels it was trained on."""
        return frozenset(t[2:] for t in self._tags if t != "O")

    def recognise(self, text: str) -> list[Entity]:
        """Return the entities in reading order; a long text is read in pieces (`features.pieces`)."""
        spans = tokens(text)
        guess = guesses(text, spans, self._rules)
        found: list[Entity] = []
        at = 0
        for piece in pieces(text, spans):
            ids = self.vocabulary.ids(text, piece, guess[at : at + len(piece)])
            at += len(piece)
            emissions, moves = self._graph.run(["emissions", "moves"], ids)
            path = best_path(emissions, self._begins, moves + self._moves, self._ends)
            found += entities(piece, [self._tags[t] for t in path])
        return found


def allowed(tags: list[str]) -> tuple[Array, Array, Array]:
    """Return, for BIOES tags, the scores of beginning with each, of moving from each to each, and of ending with each.

    They are 0 for what is allowed and `NEVER` for what is not, float32, `[tags]`, `[tags, tags]` and `[tags]`.
    """
    opens = np.array([t[0] in "OBS" for t in tags])
    closes = np.array([t[0] in "OES" for t in tags])
    inside = np.array([[a[0] in "BI" and b[0] in "IE" and a[2:] == b[2:] for b in tags] for a in tags])
    moves = (closes[:, None] & opens[None, :]) | inside
    return tuple(np.where(good, 0, NEVER).astype(np.float32) for good in (opens, moves, closes))  # type: ignore[return-value]


def best_path(emissions: Array, begins: Array, moves: Array, ends: Array) -> list[int]:
    """Return the tags of the path with the highest sum of scores; `emissions` is `[tokens, tags]`, at least one token."""
    score = emissions[0] + begins
    back = np.zeros(emissions.shape, dtype=np.int32)
    for i in range(1, len(emissions)):
        ways = score[:, None] + moves
        back[i] = ways.argmax(0)
        score = ways.max(0) + emissions[i]
    path = [int((score + ends).argmax())]
    for i in range(len(emissions) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    return path[::-1]
