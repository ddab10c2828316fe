"""Trains the CRF tagger on SkillSpan's training part and writes processors/skills/data/{knowledge,skill}.crf.

    python benchmarks/skills/train_tagger.py TRAIN.jsonl [--folds 5]

With --folds it only cross-validates over whole ads, and writes nothing; that is how the settings below were chosen.
"""

import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import pycrfsuite

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from processors.skills.extract import default_extractor  # noqa: E402
from processors.skills.tagger import LABELS, bio_spans, features  # noqa: E402

SETTINGS = {"c1": 0.2, "c2": 0.05, "max_iterations": 80, "feature.minfreq": 2, "feature.possible_transitions": True}


def fit(found: list[list[list[str]]], tags: list[list[str]], path: str) -> None:
    """Train one model and write it."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(SETTINGS)
    for x, y in zip(found, tags, strict=True):
        trainer.append(x, y)
    trainer.train(path)


def cross_validate(rows: list[dict[str, Any]], found: list[list[list[str]]], label: str, folds: int) -> None:
    """Print precision, recall and F1 of exact spans, each ad tagged by a model that did not see it."""
    ads = sorted({(r["source"], r["idx"]) for r in rows})
    random.Random(0).shuffle(ads)
    fold_of = {ad: i % folds for i, ad in enumerate(ads)}
    right = wanted = given = 0
    for k in range(folds):
        inside = [i for i, r in enumerate(rows) if fold_of[r["source"], r["idx"]] != k]
        with tempfile.TemporaryDirectory() as folder:
            fit([found[i] for i in inside], [rows[i]["tags_" + label] for i in inside], folder + "/m")
            tagger = pycrfsuite.Tagger()
            tagger.open(folder + "/m")
            for i in sorted(set(range(len(rows))) - set(inside)):
                gold = set(bio_spans(rows[i]["tags_" + label]))
                got = set(bio_spans(tagger.tag(found[i])))
                right, wanted, given = right + len(gold & got), wanted + len(gold), given + len(got)
    p, r = right / given, right / wanted
    print(f"{label}: {folds} folds, precision {p:.4f}, recall {r:.4f}, F1 {2 * p * r / (p + r):.4f}")


if __name__ == "__main__":
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    found = [features(r["tokens"], default_extractor()) for r in rows]
    for label in LABELS:
        if "--folds" in sys.argv:
            cross_validate(rows, found, label, int(sys.argv[sys.argv.index("--folds") + 1]))
        else:
            fit(found, [r["tags_" + label] for r in rows], str(ROOT / f"processors/skills/data/{label}.crf"))
