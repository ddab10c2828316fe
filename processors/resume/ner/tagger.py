"""A trained tagger served by ONNX Runtime: a linear-chain CRF whose weights are summed in a graph.

`ops/ner_training.py` writes one. Emissions come from the graph; the best path (Viterbi 1967) is found with NumPy.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson

from processors.resume.ner.entity import Entity, Recogniser
from processors.resume.ner.features import Codes, entities, features, tokens
from processors.resume.ner.rules import rules_named

FORMAT = 2
_CHUNK = 4096  # tokens tagged at once, so that memory is bounded


class TaggerError(ValueError):
    """The folder holds no tagger of this format; the message says what is wrong."""


class Tagger:
    """Finds entities with trained weights."""

    def __init__(self, folder: Path) -> None:
        try:
            manifest: dict[str, Any] = orjson.loads((folder / "manifest.json").read_bytes())
            if manifest.get("format") != FORMAT:
                raise TaggerError(f"{folder}: a tagger of format {manifest.get('format')!r}, not {FORMAT}")
            self._known: Codes = np.load(folder / "features.npy", allow_pickle=False)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._graph = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        except OSError as error:
            raise TaggerError(f"{folder}: no tagger here ({error.strerror or error})") from error
        except (ValueError, EOFError) as error:
            raise TaggerError(f"{folder}: damaged ({error})") from error
        self.manifest = manifest
        self._tags: list[str] = manifest["tags"]
        self._moves = np.ascontiguousarray(np.array(manifest["transitions"], dtype=np.float32).T)  # rows: to
        self._rules: Recogniser | None = rules_named(manifest["rules"])

    @property
    def labels(self) -> frozenset[str]:
        """The labels it was trained on."""
        return frozenset(t[2:] for t in self._tags if t != "O")

    def recognise(self, text: str) -> list[Entity]:
        """Return the entities in reading order."""
        spans = tokens(text)
        found = features(text, spans, self._rules)
        tags: list[str] = []
        for at in range(0, len(found), _CHUNK):
            tags += self._best(found[at : at + _CHUNK])
        return entities(spans, tags)

    def _best(self, found: Codes) -> list[str]:
        places = np.searchsorted(self._known, found).clip(max=len(self._known) - 1)
        ids = np.where(self._known[places] == found, places + 1, 0)
        emissions = self._graph.run(None, {"features": ids})[0]
        score = emissions[0]
        back = np.zeros(emissions.shape, dtype=np.intp)
        every = np.arange(len(score))
        for i in range(1, len(emissions)):
            ways = self._moves + score
            ways.argmax(1, out=back[i])
            score = ways[every, back[i]] + emissions[i]
        path = [int(score.argmax())]
        for best in back[:0:-1]:
            path.append(int(best[path[-1]]))
        return [self._tags[t] for t in reversed(path)]
