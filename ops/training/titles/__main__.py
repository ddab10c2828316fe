"""`python -m ops.training.titles FOLDER`: makes the encoder of titles that ships, in two minutes of one core.

`FOLDER` has the files that `occupations.FILES` names. The base encoder embeds each title once.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from ops.training.titles.network import Learned, Settings, Titles, learn
from ops.training.titles.occupations import FILES, read
from processors.embedding.model import EmbeddingModel
from processors.embedding.titles import key
from schemas.settings import ModelSettings
from streams.models.builtin import TITLES
from streams.models.encoders import default_encoder

OUT = Path(__file__).parents[3] / "processors" / "embedding" / "data" / "titles.bin"


def content_of(learned: Learned, base: EmbeddingModel) -> bytes:
    """Return the file that `TitleEncoder` reads: a description, then arrays; vectors in 8 bits with a scale each."""
    peaks = np.maximum(np.abs(learned.vectors).max(axis=1, keepdims=True), 1e-9)
    arrays = {
        "map": learned.map.astype("<f2"),
        "scales": (peaks[:, 0] / 127).astype("<f2"),
        "weights": learned.weights.astype("<f2"),
        "keys": np.array([key(feature) for feature in learned.features], dtype="<u4"),
        "numbers": np.rint(learned.vectors / peaks * 127).astype("i1"),
    }
    about = {
        "name": TITLES.name,
        "base": base.version,
        "dimensions": learned.map.shape[1],
        "trained_on": [each.model_dump() for each in TITLES.trained_on],
        "arrays": [[name, array.dtype.str, array.shape] for name, array in arrays.items()],
    }
    header = json.dumps(about, ensure_ascii=False).encode()
    header += b" " * (-len(header) % 16)
    return len(header).to_bytes(16, "big") + header + b"".join(array.tobytes() for array in arrays.values())


def check(folder: Path) -> None:
    """Raise ValueError for a file that is not the one that the shipped encoder was made from."""
    for name, wanted in FILES.items():
        if (found := hashlib.sha256((folder / name).read_bytes()).hexdigest()) != wanted:
            raise ValueError(f"{name} has sha256 {found}, not {wanted}")


def main(folder: Path) -> None:
    """Train and write."""
    check(folder)
    base, settings, occupations = default_encoder(ModelSettings()), Settings(), read(folder)
    titles = Titles(occupations, base.embed, settings.seldom)
    told = lambda step, loss: print(step, round(loss, 3)) if step % 100 == 0 else None  # noqa: E731
    learned = learn(titles, occupations, settings, told)
    content = content_of(learned, base)
    OUT.write_bytes(content)
    print(f"{OUT.name}: {len(content):,} bytes, {len(learned.features):,} words and pieces")
    print(f"sha256 {hashlib.sha256(content).hexdigest()}: write it into streams/models/builtin.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
